/** What an ordering system, or a person, can read of an order. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { until, type Client } from '@stockline/test-kit'
import { becomes, ledgerAnswer, readied, salesOrder, shipping, told } from './deliveries-steps.ts'
import { openHarness, type Harness } from './harness.ts'
import {
  act,
  count,
  eventually,
  lineA,
  lineB,
  ordered,
  purchaseCancelled,
  purchaseOrder,
  type Problem,
  type ShownReceipt,
} from './steps.ts'

let harness: Harness
beforeAll(async () => {
  harness = await openHarness()
}, 60_000)
afterAll(() => harness.stop())

interface ShownOrder {
  readonly kind: string
  readonly orderNumber: string
  readonly revision: number
  readonly status: string
  readonly documents: readonly { kind: string; id: string; number: string; status: string }[]
  readonly lines: readonly { line: number; sku: string; unit: string; ordered: string; done: string; open: string }[]
  readonly tooLate: readonly { revision: number; line: number; wanted: string; done: string; at: string }[]
}

interface Listed {
  readonly items: readonly ShownOrder[]
  readonly nextCursor: string | null
}

const list = async (who: Client, search: string) => who.get<Listed & Problem>(`/v1/orders?${search}`)

async function orderOf(orderNumber: string, source = '/erp/purchase'): Promise<ShownOrder> {
  const { body } = await list(harness.erp, `source=${source}&orderNumber=${orderNumber}`)
  expect(body.items).toHaveLength(1)
  return body.items[0]!
}

const figures = ({ lines }: ShownOrder) =>
  lines.map(({ line, sku, ordered: asked, done, open, unit }) => `${line} ${sku} ${asked} ${done} ${open} ${unit}`)

async function posted(draft: ShownReceipt, entries: readonly object[]): Promise<ShownReceipt> {
  const sent = await act<ShownReceipt>(harness.user, 'POST', await count(harness, draft, entries), 'validate')
  if (sent.body.status === 'in_review') await act(harness.supervisor, 'POST', sent.body, 'approve')
  await harness.post()
  return eventually(harness, draft.id, 'it is done', (now) => now.status === 'done')
}

describe('G5 A purchase order', () => {
  test('G5 new: all of it is open', async () => {
    const draft = await ordered(harness, 'PO-NEW')
    const order = await orderOf('PO-NEW')
    expect(order).toMatchObject({
      kind: 'purchase',
      source: '/erp/purchase',
      revision: 1,
      status: 'open',
      warehouse: 'WH',
      partner: { code: 'ACME' },
      documents: [{ kind: 'receipt', id: draft.id, number: draft.number, status: 'draft' }],
      tooLate: [],
    })
    expect(figures(order)).toEqual(['1 RM-A 100 0 100 kg', '2 RM-B 50 0 50 kg'])
  })

  test('G5 come in part, raised, and lowered too late: what is done and open, and what was too late', async () => {
    const done = await posted(await ordered(harness, 'PO-PART'), [
      { line: 1, quantity: '60' },
      { line: 2, quantity: '50' },
    ])
    const lines = [
      { ...lineA, quantity: '120000', unit: 'g' },
      { ...lineB, quantity: '20' },
    ]
    await until('the backorder', async () => (await orderOf('PO-PART')).documents.length === 2)
    await told(harness, purchaseOrder('amended', 'PO-PART', lines, { revision: 2 }))
    const order = await orderOf('PO-PART')
    expect(order.documents.map(({ status }) => status)).toEqual(['done', 'draft'])
    expect(order.documents[0]?.number).toBe(done.number)
    expect(figures(order)).toEqual(['1 RM-A 120000 60000 60000 g', '2 RM-B 20 50 0 kg'])
    expect(order.tooLate).toMatchObject([{ revision: 2, line: 2, sku: 'RM-B', unit: 'kg', wanted: '20', done: '50' }])
  })

  test('G5 cancelled with some of it done', async () => {
    await posted(await ordered(harness, 'PO-GONE', [lineA]), [{ line: 1, quantity: '100' }])
    await told(harness, purchaseCancelled('PO-GONE', 2))
    const order = await orderOf('PO-GONE')
    expect(order).toMatchObject({ status: 'cancelled', revision: 2 })
    expect(figures(order)).toEqual(['1 RM-A 0 100 0 kg'])
    expect(order.tooLate).toMatchObject([{ revision: 2, line: 1, wanted: '0', done: '100' }])
  })
})

test('D1 a sales order, shipped in part and closed: what is neither done nor open was closed', async () => {
  const lines = [{ line: 1, sku: 'PX', quantity: '10', unit: 'unit' }]
  const sent = await shipping(harness, await readied(harness, 'SO-PART', lines), { 1: '6' }, { remainder: 'close' })
  expect(figures(await orderOf('SO-PART', '/erp/sales'))).toEqual(['1 PX 10 0 10 unit'])
  await harness.publish(ledgerAnswer(sent))
  await becomes(harness, sent.id, 'done')
  const order = await orderOf('SO-PART', '/erp/sales')
  expect(order).toMatchObject({ kind: 'sale', documents: [{ kind: 'delivery', number: sent.number, status: 'done' }] })
  expect(figures(order)).toEqual(['1 PX 10 6 0 unit'])
})

describe('R5 Who sees orders', () => {
  test('R5 a service client names its source, and sees no other', async () => {
    await ordered(harness, 'PO-MINE')
    const without = await list(harness.erp, 'orderNumber=PO-MINE')
    expect(without).toMatchObject({ status: 422, body: { errors: [{ pointer: '?source' }] } })
    expect((await list(harness.erp, 'orderNumber=PO-MINE&source=/another/erp')).body.items).toEqual([])
  })

  test('R5 people see those of their warehouses, whatever the source; an administrator none', async () => {
    await ordered(harness, 'PO-SEEN')
    for (const who of [harness.user, harness.stranger, harness.supervisor, harness.manager])
      expect((await list(who, 'orderNumber=PO-SEEN')).body.items).toMatchObject([{ orderNumber: 'PO-SEEN' }])
    expect((await list(harness.administrator, 'orderNumber=PO-SEEN')).status).toBe(403)
    await told(harness, salesOrder('confirmed', 'SO-HERE', [{ line: 1, sku: 'PX', quantity: '1', unit: 'unit' }]))
    expect((await list(harness.user, 'orderNumber=SO-HERE&kind=purchase')).body.items).toEqual([])
    expect((await list(harness.user, 'orderNumber=SO-HERE&warehouse=W9')).body.items).toEqual([])
  })

  test('R5 page by page, newest first', async () => {
    for (const number of ['PO-P1', 'PO-P2', 'PO-P3']) await ordered(harness, number, [lineA])
    const first = (await list(harness.manager, 'limit=2&source=/erp/purchase&status=open')).body
    expect(first.items.map(({ orderNumber }) => orderNumber)).toEqual(['PO-P3', 'PO-P2'])
    const second = await list(
      harness.manager,
      `limit=1&source=/erp/purchase&status=open&cursor=${first.nextCursor ?? ''}`,
    )
    expect(second.body.items.map(({ orderNumber }) => orderNumber)).toEqual(['PO-P1'])
    expect((await list(harness.manager, 'cursor=nonsense')).status).toBe(422)
  })
})

describe('A service client that speaks for some systems alone', () => {
  const headers = (batch = false) => ({ 'content-type': `application/cloudevents${batch ? '-batch' : ''}+json` })
  const from = (source: string, orderNumber: string) => ({
    ...purchaseOrder('confirmed', orderNumber, [lineA]),
    source,
  })
  const send = (body: object) =>
    harness.shop.send<Problem>('POST', '/v1/events', { headers: headers(Array.isArray(body)), body })

  test('tells orders of these, and no others: neither by itself nor in a batch', async () => {
    expect((await send(from('/shop', 'PO-SHOP'))).status).toBe(202)
    const foreign = await send(from('/erp/purchase', 'PO-FOREIGN'))
    expect(foreign).toMatchObject({ status: 403, body: { type: 'source-forbidden', errors: [{ pointer: '/source' }] } })
    expect(foreign.body.detail).toContain('"/erp/purchase" is none of this client’s sources')
    expect(foreign.body.detail).toContain('It speaks for /shop, /shop/outlet.')
    const batch = await send([from('/shop/outlet', 'PO-OUTLET'), from('/shop2', 'PO-FOREIGN')])
    expect(batch).toMatchObject({ status: 403, body: { errors: [{ pointer: '/1/source' }] } })
    expect((await list(harness.manager, 'orderNumber=PO-FOREIGN')).body.items).toEqual([])
    expect((await list(harness.manager, 'orderNumber=PO-OUTLET')).body.items).toEqual([])
    expect((await send([from('/shop/outlet', 'PO-OUTLET')])).status).toBe(202)
    // What is wrong in itself is said as ever.
    expect((await send({ ...from('/erp/purchase', 'PO-FOREIGN'), data: {} })).status).toBe(422)
  })

  test('reads the orders of these, and no others', async () => {
    const own = await list(harness.shop, 'source=/shop')
    expect(own.body.items.map(({ orderNumber }) => orderNumber)).toEqual(['PO-SHOP'])
    expect(await list(harness.shop, 'source=/erp/purchase')).toMatchObject({
      status: 403,
      body: { type: 'source-forbidden', errors: [{ pointer: '?source' }] },
    })
    expect(await list(harness.shop, 'orderNumber=PO-SHOP')).toMatchObject({
      status: 422,
      body: { type: 'source-missing' },
    })
    expect((await list(harness.erp, 'source=/shop')).body.items).toHaveLength(1)
  })
})
