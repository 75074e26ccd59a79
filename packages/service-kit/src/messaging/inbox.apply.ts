/** Applies events in order: runs of one batch reaction in one call, all others one by one. */
import type { Event } from '@stockline/contracts/envelope'
import { withFields, type IncomingEvent, type Read } from './inbox.read.ts'
import type { ReactionOutcome } from './inbox.store.ts'
import type { ToPark } from './parking.store.ts'
import { isSuperseded, isWait, type Reaction, type Superseding, type Wait } from './reactions.ts'
import { placeOffTheBus, type Rejected } from './quarantine.ts'
import { isRefusal, type Refusal } from '../refusal.ts'
import { transactionWith, type Origin, type Tx } from '../database/transaction.ts'

/** What is left to write after the reactions have run. */
export interface Aftermath {
  readonly parked: ToPark[]
  readonly outcomes: ReactionOutcome[]
  /** Events that a reaction found wrong in themselves. */
  readonly rejected: Rejected[]
  /** The refusals of reactions. */
  readonly refusals: { readonly source: string; readonly id: string; readonly refusal: Refusal }[]
}

/**
 * @param blocked park keys behind which something stands; those that begin to wait are added
 */
export async function applyInOrder<P>(
  tx: Tx<P>,
  incoming: readonly IncomingEvent<P>[],
  blocked: Set<string>,
): Promise<Aftermath> {
  const aftermath: Aftermath = { parked: [], outcomes: [], rejected: [], refusals: [] }
  let run: { readonly reaction: Reaction<P>; readonly incoming: IncomingEvent<P>[] } | undefined
  const endRun = async (): Promise<void> => {
    const ended = run
    run = undefined
    if (ended !== undefined) await reactToRun(tx, ended.reaction, ended.incoming, blocked, aftermath)
  }
  for (const one of incoming) {
    if (blocked.has(one.parkKey)) {
      aftermath.parked.push(behind(one))
      continue
    }
    const batched = batchReactionOf(one)
    if (batched !== undefined && batched === run?.reaction) {
      run.incoming.push(one)
      continue
    }
    await endRun()
    if (batched === undefined) await reactToOne(tx, one, blocked, aftermath)
    else run = { reaction: batched, incoming: [one] }
  }
  await endRun()
  return aftermath
}

/** The result of one event: done, a wait, or a refusal. A refusal of kind `content` means that the event is wrong. */
export type Reacted = { readonly wait?: Wait; readonly refusal?: Refusal; readonly supersededBy?: Superseding }

/** Calls all reactions to one event, on a view of the transaction whose origin is the event's. */
export async function react<P>(tx: Tx<P>, incoming: IncomingEvent<P>): Promise<Reacted> {
  const view = actingFor(tx, incoming.event)
  let refusal: Refusal | undefined
  for (const reaction of incoming.reactions) {
    const [result] = await reaction.react(view, [incoming.event])
    if (isWait(result)) return { wait: result }
    if (isSuperseded(result)) return result
    if (isRefusal(result)) refusal = result
  }
  return refusal === undefined ? {} : { refusal }
}

async function reactToOne<P>(
  tx: Tx<P>,
  incoming: IncomingEvent<P>,
  blocked: Set<string>,
  aftermath: Aftermath,
): Promise<void> {
  conclude(incoming, await react(tx, incoming), blocked, aftermath)
}

/** Adds to the aftermath what came of an event. */
function conclude<P>(
  incoming: IncomingEvent<P>,
  { wait, refusal, supersededBy }: Reacted,
  blocked: Set<string>,
  aftermath: Aftermath,
): void {
  if (supersededBy !== undefined) {
    const { source, id } = incoming.event
    aftermath.parked.push({ ...rowOf(incoming), state: 'superseded', reason: supersededBy.why, supersededBy })
    aftermath.outcomes.push({ source, id, code: supersededBy.code })
  }
  if (wait !== undefined && blocked.has(incoming.parkKey)) aftermath.parked.push(behind(incoming))
  else if (wait !== undefined) {
    blocked.add(incoming.parkKey)
    aftermath.parked.push({ ...rowOf(incoming), state: 'waiting', waitKey: wait.waitsFor, reason: wait.reason })
  }
  if (refusal === undefined) return
  const { source, id } = incoming.event
  aftermath.refusals.push({ source, id, refusal })
  aftermath.outcomes.push({ source, id, code: refusal.refused })
  if (refusal.kind === 'content') aftermath.rejected.push(rejectedFor(incoming, refusal))
}

