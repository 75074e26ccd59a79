/** What a system has written, executed and batched until now: read from its PostgreSQL and its metrics. */
import pg from 'pg'
import { administratorUrl } from '@stockline/test-kit/load/database'
import type { System } from '@stockline/test-kit/load/system'

/** Counts that only rise. Undefined where the checkout does not report them. */
export interface Counts {
  /** Bytes of write-ahead log. */
  readonly wal: number
  /** Of those, images of pages that were touched for the first time since a checkpoint. */
  readonly walImages: number
  /** Statements that the services had executed, transaction control included. */
  readonly statements: number
  /** Batches of messages that the services took. */
  readonly batches: number | undefined
}

/** Counts of one system between two moments. */
export interface Counter {
  /** Begins to count, and returns how to read what has come since. */
  begin(): Promise<() => Promise<Counts>>
  close(): Promise<void>
}

/**
 * Makes the embedded PostgreSQL count statements. The module has to be loaded at its start, so the system is started
 * a second time. Both checkouts pay for the counting alike.
 */
export async function countStatements(system: System): Promise<Counter> {
  await withAdmin(system, async (admin) => {
    await admin.query(`alter system set shared_preload_libraries = 'pg_stat_statements'`)
  })
  await system.stop()
  await system.start()
  const admin = new pg.Client({ connectionString: administratorUrl(system) })
  admin.on('error', () => undefined)
  await admin.connect()
  await admin.query('create extension if not exists pg_stat_statements')
  await admin.query('create extension if not exists pg_walinspect')
  return { begin: () => begin(system, admin), close: () => admin.end() }
}

async function begin(system: System, admin: pg.Client): Promise<() => Promise<Counts>> {
  const before = await look(admin)
  const batchesBefore = await batchesOf(system)
  return async () => {
    const after = await look(admin)
    const images = await one<{ images: string }>(
      admin,
      `select coalesce(sum(fpi_size), 0)::text as images from pg_get_wal_stats('${before.lsn}', '${after.lsn}')`,
    )
    const batches = await batchesOf(system)
    return {
      wal: after.wal - before.wal,
      walImages: Number(images.images),
      statements: after.statements - before.statements,
      batches: batches === undefined || batchesBefore === undefined ? undefined : batches - batchesBefore,
    }
  }
}

async function look(admin: pg.Client): Promise<{ lsn: string; wal: number; statements: number }> {
  const row = await one<{ lsn: string; wal: string; statements: string }>(
    admin,
    `select pg_current_wal_flush_lsn()::text as lsn, (pg_current_wal_flush_lsn() - '0/0')::text as wal,
            (select coalesce(sum(calls), 0) from pg_stat_statements
             where userid <> (select oid from pg_roles where rolname = current_user))::text as statements`,
  )
  return { lsn: row.lsn, wal: Number(row.wal), statements: Number(row.statements) }
}

async function one<Row extends object>(admin: pg.Client, text: string): Promise<Row> {
  const { rows } = await admin.query<Row>(text)
  const [row] = rows
  if (row === undefined) throw new Error(`no answer to ${text}`)
  return row
}

async function withAdmin(system: System, use: (admin: pg.Client) => Promise<void>): Promise<void> {
  const admin = new pg.Client({ connectionString: administratorUrl(system) })
  await admin.connect()
  try {
    await use(admin)
  } finally {
    await admin.end()
  }
}

/** The services' ports follow the origin's. Their metric may or may not bear the prefix of ours. */
const batchesMetric = /^(?:stockline_)?inbox_batch_size_count(?:\{[^}]*\})? (\d+(?:\.\d+)?(?:e\+?\d+)?)$/gm

async function batchesOf(system: System): Promise<number | undefined> {
  const origin = Number(new URL(system.origin).port)
  const texts = await Promise.all(
    [1, 2, 3, 4].map(async (offset) => {
      const answer = await fetch(`http://127.0.0.1:${String(origin + offset)}/metrics`)
      return answer.ok ? await answer.text() : ''
    }),
  )
  const counts = texts.flatMap(countsIn)
  return counts.length === 0 ? undefined : counts.reduce((sum, count) => sum + count, 0)
}

/** Numbers of batches in a service's metrics. */
export function countsIn(metrics: string): number[] {
  return [...metrics.matchAll(batchesMetric)].map((found) => Number(found[1]))
}
