/** What becomes of messages in the transaction that remembers them: known, too early, applied, parked, or in quarantine. */
import type { Tx } from '../database/transaction.ts'
import { compared, conflictWording, digestOfText, type Conflict, type KnownDigest } from '../values/digest.ts'
import { judgeHistory } from './history/history.ts'
import { deferForHistory, saveChanges, type HistoryChange } from './history/store.ts'
import { applyInOrder, behind, deferredRow, rowOf, type Aftermath } from './inbox.apply.ts'
import type { Failure } from './inbox.failure.ts'
import type { IncomingEvent, Read } from './inbox.read.ts'
import type { Ordered } from './inbox.sequence.ts'
import {
  blockedAmong,
  inboxKey,
  knownDigests,
  lock,
  placeKey,
  recall,
  insertIntoInbox,
  saveOutcomes,
  saveSequences,
  streamLock,
  type InboxState,
  type ReactionOutcome,
  type InboxRow,
} from './inbox.store.ts'
import { parkEvents, type ToPark } from './parking.store.ts'
import { quarantine, type Rejected } from './quarantine.ts'

/** What became of a batch, by event: for metrics and for HTTP's answers. */
export interface Taken {
  /**
   * Same id as one that is known, but another content, or one that cannot be compared here. Those of the bus are in
   * quarantine. By {@link inboxKey}.
   */
  readonly conflicts: ReadonlyMap<string, Conflict>
  /** Refusals that reactions answered with. */
  readonly outcomes: readonly ReactionOutcome[]
  /** What was new: neither known before nor deferred. By {@link inboxKey}. */
  readonly fresh: ReadonlySet<string>
  /** What was set aside, waiting or parked. */
  readonly parked: readonly Pick<ToPark, 'event' | 'state' | 'reason'>[]
  /** The refusals behind the outcomes, in the reactions' own words. */
  readonly refusals: Aftermath['refusals']
  /** Streams of this batch that stand still because their history changed. */
  readonly changes: readonly HistoryChange[]
}

/**
 * Takes messages in one transaction.
 *
 * @param failure set when its one message has tripped a bug: then it is parked instead of applied
 */
export async function take<P>(tx: Tx<P>, batch: readonly Read<P>[], failure?: Failure): Promise<Taken> {
  const incoming = batch.filter((one) => one.kind === 'event')
  const state = await loadState(tx, batch, incoming)
  const {
    ordered,
    deferred: ofChanged,
    places,
    changes,
  } = await judgeHistory(tx, withoutDiscarded(batch, state), state)
  const { fresh, conflicting } = await onlyFresh(tx, ordered)
  const blocked = await blockedNow(tx, state, fresh)
  const aftermath = failure === undefined ? await applyInOrder(tx, fresh, blocked) : parkAll(fresh, blocked, failure)
  const deferred = ordered.early.map(({ one, expected }) => gapRow(one, expected))
  await parkEvents(tx, [...aftermath.parked, ...deferred, ...places])
  await saveChanges(tx, changes)
  await deferForHistory(tx, ofChanged)
  await saveOutcomes(tx, aftermath.outcomes)
  await quarantine(tx, [
    ...batch.flatMap(rejectedOf),
    ...conflicting.flatMap(({ one, conflict }) => conflictOf(one, conflict)),
    ...aftermath.rejected,
  ])
  if (aftermath.parked.length > 0 || deferred.length > 0 || state.holds) tx.signal('parked')
  const { outcomes, parked, refusals } = aftermath
  const conflicts = new Map(conflicting.map(({ one, conflict }) => [inboxKey(one.event), conflict]))
  return { conflicts, outcomes, fresh: keysOf(fresh), parked, refusals, changes }
}

function keysOf<P>(incoming: readonly IncomingEvent<P>[]): ReadonlySet<string> {
  return new Set(incoming.map((one) => inboxKey(one.event)))
}

async function loadState<P>(
  tx: Tx<P>,
  batch: readonly Read<P>[],
  incoming: readonly IncomingEvent<P>[],
): Promise<InboxState> {
  const streams = batch.flatMap((one) => (one.stream === undefined ? [] : [one.stream]))
  const locks = new Set([
    ...incoming.map((one) => streamLock(one.topic, one.event.subject)),
    ...streams.map((stream) => streamLock(stream.topic, stream.subject)),
  ])
  if (locks.size === 0)
    return { lasts: new Map(), blocked: new Set(), holds: false, dropped: new Set(), changed: new Map() }
  // Sent together: the second begins when the first has its locks, and so sees what their last holder committed.
  const parkKeys = [...new Set(incoming.map((one) => one.parkKey))]
  const [, state] = await Promise.all([lock(tx, 'stream', [...locks]), recall(tx, streams, parkKeys)])
  return state
}

