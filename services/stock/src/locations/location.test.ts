import { describe, expect, test } from '@jest/globals'
import {
  defaultReceiptRefusal,
  inUseRefusal,
  needsEmptiness,
  newLocationRefusal,
  newWarehouseRefusal,
  parentOf,
  rootOf,
  type InUse,
  type Location,
  type Warehouse,
} from './location.ts'

const wh: Warehouse = { code: 'WH', name: 'Main', defaultReceiptLocation: 'WH/Stock', active: true, version: 1 }
const shelf: Location = {
  id: '019a0000-0000-7000-8000-000000000001',
  code: 'WH/Stock/A1-03',
  type: 'internal',
  warehouse: 'WH',
  reservable: true,
  allowNegative: false,
  pickSequence: 0,
  barcode: null,
  active: true,
  version: 1,
}
const facts = { warehouse: wh, parentKnown: true, barcodeTakenBy: null }

describe('X1: codes are whole paths', () => {
  test('parent and root', () => {
    expect([parentOf('WH/Stock/A'), parentOf('WH')]).toEqual(['WH/Stock', null])
    expect([rootOf('WH/Stock/A'), rootOf('WH')]).toEqual(['WH', 'WH'])
    expect([parentOf('/A'), rootOf('/A')]).toEqual(['', ''])
  })

  test.each<[string, Partial<Location>, object, string[]]>([
    ['all is well', {}, {}, []],
    ['a warehouse is no location', { code: 'WH' }, {}, ['/code']],
    ['an unknown warehouse', {}, { warehouse: null, parentKnown: false }, ['/code']],
    ['an unknown warehouse, below something known', {}, { warehouse: null }, ['/code']],
    ['nothing above it', {}, { parentKnown: false }, ['/code']],
    ['internal below Virtual', { code: 'Virtual/A' }, {}, ['/code']],
    ['virtual in a warehouse', { type: 'scrap', reservable: false }, {}, ['/code']],
    ['virtual below Virtual', { code: 'Virtual/A', type: 'scrap', reservable: false }, { warehouse: null }, []],
    ['reserving from where nothing is owned', { code: 'Virtual/A', type: 'scrap' }, {}, ['/reservable']],
    ['a barcode of somebody else', { barcode: 'X' }, { barcodeTakenBy: 'SODA' }, ['/barcode']],
    ['a barcode of its own', { barcode: 'X' }, {}, []],
    ['none, whoever has another', {}, { barcodeTakenBy: 'SODA' }, []],
    [
      'negative stock where nothing is owned',
      { code: 'Virtual/A', type: 'scrap', reservable: false, allowNegative: true },
      { warehouse: null },
      ['/allowNegative'],
    ],
  ])('%s', (_, change, more, expected) => {
    const refusal = newLocationRefusal({ ...shelf, ...change }, { ...facts, ...more })
    expect(refusal?.errors?.map((fault) => fault.pointer)).toEqual(expected.length === 0 ? undefined : expected)
  })
})

describe('X1: closing a location', () => {
  const empty: InUse = { hasStock: false, hasNegativeStock: false, hasOpenBelow: false, isDefaultReceipt: false }
  test.each<[string, Partial<Location>, Partial<InUse>, string | undefined]>([
    ['empty', { active: false }, {}, undefined],
    ['with stock, before all else', { active: false }, { hasStock: true, hasOpenBelow: true }, 'location-has-stock'],
    [
      'with open ones below',
      { active: false },
      { hasOpenBelow: true, isDefaultReceipt: true },
      'location-has-open-below',
    ],
    ['where receipts go', { active: false }, { isDefaultReceipt: true }, 'location-is-default'],
    ['left open', { pickSequence: 1 }, { hasStock: true, hasOpenBelow: true, isDefaultReceipt: true }, undefined],
  ])('%s', (_, change, use, expected) => {
    expect(inUseRefusal(shelf, { ...shelf, ...change }, { ...empty, ...use })?.refused).toBe(expected)
  })

  test.each<[Partial<Location>, Partial<Location>, boolean]>([
    [{}, {}, false],
    [{}, { active: false }, true],
    [{ active: false }, { active: true }, false],
    [{ active: false }, { active: false }, false],
    [{ allowNegative: true }, { allowNegative: false }, true],
    [{ allowNegative: true }, { allowNegative: true }, false],
    [{ allowNegative: false }, { allowNegative: true }, false],
    [{ allowNegative: true }, { active: false, allowNegative: true }, true],
  ])('from %j to %j: must it be empty? %s', (before, after, expected) =>
    expect(needsEmptiness({ ...shelf, ...before }, { ...shelf, ...before, ...after })).toBe(expected),
  )

  test('negative stock is corrected before it is forbidden', () => {
    const negative = { ...shelf, allowNegative: true }
    expect(inUseRefusal(negative, shelf, { ...empty, hasNegativeStock: true })?.refused).toBe('location-is-negative')
    expect(inUseRefusal(negative, shelf, empty)).toBeUndefined()
  })
})

describe('X1: where receipts go', () => {
  test.each<[string, Location | null, string | undefined]>([
    ['an open location of the warehouse', shelf, undefined],
    ['nothing known', null, 'is not known'],
    ['another warehouse', { ...shelf, warehouse: 'W2' }, 'is not in WH'],
    ['a closed one', { ...shelf, active: false }, 'is closed'],
  ])('%s', (_, found, message) => {
    const refusal = defaultReceiptRefusal(wh, found)
    expect(refusal?.errors?.[0]?.message).toBe(message)
    expect(refusal === undefined).toBe(message === undefined)
  })

  test('need not be said', () => {
    expect(defaultReceiptRefusal({ ...wh, defaultReceiptLocation: null }, null)).toBeUndefined()
  })

  test('a new warehouse names a place below it', () => {
    expect(newWarehouseRefusal(wh)).toBeUndefined()
    expect(newWarehouseRefusal({ ...wh, defaultReceiptLocation: null })).toBeUndefined()
    const wrong = newWarehouseRefusal({ ...wh, code: 'Virtual' })
    expect(wrong?.errors?.map((fault) => fault.pointer)).toEqual(['/code', '/defaultReceiptLocation'])
  })
})
