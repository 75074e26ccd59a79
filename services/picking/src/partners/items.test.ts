import { describe, expect, test } from '@jest/globals'
import type { OrderKind, IncomingContent, ItemNames } from '../orders/order.ts'
import { aliasKey, hasOtherName, isUnknownItem, itemKey, withItems, type KnownItems } from './items.ts'

const gtin = '00012345678905'
const known: KnownItems = {
  skus: new Set(['RM-A', 'PX']),
  byGtin: new Map([
    [gtin, ['RM-A']],
    ['00000096385074', ['PX', 'PY']],
  ]),
  byPartner: new Map([
    [itemKey('vendor', 'ACME', 'A-77'), 'RM-A'],
    [itemKey('customer', 'ACME', 'A-77'), 'PX'],
  ]),
  units: new Map([[aliasKey('/erp', 'ST'), 'unit']]),
}

function found(kind: OrderKind, names: ItemNames, source = '/erp') {
  const line = { line: 1, quantity: '1', unit: 'ST', unitPrice: null, ...names }
  const content = { partner: { code: 'ACME', name: 'Acme' }, lines: [line] } as unknown as IncomingContent
  const result = withItems(kind, source, content, known)
  return isUnknownItem(result) ? result : result.lines[0]
}

describe('a line of an order names its item', () => {
  test.each<[string, OrderKind, ItemNames, string]>([
    ['by SKU, known or not', 'purchase', { sku: 'NEW' }, 'NEW'],
    ['by SKU, whatever else it says', 'purchase', { sku: 'PX', gtin: '12345678905' }, 'PX'],
    ['by SKU, though a code is of nobody', 'sale', { sku: 'PX', gtin: '4006381333931', sellerItem: 'NO' }, 'PX'],
    ['by GTIN', 'purchase', { gtin: '12345678905'.padStart(13, '0') }, 'RM-A'],
    ['by GTIN, written shorter', 'sale', { gtin: '012345678905' }, 'RM-A'],
    ['by our own code: the buyer’s in a purchase', 'purchase', { buyerItem: 'PX' }, 'PX'],
    ['by our own code: the seller’s in a sale', 'sale', { sellerItem: 'PX' }, 'PX'],
    ['by the code of the vendor', 'purchase', { sellerItem: 'A-77' }, 'RM-A'],
    ['by the code of the customer', 'sale', { buyerItem: 'A-77' }, 'PX'],
    ['by several that agree', 'purchase', { gtin: '012345678905', buyerItem: 'RM-A', sellerItem: 'A-77' }, 'RM-A'],
    ['by one that is known beside others that are not', 'purchase', { buyerItem: 'NO', gtin: '012345678905' }, 'RM-A'],
  ])('%s', (_, kind, names, sku) => {
    expect(found(kind, names)).toEqual({ line: 1, sku, quantity: '1', unit: 'unit', unitPrice: null })
  })

  test.each<[string, OrderKind, ItemNames, string[], string]>([
    [
      'a GTIN that nobody has',
      'purchase',
      { gtin: '4006381333931' },
      ['gtin:04006381333931'],
      'by GTIN 4006381333931.',
    ],
    ['what is no GTIN', 'sale', { gtin: 'X1' }, ['gtin:X1'], 'by GTIN X1.'],
    ['our code that nobody has', 'sale', { sellerItem: 'NO' }, ['sku:NO'], 'by our code "NO".'],
    ['a partner’s code', 'sale', { buyerItem: 'B-1' }, [itemKey('customer', 'ACME', 'B-1')], '"B-1" of customer ACME.'],
    [
      'all of them unknown: any of them may be known later',
      'purchase',
      { gtin: '4006381333931', buyerItem: 'NO', sellerItem: 'Z' },
      [itemKey('vendor', 'ACME', 'Z'), 'gtin:04006381333931', 'sku:NO'],
      'our code "NO", GTIN 4006381333931, "Z" of vendor ACME.',
    ],
    [
      'names of two products',
      'purchase',
      { buyerItem: 'PX', gtin: '012345678905' },
      [`gtin:${gtin}`, 'sku:PX'],
      'are several products: PX, RM-A.',
    ],
    [
      'a GTIN of two products',
      'purchase',
      { gtin: '96385074' },
      ['gtin:00000096385074'],
      'are several products: PX, PY.',
    ],
  ])('%s: it waits', (_, kind, names, keys, reason) => {
    expect(found(kind, names)).toEqual({ keys, reason: expect.stringContaining(reason) })
  })

  test('all lines that nobody knows are named at once, the first five by what they name', () => {
    const line = (at: number) => ({
      line: at,
      quantity: '1',
      unit: 'ST',
      unitPrice: null,
      sellerItem: `N-${String(at)}`,
    })
    const lines = Array.from({ length: 7 }, (_, index) => line(index + 1))
    const content = { partner: { code: 'ACME', name: 'Acme' }, lines } as unknown as IncomingContent
    const result = withItems('purchase', '/erp', content, known)
    expect(result).toEqual({
      reason: expect.stringMatching(
        /^Line 1: .* "N-1" of vendor ACME\. .*Line 5: .*\. So it is with 2 more lines\. A manager says .*\.$/,
      ),
      keys: lines.map(({ sellerItem }) => itemKey('vendor', 'ACME', sellerItem)),
    })
  })

  test('of very long names so many keys are kept as the index holds', () => {
    const lines = Array.from({ length: 9 }, (_, index) => ({
      line: index + 1,
      sellerItem: `${String(index)}${'ü'.repeat(79)}`,
    }))
    const content = { partner: { code: 'Ä'.repeat(64), name: 'A' }, lines } as unknown as IncomingContent
    const result = withItems('purchase', '/erp', content, known)
    expect(isUnknownItem(result) && result.keys.length).toBe(3)
  })

  test('of five all are named; keys have up to 500 characters, and one however long it is', () => {
    const waiting = (...names: readonly string[]) => {
      const lines = names.map((sellerItem, index) => ({ line: index + 1, sellerItem }))
      const content = { partner: { code: 'A', name: 'A' }, lines } as unknown as IncomingContent
      const result = withItems('purchase', '/erp', content, known)
      return isUnknownItem(result) ? result : { reason: '', keys: [] }
    }
    expect(waiting('1', '2', '3', '4', '5').reason).toMatch(/Line 5: [^:]*\. A manager says/)
    // Each key has 15 characters besides the name: `item:vendor`, the partner's code and the separators.
    const name = (digit: string, length: number) => digit.repeat(length - itemKey('vendor', 'A', '').length)
    expect(waiting(name('1', 250), name('2', 250)).keys).toHaveLength(2)
    expect(waiting(name('1', 250), name('2', 251)).keys).toHaveLength(1)
    expect(waiting(name('1', 501), '2').keys).toHaveLength(1)
  })

  const warned = (kind: OrderKind, names: ItemNames) => {
    const line = { line: 1, quantity: '1', unit: 'ST', unitPrice: null, ...names }
    const content = { partner: { code: 'ACME', name: 'Acme' }, lines: [line] } as unknown as IncomingContent
    const result = withItems(kind, '/erp', content, known)
    return isUnknownItem(result) ? result : result.warnings
  }

  test.each<[string, OrderKind, ItemNames, readonly string[] | undefined]>([
    [
      'a GTIN',
      'sale',
      { sku: 'PX', gtin: '012345678905' },
      ['Line 1 is taken as PX, by its SKU; GTIN 012345678905 belongs to RM-A.'],
    ],
    [
      'a GTIN of two',
      'sale',
      { sku: 'RM-A', gtin: '96385074' },
      ['Line 1 is taken as RM-A, by its SKU; GTIN 96385074 belongs to PX and PY.'],
    ],
    [
      'our code',
      'purchase',
      { sku: 'RM-A', buyerItem: 'PX' },
      ['Line 1 is taken as RM-A, by its SKU; our code "PX" belongs to PX.'],
    ],
    [
      'the partner’s code and a GTIN',
      'purchase',
      { sku: 'PX', sellerItem: 'A-77', gtin: '012345678905' },
      ['Line 1 is taken as PX, by its SKU; GTIN 012345678905 belongs to RM-A, "A-77" of vendor ACME belongs to RM-A.'],
    ],
    [
      'all of the same product',
      'purchase',
      { sku: 'RM-A', sellerItem: 'A-77', gtin: '012345678905', buyerItem: 'RM-A' },
      undefined,
    ],
    ['a GTIN of two, one of them meant', 'sale', { sku: 'PX', gtin: '96385074' }, undefined],
    ['what nobody has', 'sale', { sku: 'PX', gtin: '4006381333931', sellerItem: 'NO' }, undefined],
  ])('beside a SKU, %s: what is of another product is said', (_, kind, names, warnings) => {
    expect(warned(kind, names)).toEqual(warnings)
  })

  test.each([
    [{ sku: 'PX' }, false],
    [{ gtin }, true],
    [{ buyerItem: 'B' }, true],
    [{ sellerItem: 'S' }, true],
  ])('%j names it otherwise than by SKU: %s', (names, is) => expect(hasOtherName(names)).toBe(is))

  test('the unit of one source is another one’s own', () => {
    expect(found('sale', { sku: 'PX' }, '/edi')).toMatchObject({ unit: 'ST' })
  })
})
