/** Ten thousand batches that somebody has spoilt, between good ones: none stops the reading, hides, or costs a good one. */
import { describe, expect, test } from '@jest/globals'
import { codec, makeBatch } from '../../../test/records/batches.ts'
import { randomFrom, spoil } from '../../../test/records/spoil.ts'
import type { IncomingMessage } from '../bus.ts'
import { createFetchReader, type ReadMessage } from './fetched.ts'

/** A batch in the log: what its offsets really are, and the bytes that the broker sends, perhaps others each time. */
interface Stored {
  readonly first: bigint
  readonly last: bigint
  readonly bytes: () => Buffer
}

/** Sends like a broker: from the batch in which the offset lies, the first whole, the others as far as they fit. */
function fetchFrom(log: readonly Stored[], offset: bigint, most: number): Buffer {
  let [low, high] = [0, log.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((log[middle]?.last ?? 0n) < offset) low = middle + 1
    else high = middle
  }
  const sent: Buffer[] = []
  for (let size = 0; low < log.length && (sent.length === 0 || size < most); low++) {
    const bytes = log[low]?.bytes() ?? Buffer.alloc(0)
    sent.push(sent.length === 0 ? bytes : bytes.subarray(0, most - size))
    size += bytes.length
  }
  return Buffer.concat(sent)
}

/** Reads the whole log as a consumer does, and throws where it does not get on. */
function readAll(log: readonly Stored[], most = 600): { messages: IncomingMessage[]; fetches: number } {
  const readFetched = createFetchReader()
  const messages: IncomingMessage[] = []
  const end = (log.at(-1)?.last ?? -1n) + 1n
  let [next, fetches, idle] = [log[0]?.first ?? 0n, 0, 0]
  while (next < end) {
    const one = {
      topic: 'orders',
      partition: 0,
      fetchOffset: String(next),
      highWatermark: String(end),
      abortedTransactions: [],
      bytes: fetchFrom(log, next, most),
      messages: [] as readonly { readonly offset: string }[],
    }
    readFetched([one])
    fetches += 1
    const got = (one.messages as readonly ReadMessage[]).filter(({ offset }) => BigInt(offset) >= next)
    messages.push(...got.flatMap(({ taken }) => taken ?? []))
    idle = got.length === 0 ? idle + 1 : 0
    if (idle > 1) throw new Error(`nothing comes from ${next} on`)
    const last = got.at(-1)
    if (last !== undefined) next = BigInt(last.offset) + 1n
  }
  return { messages, fetches }
}

/** Good and spoilt in turn. Values say which is which: `good 7 0`, `bad 8 2`. */
function spoiltLog(seed: number, count: number): Stored[] {
  const random = randomFrom(seed)
  const log: Stored[] = []
  let next = 5n
  for (let index = 0; index < 2 * count; index++) {
    const spoilt = index % 2 === 1
    const values = Array.from({ length: 1 + random(5) }, (_, at) => `${spoilt ? 'bad' : 'good'} ${index} ${at}`)
    const whole = makeBatch({ first: next, values, codec: random(5) })
    const changed = spoilt ? spoil(whole, random) : whole
    log.push({ first: next, last: next + BigInt(values.length) - 1n, bytes: () => changed })
    next += BigInt(values.length)
  }
  return log
}

function valuesOf(messages: readonly IncomingMessage[]): ReadonlySet<string> {
  return new Set(messages.map(({ value }) => String(value)))
}

