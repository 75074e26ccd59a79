import { describe, expect, test } from '@jest/globals'
import { parseQuantity, parseUnitPrice } from '@stockline/amounts'
import { scoreOf, valueOnHand } from './score.ts'

const facts = (daysSince: number | null, onHand: string, cost: string | null, differences: number, movesSince: number) => ({
  daysSince,
  onHand: parseQuantity(onHand),
  unitCost: cost === null ? null : parseUnitPrice(cost),
  differences,
  movesSince,
}) // prettier-ignore

describe('the score of what to count next', () => {
  /** 100 pieces at 2.00 are the most. */
  const highest = valueOnHand(facts(0, '100', '2.00', 0, 0)) ?? 0n
  test.each([
    ['counted today, worth nothing, nothing moved', facts(0, '0', '2.00', 0, 0), [0, 0, 0, 0, 0]],
    ['never counted', facts(null, '0', '2.00', 0, 0), [400, 400, 0, 0, 0]],
    ['73 days are a fifth of a year', facts(73, '0', '2.00', 0, 0), [80, 80, 0, 0, 0]],
    ['more than a year is no more', facts(9999, '0', '2.00', 0, 0), [400, 400, 0, 0, 0]],
    ['a clock that went back', facts(-1, '0', '2.00', 0, 0), [0, 0, 0, 0, 0]],
    ['the highest value', facts(0, '100', '2.00', 0, 0), [300, 0, 300, 0, 0]],
    ['a third of it', facts(0, '33.333333', '2.00', 0, 0), [99, 0, 99, 0, 0]],
    ['nobody knows what it costs', facts(0, '1', null, 0, 0), [300, 0, 300, 0, 0]],
    ['less than nothing is there', facts(0, '-5', '2.00', 0, 0), [0, 0, 0, 0, 0]],
    ['3 differences', facts(0, '0', '2.00', 3, 0), [150, 0, 0, 150, 0]],
    ['7 differences, 60 moves', facts(0, '0', '2.00', 7, 60), [300, 0, 0, 200, 100]],
    ['all together', facts(146, '50', '2.00', 1, 7), [374, 160, 150, 50, 14]],
  ] as const)('%s', (_title, known, [score, since, value, differences, moves]) =>
    expect(scoreOf(known, highest)).toEqual({ score, since, value, differences, moves }),
  )

  test('where nothing is worth anything', () => expect(scoreOf(facts(0, '1', '0', 0, 0), 0n).value).toBe(0))
})
