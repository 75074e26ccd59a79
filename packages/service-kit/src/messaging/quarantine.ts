/** Messages that cannot be taken at all, with their bytes and every fault. The rest flows on. */
import { columns } from '../database/columns.ts'
import { kitLocks } from '../database/locks.ts'
import { createHash, hash } from 'node:crypto'
import type { Event } from '@stockline/contracts/envelope'
import { v7 as uuidv7 } from 'uuid'
import { z } from 'zod'
import type { IncomingMessage } from '../bus/bus.ts'
import { asSentVersion, meaningVersion, writtenOf } from '../values/digest.ts'
import { filtered } from '../database/filtered.ts'
import { partsOfMessage } from './cloudevent.ts'
import type { IncomingEvent } from './inbox.read.ts'
import { textOfBytes } from '../values/json.ts'
import { boundedErrors } from '../values/bounds.ts'
import type { FieldError } from '../refusal.ts'
import { storable, storableJson } from '../values/texts.ts'
import { sql, type Queryable } from '../database/transaction.ts'

/** A message and why it cannot be taken. */
export interface Rejected {
  readonly message: IncomingMessage
  readonly reason: string
  readonly faults: readonly FieldError[]
}

/** A quarantined message as administrators see it. */
export const quarantinedMessage = z
  .object({
    id: z.uuid(),
    topic: z.string(),
    partition: z.int().nullable().meta({ description: 'Null for what came by HTTP, as is `offset`.' }),
    offset: z.string().nullable(),
    key: z.string().nullable().meta({ description: 'The order number, SKU or whatever else the event is about.' }),
    source: z.string().nullable().meta({ description: 'The system that it is from, where that can be read.' }),
    headers: z.record(z.string(), z.string()),
    value: z.string().nullable().meta({ description: 'The bytes as they came, in base64.' }),
    text: z.string().nullable().meta({ description: 'The bytes as text, where they are UTF-8.' }),
    reason: z.string(),
    faults: z.array(z.object({ pointer: z.string(), message: z.string() })),
    quarantinedAt: z.iso.datetime(),
  })
  .meta({ id: 'QuarantinedMessage' })

type QuarantinedMessage = z.output<typeof quarantinedMessage>

const noPartition = -1

/** Source, id and content: the same again is a duplicate. */
type EventIdentity = Pick<IncomingEvent, 'event' | 'digest'>

/** What came by HTTP lay on no topic: its id and content stand for its place, so that a repeat is one row. */
export function placeOffTheBus({ event, digest }: EventIdentity): Pick<IncomingMessage, 'partition' | 'offset'> {
  return { partition: noPartition, offset: numberOf(event, writtenOf(digest).hash) }
}

function numberOf({ source, id }: Event, content: Buffer): bigint {
  const named = hash('sha256', JSON.stringify([source, id, content.toString('hex')]), 'buffer')
  return named.readBigInt64BE()
}

// One after the other, so that of two messages at one place neither hides the other.
const lockLetters = sql(`select pg_advisory_xact_lock(${kitLocks.quarantine})`)
// Reading a topic again from the beginning quarantines nothing twice. Rows of the version before have no digest.
const insertRejected = sql(`
  with given as (
    select * from unnest($1::uuid[], $2::text[], $3::int[], $4::bigint[], $5::text[], $6::text[], $7::bytea[], $8::text[],
        $9::text[], $10::bytea[], $11::bigint[], $12::text[])
      as given (id, topic, partition, place, message_key, headers, value, reason, faults, digest, instead, source)
  )
  insert into kit.quarantine
    (id, topic, partition, message_offset, place_offset, message_key, headers, value, reason, faults, digest, source)
  select id, topic, partition, case when occupied then instead else place end, case when occupied then place end,
    message_key, headers::jsonb, value, reason, faults::jsonb, digest, source
  from given cross join lateral (
    select exists (select from kit.quarantine as known
      where (known.topic, known.partition, known.message_offset) = (given.topic, given.partition, given.place)) as occupied
  ) as looked
  where not exists (select from kit.quarantine as known
      where (known.topic, known.partition, known.message_offset) = (given.topic, given.partition, given.place)
        and case when known.digest is not null then known.digest = given.digest
          else (known.message_key, known.headers, known.value)
            is not distinct from (given.message_key, given.headers::jsonb, given.value) end)
    and not exists (select from kit.quarantine as known
      where (known.topic, known.partition, known.place_offset) = (given.topic, given.partition, given.place)
        and known.digest = given.digest)
  on conflict (topic, partition, message_offset) do nothing`)
const findRejected = sql(`
  select quarantine.reason, quarantine.faults
  from kit.inbox join kit.quarantine on quarantine.reason = inbox.outcome
  where (inbox.source, inbox.id) = ($1, $2)
    and (quarantine.topic, quarantine.partition) = ($3, $4) and quarantine.message_offset = any($5::bigint[])`)

const findAtPlaces = sql(`
  select (ordinality - 1)::int as index
  from unnest($1::text[], $2::int[], $3::bigint[], $4::bytea[]) with ordinality as given (topic, partition, place, value)
  where exists (select from kit.quarantine as known
      where (known.topic, known.partition, known.message_offset) = (given.topic, given.partition, given.place)
        and known.value is not distinct from given.value)
    or exists (select from kit.quarantine as known
      where (known.topic, known.partition, known.place_offset) = (given.topic, given.partition, given.place)
        and known.value is not distinct from given.value)`)
const findTexts = sql(`
  select (ordinality - 1)::int as index
  from unnest($1::text[], $2::bytea[]) with ordinality as given (topic, value)
  where exists (select from kit.quarantine as known
    where known.topic = given.topic and known.partition <> ${String(noPartition)} and known.value = given.value)`)

