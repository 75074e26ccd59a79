/** Orders as foreign systems send them: items by GTIN and by codes of buyer and seller, and fields that nobody here knows. */
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { until } from '@stockline/test-kit'
import { deliveriesOf, salesOrder, told } from './deliveries-steps.ts'
import { productTold, type Harness } from './harness.ts'
import { line, openItemsHarness, put, waits } from './orders-items-steps.ts'
import { eventually, purchaseOrder, receiptOf, tell } from './steps.ts'

let harness: Harness
beforeAll(async () => {
  harness = await openItemsHarness()
}, 60_000)
afterAll(() => harness.stop())

describe('items', () => {
  test('by GTIN, and by our own code: the buyer’s in a purchase, the seller’s in a sale', async () => {
    expect(
      (await tell(harness, purchaseOrder('confirmed', 'PO-GTIN', [line({ gtin: '04006381333931' })]))).status,
    ).toBe(202)
    expect((await receiptOf(harness, 'PO-GTIN')).lines).toMatchObject([{ sku: 'IT-A', expected: '2', unit: 'unit' }])
    await tell(harness, purchaseOrder('confirmed', 'PO-OWN', [line({ buyerItem: 'IT-A' })]))
    expect((await receiptOf(harness, 'PO-OWN')).lines).toMatchObject([{ sku: 'IT-A' }])
    await told(harness, salesOrder('confirmed', 'SO-OWN', [line({ sellerItem: 'IT-A', gtin: '4006381333931' })]))
    expect((await deliveriesOf(harness, 'SO-OWN'))[0]?.lines).toMatchObject([{ sku: 'IT-A' }])
  })

  test('by the partner’s code: it waits, visibly, until a manager says what it means, and what is behind it too', async () => {
    await told(harness, salesOrder('confirmed', 'SO-THEIRS', [line({ buyerItem: 'B-77' })]))
    expect(await waits(harness, 'SO-THEIRS')).toMatch(
      /^Line 1: no product is known by "B-77" of customer BIG\. A manager says .*PUT \/picking\/v1\/item-references.*\.$/,
    )
    const reference = { kind: 'customer', partner: 'BIG', item: 'B-77' }
    expect((await put(harness, '/v1/item-references', { ...reference, sku: 'IT-A' }, harness.user)).status).toBe(403)
    expect(await put(harness, '/v1/item-references', { ...reference, sku: 'NO-SUCH' })).toMatchObject({
      status: 422,
      body: { type: 'product-unknown' },
    })
    expect(await put(harness, '/v1/item-references', { ...reference, sku: 'IT-A' })).toMatchObject({
      status: 200,
      body: { sku: 'IT-A' },
    })
    expect((await deliveriesOf(harness, 'SO-THEIRS'))[0]?.lines).toMatchObject([{ sku: 'IT-A' }])
    const listed = await harness.user.get('/v1/item-references?kind=customer&partner=BIG')
    expect(listed.body).toMatchObject({ items: [{ ...reference, sku: 'IT-A' }], nextCursor: null })
    expect((await put(harness, '/v1/item-references', { ...reference, sku: null })).status).toBe(200)
    expect((await harness.user.get('/v1/item-references?partner=BIG')).body).toMatchObject({ items: [] })
  })

  test('by a GTIN or code of ours that nobody has yet: it goes on when the product comes', async () => {
    await tell(harness, purchaseOrder('confirmed', 'PO-LATER', [line({ gtin: '5901234123457' })]))
    await tell(harness, purchaseOrder('confirmed', 'PO-LATER-2', [line({ buyerItem: 'IT-LATER' })]))
    expect(await waits(harness, 'PO-LATER')).toContain('no product is known by GTIN 5901234123457.')
    expect(await waits(harness, 'PO-LATER-2')).toContain('no product is known by our code "IT-LATER".')
    await harness.publish(
      productTold('IT-LATER', { barcodes: [{ code: '05901234123457' }], unit: 'unit', unitDecimals: 0 }),
    )
    expect((await receiptOf(harness, 'PO-LATER')).lines).toMatchObject([{ sku: 'IT-LATER' }])
    expect((await receiptOf(harness, 'PO-LATER-2')).lines).toMatchObject([{ sku: 'IT-LATER' }])
  })

  test('by several codes that nobody has yet: it goes on when any of them is known', async () => {
    const both = line({ gtin: '9780201379624', sellerItem: 'V-LATER' })
    await tell(harness, purchaseOrder('confirmed', 'PO-SEVERAL', [both]))
    expect(await waits(harness, 'PO-SEVERAL')).toContain(
      'Line 1: no product is known by GTIN 9780201379624, "V-LATER" of vendor ACME.',
    )
    await harness.publish(
      productTold('IT-SEVERAL', { barcodes: [{ code: '9780201379624' }], unit: 'unit', unitDecimals: 0 }),
    )
    expect((await receiptOf(harness, 'PO-SEVERAL')).lines).toMatchObject([{ sku: 'IT-SEVERAL' }])
    await tell(
      harness,
      purchaseOrder('confirmed', 'PO-SEVERAL-2', [line({ gtin: '9780306406157', sellerItem: 'V-SEVERAL' })]),
    )
    await waits(harness, 'PO-SEVERAL-2')
    await put(harness, '/v1/item-references', { kind: 'vendor', partner: 'ACME', item: 'V-SEVERAL', sku: 'IT-A' })
    expect((await receiptOf(harness, 'PO-SEVERAL-2')).lines).toMatchObject([{ sku: 'IT-A' }])
  })

  test('by a GTIN of two products: it goes on when one of them has it no more', async () => {
    const counted = { unit: 'unit', unitDecimals: 0 }
    const second = { productId: randomUUID(), ...counted }
    const gtin = '8712345678906'
    await harness.publish(productTold('IT-TWIN-1', { barcodes: [{ code: gtin }], ...counted }))
    await harness.publish(productTold('IT-TWIN-2', { barcodes: [{ code: gtin }], ...second }))
    await until(
      'both are known',
      async () => (await harness.service.db.prisma.product.count({ where: { sku: { startsWith: 'IT-TWIN' } } })) === 2,
    )
    await tell(harness, purchaseOrder('confirmed', 'PO-TWIN', [line({ gtin })]))
    expect(await waits(harness, 'PO-TWIN')).toContain('are several products: IT-TWIN-1, IT-TWIN-2.')
    await harness.publish(productTold('IT-TWIN-2', { barcodes: [], ...second }))
    expect((await receiptOf(harness, 'PO-TWIN')).lines).toMatchObject([{ sku: 'IT-TWIN-1' }])
  })

  test('by codes of two products: it goes on when a manager takes the wrong one away', async () => {
    const reference = { kind: 'vendor', partner: 'ACME', item: 'V-WRONG' }
    await put(harness, '/v1/item-references', { ...reference, sku: 'RM-A' })
    await tell(
      harness,
      purchaseOrder('confirmed', 'PO-WRONG', [line({ gtin: '4006381333931', sellerItem: 'V-WRONG' })]),
    )
    expect(await waits(harness, 'PO-WRONG')).toContain('are several products: IT-A, RM-A.')
    await put(harness, '/v1/item-references', { ...reference, sku: null })
    expect((await receiptOf(harness, 'PO-WRONG')).lines).toMatchObject([{ sku: 'IT-A' }])
  })

  test('by SKU and by a GTIN of another product: the SKU counts, and order and document say so', async () => {
    const both = line({ sku: 'RM-A', gtin: '4006381333931' }, 'kg')
    await tell(harness, purchaseOrder('confirmed', 'PO-BOTH', [both]))
    const warning = 'Line 1 is taken as RM-A, by its SKU; GTIN 4006381333931 belongs to IT-A.'
    const receipt = await receiptOf(harness, 'PO-BOTH')
    expect(receipt.lines).toMatchObject([{ sku: 'RM-A' }])
    expect(receipt.history[0]).toMatchObject({ what: 'created', why: `Order PO-BOTH. ${warning}` })
    const warnings = async (orderNumber: string) => {
      const path = `/v1/orders?orderNumber=${orderNumber}`
      return (await harness.manager.get<{ items: { warnings: string[] }[] }>(path)).body.items[0]?.warnings
    }
    expect(await warnings('PO-BOTH')).toEqual([warning])
    await tell(harness, purchaseOrder('amended', 'PO-BOTH', [line({ sku: 'RM-A' }, 'kg')], { revision: 2 }))
    await eventually(harness, receipt.id, 'is amended', ({ history }) => history.length === 2)
    expect(await warnings('PO-BOTH')).toEqual([])
    await told(harness, salesOrder('confirmed', 'SO-BOTH', [line({ sku: 'PX', gtin: '4006381333931' })]))
    const [delivery] = await deliveriesOf(harness, 'SO-BOTH')
    expect(delivery?.history[0]?.why).toBe(
      'Order SO-BOTH. Line 1 is taken as PX, by its SKU; GTIN 4006381333931 belongs to IT-A.',
    )
  })

  test('in an amendment: the order stays as it was until the item is known', async () => {
    await tell(harness, purchaseOrder('confirmed', 'PO-AMEND', [line({ sku: 'IT-A' })]))
    const first = await receiptOf(harness, 'PO-AMEND')
    const lines = [line({ sku: 'IT-A' }), { ...line({ sellerItem: 'V-9' }), line: 2 }]
    await tell(harness, purchaseOrder('amended', 'PO-AMEND', lines, { revision: 2 }))
    expect(await waits(harness, 'PO-AMEND')).toContain('Line 2: no product is known by "V-9" of vendor ACME.')
    await put(harness, '/v1/item-references', { kind: 'vendor', partner: 'ACME', item: 'V-9', sku: 'RM-A' })
    await eventually(harness, first.id, 'is amended', ({ lines: now }) => now.length === 2)
  })

  test('a line without any name is refused, and so is a GTIN with a wrong check digit', async () => {
    const answer = await tell(
      harness,
      purchaseOrder('confirmed', 'PO-NONE', [line({}), { ...line({ gtin: '4006381333932' }), line: 2 }]),
    )
    expect(answer.status).toBe(422)
    expect(answer.body.errors).toEqual([
      { pointer: '/data/lines/0/sku', message: 'must be there, or gtin, buyerItem or sellerItem in its place' },
      { pointer: '/data/lines/1/gtin', message: 'has a wrong check digit' },
    ])
  })
})

