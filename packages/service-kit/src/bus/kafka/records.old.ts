/**
 * Messages in the two formats that Kafka wrote before 0.11 (versions 0 and 1), alone or several packed into one. Brokers
 * still keep and send what was written then.
 *
 * @see https://kafka.apache.org/documentation/#messageset
 */
import { crc32 } from 'node:zlib'
import {
  type Cursor,
  cursor,
  MalformedError,
  readBytes,
  readInt32,
  readInt8,
  readSized,
  TooLargeError,
} from './bytes.ts'
import { isPacked, unpack } from './codecs.ts'
import { type Batch, type FetchedRecord, type Limits, type RecordSet, unreadable } from './record-set.ts'

/** Beside its bytes. */
const costOfRecord = 256

interface OldMessage {
  readonly offset: bigint
  readonly magic: number
  readonly attributes: number
  readonly key: Buffer | null
  readonly value: Buffer | null
}

/** Reads an old message that is whole. Undefined where it does not fit into `limits.room`. */
export function readOldMessage(bytes: Buffer, set: RecordSet, limits: Limits): Batch | undefined {
  const most = Math.min(limits.bytesOfBatch, limits.room)
  if (most < 1) return undefined
  try {
    const outer = readMessage(cursor(bytes))
    if (!isPacked(outer.attributes)) return batchOf([outer], bytes.length)
    if (outer.value === null) throw new MalformedError('it is packed, and empty')
    const records = unpack(outer.attributes, outer.value, most)
    return batchOf(inner(records, outer, limits), records.length)
  } catch (error) {
    if (error instanceof TooLargeError && most < limits.bytesOfBatch) return undefined
    return unreadable(set, error instanceof Error ? error.message : String(error), bytes)
  }
}

/** The packed messages. In version 1 their offsets are counted up to that of the message around them. */
function inner(records: Buffer, outer: OldMessage, limits: Limits): readonly OldMessage[] {
  const from = cursor(records)
  const messages: OldMessage[] = []
  while (from.at < from.end) {
    const message = readMessage(from)
    if (message.magic !== outer.magic || isPacked(message.attributes))
      throw new MalformedError('it is packed twice, or mixes formats')
    if (messages.length >= limits.recordsOfBatch)
      throw new MalformedError(`it holds more than ${limits.recordsOfBatch} messages`)
    messages.push(message)
  }
  const last = messages.at(-1)
  if (last === undefined) throw new MalformedError('it is packed, and empty')
  const shift = outer.magic === 0 ? 0n : outer.offset - last.offset
  return messages.map((message) => ({ ...message, offset: message.offset + shift }))
}

function batchOf(messages: readonly OldMessage[], size: number): Batch {
  const entries = messages.map(({ offset, key, value }): FetchedRecord => {
    return { kind: 'record', offset, key, value, headers: {} }
  })
  const [first, last] = [messages[0]?.offset ?? 0n, messages.at(-1)?.offset ?? 0n]
  const rising = messages.every(({ offset }, index) => offset >= 0n && offset > (messages[index - 1]?.offset ?? -1n))
  if (!rising) throw new MalformedError('its offsets do not rise')
  return { first, last, entries, cost: size + costOfRecord * messages.length, certain: true, ends: true }
}

function readMessage(from: Cursor): OldMessage {
  const offset = readBytes(from, 8, 'the offset of a message').readBigInt64BE()
  const content = cursor(readBytes(from, readInt32(from), 'a message'))
  const checksum = readInt32(content) >>> 0
  if (checksum !== crc32(content.bytes.subarray(content.at)))
    throw new MalformedError('its checksum does not fit its content')
  const magic = readInt8(content)
  if (magic !== 0 && magic !== 1) throw new MalformedError(`its format ${magic} is not known`)
  const attributes = readInt8(content)
  if (magic === 1) readBytes(content, 8, 'the time of a message')
  const [key, value] = [readSized(content, 'the key'), readSized(content, 'the value')]
  if (content.at !== content.end) throw new MalformedError(`${content.end - content.at} bytes are left over`)
  return { offset, magic, attributes, key, value }
}
