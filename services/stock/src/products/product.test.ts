import { describe, expect, test } from '@jest/globals'
import {
  contentRefusal,
  judgeRevision,
  mergedContent,
  takenInPart,
  touchesUse,
  useRefusal,
  type Product,
  type ProductContent,
  type ProductUse,
} from './product.ts'

const soda: Product = {
  id: '019a0000-0000-7000-8000-000000000001',
  sku: 'SODA',
  name: 'Soda',
  type: 'stockable',
  unit: 'unit',
  category: 'Drinks',
  tracking: 'none',
  barcodes: [
    { code: 'EAN', unit: null },
    { code: 'BOX', unit: 'box' },
  ],
  units: [{ unit: 'box', numerator: 24n, denominator: 1n }],
  standardCost: '0.50',
  abcClass: 'A',
  weight: '0.35',
  volume: '0.000000001',
  receiptTolerance: '2.5',
  active: true,
  catalogRevision: 5,
  catalogContent: 'five',
  version: 3,
}
const facts = { unitDecimals: 0, takenBarcodes: new Map<string, string>() }
const pointers = (content: Partial<ProductContent>, more: object = {}) =>
  contentRefusal({ ...soda, ...content }, { ...facts, ...more })?.errors?.map((fault) => fault.pointer) ?? []

describe('X6: what a product must be', () => {
  test.each<[string, Partial<ProductContent>, object, string[]]>([
    ['all is well', {}, {}, []],
    ['an unknown unit', {}, { unitDecimals: null }, ['/unit']],
    ['a tracked service', { type: 'service', tracking: 'lot' }, {}, ['/tracking']],
    ['serial numbers of something that is not whole', { tracking: 'serial' }, { unitDecimals: 3 }, ['/tracking']],
    ['serial numbers of pieces', { tracking: 'serial' }, {}, []],
    [
      'the base unit as a unit of its own',
      { units: [{ unit: 'unit', numerator: 1n, denominator: 1n }], barcodes: [] },
      {},
      ['/units/0/unit'],
    ],
    ['a unit twice', { units: [...soda.units, ...soda.units] }, {}, ['/units/1/unit']],
    ['a barcode of another product', {}, { takenBarcodes: new Map([['BOX', 'COLA']]) }, ['/barcodes/1']],
    ['a barcode twice', { barcodes: [soda.barcodes[0]!, soda.barcodes[0]!] }, {}, ['/barcodes/1']],
    ['a barcode of a unit it does not have', { units: [] }, {}, ['/barcodes/1/unit']],
  ])('%s', (_, content, more, expected) => {
    expect(pointers(content, more)).toEqual(expected)
  })

  test.each([
    ['PCE', 'names the unit PCE, which is not known; "unit" is what it is called here'],
    ['crate', 'names the unit crate, which is not known'],
  ])('a unit %s that is not known, and what a code means', (unit, message) => {
    const refusal = contentRefusal({ ...soda, unit, units: [], barcodes: [] }, { ...facts, unitDecimals: null })
    expect(refusal?.errors).toEqual([{ pointer: '/unit', message }])
  })

  test('nothing is wrong with what fits', () => expect(contentRefusal(soda, facts)).toBeUndefined())

  test('everything at once', () => {
    const content: Partial<ProductContent> = { type: 'service', tracking: 'serial', units: [] }
    expect(pointers(content, { unitDecimals: null })).toEqual(['/unit', '/tracking', '/barcodes/1/unit'])
  })
})

