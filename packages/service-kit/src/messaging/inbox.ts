/**
 * Incoming events, from the bus and by HTTP: each is taken once, in order, in the transaction that records it.
 *
 * A batch is one transaction. If it fails by a bug, its messages are taken one by one to find the bad one, which is
 * parked after {@link tries} tries. A fault (database, network) is thrown: then the bus brings the batch again.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { IncomingMessage } from '../bus/bus.ts'
import { systemOrigin, type Database, type Origin, type Queryable } from '../database/transaction.ts'
import { isRefusal, Refused, type Refusal } from '../refusal.ts'
import { isFault } from '../runtime/fault.ts'
import type { Logger } from '../runtime/logging.ts'
import { groupCommit, type Meet } from '../runtime/group-commit.ts'
import { sentenceOf } from './history/history.ts'
import { arrivedFrom, type SubmittedEvent } from './inbox.apply.ts'
import { logUnreadable, failureOf, identityOf, unusable, type Failure } from './inbox.failure.ts'
import { readerFor, type IncomingEvent, type Read, type EventReader } from './inbox.read.ts'
import { inboxKey } from './inbox.store.ts'
import { take, type Taken } from './inbox.take.ts'
import { quarantine } from './quarantine.ts'
import type { Reaction } from './reactions.ts'

/** How often a bug is tried before the event is parked. */
const tries = 5
const firstPauseMs = 20

/** The one way in. */
export interface Inbox<P = unknown> {
  readonly reader: EventReader<P>
  /** The bus's batch handler. Throws on a fault only: then the batch must come again. */
  handle(messages: readonly IncomingMessage[]): Promise<void>
  /**
   * Takes one event by HTTP, together with others that come at the same time. Its conflict is the caller's to answer;
   * what concerns the others is not the caller's.
   */
  accept(incoming: IncomingEvent<P>, origin: Origin): Promise<Taken>
  /**
   * Takes the events of one request in one transaction; where they are refused, none is taken. Where one trips a bug each
   * is taken by itself, and that one is parked, as on the bus.
   *
   * @param judge makes the answer from the results, within the transaction; with `undone` a refusal undoes all
   */
  acceptAll<Answer>(
    incoming: readonly IncomingEvent<P>[],
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

/** Takes one, and parks it where a bug keeps it from being applied. */
type TakeOne<P> = (one: Read<P>, origin: Origin) => Promise<Taken>

/** Makes the inbox for a set of reactions. */
export function openInbox<P>(
  db: Database<P>,
  reactions: readonly Reaction<P>[],
  log: Logger,
  observer?: InboxObserver,
  meet?: Meet,
): Inbox<P> {
  const reader = readerFor(reactions)
  const takeOne: TakeOne<P> = async (one, origin) => {
    const taken = await untilParked(
      () => db.transaction(origin, (tx) => take(tx, [one])),
      (failure) => {
        log.error({ ...identityOf(one), ...failure }, 'an event could not be applied and is parked')
        return db.transaction(origin, (tx) => take(tx, [one], failure))
      },
    )
    return logTaken(log, taken)
  }
  const observeFields = ({ event: { source, unknownFields } }: IncomingEvent<P>): void => {
    if (unknownFields !== undefined) observer?.unknownFields(source, unknownFields)
  }
  const accept = groupCommit<SubmittedEvent<P>, Taken>({
    name: 'events by HTTP',
    most: 100,
    // What is sent twice at once is answered by what became of the first.
    apart: ({ incoming }) => [inboxKey(incoming.event)],
    group: async (arrivals) => {
      const taken = logTaken(log, await db.transaction(systemOrigin(), (tx) => take(tx, arrivals.map(arrivedFrom))))
      return arrivals.map(() => taken)
    },
    single: (arrival) => takeOne(arrivedFrom(arrival), arrival.origin),
    log,
    meet,
  })
  return {
    reader,
    accept: (incoming, origin) => {
      observeFields(incoming)
      return accept({ incoming, origin })
    },
    acceptAll: (incoming, origin, judge) => {
      incoming.forEach(observeFields)
      return takeAll(
        db,
        incoming.map((one) => arrivedFrom({ incoming: one, origin })),
        origin,
        judge,
        takeOne,
        log,
      )
    },
    handle: async (messages) => {
      const began = performance.now()
      const reads = messages.map((message) => reader.message(message))
      const relevant = reads.filter((one) => one.kind !== 'other' || one.stream !== undefined)
      if (relevant.length === 0) return
      try {
        for (const one of relevant)
          if (one.kind === 'unreadable') logUnreadable(log, one)
          else if (one.kind === 'event') observeFields(one)
        logTaken(log, await db.transaction(systemOrigin(), (tx) => take(tx, relevant)))
      } catch (error) {
        if (isFault(error)) throw error
        log.warn({ err: error, size: relevant.length }, 'a batch failed; its messages are taken one by one')
        for (const one of relevant) await takeOrQuarantine(db, one, takeOne, log)
      }
      observer?.batch?.(messages.length, (performance.now() - began) / 1000)
    },
  }
}

/** What can be neither applied nor parked is set aside as it came, so that the partition goes on. */
async function takeOrQuarantine<P>(db: Database<P>, one: Read<P>, takeOne: TakeOne<P>, log: Logger): Promise<void> {
  try {
    await takeOne(one, systemOrigin())
  } catch (error) {
    if (isFault(error) || one.message === undefined) throw error
    const { message } = one
    log.error({ ...identityOf(one), err: error }, 'a message could be neither applied nor parked; it is quarantined')
    await db.transaction(systemOrigin(), (tx) => quarantine(tx, [unusable(message, error)]))
  }
}

/** See {@link Inbox.acceptAll}. */
async function takeAll<P, Answer>(
  db: Database<P>,
  arrived: readonly Read<P>[],
  origin: Origin,
  judge: (db: Queryable, taken: Taken, undone: boolean) => Promise<Answer | Refusal>,
  takeOne: TakeOne<P>,
  log: Logger,
): Promise<Answer | Refusal> {
  try {
    return await db.transaction(origin, async (tx) => {
      const taken = await take(tx, arrived)
      const answer = await judge(tx, taken, true)
      if (isRefusal(answer)) throw new Undone(answer)
      logTaken(log, taken)
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

/** Logs what was not applied, and returns all results. */
function logTaken(log: Logger, taken: Taken): Taken {
  for (const change of taken.changes) log.error(change, sentenceOf(change))
  for (const outcome of taken.outcomes) log.info(outcome, 'an event was refused by a rule')
  return taken
}
