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

  test('and a delivery are told with their partners, which the ledger keeps beside them: so a recall names customers', async () => {
    await one.empty()
    const of = (number: string, name: string) => ({
      order: { source: '/erp', orderNumber: number },
      partner: { code: name.toUpperCase(), name },
    })
    const px = { sku: 'PX', quantity: '2', passThrough: { orderLine: 7 } }
    await one.take(
      posting('receipt', [px], of('PO-1', 'Acme')),
      posting('delivery', [px], of('SO-1', 'Beta')),
      posting('receipt', [{ sku: 'PX', quantity: '1' }]),
    )
    const told = await one.db.query<{ data: object }>(
      sql(`select value::jsonb->'data' as data from kit.outbox order by sequence`),
    )
    expect(told.map(({ data }) => data)).toMatchObject([
      { ...of('PO-1', 'Acme'), lines: [{ orderLine: 7 }] },
      { ...of('SO-1', 'Beta'), lines: [{ orderLine: 7 }] },
      {},
    ])
    expect(told[2]?.data).not.toHaveProperty('partner')
    const kept = await one.db.query(
      sql(`select p.kind, p.order_source, p.order_number, p.partner_code, p.partner_name, m.order_line
           from postings p join moves m using (position) order by position`),
    )
    expect(kept.map((row) => Object.values(row as object).join(' '))).toEqual([
      'receipt /erp PO-1 ACME Acme 7',
      'delivery /erp SO-1 BETA Beta 7',
      'receipt     ',
    ])
  })
})
