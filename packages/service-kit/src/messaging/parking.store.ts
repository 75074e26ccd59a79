/** The table of what is parked: what could not be applied, what waits for something, and what waits behind. */
import { v7 as uuidv7 } from 'uuid'
import { columns } from '../database/columns.ts'
import { filtered } from '../database/filtered.ts'
import type { Stream } from './inbox.read.ts'
import type { Revision, Superseding } from './reactions.ts'
import { sql, type Queryable } from '../database/transaction.ts'

/** `applied`, `discarded` and `superseded` are ends; all others are open. */
export type ParkedState = 'parked' | 'behind' | 'waiting' | 'gap' | 'applied' | 'discarded' | 'superseded'

/** An event to set aside. */
export interface ToPark {
  readonly state: 'parked' | 'behind' | 'waiting' | 'gap' | 'superseded'
  readonly parkKey: string
  /** Of an event that is a revision. */
  readonly of?: Revision
  /** What ended it before it was set aside. */
  readonly supersededBy?: Superseding
  readonly waitKey?: string
  readonly reason: string
  readonly stack?: string | undefined
  readonly attempts?: number
  readonly topic: string
  readonly event: { readonly source: string; readonly id: string; readonly type: string; readonly subject: string }
  readonly stream: Stream | undefined
  /** Of a gap: the sequence that is missing. */
  readonly expected?: bigint
  readonly text: string
}

/** A row as the worker and administrators read it. */
export interface ParkedRow {
  readonly id: string
  readonly position: bigint
  readonly state: ParkedState
  readonly park_key: string
  readonly wait_key: string | null
  readonly due: boolean
  readonly wakes: number
  readonly reason: string
  readonly stack: string | null
  readonly topic: string
  readonly source: string
  readonly event_id: string
  readonly type: string
  readonly subject: string
  readonly sequence: bigint | null
  readonly expected: bigint | null
  readonly event: string
  readonly attempts: number
  readonly parked_at: Date
  readonly changed_at: Date
  readonly resolved_at: Date | null
  readonly resolved_by: { readonly id: string; readonly name: string } | null
  readonly resolved_why: string | null
}

// What waits is due at once: what it waits for may have come between its try and this commit.
const insertParked = sql(`
  insert into kit.parked (id, state, park_key, wait_key, due, reason, stack, topic, source, event_id, type, subject,
    sequence, expected, event, attempts, about, revision, resolved_at, resolved_by, resolved_why)
  select id, state, park_key, wait_key, state = 'waiting', reason, stack, topic, source, event_id, type, subject,
    sequence, expected, event, attempts, about, revision, case when state = 'superseded' then now() end, by::jsonb,
    case when state = 'superseded' then reason end
  from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
    $10::text[], $11::text[], $12::bigint[], $13::bigint[], $14::text[], $15::int[], $16::text[], $17::bigint[],
    $18::text[]) with ordinality as given
    (id, state, park_key, wait_key, reason, stack, topic, source, event_id, type, subject, sequence, expected, event,
    attempts, about, revision, by, place)
  order by place
  on conflict (source, topic, subject, sequence) where state = 'gap' do nothing`)
const findParked = sql(`select * from kit.parked where id = $1`)
const lockParked = sql(`select * from kit.parked where id = $1 for update`)
const headOf = sql(`
  select * from kit.parked where resolved_at is null and state <> 'gap' and park_key = $1 order by position limit 1`)
// Runs every second in each process, however idle: so it is one statement.
const dueNow = sql(`
  (select null as park_key, null::bigint as position, * from (
    select distinct parked.source, parked.topic, parked.subject, sequences.last
    from kit.parked join kit.inbox_sequences as sequences using (source, topic, subject)
    where parked.state = 'gap' and parked.sequence <= sequences.last + 1 and sequences.changed_from is null
  ) as streams)
  union all
  (select park_key, position, null, null, null, null from (
    select distinct on (park_key) park_key, position, due from kit.parked where resolved_at is null and state <> 'gap'
    order by park_key, position
  ) as heads where due order by position limit 100)
  order by position`)
const resolve = sql(`
  update kit.parked set state = $2, due = false, resolved_at = now(), changed_at = now(), resolved_by = $3::jsonb,
    resolved_why = $4 where id = $1 and resolved_at is null`)