describe('X6: what is in use', () => {
  const moved = { hasMoved: true, neededBy: [], deliveries: 0 }
  const needed = { hasMoved: false, neededBy: ['WH/OUT/00001', 'WH/OUT/00002'], deliveries: 2 }
  const unused = { hasMoved: false, neededBy: [], deliveries: 0 }
  const changes: readonly [Partial<ProductContent>, string[]][] = [
    [{ name: 'New', category: 'New', standardCost: null, barcodes: [] }, []],
    [{ unit: 'kg' }, ['/unit']],
    [{ tracking: 'lot' }, ['/tracking']],
    [{ type: 'consumable', unit: 'kg' }, ['/unit', '/type']],
  ]

  test.each(changes)('%j', (change, expected) => {
    const pointersFor = (use: ProductUse) =>
      useRefusal(soda, { ...soda, ...change }, use)?.errors?.map((fault) => fault.pointer) ?? []
    expect(pointersFor(moved)).toEqual(expected)
    expect(pointersFor(needed)).toEqual(expected)
    expect(pointersFor(unused)).toEqual([])
  })

  test.each<[Partial<ProductContent>, boolean]>([
    [{ name: 'New', category: 'New' }, false],
    [{ unit: 'kg' }, true],
    [{ tracking: 'lot' }, true],
    [{ type: 'service' }, true],
  ])('is asked for %j: %s', (change, expected) => expect(touchesUse(soda, { ...soda, ...change })).toBe(expected))

  test.each([
    [2, 'by WH/OUT/00001, WH/OUT/00002, so'],
    [3, 'by WH/OUT/00001, WH/OUT/00002 and 1 more, so'],
  ])('names deliveries, of %d', (deliveries, text) =>
    expect(useRefusal(soda, { ...soda, unit: 'kg' }, { ...needed, deliveries })?.detail).toContain(text),
  )

  test('says why, and what is needed first', () => {
    const change = { ...soda, unit: 'kg' }
    expect(useRefusal(soda, change, moved)).toMatchObject({ refused: 'product-has-moves', kind: 'state' })
    const refusal = useRefusal(soda, change, { ...needed, deliveries: 12 })
    expect(refusal).toMatchObject({
      refused: 'product-needed',
      detail: expect.stringContaining('is needed by WH/OUT/00001, WH/OUT/00002 and 10 more, so its unit cannot change'),
    })
    expect(takenInPart(refusal ?? fail())).toMatchObject({
      refused: 'product-needed',
      kind: 'content',
      errors: [{ pointer: '/data/unit', message: expect.stringContaining('All else that was told is taken.') }],
    })
  })
})

function fail(): never {
  throw new Error('there is no refusal')
}

describe('revisions of a product system', () => {
  test.each([
    ['the first', null, 1, 'x', 'apply'],
    ['of a product that people made', { catalogRevision: null, catalogContent: null }, 1, 'x', 'apply'],
    ['higher', soda, 6, 'six', 'apply'],
    ['lower', soda, 4, 'four', 'ignore'],
    ['the same again', soda, 5, 'five', 'ignore'],
    ['the same with other content', soda, 5, 'other', 'conflict'],
    ['none, with other content', soda, undefined, 'other', 'apply'],
    ['none, with the same content', soda, undefined, 'five', 'ignore'],
    ['the first, of what came without any', { catalogRevision: null, catalogContent: 'x' }, 1, 'x', 'apply'],
    ['none again, with the same content', { catalogRevision: null, catalogContent: 'x' }, undefined, 'x', 'ignore'],
    ['none again, with other content', { catalogRevision: null, catalogContent: 'x' }, undefined, 'y', 'apply'],
  ])('%s', (_, known, revision, content, expected) => {
    expect(judgeRevision(known, revision, content)).toBe(expected)
  })

  test('what is told is laid over what is kept beside it', () => {
    const { name, type, unit, category, tracking, standardCost, abcClass, weight, volume } = soda
    const incoming = {
      name,
      type,
      unit,
      category,
      tracking,
      standardCost,
      abcClass,
      weight,
      volume,
      barcodes: ['NEW', 'BOX'],
    }
    expect(mergedContent(soda, incoming)).toMatchObject({
      barcodes: [
        { code: 'NEW', unit: null },
        { code: 'BOX', unit: 'box' },
      ],
      units: soda.units,
      receiptTolerance: '2.5',
    })
    expect(mergedContent(null, incoming)).toMatchObject({ units: [], receiptTolerance: '0', active: true })
  })
})
