import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { AmountError, divideRounded } from './decimal.ts'

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
