/**
 * Prisma on the connection of the running transaction. Prisma takes connections from a pool; it gets one whose
 * `query` and `connect` give it the connection that the caller's transaction has checked out.
 */
import type { AsyncLocalStorage } from 'node:async_hooks'
import { hash } from 'node:crypto'
import { PrismaPg } from '@prisma/adapter-pg'
import pg from 'pg'

/** The transaction that runs in this asynchronous context. */
export interface RunningTransaction {
  readonly client: pg.PoolClient
  ended: boolean
  savepoints: number
  /** The end of the last nested transaction: Prisma's own transactions are taken one after another. */
  nested: Promise<void>
}

/** Makes the service's Prisma client over the pool and whatever transaction is running. */
export function openPrisma<P>(
  pool: pg.Pool,
  running: AsyncLocalStorage<RunningTransaction>,
  make: ((adapter: PrismaPg) => P) | undefined,
): P {
  if (make === undefined) throw new Error('This database was opened without Prisma.')
  const adapter = new PrismaPg(poolFor(pool, running), { statementNameGenerator: ({ sql }) => nameOf(sql) })
  const client = make(adapter)
  keepApart(client, running)
  return client
}

const names = new Map<string, string>()

function nameOf(text: string): string {
  let name = names.get(text)
  if (name === undefined) {
    name = `p${hash('sha1', text, 'base64url')}`
    names.set(text, name)
  }
  return name
}

/** The pool as Prisma sees it. The adapter checks `instanceof pg.Pool`, so it is one, which never connects by itself. */
function poolFor(pool: pg.Pool, running: AsyncLocalStorage<RunningTransaction>): pg.Pool {
  const current = (): RunningTransaction | undefined => {
    const state = running.getStore()
    return state?.ended === false ? state : undefined
  }
  const query = (config: pg.QueryConfig) => (current()?.client ?? pool).query(config)
  const connect = () => {
    const state = current()
    return state === undefined ? pool.connect() : nestedClient(state)
  }
  return Object.assign(new pg.Pool(), { query, connect })
}

/** A transaction of Prisma's own inside ours: its BEGIN, COMMIT and ROLLBACK become a savepoint's. */
async function nestedClient(state: RunningTransaction): Promise<pg.PoolClient> {
  const before = state.nested
  let release: () => void = () => undefined
  state.nested = new Promise((resolve) => (release = resolve))
  await before
  state.savepoints += 1
  const savepoint = `prisma_${String(state.savepoints)}`
  const instead: Readonly<Record<string, string>> = {
    BEGIN: `SAVEPOINT ${savepoint}`,
    COMMIT: `RELEASE SAVEPOINT ${savepoint}`,
    ROLLBACK: `ROLLBACK TO SAVEPOINT ${savepoint}`,
  }
  // This much of a client is used by the adapter.
  const client = {
    query: (config: pg.QueryConfig) => {
      const text = instead[config.text]
      if (text !== undefined) return state.client.query(text)
      // The isolation level is the outer transaction's.
      if (config.text.startsWith('SET TRANSACTION')) return state.client.query('SELECT 1')
      return state.client.query(config)
    },
    release,
    on: () => client,
    removeListener: () => client,
  }
  return client as unknown as pg.PoolClient
}

interface Request {
  readonly transaction?: { readonly kind?: string }
}
interface Internals {
  readonly _requestHandler?: { readonly dataloader?: { readonly options?: { batchBy: (one: Request) => unknown } } }
}

/**
 * Prisma merges the `findUnique` calls of one tick into one query, whatever their transaction: two transactions would read
 * through one connection. Inside a transaction nothing is merged. There is no public switch for it; a test holds it.
 */
function keepApart(client: unknown, running: AsyncLocalStorage<RunningTransaction>): void {
  const options = (client as Internals)._requestHandler?.dataloader?.options
  if (options === undefined) throw new Error('This version of Prisma is not known: see transaction.prisma.ts.')
  const original = options.batchBy
  options.batchBy = (request) => {
    if (running.getStore()?.ended !== false) return original(request)
    if (request.transaction?.kind === 'batch')
      throw new Error('A transaction is already running here: await the calls one by one instead of $transaction([…]).')
    return undefined
  }
}
