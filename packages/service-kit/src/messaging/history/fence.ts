/**
 * Keeps a service whose database fell back from giving positions a second time.
 *
 * A connection belongs to one history of the database: the server that was started then, its timeline, the database and the
 * table of what was published. It is read on each new connection. Nothing is written on a connection whose history was not
 * compared with the bus: by then the bus has none of our events that the outbox lacks. So a database that falls back, at a
 * start or while the service runs, is noticed before the first write, in each process of the service.
 *
 * What is not noticed: rows taken out by hand while the server runs (readers notice the numbers that come again), and what was
 * committed but never sent.
 */
import type pg from 'pg'
import type { Registry } from 'prom-client'
import type { EventBus, Place } from '../../bus/bus.ts'
import { createLogThrottle } from '../../bus/logger.ts'
import { registerGauge } from '../../runtime/gauges.ts'
import { lackedByInbox, lackedByOutbox, type MessageReader, type PublishedEvent } from './compare.ts'
import type { Logger } from '../../runtime/logging.ts'
import { pauser } from '../../runtime/linger.ts'
import { sql, type Connection, type Database } from '../../database/transaction.ts'
import { HistoryUnsure, type WriteGate } from '../../database/write-gate.ts'

/** What is taken from the bus is taken only while nothing is wrong. Both may be called again. */
export interface Consuming {
  start(): Promise<void>
  stop(): Promise<void>
}

/** What the fence compares. */
export interface FenceParts {
  readonly db: Database
  readonly bus: EventBus
  /** Group on the bus. */
  readonly group: string
  /** Topics that the service publishes to, and those that it reads. */
  readonly publishes: readonly string[]
  readonly reads: readonly string[]
  readonly reader: MessageReader
  readonly consuming: Consuming
  readonly log: Logger
}

/** What one comparison needs besides. */
interface Comparison extends FenceParts {
  /** Limits what is logged of a trouble that lasts. */
  readonly isDue: (what: string) => boolean
}

/** The fence of one process. */
export interface Fence extends WriteGate {
  /** Compares for the first time, then whenever the history is another one. Resolves after the first comparison. */
  guard(parts: FenceParts): Promise<void>
  /** Throws with the sentence while anything is wrong. A check of readiness. */
  check(): Promise<string>
  /** Events that the bus has and the database lacks; undefined where that is not known. */
  readonly missing: () => number | undefined
  stop(): Promise<void>
}

type State =
  | { readonly kind: 'open'; readonly history: string; readonly rewinds?: string }
  | { readonly kind: 'shut'; readonly why: string; readonly missing: number | undefined }

const selectHistory = `
  select concat_ws('/', (select system_identifier from pg_control_system()),
    case when pg_is_in_recovery() then 'recovery' else left(pg_walfile_name(pg_current_wal_insert_lsn()), 8) end,
    extract(epoch from pg_postmaster_start_time()), (select oid from pg_database where datname = current_database()),
    to_regclass('kit.outbox')::oid, pg_relation_filenode(to_regclass('kit.outbox'))) as history`
const comparedBefore = sql(`select history = $1 or not exists (select 1 from kit.outbox) as same
  from (select (select history from kit.compared_history) as history) as before`)
const saveCompared = sql(`
  insert into kit.compared_history as compared (history) values ($1)
  on conflict (only_one) do update set history = excluded.history, compared_at = now()
  where compared.history <> excluded.history`)

const againMs = 2_000
const notYet = 'It is being compared with the bus whether this database has fallen back. Try again shortly.'

/** Makes a fence that lets nothing through until it guards. */
export function createFence(): Fence {
  const pause = pauser()
  let state: State = { kind: 'shut', why: notYet, missing: undefined }
  let stopped = false
  const isStopped = () => stopped
  let ended: Promise<void> | undefined
  const historyOf = async (client: pg.ClientBase): Promise<string> => {
    const { rows } = await client.query<{ history: string }>(selectHistory)
    return rows[0]?.history ?? ''
  }
  const settle = (next: State, log: Logger): void => {
    if (next.kind === 'shut' && (state.kind !== 'shut' || state.why !== next.why))
      log.error({ reason: next.why }, next.why)
    if (next.kind === 'open' && state.kind === 'shut') log.info('the history of the database is that of the bus')
    state = next
  }
  return {
    admit: async (client) => {
      client.history = await historyOf(client)
      if (state.kind !== 'open' || state.history === client.history) return
      // From here on nothing is written, whatever connection is at hand.
      state = { kind: 'shut', why: notYet, missing: undefined }
      pause.wake()
    },
    allows: (client) => state.kind === 'open' && client.history === state.history,
    isOpen: () => state.kind === 'open',
    refusal: () => new HistoryUnsure(state.kind === 'shut' ? state.why : notYet),
    missing: () => (state.kind === 'open' ? 0 : state.missing),
    check: () => {
      if (state.kind === 'shut') return Promise.reject(new Error(state.why))
      return state.rewinds === undefined ? Promise.resolve('as on the bus') : Promise.reject(new Error(state.rewinds))
    },
    guard: async (parts) => {
      const comparison = { ...parts, isDue: createLogThrottle() }
      const round = async (): Promise<void> => {
        settle(await compare(comparison), parts.log)
      }
      await round()
      ended = (async () => {
        while (!isStopped()) {
          const calm = state.kind === 'open' && state.rewinds === undefined
          await pause.sleep(calm ? 60_000 : againMs)
          if (!isStopped() && (state.kind !== 'open' || state.rewinds !== undefined)) await round()
        }
      })()
    },
    stop: async () => {
      stopped = true
      pause.wake()
      await ended
    },
  }
}

