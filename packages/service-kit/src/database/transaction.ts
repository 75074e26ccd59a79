/**
 * One transaction is one checked-out connection. Named `pg` statements and Prisma's models both run on it; outside a
 * transaction both use the pool.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import { hash, randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { EventActor } from '@stockline/contracts/envelope'
import type { PrismaPg } from '@prisma/adapter-pg'
import type pg from 'pg'
import { timeOfDay } from '../runtime/clock.ts'
import { isConflict } from '../runtime/fault.ts'
import type { Outgoing } from '../messaging/outbox.ts'
import type { AdmittedClient, WriteGate } from './write-gate.ts'
import type { DatabaseAddress } from './postgres.address.ts'
import { openPool } from './postgres.connect.ts'
import { isRefusal } from '../refusal.ts'
import { connectOptions, cork, openConnection, rowsOf, queryWholeTables } from './transaction.connection.ts'
import { openPrisma, type RunningTransaction } from './transaction.prisma.ts'

/** A statement. Made by {@link sql}, once, as a constant at the top of a file, or by `filtered`. */
export interface Statement {
  /** Under which it is prepared; without one it is made anew each time. */
  readonly name: string | undefined
  readonly text: string
}

/** Runs statements: the pool, or the connection of a transaction. */
export interface Queryable {
  /** `int8` comes as bigint, `numeric` as string, `timestamptz` as Date, `date` as `YYYY-MM-DD`, `jsonb` parsed. */
  readonly query: <Row>(statement: Statement, values?: readonly unknown[]) => Promise<Row[]>
}

/** Who and what began this: written into every event that the transaction publishes. */
export interface Origin {
  /** A user or a client; null where the system itself acts. */
  readonly actor: EventActor | null
  readonly correlationId: string
  /** The event that caused it, where there is one. */
  readonly causationId?: string | undefined
  readonly traceparent?: string | undefined
}

/**
 * What the kit's own workers in this process are notified of after a commit: there is something to send, something deferred
 * may be due, a document that a request may be waiting for is final.
 */
export type Signal = 'outbox' | 'parked' | 'settled'

/** A running transaction. `P` is the service's generated Prisma client. */
export interface Tx<P = unknown> extends Queryable {
  /** Prisma on this transaction's connection. Made on first use, costs nothing unused. */
  readonly prisma: P
  readonly origin: Origin
  /** The time of this transaction, read once. */
  readonly now: Date
  /** CloudEvents source of what is published: `/stockline/picking`. */
  readonly source: string
  /** Receives the events instead of the outbox, where they were published before. */
  readonly collectEvents?: ((events: readonly Outgoing[]) => void) | undefined
  /** Runs the effect once the commit is durable; never when it rolls back. It must not throw. */
  readonly afterCommit: (effect: () => void) => void
  /** After the commit, notifies the kit's worker of that name in this process, once however often it is called. */
  readonly signal: (signal: Signal) => void
}

/** A connection of one's own beside the pool, for locks that are held long. */
export interface Connection extends Queryable {
  /** False once the server or the network has taken it away. */
  readonly alive: () => boolean
  /** Does it belong to the history that was compared with the bus? See `messaging/history/fence.ts`. */
  readonly mayWrite: () => boolean
  readonly client: AdmittedClient
  /** It is time to close it and open another, which reads passwords and certificates anew. */
  readonly isOld: () => boolean
  close(): Promise<void>
}

/** A service's database. */
export interface Database<P = unknown> extends Queryable {
  readonly prisma: P
  readonly source: string
  /**
   * Runs `work` in one transaction. A refusal that it returns rolls back and is returned; anything it throws rolls
   * back and is thrown. Deadlocks and serialization failures are tried again, five times at most: `work` may run
   * more than once. A transaction inside a transaction is a bug and throws.
   */
  transaction<T>(origin: Origin, work: (tx: Tx<P>) => Promise<T>): Promise<T>
  /** Calls the listener after each commit that signalled. Gives back how to stop. */
  onSignal(signal: Signal, listener: () => void): () => void
  /** Runs a statement that reads whole tables, now and again: planned for it, and not prepared. */
  queryWholeTables<Row>(statement: Statement, values?: readonly unknown[]): Promise<Row[]>
  /** Opens a connection of one's own. */
  connect(): Promise<Connection>
  close(): Promise<void>
}

/** How to open a service's database. */
export interface DatabaseOptions<P = unknown> {
  /** `postgres://user:password@host:port/database`, or how to read it anew. TLS is configured as for libpq. */
  readonly url: DatabaseAddress
  /** Name of the service: names the connections, and is the last part of the source of its events. */
  readonly service: string
  /** Makes the service's Prisma client over the kit's adapter: `(adapter) => new PrismaClient({ adapter })`. */
  readonly prisma?: (adapter: PrismaPg) => P
  /** Connections at most. Default 12. */
  readonly size?: number
  /** Decides which connections may be written on. Without it all may. */
  readonly gate?: WriteGate
  /** After which a connection is renewed. Default: half an hour. */
  readonly longestLifeMs?: number
  /** Called for connections lost while idle. They are replaced without it. */
  readonly onIdleError?: (error: Error) => void
}

const defaultSize = 12
const conflictTries = 5

