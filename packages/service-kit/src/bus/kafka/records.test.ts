import { describe, expect, test } from '@jest/globals'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { codec, makeBatch, makeEnd, samples, withChecksum } from '../../../test/records/batches.ts'
import { unpack } from './codecs.ts'
import { crc32c } from './crc.ts'
import type { FetchedEntry, Limits, RecordSet } from './record-set.ts'
import { readRecordSet } from './records.ts'

const ample: Limits = { bytesOfBatch: 2 ** 25, recordsOfBatch: 100_000, room: 2 ** 26 }

function read(bytes: Buffer, set: Partial<RecordSet> = {}, limits: Partial<Limits> = {}) {
  const whole = { from: 100n, end: 1_000n, aborted: [], isFirst: true, ...set, bytes }
  return readRecordSet(whole, { ...ample, ...limits })
}

/** `100 key-0 value`, `101 nothing`, `102-103 broken: reason` */
function show(entry: FetchedEntry): string {
  if (entry.kind === 'nothing') return `${entry.offset} nothing`
  if (entry.kind === 'record') return `${entry.offset} ${String(entry.key)} ${String(entry.value)}`
  return `${entry.first}-${entry.offset} broken: ${entry.reason}`
}

test('the checksum is that of everybody', () => {
  expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283)
  expect(crc32c(Buffer.alloc(0))).toBe(0)
  expect(crc32c(Buffer.alloc(32))).toBe(0x8a9136aa)
})

describe("batches by Apache Kafka's own code", () => {
  const batches = samples('batches.tsv')
  const plain = [...batches].filter(([name]) => / v\d$/.test(name))

  test.each(plain)('%s', (name, bytes) => {
    const { entries, stop } = read(bytes)
    const headers = name.endsWith('v2')
    expect(stop).toBe('end')
    expect(entries).toEqual(
      Array.from({ length: 12 }, (_, index) => ({
        kind: 'record',
        offset: 100n + BigInt(index),
        key: index % 5 === 3 ? null : Buffer.from(`key-${index}`),
        value: index % 5 === 4 ? null : Buffer.from(`{"number":${index},"text":"the same text in each of them"}`),
        headers: headers ? { ce_id: `last ${index}`, empty: '' } : {},
      })),
    )
  })

  test.each([...batches].filter(([name]) => name.endsWith(' large')))('%s', (_, bytes) => {
    const texts = Array.from({ length: 50 }, (_, index) => {
      let text = ''
      for (let at = 0; text.length < 3000; at++) text += `line ${(at * 7919) % (97 + index)} `
      return text
    })
    expect(read(bytes).entries.map((entry) => entry.kind === 'record' && String(entry.value))).toEqual(texts)
  })

  test('idempotent, transactional, and the ends of transactions', () => {
    const at = (name: string): Buffer => batches.get(name) ?? Buffer.alloc(0)
    expect(read(at('idempotent')).entries).toHaveLength(3)
    const whole = Buffer.concat([at('transactional'), at('committed')])
    expect(read(whole).entries.map(show)).toEqual([
      '100 key-0 value-0',
      '101 key-1 value-1',
      '102 key-2 value-2',
      '103 nothing',
    ])
    const takenBack = Buffer.concat([at('transactional'), at('aborted')])
    const aborted = [{ producerId: 7001n, firstOffset: 100n }]
    expect(read(takenBack, { aborted }).entries.map(show)).toEqual(['102 nothing', '103 nothing'])
  })
})

describe('what the reference libraries have packed', () => {
  let text = ''
  for (let at = 0; text.length < 150_000; at++) text += `line ${(at * 7919) % 997} `

  test.each([...samples('frames.tsv')])('%s', (name, packed) => {
    const number = name.startsWith('lz4') ? codec.lz4 : codec.snappy
    expect(unpack(number, packed, text.length).toString()).toBe(text)
    expect(() => unpack(number, packed, text.length - 1)).toThrow(/unpacks to more than/)
    for (let length = 1; length < packed.length; length += 997)
      expect(() => unpack(number, packed.subarray(0, length), text.length)).toThrow(/cannot be unpacked/)
  })

  test.each([
    ['gzip', codec.gzip, gzipSync],
    ['zstd', codec.zstd, zstdCompressSync],
  ] as const)('%s, also in several frames', (_, number, pack) => {
    const [one, two] = [pack(text.slice(0, 1000)), pack(text.slice(1000))]
    expect(unpack(number, Buffer.concat([one, two]), text.length).toString()).toBe(text)
    expect(() => unpack(number, Buffer.concat([one, two]), text.length - 1)).toThrow(/unpacks to more than/)
  })
})

