/** Orders and products by the clients that other systems use, with every codec and every guarantee that they have. */
import { randomUUID } from 'node:crypto'
import { expect, test } from '@jest/globals'
import { sendByJava, until } from '@stockline/test-kit'
import { must } from '@stockline/test-kit/load/documents'
import { foreignSender } from './foreign-client.ts'
import { fresh, product, receiptOf, receiptsOf } from './people.ts'
import type { Fixture } from './fixture.ts'

const hows = ['gzip', 'snappy', 'aborted', 'lz4', 'zstd', 'idempotent', 'transactional'] as const

/** Registers the journeys of producers. */
export function producerJourneys({ system }: Fixture): void {
  const event = (type: string, subject: string, data: object): string =>
    JSON.stringify({ specversion: '1.0', id: randomUUID(), source: '/erp', type, subject, data })
  const order = (orderNumber: string, sku: string): string =>
    event('purchasing.order-confirmed.v1', orderNumber, {
      orderNumber,
      warehouse: 'WH',
      vendor: { code: 'ACME', name: 'Acme Supplies' },
      lines: [{ line: 1, sku, quantity: '1', unit: 'unit', unitPrice: '1' }],
    })

  test("by Java's client with each codec, idempotent and in a transaction: a receipt each, none of what was taken back", async () => {
    const { brokers } = system()
    if (brokers === undefined) return
    const sku = await product(system())
    const orders = hows.map((how) => ({ how, key: fresh('PO') }))
    const messages = orders.map(({ how, key }) => ({ how, topic: 'purchasing.orders', key, value: order(key, sku) }))
    if ((await sendByJava(brokers, messages)) !== undefined) return
    for (const { how, key } of orders) if (how !== 'aborted') await receiptOf(system(), key)
    const aborted = orders.find(({ how }) => how === 'aborted')?.key ?? ''
    expect(await receiptsOf(await system().login('manager'), aborted)).toEqual([])
  })

  test('a snappy block without framing, as librdkafka writes it', async () => {
    const sender = await foreignSender(system())
    if (sender === undefined) return
    const [orderNumber, sku] = [fresh('PO'), await product(system())]
    await sender.sendRawSnappy('purchasing.orders', [[orderNumber, order(orderNumber, sku)]])
    await receiptOf(system(), orderNumber)
  })

  test('a product in zstd', async () => {
    const { brokers } = system()
    if (brokers === undefined) return
    const sku = fresh('ZSTD')
    const data = { sku, name: 'Packed by zstd', type: 'stockable', unit: 'unit', category: 'All', tracking: 'none' }
    const value = event('catalog.product-upserted.v1', sku, data)
    if ((await sendByJava(brokers, [{ how: 'zstd', topic: 'catalog.products', key: sku, value }])) !== undefined) return
    const manager = await system().login('manager')
    await until('the product', async () => {
      const page = must(await manager.get<{ items: object[] }>(`/stock/v1/products?sku=${sku}`), 200)
      return page.items.length === 1
    })
  })
}
