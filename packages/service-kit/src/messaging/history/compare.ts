/**
 * Compares what the bus holds with what the database knows. The relay sends in the order of positions, and a consumer takes a
 * partition in its order: so what a database that fell back does not know lies at the end of each partition, behind what it
 * knows. Each is read backwards from there, in blocks.
 */
import type { EventBus, IncomingMessage, PartitionState } from '../../bus/bus.ts'
import { knownToOutbox } from './outbox.ts'
import type { Stream } from '../inbox.read.ts'
import { textOfBytes } from '../../values/json.ts'
import { positionHeader } from '../outbox.ts'
import { quarantinedAmong } from '../quarantine.ts'
import { columns } from '../../database/columns.ts'
import { sql, type Queryable } from '../../database/transaction.ts'

/** A message of this service itself, as the bus has it. */
export interface PublishedEvent {
  readonly message: IncomingMessage
  readonly id: string
  readonly type: string
  readonly subject: string
  readonly sequence: bigint
  readonly time: string
  readonly causationId: string | undefined
  /** Where it stood in the outbox; absent in messages from before 0.2.0. */
  readonly position: bigint | undefined
  /** The whole CloudEvent. */
  readonly text: string
}

/** What must be known of a message to find it in the inbox. */
export interface MessageReader {
  message(message: IncomingMessage): { readonly stream: Stream | undefined } & (
    | {
        readonly kind: 'event'
        readonly event: { readonly source: string; readonly id: string; readonly subject: string }
      }
    | { readonly kind: 'other' | 'unreadable'; readonly id: string }
  )
}

/** How far to look: the number of messages in a row that bring nothing new. */
export interface Depth {
  readonly known: number
  readonly foreign: number
}

/** Enough where nothing was written after the database fell back. */
const shallow: Depth = { known: 1, foreign: 1_000 }

type Verdict = 'known' | 'unknown' | 'foreign'
type Judge = (messages: readonly IncomingMessage[]) => Promise<readonly Verdict[]>

/** Own messages that the bus has and the outbox lacks, in the order in which they were published. */
export async function lackedByOutbox(
  db: Queryable,
  bus: EventBus,
  source: string,
  states: readonly PartitionState[],
  depth: Depth = shallow,
): Promise<readonly PublishedEvent[]> {
  const starts = states.map((state) => ({ state, before: state.next }))
  const judge: Judge = async (messages) => {
    const published = messages.map((message) => ownEventOf(source, message))
    const known = await knownToOutbox(
      db,
      published.filter((one) => one !== undefined),
    )
    return published.map((one) => (one === undefined ? 'foreign' : known.has(one.id) ? 'known' : 'unknown'))
  }
  const unknown = await unknownBehind(bus, starts, judge, depth)
  // Ids of version 7 rise with the time at which an event was published; within a partition its order counts.
  return inOrder(unknown.flatMap((message) => ownEventOf(source, message) ?? []))
}

/**
 * Messages that the group has taken and the inbox does not know, each partition's in order.
 *
 * @param ahead so many behind the group's place are looked at too, in each partition: a process that was killed may have taken
 *   more than it committed to the bus
 */
export async function lackedByInbox(
  db: Queryable,
  bus: EventBus,
  reader: MessageReader,
  states: readonly PartitionState[],
  depth: Depth = shallow,
  ahead = 0n,
): Promise<readonly IncomingMessage[]> {
  // A bus that lost the end of its log may remember a group beyond it: there is nothing to be read.
  const starts = states.flatMap((state) =>
    state.taken === undefined ? [] : [{ state, before: lesser(state.taken + ahead, state.next) }],
  )
  const judge: Judge = async (messages) => {
    const given = messages.map((message) => placeIn(reader, message))
    const known = await knownToInbox(db, given)
    const left = messages.filter((_, index) => given[index] !== undefined && !known.has(index))
    const aside = await quarantinedAmong(db, left)
    return given.map((one, index) => {
      if (one === undefined) return 'foreign'
      return known.has(index) || aside.has(messages[index]) ? 'known' : 'unknown'
    })
  }
  return unknownBehind(bus, starts, judge, depth)
}

function lesser(a: bigint, b: bigint): bigint {
  return a < b ? a : b
}

interface Start {
  readonly state: PartitionState
  readonly before: bigint
}

interface Walk {
  readonly state: PartitionState
  before: bigint
  known: number
  foreign: number
}

/** The last message of each partition answers mostly; where it does not, larger blocks follow. */
const blocks = [1n, 64n, 512n]

