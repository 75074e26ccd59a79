/** CRC-32C (Castagnoli), which record batches carry. `node:zlib` knows only the other CRC-32. */
const polynomial = 0x82f63b78
const tables = makeTables()

/** Tables for eight bytes at a time: table n has what a byte becomes after n more. */
function makeTables(): readonly Int32Array[] {
  const first = Int32Array.from({ length: 256 }, (_, byte) => {
    let crc = byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ polynomial : crc >>> 1
    return crc
  })
  const all = [first]
  for (let n = 1; n < 8; n++) {
    const before = all[n - 1] ?? first
    all.push(before.map((crc) => (crc >>> 8) ^ at(first, crc & 0xff)))
  }
  return all
}

function at(table: Int32Array, index: number): number {
  return table[index] ?? 0
}

const [t0, t1, t2, t3, t4, t5, t6, t7] = tables as [
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
  Int32Array,
]

/** The checksum of the bytes, as an unsigned number. */
export function crc32c(bytes: Uint8Array): number {
  const { length } = bytes
  let crc = -1
  let index = 0
  for (; index + 8 <= length; index += 8) {
    const low =
      crc ^ (b(bytes, index) | (b(bytes, index + 1) << 8) | (b(bytes, index + 2) << 16) | (b(bytes, index + 3) << 24))
    crc =
      at(t7, low & 0xff) ^
      at(t6, (low >>> 8) & 0xff) ^
      at(t5, (low >>> 16) & 0xff) ^
      at(t4, low >>> 24) ^
      at(t3, b(bytes, index + 4)) ^
      at(t2, b(bytes, index + 5)) ^
      at(t1, b(bytes, index + 6)) ^
      at(t0, b(bytes, index + 7))
  }
  for (; index < length; index++) crc = (crc >>> 8) ^ at(t0, (crc ^ b(bytes, index)) & 0xff)
  return ~crc >>> 0
}

function b(bytes: Uint8Array, index: number): number {
  return bytes[index] ?? 0
}
