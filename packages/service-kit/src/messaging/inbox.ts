/**
 * What this service hears, from the bus and by HTTP: each event once, in order, in the transaction that remembers it.
 *
 * A batch is one transaction. If it fails by a bug, its messages are taken one by one to find the bad one, which is
 * parked after {@link tries} tries. A fault (database, network) is thrown: then the bus brings the batch again.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { IncomingMessage } from '../bus/bus.ts'
import { compared, conflictWording, digestOfText, type Conflict, type KnownDigest } from '../values/digest.ts'
import { isFault } from '../runtime/fault.ts'
import { judgeHistory, sentenceOf } from './history/history.ts'
import { holdForHistory, rememberChanges, type HistoryChange } from './history/store.ts'
import { applyInOrder, arrivedFrom, behind, heldRow, rowOf, type Aftermath, type Arrival } from './inbox.apply.ts'
import { complain, failureOf, identityOf, unusable, type Failure } from './inbox.failure.ts'
import { readerFor, type Heard, type Read, type Reader } from './inbox.read.ts'
import type { Ordered } from './inbox.sequence.ts'
import {
  blockedAmong,
  inboxKey,
  knownDigests,
  lock,
  placeKey,
  recall,
  remembered,
  rememberOutcomes,
  rememberSequences,
  streamLock,
  type Memory,
  type Outcome,
  type ToRemember,
} from './inbox.store.ts'
import type { Logger } from '../runtime/logging.ts'
import { park, type ToPark } from './parking.store.ts'
import { quarantine, type Rejected } from './quarantine.ts'
import type { Reaction } from './reactions.ts'
import { isRefusal, Refused, type Refusal } from '../refusal.ts'
import { takenTogether } from '../runtime/together.ts'
import { systemOrigin, type Database, type Origin, type Queryable, type Tx } from '../database/transaction.ts'

/** How often a bug is tried before the event is parked. */
const tries = 5
const firstPauseMs = 20

/** What became of a batch, by event: for metrics and for HTTP's answers. */
export interface Taken {
  /**
   * Same id as one that is known, but another content, or one of which nobody here can tell. Those of the bus are in
   * quarantine. By {@link inboxKey}.
   */
  readonly conflicts: ReadonlyMap<string, Conflict>
  /** Refusals that reactions answered with. */
  readonly outcomes: readonly Outcome[]
  /** What was new: neither known before nor held for its turn. By {@link inboxKey}. */
  readonly fresh: ReadonlySet<string>
  /** What was set aside, waiting or parked. */
  readonly parked: readonly Pick<ToPark, 'event' | 'state' | 'reason'>[]
  /** The refusals behind the outcomes, in the reactions' own words. */
  readonly refusals: Aftermath['refusals']
  /** Streams of this batch that stand still because their history changed. */
  readonly changes: readonly HistoryChange[]
}

/** The one way in. */
export interface Inbox<P = unknown> {
  readonly reader: Reader<P>
  /** The bus's batch handler. Throws on a fault only: then the batch must come again. */
  handle(messages: readonly IncomingMessage[]): Promise<void>
  /**
   * Takes one event by HTTP, together with others that come at the same time. Its conflict is the caller's to answer;
   * what is said of the others is not its own.
   */
  accept(heard: Heard<P>, origin: Origin): Promise<Taken>
  /**
   * Takes the events of one request in one transaction; where they are refused, none is taken. Where one trips a bug each
   * is taken by itself, and that one is parked, as on the bus.
   *
   * @param judge the answer to what became of them, asked within the transaction; `undone` says whether a refusal undoes all
   */
  acceptAll<Answer>(
    heard: readonly Heard<P>[],
    origin: Origin,
    judge: (db: Queryable, taken: Taken, undone: boolean) => Promise<Answer | Refusal>,
  ): Promise<Answer | Refusal>
}

/** Watches what is taken. */
export interface InboxObserver {
  /** A batch of the bus was taken. */
  batch?(size: number, seconds: number): void
  /** An event of this source has fields that its contract does not know. */
  unknownFields(source: string, fields: readonly string[]): void
}