describe('what a contract does not know', () => {
  const misspelled = (orderNumber: string) =>
    purchaseOrder('confirmed', orderNumber, [{ ...line({ sku: 'IT-A' }), unitprice: '1', colour: 'red' }], {
      incoterm: 'DAP',
    })
  const shown = async (orderNumber: string) => {
    const path = `/v1/orders?source=/erp/purchase&orderNumber=${orderNumber}`
    const { items } = (await harness.manager.get<{ items: { unknownFields: string[] }[] }>(path)).body
    return items[0]?.unknownFields
  }

  const counted = async (field: string) => {
    const metrics = await (await fetch(`${harness.service.url}/metrics`)).text()
    const line = metrics
      .split('\n')
      .find((one) => one.startsWith('stockline_unknown_fields_total') && one.includes(`field="${field}"`))
    expect(line).toContain('source="/erp/purchase"')
    return line?.split(' ').at(-1)
  }

  test('is counted, told to its sender by HTTP, and shown on the order', async () => {
    const answer = await tell(harness, misspelled('PO-UNKNOWN-1'))
    expect(answer).toMatchObject({ status: 202, body: { warnings: [{ pointer: '/data/lines/0/unitprice' }, {}, {}] } })
    await receiptOf(harness, 'PO-UNKNOWN-1')
    expect(await shown('PO-UNKNOWN-1')).toEqual(['lines/unitprice', 'lines/colour', 'incoterm'])
    expect(await counted('lines/colour')).toBe('1')
  })

  test('is counted by source and name on the bus, where nobody can be told, and shown on the order', async () => {
    const value = Buffer.from(JSON.stringify(misspelled('PO-UNKNOWN-2')))
    await harness.service.bus.publish([
      { topic: 'purchasing.orders', message: { key: 'PO-UNKNOWN-2', value, headers: {} } },
    ])
    await receiptOf(harness, 'PO-UNKNOWN-2')
    expect(await shown('PO-UNKNOWN-2')).toEqual(['lines/unitprice', 'lines/colour', 'incoterm'])
    expect(await counted('lines/colour')).toBe('2')
  })

  test('is nothing where all is known', async () => {
    await tell(harness, purchaseOrder('confirmed', 'PO-KNOWN', [line({ sku: 'IT-A' })]))
    await receiptOf(harness, 'PO-KNOWN')
    expect(await shown('PO-KNOWN')).toEqual([])
  })
})
