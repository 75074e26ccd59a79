import { describe, expect, test } from '@jest/globals'
import { canonicalPattern, readDecimal, takenPattern, type DecimalKind } from './decimals.ts'

const quantity: DecimalKind = { sign: 'positive', integerDigits: 14, decimals: 6, leastDecimals: 0 }
const price: DecimalKind = { sign: 'zero-or-more', integerDigits: 12, decimals: 10, leastDecimals: 2 }
const money: DecimalKind = { sign: 'any', integerDigits: 18, decimals: 4, leastDecimals: 0 }
const whole: DecimalKind = { sign: 'positive', integerDigits: 18, decimals: 0, leastDecimals: 0 }

const table: [given: string, kind: DecimalKind, read: string | RegExp][] = [
  ['100', quantity, '100'],
  ['100.0000', quantity, '100'],
  ['0100', quantity, '100'],
  ['1E+2', quantity, '100'],
  ['1.5e-3', quantity, '0.0015'],
  ['99999999999999.999999', quantity, '99999999999999.999999'],
  ['0.0000010', quantity, '0.000001'],
  ['123456.789E3', quantity, '123456789'],
  ['0.000000000001E+6', quantity, '0.000001'],
  ['2.5', price, '2.50'],
  ['2', price, '2.00'],
  ['0', price, '0.00'],
  ['-0.0', price, '0.00'],
  ['0E-10', price, '0.00'],
  ['0.3333333333', price, '0.3333333333'],
  ['2.500', price, '2.50'],
  ['-250.00', money, '-250'],
  ['-2.5E+2', money, '-250'],
  ['-0', money, '0'],
  ['24.000', whole, '24'],
  ['1', whole, '1'],
  ['0', quantity, /above zero/],
  ['-1', quantity, /above zero/],
  ['-1', price, /zero or more/],
  ['1e14', quantity, /too large: at most 14 digits/],
  ['1E+1000000', quantity, /too large/],
  ['1E-1000000', quantity, /too precise: at most 6 digits/],
  [`1E+${'9'.repeat(100_000)}`, money, /too large/],
  [`1E-${'9'.repeat(100_000)}`, money, /too precise/],
  ['0.0000001', quantity, /too precise/],
  ['2.5', whole, /whole number/],
  ['NaN', quantity, /decimal number as text, such as "12.5"/],
  ['1,5', price, /such as "2.50"/],
]

describe('a decimal by its value', () => {
  test.each(table)('%.20s as %j', (given, kind, read) => {
    const result = readDecimal(given, kind)
    if (typeof read === 'string') expect(result).toEqual({ text: read })
    else expect('wrong' in result && result.wrong).toMatch(read)
  })

  test.each(table.filter(([, , read]) => typeof read === 'string'))(
    '%s: the patterns let it pass',
    (given, kind, read) => {
      expect(new RegExp(takenPattern(kind), 'u').test(given)).toBe(true)
      expect(new RegExp(canonicalPattern(kind), 'u').test(String(read))).toBe(true)
    },
  )

  test('a text of a million digits costs no more than reading it', () => {
    const began = performance.now()
    for (const text of ['0'.repeat(1e6), `1${'0'.repeat(1e6)}`, `0.${'0'.repeat(1e6)}1`, '1'.repeat(1e6)])
      expect('wrong' in readDecimal(text, quantity)).toBe(true)
    expect(performance.now() - began).toBeLessThan(2_000)
  })
})
