/**
 * Brings a service's database up to date. The layout and the record are Prisma's, so that Prisma's own tools agree:
 * `<timestamp>_<name>/migration.sql`, each applied in a transaction and written down with its checksum.
 */
import { kitLocks } from './locks.ts'
import { hash, randomUUID } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type pg from 'pg'
import { releaseVersion } from '../runtime/build.ts'
import { CannotStart } from '../runtime/cannot-start.ts'
import { checkVersion, namedIn, raiseTo, raiseToEvents } from './migrate.lowest.ts'
import type { DatabaseAddress } from './postgres.address.ts'
import { openClient } from './postgres.connect.ts'

/** A migration on disk. */
interface Migration {
  readonly name: string
  readonly text: string
  readonly checksum: string
  /** The lowest version that may run once it is applied; undefined when it only adds. */
  readonly lowest: string | undefined
}

/** A set of migrations and the table that remembers them. */
interface History {
  readonly folder: string
  /** As SQL writes it, with its schema. */
  readonly table: string
}

/** A migration as the database remembers it. */
interface Applied {
  readonly migration_name: string
  readonly checksum: string
  readonly finished_at: Date | null
}

/** How to migrate. Defaults are for production. */
export interface MigrateOptions {
  /** Version of what migrates. Default: that of this checkout. */
  readonly version?: string
  /** The lowest version that takes the events which this one takes. Default: any. */
  readonly lowestBeside?: string | undefined
  /** How long a migration may wait for a lock, and others for the table behind it. Default 1 s. */
  readonly lockTimeoutMs?: number
  /** How long to wait before it is tried again. Default 2 s. */
  readonly pauseMs?: number
  /** After so long without the lock it gives up. Default 10 minutes. */
  readonly patienceMs?: number
  /** Gets a sentence about what goes on meanwhile. */
  readonly report?: (sentence: string) => void
}

const kitHistory: History = {
  folder: fileURLToPath(new URL('../../migrations', import.meta.url)),
  table: 'kit.migrations',
}

/**
 * Applies what is missing: the kit's migrations, then the service's. Two processes at once: one applies, the other
 * waits and finds nothing to do. What a newer version has applied stays, and is no obstacle unless it names a lowest version.
 *
 * @param migrations the service's `prisma/migrations`
 * @returns the names of what was applied
 * @throws CannotStart with code 2 when this version may not run here, or an applied migration was edited or not ended
 * @throws Error in one sentence when a migration fails
 */
export async function migrate(
  url: DatabaseAddress,
  migrations: string | URL,
  options: MigrateOptions = {},
): Promise<string[]> {
  const own: History = {
    folder: migrations instanceof URL ? fileURLToPath(migrations) : migrations,
    table: 'public._prisma_migrations',
  }
  const client = await openClient({ address: url, name: 'migrate', connectionTimeoutMillis: 10_000 })
  try {
    await client.query(`select pg_advisory_lock(${kitLocks.migration})`)
    await client.query('create schema if not exists kit')
    await checkVersion(client, options.version ?? releaseVersion())
    const applied = [...(await apply(client, kitHistory, options)), ...(await apply(client, own, options))]
    if (options.lowestBeside !== undefined) await raiseToEvents(client, options.lowestBeside)
    return applied
  } finally {
    await client.end()
  }
}

async function apply(client: pg.Client, history: History, options: MigrateOptions): Promise<string[]> {
  await client.query(`
    create table if not exists ${history.table} (
      id varchar(36) primary key not null,
      checksum varchar(64) not null,
      finished_at timestamptz,
      migration_name varchar(255) not null,
      logs text,
      rolled_back_at timestamptz,
      started_at timestamptz not null default now(),
      applied_steps_count integer not null default 0
    )`)
  const found = migrationsIn(history.folder)
  const { rows } = await client.query<Applied>(
    `select migration_name, checksum, finished_at from ${history.table} where rolled_back_at is null order by 1`,
  )
  const onDisk = new Map(found.map((migration) => [migration.name, migration]))
  for (const row of rows) compare(row, onDisk.get(row.migration_name))
  const foreign = rows.map((row) => row.migration_name).filter((name) => !onDisk.has(name))
  if (foreign.length > 0)
    options.report?.(`The database has migrations of another version, and may be used: ${foreign.join(', ')}.`)
  const applied = new Set(rows.map((row) => row.migration_name))
  const missing = found.filter((migration) => !applied.has(migration.name))
  for (const migration of missing) await applyPatiently(client, history, migration, options)
  return missing.map((migration) => migration.name)
}

function compare(row: Applied, now: Migration | undefined): void {
  const name = row.migration_name
  if (row.finished_at === null)
    throw new CannotStart(`The migration ${name} was begun and never ended. Mend it by hand, then start again.`, 2)
  if (now !== undefined && now.checksum !== row.checksum)
    throw new CannotStart(
      `The migration ${name} was edited after it was applied. Put it back, and write a new migration.`,
      2,
    )
}

/**
 * A statement that waits for a lock of its own makes everybody else wait behind it. So it waits for a moment only, and is
 * tried again later, until a gap is found.
 */
async function applyPatiently(
  client: pg.Client,
  history: History,
  migration: Migration,
  options: MigrateOptions,
): Promise<void> {
  const { lockTimeoutMs = 1_000, pauseMs = 2_000, patienceMs = 600_000, report } = options
  const deadline = performance.now() + patienceMs
  for (;;) {
    try {
      await applyOne(client, history, migration, lockTimeoutMs)
      return
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause)
      const isBusy = ['55P03', '40P01'].includes(String((cause as { code?: unknown }).code))
      if (!isBusy || performance.now() + pauseMs > deadline)
        throw new Error(`The migration ${migration.name} failed and was rolled back: ${why}`, { cause })
      report?.(`The migration ${migration.name} waits, since its tables are in use: ${why}.`)
      await delay(pauseMs)
    }
  }
}

async function applyOne(
  client: pg.Client,
  history: History,
  migration: Migration,
  lockTimeoutMs: number,
): Promise<void> {
  try {
    await client.query('begin')
    await client.query(`set local lock_timeout = ${String(Math.ceil(lockTimeoutMs))}`)
    await client.query(migration.text)
    await client.query(
      `insert into ${history.table} (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
       values ($1, $2, $3, now(), clock_timestamp(), 1)`,
      [randomUUID(), migration.checksum, migration.name],
    )
    if (migration.lowest !== undefined) await raiseTo(client, migration.lowest, migration.name)
    await client.query('commit')
  } catch (error) {
    await client.query('rollback').catch(() => undefined)
    throw error
  }
}

function migrationsIn(folder: string): Migration[] {
  if (!existsSync(folder)) throw new Error(`There are no migrations at ${folder}.`)
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort()
    .map((name) => {
      const text = readFileSync(join(folder, name, 'migration.sql'), 'utf8')
      return { name, text, checksum: hash('sha256', text, 'hex'), lowest: namedIn({ name, text }) }
    })
}
