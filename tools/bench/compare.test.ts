import { describe, expect, test } from '@jest/globals'
import { countsIn } from './compare.counters.ts'
import { hasTimeForPair, roundsOf, warmUpSeconds } from './compare.plan.ts'
import { lastLine, type Measured, pairsOf, reportOf } from './compare.report.ts'
import { middleOf, ratioOf } from './compare.statistics.ts'

const pairsWith = (ratios: readonly number[]) =>
  ratios.map((ratio, index) => ({ other: 10 + index, own: ratio * (10 + index) }))

describe('the ratio of pairs', () => {
  test.each([
    ['equal pairs', [1, 1, 1, 1], 1],
    ['an odd number', [0.9, 1.1, 1.3], 1.1],
    ['an even number: halfway by logarithm', [0.5, 0.5, 2, 2], 1],
    ['one pair far off, which the median does not heed', [1.02, 1.01, 1.03, 40, 1.02], 1.02],
  ])('%s', (_what, ratios, expected) => {
    const found = ratioOf(pairsWith(ratios))
    expect(found?.median).toBeCloseTo(expected, 10)
    expect(found?.pairs).toBe(ratios.length)
  })

  test('is bounded by what the pairs were, and the bound holds the median', () => {
    const found = ratioOf(pairsWith([0.97, 0.99, 1, 1.01, 1.02, 1.02, 1.03, 1.05, 1.09]))!
    expect(found.low).toBeGreaterThanOrEqual(0.97)
    expect(found.high).toBeLessThanOrEqual(1.09)
    expect(found.low).toBeLessThan(found.median)
    expect(found.high).toBeGreaterThan(found.median)
  })

  test('the other way round is one over it', () => {
    const there = ratioOf(pairsWith([0.8, 0.9, 1.2, 1.4, 1.5]))!
    const back = ratioOf(pairsWith([0.8, 0.9, 1.2, 1.4, 1.5].map((ratio) => 1 / ratio)))!
    expect(back.median).toBeCloseTo(1 / there.median, 10)
    expect(back.low).toBeCloseTo(1 / there.high, 1)
  })

  test('the same pairs give the same bound', () => {
    const pairs = pairsWith([0.9, 1, 1.1, 1.2, 1.3])
    expect(ratioOf(pairs)).toEqual(ratioOf(pairs))
  })

  // Nine pairs whose logarithms scatter by 5 %: the interval should hold the truth in about nine of ten cases.
  test('the 90 % bound holds the true ratio about nine times in ten', () => {
    let state = 7
    const uniform = (): number => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647
    const normal = (): number => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform())
    let held = 0
    for (let trial = 0; trial < 40; trial++) {
      const found = ratioOf(pairsWith(Array.from({ length: 9 }, () => 1.1 * Math.exp(0.05 * normal()))))!
      if (found.low <= 1.1 && found.high >= 1.1) held += 1
    }
    expect(held).toBeGreaterThanOrEqual(31)
    expect(held).toBeLessThan(40)
  })

  test.each([
    ['two pairs say nothing of a bound', [1, 1]],
    ['nor do none', []],
  ])('%s', (_what, ratios) => {
    expect(ratioOf(pairsWith(ratios))).toBeUndefined()
  })

  test('a pair in which a side did nothing is left out', () => {
    expect(ratioOf([...pairsWith([1.2, 1.2, 1.2]), { own: 0, other: 5 }, { own: 5, other: 0 }])).toMatchObject({
      pairs: 3,
    })
  })

  test.each([
    [[3, 1, 2], 2],
    [[4, 1, 2, 3], 2.5],
    [[], 0],
  ])('the middle of %j is %d', (values, middle) => {
    expect(middleOf(values)).toBe(middle)
  })
})

