/**
 * Snappy, as Kafka's producers write it: librdkafka one raw block, Java's client the "xerial" framing around blocks.
 *
 * @see https://github.com/google/snappy/blob/main/format_description.txt
 */
import { MalformedError, TooLargeError } from './bytes.ts'

const xerialMagic = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00])
/** The magic, a version and the lowest version that can read it. */
const xerialHeader = 16
/** No element makes more than 64 bytes out of two: a larger claim is false. */
const greatestRatio = 64

/**
 * Unpacks either framing.
 *
 * @param limit most bytes that may come out
 * @throws MalformedError, TooLargeError
 */
export function unpackSnappy(packed: Buffer, limit: number): Buffer {
  if (!packed.subarray(0, xerialMagic.length).equals(xerialMagic)) return unpackBlock(packed, limit)
  if (packed.length < xerialHeader) throw new MalformedError('the header of xerial framing is cut off')
  const blocks: Buffer[] = []
  let room = limit
  for (let at = xerialHeader; at < packed.length;) {
    if (packed.length - at < 4) throw new MalformedError('the length of a snappy block is cut off')
    const size = packed.readInt32BE(at)
    at += 4
    if (size < 0 || size > packed.length - at)
      throw new MalformedError(`a snappy block of ${size} bytes goes beyond the end`)
    const block = unpackBlock(packed.subarray(at, at + size), room)
    blocks.push(block)
    room -= block.length
    at += size
  }
  return blocks.length === 1 && blocks[0] ? blocks[0] : Buffer.concat(blocks)
}

function unpackBlock(packed: Buffer, limit: number): Buffer {
  const { length, at: start } = lengthOf(packed)
  if (length > packed.length * greatestRatio) throw new MalformedError(`a snappy block cannot hold ${length} bytes`)
  if (length > limit) throw new TooLargeError('more bytes than may be')
  const out = Buffer.allocUnsafe(length)
  let made = 0
  for (let at = start; at < packed.length;) {
    const tag = packed[at] ?? 0
    const kind = tag & 3
    if (kind === 0) {
      const { size, from } = literalAt(packed, at, tag)
      if (size > packed.length - from || size > length - made)
        throw new MalformedError('a snappy literal goes beyond the end')
      packed.copy(out, made, from, from + size)
      made += size
      at = from + size
    } else {
      const width = kind === 3 ? 4 : kind
      if (packed.length - at <= width) throw new MalformedError('a snappy copy is cut off')
      const size = kind === 1 ? ((tag >>> 2) & 7) + 4 : (tag >>> 2) + 1
      const offset = kind === 1 ? ((tag >>> 5) << 8) | (packed[at + 1] ?? 0) : packed.readUIntLE(at + 1, width)
      if (offset === 0 || offset > made) throw new MalformedError('a snappy copy begins before the beginning')
      if (size > length - made) throw new MalformedError('a snappy copy goes beyond the end')
      copyWithin(out, made, offset, size)
      made += size
      at += 1 + width
    }
  }
  if (made !== length) throw new MalformedError(`a snappy block says that it holds ${length} bytes, and holds ${made}`)
  return out
}

function lengthOf(packed: Buffer): { length: number; at: number } {
  let length = 0
  for (let at = 0; at < 5; at++) {
    const byte = packed[at]
    if (byte === undefined) break
    length += (byte & 0x7f) * 2 ** (7 * at)
    if (byte < 0x80) return { length, at: at + 1 }
  }
  throw new MalformedError('the length of a snappy block does not end')
}

function literalAt(packed: Buffer, at: number, tag: number): { size: number; from: number } {
  const short = tag >>> 2
  if (short < 60) return { size: short + 1, from: at + 1 }
  const width = short - 59
  if (packed.length - at <= width) throw new MalformedError('the length of a snappy literal is cut off')
  return { size: packed.readUIntLE(at + 1, width) + 1, from: at + 1 + width }
}

/** Repeats what was made `offset` bytes before; where that overlaps with what is being made, byte by byte. */
export function copyWithin(out: Buffer, to: number, offset: number, size: number): void {
  if (offset >= size) out.copyWithin(to, to - offset, to - offset + size)
  else for (let index = to; index < to + size; index++) out[index] = out[index - offset] ?? 0
}