/** Those of these messages that are set aside already: the same bytes at the same place. Earlier versions' rows count too. */
export async function quarantinedAmong(
  db: Queryable,
  messages: readonly IncomingMessage[],
): Promise<ReadonlySet<IncomingMessage | undefined>> {
  if (messages.length === 0) return new Set()
  const places = columns(messages, 'topic', 'partition', 'offset', 'value')
  const rows = await db.query<{ index: number }>(findAtPlaces, places)
  return new Set(rows.map(({ index }) => messages[index]))
}

/** Which of these texts lay on the bus and were set aside when they came, by their index. */
export async function quarantinedOnArrival(
  db: Queryable,
  texts: readonly { readonly topic: string; readonly value: Buffer }[],
): Promise<ReadonlySet<number>> {
  if (texts.length === 0) return new Set()
  const rows = await db.query<{ index: number }>(findTexts, columns(texts, 'topic', 'value'))
  return new Set(rows.map(({ index }) => index))
}

/** Sets messages aside, each once. Let it be the last thing that a transaction does: others wait for its end. */
export async function quarantine(tx: Queryable, rejected: readonly Rejected[]): Promise<void> {
  if (rejected.length === 0) return
  const messages = rejected.map(({ message }) => message)
  const digests = messages.map(digestOf)
  const locked = tx.query(lockLetters)
  const inserted = tx.query(insertRejected, [
    rejected.map(() => uuidv7()),
    ...columns(messages, 'topic', 'partition', 'offset'),
    messages.map(({ key }) => (key === null ? null : storable(key))),
    messages.map(({ headers }) => storableJson(headers)),
    ...columns(messages, 'value'),
    ...columns(rejected, 'reason'),
    rejected.map(({ faults }) => storableJson(firstOf(faults))),
    digests,
    messages.map(({ offset }, index) => insteadOfPlace(offset, digests[index])),
    messages.map(sourceOf),
  ])
  await Promise.all([locked, inserted])
}

/** The source of a message; null where it cannot be read. */
function sourceOf(message: IncomingMessage): string | null {
  const parts = partsOfMessage(message)
  const source = 'attributes' in parts ? parts.attributes['source'] : undefined
  return typeof source === 'string' ? storable(source) : null
}

/** A message of 1 MiB may have more errors than a person reads. */
function firstOf(all: readonly FieldError[]): readonly FieldError[] {
  const { faults, more } = boundedErrors(all)
  return more === 0 ? faults : [...faults, { pointer: '', message: `has ${String(more)} more faults` }]
}

/** What a message is known by at its place. What came by HTTP has a place made of its content. */
function digestOf({ partition, offset, key, headers, value }: IncomingMessage): Buffer {
  if (partition === noPartition) return hash('sha256', String(offset), 'buffer')
  const words = JSON.stringify([key, Object.entries(headers).sort(), value === null])
  return createHash('sha256')
    .update(words)
    .update('\n')
    .update(value ?? '')
    .digest()
}

/** Stands for place and content where the place is occupied: below zero, where no message lies. */
function insteadOfPlace(offset: bigint, digest: Buffer | undefined): bigint {
  const named = hash('sha256', `${String(offset)}\n${digest?.toString('hex') ?? ''}`, 'buffer')
  return BigInt.asIntN(64, named.readBigUInt64BE() | (1n << 63n))
}

/** Why an event that came by HTTP was set aside as wrong; undefined if it was not. */
export async function quarantinedAs(
  db: Queryable,
  incoming: EventIdentity & Pick<IncomingEvent, 'topic'>,
): Promise<Pick<Rejected, 'reason' | 'faults'> | undefined> {
  const { event, topic, digest } = incoming
  const contents = [asSentVersion, meaningVersion].flatMap((version) => digest.by(version) ?? [])
  const [row] = await db.query<Pick<Rejected, 'reason' | 'faults'>>(findRejected, [
    event.source,
    event.id,
    topic,
    noPartition,
    contents.map((content) => numberOf(event, content)),
  ])
  return row
}

/** Which dead letters. */
export interface QuarantineFilter {
  /** All are before this one, which is not among them. */
  readonly beforeId?: string | undefined
  readonly source?: string | undefined
  readonly reason?: string | undefined
  readonly key?: string | undefined
}

/** The newest first. Gives one more than `limit` where more follow. */
export async function listQuarantined(
  db: Queryable,
  limit: number,
  { beforeId, source, reason, key }: QuarantineFilter = {},
): Promise<QuarantinedMessage[]> {
  const { statement, values } = filtered(
    ({ all, value, when }) => `
      select id, topic, nullif(partition, ${String(noPartition)}) as partition,
        case when partition <> ${String(noPartition)} then coalesce(place_offset, message_offset)::text end as offset,
        message_key as key, source, headers, value, reason, faults, quarantined_at as "quarantinedAt"
      from kit.quarantine
      where ${all(
        when(beforeId, (given) => `id < ${given}`),
        when(source, (given) => `source = ${given}`),
        when(reason, (given) => `reason = ${given}`),
        when(key, (given) => `message_key = ${given}`),
      )}
      order by id desc limit ${value(limit + 1)}`,
  )
  type Row = Omit<QuarantinedMessage, 'value' | 'text' | 'quarantinedAt'> & {
    value: Buffer | null
    quarantinedAt: Date
  }
  const rows = await db.query<Row>(statement, values)
  return rows.map((row) => ({
    ...row,
    value: row.value?.toString('base64') ?? null,
    text: textOfBytes(row.value) ?? null,
    quarantinedAt: row.quarantinedAt.toISOString(),
  }))
}
