/** Restores what the bus still has: rows of the outbox, numbers of streams, ids of the inbox. */
import type { PublishedEvent } from './compare.ts'
import { insertIntoInbox, saveSequences } from '../inbox.store.ts'
import type { IncomingEvent, Stream } from '../inbox.read.ts'
import { columns } from '../../database/columns.ts'
import { kitLocks } from '../../database/locks.ts'
import { sql, type Queryable } from '../../database/transaction.ts'

const oneAtATime = sql(`select pg_advisory_xact_lock(${kitLocks.reconcile})`)
// A process without the fence may be writing: what it is about to commit must be seen before numbers are judged free. Who holds
// what is needed next, the ledger's head say, meets in a deadlock, which one of the two runs again.
const nobodyWrites = sql(`lock table kit.outbox in share row exclusive mode`)
// Reads the whole outbox, which has no index for it: only `pnpm reconcile` runs it.
const numbersTaken = sql(`
  select topic, subject, sequence from kit.outbox join unnest($1::text[], $2::text[], $3::bigint[])
    as given (topic, subject, sequence) using (topic, subject, sequence)`)
// A process without the fence has taken the same cause again, after the time of the event that was lost.
const causesTakenAgain = sql(`
  with told as (
    select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::timestamptz[]) as told (id, type, subject, cause, time)),
  later as materialized (
    select type, subject, created_at, value::jsonb ->> 'causationid' as cause from kit.outbox
    where created_at > (select min(time) from told))
  select distinct told.id from told join later using (type, subject, cause) where later.created_at > told.time`)
const positionsTaken = sql(`select position from kit.outbox where position = any($1::bigint[])`)
const putBack = sql(`
  insert into kit.outbox (position, id, topic, key, type, subject, sequence, value, headers, created_at, published_at)
  select coalesce(position, nextval('kit.outbox_position_seq')), id, topic, key, type, subject, sequence, value,
    headers::jsonb, created_at, now()
  from unnest($1::bigint[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[], $8::text[], $9::text[],
    $10::timestamptz[]) with ordinality as told
    (position, id, topic, key, type, subject, sequence, value, headers, created_at, place)
  order by place`)
const insertReplaced = sql(`
  insert into kit.replaced (id, position) select id, position from kit.outbox
  where position > $1 and id = any($2::uuid[]) on conflict do nothing`)
const lastPosition = sql(`select coalesce(max(position), 0) as last from kit.outbox`)
const moveOn = sql(`
  select setval('kit.outbox_position_seq', greatest((select max(position) from kit.outbox),
    (select last_value from kit.outbox_position_seq)))`)
const countOn = sql(`
  insert into kit.outbox_sequences as sequences (topic, subject, last)
  select topic, subject, max(sequence) from unnest($1::text[], $2::text[], $3::bigint[]) as told (topic, subject, sequence)
  group by topic, subject order by topic, subject
  on conflict (topic, subject) do update set last = greatest(sequences.last, excluded.last)`)
const disown = sql(`
  insert into kit.disowned (id, type, topic, subject, sequence)
  select * from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::bigint[]) on conflict do nothing`)

/** Only one process reconciles at a time, and none publishes meanwhile. */
export async function lockReconciliation(tx: Queryable): Promise<void> {
  await tx.query(oneAtATime)
  await tx.query(nobodyWrites)
}

/** Those that belong to a history that is no more, by their ids. */
export async function supersededAmong(
  tx: Queryable,
  published: readonly PublishedEvent[],
): Promise<ReadonlySet<string>> {
  if (published.length === 0) return new Set()
  const rows = await tx.query<Pick<PublishedEvent, 'subject' | 'sequence'> & { topic: string }>(
    numbersTaken,
    streamsOf(published),
  )
  const led = published.filter(({ causationId }) => causationId !== undefined)
  const causes = columns(led, 'id', 'type', 'subject', 'causationId', 'time')
  const ids = await tx.query<{ id: string }>(causesTakenAgain, causes)
  return supersededBy(published, new Set(rows.map(placeOf)), new Set(ids.map(({ id }) => id)))
}

