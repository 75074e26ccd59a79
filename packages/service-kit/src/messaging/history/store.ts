/** Streams whose history changed, their deferred events, and which events are known: in sets, and only where something is wrong. */
import { v7 as uuidv7 } from 'uuid'
import { columns } from '../../database/columns.ts'
import type { Stream } from '../inbox.read.ts'
import { eventColumns, type ToPark } from '../parking.store.ts'
import { sql, type Queryable } from '../../database/transaction.ts'

/** A stream whose events belong to another history than the one that was taken. */
export interface HistoryChange {
  readonly source: string
  readonly topic: string
  readonly subject: string
  /** The first sequence that was taken with another event. */
  readonly from: bigint
  /** The last sequence that had been taken when that was noticed. */
  readonly to: bigint
}

/** An event by its id, and its place. */
export interface PlacedEvent {
  readonly id: string
  readonly stream: Stream
}

const unknownIds = sql(`
  select source, id from unnest($1::text[], $2::text[]) as given (source, id)
  where not exists (select 1 from kit.inbox where (inbox.source, inbox.id) = (given.source, given.id))`)
// Runs only for ids that the inbox does not know. What an administrator gave up or discarded may come late. Before the table of
// what was given up, there is no record of it: what was published by then is no change of history.
const dismissedIds = sql(`
  select given.source, given.id
  from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::timestamptz[])
    as given (source, id, topic, subject, sequence, told_at)
  where given.told_at < (select finished_at from kit.migrations where migration_name = '20261130100000_history') or exists (select 1 from kit.given_up g where (g.source, g.topic, g.subject) = (given.source, given.topic, given.subject)
      and given.sequence between g.first and g.last)
    or exists (select 1 from kit.parked p where (p.source, p.event_id) = (given.source, given.id) and p.state = 'discarded')`)
const otherIdsDeferred = sql(`
  select given.source, given.id
  from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[]) as given (source, id, topic, subject, sequence)
  join kit.parked p on p.state = 'gap' and p.event_id <> given.id
    and (p.source, p.topic, p.subject, p.sequence) = (given.source, given.topic, given.subject, given.sequence)`)
const upsertChanges = sql(`
  insert into kit.inbox_sequences as sequences (source, topic, subject, last, changed_from, changed_to)
  select source, topic, subject, 0, first, last
  from unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[]) as given (source, topic, subject, first, last)
  on conflict (source, topic, subject) do update set
    changed_from = least(sequences.changed_from, excluded.changed_from),
    changed_to = greatest(sequences.changed_to, excluded.changed_to)`)
// The newest event of a sequence is the one that its writer stands by.
const deferEvents = sql(`
  insert into kit.parked (id, state, park_key, reason, topic, source, event_id, type, subject, sequence, expected, event)
  select id, 'gap', park_key, reason, topic, source, event_id, type, subject, sequence, expected, event
  from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::bigint[],
    $10::bigint[], $11::text[]) with ordinality as given
    (id, park_key, reason, topic, source, event_id, type, subject, sequence, expected, event, place)
  order by place
  on conflict (source, topic, subject, sequence) where state = 'gap' do update set
    event_id = excluded.event_id, type = excluded.type, park_key = excluded.park_key, reason = excluded.reason,
    expected = excluded.expected, event = excluded.event, parked_at = now(), changed_at = now(),
    resolved_at = null, resolved_by = null, resolved_why = null`)
const changedStreams = sql(`
  select source, topic, subject, changed_from as "from", changed_to as "to"
  from kit.inbox_sequences where changed_from is not null order by source, topic, subject limit 100`)
const acceptStream = sql(`
  update kit.inbox_sequences set last = changed_from - 1, changed_from = null, changed_to = null
  where (source, topic, subject) = ($1, $2, $3) and changed_from is not null
  returning last`)

/** Those of these ids that the inbox does not know, by `inboxKey`. */
export async function unknownAmong(
  tx: Queryable,
  ids: readonly { readonly source: string; readonly id: string }[],
): Promise<readonly { readonly source: string; readonly id: string }[]> {
  if (ids.length === 0) return []
  return tx.query(unknownIds, columns(ids, 'source', 'id'))
}

/** Those that an administrator gave up or discarded, and those of which that is unknown. */
export async function dismissedAmong(tx: Queryable, placed: readonly PlacedEvent[]): Promise<readonly Identity[]> {
  if (placed.length === 0) return []
  return tx.query<Identity>(dismissedIds, [...columnsOf(placed), placed.map(({ id }) => publishedAt(id))])
}

/** Those in whose place another event is deferred. */
export async function displacedAmong(tx: Queryable, placed: readonly PlacedEvent[]): Promise<readonly Identity[]> {
  return placed.length === 0 ? [] : tx.query<Identity>(otherIdsDeferred, columnsOf(placed))
}

interface Identity {
  readonly source: string
  readonly id: string
}

/** Stops these streams. */
export async function saveChanges(tx: Queryable, changes: readonly HistoryChange[]): Promise<void> {
  if (changes.length === 0) return
  await tx.query(upsertChanges, columns(changes, 'source', 'topic', 'subject', 'from', 'to'))
}

/** Defers events of stopped streams. Of several in one place the last is stored. */
export async function deferForHistory(tx: Queryable, rows: readonly ToPark[]): Promise<void> {
  const places = new Map(
    rows.map((row) => [`${row.topic}\n${row.event.subject}\n${String(row.stream?.sequence)}`, row]),
  )
  const kept = [...places.values()]
  if (kept.length === 0) return
  await tx.query(deferEvents, [
    kept.map(() => uuidv7()),
    ...columns(kept, 'parkKey', 'reason', 'topic'),
    ...columns(
      kept.map(({ event }) => event),
      ...eventColumns,
    ),
    kept.map((row) => row.stream?.sequence ?? null),
    ...columns(kept, 'expected', 'text'),
  ])
}

/** Streams that stand still because their history changed, 100 at most. */
export function findChanges(db: Queryable): Promise<HistoryChange[]> {
  return db.query<HistoryChange>(changedStreams)
}

/** Takes the writer's history for the true one from where it changed: the deferred events follow. False if nothing had changed. */
export async function acceptChange(
  tx: Queryable,
  { source, topic, subject }: Omit<Stream, 'sequence'>,
): Promise<boolean> {
  return (await tx.query(acceptStream, [source, topic, subject])).length > 0
}

/** When an event was published, by an id of version 7, such as our services give. */
function publishedAt(id: string): Date | null {
  const [, high, low] = /^([0-9a-f]{8})-([0-9a-f]{4})-7/.exec(id) ?? []
  return high === undefined || low === undefined ? null : new Date(Number.parseInt(high + low, 16))
}

function columnsOf(placed: readonly PlacedEvent[]): unknown[] {
  const places = placed.map(({ id, stream }) => ({ ...stream, id }))
  return columns(places, 'source', 'id', 'topic', 'subject', 'sequence')
}