describe('ten thousand batches that were spoilt, most with a checksum that fits', () => {
  test.each([1, 2, 3, 4])('seed %i', (seed) => {
    const log = spoiltLog(seed, 2_500)
    const { messages, fetches } = readAll(log)
    const values = valuesOf(messages)
    const offsets = new Set(messages.map(({ offset }) => offset))

    const lost = log.flatMap(({ first, last }, index) =>
      index % 2 === 1
        ? []
        : Array.from({ length: Number(last - first) + 1 }, (_, at) => `good ${index} ${at}`).filter(
            (value) => !values.has(value),
          ),
    )
    expect(lost).toEqual([])
    // Each spoilt one is visible: something lies in its place, or where it claims to be.
    const hidden = log.filter(({ first, last, bytes }, index) => {
      const claimed = bytes().readBigInt64BE(0)
      const places = Array.from({ length: Number(last - first) + 1 }, (_, at) => BigInt(at))
      const isSeen = (at: bigint): boolean =>
        offsets.has(first + at) || offsets.has(claimed + at) || values.has(`bad ${index} ${at}`)
      return index % 2 === 1 && !places.some(isSeen)
    })
    expect(hidden).toEqual([])
    expect(fetches).toBeLessThan(log.length * 8)
    for (const { undecodable } of messages)
      if (undecodable !== undefined)
        expect(undecodable).toMatch(/^Offsets? \d+( to \d+)? of partition 0 of orders cannot be read: ./)
  })
})

describe('what was spoilt on its way', () => {
  /** Spoilt the first so many times that it is sent. */
  const spoiltAtFirst = (times: number): Stored[] =>
    [10n, 13n, 16n].map((first) => {
      const batch = makeBatch({ first, values: ['a', 'b', 'c'].map((value) => `${value}${first}`) })
      let sent = 0
      const bytes = (): Buffer => {
        if (first !== 13n || sent++ >= times) return batch
        const spoilt = Buffer.from(batch)
        spoilt[70 + sent] = 255
        return spoilt
      }
      return { first, last: first + 2n, bytes }
    })

  test('once is fetched again, and nothing is put aside', () => {
    const { messages } = readAll(spoiltAtFirst(1))
    expect(messages.map(({ value }) => String(value))).toEqual(
      [10, 13, 16].flatMap((first) => ['a', 'b', 'c'].map((value) => `${value}${first}`)),
    )
  })

  test('twice, differently, is put aside', () => {
    const { messages } = readAll(spoiltAtFirst(2))
    expect(messages.flatMap(({ undecodable }) => undecodable ?? [])).toEqual([
      'Offsets 13 to 15 of partition 0 of orders cannot be read: its checksum does not fit its content.',
    ])
    expect(messages).toHaveLength(7)
  })
})

test('of a batch whose offsets are not certain each is named, and its bytes are kept once', () => {
  const [before, spoilt, after] = [10n, 13n, 16n].map((first) => makeBatch({ first, values: ['a', 'b', 'c'] }))
  if (before === undefined || spoilt === undefined || after === undefined) throw new Error('there are three')
  spoilt.writeInt32BE(77, 57)
  const { messages } = readAll([
    { first: 10n, last: 12n, bytes: () => before },
    { first: 13n, last: 15n, bytes: () => spoilt },
    { first: 16n, last: 18n, bytes: () => after },
  ])
  const aside = messages.filter(({ undecodable }) => undecodable !== undefined)
  expect(aside.map(({ offset, value }) => [offset, value?.equals(spoilt)])).toEqual([
    [13n, true],
    [14n, undefined],
    [15n, undefined],
  ])
  expect(aside[2]?.undecodable).toMatch(/Its bytes are kept with offset 14\.$/)
  expect(messages).toHaveLength(9)
})

test('of what cannot be read no more than 64 KiB are kept', () => {
  const large = makeBatch({ first: 0n, values: ['x'.repeat(100_000)] })
  large[100] = 0
  const { messages } = readAll([{ first: 0n, last: 0n, bytes: () => large }])
  expect(messages[0]?.value).toHaveLength(65_536)
  expect(messages[0]?.undecodable).toMatch(/Of its 100\d+ bytes the first 65536 are kept here\.$/)
})

test('a gap, as compacting leaves it, is passed, and everything around it arrives', () => {
  const log = [0n, 5n, 6n, 500n].map((first): Stored => {
    const batch = makeBatch({ first, values: [`at ${first}`], codec: codec.lz4 })
    return { first, last: first, bytes: () => batch }
  })
  const { messages, fetches } = readAll(log)
  expect([...valuesOf(messages)]).toEqual(['at 0', 'at 5', 'at 6', 'at 500'])
  expect(fetches).toBeLessThan(8)
})