const resolveMany = sql(`
  update kit.parked set state = case when resolved_at is null then 'applied' else 'discarded' end,
    resolved_at = coalesce(resolved_at, now()), changed_at = now() where id = any($1::uuid[])`)
const dropDeferred = sql(`
  update kit.parked set resolved_at = now(), changed_at = now(), resolved_by = $2::jsonb, resolved_why = $3 where id = $1`)
const deferredBefore = sql(`
  select sequence from kit.parked
  where state = 'gap' and resolved_at is null and source = $1 and topic = $2 and subject = $3 and sequence < $4
  order by sequence limit 1`)
const skipTo = sql(`
  insert into kit.inbox_sequences as sequences (source, topic, subject, last) values ($1, $2, $3, $4)
  on conflict (source, topic, subject) do update set last = excluded.last where excluded.last > sequences.last`)
const insertGivenUp = sql(`
  insert into kit.given_up (source, topic, subject, first, last)
  select $1, $2, $3, first, $4::bigint - 1
  from (select coalesce((select last from kit.inbox_sequences where (source, topic, subject) = ($1, $2, $3)), 0) + 1 as first)
    as missing
  where first < $4::bigint
  on conflict (source, topic, subject, first) do update set last = greatest(given_up.last, excluded.last)`)
const nextIsDue = sql(`
  update kit.parked set due = true where id = (
    select id from kit.parked where resolved_at is null and state <> 'gap' and park_key = $1 order by position limit 1)`)
const failedAgain = sql(`
  update kit.parked set state = 'parked', due = false, wait_key = null, reason = $2, stack = $3,
    attempts = attempts + $4, changed_at = now() where id = $1 and resolved_at is null`)
const setDue = sql(`update kit.parked set due = true, changed_at = now() where id = $1`)
// A call of wake() since this try began makes it due again.
const waitsAgain = sql(`
  update kit.parked set state = 'waiting', wait_key = $2, reason = $3, due = ($4 or wakes <> $5), changed_at = now()
  where id = $1 and resolved_at is null`)
const deferredOf = sql(`
  select * from kit.parked where state = 'gap' and source = $1 and topic = $2 and subject = $3
  order by sequence limit 100`)

/** The columns of an event. */
export const eventColumns = ['source', 'id', 'type', 'subject'] as const

export async function parkEvents(tx: Queryable, rows: readonly ToPark[]): Promise<void> {
  if (rows.length === 0) return
  await tx.query(insertParked, [
    rows.map(() => uuidv7()),
    ...columns(rows, 'state', 'parkKey', 'waitKey', 'reason', 'stack', 'topic'),
    ...columns(
      rows.map(({ event }) => event),
      ...eventColumns,
    ),
    rows.map((row) => row.stream?.sequence ?? null),
    ...columns(rows, 'expected', 'text'),
    rows.map((row) => row.attempts ?? 0),
    rows.map((row) => row.of?.about ?? null),
    rows.map((row) => row.of?.revision ?? null),
    rows.map((row) => (row.supersededBy === undefined ? null : JSON.stringify(row.supersededBy.by))),
  ])
}

export async function findParkedRow(db: Queryable, id: string): Promise<ParkedRow | undefined> {
  return (await db.query<ParkedRow>(findParked, [id]))[0]
}

export async function lockParkedRow(tx: Queryable, id: string): Promise<ParkedRow | undefined> {
  return (await tx.query<ParkedRow>(lockParked, [id]))[0]
}

/** Which of them to list. Without a state: all that are open. */
export interface ParkedFilter {
  readonly limit: number
  readonly after?: bigint | undefined
  readonly state?: ParkedState | undefined
  readonly key?: string | undefined
  readonly source?: string | undefined
  readonly subject?: string | undefined
}

/** In the order in which they were parked. Gives one more than `limit` where more follow. */
export async function listParkedRows(
  db: Queryable,
  { limit, after, state, key, source, subject }: ParkedFilter,
): Promise<ParkedRow[]> {
  const { statement, values } = filtered(
    ({ all, value, when }) => `
      select * from kit.parked
      where ${all(
        when(state, (given) => `state = ${given}`) ?? 'resolved_at is null',
        when(key, (given) => `park_key = ${given}`),
        when(source, (given) => `source = ${given}`),
        when(subject, (given) => `subject = ${given}`),
        when(after, (given) => `position > ${given}`),
      )}
      order by position limit ${value(limit + 1)}`,
  )
  return db.query(statement, values)
}

