import { describe, expect, test } from '@jest/globals'
import { formatQuantity, ratio } from '@stockline/amounts'
import { referenceData, product, q, units } from '../../test/builders.ts'
import { missingFor, ratioBetween, sumIn, toBaseQuantity, waitOf } from './product.ts'

const kilos = product('RM-A')
const pieces = product('PX', { unit: 'unit', unitDecimals: 0, units: [{ unit: 'box', ratio: ratio(24n, 1n) }] })

describe('X6 An entered quantity in the base unit', () => {
  test.each([
    [kilos, '2.5', 'kg', '2.5'],
    [kilos, '1', 'lb', '0.454'],
    [kilos, '250', 'g', '0.25'],
    [kilos, '1', 'third', '0.333'],
    [kilos, '0.0015', 'third', '0.001'],
    [pieces, '3', 'box', '72'],
    [pieces, '0.5', 'dozen', '6'],
    [kilos, '0', 'kg', '0'],
  ])('%# %s', (of, entered, unit, base) => {
    const converted = toBaseQuantity(of, q(entered), unit, units)
    expect(typeof converted === 'bigint' ? formatQuantity(converted) : converted).toBe(base)
  })

  test.each([
    [kilos, '1', 'unit', /"unit" does not convert/],
    [kilos, '1', 'pallet', /"pallet" does not convert/],
    [kilos, '0.0001', 'kg', /too precise: "kg" is counted with 3 decimals/],
    [kilos, '0.5', 'g', /too precise: "g" is counted with no decimals/],
    [pieces, '1.5', 'unit', /too precise: "unit" is counted with no decimals/],
    [pieces, '0.3', 'dozen', /fraction of a unit/],
    [kilos, '0.000001', 'third', /less than RM-A can be kept in/],
    [pieces, '99999999999999', 'box', /too large/],
  ])('%# is refused: %s', (of, entered, unit, fault) => {
    expect(toBaseQuantity(of, q(entered), unit, units)).toMatchObject({ fault: expect.stringMatching(fault) })
  })
})

describe('X6 Conversion is a ratio of integers', () => {
  test('between two units with the same reference', () =>
    expect(ratioBetween(kilos, 'lb', 'g', units)).toEqual(ratio(45359237n, 100000n)))
  test('between a unit of the product alone and one of everybody', () =>
    expect(ratioBetween(pieces, 'box', 'dozen', units)).toEqual(ratio(2n, 1n)))
  test('and a sum of thirds is exact', () => {
    const thirds = Array.from({ length: 3 }, () => ({ quantity: q('1'), unit: 'third' }))
    expect(sumIn(kilos, 'kg', thirds, units)).toBe(q('1'))
  })
  test('of mixed units too', () =>
    expect(
      sumIn(
        pieces,
        'box',
        [
          { quantity: q('1'), unit: 'dozen' },
          { quantity: q('12'), unit: 'unit' },
        ],
        units,
      ),
    ).toBe(q('1')))
  test('nothing is nothing', () => expect(sumIn(kilos, 'kg', [], units)).toBe(q('0')))
  test('what does not convert has no sum', () =>
    expect(sumIn(kilos, 'kg', [{ quantity: q('1'), unit: 'unit' }], units)).toBeUndefined())
})

describe('X6 What a line waits for', () => {
  test.each([
    ['RM-A', 'kg', undefined],
    ['SVC', 'hour', undefined],
    ['NEW', 'kg', ['product:NEW']],
    ['RM-A', 'pallet', ['product:RM-A', 'unit:pallet', 'unit:kg']],
  ])('%s in %s', (sku, unit, keys) => expect(missingFor({ sku, unit }, referenceData)?.keys).toEqual(keys))

  test('is told in one sentence', () => {
    const wait = waitOf(
      [
        { sku: 'NEW', unit: 'kg' },
        { sku: 'RM-A', unit: 'pallet' },
        { sku: 'PX', unit: 'box' },
      ],
      referenceData,
    )
    expect(wait.problem).toMatch(/^Waits: product "NEW" is not known yet; unit "pallet" .*\.$/)
    expect(wait.waitsFor).toEqual(['product:NEW', 'product:RM-A', 'unit:pallet', 'unit:kg'])
  })

  test.each([
    [
      'a unit that nobody knows',
      'pallet',
      undefined,
      'A manager says what "pallet" means: PUT /picking/v1/unit-aliases with alias "pallet"',
    ],
    [
      'a name of what nobody knows',
      'PF',
      'pallet',
      'Make "pallet" a unit (POST /stock/v1/units), or one of the product, or say otherwise what "PF" means: PUT',
    ],
    [
      'a name of a unit that measures something else',
      'C62',
      'unit',
      'Amend the order, or say otherwise what "C62" means: PUT',
    ],
  ])('%s: what to do about it is said once', (_, unit, aliasOf, hint) => {
    const alias = { code: unit, name: unit, decimals: 6, reference: null }
    const units =
      aliasOf === undefined ? referenceData.units : new Map([...referenceData.units, [unit, { ...alias, aliasOf }]])
    const { problem } = waitOf(
      [
        { sku: 'RM-A', unit },
        { sku: 'RM-A', unit },
      ],
      { ...referenceData, units },
    )
    expect(problem?.split(hint)).toHaveLength(2)
  })

  test('of a unit that measures something else there is nothing to say', () => {
    expect(waitOf([{ sku: 'RM-A', unit: 'unit' }], referenceData).problem).not.toContain('PUT')
  })
})
