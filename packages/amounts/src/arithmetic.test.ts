import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { atLeastZero, distance, least, minus, negative, plus } from './arithmetic.ts'
import { companyDate } from './company-date.ts'
import { formatMoney, storedMoney } from './money.ts'
import { formatQuantity, quantity, storedQuantity } from './quantity.ts'

describe('amounts of one kind', () => {
  test.each([
    ['plus', plus(quantity(3n), quantity(-5n)), -2n],
    ['minus', minus(quantity(3n), quantity(5n)), -2n],
    ['negative', negative(quantity(3n)), -3n],
    ['the least', least(quantity(3n), quantity(-1n)), -1n],
    ['the distance to a smaller one', distance(quantity(3n), quantity(-1n)), 4n],
    ['the distance to a larger one', distance(quantity(-1n), quantity(3n)), 4n],
    ['at least zero, above', atLeastZero(quantity(3n)), 3n],
    ['at least zero, below', atLeastZero(quantity(-3n)), 0n],
  ])('%s', (_what, amount, expected) => expect(amount).toBe(expected))
})

describe('what a numeric column holds', () => {
  test.each([
    ['100.000000', '100'],
    ['-0.500000', '-0.5'],
    ['7', '7'],
    ['7.25', '7.25'],
    ['0.000001', '0.000001'],
    ['123456789012345678901234.500000', '123456789012345678901234.5'],
  ])('%s is the quantity %s', (text, shown) => expect(formatQuantity(storedQuantity(text))).toBe(shown))

  test.each([
    ['250.0000', 2, '250.00'],
    ['-1.25', 2, '-1.25'],
    ['250', 0, '250'],
    ['250.0000', 0, '250'],
    ['1.5', 3, '1.500'],
  ])('%s is money of %s digits: %s', (text, digits, shown) =>
    expect(formatMoney(storedMoney(text, digits), digits)).toBe(shown),
  )

  test('is what was written there', () => {
    fc.assert(
      fc.property(fc.bigInt(-(10n ** 20n), 10n ** 20n), (n) => {
        expect(storedQuantity(formatQuantity(quantity(n)))).toBe(n)
      }),
    )
  })
})

describe('the date of a moment', () => {
  test.each([
    ['UTC', '2026-04-20T23:59:59Z', '2026-04-20'],
    ['Europe/Vienna', '2026-04-20T22:00:00Z', '2026-04-21'],
    ['America/Los_Angeles', '2026-04-20T06:59:59Z', '2026-04-19'],
    ['America/Los_Angeles', '2026-04-20T07:00:00Z', '2026-04-20'],
  ])('in %s at %s is %s', (timeZone, moment, date) => expect(companyDate(timeZone, new Date(moment))).toBe(date))
})
