import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { product, runStock, type Body, type RunningStock } from './running.ts'

let stock: RunningStock
beforeAll(async () => {
  stock = await runStock()
})
afterAll(() => stock.stop())

describe('X6: products by their codes', () => {
  test('a GTIN is one product’s, however long it is written', async () => {
    await stock.made('/v1/products', product('GTIN-12', { barcodes: ['000000181006'] }))
    for (const code of ['0000000181006', '00000000181006', '00181006']) {
      const reply = await stock.post('/v1/products', product(`OF-${code}`, { barcodes: [code] }))
      expect([reply.status, reply.body.errors]).toMatchObject([422, [{ pointer: '/barcodes/0', message: 'belongs to GTIN-12' }]]) // prettier-ignore
      const found = await stock.user.get<Body>(`/v1/products?barcode=${code}`)
      expect(found.body.items).toMatchObject([{ sku: 'GTIN-12' }])
    }
    // A number without a right check digit is no GTIN, and only itself.
    await stock.made('/v1/products', product('NO-GTIN', { barcodes: ['000000181007'] }))
    await stock.made('/v1/products', product('NO-GTIN-2', { barcodes: ['0000000181007'] }))
  })

  test.each([
    ['an underscore', 'Q_1', ['LIT-Q_1']],
    ['a percent sign', 'Q%1', ['LIT-Q%1']],
    ['a backslash', 'Q\\1', ['LIT-Q\\1']],
    ['only letters', 'lit-q', ['LIT-Q%1', 'LIT-QX1', 'LIT-Q\\1', 'LIT-Q_1']],
  ])('search takes %s literally', async (_title, search, skus) => {
    for (const sku of ['LIT-Q_1', 'LIT-QX1', 'LIT-Q%1', 'LIT-Q\\1'])
      await stock.post('/v1/products', product(sku)).then(({ status }) => expect([201, 409]).toContain(status))
    const found = await stock.user.get<{ items: { sku: string }[] }>(
      `/v1/products?search=${encodeURIComponent(search)}`,
    )
    expect(found.body.items.map(({ sku }) => sku).sort()).toEqual([...skus].sort())
  })
})
