/** What the inbox remembers, in sets: a batch costs the same few statements whatever its size. */
import { columns } from '../database/columns.ts'
import { kitLocks } from '../database/locks.ts'
import { writtenOf, type Digest, type KnownDigest } from '../values/digest.ts'
import type { HistoryChange } from './history/store.ts'
import type { IncomingEvent, Stream } from './inbox.read.ts'
import { sql, type Queryable } from '../database/transaction.ts'

/** What must be known before a batch is taken. */
export interface InboxState {
  /** Last sequence taken, by {@link streamKey}. */
  readonly lasts: Map<string, bigint>
  /** Park keys behind which something stands. */
  readonly blocked: Set<string>
  /** Whether events of these streams are deferred because an earlier one is missing. */
  readonly holds: boolean
  /** Deferred events that were discarded before their turn: no more than their places count. By {@link placeKey}. */
  readonly dropped: Set<string>
  /** Streams that stand still because their history changed, by {@link streamKey}. */
  readonly changed: ReadonlyMap<string, HistoryChange>
}

const lockNames = (lock: (name: string) => string) =>
  sql(`
  select count(pg_advisory_xact_lock(lock)) from (
    select distinct ${lock('name')} as lock from unnest($1::text[]) as name order by 1
  ) as locks`)
const loadState = sql(`
  with stream as (
    select distinct * from unnest($1::text[], $2::text[], $3::text[]) as given (source, topic, subject)
  )
  select 'last' as kind, source, topic, subject, sequences.last, sequences.changed_from, sequences.changed_to,
    null as park_key
  from stream join kit.inbox_sequences as sequences using (source, topic, subject)
  union all
  select 'hold', source, topic, subject, null::bigint, null, null, null from stream where exists (
    select 1 from kit.parked where state = 'gap' and resolved_at is null
      and (parked.source, parked.topic, parked.subject) = (stream.source, stream.topic, stream.subject))
  union all
  select 'dropped', source, topic, subject, parked.sequence, null, null, null
  from stream join kit.parked using (source, topic, subject) where state = 'gap' and resolved_at is not null
  union all
  select distinct 'blocked', null, null, null, null::bigint, null::bigint, null::bigint, park_key
  from kit.parked where resolved_at is null and state <> 'gap' and park_key = any($4::text[])`)
const blockedOf = sql(`
  select distinct park_key from kit.parked where resolved_at is null and state <> 'gap' and park_key = any($1::text[])`)
const addToInbox = `
  insert into kit.inbox (source, id, content_hash, type, digest_version)
  select * from unnest($1::text[], $2::text[], $3::bytea[], $4::text[], $5::smallint[])
    as heard (source, id, content_hash, type, digest_version)
  order by 1, 2 on conflict (source, id) do nothing returning source, id`
const moveSequences = (streams: string) => `
  insert into kit.inbox_sequences as sequences (source, topic, subject, last) select * from unnest(${streams})
  on conflict (source, topic, subject) do update set last = excluded.last where excluded.last > sequences.last`
const insertInbox = sql(addToInbox)
const upsertSequences = sql(moveSequences('$1::text[], $2::text[], $3::text[], $4::bigint[]'))
const insertInboxAndSequences = sql(`
  with moved as (${moveSequences('$6::text[], $7::text[], $8::text[], $9::bigint[]')}) ${addToInbox}`)
const hashesOf = sql(`
  select inbox.source, inbox.id, inbox.content_hash, inbox.digest_version
  from unnest($1::text[], $2::text[]) as heard (source, id) join kit.inbox using (source, id)`)
const updateOutcomes = sql(`
  update kit.inbox set outcome = given.outcome
  from unnest($1::text[], $2::text[], $3::text[]) as given (source, id, outcome)
  where inbox.source = given.source and inbox.id = given.id`)

const lockStatements = { stream: lockNames(kitLocks.stream), parkKey: lockNames(kitLocks.parkKey) }

/**
 * Holds others off these names until the transaction ends, all in one order. Streams are taken before park keys, and
 * both before anything of the service's own.
 */
export async function lock(tx: Queryable, what: keyof typeof lockStatements, names: readonly string[]): Promise<void> {
  await tx.query(lockStatements[what], [names])
}

