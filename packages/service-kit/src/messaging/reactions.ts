/**
 * How a service answers to events. Duplicates, order, gaps, quarantine, parking and retries are the kit's; a reaction
 * is called once per event, inside the transaction that remembers that it was.
 */
import { kitLocks } from '../database/locks.ts'
import type { Event, EventContract } from '@stockline/contracts/envelope'
import type { z } from 'zod'
import type { Refusal } from '../refusal.ts'
import { sql, type Queryable, type Tx } from '../database/transaction.ts'

/** A contract whatever it carries. */
export type AnyContract = Omit<EventContract<never>, 'data'> & { readonly data: z.ZodType }

/** What a contract carries. */
export type DataOf<C extends AnyContract> = z.output<C['data']>

/** The event cannot be applied yet. Made by {@link waitFor}. */
export interface Wait {
  readonly waitsFor: string
  readonly reason: string
}

/** A later revision of the same was applied before this one could be. Made by {@link superseded}. */
export interface Superseded {
  readonly supersededBy: Superseding
}

/** A revision that was applied, and ends earlier ones that wait. */
export interface Superseding {
  /** Who sent it. */
  readonly by: { readonly id: string; readonly name: string }
  /** For a person. */
  readonly why: string
  /** Outcome of the events that it ends, as of a refusal. */
  readonly code: string
}

/** What an event is a revision of, and which one. */
export interface Revision {
  readonly about: string
  readonly revision: number
}

/** What a reaction may return: nothing, or in words of its own what came of it. */
// eslint-disable-next-line @typescript-eslint/no-invalid-void-type -- most reactions return nothing, by leaving out `return`
export type Reacting = Promise<void | Refusal | Wait>

/** What came of one event. */
export type ReactionResult = Refusal | Wait | Superseded | undefined

/** One way in which this service reacts. Made by {@link reaction} or {@link batchReaction}. */
export interface Reaction<P = unknown> {
  readonly contracts: readonly AnyContract[]
  /** Whether `react` takes several events in one call. */
  readonly batched: boolean
  /** The consumer's own key: while an event of a key is parked, later ones of it wait behind. */
  readonly parkBy: (event: Event) => string
  /** Where events are revisions: then {@link supersede} finds those that are set aside. */
  readonly revisionOf?: (event: Event) => Revision
  /** See {@link batchReaction}. */
  readonly everyMs?: number
  /** Applies events in order, and returns the result of each. Of single reactions it gets exactly one. */
  readonly react: (tx: Tx<P>, events: readonly Event[]) => Promise<readonly ReactionResult[]>
}

/**
 * Reacts to one kind of event, one at a time, in order. `tx.origin` is the event's own.
 *
 * What `react` returns: nothing (done); a refusal, which is an outcome: what was written stays, it is logged and stored
 * with the inbox row (publish the outcome's event yourself), and one of kind `content` means that the event itself is
 * wrong: it is quarantined besides; or {@link waitFor}, returned before anything is written.
 *
 * @param options.parkBy the key under which later events wait when this one is parked. Default: the subject.
 */
export function reaction<P, D>(
  contract: EventContract<D>,
  options: {
    readonly parkBy?: (event: Event<D>) => string
    readonly react: (tx: Tx<P>, event: Event<D>) => Reacting
  },
): Reaction<P> {
  const parkBy = options.parkBy ?? bySubject
  return {
    contracts: [contract],
    batched: false,
    parkBy: (event) => parkBy(event as Event<D>),
    react: async (tx, events) => [(await options.react(tx, events[0] as Event<D>)) ?? undefined],
  }
}

/**
 * Reacts to runs of consecutive events of these contracts, in order, at most 100 in one call. If it throws, the kit
 * calls it again with one event at a time to find the bad one. `tx.origin` belongs to no single event: give
 * `causedBy` when you publish.
 *
 * What `react` returns: nothing, or for each event what a single reaction would. Where one waits, later ones of its
 * `parkBy` in the same run must not be applied: they are given a wait as well.
 *
 * @param options.everyMs for what is not urgent: where all reactions to a topic have it, its messages are taken at most that often, many
 *   in one transaction. What comes after a quiet moment is still taken at once.
 */
