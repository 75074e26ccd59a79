/**
 * LZ4 in its frame format, as Kafka's producers write it: blocks linked or independent, with or without the content's size
 * and checksums. Checksums of the frame are passed over: the record batch around it has its own, and Java's client once
 * wrote the header's wrongly.
 *
 * @see https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md
 */
import { cursor, MalformedError, readBytes, TooLargeError, type Cursor } from './bytes.ts'
import { copyWithin } from './snappy.ts'

const frameMagic = 0x184d2204
/** Sixteen magics of frames that are to be passed over. */
const skippableMagic = 0x184d2a50
const flags = { dictionary: 1, contentChecksum: 4, contentSize: 8, blockChecksum: 16, independent: 32 }

interface Output {
  bytes: Buffer
  made: number
  readonly limit: number
}

/**
 * Unpacks one frame, or several after one another.
 *
 * @param limit most bytes that may come out
 * @throws MalformedError, TooLargeError
 */
export function unpackLz4(packed: Buffer, limit: number): Buffer {
  const out: Output = { bytes: Buffer.allocUnsafe(Math.min(limit, packed.length * 4)), made: 0, limit }
  const from = cursor(packed)
  do unpackFrame(from, out)
  while (from.at < from.end)
  return out.bytes.subarray(0, out.made)
}

function unpackFrame(from: Cursor, out: Output): void {
  const magic = readUint32(from)
  if ((magic & 0xfffffff0) >>> 0 === skippableMagic) {
    readBytes(from, readUint32(from), 'a skippable LZ4 frame')
    return
  }
  if (magic !== frameMagic) throw new MalformedError('no LZ4 frame begins there')
  const [flag = 0, block = 0] = readBytes(from, 2, 'the descriptor of an LZ4 frame')
  if (flag >>> 6 !== 1) throw new MalformedError(`an LZ4 frame of version ${flag >>> 6} is not known`)
  if (flag & flags.dictionary) throw new MalformedError('an LZ4 frame needs a dictionary')
  const size = flag & flags.contentSize ? readBytes(from, 8, 'the size of an LZ4 frame').readBigUInt64LE() : undefined
  if (size !== undefined && size > BigInt(out.limit - out.made)) throw new TooLargeError('more bytes than may be')
  readBytes(from, 1, 'the checksum of an LZ4 header')
  const start = out.made
  unpackBlocks(from, out, flag, largestBlock(block))
  if (flag & flags.contentChecksum) readBytes(from, 4, 'the checksum of an LZ4 frame')
  if (size !== undefined && size !== BigInt(out.made - start))
    throw new MalformedError(`an LZ4 frame says that it holds ${size} bytes, and holds ${out.made - start}`)
}

function largestBlock(descriptor: number): number {
  const code = (descriptor >>> 4) & 7
  if (code < 4) throw new MalformedError(`an LZ4 block size of code ${code} is not known`)
  return 1 << (8 + 2 * code)
}

function unpackBlocks(from: Cursor, out: Output, flag: number, largest: number): void {
  const start = out.made
  for (;;) {
    const header = readUint32(from)
    if (header === 0) return
    const size = header & 0x7fffffff
    if (size > largest) throw new MalformedError(`an LZ4 block of ${size} bytes is larger than its frame allows`)
    const block = readBytes(from, size, 'an LZ4 block')
    if (header >>> 31) {
      makeRoom(out, size)
      out.made += block.copy(out.bytes, out.made)
    } else unpackBlock(block, out, flag & flags.independent ? out.made : start, largest)
    if (flag & flags.blockChecksum) readBytes(from, 4, 'the checksum of an LZ4 block')
  }
}

/** @param earliest a match may reach back to there */
function unpackBlock(block: Buffer, out: Output, earliest: number, largest: number): void {
  const most = out.made + largest
  for (let at = 0; at < block.length;) {
    const token = block[at++] ?? 0
    const literal = lengthAt(block, at, token >>> 4)
    at = literal.at
    if (literal.length > block.length - at) throw new MalformedError('an LZ4 literal goes beyond the end')
    makeRoom(out, literal.length, most)
    block.copy(out.bytes, out.made, at, at + literal.length)
    out.made += literal.length
    at += literal.length
    if (at === block.length) return // the last sequence has no match
    if (block.length - at < 2) throw new MalformedError('an LZ4 match is cut off')
    const offset = block.readUInt16LE(at)
    const match = lengthAt(block, at + 2, token & 15)
    at = match.at
    if (offset === 0 || offset > out.made - earliest)
      throw new MalformedError('an LZ4 match begins before the beginning')
    makeRoom(out, match.length + 4, most)
    copyWithin(out.bytes, out.made, offset, match.length + 4)
    out.made += match.length + 4
  }
}

function lengthAt(block: Buffer, start: number, first: number): { length: number; at: number } {
  if (first < 15) return { length: first, at: start }
  let length = first
  for (let at = start; at < block.length; at++) {
    const byte = block[at] ?? 0
    length += byte
    if (byte < 255) return { length, at: at + 1 }
  }
  throw new MalformedError('a length in an LZ4 block does not end')
}

function makeRoom(out: Output, size: number, most = Infinity): void {
  const needed = out.made + size
  if (needed > most) throw new MalformedError('an LZ4 block holds more than its frame allows')
  if (needed > out.limit) throw new TooLargeError('more bytes than may be')
  if (needed <= out.bytes.length) return
  const larger = Buffer.allocUnsafe(Math.min(out.limit, Math.max(needed, out.bytes.length * 2)))
  out.bytes.copy(larger, 0, 0, out.made)
  out.bytes = larger
}

function readUint32(from: Cursor): number {
  return readBytes(from, 4, 'a number in an LZ4 frame').readUInt32LE()
}