/** One comparison, on a connection of its own, whose history it is about. Never throws. */
async function compare(parts: Comparison): Promise<State> {
  const { db, consuming, log, isDue } = parts
  let connection: Connection | undefined
  try {
    connection = await db.connect()
    const history = connection.client.history ?? ''
    const found = await lookAtBus(parts, connection).catch((error: unknown) => ({ unknown: error }))
    if ('unknown' in found) return await withoutBus(connection, history, found.unknown, parts)
    if (found.ahead.length > 0) {
      await consuming.stop()
      return { kind: 'shut', why: behindTheBus(db.source, found.ahead), missing: found.ahead.length }
    }
    await connection.query(saveCompared, [history])
    const rewinds = await rewindAndConsume(parts, found.back)
    return { kind: 'open', history, ...(rewinds === undefined ? {} : { rewinds }) }
  } catch (error) {
    const message = 'the history of the database could not be compared with the bus; tried again'
    if (isDue(String(error))) log.warn({ err: error }, message)
    return { kind: 'shut', why: notYet, missing: undefined }
  } finally {
    await connection?.close()
  }
}

async function lookAtBus(
  { db, bus, group, publishes, reads, reader }: FenceParts,
  connection: Connection,
): Promise<{ readonly ahead: readonly PublishedEvent[]; readonly back: readonly Place[] }> {
  const [own, read] = await Promise.all([bus.stateOf(group, publishes), bus.stateOf(group, reads)])
  const ahead = await lackedByOutbox(connection, bus, db.source, own)
  if (ahead.length > 0) return { ahead, back: [] }
  const lacked = await lackedByInbox(connection, bus, reader, read)
  const firsts = new Map(
    lacked.toReversed().map((message) => [`${message.topic}/${String(message.partition)}`, message]),
  )
  return { ahead, back: [...firsts.values()].map(({ topic, partition, offset }) => ({ topic, partition, offset })) }
}

/**
 * While the bus does not answer, a database that was compared and whose server has not been started since may be written to; so
 * may one that has never published. Of any other it is unknown whether it fell back.
 */
async function withoutBus(
  connection: Connection,
  history: string,
  error: unknown,
  { log, isDue }: Comparison,
): Promise<State> {
  const [row] = await connection.query<{ same: boolean | null }>(comparedBefore, [history])
  const message = 'the bus does not say whether this database has fallen back'
  if (isDue(String(error))) log.warn({ err: error, compared: row?.same === true }, message)
  const why = 'The bus does not answer, so that nobody knows whether this database has fallen back. Try again shortly.'
  return row?.same === true ? { kind: 'open', history, rewinds: why } : { kind: 'shut', why, missing: undefined }
}

/** What the inbox no longer knows is read again. Returns the reason where that cannot be done now. */
async function rewindAndConsume(
  { bus, group, consuming, log }: FenceParts,
  back: readonly Place[],
): Promise<string | undefined> {
  if (back.length > 0) {
    await consuming.stop()
    const shown = back.map(({ topic, partition, offset }) => `${topic}/${String(partition)} to ${String(offset)}`)
    try {
      await bus.rewind(group, back)
      log.warn({ group, places: shown }, 'the inbox lacks what was taken before: it is read again')
    } catch (error) {
      log.warn(
        { err: error, places: shown },
        'the inbox lacks what was taken before, and the group cannot be set back yet',
      )
      return `This database lacks messages that were taken before; reading them again waits: ${String(error)}`
    }
  }
  await consuming.start()
  return undefined
}

function behindTheBus(source: string, ahead: readonly PublishedEvent[]): string {
  return (
    `The database has fallen back: the bus has ${String(ahead.length)} events of ${source} that it lacks. ` +
    'Nothing is written until `pnpm reconcile` has taken them back.'
  )
}

/** How many events the bus has that the database lacks, as a metric. */
export function measureFence(registry: Registry, fence: Fence | undefined, log: Logger): void {
  if (fence === undefined) return
  const read = () => {
    const missing = fence.missing()
    return Promise.resolve(missing === undefined ? [] : [{ labels: {}, value: missing }])
  }
  const help = 'Events of this service that the bus has and its database lacks: it has fallen back.'
  registerGauge(registry, { name: 'stockline_history_missing', help, read }, log)
}
