/** Connections to PostgreSQL: how they are set up, how statements travel on them. */
import type { Writable } from 'node:stream'
import pg from 'pg'
import { longestLifeMs, openClient, type ConnectOptions } from './postgres.connect.ts'
import type { SessionSettings } from './postgres.session.ts'
import type { Connection, DatabaseOptions, Statement } from './transaction.ts'
import { pgTypes } from './transaction.types.ts'

const connectTimeoutMs = 10_000

/**
 * Our statements are prepared once and go by keys to few rows. Planning them anew each time would cost more than running
 * them, and a plan made while a table was small, which reads it whole, must not stay while it grows. What really
 * reads whole tables uses `Database.queryWholeTables`.
 */
const plannerSettings: SessionSettings = {
  plan_cache_mode: 'force_generic_plan',
  enable_seqscan: 'off',
  enable_hashjoin: 'off',
  enable_mergejoin: 'off',
  jit: 'off',
  max_parallel_workers_per_gather: '0',
}

const wholeTableSettings = `
  begin read only;
  set local plan_cache_mode = auto;
  set local enable_seqscan = on;
  set local enable_hashjoin = on;
  set local enable_mergejoin = on`

/**
 * What a pool or a connection is opened with. `pipeline` sends statements that are not awaited one by one without waiting
 * for each other's answers.
 */
export function connectOptions(options: Pick<DatabaseOptions, 'url' | 'service'>): ConnectOptions {
  return {
    address: options.url,
    name: options.service,
    settings: plannerSettings,
    connectionTimeoutMillis: connectTimeoutMs,
    keepAlive: true,
    pipeline: true,
    types: pgTypes,
  }
}

/**
 * Pipelining: statements that are sent in one turn travel in one write, so that there is one system call and the server
 * wakes up once. Of the internals of `pg` only the stream is used.
 */
export function cork(client: pg.PoolClient): void {
  const { stream } = (client as unknown as { connection: { stream: Writable } }).connection
  if (stream.writableCorked > 0) return
  stream.cork()
  process.nextTick(uncork, stream)
}

function uncork(stream: Writable): void {
  stream.uncork()
}

/** What the pool and a connection have in common, whatever their types say. */
interface QueryTarget {
  query(query: pg.Query, done: (error: Error | undefined, result: pg.QueryResult) => void): unknown
}

/**
 * Runs a statement and gives its rows. The query is made here: of one that `pg` makes itself it copies every property by its
 * descriptor, which takes longer than all else that is done to send it.
 */
export async function rowsOf<Row>(
  on: pg.Pool | pg.ClientBase,
  { name, text }: Statement,
  values: readonly unknown[] = [],
): Promise<Row[]> {
  const query = Object.assign(new pg.Query(text, values as unknown[]), { name })
  try {
    return await new Promise<Row[]>((resolve, reject) => {
      ;(on as unknown as QueryTarget).query(query, (error, result) => {
        if (error) reject(error)
        else resolve(result.rows as Row[])
      })
    })
  } catch (error) {
    // A stack that leads to the caller, not to the socket.
    if (error instanceof Error) Error.captureStackTrace(error)
    throw error
  }
}

/** See `Database.queryWholeTables`. */
export async function queryWholeTables<Row>(
  pool: pg.Pool,
  { text }: Statement,
  values?: readonly unknown[],
): Promise<Row[]> {
  const client = await pool.connect()
  let broken = true
  try {
    await client.query(wholeTableSettings)
    const rows = await rowsOf<Row>(client, { name: undefined, text }, values)
    await client.query('COMMIT')
    broken = false
    return rows
  } finally {
    client.release(broken)
  }
}

/** Opens a connection beside the pool. */
export async function openConnection(options: DatabaseOptions): Promise<Connection> {
  const client = await openClient(connectOptions(options))
  const renewAt = performance.now() + (options.longestLifeMs ?? longestLifeMs)
  let alive = true
  const lost = () => void (alive = false)
  client.on('error', lost)
  client.on('end', lost)
  try {
    await options.gate?.admit(client)
  } catch (error) {
    await client.end().catch(() => undefined)
    throw error
  }
  return {
    client,
    alive: () => alive,
    mayWrite: () => options.gate?.allows(client) ?? true,
    isOld: () => performance.now() >= renewAt,
    query: (statement, values) => rowsOf(client, statement, values),
    close: async () => {
      alive = false
      await client.end().catch(() => undefined)
    },
  }
}