/** Makes the inbox for a set of reactions. */
export function openInbox<P>(
  db: Database<P>,
  reactions: readonly Reaction<P>[],
  log: Logger,
  observer?: InboxObserver,
): Inbox<P> {
  const reader = readerFor(reactions)
  const takeOne = async (one: Read<P>, origin: Origin): Promise<Taken> => {
    const result = await untilParked(
      () => db.transaction(origin, (tx) => take(tx, [one])),
      (failure) => {
        log.error({ ...identityOf(one), ...failure }, 'an event could not be applied and is parked')
        return db.transaction(origin, (tx) => take(tx, [one], failure))
      },
    )
    logOutcomes(log, result)
    return result
  }
  /** What can be neither applied nor parked is set aside as it came, so that the partition goes on. */
  const takeOrSetAside = async (one: Read<P>): Promise<void> => {
    try {
      await takeOne(one, systemOrigin())
    } catch (error) {
      if (isFault(error) || one.message === undefined) throw error
      const { message } = one
      log.error({ ...identityOf(one), err: error }, 'a message could be neither applied nor parked; it is quarantined')
      await db.transaction(systemOrigin(), (tx) => quarantine(tx, [unusable(message, error)]))
    }
  }
  const observeFields = ({ event: { source, unknownFields } }: Heard<P>): void => {
    if (unknownFields !== undefined) observer?.unknownFields(source, unknownFields)
  }
  const accept = takenTogether<Arrival<P>, Taken>({
    name: 'events by HTTP',
    most: 100,
    // What is sent twice at once is answered by what became of the first.
    apart: ({ heard }) => [inboxKey(heard.event)],
    group: async (arrivals) => {
      const taken = await db.transaction(systemOrigin(), (tx) => take(tx, arrivals.map(arrivedFrom)))
      logOutcomes(log, taken)
      return arrivals.map(() => taken)
    },
    single: (arrival) => takeOne(arrivedFrom(arrival), arrival.origin),
    log,
  })
  return {
    reader,
    accept: (heard, origin) => {
      observeFields(heard)
      return accept({ heard, origin })
    },
    acceptAll: async (heard, origin, judge) => {
      heard.forEach(observeFields)
      const arrived = heard.map((one) => arrivedFrom({ heard: one, origin }))
      try {
        return await db.transaction(origin, async (tx) => {
          const taken = await take(tx, arrived)
          const answer = await judge(tx, taken, true)
          if (isRefusal(answer)) throw new Undone(answer)
          logOutcomes(log, taken)
          return answer
        })
      } catch (error) {
        if (error instanceof Undone) return error.refusal
        if (isFault(error)) throw error
        log.warn({ err: error, size: arrived.length }, 'events of one request failed; they are taken one by one')
        const each: Taken[] = []
        for (const one of arrived) each.push(await takeOne(one, origin))
        return judge(db, joined(each), false)
      }
    },
    handle: async (messages) => {
      const began = performance.now()
      const reads = messages.map((message) => reader.message(message))
      const relevant = reads.filter((one) => one.kind !== 'other' || one.stream !== undefined)
      if (relevant.length === 0) return
      try {
        for (const one of relevant) {
          if (one.kind === 'unreadable') complain(log, one)
          else if (one.kind === 'event') observeFields(one)
        }
        logOutcomes(log, await db.transaction(systemOrigin(), (tx) => take(tx, relevant)))
      } catch (error) {
        if (isFault(error)) throw error
        log.warn({ err: error, size: relevant.length }, 'a batch failed; its messages are taken one by one')
        for (const one of relevant) await takeOrSetAside(one)
      }
      observer?.batch?.(messages.length, (performance.now() - began) / 1000)
    },
  }
}

/** Tries, and after the last failure that is a bug parks. A fault is thrown at once, a refusal is not tried again. */
export async function untilParked<T>(work: () => Promise<T>, onBug: (failure: Failure) => Promise<T>): Promise<T> {
  for (let attempts = 1; ; attempts += 1) {
    try {
      return await work()
    } catch (error) {
      if (isFault(error)) throw error
      if (error instanceof Refused || attempts >= tries) return await onBug(failureOf(error, attempts))
      await sleep(firstPauseMs * 2 ** attempts)
    }
  }
}

