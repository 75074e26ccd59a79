/** Puts a base backup back as a data folder that the server brings to the wanted moment when it is started. */
import { appendFile, copyFile, mkdir, readdir, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { BackupError, baseFolder, exists, factsOf, flush, mustBeWhole } from './base-backup.ts'
import { timelineOf, timelineToFollow } from './timelines.ts'

/** What is restored, and how far. */
export interface RestoreOptions {
  /** A backup that `takeBackup` made. */
  readonly from: string
  /** The archive of the same cluster, as it is seen here. */
  readonly archive: string
  /** The data folder: empty, or not there. */
  readonly into: string
  /** The server's own way to the archive, if it sees it elsewhere. */
  readonly archiveOfServer?: string | undefined
  /** The last moment that is restored, with its offset from UTC. Without it: all that was archived. */
  readonly moment?: string | undefined
  /** Number of the timeline to follow, where the archive has later ones than the backup's. */
  readonly timeline?: string | undefined
}

/**
 * Restores. The backup is verified first. The server ends the recovery by itself and begins a new timeline, so that what is
 * archived from then on stands beside what was there.
 *
 * @throws BackupError when the folder holds something, the backup is not whole or failed, the moment is before its end, or it is not
 *   given which of several timelines to follow
 */
export async function restoreBackup(options: RestoreOptions): Promise<void> {
  const { from, archive, into, archiveOfServer = archive, moment } = options
  if (/\.(bad|part)$/.test(basename(from)))
    throw new BackupError(`${from} is a backup that failed: take another one. Its name says so.`)
  const facts = await factsOf(from)
  if ((await exists(into)) && (await readdir(into)).length > 0)
    throw new BackupError(
      `${into} holds something: nothing is overwritten. Move it away, and look at it before you delete it.`,
    )
  const timeline = await timelineToFollow(archive, timelineOf(facts.firstSegment), options.timeline)
  const target = moment === undefined ? undefined : targetOf(moment, facts.endedAt)
  await mustBeWhole(from, archive)
  await mkdir(into, { recursive: true, mode: 0o700 })
  const base = join(from, baseFolder)
  for (const entry of await readdir(base, { recursive: true, withFileTypes: true }))
    if (entry.isDirectory()) await mkdir(join(into, pathBelow(base, entry)), { recursive: true, mode: 0o700 })
  for (const path of Object.keys(facts.files)) {
    await mkdir(dirname(join(into, path)), { recursive: true, mode: 0o700 })
    await copyFile(join(base, path), join(into, path))
    await flush(join(into, path))
  }
  await mkdir(join(into, 'pg_wal'), { recursive: true, mode: 0o700 })
  await appendFile(join(into, 'postgresql.auto.conf'), recoverySettings(archiveOfServer, timeline, target))
  await writeFile(join(into, 'recovery.signal'), '', { flush: true, mode: 0o600 })
}

function pathBelow(base: string, entry: { readonly parentPath: string; readonly name: string }): string {
  return join(entry.parentPath, entry.name).slice(base.length + 1)
}

function targetOf(moment: string, endedAt: string): string {
  if (!/^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d(:?\d\d)?)$/.test(moment))
    throw new BackupError(
      `"${moment}" is no moment such as 2026-11-30T14:05:00+01:00; its offset from UTC belongs to it.`,
    )
  const [wanted, end] = [new Date(moment), new Date(endedAt)]
  if (Number.isNaN(wanted.getTime())) throw new BackupError(`"${moment}" is no day and time.`)
  if (wanted < end)
    throw new BackupError(
      `The backup ended at ${end.toISOString()}, after ${wanted.toISOString()}: take an earlier one.`,
    )
  // Down to the microsecond, as PostgreSQL counts.
  return moment.replace('T', ' ')
}

function recoverySettings(archive: string, timeline: number, target: string | undefined): string {
  const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`
  const lines = [
    '# Written by the restore. They count while recovery.signal is there.',
    `restore_command = ${quoted(`cp "${archive}/%f" "%p"`)}`,
    `recovery_target_timeline = '${String(timeline)}'`,
    // The backup of a cluster that was itself restored to a moment carries that moment's setting: the last line counts.
    ...(target === undefined
      ? [`recovery_target_time = ''`]
      : [
          `recovery_target_time = ${quoted(target)}`,
          `recovery_target_action = 'promote'`,
          'recovery_target_inclusive = on',
        ]),
  ]
  return `\n${lines.join('\n')}\n`
}