/** The first of a key: the one that those behind wait for. */
export async function headOfKey(tx: Queryable, parkKey: string): Promise<ParkedRow | undefined> {
  return (await tx.query<ParkedRow>(headOf, [parkKey]))[0]
}

/** What is due. */
export interface Due {
  /** Streams whose missing events have come, so that deferred ones can follow. */
  readonly streams: readonly Stream[]
  /** Keys whose first one should be tried, in the order in which those were set aside. */
  readonly keys: readonly string[]
}

/** What is due now, of the keys a hundred at most. */
export async function dueAtOnce(db: Queryable): Promise<Due> {
  type Row = Omit<Stream, 'sequence'> & { readonly park_key: string | null; readonly last: bigint }
  const rows = await db.query<Row>(dueNow)
  const streams = rows.filter(({ park_key: key }) => key === null)
  return {
    streams: streams.map(({ source, topic, subject, last }) => ({ source, topic, subject, sequence: last })),
    keys: rows.flatMap(({ park_key: key }) => key ?? []),
  }
}

/** Who ended it and why. */
export interface Resolution {
  readonly state: 'applied' | 'discarded' | 'superseded'
  readonly actor?: { readonly id: string; readonly name: string }
  readonly why?: string
}

/** Ends one, and has the next of its key tried. Call it under the lock of the key. */
export async function resolveParked(tx: Queryable, row: ParkedRow, resolution: Resolution): Promise<void> {
  const { state, actor, why } = resolution
  await tx.query(resolve, [row.id, state, actor === undefined ? null : JSON.stringify(actor), why ?? null])
  if (row.state !== 'gap') await tx.query(nextIsDue, [row.park_key])
}

/** Ends deferred ones that are taken now. */
export async function resolveDeferred(tx: Queryable, ids: readonly string[]): Promise<void> {
  await tx.query(resolveMany, [ids])
}

/** Discards a deferred one: it is not applied in its turn. Until then it keeps its place, so that those after it can follow. */
export async function discardDeferred(tx: Queryable, id: string, resolution: Resolution): Promise<void> {
  await tx.query(dropDeferred, [id, JSON.stringify(resolution.actor ?? null), resolution.why ?? null])
}

/** The first deferred one of the same stream before this one. */
export async function firstDeferredBefore(tx: Queryable, stream: Stream): Promise<bigint | undefined> {
  const rows = await tx.query<{ sequence: bigint }>(deferredBefore, valuesOf(stream))
  return rows[0]?.sequence
}

/** Gives up what is missing before this one. */
export async function giveUpMissing(tx: Queryable, stream: Stream): Promise<void> {
  const { source, topic, subject, sequence } = stream
  await tx.query(insertGivenUp, valuesOf(stream))
  await tx.query(skipTo, [source, topic, subject, sequence - 1n])
}

function valuesOf({ source, topic, subject, sequence }: Stream): unknown[] {
  return [source, topic, subject, sequence]
}

export async function parkAgain(
  tx: Queryable,
  id: string,
  failure: { readonly reason: string; readonly stack: string | undefined; readonly attempts: number },
): Promise<void> {
  await tx.query(failedAgain, [id, failure.reason, failure.stack ?? null, failure.attempts])
}

export async function makeDue(tx: Queryable, id: string): Promise<void> {
  await tx.query(setDue, [id])
}

/** @param wakes how often it had been woken when this try began */
export async function waitAgain(
  tx: Queryable,
  id: string,
  wait: { readonly waitsFor: string; readonly reason: string },
  due: boolean,
  wakes: number,
): Promise<void> {
  await tx.query(waitsAgain, [id, wait.waitsFor, wait.reason, due, wakes])
}

/** The deferred events of a stream, in order, 100 at most. */
export async function deferredRows(tx: Queryable, stream: Omit<Stream, 'sequence'>): Promise<ParkedRow[]> {
  return tx.query(deferredOf, [stream.source, stream.topic, stream.subject])
}