/** Declares a prepared statement. Only as a constant at the top of a file: the set of texts must be bounded. */
export function sql(text: string): Statement {
  return { name: hash('sha1', text, 'base64url'), text }
}

/**
 * The same transaction, with another origin or another receiver of its events. Prisma is made on first use, so it is not
 * copied.
 */
export function transactionWith<P>(tx: Tx<P>, other: Partial<Pick<Tx, 'origin' | 'collectEvents'>>): Tx<P> {
  return {
    get prisma() {
      return tx.prisma
    },
    origin: other.origin ?? tx.origin,
    now: tx.now,
    source: tx.source,
    collectEvents: other.collectEvents ?? tx.collectEvents,
    query: tx.query,
    afterCommit: tx.afterCommit,
    signal: tx.signal,
  }
}

/** The origin of what the system does by itself. */
export function systemOrigin(): Origin {
  return { actor: null, correlationId: randomUUID() }
}

/** Opens the pool. Nothing is connected before the first query. */
export function openDatabase<P = unknown>(options: DatabaseOptions<P>): Database<P> {
  const { gate, longestLifeMs, onIdleError } = options
  const pool = openPool({
    ...connectOptions(options),
    max: options.size ?? defaultSize,
    ...(longestLifeMs === undefined ? {} : { longestLifeMs }),
    ...(gate === undefined ? {} : { admit: (client) => gate.admit(client) }),
    onIdleError,
  })
  const running = new AsyncLocalStorage<RunningTransaction>()
  const listeners = { outbox: new Set<() => void>(), parked: new Set<() => void>(), settled: new Set<() => void>() }
  const prisma = once(() => openPrisma(pool, running, options.prisma))
  const source = `/stockline/${options.service}`

  const attempt = async <T>(origin: Origin, work: (tx: Tx<P>) => Promise<T>): Promise<T> => {
    const client = gate === undefined ? await pool.connect() : await writable(pool, gate)
    const state: RunningTransaction = { client, ended: false, savepoints: 0, nested: Promise.resolve() }
    const effects = new Set<() => void>()
    const tx: Tx<P> = {
      get prisma() {
        return prisma()
      },
      origin,
      now: new Date(timeOfDay()),
      source,
      query: (statement, values) => {
        if (state.ended) throw new Error('This transaction has ended: an await is missing somewhere before this query.')
        cork(client)
        return rowsOf(client, statement, values)
      },
      afterCommit: (effect) => void effects.add(effect),
      signal: (signal) => listeners[signal].forEach((listener) => effects.add(listener)),
    }
    const result = await inTransaction(state, () => running.run(state, () => work(tx)))
    if (!isRefusal(result)) for (const effect of effects) effect()
    return result
  }

  return {
    get prisma() {
      return prisma()
    },
    source,
    query: (statement, values) => rowsOf(pool, statement, values),
    transaction: async (origin, work) => {
      if (running.getStore()?.ended === false)
        throw new Error('A transaction is already running here: hand its tx on instead of opening another.')
      for (let tries = 1; ; tries += 1) {
        try {
          return await attempt(origin, work)
        } catch (error) {
          if (tries >= conflictTries || !isConflict(error)) throw error
          await sleep(Math.random() * 10 * 2 ** tries)
        }
      }
    },
    onSignal: (signal, listener) => {
      listeners[signal].add(listener)
      return () => void listeners[signal].delete(listener)
    },
    queryWholeTables: (statement, values) => queryWholeTables(pool, statement, values),
    connect: () => openConnection(options),
    close: () => pool.end(),
  }
}

/** A connection that may be written on. One of a history that is gone does not go back into the pool. */
async function writable(pool: pg.Pool, gate: WriteGate): Promise<pg.PoolClient> {
  while (gate.isOpen()) {
    const client = await pool.connect()
    if (gate.allows(client)) return client
    client.release(gate.isOpen())
  }
  throw gate.refusal()
}

/** BEGIN travels with the first statement; COMMIT is believed only when the server confirms it. */
async function inTransaction<T>(state: RunningTransaction, work: () => Promise<T>): Promise<T> {
  const { client } = state
  let broken = true
  try {
    cork(client)
    const begun = client.query('BEGIN')
    begun.catch(() => undefined)
    const result = await settled(work)
    state.ended = true
    await begun
    if (result.failed) {
      // What fails for good cannot be rolled back: then the connection goes, and its transaction with it.
      broken = !(await rolledBack(client))
      throw result.error
    }
    if (isRefusal(result.value)) {
      broken = !(await rolledBack(client))
    } else {
      cork(client)
      const committed = await client.query('COMMIT')
      broken = false
      if (committed.command !== 'COMMIT')
        throw new Error('A statement had failed and its error was swallowed, so nothing was committed.')
    }
    return result.value
  } finally {
    state.ended = true
    client.release(broken)
  }
}

type Settled<T> = { readonly failed: false; readonly value: T } | { readonly failed: true; readonly error: unknown }

async function settled<T>(work: () => Promise<T>): Promise<Settled<T>> {
  try {
    return { failed: false, value: await work() }
  } catch (error) {
    return { failed: true, error }
  }
}

async function rolledBack(client: pg.PoolClient): Promise<boolean> {
  try {
    await client.query('ROLLBACK')
    return true
  } catch {
    return false
  }
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => (made ??= { value: make() }).value
}