/**
 * Those whose number is taken, and those whose cause was taken again and led to another event. The number of the latter stays
 * free, so that what came behind it in its stream cannot be put back either: no number may be missing. Pure.
 *
 * @param taken places in streams: {@link placeOf}
 * @param again ids of those whose cause was taken again
 */
export function supersededBy(
  published: readonly PublishedEvent[],
  taken: ReadonlySet<string>,
  again: ReadonlySet<string>,
): ReadonlySet<string> {
  const superseded = new Set<string>()
  const withHole = new Set<string>()
  for (const one of published.toSorted((a, b) => Number(a.sequence - b.sequence))) {
    const stream = `${one.message.topic}\n${one.subject}`
    if (taken.has(placeOf({ ...one, topic: one.message.topic }))) superseded.add(one.id)
    else if (again.has(one.id) || withHole.has(stream)) {
      superseded.add(one.id)
      withHole.add(stream)
    }
  }
  return superseded
}

/**
 * Writes events into the outbox as they were sent, at their positions where these are free.
 *
 * @param ownNumbers topics whose numbers are not the kit's: they have no counter
 */
export async function putBackIntoOutbox(
  tx: Queryable,
  published: readonly PublishedEvent[],
  ownNumbers: readonly string[],
): Promise<void> {
  if (published.length === 0) return
  const wanted = published.flatMap(({ position }) => (position === undefined ? [] : [position]))
  const taken = new Set(
    (await tx.query<{ position: bigint }>(positionsTaken, [wanted])).map(({ position }) => position),
  )
  // First those with a position, so that the counter stands behind them when the others are given one.
  const placed = published.filter(({ position }) => position !== undefined && !taken.has(position))
  const others = published.filter((one) => !placed.includes(one))
  for (const some of [placed, others]) {
    if (some.length === 0) continue
    const [before] = await tx.query<{ last: bigint }>(lastPosition, [])
    await tx.query(putBack, [
      some.map(({ position }) => (some === placed ? position : null)),
      ...columns(some, 'id'),
      some.map(({ message }) => message.topic),
      some.map(({ message, subject }) => message.key ?? subject),
      ...columns(some, 'type', 'subject', 'sequence', 'text'),
      some.map(({ message }) => headersOf(message.headers)),
      some.map(({ time }) => time),
    ])
    await tx.query(moveOn)
    if (some === others) await tx.query(insertReplaced, [before?.last ?? 0n, others.map(({ id }) => id)])
  }
  await tx.query(countOn, streamsOf(published.filter(({ message }) => !ownNumbers.includes(message.topic))))
}

/** Events that are on the bus for ever, and belong to a history that is no more. */
export async function disownEvents(tx: Queryable, published: readonly PublishedEvent[]): Promise<void> {
  if (published.length === 0) return
  await tx.query(disown, [...columns(published, 'id', 'type'), ...streamsOf(published)])
}

/** Writes down that these were taken: each id, and how far each stream has come. */
export async function saveTaken(tx: Queryable, incoming: readonly IncomingEvent<never>[]): Promise<void> {
  if (incoming.length === 0) return
  await insertIntoInbox(
    tx,
    incoming.map(({ event: { source, id, type }, digest }) => ({ source, id, type, digest })),
  )
  const lasts = new Map<string, Stream>()
  for (const { stream } of incoming) if (stream !== undefined) lasts.set(placeOf({ ...stream, sequence: 0n }), stream)
  await saveSequences(tx, [...lasts.values()])
}

function streamsOf(published: readonly PublishedEvent[]): unknown[] {
  return [published.map(({ message }) => message.topic), ...columns(published, 'subject', 'sequence')]
}

function placeOf(one: { readonly topic: string; readonly subject: string; readonly sequence: bigint }): string {
  return `${one.topic}\n${one.subject}\n${String(one.sequence)}`
}

function headersOf({ traceparent }: Readonly<Record<string, string>>): string {
  return JSON.stringify(traceparent === undefined ? {} : { traceparent })
}