/**
 * Takes messages in one transaction.
 *
 * @param failure set when its one message has tripped a bug: then it is parked instead of applied
 */
export async function take<P>(tx: Tx<P>, batch: readonly Read<P>[], failure?: Failure): Promise<Taken> {
  const heard = batch.filter((one) => one.kind === 'event')
  const memory = await remember(tx, batch, heard)
  const { ordered, held: ofChanged, places, changes } = await judgeHistory(tx, withoutDropped(batch, memory), memory)
  const [{ fresh, conflicting }] = await Promise.all([onlyFresh(tx, ordered), rememberSequences(tx, ordered.moved)])
  const blocked = await blockedNow(tx, memory, fresh)
  const aftermath = failure === undefined ? await applyInOrder(tx, fresh, blocked) : parkAll(fresh, blocked, failure)
  const held = ordered.early.map(({ one, expected }) => gapRow(one, expected))
  await park(tx, [...aftermath.parked, ...held, ...places])
  await rememberChanges(tx, changes)
  await holdForHistory(tx, ofChanged)
  await rememberOutcomes(tx, aftermath.outcomes)
  await quarantine(tx, [
    ...batch.flatMap(rejectedOf),
    ...conflicting.flatMap(({ one, conflict }) => conflictOf(one, conflict)),
    ...aftermath.rejected,
  ])
  if (aftermath.parked.length > 0 || held.length > 0 || memory.holds) tx.signal('parked')
  const { outcomes, parked, refusals } = aftermath
  const conflicts = new Map(conflicting.map(({ one, conflict }) => [inboxKey(one.event), conflict]))
  return { conflicts, outcomes, fresh: keysOf(fresh), parked, refusals, changes }
}

/** Undoes a transaction whose events are refused. */
class Undone extends Error {
  readonly refusal: Refusal
  constructor(refusal: Refusal) {
    super(refusal.detail)
    this.name = 'Undone'
    this.refusal = refusal
  }
}

function joined(each: readonly Taken[]): Taken {
  return {
    conflicts: new Map(each.flatMap((one) => [...one.conflicts])),
    outcomes: each.flatMap((one) => one.outcomes),
    fresh: new Set(each.flatMap((one) => [...one.fresh])),
    parked: each.flatMap((one) => one.parked),
    refusals: each.flatMap((one) => one.refusals),
    changes: each.flatMap((one) => one.changes),
  }
}

function keysOf<P>(heard: readonly Heard<P>[]): ReadonlySet<string> {
  return new Set(heard.map((one) => inboxKey(one.event)))
}

async function remember<P>(tx: Tx<P>, batch: readonly Read<P>[], heard: readonly Heard<P>[]): Promise<Memory> {
  const streams = batch.flatMap((one) => (one.stream === undefined ? [] : [one.stream]))
  const locks = new Set([
    ...heard.map((one) => streamLock(one.topic, one.event.subject)),
    ...streams.map((stream) => streamLock(stream.topic, stream.subject)),
  ])
  if (locks.size === 0)
    return { lasts: new Map(), blocked: new Set(), holds: false, dropped: new Set(), changed: new Map() }
  // Sent together: the second begins when the first has its locks, and so sees what their last holder committed.
  const parkKeys = [...new Set(heard.map((one) => one.parkKey))]
  const [, memory] = await Promise.all([lock(tx, 'stream', [...locks]), recall(tx, streams, parkKeys)])
  return memory
}

/** Of what was discarded before its turn, only the place is left. */
function withoutDropped<P>(batch: readonly Read<P>[], memory: Memory): readonly Read<P>[] {
  if (memory.dropped.size === 0) return batch
  return batch.map((one): Read<P> => {
    if (one.kind !== 'event' || one.stream === undefined || !memory.dropped.has(placeKey(one.stream))) return one
    const { event, stream, text, message } = one
    return { kind: 'other', type: event.type, id: event.id, stream, text, message }
  })
}

