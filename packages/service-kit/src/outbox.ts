/**
 * What a transaction has to say to others. Events are written into the same database in the same transaction; the
 * relay sends them. So an event is sent if and only if what it tells of was committed.
 */
import type { Event, EventActor, EventContract } from '@stockline/contracts/envelope'
import type { Tx } from './transaction.ts'

/** An event on its way into the outbox. Made by {@link event}. */
export interface Outgoing {
  readonly topic: string
  readonly type: string
  readonly subject: string
  readonly data: unknown
  readonly sequence?: bigint | undefined
  readonly causedBy?: Event | undefined
  readonly actor?: EventActor | null | undefined
  readonly validate: () => void
}

export interface EventOptions {
  /** Its place in the aggregate's stream, where the owner keeps one (the ledger's position). Else the kit counts. */
  readonly sequence?: bigint
  /** The event that led to this one: in a batch `tx.origin` belongs to no single event. */
  readonly causedBy?: Event
  /** Who did it, if not `tx.origin.actor`. */
  readonly actor?: EventActor | null
}

/** Puts an event together. `subject` names the aggregate: its key on the bus, and what its sequence counts. */
export function event<D>(contract: EventContract<D>, subject: string, data: D, options: EventOptions = {}): Outgoing {
  const validate = () => void contract.data.parse(data)
  return { topic: contract.topicOf(data), type: contract.type, subject, data, validate, ...options }
}

/**
 * Writes events into the outbox, one statement for all. Call it while the aggregates' rows are locked: that is what
 * makes the order of an aggregate's events the order of its changes.
 *
 * @throws Refused when one is larger than 900 KB: nothing unsendable is ever written.
 */
export async function publish(tx: Tx, ...events: Outgoing[]): Promise<void> {
  await Promise.reject(new Error(`not yet: ${tx.source} ${String(events.length)}`))
}
