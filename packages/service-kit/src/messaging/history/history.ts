/**
 * A writer numbers its events, and never gives a number twice. If its database falls back all the same (an asynchronous
 * standby promoted, one database restored), it does: then a number that was taken comes again with another event. That is
 * no duplicate. The stream stops, its later events are deferred, and an administrator decides.
 */
import {
  acceptChange,
  dismissedAmong,
  displacedAmong,
  findChanges,
  unknownAmong,
  type HistoryChange,
  type PlacedEvent,
} from './store.ts'
import { deferredRow } from '../inbox.apply.ts'
import type { Read, Stream } from '../inbox.read.ts'
import { inSequence, type Ordered } from '../inbox.sequence.ts'
import { inboxKey, lock, streamKey, streamLock, type InboxState } from '../inbox.store.ts'
import type { ToPark } from '../parking.store.ts'
import type { Database, Tx } from '../../database/transaction.ts'

/** A batch put in order, apart from what belongs to a history that changed. */
export interface Judged<P> {
  readonly ordered: Ordered<Read<P>>
  /** Deferred events of streams whose history changed. */
  readonly deferred: readonly ToPark[]
  /** Known events of such streams: deferred for their places, unless another event has them. */
  readonly places: readonly ToPark[]
  /** All such streams of the batch. */
  readonly changes: readonly HistoryChange[]
}

/**
 * Puts a batch in order. Ids are looked up only for events that are late or early, in one statement each: what comes in
 * its turn costs nothing.
 */
export async function judgeHistory<P>(tx: Tx, batch: readonly Read<P>[], state: InboxState): Promise<Judged<P>> {
  const ordered = inSequence(batch, state.lasts)
  if (ordered.late.length + ordered.early.length === 0 && state.changed.size === 0)
    return { ordered, deferred: [], places: [], changes: [] }
  const unrecognized = [...(await lateUnrecognized(tx, ordered)), ...(await earlyUnrecognized(tx, ordered))]
  const changed = widened(state, unrecognized)
  if (changed.size === 0) return { ordered, deferred: [], places: [], changes: [] }
  return apart(tx, batch, state, changed, keys(unrecognized.map(identityOf)))
}

/** In one sentence, for logs, readiness and deferred events. */
export function sentenceOf({ source, topic, subject, from, to }: HistoryChange): string {
  return (
    `History changed: ${source} has sent other events for numbers ${String(from)} to ${String(to)} of "${subject}" ` +
    `on ${topic} than those that were taken here. Nothing more of this stream is taken until \`pnpm reconcile\` has run.`
  )
}

/** Throws while a stream stands still. A check of readiness. */
export async function checkHistory(db: Database): Promise<string> {
  const changes = await findChanges(db)
  const [first] = changes
  if (first === undefined) return 'unchanged'
  const more = changes.length === 1 ? '' : ` (and ${String(changes.length - 1)} more streams)`
  throw new Error(`${sentenceOf(first)}${more}`)
}

/**
 * Takes the writer's history for the true one from where it changed. The deferred events of the stream are taken next, in order.
 * What was taken from the other history stays: its writer must decide about it.
 */
export async function acceptHistory(tx: Tx, stream: Omit<Stream, 'sequence'>): Promise<boolean> {
  await lock(tx, 'stream', [streamLock(stream.topic, stream.subject)])
  const accepted = await acceptChange(tx, stream)
  if (accepted) tx.signal('parked')
  return accepted
}

async function lateUnrecognized<P>(tx: Tx, { late, inTurn }: Ordered<Read<P>>): Promise<readonly PlacedEvent[]> {
  // Types without a reaction here had no effect: only their place counts.
  const incoming = late.flatMap((one) => (one.kind === 'event' ? placedOf(one) : []))
  if (incoming.length === 0) return []
  // Within one batch the first of two is not in the inbox yet.
  const now = new Set(inTurn.map(keyOf))
  const unknown = keys(await unknownAmong(tx, incoming.map(identityOf)))
  const unrecognized = incoming.filter(
    (one) => unknown.has(inboxKey(identityOf(one))) && !now.has(inboxKey(identityOf(one))),
  )
  if (unrecognized.length === 0) return []
  const dismissed = keys(await dismissedAmong(tx, unrecognized))
  return unrecognized.filter((one) => !dismissed.has(inboxKey(identityOf(one))))
}

/** A deferred event has its number from one history; another event of that number is of another. */
async function earlyUnrecognized<P>(tx: Tx, { early }: Ordered<Read<P>>): Promise<readonly PlacedEvent[]> {
  const placed = early.flatMap(({ one }) => placedOf(one))
  const displaced = keys(await displacedAmong(tx, placed))
  return placed.filter((one) => displaced.has(inboxKey(identityOf(one))))
}

function widened(state: InboxState, unrecognized: readonly PlacedEvent[]): ReadonlyMap<string, HistoryChange> {
  const changed = new Map(state.changed)
  for (const { stream } of unrecognized) {
    const key = streamKey(stream)
    const { source, topic, subject, sequence } = stream
    const known = changed.get(key)
    const last = state.lasts.get(key) ?? 0n
    const from = known === undefined || sequence < known.from ? sequence : known.from
    const to = known?.to ?? (last > sequence ? last : sequence)
    changed.set(key, { source, topic, subject, from, to })
  }
  return changed
}

/** From the first unrecognized event of a stream on, all of it is deferred; what is known only for its place. */
async function apart<P>(
  tx: Tx,
  batch: readonly Read<P>[],
  state: InboxState,
  changed: ReadonlyMap<string, HistoryChange>,
  unrecognized: ReadonlySet<string>,
): Promise<Judged<P>> {
  const stopped = new Set(state.changed.keys())
  const rest: Read<P>[] = []
  const affected: { readonly one: Read<P>; readonly change: HistoryChange }[] = []
  for (const one of batch) {
    const key = one.stream === undefined ? '' : streamKey(one.stream)
    const change = changed.get(key)
    if (unrecognized.has(keyOf(one))) stopped.add(key)
    if (change === undefined || !stopped.has(key)) rest.push(one)
    else affected.push({ one, change })
  }
  const unknown = keys(await unknownAmong(tx, affected.flatMap(({ one }) => placedOf(one)).map(identityOf)))
  const taken = new Set(rest.map(keyOf))
  const rowsOf = (wanted: (one: Read<P>, change: HistoryChange) => boolean): readonly ToPark[] =>
    affected.flatMap(({ one, change }) =>
      !taken.has(keyOf(one)) && wanted(one, change) ? [deferredRow(one, sentenceOf(change), change.from)] : [],
    )
  const deferred = rowsOf((one) => unknown.has(keyOf(one)))
  const places = rowsOf((one, { from }) => !unknown.has(keyOf(one)) && (one.stream?.sequence ?? 0n) >= from)
  return { ordered: inSequence(rest, state.lasts), deferred, places, changes: [...changed.values()] }
}

function placedOf<P>(one: Read<P>): readonly PlacedEvent[] {
  if (one.stream === undefined) return []
  return [{ id: one.kind === 'event' ? one.event.id : one.id, stream: one.stream }]
}

function identityOf({ id, stream }: PlacedEvent): { readonly source: string; readonly id: string } {
  return { source: stream.source, id }
}

function keyOf<P>(one: Read<P>): string {
  return placedOf(one).map((placed) => inboxKey(identityOf(placed)))[0] ?? ''
}

function keys(identities: readonly { readonly source: string; readonly id: string }[]): ReadonlySet<string> {
  return new Set(identities.map(inboxKey))
}
