import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { addExact, evenValueOf, exactOf, exactValueOf, nothingExact, roundExact, sameExact } from './exact.ts'
import { formatMoney, money, parseUnitPrice, unitPrice, valueOf } from './money.ts'
import { parseQuantity, quantity } from './quantity.ts'
import { ratio } from './ratio.ts'

const worth = (q: string, n: bigint, d: bigint, price: string) =>
  exactValueOf(parseQuantity(q), ratio(n, d), parseUnitPrice(price))

describe('An exact value is rounded once, at the end', () => {
  test.each([
    ['three thirds of a box', [worth('1', 1n, 3n, '10'), worth('1', 1n, 3n, '10'), worth('1', 1n, 3n, '10')], '10.00'],
    ['two of them', [worth('1', 1n, 3n, '10'), worth('1', 1n, 3n, '10')], '6.67'],
    ['a third and a seventh', [worth('1', 1n, 3n, '1'), worth('1', 1n, 7n, '1')], '0.48'],
    ['half a cent is rounded up', [worth('1', 1n, 1n, '0.005')], '0.01'],
    ['nothing', [worth('0', 1n, 3n, '10')], '0.00'],
  ])('%s', (_what, parts, sum) => expect(formatMoney(roundExact(parts.reduce(addExact), 2))).toBe(sum))

  test.each([
    ['100', '2.50', 25_000n],
    ['3', '3.3333', null],
    ['0', '9', 0n],
  ])('%s at %s comes out even, or not', (q, price, value) =>
    expect(evenValueOf(parseQuantity(q), ratio(1n, 1n), parseUnitPrice(price), 2)).toBe(value),
  )

  test('one part is what its value is by itself, and money is exact', () => {
    const some = fc.bigInt(1n, 10n ** 9n)
    fc.assert(
      fc.property(fc.bigInt(0n, 10n ** 14n), some, some, fc.bigInt(0n, 10n ** 14n), (q, n, d, price) => {
        const exact = exactValueOf(quantity(q), ratio(n, d), unitPrice(price))
        const value = valueOf(quantity(q), ratio(n, d), unitPrice(price), 2)
        expect(roundExact(exact, 2)).toBe(value)
        const isEven = sameExact(exact, exactOf(value, 2))
        expect(evenValueOf(quantity(q), ratio(n, d), unitPrice(price), 2)).toBe(isEven ? value : null)
        expect(sameExact(addExact(exact, nothingExact), exact)).toBe(true)
        expect(roundExact(exactOf(money(q), 3), 3)).toBe(q)
      }),
    )
  })
})
