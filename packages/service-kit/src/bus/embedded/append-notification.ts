/** The NOTIFY of `bus.append` to readers, written and read. */
import { isUtf8 } from 'node:buffer'
import type { IncomingMessage, OutgoingMessage } from '../bus.ts'
import type { Partition } from './schema.ts'

/**
 * What readers are notified of when something was appended: from which offset on their partitions grew, and, when they are
 * small, the messages themselves. That is the hot path: it saves a round trip for each event.
 */
export interface AppendNotification {
  /** Partition id → its first new offset. */
  readonly firstOffsets: ReadonlyMap<number, bigint>
  /** The messages, by partition in order; none if they were too large. */
  readonly messages: ReadonlyMap<number, readonly NotifiedMessage[]>
}

/** A message without its place. */
export type NotifiedMessage = Pick<IncomingMessage, 'key' | 'value' | 'headers'>

/** One message of one topic, on its way to a partition. */
export interface Routed {
  readonly partition: Partition
  readonly message: OutgoingMessage
}

/** PostgreSQL takes 8,000 bytes in a notification; some are left for the offsets. */
const mostBytes = 7_000

/**
 * The messages as one text: a line with the length of each part, then the parts. Empty when they are too large, or
 * are no text.
 */
export function encodeMessages(messages: readonly Routed[]): string {
  const bytes = messages.reduce((sum, { message }) => sum + message.value.length + message.key.length, 0)
  if (bytes > mostBytes) return ''
  const parts: string[] = []
  const lengths: number[] = []
  for (const { partition, message } of messages) {
    if (!isUtf8(message.value)) return ''
    const value = message.value.toString()
    const headers = JSON.stringify(message.headers)
    parts.push(message.key, headers, value)
    lengths.push(partition.id, message.key.length, headers.length, value.length)
  }
  const encoded = `${lengths.join(',')}\n${parts.join('')}`
  return encoded.includes('\0') || Buffer.byteLength(encoded) > mostBytes ? '' : encoded
}

/** Reads the notification of `bus.append`; undefined when another program sent it. */
export function readNotification(payload: string): AppendNotification | undefined {
  const end = payload.indexOf('\n')
  if (end < 0) return undefined
  try {
    const places = payload.slice(0, end).split(',')
    return { firstOffsets: new Map(places.map(readPlace)), messages: readMessages(payload.slice(end + 1)) }
  } catch {
    return undefined
  }
}

function readPlace(place: string): [number, bigint] {
  const [id = '', offset = ''] = place.split(':')
  return [Number(id), BigInt(offset)]
}

function readMessages(encoded: string): ReadonlyMap<number, readonly NotifiedMessage[]> {
  const messages = new Map<number, NotifiedMessage[]>()
  const end = encoded.indexOf('\n')
  if (end < 0) return messages
  const lengths = encoded.slice(0, end).split(',').map(Number)
  let at = end + 1
  const next = (length: number | undefined): string => encoded.slice(at, (at += length ?? 0))
  for (let index = 0; index < lengths.length; index += 4) {
    const id = lengths[index] ?? 0
    const key = next(lengths[index + 1])
    const headers = JSON.parse(next(lengths[index + 2])) as Record<string, string>
    const message = { key, headers, value: Buffer.from(next(lengths[index + 3])) }
    const others = messages.get(id)
    if (others) others.push(message)
    else messages.set(id, [message])
  }
  return messages
}
