import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { AmountError, divideRounded, formatDecimal, parseDecimal, parseNumeric, powerOfTen } from './decimal.ts'

describe('Everything is rounded half up, away from zero', () => {
  test.each([
    [5n, 2n, 3n],
    [-5n, 2n, -3n],
    [5n, -2n, -3n],
    [-5n, -2n, 3n],
    [4n, 3n, 1n],
    [-4n, 3n, -1n],
    [5n, 3n, 2n],
    [0n, 7n, 0n],
    [1n, 2n, 1n],
    [1n, 3n, 0n],
  ])('%s / %s is %s', (n, d, expected) => expect(divideRounded(n, d)).toBe(expected))

  test('by zero is an error that says so', () => expect(() => divideRounded(1n, 0n)).toThrow(AmountError))

  test('an error of ours is known by its name, in logs', () => expect(new AmountError('x').name).toBe('AmountError'))

  test('is off by half of the divisor at most, symmetric, and away from zero on a tie', () => {
    fc.assert(
      fc.property(fc.bigInt(-(10n ** 40n), 10n ** 40n), fc.bigInt(1n, 10n ** 20n), (n, d) => {
        const rounded = divideRounded(n, d)
        const twiceOff = 2n * (rounded * d - n)
        expect(twiceOff <= d && twiceOff >= -d).toBe(true)
        if (twiceOff === d || twiceOff === -d) expect(twiceOff > 0n).toBe(n > 0n)
        expect(divideRounded(-n, d)).toBe(-rounded)
      }),
    )
  })
})

describe('powers of ten', () => {
  test.each([0, 1, 39, 40, 41, 100])('10^%d', (exponent) => expect(powerOfTen(exponent)).toBe(10n ** BigInt(exponent)))
})

describe('decimals', () => {
  const limits = { what: 'thing', integerDigits: 3, decimals: 2 }
  test.each([
    ['999', 99_900n],
    ['-0.01', -1n],
    ['1.5', 150n],
  ])('%s is read', (text, scaled) => expect(parseDecimal(text, limits)).toBe(scaled))
  test.each([
    ['1000', '"1000" is too large for a thing: 3 digits at most before the point.'],
    ['1.234', '"1.234" is too precise for a thing: 2 decimals at most.'],
    ['x', '"x" is not a thing: write a plain decimal such as "2.5".'],
  ])('%s is not', (text, message) => expect(() => parseDecimal(text, limits)).toThrow(message))

  test.each([
    [0n, 2, 0, '0'],
    [0n, 2, 2, '0.00'],
    [5n, 2, 1, '0.05'],
    [50n, 2, 1, '0.5'],
    [100n, 2, 1, '1.0'],
    [-1n, 2, 2, '-0.01'],
    [7n, 0, 0, '7'],
  ])('%s at %s decimals, %s at least, is %s', (scaled, decimals, least, text) =>
    expect(formatDecimal(scaled, decimals, least)).toBe(text),
  )

  test.each([
    ['12', 2, 1200n],
    ['.5', 2, 50n],
    ['-1.2', 2, -120n],
    ['1.25', 2, 125n],
    ['1.259', 2, 125n],
    ['1.2', 0, 1n],
  ])('%s of a column at %s decimals', (text, decimals, scaled) => expect(parseNumeric(text, decimals)).toBe(scaled))
})
