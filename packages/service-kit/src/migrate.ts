/**
 * Brings a service's database up to date. The layout and the record are Prisma's, so that Prisma's own tools agree:
 * `<timestamp>_<name>/migration.sql`, each applied in a transaction and written down with its checksum.
 */
import { hash, randomUUID } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type pg from 'pg'
import type { DatabaseAddress } from './postgres.address.ts'
import { openClient } from './postgres.connect.ts'

/** A migration on disk. */
interface Migration {
  readonly name: string
  readonly text: string
  readonly checksum: string
}

/** A set of migrations and the table that remembers them. */
interface History {
  readonly folder: string
  /** As SQL writes it, with its schema. */
  readonly table: string
}

/** The key under which Prisma's own engine locks, so that both never run at once. */
const lockKey = 72707369
const kitHistory: History = {
  folder: fileURLToPath(new URL('../migrations', import.meta.url)),
  table: 'kit.migrations',
}

/**
 * Applies what is missing: the kit's migrations, then the service's. Two processes at once: one applies, the other
 * waits and finds nothing to do.
 *
 * @param migrations the service's `prisma/migrations`
 * @returns the names of what was applied
 * @throws Error in one sentence when an applied migration was edited or is gone, or when one fails
 */
export async function migrate(url: DatabaseAddress, migrations: string | URL): Promise<string[]> {
  const own: History = {
    folder: migrations instanceof URL ? fileURLToPath(migrations) : migrations,
    table: 'public._prisma_migrations',
  }
  const client = await openClient({ address: url, name: 'migrate', connectionTimeoutMillis: 10_000 })
  try {
    await client.query('select pg_advisory_lock($1)', [lockKey])
    await client.query('create schema if not exists kit')
    return [...(await apply(client, kitHistory)), ...(await apply(client, own))]
  } finally {
    await client.end()
  }
}

async function apply(client: pg.Client, history: History): Promise<string[]> {
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
  const { rows } = await client.query<{ migration_name: string; checksum: string; finished_at: Date | null }>(
    `select migration_name, checksum, finished_at from ${history.table} where rolled_back_at is null`,
  )
  const applied = new Map(rows.map((row) => [row.migration_name, row]))
  const onDisk = new Map(found.map((migration) => [migration.name, migration]))
  for (const row of rows) compare(row, onDisk.get(row.migration_name))
  const missing = found.filter((migration) => !applied.has(migration.name))
  for (const migration of missing) await applyOne(client, history, migration)
  return missing.map((migration) => migration.name)
}

function compare(row: { migration_name: string; checksum: string; finished_at: Date | null }, now?: Migration): void {
  if (row.finished_at === null)
    throw new Error(`The migration ${row.migration_name} was begun and never ended. Mend it by hand, then start again.`)
  if (now === undefined)
    throw new Error(
      `The database has the migration ${row.migration_name}, which this version does not know. Start the newer version.`,
    )
  if (now.checksum !== row.checksum)
    throw new Error(
      `The migration ${row.migration_name} was edited after it was applied. Put it back, and write a new migration.`,
    )
}

async function applyOne(client: pg.Client, history: History, migration: Migration): Promise<void> {
  try {
    await client.query('begin')
    await client.query(migration.text)
    await client.query(
      `insert into ${history.table} (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
       values ($1, $2, $3, now(), clock_timestamp(), 1)`,
      [randomUUID(), migration.checksum, migration.name],
    )
    await client.query('commit')
  } catch (cause) {
    await client.query('rollback').catch(() => undefined)
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new Error(`The migration ${migration.name} failed and was rolled back: ${why}`, { cause })
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
      return { name, text, checksum: hash('sha256', text, 'hex') }
    })
}
