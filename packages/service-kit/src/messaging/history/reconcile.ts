/**
 * Puts right a service whose database fell back. What the bus has of its own events, and the database lacks, is taken back with
 * the same positions, ids and times, and the service restores its state from them. Where another event has such a number by
 * now, the service decides about it. As a reader, it takes a writer's changed history for the true one.
 */
import type { EventBus, IncomingMessage, PartitionState } from '../../bus/bus.ts'
import { lackedByInbox, lackedByOutbox, type Depth, type PublishedEvent } from './compare.ts'
import { disownEvents, lockReconciliation, putBackIntoOutbox, saveTaken, supersededAmong } from './reconcile.store.ts'
import { findChanges, type HistoryChange } from './store.ts'
import { acceptHistory } from './history.ts'
import { openInbox } from '../inbox.ts'
import { readerFor, type IncomingEvent, type EventReader } from '../inbox.read.ts'
import type { Logger } from '../../runtime/logging.ts'
import { republish, type Republish } from '../outbox.republish.ts'
import type { AnyContract, Reaction } from '../reactions.ts'
import { systemOrigin, type Database, type Tx } from '../../database/transaction.ts'

/** What a database that fell back lacks. */
export interface Lost<P> {
  /** Own events that are on the bus alone, in the order in which they were published. Their rows are back in the outbox. */
  readonly missing: readonly PublishedEvent[]
  /** Own events whose numbers other events have by now: they belong to a history that is no more. */
  readonly superseded: readonly PublishedEvent[]
  /** Events that were taken and are not in the inbox, each partition's in their order. */
  readonly inputs: readonly IncomingEvent<P>[]
}

/** What the service did about it. */
export interface Restored<P> {
  /** Inputs that need not be taken again: what they led to is restored. Of one stream, none may be left out in between. */
  readonly taken: readonly IncomingEvent<P>[]
  /** What was done beside, a sentence each. */
  readonly done: readonly string[]
  /** What could not be put right and a person must see to, a sentence each. */
  readonly open: readonly string[]
}

/** Restores the service's state from its lost events. In one transaction with all the rest. */
export type Restore<P> = (tx: Tx<P>, lost: Lost<P>) => Promise<Restored<P>>

/** What is reconciled, and how. */
export interface ReconcileOptions<P> {
  readonly db: Database<P>
  readonly bus: EventBus
  /** Group on the bus. */
  readonly group: string
  readonly publishes: readonly AnyContract[]
  readonly reactions: readonly Reaction<P>[]
  readonly restore: Restore<P>
  /** Topics whose numbers the service gives itself, as the ledger does. */
  readonly ownNumbers: readonly string[]
  readonly log: Logger
}

/** What came of it. */
export interface Reconciled {
  readonly done: readonly string[]
  readonly open: readonly string[]
}

/** Messages that are taken in one transaction, as the bus brings them. */
const batch = 100

/** Behind this many known messages in a row nothing is looked for any more, in each partition. */
const deep: Depth = { known: 2_000, foreign: 5_000 }

/** So many messages a killed process may have taken of a partition without having committed its offset: offsets are committed about once a second. */
const takenUncommitted = 2_000n

/** Reconciles one service with the bus. May be run again; the second time there is nothing to do. */
export async function reconcile<P>(options: ReconcileOptions<P>): Promise<Reconciled> {
  const { db, bus, group, publishes, reactions, log } = options
  const own = await bus.stateOf(group, topicsOf(publishes))
  const read = await bus.stateOf(group, topicsOf(reactions.flatMap((one) => one.contracts)))
  const lacking = { ...options, reader: readerFor(reactions), own, read }
  const { result, again } = await db.transaction(systemOrigin(), (tx) => putRight(tx, lacking))
  // What else the inbox lacks is taken now, as if the bus had brought it again.
  const inbox = openInbox(db, reactions, log)
  for (let at = 0; at < again.length; at += batch) await inbox.handle(again.slice(at, at + batch))
  return result
}

interface Lacking<P> extends ReconcileOptions<P> {
  readonly reader: EventReader<P>
  readonly own: readonly PartitionState[]
  readonly read: readonly PartitionState[]
}

