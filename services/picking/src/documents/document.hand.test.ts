import { describe, expect, test } from '@jest/globals'
import { referenceData } from '../../test/builders.ts'
import { deliveryByHand } from '../deliveries/delivery.hand.ts'
import { receiptByHand } from '../receipts/receipt.hand.ts'
import { linesOfBody } from './document.hand.ts'

const now = new Date('2026-04-20T08:00:00Z')

describe('what a person gives for a document without an order', () => {
  test.each([
    [{ sku: 'NEW', quantity: '1' }, '/lines/0/sku', 'product "NEW" is not known'],
    [{ sku: 'SVC', quantity: '1' }, '/lines/0/sku', 'SVC is a service: there is nothing to deliver'],
    [{ sku: 'RM-A', quantity: '1', unit: 'box' }, '/lines/0/unit', expect.stringMatching(/^RM-A is kept in kg/)],
    [{ sku: 'PX', quantity: '0.5' }, '/lines/0/quantity', expect.stringMatching(/too precise/)],
  ])('%j is refused', (line, pointer, message) =>
    expect(linesOfBody([line], 'deliver', referenceData)).toMatchObject({
      refused: 'lines-wrong',
      kind: 'content',
      errors: [{ pointer, message }],
    }),
  )

  test('every wrong line is named', () =>
    expect(
      linesOfBody([{ sku: 'NEW', quantity: '1' }, { sku: 'PX', quantity: '1' }, { sku: 'SVC', quantity: '1' }], 'receive', referenceData), // prettier-ignore
    ).toMatchObject({ errors: [{ pointer: '/lines/0/sku' }, { pointer: '/lines/2/sku' }] }))

  test('is all on the receipt', () => {
    const known = { id: 'id', warehouse: 'WH', destination: 'WH/Stock', companyCurrency: 'USD', now, referenceData }
    const lines = [{ sku: 'RM-A', quantity: '2', unitPrice: '1.5', unitCost: '2' }]
    const vendor = { code: 'ACME', name: 'Acme' }
    const asked = { source: 'S', scheduledDate: '2026-05-01', currency: 'EUR', note: 'n', vendor }
    expect(receiptByHand({ ...asked, lines }, known)).toMatchObject({
      ...{ id: 'id', status: 'draft', warehouse: 'WH', destination: 'WH/Stock', source: 'S', vendor },
      ...{ scheduledDate: '2026-05-01', currency: 'EUR', details: { order: { note: 'n' } }, createdAt: now },
      lines: [
        { line: 1, sku: 'RM-A', unit: 'kg', orderLine: null, unitPrice: 15_000_000_000n, unitCost: 20_000_000_000n },
      ],
    })
    expect(receiptByHand({ lines: [] }, known)).toMatchObject({
      currency: 'USD',
      vendor: null,
      details: null,
      lines: [],
    })
    expect(receiptByHand({ lines: [{ sku: 'NEW', quantity: '1' }] }, known)).toMatchObject({ refused: 'lines-wrong' })
  })

  test('is all on the delivery', () => {
    const known = { id: 'id', now, referenceData }
    const customer = { code: 'BIG', name: 'Big' }
    const asked = {
      warehouse: 'WH',
      priority: 2,
      allowPartial: true,
      source: 'S',
      scheduledDate: '2026-05-01',
      customer,
    }
    const lines = [{ sku: 'PX', quantity: '1', unit: 'box' }]
    expect(deliveryByHand({ ...asked, note: 'n', lines }, known)).toMatchObject({
      ...asked,
      ...{ id: 'id', status: 'waiting', details: { order: { note: 'n' } }, createdAt: now },
      lines: [{ line: 1, sku: 'PX', unit: 'box', needed: 24_000_000n }],
    })
    expect(deliveryByHand({ ...asked, lines: [{ sku: 'NEW', quantity: '1' }] }, known)).toMatchObject({
      refused: 'lines-wrong',
    })
  })
})