/** Of what was discarded before its turn, only the place is left. */
function withoutDiscarded<P>(batch: readonly Read<P>[], state: InboxState): readonly Read<P>[] {
  if (state.dropped.size === 0) return batch
  return batch.map((one): Read<P> => {
    if (one.kind !== 'event' || one.stream === undefined || !state.dropped.has(placeKey(one.stream))) return one
    const { event, stream, text, message } = one
    return { kind: 'other', type: event.type, id: event.id, stream, text, message }
  })
}

/** Those whose ids are new; and those whose ids are not, but whose content is. Writes down where their streams stand, too. */
async function onlyFresh<P>(
  tx: Tx<P>,
  ordered: Ordered<Read<P>>,
): Promise<{ fresh: IncomingEvent<P>[]; conflicting: Conflicting<P>[] }> {
  const candidates = ordered.inTurn.filter((one) => one.kind === 'event')
  const others = ordered.inTurn.flatMap(placeOnly)
  if (candidates.length + others.length === 0) {
    await saveSequences(tx, ordered.moved)
    return { fresh: [], conflicting: [] }
  }
  const first = new Map<string, IncomingEvent<P>>()
  for (const one of candidates) if (!first.has(inboxKey(one.event))) first.set(inboxKey(one.event), one)
  const incoming = [...first.values()].map(({ event: { source, id, type }, digest }) => ({ source, id, type, digest }))
  const unseen = others.filter((one) => !first.has(inboxKey(one)))
  const added = await insertIntoInbox(tx, [...incoming, ...unseen], ordered.moved)
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
  readonly one: IncomingEvent<P>
  readonly conflict: Conflict
}

/** An event without a reaction is recorded all the same: when it comes again it is a duplicate, even if there is a reaction by then. */
function placeOnly<P>(one: Read<P>): readonly InboxRow[] {
  if (one.kind === 'event' || one.stream === undefined || one.id === '') return []
  return [{ source: one.stream.source, id: one.id, type: one.type, digest: digestOfText(one.text) }]
}

/** The digest under which an event is known. Without one it is no repeat, and must not be taken for one. */
function knownAs<P>({ event }: IncomingEvent<P>, rows: ReadonlyMap<string, KnownDigest>): KnownDigest {
  const row = rows.get(inboxKey(event))
  if (row === undefined) throw new Error(`Event "${event.id}" of ${event.source} is neither new nor known.`)
  return row
}

async function blockedNow<P>(tx: Tx<P>, state: InboxState, fresh: readonly IncomingEvent<P>[]): Promise<Set<string>> {
  if (state.blocked.size === 0) return new Set()
  const keys = [...new Set(fresh.map((one) => one.parkKey))].filter((key) => state.blocked.has(key))
  if (keys.length === 0) return new Set()
  const [, blocked] = await Promise.all([lock(tx, 'parkKey', keys), blockedAmong(tx, keys)])
  return blocked
}

function parkAll<P>(fresh: readonly IncomingEvent<P>[], blocked: ReadonlySet<string>, failure: Failure): Aftermath {
  const parked = fresh.map((one): ToPark =>
    blocked.has(one.parkKey) ? behind(one) : { ...rowOf(one), ...failure, state: 'parked' },
  )
  return { parked, outcomes: [], rejected: [], refusals: [] }
}

function gapRow<P>(one: Read<P>, expected: bigint): ToPark {
  return deferredRow(one, `Number ${String(expected)} of this stream has not arrived.`, expected)
}

function rejectedOf<P>(one: Read<P>): Rejected[] {
  if (one.kind !== 'unreadable' || one.message === undefined) return []
  return [{ message: one.message, reason: one.reason, faults: one.faults }]
}

function conflictOf<P>(one: IncomingEvent<P>, conflict: Conflict): Rejected[] {
  if (one.message === undefined) return []
  const fault = { pointer: '/id', message: conflictWording[conflict] }
  return [{ message: one.message, reason: conflictReasons[conflict], faults: [fault] }]
}

const conflictReasons: Readonly<Record<Conflict, string>> = { other: 'other-content', unjudged: 'content-unjudged' }
