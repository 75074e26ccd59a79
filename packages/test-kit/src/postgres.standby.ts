import { randomBytes } from 'node:crypto'
import { chmodSync, cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { until } from './client.ts'
import { type PostgresServer, startPostgres } from './postgres.server.ts'

/** An asynchronous standby: it streams the log of its primary, which waits for nothing. */
export interface Standby extends PostgresServer {
  /** Resolves when it has replayed all that the primary has written until now. */
  caughtUp(): Promise<void>
  /** It no longer receives anything: what the primary writes from now on it does not have. */
  fallBehind(): Promise<void>
  /** It becomes a primary, on a timeline of its own. */
  promote(): Promise<void>
}

/** What a server makes anew at its start, or what is the primary's alone. */
const leftOut = /^(?:pg_wal\/.|postmaster\.|server\.|postgresql\.auto\.conf$)/

/** Makes a standby of a running server, from a base backup. */
export async function startStandby(primary: PostgresServer): Promise<Standby> {
  const server = await startPostgres({
    folder: await baseBackup(primary),
    files: {
      'standby.signal': '',
      // Not on the command line, which `alter system` could not outrank.
      'postgresql.auto.conf': `primary_conninfo = 'host=127.0.0.1 port=${String(primary.port)} user=postgres'\n`,
    },
  })
  const ask = async (text: string, ...values: readonly unknown[]) =>
    (await query(server.url, text, values))[0]?.['answer']
  return {
    ...server,
    caughtUp: async () => {
      const [head] = await query(primary.url, 'select pg_current_wal_lsn()::text as answer')
      const replayed = 'select coalesce(pg_last_wal_replay_lsn() >= $1::pg_lsn, false) as answer'
      await until('the standby to catch up', async () => (await ask(replayed, head?.['answer'])) === true, 30_000)
    },
    fallBehind: async () => {
      await query(server.url, `alter system set primary_conninfo = ''`)
      await query(server.url, 'select pg_reload_conf()')
      const receivers = 'select count(*)::int as answer from pg_stat_wal_receiver'
      await until('the standby to be cut off', async () => (await ask(receivers)) === 0, 30_000)
    },
    promote: async () => {
      await query(server.url, 'select pg_promote()')
    },
  }
}

/** The server's files as they were at one moment, together with the log that it still has. */
async function baseBackup(primary: PostgresServer): Promise<string> {
  // Beside it, where the account that servers run as can go, and where it is removed if this process ends early.
  const folder = `${primary.folder}-${randomBytes(3).toString('hex')}`
  const client = new pg.Client({ connectionString: primary.url })
  await client.connect()
  try {
    await client.query(`select pg_backup_start('standby', true)`)
    cpSync(primary.folder, folder, {
      recursive: true,
      filter: (path) => !leftOut.test(path.slice(primary.folder.length + 1)),
    })
    mkdirSync(join(folder, 'pg_wal'), { recursive: true })
    chmodSync(folder, 0o700)
    const { rows } = await client.query<{ label: string }>('select labelfile as label from pg_backup_stop(false)')
    writeFileSync(join(folder, 'backup_label'), rows[0]?.label ?? '')
    return folder
  } catch (error) {
    rmSync(folder, { recursive: true, force: true })
    throw error
  } finally {
    await client.end()
  }
}

async function query(url: string, text: string, values: readonly unknown[] = []): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(text, [...values])).rows
  } finally {
    await client.end()
  }
}
