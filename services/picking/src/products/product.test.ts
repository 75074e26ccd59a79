import { describe, expect, test } from '@jest/globals'
import { convert, formatQuantity, ratio } from '@stockline/amounts'
import { referenceData, product, q, units } from '../../test/builders.ts'
import {
  isSameQuantity,
  missingFor,
  orFault,
  ratioBetween,
  renamedUnits,
  sumIn,
  toBaseQuantity,
  waitOf,
} from './product.ts'

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
    [product('RM-A', { unitDecimals: 1 }), '0.05', 'kg', /is counted with one decimal$/],
    [product('RM-A', { unitDecimals: 2 }), '0.005', 'kg', /is counted with 2 decimals$/],
    [kilos, '0.5', 'g', /too precise: "g" is counted with no decimals/],
    [pieces, '1.5', 'unit', /too precise: "unit" is counted with no decimals/],
    [pieces, '0.3', 'dozen', /fraction of a unit/],
    [kilos, '0.000001', 'third', /less than RM-A can be kept in/],
    [pieces, '99999999999999', 'box', /too large/],
  ])('%# is refused: %s', (of, entered, unit, fault) => {
    expect(toBaseQuantity(of, q(entered), unit, units)).toMatchObject({ fault: expect.stringMatching(fault) })
  })
})

describe('X6 What counting cannot tell apart', () => {
  const pallets = product('PX', {
    unit: 'unit',
    unitDecimals: 0,
    units: [{ unit: 'pallet', ratio: ratio(20000n, 1n) }],
  })
  test.each([
    ['the same', kilos, 'kg', '5', '5', true],
    ['less than a gram more', kilos, 'kg', '5', '5.000967', true],
    ['less than a gram less', kilos, 'kg', '5', '4.999033', true],
    ['a gram, after roundings', kilos, 'kg', '5', '5.000968', false],
    ['less than a gram in pounds', kilos, 'lb', '5', '5.002172', true],
    ['a gram in pounds', kilos, 'lb', '5', '5.002173', false],
    ['less than half a piece of a large pack', pallets, 'pallet', '1', '1.000024', true],
    ['half a piece of a large pack', pallets, 'pallet', '1', '1.000025', false],
    ['the same, though it does not convert', kilos, 'pallet', '5', '5', true],
    ['what does not convert', kilos, 'pallet', '5', '5.000001', false],
  ])('%s', (_title, of, unit, one, other, is) => expect(isSameQuantity(of, unit, q(one), q(other), units)).toBe(is))
})

describe('X6 Conversion is a ratio of integers', () => {
  const alias = (code: string, aliasOf: string) => ({ code, name: code, decimals: 6, reference: null, aliasOf })
  test.each([
    ['another name of a unit', 'GRM', '250', '0.25'],
    ['another name of the base unit', 'KGM', '2.5', '2.5'],
    ['another name of another name means nothing', 'G2', '1', null],
  ])('%s', (_title, unit, entered, base) => {
    const named = new Map([...units, ...[alias('GRM', 'g'), alias('KGM', 'kg'), alias('G2', 'GRM')].map((each) => [each.code, each] as const)]) // prettier-ignore
    const converted = toBaseQuantity(kilos, q(entered), unit, named)
    expect(typeof converted === 'bigint' ? formatQuantity(converted) : null).toBe(base)
  })
  test('a unit is one of itself, known or not', () =>
    expect(ratioBetween(kilos, 'pallet', 'pallet', units)).toEqual(ratio(1n, 1n)))
  test('a millionth is not nothing', () =>
    expect(sumIn(kilos, 'kg', [{ quantity: q('0.000001'), unit: 'kg' }], units)).toBe(q('0.000001')))
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

  test('of more than five reasons five are told, and what to do about them', () => {
    const lines = ['A', 'B', 'C', 'D', 'E', 'F'].map((unit) => ({ sku: 'RM-A', unit }))
    const { problem } = waitOf(lines, referenceData)
    expect(problem).toMatch(/"E" does not convert to the kg in which RM-A is kept; and 1 more\. A manager/)
    expect(problem?.split('A manager says')).toHaveLength(6)
  })

  test.each([
    ['that is the alias and does not convert', 'RM-A', 'KGM', 'kg'],
    ['of a product that is not known', 'NEW', 'KGM', 'kg'],
    ['that is another', 'RM-A', 'PF', 'PF'],
    ['that converts', 'RM-A', 'lb', 'lb'],
  ])('a unit is renamed: one %s', (_title, sku, unit, now) => {
    const alias = unit === 'lb' ? 'lb' : 'KGM'
    expect(renamedUnits([{ sku, unit }], { alias, unit: 'kg' }, referenceData)).toEqual([{ sku, unit: now }])
  })

  test('of a unit that measures something else there is nothing to say', () => {
    expect(waitOf([{ sku: 'RM-A', unit: 'unit' }], referenceData).problem).not.toContain('PUT')
  })
})

describe('X6 What is too large is a fault, and nothing else is', () => {
  test.each([
    ['a value', () => 5, 5],
    [
      'what is too large',
      () => convert(q('99999999999999'), ratio(24n, 1n), 6),
      { fault: expect.stringMatching(/large/) },
    ],
  ])('%s', (_title, compute, expected) => expect(orFault<unknown>(compute)).toEqual(expected))
  test('a bug stays one', () =>
    expect(() =>
      orFault(() => {
        throw new TypeError('bug')
      }),
    ).toThrow('bug'))
})
