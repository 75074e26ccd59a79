import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { AmountError } from './decimal.ts'
import {
  convert,
  formatQuantity,
  isWholeAt,
  parseQuantity,
  positiveQuantityText,
  quantity,
  quantityText,
} from './quantity.ts'
import { formatRatio, inverse, multiplyRatios, parseRatio, ratio } from './ratio.ts'

const anyQuantity = fc.bigInt(-(10n ** 20n) + 1n, 10n ** 20n - 1n).map(quantity)

describe('A quantity is a plain decimal', () => {
  test.each([
    ['100', 100_000_000n, '100'],
    ['2.5', 2_500_000n, '2.5'],
    ['-3', -3_000_000n, '-3'],
    ['0', 0n, '0'],
    ['-0', 0n, '0'],
    ['-0.000001', -1n, '-0.000001'],
    ['1.500000', 1_500_000n, '1.5'],
    ['99999999999999.999999', 10n ** 20n - 1n, '99999999999999.999999'],
  ])('%s', (text, millionths, shortest) => {
    expect(parseQuantity(text)).toBe(millionths)
    expect(formatQuantity(parseQuantity(text))).toBe(shortest)
    expect(quantityText.test(text)).toBe(true)
  })

  test.each([
    '1e3',
    'NaN',
    'Infinity',
    '',
    '+1',
    ' 1',
    '1 ',
    '.5',
    '1.',
    '1,5',
    '01',
    '0x1',
    '--1',
    '-',
    '1\n',
    '１',
    '1.0000001',
    '100000000000000',
  ])('not %j', (text) => {
    expect(() => parseQuantity(text)).toThrow(AmountError)
    expect(quantityText.test(text)).toBe(false)
    expect(positiveQuantityText.test(text)).toBe(false)
  })

  test.each(['0', '0.000000', '-1', '-0'])('%s is not above zero', (text) =>
    expect(positiveQuantityText.test(text)).toBe(false),
  )
  test.each(['1', '0.000001', '10', '100.0'])('%s is above zero', (text) =>
    expect(positiveQuantityText.test(text)).toBe(true),
  )

  test('the message quotes the text and says what is wrong with it', () => {
    expect(() => parseQuantity('1.0000001')).toThrow('"1.0000001" is too precise for a quantity: 6 decimals at most.')
    expect(() => parseQuantity('123456789012345')).toThrow('too large')
    expect(() => parseQuantity('abc')).toThrow('"abc" is not a quantity')
    expect(() => parseQuantity('9'.repeat(5000))).toThrow(`"${'9'.repeat(40)}…" is too large`)
    expect(() => parseQuantity('9'.repeat(41))).toThrow(`"${'9'.repeat(40)}…" is too large`)
    expect(() => parseQuantity('9'.repeat(40))).toThrow(`"${'9'.repeat(40)}" is too large`)
  })

  test('text and back is the same, whatever the quantity', () => {
    fc.assert(
      fc.property(anyQuantity, (q) => {
        expect(parseQuantity(formatQuantity(q))).toBe(q)
        expect(quantityText.test(formatQuantity(q))).toBe(true)
      }),
    )
  })
})

describe('Units are converted by exact ratios and rounded once', () => {
  test.each([
    ['1', 12n, 1n, 0, '12'],
    ['1', 1n, 3n, 6, '0.333333'],
    ['2', 1n, 3n, 0, '1'],
    ['0.5', 1n, 1n, 0, '1'],
    ['-0.5', 1n, 1n, 0, '-1'],
    ['2.0005', 1n, 1n, 3, '2.001'],
    ['1', 45359237n, 100000000n, 3, '0.454'],
  ])('%s × %s/%s at %s decimals is %s', (text, n, d, decimals, expected) =>
    expect(formatQuantity(convert(parseQuantity(text), ratio(n, d), decimals))).toBe(expected),
  )

  test('a result that no quantity can hold is an error, as are decimals that no unit has', () => {
    expect(() => convert(parseQuantity('99999999999999'), ratio(10n, 1n), 0)).toThrow(AmountError)
    expect(() => convert(parseQuantity('1'), ratio(1n, 1n), 7)).toThrow(AmountError)
    expect(() => convert(parseQuantity('1'), ratio(1n, 1n), -1)).toThrow(AmountError)
    const most = '99999999999999.999999'
    for (const text of [most, `-${most}`])
      expect(formatQuantity(convert(parseQuantity(text), ratio(1n, 1n), 6))).toBe(text)
    for (const text of ['50000000000000', '-50000000000000'])
      expect(() => convert(parseQuantity(text), ratio(2n, 1n), 6)).toThrow('too large')
    expect(() => convert(parseQuantity('1'), ratio(1n, 1n), 0.5)).toThrow(AmountError)
  })

  test('by one changes nothing at six decimals, and there and back is exact when whole', () => {
    fc.assert(
      fc.property(fc.bigInt(-(10n ** 12n), 10n ** 12n).map(quantity), fc.bigInt(1n, 1000n), (q, n) => {
        expect(convert(q, ratio(1n, 1n), 6)).toBe(q)
        expect(convert(convert(q, ratio(n, 1n), 6), inverse(ratio(n, 1n)), 6)).toBe(q)
      }),
    )
  })

  test('the result is whole at the decimals asked for and at most half a step away', () => {
    fc.assert(
      fc.property(
        fc.bigInt(-(10n ** 12n), 10n ** 12n).map(quantity),
        fc.bigInt(1n, 999n),
        fc.bigInt(1n, 999n),
        fc.integer({ min: 0, max: 6 }),
        (q, n, d, decimals) => {
          const converted = convert(q, ratio(n, d), decimals)
          const step = 10n ** BigInt(6 - decimals)
          expect(isWholeAt(converted, decimals)).toBe(true)
          const off = 2n * (converted * d - q * n)
          expect(off <= step * d && off >= -step * d).toBe(true)
        },
      ),
    )
  })

  test('ratios are reduced, multiply, turn round, and are never zero or negative', () => {
    expect(ratio(100n, 40n)).toEqual({ numerator: 5n, denominator: 2n })
    expect(multiplyRatios(ratio(2n, 3n), ratio(3n, 4n))).toEqual(ratio(1n, 2n))
    expect(inverse(ratio(2n, 3n))).toEqual(ratio(3n, 2n))
    expect(parseRatio({ numerator: '10', denominator: '4' })).toEqual(ratio(5n, 2n))
    expect(formatRatio(ratio(10n, 4n))).toEqual({ numerator: '5', denominator: '2' })
    for (const [n, d] of [
      [0n, 1n],
      [1n, 0n],
      [-1n, 1n],
      [1n, -1n],
    ] as const)
      expect(() => ratio(n, d)).toThrow(AmountError)
  })

  test.each([
    ['2', 0, true],
    ['2.5', 0, false],
    ['2.5', 1, true],
    ['0.001', 3, true],
    ['0.0001', 3, false],
    ['-2.5', 0, false],
  ])('%s is whole at %s decimals: %s', (text, decimals, whole) =>
    expect(isWholeAt(parseQuantity(text), decimals)).toBe(whole),
  )
})
