/**
 * A base backup of a running PostgreSQL cluster by its low-level API: all databases of the cluster as they were at one
 * moment. The copy is whole together with the log (WAL) written meanwhile, which the cluster archives.
 *
 * @see https://www.postgresql.org/docs/18/continuous-archiving.html#BACKUP-LOWLEVEL-BASE-BACKUP
 */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { copyFile, mkdir, open, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'

/** What a backup is made of and where it goes. */
export interface BackupOptions {
  /** A superuser, connected to any database of the cluster. Its connection is held while files are copied. */
  readonly client: Pick<pg.Client, 'query'>
  /** The cluster's data folder, as it is seen here. */
  readonly dataFolder: string
  /** Where the cluster's `archive_command` puts the log. */
  readonly archive: string
  /** A folder that does not exist yet. It is made whole or not at all: what failed has `.bad` behind its name. */
  readonly into: string
}

/** What stands in `backup.json`. */
export interface BackupFacts {
  /** Identifies the cluster: a backup fits only the archive of its own. */
  readonly system: string
  readonly version: string
  readonly beganAt: string
  /** After the end of the copy: the earliest moment to which it can be brought. */
  readonly endedAt: string
  /** First and last segment of the log without which the copy is not whole. */
  readonly firstSegment: string
  readonly lastSegment: string
  /** SHA-256 of each file, by path. */
  readonly files: Readonly<Record<string, string>>
}

export const factsFile = 'backup.json'
export const baseFolder = 'base'

/** Something that the person who backs up or restores can put right: shown as a sentence. */
export class BackupError extends Error {}

// What a server makes anew at its start, or what belongs to the running one alone.
const leftOut =
  /^(postmaster\.(pid|opts)|pg_wal\/.+|pg_(replslot|dynshmem|notify|serial|snapshots|stat_tmp|subtrans)\/.+|pg_internal\.init|.*\/pg_internal\.init|.*\/?pgsql_tmp.*|current_logfiles|recovery\.signal|standby\.signal|backup_label|tablespace_map)$/
const controlFile = 'global/pg_control'
const archivePatienceMs = 120_000

/**
 * Takes a base backup while the cluster works on, and reads it again.
 *
 * @throws BackupError when the cluster does not archive, when the folder exists, when the log does not arrive, or when what
 *   was written is not what is read
 */
export async function takeBackup(options: BackupOptions): Promise<BackupFacts> {
  const { client, archive, into } = options
  await refuseExisting(into)
  await mustArchive(client)
  const building = `${into}.part`
  await mkdir(join(building, baseFolder), { recursive: true, mode: 0o700 })
  try {
    const facts = await copyCluster(options, building)
    await untilArchived(archive, facts)
    await writeFile(join(building, factsFile), JSON.stringify(facts, null, 1), { flush: true })
    await mustBeWhole(building, archive)
    await rename(building, into)
    return facts
  } catch (error) {
    await rename(building, `${into}.bad`).catch(() => undefined)
    throw error
  }
}

/** @throws BackupError saying all that is wrong with the backup */
export async function mustBeWhole(folder: string, archive: string): Promise<void> {
  const faults = await verifyBackup(folder, archive)
  if (faults.length > 0) throw new BackupError(`${folder} is not whole:\n  ${faults.slice(0, 20).join('\n  ')}`)
}

async function copyCluster({ client, dataFolder }: BackupOptions, building: string): Promise<BackupFacts> {
  const [began] = await rows<{ segment: string; system: string; version: string; now: string }>(
    client,
    `select pg_walfile_name(pg_backup_start('stockline', true)) as segment, now()::text as now,
       (select system_identifier::text from pg_control_system()) as system, current_setting('server_version') as version`,
  )
  if (began === undefined) throw new BackupError('The server did not begin a backup.')
  const files = await copyTree(dataFolder, join(building, baseFolder))
  const [ended] = await rows<{ segment: string; label: string; map: string }>(
    client,
    `select pg_walfile_name(lsn) as segment, labelfile as label, spcmapfile as map from pg_backup_stop(false)`,
  )
  // Asked for after the stop: to a moment before its end the server brings no copy.
  const [after] = await rows<{ now: string }>(client, `select clock_timestamp()::text as now`)
  if (ended === undefined || after === undefined) throw new BackupError('The server did not end the backup.')
  files['backup_label'] = await writeInto(building, 'backup_label', ended.label)
  if (ended.map !== '') files['tablespace_map'] = await writeInto(building, 'tablespace_map', ended.map)
  return {
    system: began.system,
    version: began.version,
    beganAt: began.now,
    endedAt: after.now,
    firstSegment: began.segment,
    lastSegment: ended.segment,
    files,
  }
}

async function refuseExisting(into: string): Promise<void> {
  for (const folder of [into, `${into}.part`, `${into}.bad`])
    if (await exists(folder))
      throw new BackupError(`${folder} is there already: nothing is overwritten. Choose another name.`)
}

async function mustArchive(client: BackupOptions['client']): Promise<void> {
  const [mode] = await rows<{ mode: string }>(client, `select current_setting('archive_mode') as mode`)
  if (mode?.mode === 'off')
    throw new BackupError(
      'The server does not archive its log: set archive_mode=on and archive_command, and start it anew.',
    )
  // A tablespace would lie outside the data folder.
  const [spaces] = await rows<{ n: number }>(
    client,
    `select count(*)::int as n from pg_tablespace where spcname not in ('pg_default', 'pg_global')`,
  )
  if (spaces !== undefined && spaces.n > 0)
    throw new BackupError('The cluster has tablespaces outside its data folder, which this backup does not copy.')
}

async function rows<Row extends pg.QueryResultRow>(client: BackupOptions['client'], text: string): Promise<Row[]> {
  return (await client.query<Row>(text)).rows
}

/** Copies what belongs to a backup. A file that goes away meanwhile was a table's that was dropped: the log knows. */
async function copyTree(from: string, to: string): Promise<Record<string, string>> {
  const sums: Record<string, string> = {}
  const entries = await readdir(from, { recursive: true, withFileTypes: true })
  for (const entry of entries.filter((one) => one.isDirectory())) {
    const path = relative(from, join(entry.parentPath, entry.name))
    if (!/(^|\/)pgsql_tmp/.test(path)) await mkdir(join(to, path), { recursive: true, mode: 0o700 })
  }
  const paths = entries.filter((one) => one.isFile()).map((one) => relative(from, join(one.parentPath, one.name)))
  // The control file last, as the server's own tool does it.
  const ordered = [...paths.filter((path) => path !== controlFile), controlFile]
  for (const path of ordered) {
    if (leftOut.test(path)) continue
    try {
      await copyFile(join(from, path), join(to, path))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') continue
      throw error
    }
    await flush(join(to, path))
    sums[path] = await sha256(join(to, path))
  }
  return sums
}

async function writeInto(building: string, name: string, text: string): Promise<string> {
  const path = join(building, baseFolder, name)
  await writeFile(path, text, { flush: true })
  return sha256(path)
}

async function untilArchived(archive: string, { firstSegment, lastSegment }: BackupFacts): Promise<void> {
  for (const end = Date.now() + archivePatienceMs; ;) {
    const missing = await missingSegments(archive, firstSegment, lastSegment)
    if (missing.length === 0) return
    if (Date.now() > end)
      throw new BackupError(
        `The log ${missing.join(', ')} has not arrived in ${archive}: see the server's log for why archive_command fails.`,
      )
    await sleep(200)
  }
}

/** Segments from the first to the last, both included, that the archive lacks. Of one timeline, with segments of 16 MB. */
async function missingSegments(archive: string, first: string, last: string): Promise<string[]> {
  const there = new Set(await readdir(archive).catch(() => []))
  return segmentsBetween(first, last).filter((name) => !there.has(name))
}

/** Names of the log's segments from one to another. Pure. */
export function segmentsBetween(first: string, last: string): string[] {
  const timeline = first.slice(0, 8)
  const names: string[] = []
  for (let number = numberOf(first); number <= numberOf(last); number += 1n) {
    const [log, segment] = [number / 256n, number % 256n]
    const hex = (value: bigint) => value.toString(16).toUpperCase().padStart(8, '0')
    names.push(`${timeline}${hex(log)}${hex(segment)}`)
  }
  return names
}

function numberOf(segment: string): bigint {
  return BigInt(`0x${segment.slice(8, 16)}`) * 256n + BigInt(`0x${segment.slice(16, 24)}`)
}

/** The facts that a backup holds. @throws BackupError when it is none */
export async function factsOf(folder: string): Promise<BackupFacts> {
  try {
    return JSON.parse(await readFile(join(folder, factsFile), 'utf8')) as BackupFacts
  } catch {
    throw new BackupError(`${folder} is no whole backup: it has no readable ${factsFile}.`)
  }
}

/** Reads a backup again and returns all faults: of its files, and of the log that belongs to it. Empty: it is whole. */
export async function verifyBackup(folder: string, archive: string): Promise<string[]> {
  const facts = await factsOf(folder)
  const faults: string[] = []
  for (const [path, sum] of Object.entries(facts.files)) {
    const file = join(folder, baseFolder, path)
    if (!(await exists(file))) faults.push(`${path} is missing`)
    else if ((await sha256(file)) !== sum) faults.push(`${path} is not what was written`)
  }
  if (facts.files[controlFile] === undefined) faults.push(`${controlFile} is not part of it`)
  for (const name of await missingSegments(archive, facts.firstSegment, facts.lastSegment))
    faults.push(`the log ${name} is not in ${archive}`)
  return faults
}

async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const part of createReadStream(path)) hash.update(part as Buffer)
  return hash.digest('hex')
}

/** Bytes that are not on the disk are no backup. */
export async function flush(path: string): Promise<void> {
  const file = await open(path, 'r+')
  await file.sync()
  await file.close()
}

export async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}
