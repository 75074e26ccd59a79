/** Record batches for tests: those that Apache Kafka's own code made, and what tests make themselves. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { crc32c } from '../../src/bus/kafka/crc.ts'

/** By name: batches by `Batches.java` (`batches.tsv`), and texts packed by the reference libraries (`frames.tsv`). */
export function samples(file: 'batches.tsv' | 'frames.tsv'): ReadonlyMap<string, Buffer> {
  const lines = readFileSync(join(import.meta.dirname, file), 'utf8')
    .trim()
    .split('\n')
  return new Map(lines.map((line) => [line.split('\t')[0] ?? '', Buffer.from(line.split('\t')[1] ?? '', 'base64')]))
}

/** Codecs by the number that a batch carries. */
export const codec = { none: 0, gzip: 1, snappy: 2, lz4: 3, zstd: 4 }

/** What a batch is made of. */
export interface Making {
  readonly first: bigint
  readonly values: readonly (string | null)[]
  readonly codec?: number
  readonly producerId?: bigint
  readonly transactional?: boolean
}

/** A whole batch with the right checksum. Record n has the key "key-n". */
export function makeBatch(making: Making): Buffer {
  const { first, values, producerId = -1n } = making
  const records = values.map((value, index) => record(index, Buffer.from(`key-${index}`), value))
  return envelope(first, Buffer.concat(records), values.length, {
    attributes: (making.codec ?? 0) | (making.transactional ? 16 : 0),
    producerId,
  })
}

/** The end of a transaction. */
export function makeEnd(first: bigint, producerId: bigint, how: 'aborted' | 'committed'): Buffer {
  const key = Buffer.from([0, 0, 0, how === 'aborted' ? 0 : 1])
  return envelope(first, record(0, key, '\0\0\0\0\0\0'), 1, { attributes: 16 | 32, producerId })
}

/** Puts the header around records that are written out. */
export function envelope(
  first: bigint,
  records: Buffer,
  count: number,
  { attributes, producerId = -1n }: { attributes: number; producerId?: bigint },
): Buffer {
  const packed = pack(attributes & 7, records)
  const header = Buffer.alloc(61)
  header.writeBigInt64BE(first, 0)
  header.writeInt32BE(49 + packed.length, 8)
  header.writeInt8(2, 16)
  header.writeInt16BE(attributes, 21)
  header.writeInt32BE(count - 1, 23)
  header.writeBigInt64BE(producerId, 43)
  header.writeInt32BE(count, 57)
  return withChecksum(Buffer.concat([header, packed]))
}

/** The same bytes with the checksum that fits them. */
export function withChecksum(batch: Buffer): Buffer {
  if (batch.length > 21) batch.writeUInt32BE(crc32c(batch.subarray(21)), 17)
  return batch
}

/** One record with its length before it. */
export function record(delta: number, key: Buffer | null, value: string | null): Buffer {
  const content = Buffer.concat([
    Buffer.from([0]),
    varint(0),
    varint(delta),
    sized(key),
    sized(value === null ? null : Buffer.from(value)),
    varint(0),
  ])
  return Buffer.concat([varint(content.length), content])
}

function sized(bytes: Buffer | null): Buffer {
  return bytes === null ? varint(-1) : Buffer.concat([varint(bytes.length), bytes])
}

/** A signed number as Kafka writes it within records. */
export function varint(value: number): Buffer {
  const bytes: number[] = []
  let rest = ((value << 1) ^ (value >> 31)) >>> 0
  for (; rest > 0x7f; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80)
  return Buffer.from([...bytes, rest])
}

function pack(how: number, records: Buffer): Buffer {
  if (how === codec.gzip) return gzipSync(records)
  if (how === codec.zstd) return zstdCompressSync(records)
  if (how === codec.snappy) return snappyOf(records)
  if (how === codec.lz4) return lz4Of(records)
  return records
}

/** One literal: valid, and packed to nothing. */
function snappyOf(bytes: Buffer): Buffer {
  const length: number[] = []
  let rest = bytes.length
  for (; rest > 0x7f; rest >>>= 7) length.push((rest & 0x7f) | 0x80)
  const size = bytes.length - 1
  return Buffer.concat([Buffer.from([...length, rest, 61 << 2, size & 0xff, size >>> 8]), bytes])
}

/** One block that is not packed. */
function lz4Of(bytes: Buffer): Buffer {
  const [header, size] = [Buffer.from([0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82]), Buffer.alloc(4)]
  size.writeUInt32LE(bytes.length + 2 ** 31)
  return Buffer.concat([header, size, bytes, Buffer.alloc(4)])
}
