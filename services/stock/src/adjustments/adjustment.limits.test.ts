import { describe, expect, test } from '@jest/globals'
import { parseQuantity, parseUnitPrice } from '@stockline/amounts'
import { aboveLimit, type Corrected, type Limit } from './adjustment.limits.ts'

const q = parseQuantity
const limit = (quantity: string | null, percent: string | null, value: string | null): Limit => ({
  quantity: quantity === null ? null : q(quantity),
  percent: percent === null ? null : q(percent),
  value: value === null ? null : parseUnitPrice(value),
})
const corrected = (quantity: string, expected: string, unitCost: string | null = '2'): Corrected => ({
  ...{ sku: 'RM-A', quantity: q(quantity), expected: q(expected) },
  unitCost: unitCost === null ? null : parseUnitPrice(unitCost),
})

describe('A2: what needs approval', () => {
  test.each<[string, Limit, Corrected, RegExp | undefined]>([
    ['by default all that differs', limit('0', '0', '0'), corrected('0.001', '42'), /quantity/],
    ['what does not differ never', limit('0', '0', '0'), corrected('0', '42', null), undefined],
    ['just at the quantity', limit('2', null, null), corrected('2', '42'), undefined],
    ['a millionth above it', limit('2', null, null), corrected('2.000001', '42'), /quantity/],
    ['just at the percent', limit(null, '5', null), corrected('2', '40'), undefined],
    ['above it', limit(null, '5', null), corrected('2.000001', '40'), /percent/],
    ['whatever percent where nothing was expected', limit(null, '999.99', null), corrected('0.001', '0'), /percent/],
    ['and where less than nothing was', limit(null, '999.99', null), corrected('1', '-1'), /percent/],
    ['just at the value', limit(null, null, '4'), corrected('2', '42', '2'), undefined],
    ['above it', limit(null, null, '4'), corrected('2', '42', '2.0000000001'), /value/],
    ['an unknown cost', limit('9', null, '4'), corrected('0.001', '42', null), /not known/],
    ['which does not matter without a limit of value', limit('9', null, null), corrected('1', '42', null), undefined],
    ['one of three is passed', limit('9', '1', '99'), corrected('1', '42'), /percent/],
  ])('%s', (_title, given, one, why) => {
    const above = aboveLimit(given, [corrected('0', '1'), one])
    if (why === undefined) expect(above).toBeUndefined()
    else expect(above).toMatch(why)
  })
})
