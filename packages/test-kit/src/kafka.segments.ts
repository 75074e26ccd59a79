/** What lies in a broker's files: record batches as producers made them. */
import { readFileSync } from 'node:fs'

const headerBytes = 61
const attributesAt = 21
const codecs = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const
const xerial = Buffer.from('\x82SNAPPY\0', 'latin1')

/**
 * How many batches lie in these segments in which compression. Snappy is told apart by its framing: `snappy (block)` as librdkafka
 * writes it, `snappy (xerial)` as Java's client does. Batches that end a transaction hold no messages and are left out.
 *
 * @see https://kafka.apache.org/documentation/#recordbatch
 */
export function compressionsOf(files: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const file of files) {
    const bytes = readFileSync(file)
    for (let at = 0; at + headerBytes <= bytes.length; at += 12 + bytes.readInt32BE(at + 8)) {
      const attributes = bytes.readInt16BE(at + attributesAt)
      if ((attributes & 0x20) !== 0) continue
      const codec = codecs[attributes & 7] ?? 'unknown'
      const payload = bytes.subarray(at + headerBytes)
      const framing = payload.subarray(0, xerial.length).equals(xerial) ? 'xerial' : 'block'
      const name = codec === 'snappy' ? `snappy (${framing})` : codec
      counts[name] = (counts[name] ?? 0) + 1
    }
  }
  return counts
}
