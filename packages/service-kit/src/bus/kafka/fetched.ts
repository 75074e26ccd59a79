/**
 * What a fetch brought, made into messages for a consumer: in order, with what cannot be read named in its place. The
 * client itself knows one codec of five, checks no checksum, and stops for ever at bytes that it cannot read.
 */
import type { FetchedPartition } from 'kafkajs'
import { crc32 } from 'node:zlib'
import type { IncomingMessage } from '../bus.ts'
import type { Broken, FetchedEntry, Limits, Reading, RecordSet, Suspect } from './record-set.ts'
import { readRecordSet } from './records.ts'

/** What the client passes on to its batch handler. */
export interface ReadMessage {
  readonly offset: string
  /** What our own handler gets; none where no record lies, and only the place counts. */
  readonly taken: IncomingMessage | undefined
}

/**
 * Of one batch and of one fetch at most, unpacked: what goes beyond the first is put aside, what goes beyond the second
 * waits for the next fetch. A producer's batch is about 1 MB packed, and our own are not packed.
 */
const limits: Limits = { bytesOfBatch: 32 * 1024 * 1024, recordsOfBatch: 100_000, room: 64 * 1024 * 1024 }
/** Of what cannot be read so much is handed on. All of it stays on the bus. */
const mostKept = 64 * 1024

/** What was met before, by partition. */
interface Doubt {
  /** What could not be read. */
  readonly broken?: { readonly offset: bigint; readonly checksum: number } | undefined
  readonly suspect?: Suspect | undefined
}

/**
 * Makes the reader of one consumer. It puts the messages into what was fetched, and never throws.
 *
 * What cannot be read is fetched a second time before it is put aside, since it may have been spoilt on its way. Where
 * the offsets of a batch are not certain, only the fetched one is passed: rather the same again than lost.
 */
export function createFetchReader(): (fetched: readonly FetchedPartition[]) => void {
  const met = new Map<string, Doubt>()
  return (fetched) => {
    const first = fetched.find(({ bytes }) => bytes.length > 0)
    let { room } = limits
    for (const one of fetched) {
      const place = `${one.topic}/${one.partition}`
      const before = met.get(place) ?? {}
      const reading = readRecordSet(recordSetOf(one, one === first, before), { ...limits, room })
      room -= reading.cost
      const { entries, doubt } = settled(BigInt(one.fetchOffset), reading, before)
      met.set(place, doubt)
      one.messages = entries.map((entry) => messageOf(entry, one, before))
    }
  }
}

function recordSetOf(one: FetchedPartition, isFirst: boolean, { suspect }: Doubt): RecordSet {
  const from = BigInt(one.fetchOffset)
  return {
    bytes: one.bytes,
    from,
    end: BigInt(one.highWatermark),
    aborted: one.abortedTransactions.map(({ producerId, firstOffset }) => {
      return { producerId: BigInt(producerId), firstOffset: BigInt(firstOffset) }
    }),
    isFirst,
    suspect,
  }
}

/** What may be handed on: as far as to the first batch that cannot be read and was not met before. */
function settled(
  from: bigint,
  { entries, stop }: Reading,
  before: Doubt,
): { entries: readonly FetchedEntry[]; doubt: Doubt } {
  let { broken } = before
  let known: Buffer | undefined
  for (const [index, entry] of entries.entries()) {
    if (entry.kind !== 'broken' || entry.batch === known) continue
    broken = { offset: entry.first, checksum: crc32(entry.batch) }
    // Of a batch in doubt not even the good ones have a place that is certain.
    const readable = typeof stop === 'string' ? entries.slice(0, index) : []
    if (!isKnown(entry, before)) return { entries: readable, doubt: { ...before, broken } }
    known = entry.batch
  }
  if (typeof stop === 'string') return { entries, doubt: { broken } }
  // The next fetches, each from one further on, meet the same batch as long as the fetched offset is in it.
  const passed: FetchedEntry = { kind: 'nothing', offset: from }
  if (before.suspect?.first === stop.first) return { entries: [passed], doubt: { ...before, broken } }
  const suspect = { first: stop.first, until: from + stop.span }
  return { entries: [...entries, passed], doubt: { broken, suspect } }
}

function isKnown({ first, batch }: Broken, { broken }: Doubt): boolean {
  return broken !== undefined && (broken.offset === first || broken.checksum === crc32(batch))
}

function messageOf(entry: FetchedEntry, { topic, partition }: FetchedPartition, before: Doubt): ReadMessage {
  const { offset } = entry
  const taken = (): IncomingMessage | undefined => {
    switch (entry.kind) {
      case 'nothing':
        return undefined
      case 'record': {
        const { key, value, headers } = entry
        return { topic, partition, offset, key: key?.toString() ?? null, value, headers }
      }
      case 'broken':
        return undecodable(entry, topic, partition, before)
    }
  }
  return { offset: String(offset), taken: taken() }
}

function undecodable(
  { first, offset, reason, bytes, batch }: Broken,
  topic: string,
  partition: number,
  { broken }: Doubt,
): IncomingMessage {
  const which = first === offset ? `Offset ${first}` : `Offsets ${first} to ${offset}`
  const sentence = `${which} of partition ${partition} of ${topic} cannot be read: ${reason}.`
  const place = { topic, partition, offset: first, key: null, headers: {} }
  if (bytes === batch && broken !== undefined && broken.offset !== first && broken.checksum === crc32(batch))
    return { ...place, value: null, undecodable: `${sentence} Its bytes are kept with offset ${broken.offset}.` }
  const cut = bytes.length > mostKept ? ` Of its ${bytes.length} bytes the first ${mostKept} are kept here.` : ''
  return { ...place, value: Buffer.from(bytes.subarray(0, mostKept)), undecodable: sentence + cut }
}