async function unknownBehind(
  bus: EventBus,
  starts: readonly Start[],
  judge: Judge,
  depth: Depth,
): Promise<readonly IncomingMessage[]> {
  const unknown: IncomingMessage[] = []
  let walks: Walk[] = starts.map(({ state, before }) => ({ state, before, known: 0, foreign: 0 }))
  for (let round = 0; ; round += 1) {
    walks = walks.filter(
      (walk) => walk.before > walk.state.first && walk.known < depth.known && walk.foreign < depth.foreign,
    )
    if (walks.length === 0) return unknown.reverse()
    const block = blocks[Math.min(round, blocks.length - 1)] ?? 1n
    const stretches = walks.map(({ state: { topic, partition, first }, before }) => {
      return { topic, partition, from: before - block > first ? before - block : first, to: before }
    })
    const messages = await bus.read(stretches)
    const verdicts = await judge(messages)
    const verdictOf = new Map(messages.map((message, index) => [message, verdicts[index]]))
    const byPartition = Map.groupBy(messages, nameOf)
    for (const [index, walk] of walks.entries()) {
      walk.before = stretches[index]?.from ?? walk.state.first
      for (const message of (byPartition.get(nameOf(walk.state)) ?? []).toReversed()) {
        if (walk.known >= depth.known) break
        const verdict = verdictOf.get(message)
        walk.known = verdict === 'unknown' ? 0 : walk.known + Number(verdict === 'known')
        walk.foreign = verdict === 'foreign' ? walk.foreign + 1 : 0
        if (verdict === 'unknown') unknown.push(message)
      }
    }
  }
}

function nameOf({ topic, partition }: Pick<PartitionState, 'topic' | 'partition'>): string {
  return `${topic}/${String(partition)}`
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
const count = /^[1-9]\d{0,17}$/

/** The message as one of our own; undefined where it is not. */
function ownEventOf(source: string, message: IncomingMessage): PublishedEvent | undefined {
  const text = textOfBytes(message.value)
  // Foreign ones are many; ours have the source near the beginning, spelled out.
  if (text?.includes(`"${source}"`) !== true) return undefined
  const fields = fieldsOf(text)
  const textAt = (name: string) => {
    const value: unknown = fields === undefined ? undefined : Reflect.get(fields, name)
    return typeof value === 'string' ? value : ''
  }
  const [id, sequence, position] = [textAt('id'), textAt('sequence'), message.headers[positionHeader] ?? '']
  if (textAt('source') !== source || !uuid.test(id) || !count.test(sequence)) return undefined
  return {
    message,
    id,
    type: textAt('type'),
    subject: textAt('subject'),
    sequence: BigInt(sequence),
    time: textAt('time'),
    causationId: textAt('causationid') || undefined,
    position: count.test(position) ? BigInt(position) : undefined,
    text,
  }
}

function fieldsOf(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}

function inOrder(published: readonly PublishedEvent[]): readonly PublishedEvent[] {
  return published.toSorted((a, b) => {
    if (nameOf(a.message) === nameOf(b.message)) return a.message.offset < b.message.offset ? -1 : 1
    return a.id < b.id ? -1 : 1
  })
}

interface InboxPlace {
  readonly source: string
  readonly id: string
  readonly topic: string
  readonly subject: string
  readonly sequence: bigint | undefined
}

/** A message as the inbox would remember it; undefined for what leaves no trace there. */
function placeIn(reader: MessageReader, message: IncomingMessage): InboxPlace | undefined {
  const read = reader.message(message)
  const { topic } = message
  if (read.stream !== undefined) return { ...read.stream, topic, id: read.kind === 'event' ? read.event.id : read.id }
  if (read.kind !== 'event') return undefined
  const { source, id, subject } = read.event
  return { source, id, topic, subject, sequence: undefined }
}

const knownPlaces = sql(`
  select place::int from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[])
    with ordinality as given (source, id, topic, subject, sequence, place)
  where exists (select 1 from kit.inbox i where (i.source, i.id) = (given.source, given.id))
    or exists (select 1 from kit.inbox_sequences s
      where (s.source, s.topic, s.subject) = (given.source, given.topic, given.subject) and s.last >= given.sequence)
    or exists (select 1 from kit.parked p where p.state = 'gap'
      and (p.source, p.topic, p.subject, p.sequence) = (given.source, given.topic, given.subject, given.sequence))`)

async function knownToInbox(db: Queryable, given: readonly (InboxPlace | undefined)[]): Promise<ReadonlySet<number>> {
  const places = given.flatMap((one, index) => (one === undefined ? [] : [{ ...one, index }]))
  if (places.length === 0) return new Set()
  const values = columns(places, 'source', 'id', 'topic', 'subject', 'sequence')
  const rows = await db.query<{ place: number }>(knownPlaces, values)
  return new Set(rows.flatMap(({ place }) => places[place - 1]?.index ?? []))
}
