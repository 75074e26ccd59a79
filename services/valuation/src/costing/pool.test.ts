import { describe, expect, test } from '@jest/globals'
import { formatUnitPrice, money, parseQuantity, parseUnitPrice } from '@stockline/amounts'
import { costByPool, emptyPool, knowsCost, unitCostNow, type Pool } from './pool.ts'

const pool = (over: Partial<Pool>): Pool => ({ ...emptyPool('id-A', 'A', 'all', 'average'), ...over })
const stocked = { quantity: parseQuantity('4'), value: money(1000n) }
const lastBought = { lastQuantity: parseQuantity('2'), lastValue: money(600n) }
const standardCost = parseUnitPrice('7')

describe('what a unit costs now', () => {
  test.each<[string, Partial<Pool>, string | null]>([
    [
      'the standard, whatever it was bought for',
      { ...stocked, ...lastBought, method: 'standard', standardCost },
      '7.00',
    ],
    ['a standard that nobody has set: what is known', { ...stocked, method: 'standard' }, '2.50'],
    ['the average of what is there', { ...stocked, ...lastBought }, '2.50'],
    ['under FIFO what was bought last', { ...stocked, ...lastBought, method: 'fifo' }, '3.00'],
    ['with nothing there what was bought last', { ...lastBought }, '3.00'],
    ['with less than nothing there, too', { ...lastBought, quantity: parseQuantity('-1') }, '3.00'],
    ['what stock says, where nothing was bought', { standardCost }, '7.00'],
    ['nothing that is known', {}, null],
  ])('%s', (_title, over, expected) => {
    const cost = unitCostNow(pool(over), 2)
    expect(cost === null ? null : formatUnitPrice(cost)).toBe(expected)
  })
})

describe('what a quantity costs by the pool', () => {
  const of = (over: Partial<Pool>) => {
    const cost = costByPool(pool(over), parseQuantity('2'), 2)
    return cost === null ? null : `${String(cost.value)} ${cost.basis}`
  }
  test.each<[string, Partial<Pool>, RegExp | null]>([
    ['by the standard', { ...stocked, method: 'standard', standardCost }, /^1400 standard/],
    ['by the average', { ...stocked, ...lastBought }, /^500 /],
    ['by the last known cost, where nothing is there', lastBought, /^600 last known cost$/],
    ['by what stock says', { standardCost }, /^1400 standard cost$/],
    ['by nothing', {}, null],
  ])('%s', (_title, over, expected) => {
    if (expected === null) expect(of(over)).toBeNull()
    else expect(of(over)).toMatch(expected)
    expect(knowsCost(pool(over))).toBe(expected !== null)
  })
})