export function batchReaction<P, C extends readonly AnyContract[] = readonly AnyContract[]>(options: {
  readonly contracts: C
  readonly parkBy?: (event: Event<DataOf<C[number]>>) => string
  readonly revisionOf?: (event: Event<DataOf<C[number]>>) => Revision
  readonly everyMs?: number
  // eslint-disable-next-line @typescript-eslint/no-invalid-void-type -- most return nothing, by leaving out `return`
  readonly react: (tx: Tx<P>, events: readonly Event<DataOf<C[number]>>[]) => Promise<void | readonly ReactionResult[]>
}): Reaction<P> {
  type Data = DataOf<C[number]>
  const { parkBy = bySubject, revisionOf, everyMs } = options
  return {
    contracts: options.contracts,
    batched: true,
    parkBy: (event) => parkBy(event as Event<Data>),
    ...(revisionOf === undefined ? {} : { revisionOf: (event) => revisionOf(event as Event<Data>) }),
    ...(everyMs === undefined ? {} : { everyMs }),
    react: async (tx, events) => (await options.react(tx, events as readonly Event<Data>[])) ?? [],
  }
}

/**
 * Returned by a reaction that lacks something: the event is deferred, visibly, and later ones of its key wait behind it.
 * It is tried again when {@link wake} is called with the same key.
 *
 * @param reason for a person: `Warehouse "WH9" is not known.`
 */
export function waitFor(reason: string, key: string): Wait {
  return { waitsFor: key, reason }
}

/** No key holds it. */
const between = '\u001f'

/** The same of an event that lacks one of several things: it is tried again when {@link wakeAny} is called with one of the keys. */
export function waitForAny(reason: string, keys: readonly string[]): Wait {
  return waitFor(reason, keys.join(between))
}

/** Returned by a reaction for an event that would wait, where a later revision of the same was applied. Its row stays, with this as its end. */
export function superseded(supersededBy: Superseding): Superseded {
  return { supersededBy }
}

export function isSuperseded(value: unknown): value is Superseded {
  return typeof value === 'object' && value !== null && 'supersededBy' in value
}

export function isWait(value: unknown): value is Wait {
  return typeof value === 'object' && value !== null && 'waitsFor' in value
}

// Wakers share the lock of what they bring; a transaction that checks whether it has come waits for them to end.
const lockWakers = sql(`
  select count(pg_advisory_xact_lock_shared(lock)) from (
    select distinct ${kitLocks.wake('name')} as lock from unnest($1::text[]) as name order by 1
  ) as locks`)
const wakeWaiting = sql(`
  with woken as (
    update kit.parked set due = true, wakes = wakes + 1
    where resolved_at is null and state = 'waiting' and wait_key = any($1::text[]) returning id
  ) select count(*) as woken from woken`)
// Those that wait for one of several are few: they are looked through.
const wakeWaitingForAny = sql(`
  with woken as (
    update kit.parked set due = true, wakes = wakes + 1
    where resolved_at is null and state = 'waiting'
      and (wait_key = any($1::text[]) or string_to_array(wait_key, $2) && $1::text[]) returning id
  ) select count(*) as woken from woken`)
const waitOutWakers = sql(`
  select count(pg_advisory_xact_lock(lock)) from (
    select distinct ${kitLocks.wake('name')} as lock from unnest($1::text[]) as name order by 1
  ) as locks`)

/** What waits for these keys is tried again once this transaction has committed. Call it after writing what is new. */
export async function wake(tx: Tx, ...keys: readonly string[]): Promise<void> {
  if (keys.length === 0) return
  const [, rows] = await Promise.all([tx.query(lockWakers, [keys]), tx.query<{ woken: bigint }>(wakeWaiting, [keys])])
  if (rows[0]?.woken !== 0n) tx.signal('parked')
}

/** The same, and what waits for one of these keys among others: see {@link waitForAny}. */
export async function wakeAny(tx: Tx, keys: readonly string[]): Promise<void> {
  if (keys.length === 0) return
  const [, rows] = await Promise.all([
    tx.query(lockWakers, [keys]),
    tx.query<{ woken: bigint }>(wakeWaitingForAny, [keys, between]),
  ])
  if (rows[0]?.woken !== 0n) tx.signal('parked')
}

/** Resolves when those who are waking this key now have committed or given up. Call it outside of a transaction. */
export async function afterWakers(db: Queryable, key: string): Promise<void> {
  await db.query(waitOutWakers, [[...new Set([key, ...key.split(between)])]])
}

function bySubject(event: Event): string {
  return event.subject
}