export async function recall(
  tx: Queryable,
  streams: readonly Stream[],
  parkKeys: readonly string[],
): Promise<InboxState> {
  interface Row {
    readonly kind: 'last' | 'hold' | 'dropped' | 'blocked'
    readonly source: string
    readonly topic: string
    readonly subject: string
    readonly last: bigint
    readonly changed_from: bigint | null
    readonly changed_to: bigint | null
    readonly park_key: string
  }
  const rows = await tx.query<Row>(loadState, [...columnsOf(streams), parkKeys])
  return {
    lasts: new Map(rows.filter((row) => row.kind === 'last').map((row) => [streamKey(row), row.last])),
    blocked: new Set(rows.filter((row) => row.kind === 'blocked').map((row) => row.park_key)),
    holds: rows.some((row) => row.kind === 'hold' || row.kind === 'dropped'),
    dropped: new Set(
      rows.filter((row) => row.kind === 'dropped').map((row) => placeKey({ ...row, sequence: row.last })),
    ),
    changed: new Map(
      rows.flatMap(({ source, topic, subject, changed_from: from, changed_to: to }) =>
        from === null
          ? []
          : [[streamKey({ source, topic, subject }), { source, topic, subject, from, to: to ?? from }]],
      ),
    ),
  }
}

/** Read again under the keys' locks: the last one may just have ended. */
export async function blockedAmong(tx: Queryable, parkKeys: readonly string[]): Promise<Set<string>> {
  const rows = await tx.query<{ park_key: string }>(blockedOf, [parkKeys])
  return new Set(rows.map((row) => row.park_key))
}

/** A row of the inbox. */
export interface InboxRow {
  readonly source: string
  readonly id: string
  readonly type: string
  readonly digest: Digest
}

/** Writes ids into the inbox, and where streams have moved to. Gives the keys of the ids that were not there. */
export async function insertIntoInbox(
  tx: Queryable,
  incoming: readonly InboxRow[],
  moved: readonly Stream[] = [],
): Promise<Set<string>> {
  const written = incoming.map(({ digest }) => writtenOf(digest))
  const ids = [
    incoming.map(({ source }) => source),
    incoming.map(({ id }) => id),
    written.map(({ hash }) => hash),
    incoming.map(({ type }) => type),
    written.map(({ version }) => version),
  ]
  const rows = await (moved.length === 0
    ? tx.query<Pick<InboxRow, 'source' | 'id'>>(insertInbox, ids)
    : tx.query<Pick<InboxRow, 'source' | 'id'>>(insertInboxAndSequences, [...ids, ...placesOf(moved)]))
  return new Set(rows.map(inboxKey))
}

/** The digests under which events are known, by {@link inboxKey}. */
export async function knownDigests<P>(
  tx: Queryable,
  incoming: readonly IncomingEvent<P>[],
): Promise<Map<string, KnownDigest>> {
  interface Row {
    readonly source: string
    readonly id: string
    readonly content_hash: Buffer
    readonly digest_version: number
  }
  const events = incoming.map(({ event }) => event)
  const rows = await tx.query<Row>(hashesOf, columns(events, 'source', 'id'))
  return new Map(rows.map((row) => [inboxKey(row), { version: row.digest_version, hash: row.content_hash }]))
}

export async function saveSequences(tx: Queryable, streams: readonly Stream[]): Promise<void> {
  if (streams.length === 0) return
  await tx.query(upsertSequences, placesOf(streams))
}

/** The outcome of a reaction that refused. */
export interface ReactionOutcome {
  readonly source: string
  readonly id: string
  readonly code: string
}

export async function saveOutcomes(tx: Queryable, outcomes: readonly ReactionOutcome[]): Promise<void> {
  if (outcomes.length === 0) return
  await tx.query(updateOutcomes, columns(outcomes, 'source', 'id', 'code'))
}

/** Between the parts of a key: no text that is taken holds it, so that two keys are equal only if all their parts are. */
const separator = String.fromCharCode(0)

/** The key of the inbox. */
export function inboxKey(event: { readonly source: string; readonly id: string }): string {
  return event.source + separator + event.id
}

/** Names an aggregate's stream. */
export function streamKey(stream: Omit<Stream, 'sequence'>): string {
  return stream.source + separator + stream.topic + separator + stream.subject
}

/** Names one place in a stream. */
export function placeKey(stream: Stream): string {
  return streamKey(stream) + separator + String(stream.sequence)
}

/** What the bus and HTTP lock for one aggregate: the same for both, whatever the source. */
export function streamLock(topic: string, subject: string): string {
  return `${topic}\n${subject}`
}

function columnsOf(streams: readonly Stream[]): [string[], string[], string[]] {
  return [
    streams.map((stream) => stream.source),
    streams.map((stream) => stream.topic),
    streams.map((stream) => stream.subject),
  ]
}

function placesOf(streams: readonly Stream[]): unknown[] {
  return [...columnsOf(streams), streams.map((stream) => stream.sequence)]
}
