import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { AmountError } from './decimal.ts'
import {
  formatMoney,
  formatUnitPrice,
  minorDigitsOf,
  money,
  parseMoney,
  parseUnitPrice,
  share,
  unitCostOf,
  unitPrice,
  unitPriceText,
  valueOf,
  zero,
} from './money.ts'
import { parseQuantity, quantity } from './quantity.ts'
import { ratio } from './ratio.ts'

const one = ratio(1n, 1n)

describe('Prices have up to ten decimals and show at least two', () => {
  test.each([
    ['2.5', 25_000_000_000n, '2.50'],
    ['0', 0n, '0.00'],
    ['4.00', 40_000_000_000n, '4.00'],
    ['0.3333333333', 3_333_333_333n, '0.3333333333'],
    ['1.125', 11_250_000_000n, '1.125'],
  ])('%s', (text, scaled, shown) => {
    expect(parseUnitPrice(text)).toBe(scaled)
    expect(formatUnitPrice(parseUnitPrice(text))).toBe(shown)
    expect(unitPriceText.test(text)).toBe(true)
  })

  test.each(['1e3', '', '+1', '.5', '1.', '0.12345678901', '123456789012345'])('not %j', (text) => {
    expect(() => parseUnitPrice(text)).toThrow(AmountError)
    expect(unitPriceText.test(text)).toBe(false)
  })

  test('a negative price is read, for the rules to refuse, and no schema takes it', () => {
    expect(parseUnitPrice('-1')).toBe(-10_000_000_000n)
    expect(unitPriceText.test('-1')).toBe(false)
  })
})

describe('Money has exactly the decimals of its currency', () => {
  test.each([
    ['250', 2, 25_000n, '250.00'],
    ['-0.05', 2, -5n, '-0.05'],
    ['1200', 0, 1200n, '1200'],
    ['1.005', 3, 1005n, '1.005'],
  ])('%s with %s', (text, digits, minor, shown) => {
    expect(parseMoney(text, digits)).toBe(minor)
    expect(formatMoney(parseMoney(text, digits), digits)).toBe(shown)
  })

  test('more decimals than it has are refused, not rounded', () => {
    expect(() => parseMoney('1.005')).toThrow(AmountError)
    expect(() => parseMoney('1.0', 0)).toThrow(AmountError)
  })

  test('text and back is the same', () => {
    fc.assert(
      fc.property(fc.bigInt(-(10n ** 20n) + 1n, 10n ** 20n - 1n), (n) =>
        expect(parseMoney(formatMoney(money(n)))).toBe(n),
      ),
    )
    fc.assert(
      fc.property(fc.bigInt(-(10n ** 24n) + 1n, 10n ** 24n - 1n), (n) =>
        expect(parseUnitPrice(formatUnitPrice(unitPrice(n)))).toBe(n),
      ),
    )
  })

  test.each([
    ['USD', 2],
    ['JPY', 0],
    ['KWD', 3],
  ])('%s has %s', (currency, digits) => expect(minorDigitsOf(currency)).toBe(digits))
  test.each(['usd', 'XYZ', '', 'US'])('%j is no currency', (currency) =>
    expect(() => minorDigitsOf(currency)).toThrow(AmountError),
  )
})

describe('A value is quantity × price, rounded once', () => {
  test.each([
    ['100', 1n, 1n, '2.50', '250.00'],
    ['48', 1n, 1n, '4.00', '192.00'],
    ['0.5', 1n, 1n, '0.01', '0.01'],
    ['-0.5', 1n, 1n, '0.01', '-0.01'],
    ['3', 1n, 3n, '1.00', '1.00'],
    ['1', 1n, 3n, '1.00', '0.33'],
    ['1', 12n, 1n, '0.3333333333', '4.00'],
  ])('%s × %s/%s × %s is %s', (q, n, d, price, value) =>
    expect(formatMoney(valueOf(parseQuantity(q), ratio(n, d), parseUnitPrice(price)))).toBe(value),
  )

  test('in a currency without minor units, and in one with three', () => {
    expect(valueOf(parseQuantity('1.5'), one, parseUnitPrice('3'), 0)).toBe(5n)
    expect(valueOf(parseQuantity('1.5'), one, parseUnitPrice('0.333'), 3)).toBe(500n)
  })
})

describe('Sharing a value leaves nothing over', () => {
  test('the whole takes it exactly', () => {
    expect(share(money(1000n), quantity(3n), quantity(3n))).toBe(1000n)
    expect(share(zero.money, quantity(1n), quantity(3n))).toBe(0n)
    expect(() => share(money(1n), zero.quantity, zero.quantity)).toThrow(AmountError)
  })

  test('issues in any sizes until nothing is left take the whole value, each of them within it', () => {
    const sizes = fc.array(fc.bigInt(1n, 10n ** 9n), { minLength: 1, maxLength: 40 })
    fc.assert(
      fc.property(fc.bigInt(0n, 10n ** 12n), sizes, (value, issues) => {
        let left = issues.reduce((sum, q) => sum + q, 0n)
        let remaining = value
        for (const q of issues) {
          const taken = share(money(remaining), quantity(q), quantity(left))
          expect(taken >= 0n && taken <= remaining).toBe(true)
          remaining -= taken
          left -= q
        }
        expect(remaining).toBe(0n)
      }),
    )
  })
})

describe('A unit cost is for showing', () => {
  test('ten decimals, and none of nothing', () => {
    expect(formatUnitPrice(unitCostOf(money(100n), parseQuantity('3')) ?? unitPrice(-1n))).toBe('0.3333333333')
    expect(unitCostOf(money(100n), zero.quantity)).toBeNull()
    expect(unitCostOf(money(3n), parseQuantity('2'), 0)).toBe(15_000_000_000n)
  })

  test('times the quantity it is the value again, as long as the quantity is not huge', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, 10n ** 14n).map(money), fc.bigInt(1n, 10n ** 13n).map(quantity), (value, q) => {
        expect(valueOf(q, one, unitCostOf(value, q) ?? unitPrice(-1n))).toBe(value)
      }),
    )
  })
})
