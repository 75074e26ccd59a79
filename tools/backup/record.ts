/**
 * Records in the services' databases when the last backup ended, and from where on the log is kept. They show it as
 * metrics, so that an alarm can be raised where no backup is made, or the archive grows.
 */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type pg from 'pg'
import { type BackupFacts, exists, factsFile, factsOf } from './base-backup.ts'

/** A backup that is whole. */
export interface KeptBackup {
  readonly path: string
  readonly facts: BackupFacts
}

/** The backups below a folder, by when they ended. What failed (`.bad`) or was never ended (`.part`) is none. */
export async function backupsBelow(folder: string): Promise<readonly KeptBackup[]> {
  const found: KeptBackup[] = []
  for (const name of (await readdir(folder)).sort())
    if (!/\.(bad|part)$/.test(name) && (await exists(join(folder, name, factsFile))))
      found.push({ path: join(folder, name), facts: await factsOf(join(folder, name)) })
  return found.sort((one, other) => Date.parse(one.facts.endedAt) - Date.parse(other.facts.endedAt))
}

const askDatabases = `select datname from pg_database where datallowconn and not datistemplate order by datname`
const askTable = `select to_regclass('kit.backup') is not null as there`
const write = `
  insert into kit.backup (ended_at, log_from) values ($1, $2)
  on conflict (only_one) do update set ended_at = excluded.ended_at, log_from = excluded.log_from`

/**
 * Writes down in every database of a service what is kept below a folder. Nothing is written where nothing is kept.
 *
 * @param connect a superuser's connection to a database of the cluster, which is ended here
 */
export async function recordBackups(folder: string, connect: (database: string) => Promise<pg.Client>): Promise<void> {
  const kept = await backupsBelow(folder)
  const [oldest, newest] = [kept[0], kept.at(-1)]
  if (oldest === undefined || newest === undefined) return
  const names = await using(connect, 'postgres', async (client) => {
    const { rows } = await client.query<{ datname: string }>(askDatabases)
    return rows.map(({ datname }) => datname)
  })
  for (const name of names)
    await using(connect, name, async (client) => {
      const { rows } = await client.query<{ there: boolean }>(askTable)
      if (rows[0]?.there === true)
        await client.query(write, [newest.facts.endedAt, positionOf(oldest.facts.firstSegment)])
    })
}

async function using<T>(
  connect: (database: string) => Promise<pg.Client>,
  database: string,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = await connect(database)
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

/** Where a part of the log of 16 MB begins, as PostgreSQL writes positions. Pure. */
export function positionOf(segment: string): string {
  return `${segment.slice(8, 16)}/${segment.slice(22, 24)}000000`
}
