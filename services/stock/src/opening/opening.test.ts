import { describe, expect, test } from '@jest/globals'
import { uuid } from '../../test/builders.ts'
import { openingPosting, openingRefusal } from './opening.ts'

describe('opening stock', () => {
  test('is one document, its lines in the order of the body', () => {
    const lines = [
      { sku: 'PX', location: 'WH/A', quantity: '2.5', unitCost: '2.00' },
      { sku: 'ML', location: 'WH/B', lot: 'L1', expiresOn: '2027-01-01', quantity: '1', unitCost: '0' },
    ]
    expect(openingPosting(uuid(1), 'OPEN/00001', lines, undefined, 99)).toMatchObject({
      kind: 'opening',
      attempt: 1,
      effectiveAt: 99,
      effectiveAtStated: false,
      lines: [
        { line: 1, sku: 'PX', quantity: 2_500_000n, lot: null, expiresOn: null, passThrough: { unitCost: '2.00' } },
        {
          line: 2,
          sku: 'ML',
          quantity: 1_000_000n,
          lot: 'L1',
          expiresOn: '2027-01-01',
          from: 'Virtual/Opening',
          to: 'WH/B',
        },
      ],
    })
    const stated = openingPosting(uuid(1), 'OPEN/00001', lines, '2026-04-20T08:00:00Z', 99)
    expect(stated).toMatchObject({ effectiveAt: Date.UTC(2026, 3, 20, 8), effectiveAtStated: true })
  })

  test.each([
    ['unknown-product', 3, '/lines/2/sku'],
    ['location-inactive', 1, '/lines/0/location'],
    ['lot-expires-otherwise', 1, '/lines/0/expiresOn'],
    ['lot-required', 1, '/lines/0/lot'],
    ['serial-on-hand', 1, '/lines/0/lot'],
    ['serial-not-one', 1, '/lines/0/quantity'],
    ['balance-too-large', 1, '/lines/0/quantity'],
    ['effective-in-future', null, '/effectiveAt'],
  ])('%s of line %s is told at %s', (code, line, pointer) => {
    expect(openingRefusal('wrong', 'All of it.', [{ line, code, message: 'Wrong.' }])).toMatchObject({
      refused: 'wrong',
      kind: 'content',
      detail: 'All of it.',
      errors: [{ pointer, message: 'Wrong.' }],
    })
  })
})
