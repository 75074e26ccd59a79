/** Reads bytes of the Kafka protocol, and never past their end. */

/** What is wrong with bytes that cannot be read, in words. */
export class MalformedError extends Error {
  override readonly name: string = 'MalformedError'
}

/** More came out of it than may: with more room it might be read. */
export class TooLargeError extends MalformedError {
  override readonly name = 'TooLargeError'
}

/** A place in bytes that moves on as they are read. Every read throws {@link MalformedError} where the bytes end too early. */
export interface Cursor {
  readonly bytes: Buffer
  at: number
  /** Where reading must end: not after it. */
  readonly end: number
}

/** Begins to read `bytes` between two places. */
export function cursor(bytes: Buffer, at = 0, end = bytes.length): Cursor {
  return { bytes, at, end }
}

/** The next byte, signed. */
export function readInt8(from: Cursor): number {
  return from.bytes.readInt8(advance(from, 1, 'a byte'))
}

/** Four bytes, signed, the greatest first. */
export function readInt32(from: Cursor): number {
  return from.bytes.readInt32BE(advance(from, 4, 'a number of 4 bytes'))
}

/** The next `length` bytes, not copied. */
export function readBytes(from: Cursor, length: number, what: string): Buffer {
  const start = advance(from, length, what)
  return from.bytes.subarray(start, start + length)
}

/** Bytes with their length as four bytes before them; -1 is null. */
export function readSized(from: Cursor, what: string): Buffer | null {
  const length = readInt32(from)
  return length === -1 ? null : readBytes(from, length, what)
}

/** Bytes with their length as a varint before them; -1 is null. */
export function readVarSized(from: Cursor, what: string): Buffer | null {
  const length = readVarint(from)
  return length === -1 ? null : readBytes(from, length, what)
}

const mostBytesOfVarint = 5
const mostBytesOfVarlong = 10

/** A signed number of 32 bits in one to five bytes: seven bits each, zigzag. */
export function readVarint(from: Cursor): number {
  const { bytes, end } = from
  let value = 0
  for (let count = 0; count < mostBytesOfVarint; count++) {
    if (from.at >= end) throw new MalformedError('a number of variable length goes beyond the end')
    const byte = bytes[from.at++] ?? 0
    value |= (byte & 0x7f) << (7 * count)
    if (byte < 0x80) return (value >>> 1) ^ -(value & 1)
  }
  throw new MalformedError('a number of variable length does not end')
}

/** Skips a number of 64 bits of variable length. */
export function skipVarlong(from: Cursor): void {
  for (let count = 0; count < mostBytesOfVarlong; count++) {
    if (from.at >= from.end) throw new MalformedError('a number of variable length goes beyond the end')
    if ((from.bytes[from.at++] ?? 0) < 0x80) return
  }
  throw new MalformedError('a number of variable length does not end')
}

function advance(from: Cursor, length: number, what: string): number {
  const start = from.at
  if (length < 0) throw new MalformedError(`the length of ${what} is negative (${length})`)
  if (length > from.end - start) throw new MalformedError(`${what} of ${length} bytes goes beyond the end`)
  from.at = start + length
  return start
}
