/**
 * The events that a transaction publishes. Events are written into the same database in the same transaction; the
 * relay sends them. So an event is sent if and only if the change that it reports was committed.
 */
import type { Event, EventActor, EventContract } from '@stockline/contracts/envelope'
import { v7 as uuidv7 } from 'uuid'
import { Refused, refuse } from '../refusal.ts'
import { sql, type Origin, type Tx } from '../database/transaction.ts'

/** Header of a message: where it stood in its sender's outbox. By it a sender knows its own messages. */
export const positionHeader = 'stockline-outbox-position'

/** What an event may carry besides its data. */
export interface EventOptions {
  /** Its place in the aggregate's stream, where the owner keeps one (the ledger's position). Else the kit counts. */
  readonly sequence?: bigint | undefined
  /** The event that led to this one: in a batch `tx.origin` belongs to no single event. */
  readonly causedBy?: Event | undefined
  /** Who did it, if not `tx.origin.actor`. */
  readonly actor?: EventActor | null | undefined
  /** What it goes back to where `tx.origin` is no single request's: in a group of requests. */
  readonly origin?: Origin | undefined
}

/** An event on its way into the outbox. Made by {@link event}. */
export interface Outgoing extends EventOptions {
  readonly topic: string
  readonly type: string
  readonly subject: string
  readonly data: unknown
  /** Throws when the data does not fit the contract. Called in tests; in production our own events are not checked again. */
  readonly validate: () => void
}

/** Room is left to the broker's limit of 1 MB for what travels around the value. */
const largestBytes = 900_000
/** Never stands in JSON. As an array, `pg` would escape each quote of each text: half the cost of publishing. */
const separator = '\x1e'
const validates = process.env['NODE_ENV'] === 'test'

// The sequence is known only to the database, so the text is put together there: head, sequence, tail.
const insertEvents = sql(`
  with given as (
    select * from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::bigint[],
        string_to_array($6, E'\\x1e'), string_to_array($7, E'\\x1e'), string_to_array($8, E'\\x1e'))
      with ordinality as event (id, topic, type, subject, sequence, head, tail, headers, place)
  ), counted as (
    insert into kit.outbox_sequences as sequences (topic, subject, last)
    select topic, subject, count(*) from given where sequence is null group by topic, subject order by topic, subject
    on conflict (topic, subject) do update set last = sequences.last + excluded.last
    returning topic, subject, last
  ), numbered as (
    select given.*, coalesce(given.sequence, counted.last + 1 - row_number()
      over (partition by given.topic, given.subject, given.sequence is null order by place desc)) as number
    from given left join counted on given.sequence is null
      and counted.topic = given.topic and counted.subject = given.subject
  )
  insert into kit.outbox (id, topic, key, type, subject, sequence, value, headers)
  select id, topic, subject, type, subject, number, head || number || tail, headers::jsonb from numbered order by place`)

/** Puts an event together. `subject` names the aggregate: its key on the bus, and what its sequence counts. */
export function event<D>(contract: EventContract<D>, subject: string, data: D, options: EventOptions = {}): Outgoing {
  const validate = () => void contract.data.parse(data)
  return { ...options, topic: contract.topicOf(data), type: contract.type, subject, data, validate }
}

/**
 * Writes events into the outbox, one statement for all. Call it while the aggregates' rows are locked: that is what
 * makes the order of an aggregate's events the order of its changes.
 *
 * @throws Refused when one is larger than 900 KB: nothing unsendable is ever written.
 */
export async function publish(tx: Tx, ...events: readonly Outgoing[]): Promise<void> {
  if (events.length === 0) return
  if (validates) for (const one of events) one.validate()
  if (tx.collectEvents !== undefined) {
    tx.collectEvents(events)
    return
  }
  const texts = events.map((one) => textOf(tx, one))
  await tx.query(insertEvents, [
    texts.map((text) => text.id),
    events.map((one) => one.topic),
    events.map((one) => one.type),
    events.map((one) => one.subject),
    events.map((one) => one.sequence ?? null),
    texts.map((text) => text.head).join(separator),
    texts.map((text) => text.tail).join(separator),
    texts.map((text) => text.headers).join(separator),
  ])
  tx.signal('outbox')
}

interface EventText {
  readonly id: string
  /** The CloudEvent up to its sequence. */
  readonly head: string
  /** The CloudEvent after its sequence. */
  readonly tail: string
  readonly headers: string
}

function textOf(tx: Tx, outgoing: Outgoing): EventText {
  const { causedBy, origin = tx.origin } = outgoing
  const actor = outgoing.actor === undefined ? (causedBy === undefined ? origin.actor : causedBy.actor) : outgoing.actor
  const traceparent = causedBy === undefined ? origin.traceparent : causedBy.traceparent
  const id = uuidv7()
  const attributes = JSON.stringify({
    specversion: '1.0',
    id,
    source: tx.source,
    type: outgoing.type,
    subject: outgoing.subject,
    time: tx.now.toISOString(),
    datacontenttype: 'application/json',
    dataschema: `urn:stockline:${outgoing.type}`,
    correlationid: causedBy?.correlationid ?? origin.correlationId,
    causationid: causedBy?.id ?? origin.causationId,
    // CloudEvents knows no nested attributes, so the actor travels as text.
    actor: actor ? JSON.stringify({ id: actor.id, name: actor.name }) : undefined,
    traceparent,
  })
  const head = `${attributes.slice(0, -1)},"sequence":"`
  const tail = `","data":${JSON.stringify(outgoing.data)}}`
  refuseOversized(outgoing, Buffer.byteLength(head) + Buffer.byteLength(tail))
  return { id, head, tail, headers: traceparent === undefined ? '{}' : JSON.stringify({ traceparent }) }
}

function refuseOversized(outgoing: Outgoing, bytes: number): void {
  if (bytes <= largestBytes) return
  throw new Refused(
    refuse(
      'event-too-large',
      'content',
      `What "${outgoing.subject}" has to say (${outgoing.type}) is ${String(bytes)} bytes; at most ${String(largestBytes)} can be sent. Split the document.`,
    ),
  )
}