/** As a row of the quarantine. */
export function rejectedFor<P>(incoming: IncomingEvent<P>, wrong: Refusal): Rejected {
  const message = incoming.message ?? {
    topic: incoming.topic,
    ...placeOffTheBus(incoming),
    key: incoming.event.subject,
    value: Buffer.from(incoming.text()),
    headers: {},
  }
  return { message, reason: wrong.refused, faults: wrong.errors ?? [{ pointer: '/data', message: wrong.detail }] }
}

async function reactToRun<P>(
  tx: Tx<P>,
  reaction: Reaction<P>,
  incoming: readonly IncomingEvent<P>[],
  blocked: Set<string>,
  aftermath: Aftermath,
): Promise<void> {
  const [only] = incoming
  const view = incoming.length === 1 && only !== undefined ? actingFor(tx, only.event) : tx
  const results = await reaction.react(
    view,
    incoming.map((one) => one.event),
  )
  incoming.forEach((one, index) => {
    const result = results[index]
    // It was done and must not be: by a bug, which undoes the batch. One by one they wait.
    if (!isWait(result) && blocked.has(one.parkKey))
      throw new Error(`Event "${one.event.id}" went before an earlier one of "${one.parkKey}" that waits.`)
    if (isWait(result)) conclude(one, { wait: result }, blocked, aftermath)
    else if (isSuperseded(result)) conclude(one, result, blocked, aftermath)
    else if (result !== undefined) conclude(one, { refusal: result }, blocked, aftermath)
  })
}

function batchReactionOf<P>(incoming: IncomingEvent<P>): Reaction<P> | undefined {
  const [only] = incoming.reactions
  return incoming.reactions.length === 1 && only?.batched === true ? only : undefined
}

/** Stands behind what is parked under its key. */
export function behind<P>(incoming: IncomingEvent<P>): ToPark {
  return {
    ...rowOf(incoming),
    state: 'behind',
    reason: `An earlier event of "${incoming.parkKey}" is not applied yet.`,
  }
}

/** What all rows of an incoming event have in common. */
export function rowOf<P>(incoming: IncomingEvent<P>): Omit<ToPark, 'state' | 'reason'> {
  const { event, topic, stream, parkKey, reactions } = incoming
  const of = reactions.find(({ revisionOf }) => revisionOf !== undefined)?.revisionOf?.(event)
  return {
    event,
    topic,
    stream,
    parkKey,
    text: (incoming.kept ?? incoming.text)(),
    ...(of === undefined ? {} : { of }),
  }
}

/** Defers an event until its turn. What has no reaction, or is unreadable, is deferred for its place. */
export function deferredRow<P>(one: Read<P>, reason: string, expected: bigint): ToPark {
  if (one.kind === 'event') return { ...rowOf(one), state: 'gap', reason, expected }
  const { stream, id, type, text } = one
  const subject = stream?.subject ?? ''
  const event = { source: stream?.source ?? '', id, type, subject }
  return { state: 'gap', parkKey: subject, reason, topic: stream?.topic ?? '', event, stream, expected, text: text() }
}

/** An event by HTTP, and who brought it. */
export interface SubmittedEvent<P> {
  readonly incoming: IncomingEvent<P>
  readonly origin: Origin
}

/** The event with its sender, and with the trace of the request where it has none itself. */
export function arrivedFrom<P>({ incoming, origin }: SubmittedEvent<P>): IncomingEvent<P> {
  const { event } = incoming
  const added = {
    actor: senderOf(event, origin),
    ...(event.correlationid === undefined ? { correlationid: origin.correlationId } : {}),
    ...(event.traceparent === undefined ? { traceparent: origin.traceparent } : {}),
  }
  return {
    ...incoming,
    event: { ...event, ...added },
    kept: () => withFields((incoming.kept ?? incoming.text)(), added),
  }
}

/** The signed-in actor. The actor that the event names is added to the name: it cannot be verified here. */
function senderOf({ actor }: Event, { actor: sender }: Origin): Event['actor'] {
  if (sender === null) return actor
  return actor === undefined || actor.name === '' ? sender : { id: sender.id, name: `${actor.name} (${sender.name})` }
}

/** The origin of what an event leads to. What it lacks is taken from the transaction. */
function originOf(event: Event, arrived: Origin): Origin {
  return {
    actor: event.actor ?? arrived.actor,
    correlationId: event.correlationid ?? arrived.correlationId,
    causationId: event.id,
    traceparent: event.traceparent ?? arrived.traceparent,
  }
}

/** The transaction as it is for one event of a run: what follows from the event goes back to it. */
export function actingFor<P>(tx: Tx<P>, event: Event): Tx<P> {
  return transactionWith(tx, { origin: originOf(event, tx.origin) })
}