async function putRight<P>(
  tx: Tx<P>,
  { db, bus, reader, own, read, restore, ownNumbers }: Lacking<P>,
): Promise<{ readonly result: Reconciled; readonly again: readonly IncomingMessage[] }> {
  await lockReconciliation(tx)
  const lacked = await lackedByOutbox(tx, bus, db.source, own, deep)
  const untaken = await lackedByInbox(tx, bus, reader, read, deep, takenUncommitted)
  const twice = await supersededAmong(tx, lacked)
  const missing = lacked.filter(({ id }) => !twice.has(id))
  const superseded = lacked.filter(({ id }) => twice.has(id))
  const inputs = untaken.flatMap((message) => incomingFrom(reader, message))
  await putBackIntoOutbox(tx, missing, ownNumbers)
  const restored =
    lacked.length === 0 ? { taken: [], done: [], open: [] } : await restore(tx, { missing, superseded, inputs })
  await disownEvents(tx, superseded)
  for (const from of firstOfEach(superseded)) await republish(tx, from)
  await saveTaken(tx, restored.taken)
  const accepted = await acceptAll(tx)
  const taken = new Set(restored.taken.map(({ message }) => message))
  // What is behind the group's place, the bus brings anyhow.
  const again = untaken.filter((message) => !taken.has(message) && isBefore(read, message))
  const taking =
    again.length === 0 ? [] : [`Messages that were taken before and are taken again: ${String(again.length)}.`]
  const counts = countsOf(missing, superseded, restored.taken.length)
  return { result: { done: [...counts, ...restored.done, ...taking, ...accepted], open: restored.open }, again }
}

function isBefore(read: readonly PartitionState[], { topic, partition, offset }: IncomingMessage): boolean {
  const state = read.find((one) => one.topic === topic && one.partition === partition)
  return offset < (state?.taken ?? 0n)
}

function incomingFrom<P>(reader: EventReader<P>, message: IncomingMessage): readonly IncomingEvent<P>[] {
  const one = reader.message(message)
  return one.kind === 'event' ? [one] : []
}

/** Readers get all from there on again, in its order: among it are events that they took before others had their numbers. */
function firstOfEach(superseded: readonly PublishedEvent[]): readonly Republish[] {
  const streams = Map.groupBy(superseded, ({ message, subject }) => `${message.topic}\n${subject}`)
  return [...streams.values()].flatMap(([first, ...others]) => {
    if (first === undefined) return []
    const from = others.reduce((low, { sequence }) => (sequence < low ? sequence : low), first.sequence)
    return [{ topic: first.message.topic, subject: first.subject, from }]
  })
}

function topicsOf(contracts: readonly AnyContract[]): readonly string[] {
  return [...new Set(contracts.flatMap(({ topics }) => topics))]
}

function countsOf(
  missing: readonly PublishedEvent[],
  disowned: readonly PublishedEvent[],
  taken: number,
): readonly string[] {
  const perTopic = (published: readonly PublishedEvent[]) =>
    [...Map.groupBy(published, ({ message }) => message.topic)].map(([topic, of]) => {
      const numbers = of.map(({ subject, sequence }) => `${subject} ${String(sequence)}`)
      const shown = numbers.length > 10 ? `${numbers.slice(0, 10).join(', ')} …` : numbers.join(', ')
      return `${topic}: ${String(of.length)} (${shown})`
    })
  return [
    ...perTopic(missing).map((line) => `Taken back from the bus, ${line}.`),
    ...(taken === 0 ? [] : [`Inputs that led to them and are not taken again: ${String(taken)}.`]),
    ...perTopic(disowned).map((line) => `Given twice, the first of each is of a history that is no more, ${line}.`),
  ]
}

async function acceptAll(tx: Tx): Promise<readonly string[]> {
  const accepted: HistoryChange[] = []
  for (const change of await findChanges(tx)) if (await acceptHistory(tx, change)) accepted.push(change)
  return accepted.map(
    ({ source, topic, subject, from }) =>
      `What ${source} says of "${subject}" on ${topic} is taken for true from number ${String(from)} on; what was held follows.`,
  )
}