describe('the plan', () => {
  const rounds = Array.from({ length: 6 }, (_, pair) => roundsOf(pair)).flat()

  test('in each pair both sides walk each path once', () => {
    for (let pair = 0; pair < 6; pair++)
      for (const path of ['receipts', 'deliveries'])
        expect(
          rounds
            .filter((round) => round.pair === pair && round.path === path)
            .map((round) => round.side)
            .sort(),
        ).toEqual(['other', 'own'])
  })

  test.each(['receipts', 'deliveries'] as const)('who begins with the %s alternates from pair to pair', (path) => {
    const first = [0, 1, 2, 3].map((pair) => roundsOf(pair).find((round) => round.path === path)?.side)
    expect(new Set([first[0], first[1]])).toEqual(new Set(['own', 'other']))
    expect(first.slice(2)).toEqual(first.slice(0, 2))
  })

  test('rounds of a pair and a path follow each other, and sides change twice within a pair', () => {
    for (let pair = 0; pair < 6; pair++) {
      const sides = roundsOf(pair).map((round) => round.side)
      expect(sides.filter((side, index) => index > 0 && side !== sides[index - 1])).toHaveLength(2)
    }
    for (const [index, round] of rounds.entries())
      if (index % 2 === 1) expect(rounds[index - 1]).toMatchObject({ pair: round.pair, path: round.path })
  })

  test.each([
    [400, 45],
    [Infinity, Infinity],
    [0, 1],
  ])('of %d seconds a side warms up on a path for %d', (left, expected) => {
    expect(warmUpSeconds(left)).toBe(expected)
  })

  test.each([
    ['three are always measured', 2, -10, 60, true],
    ['one more fits', 5, 40, 30, true],
    ['one more does not', 5, 32, 30, false],
    ['without a budget all fit', 5, Infinity, 30, true],
  ])('%s', (_what, done, left, longest, expected) => {
    expect(hasTimeForPair(done, left, longest)).toBe(expected)
  })
})

describe('the report', () => {
  const one = (side: 'own' | 'other', pair: number, perSecond: number, batches: number | undefined): Measured => ({
    ...{ pair, side, path: 'receipts', documents: 80, perSecond, cpuMs: 20, walBytes: 9000 },
    ...{ walRecordBytes: 8000, statements: 12, batches },
  })
  const measured = [0, 1, 2].flatMap((pair) => [one('other', pair, 40, undefined), one('own', pair, 44, 3)])

  test('the last line ends with the ratio', () => {
    expect(lastLine(measured, 'receipts')).toBe('receipts/s 44.0 against 40.0, 90 % 1.100 to 1.100, ratio 1.100')
  })

  test('what was not measured has no ratio', () => {
    expect(lastLine(measured, 'deliveries')).toMatch(/ratio untold$/)
    expect(lastLine(measured.slice(0, 4), 'receipts')).toMatch(/ratio untold$/)
  })

  test('a pair of which one side is missing, or does not tell, does not count', () => {
    expect(pairsOf(measured.slice(1), 'receipts', 'perSecond')).toHaveLength(2)
    expect(pairsOf(measured, 'receipts', 'batches')).toEqual([])
  })

  test('says how much both were warmed up, and each figure', () => {
    const warm = { own: { receipts: 2500, deliveries: 2500 }, other: { receipts: 700, deliveries: 800 } }
    const text = reportOf(measured, { own: 'this checkout', other: 'b8bcaaa', clients: 8, warm }).join('\n')
    expect(text).toMatch(/receipts, warmed up by 2500 and 700/)
    expect(text).toMatch(/CPU ms\/document +20\.00 +20\.00 +1\.000 \(1\.000 to 1\.000, 3 pairs\)/)
    expect(text).toMatch(/batches\/document +untold +untold +untold/)
  })
})

test.each([
  ['inbox_batch_size_count{service="stock"} 12', [12]],
  ['stockline_inbox_batch_size_count{service="stock"} 12', [12]],
  ['inbox_batch_size_count 7\nother_inbox_batch_size_count 9\n', [7]],
  ['inbox_batch_size_sum{service="stock"} 12\ninbox_batch_size_bucket{le="1"} 3', []],
])('batches in the metrics %j', (metrics, expected) => {
  expect(countsIn(metrics)).toEqual(expected)
})
