import { describe, expect, test } from '@jest/globals'
import { parseQuantity, parseUnitPrice } from '@stockline/amounts'
import { aboveLimit, correctedOf, type Corrected, type CorrectedLine, type Limit } from './adjustment.limits.ts'

const q = parseQuantity
const limit = (quantity: string | null, percent: string | null, value: string | null): Limit => ({
  quantity: quantity === null ? null : q(quantity),
  percent: percent === null ? null : q(percent),
  value: value === null ? null : parseUnitPrice(value),
})
const corrected = (quantity: string, expected: string, unitCost: string | null = '2'): Corrected => ({
  ...{
    sku: 'RM-A',
    quantity: q(quantity),
    places: [{ location: 'WH/A', quantity: q(quantity), expected: q(expected) }],
  },
  unitCost: unitCost === null ? null : parseUnitPrice(unitCost),
})

describe('A2: what needs approval', () => {
  test.each<[string, Limit, Corrected, RegExp | undefined]>([
    ['by default all that differs', limit('0', '0', '0'), corrected('0.001', '42'), /quantity/],
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
    const above = aboveLimit(given, [one])
    if (why === undefined) expect(above).toBeUndefined()
    else expect(above).toMatch(why)
  })
})

describe('A2: what stands against a limit of percent', () => {
  const at = (
    location: string,
    expected: string,
    quantity: string,
    more: Partial<CorrectedLine> = {},
  ): CorrectedLine => ({
    ...{ sku: 'RM-A', location, lot: null, status: 'available', expected: q(expected), quantity: q(quantity), ...more },
  })
  const large = at('WH/L', '10000', '0')

  test.each<[string, readonly CorrectedLine[], readonly CorrectedLine[], RegExp | undefined]>([
    ['what does not differ never', [at('WH/A', '42', '0')], [at('WH/A', '0', '42')], undefined],
    ['lines of one place have its balance once', [at('WH/A', '100', '5'), at('WH/A', '100', '5')], [], /^10 of RM-A within/],
    ['a place that does not differ hides nothing', [at('WH/A', '100', '6'), large], [], /^6 of RM-A within/],
    ['nor one that differs by a little', [at('WH/A', '100', '6'), { ...large, quantity: q('1') }], [], /^6 of RM-A at WH\/A/],
    ['places that are each within it', [at('WH/A', '100', '5'), at('WH/B', '20', '1')], [], undefined],
    ['what was submitted before of the place', [at('WH/A', '95', '1'), { ...large, quantity: q('1') }], [at('WH/A', '0', '4')], /^5 of RM-A at WH\/A/],
    ['what was submitted before of another place', [at('WH/A', '100', '1')], [at('WH/B', '0', '5')], /^6 of RM-A within/],
    ['another lot is another place', [at('WH/A', '100', '5', { lot: 'L1' }), at('WH/A', '100', '5', { lot: 'L2' })], [], undefined],
    ['another stock status is, too', [at('WH/A', '100', '5'), at('WH/A', '100', '5', { status: 'damaged' })], [], undefined],
    ['another product does not matter', [at('WH/A', '100', '5')], [at('WH/A', '0', '9', { sku: 'RM-B' })], undefined],
  ])('%s', (_title, lines, earlier, why) => {
    const above = aboveLimit(limit(null, '5', null), correctedOf(lines, earlier, new Map()))
    if (why === undefined) expect(above).toBeUndefined()
    else expect(above).toMatch(why)
  }) // prettier-ignore
})
