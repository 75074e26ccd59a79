/** Record batches that somebody has spoilt, most with a checksum that fits all the same. */
import { withChecksum } from './batches.ts'

/** Numbers from a seed: the same in every run. */
export function randomFrom(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}
/** Numbers below another. */
export type Random = ReturnType<typeof randomFrom>

const fields: readonly [at: number, size: number][] = [
  [0, 8],
  [8, 4],
  [12, 4],
  [16, 1],
  [17, 4],
  [21, 2],
  [23, 4],
  [27, 8],
  [35, 8],
  [43, 8],
  [51, 2],
  [53, 4],
  [57, 4],
]

/** Each spoils a batch in its way. */
const spoilers: readonly ((batch: Buffer, random: Random) => Buffer)[] = [
  // some bits, anywhere
  (batch, random) => {
    for (let count = 1 + random(4); count > 0; count--) {
      const at = random(batch.length)
      batch[at] = (batch[at] ?? 0) ^ (1 << random(8))
    }
    return batch
  },
  // some bytes of the records
  (batch, random) => {
    for (let count = 1 + random(8); count > 0; count--) batch[61 + random(batch.length - 61)] = random(256)
    return batch
  },
  // a field of the header with an extreme, or any, number
  (batch, random) => {
    const [at, size] = fields[random(fields.length)] ?? [0, 1]
    const extremes = [0x00, 0xff, 0x7f, 0x80]
    const fill = extremes[random(5)]
    for (let index = 0; index < size; index++)
      batch[at + index] =
        fill === undefined ? random(256) : index === 0 ? fill : fill === 0x7f ? 0xff : fill === 0x80 ? 0 : fill
    return batch
  },
  // a field that is a little off
  (batch, random) => {
    const [at, size] = fields[random(fields.length)] ?? [0, 1]
    batch[at + size - 1] = ((batch[at + size - 1] ?? 0) + 1 + random(4)) & 0xff
    return batch
  },
  // another codec than it says
  (batch, random) => {
    batch.writeInt16BE(random(64), 21)
    return batch
  },
  // cut off, and says so
  (batch, random) => {
    const cut = batch.subarray(0, 26 + random(batch.length - 26))
    cut.writeInt32BE(cut.length - 12, 8)
    return cut
  },
  // longer than it was, and says so
  (batch, random) => {
    const more = Buffer.concat([batch, Buffer.from(Array.from({ length: 1 + random(40) }, () => random(256)))])
    more.writeInt32BE(more.length - 12, 8)
    return more
  },
  // anything at all behind a header that is in order
  (batch, random) => {
    for (let at = 61; at < batch.length; at++) batch[at] = random(256)
    return batch
  },
  // anything at all
  (batch, random) => {
    for (let at = 0; at < batch.length; at++) batch[at] = random(256)
    return batch
  },
]

/** Nine of ten get a checksum that fits, so that they are wrong further in. */
export function spoil(whole: Buffer, random: Random, ways = spoilers): Buffer {
  const spoiler = ways[random(ways.length)]
  const before = Buffer.from(whole)
  const changed = spoiler?.(whole, random) ?? whole
  const done = random(10) > 0 ? withChecksum(changed) : changed
  return done.equals(before) ? spoil(done, random, ways) : done
}

/** Ways that leave the length as it is: those of a proxy that changes bytes on their way. */
export const spoilersInPlace: typeof spoilers = spoilers.filter((spoiler) => {
  const batch = Buffer.alloc(100)
  return [1, 2, 3].every((seed) => spoiler(Buffer.from(batch), randomFrom(seed)).length === batch.length)
})
