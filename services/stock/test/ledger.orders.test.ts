import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { sql } from '@stockline/service-kit'
import { location, posting, product, uuid } from './builders.ts'
import { type StockDatabase, stockDatabase } from './stock-database.ts'

let one: StockDatabase
beforeAll(async () => {
  one = await stockDatabase(
    [{ ...product('PX', { unit: 'unit', unitDecimals: 0 }), id: uuid(0xfed001) }],
    [{ ...location('WH/A'), id: uuid(0xfed002) }],
  )
})
afterAll(() => one.close())

describe('G4 a receipt of an order', () => {
  test('is told with the order and what each line is of it, as it was asked; by hand, with neither', async () => {
    const order = { source: '/erp/purchase', orderNumber: 'PO-1' }
    const passThrough = { orderLine: 3, orderQuantity: '0.333334', completesOrderLine: true }
    const px = { sku: 'PX', quantity: '1' }
    await one.take(posting('receipt', [{ ...px, passThrough }, px], { order }), posting('receipt', [px]))
    const [told, byHand] = await one.db.query<{ data: { order?: unknown; lines: object[] } }>(
      sql(`select value::jsonb->'data' as data from kit.outbox order by sequence`),
    )
    expect(told?.data).toMatchObject({ order, lines: [passThrough, {}] })
    expect(told?.data.lines[1]).not.toHaveProperty('orderLine')
    expect(byHand?.data).not.toHaveProperty('order')
  })
})