/** Those whose ids are new; and those whose ids are not, but whose content is. */
async function onlyFresh<P>(
  tx: Tx<P>,
  ordered: Ordered<Read<P>>,
): Promise<{ fresh: Heard<P>[]; conflicting: Conflicting<P>[] }> {
  const candidates = ordered.inTurn.filter((one) => one.kind === 'event')
  const others = ordered.inTurn.flatMap(placeOnly)
  if (candidates.length + others.length === 0) return { fresh: [], conflicting: [] }
  const first = new Map<string, Heard<P>>()
  for (const one of candidates) if (!first.has(inboxKey(one.event))) first.set(inboxKey(one.event), one)
  const heard = [...first.values()].map(({ event: { source, id, type }, digest }) => ({ source, id, type, digest }))
  const added = await remembered(tx, [...heard, ...others.filter((one) => !first.has(inboxKey(one)))])
  const fresh = candidates.filter((one) => added.has(inboxKey(one.event)) && first.get(inboxKey(one.event)) === one)
  if (fresh.length === candidates.length) return { fresh, conflicting: [] }
  const known = candidates.filter((one) => !fresh.includes(one))
  const rows = await knownDigests(tx, known)
  const conflicting = known.flatMap((one): Conflicting<P>[] => {
    const sameness = compared(one.digest, knownAs(one, rows))
    return sameness === 'same' ? [] : [{ one, conflict: sameness }]
  })
  return { fresh, conflicting }
}

interface Conflicting<P> {
  readonly one: Heard<P>
  readonly conflict: Conflict
}

/** What nobody reacts to is known by its id all the same: come again, it is a repeat, whoever reacts to it by then. */
function placeOnly<P>(one: Read<P>): readonly ToRemember[] {
  if (one.kind === 'event' || one.stream === undefined || one.id === '') return []
  return [{ source: one.stream.source, id: one.id, type: one.type, digest: digestOfText(one.text) }]
}

/** The digest under which an event is known. Without one it is no repeat, and must not be taken for one. */
function knownAs<P>({ event }: Heard<P>, rows: ReadonlyMap<string, KnownDigest>): KnownDigest {
  const row = rows.get(inboxKey(event))
  if (row === undefined) throw new Error(`Event "${event.id}" of ${event.source} is neither new nor known.`)
  return row
}

async function blockedNow<P>(tx: Tx<P>, memory: Memory, fresh: readonly Heard<P>[]): Promise<Set<string>> {
  if (memory.blocked.size === 0) return new Set()
  const keys = [...new Set(fresh.map((one) => one.parkKey))].filter((key) => memory.blocked.has(key))
  if (keys.length === 0) return new Set()
  const [, blocked] = await Promise.all([lock(tx, 'parkKey', keys), blockedAmong(tx, keys)])
  return blocked
}

function parkAll<P>(fresh: readonly Heard<P>[], blocked: ReadonlySet<string>, failure: Failure): Aftermath {
  const parked = fresh.map((one): ToPark =>
    blocked.has(one.parkKey) ? behind(one) : { ...rowOf(one), ...failure, state: 'parked' },
  )
  return { parked, outcomes: [], rejected: [], refusals: [] }
}

function gapRow<P>(one: Read<P>, expected: bigint): ToPark {
  return heldRow(one, `Number ${String(expected)} of this stream has not arrived.`, expected)
}

function rejectedOf<P>(one: Read<P>): Rejected[] {
  if (one.kind !== 'unreadable' || one.message === undefined) return []
  return [{ message: one.message, reason: one.reason, faults: one.faults }]
}

function conflictOf<P>(one: Heard<P>, conflict: Conflict): Rejected[] {
  if (one.message === undefined) return []
  const fault = { pointer: '/id', message: conflictWording[conflict] }
  return [{ message: one.message, reason: conflictReasons[conflict], faults: [fault] }]
}

const conflictReasons: Readonly<Record<Conflict, string>> = { other: 'other-content', unjudged: 'content-unjudged' }

function logOutcomes(log: Logger, { outcomes, changes }: Taken): void {
  for (const change of changes) log.error(change, sentenceOf(change))
  for (const outcome of outcomes) log.info(outcome, 'an event was refused by a rule')
}
