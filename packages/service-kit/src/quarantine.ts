/** Messages that cannot be taken at all, with their bytes and every fault. The rest flows on. */
import { hash } from 'node:crypto'
import { v7 as uuidv7 } from 'uuid'
import type { IncomingMessage } from './bus.ts'
import { filtered } from './filtered.ts'
import { textOfBytes, type Heard } from './inbox.read.ts'
import type { FieldFault } from './refusal.ts'
import { sql, type Queryable } from './transaction.ts'

/** A message and why it cannot be taken. */
export interface Rejected {
  readonly message: IncomingMessage
  readonly reason: string
  readonly faults: readonly FieldFault[]
}

/** A quarantined message as administrators see it. */
export interface Quarantined {
  readonly id: string
  readonly topic: string
  /** Where it lay on the bus; null for what came by HTTP. */
  readonly partition: number | null
  readonly offset: string | null
  readonly key: string | null
  readonly headers: Readonly<Record<string, string>>
  /** The bytes in base64. */
  readonly value: string | null
  /** The same as text, where it is UTF-8. */
  readonly text: string | null
  readonly reason: string
  readonly faults: readonly FieldFault[]
  readonly quarantinedAt: string
}

const noPartition = -1

/** What is said, and by whom: the same again is a repeat. */
type Said = Pick<Heard, 'event' | 'contentHash'>

/** What came by HTTP lay on no topic: its id and content stand for its place, so that a repeat is one row. */
export function placeOffTheBus({ event, contentHash }: Said): Pick<IncomingMessage, 'partition' | 'offset'> {
  const named = hash('sha256', JSON.stringify([event.source, event.id, contentHash.toString('hex')]), 'buffer')
  return { partition: noPartition, offset: named.readBigInt64BE() }
}

// Reading a topic again from the beginning quarantines nothing twice.
const insertRejected = sql(`
  insert into kit.quarantine (id, topic, partition, message_offset, message_key, headers, value, reason, faults)
  select id, topic, partition, message_offset, message_key, headers::jsonb, value, reason, faults::jsonb
  from unnest($1::uuid[], $2::text[], $3::int[], $4::bigint[], $5::text[], $6::text[], $7::bytea[], $8::text[], $9::text[])
    as rejected (id, topic, partition, message_offset, message_key, headers, value, reason, faults)
  on conflict (topic, partition, message_offset) do nothing`)
const findRejected = sql(`
  select quarantine.reason, quarantine.faults
  from kit.inbox join kit.quarantine on quarantine.reason = inbox.outcome
  where (inbox.source, inbox.id) = ($1, $2)
    and (quarantine.topic, quarantine.partition, quarantine.message_offset) = ($3, $4, $5)`)

/** Sets messages aside, one statement for all. */
export async function quarantine(tx: Queryable, rejected: readonly Rejected[]): Promise<void> {
  if (rejected.length === 0) return
  await tx.query(insertRejected, [
    rejected.map(() => uuidv7()),
    rejected.map(({ message }) => message.topic),
    rejected.map(({ message }) => message.partition),
    rejected.map(({ message }) => message.offset),
    rejected.map(({ message }) => (message.key === null ? null : storable(message.key))),
    rejected.map(({ message }) => JSON.stringify(storableHeaders(message.headers))),
    rejected.map(({ message }) => message.value),
    rejected.map(({ reason }) => reason),
    rejected.map(({ faults }) => storable(JSON.stringify(faults))),
  ])
}

/** Why an event that came by HTTP was set aside as wrong; undefined if it was not. */
export async function quarantinedAs(
  db: Queryable,
  heard: Said & Pick<Heard, 'topic'>,
): Promise<Pick<Rejected, 'reason' | 'faults'> | undefined> {
  const { event, topic } = heard
  const { partition, offset } = placeOffTheBus(heard)
  const [row] = await db.query<Pick<Rejected, 'reason' | 'faults'>>(findRejected, [
    event.source,
    event.id,
    topic,
    partition,
    offset,
  ])
  return row
}

/** The newest first. Gives one more than `limit` where more follow. */
export async function listQuarantined(db: Queryable, limit: number, beforeId?: string): Promise<Quarantined[]> {
  interface Row {
    readonly id: string
    readonly topic: string
    readonly partition: number
    readonly message_offset: bigint
    readonly message_key: string | null
    readonly headers: Readonly<Record<string, string>>
    readonly value: string | null
    readonly reason: string
    readonly faults: readonly FieldFault[]
    readonly quarantined_at: Date
  }
  const { statement, values } = filtered(
    ({ all, value, when }) => `
      select id, topic, partition, message_offset, message_key, headers, encode(value, 'base64') as value, reason,
        faults, quarantined_at
      from kit.quarantine where ${all(when(beforeId, (given) => `id < ${given}`))}
      order by id desc limit ${value(limit + 1)}`,
  )
  const rows = await db.query<Row>(statement, values)
  return rows.map((row) => ({
    id: row.id,
    topic: row.topic,
    partition: row.partition === noPartition ? null : row.partition,
    offset: row.partition === noPartition ? null : String(row.message_offset),
    key: row.message_key,
    headers: row.headers,
    value: row.value?.replaceAll('\n', '') ?? null,
    text: row.value === null ? null : (textOfBytes(Buffer.from(row.value, 'base64')) ?? null),
    reason: row.reason,
    faults: row.faults,
    quarantinedAt: row.quarantined_at.toISOString(),
  }))
}

function storableHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [storable(name), storable(value)]))
}

/** PostgreSQL stores no U+0000 in text; the bytes themselves are kept as they are. */
function storable(text: string): string {
  return text.replaceAll(String.fromCharCode(0), '\uFFFD').replaceAll('\\u0000', '\\uFFFD')
}