describe('transactions that were taken back', () => {
  const [ours, theirs] = [1n, 2n]
  const batch = (first: bigint, producerId: bigint, value: string, transactional = true): Buffer =>
    makeBatch({ first, values: [value], producerId, transactional })

  test('of two that overlap each ends by itself, and what nobody took back stays', () => {
    const bytes = Buffer.concat([
      batch(100n, ours, 'no'),
      batch(101n, theirs, 'no'),
      batch(102n, ours, 'plain', false),
      makeEnd(103n, ours, 'aborted'),
      batch(104n, ours, 'yes'),
      batch(105n, theirs, 'no'),
      makeEnd(106n, theirs, 'aborted'),
      batch(107n, theirs, 'yes'),
      makeEnd(108n, theirs, 'committed'),
    ])
    const aborted = [
      { producerId: theirs, firstOffset: 101n },
      { producerId: ours, firstOffset: 100n },
    ]
    const records = read(bytes, { aborted }).entries.filter((entry) => entry.kind === 'record')
    expect(records.map(show)).toEqual(['102 key-0 plain', '104 key-0 yes', '107 key-0 yes'])
  })

  test('a fetch that begins in the midst of both', () => {
    const aborted = [
      { producerId: ours, firstOffset: 5n },
      { producerId: theirs, firstOffset: 6n },
    ]
    const bytes = Buffer.concat([batch(100n, theirs, 'no'), batch(101n, ours, 'no'), batch(102n, 3n, 'yes')])
    expect(
      read(bytes, { aborted })
        .entries.filter((entry) => entry.kind === 'record')
        .map(show),
    ).toEqual(['102 key-0 yes'])
  })

  test('a record with the key of an end ends nothing', () => {
    const key = makeBatch({ first: 100n, values: ['no'], producerId: ours, transactional: true })
    const end = withChecksum(makeEnd(101n, ours, 'aborted'))
    end.writeInt16BE(16, 21) // transactional, but no control batch
    const aborted = [{ producerId: ours, firstOffset: 100n }]
    const bytes = Buffer.concat([key, withChecksum(end), batch(102n, ours, 'no')])
    expect(read(bytes, { aborted }).entries.filter((entry) => entry.kind === 'record')).toEqual([])
  })
})

