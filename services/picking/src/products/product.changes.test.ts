import { ratio } from '@stockline/amounts'
import { describe, expect, test } from '@jest/globals'
import { productChange, unitChange } from './product.changes.ts'
import type { Product, Unit } from './product.ts'

const px: Product = {
  productId: '019a0000-0000-7000-8000-000000000001',
  sku: 'PX',
  name: 'PX',
  type: 'stockable',
  unit: 'unit',
  unitDecimals: 0,
  units: [{ unit: 'box', ratio: ratio(24n, 1n) }],
  category: 'Goods',
  tracking: 'none',
  barcodes: [],
  receiptTolerance: 0n,
  weight: null,
  active: true,
}
const boxOf = (numerator: bigint, denominator: bigint) => [{ unit: 'box', ratio: ratio(numerator, denominator) }]

describe('what changes in how a product is counted', () => {
  test.each<[string, Partial<Product>, readonly string[], boolean]>([
    ['its name, category, barcodes', { name: 'New', category: 'Other', barcodes: [{ code: '1' }] }, [], false],
    ['more decimals', { unitDecimals: 2 }, [], false],
    ['one more unit', { units: [...boxOf(24n, 1n), { unit: 'pallet', ratio: ratio(480n, 1n) }] }, [], false],
    ['the same factor written otherwise', { units: boxOf(48n, 2n) }, [], false],
    ['another factor', { units: boxOf(12n, 1n) }, ['one box of PX is 12 unit by now'], false],
    ['a factor that is no whole number', { units: boxOf(1n, 3n) }, ['one box of PX is 1/3 unit by now'], false],
    ['a unit less', { units: [] }, ['PX has no unit box of its own any more'], false],
    ['another base unit', { unit: 'kg' }, ['PX is kept in kg by now, not in unit'], true],
    ['another tracking', { tracking: 'lot' }, ['PX is tracked by lot by now'], true],
    ['another type', { type: 'service' }, ['PX is a service by now, not a stockable product'], true],
    [
      'all of it',
      { unit: 'kg', tracking: 'serial', units: [] },
      [
        'PX is kept in kg by now, not in unit',
        'PX is tracked by serial number by now',
        'PX has no unit box of its own any more',
      ],
      true,
    ],
  ])('%s', (_, change, what, concernsAll) => {
    expect(productChange(px, { ...px, ...change })).toEqual(
      what.length === 0 ? undefined : { of: { sku: 'PX' }, what, concernsAll },
    )
  })
})

describe('what changes in a unit', () => {
  const g = (reference: Unit['reference']): Unit => ({ code: 'g', name: 'Gram', decimals: 0, reference })
  const of = (unit: string, numerator: bigint, denominator: bigint) => g({ unit, ratio: ratio(numerator, denominator) })
  test.each<[string, Unit, Unit, string | undefined]>([
    ['its name and decimals', of('kg', 1n, 1000n), { ...of('kg', 1n, 1000n), name: 'g', decimals: 2 }, undefined],
    ['the same factor', of('kg', 1n, 1000n), of('kg', 2n, 2000n), undefined],
    ['another factor', of('kg', 1n, 1000n), of('kg', 1n, 500n), 'one g is 1/500 kg by now'],
    ['another reference', of('kg', 1n, 1000n), of('lb', 1n, 454n), 'one g is 1/454 lb by now'],
    ['none any more', of('kg', 1n, 1000n), g(null), 'one g stands for itself by now'],
    ['none before, either', g(null), g(null), undefined],
    ['one, where there was none', g(null), of('kg', 1n, 1000n), 'one g is 1/1000 kg by now'],
    ['a unit of its own, where it was another name', { ...g(null), aliasOf: 'kg' }, g(null), 'one g stands for itself by now'], // prettier-ignore
  ])('%s', (_, before, after, sentence) => {
    expect(unitChange(before, after)).toEqual(
      sentence === undefined ? undefined : { of: { unit: 'g' }, what: [sentence], concernsAll: false },
    )
  })
})