describe('what cannot be read is named, and what can be is read', () => {
  const good = (first: bigint, values = ['a', 'b', 'c'], how = codec.none): Buffer =>
    makeBatch({ first, values, codec: how })
  /** A batch with a mistake. */
  const bad = (change: (bytes: Buffer) => void, keepChecksum = false, how = codec.none): Buffer => {
    const bytes = good(103n, ['a', 'b', 'c'], how)
    change(bytes)
    return keepChecksum ? bytes : withChecksum(bytes)
  }
  const table: [name: string, bad: Buffer, shown: string[]][] = [
    ['a checksum', bad((bytes) => (bytes[70] = 1), true), ['103-105 broken: its checksum does not fit its content']],
    ['a codec', bad((bytes) => bytes.writeInt16BE(7, 21)), ['103-105 broken: compression 7 is not known']],
    [
      'gzip',
      bad((bytes) => bytes.writeInt16BE(1, 21)),
      ['103-105 broken: gzip cannot be unpacked: incorrect header check'],
    ],
    ['a version', bad((bytes) => bytes.writeInt8(3, 16)), ['103-103 broken: its format 3 is not known']],
    ['a negative length', bad((bytes) => bytes.writeInt32BE(-5, 8)), ['103-103 broken: its length is -5']],
    [
      'a negative count',
      bad((bytes) => bytes.writeInt32BE(-1, 57)),
      ['103-103 broken: it claims -1 records from 103 to 105'],
    ],
    [
      'an absurd count',
      bad((bytes) => bytes.writeInt32BE(2 ** 31 - 1, 57)),
      ['103-103 broken: it claims 2147483647 records from 103 to 105'],
    ],
    [
      'too small a count',
      bad((bytes) => bytes.writeInt32BE(1, 57)),
      ['103 key-0 a', '104-104 broken: there is more in it than its 1 records'],
    ],
    [
      'too great a count',
      bad((bytes) => bytes.writeInt32BE(4, 57)),
      ['103-103 broken: it claims 4 records from 103 to 105'],
    ],
    [
      'offsets from before',
      bad((bytes) => bytes.writeBigInt64BE(5n, 0)),
      ['103-103 broken: its offsets 5 to 7 are before 103'],
    ],
    [
      'a record that is too long',
      bad((bytes) => (bytes[61] = 126)),
      ['103-105 broken: its record 1 of 3 goes beyond its end'],
    ],
    [
      'a key that is too long',
      bad((bytes) => (bytes[65] = 60)),
      ['103-103 broken: in its record 1 of 3 the key of 30 bytes goes beyond the end', '104 key-1 b', '105 key-2 c'],
    ],
    [
      'a transaction end that is none',
      bad((bytes) => bytes.writeInt16BE(32, 21)),
      ['103-105 broken: it claims to end a transaction, and does not say how'],
    ],
  ]

  test.each(table)('%s', (_, bytes, shown) => {
    const first = read(Buffer.concat([good(100n), bytes, good(106n)]), { from: 100n })
    expect(first.entries.map(show).slice(0, 3)).toEqual(['100 key-0 a', '101 key-1 b', '102 key-2 c'])
    const { entries } = read(Buffer.concat([bytes, good(106n)]), { from: 103n })
    expect(entries.map(show).slice(0, shown.length)).toEqual(shown)
  })

  test('a batch that was cut off at the limit of the fetch is left to the next', () => {
    const bytes = Buffer.concat([good(100n), good(103n)])
    for (let length = good(100n).length; length < bytes.length; length++) {
      const { entries, stop } = read(bytes.subarray(0, length))
      expect([entries.length, stop]).toEqual([3, length === good(100n).length ? 'end' : 'rest'])
    }
    expect(read(good(100n).subarray(0, 70), { isFirst: false })).toEqual({ entries: [], stop: 'rest', cost: 0 })
    expect(read(good(100n).subarray(0, 70)).entries.map(show)).toEqual([
      '100-100 broken: its length goes beyond the 70 bytes that were sent',
    ])
  })

  test('a batch without records is passed', () => {
    const empty = makeBatch({ first: 100n, values: [] })
    empty.writeInt32BE(2, 23)
    expect(read(Buffer.concat([withChecksum(empty), good(103n)])).entries.map(show)).toHaveLength(3)
    expect(read(empty)).toEqual({ entries: [], stop: { first: 100n, span: 3n }, cost: 0 })
  })

  test('over a gap what is there is read; a batch in doubt is left to the next fetch', () => {
    const bytes = Buffer.concat([good(100n), good(110n), good(120n)])
    const { entries, stop } = read(bytes)
    expect([entries.map(({ offset }) => offset), stop]).toEqual([[100n, 101n, 102n, 110n, 111n, 112n], 'rest'])
  })

  test('an only batch behind a gap is read, and in doubt until it is met where it can hold no other offset', () => {
    const gap = { first: 110n, span: 3n }
    expect(read(good(110n)).stop).toEqual(gap)
    expect(read(good(110n), { from: 102n, suspect: { first: 110n, until: 103n } }).stop).toEqual(gap)
    expect(read(good(110n), { from: 103n, suspect: { first: 110n, until: 103n } }).stop).toBe('end')
  })

  test('a batch that was compacted is read, its end passed when it is met again', () => {
    const compacted = good(100n)
    compacted.writeInt32BE(9, 23)
    withChecksum(compacted)
    expect(read(compacted).stop).toEqual({ first: 100n, span: 10n })
    expect(read(compacted, { from: 105n, suspect: { first: 100n, until: 103n } }).entries.map(show)).toEqual([
      '109 nothing',
    ])
    expect(read(Buffer.concat([compacted, good(110n)])).entries).toHaveLength(6)
  })
})

describe('what would fill the memory', () => {
  const zeros = 'x'.repeat(3_000_000)

  test.each(['gzip', 'zstd'] as const)('a %s batch beyond the limit is put aside', (how) => {
    const bytes = makeBatch({ first: 100n, values: [zeros], codec: codec[how] })
    expect(bytes.length).toBeLessThan(10_000)
    expect(read(bytes, {}, { bytesOfBatch: 1_000_000 }).entries.map(show)).toEqual([
      `100-100 broken: ${how} unpacks to more than 1000000 bytes`,
    ])
  })

  test('what fits alone, but not into the fetch, is left to the next', () => {
    const one = (first: bigint): Buffer => makeBatch({ first, values: [zeros], codec: codec.zstd })
    const bytes = Buffer.concat([one(100n), one(101n), one(102n)])
    const { entries, stop } = read(bytes, {}, { room: 7_000_000 })
    expect([entries.map(({ offset }) => offset), stop]).toEqual([[100n, 101n], 'rest'])
    expect(read(bytes, { isFirst: false }, { room: 1_000_000 })).toEqual({ entries: [], stop: 'rest', cost: 0 })
    expect(read(bytes, { isFirst: true }, { room: 1_000_000 }).entries).toHaveLength(1)
  })

  test('so many records, and so many headers', () => {
    const values = Array.from({ length: 20 }, () => '')
    expect(read(makeBatch({ first: 100n, values }), {}, { recordsOfBatch: 19 }).entries.map(show)).toEqual([
      '100-119 broken: it claims 20 records, 19 are allowed',
    ])
  })
})
