/** Broken, foreign, repeated and reordered messages: seen, and the rest flows on. */
import { randomUUID } from 'node:crypto'
import { expect, test } from '@jest/globals'
import { until } from '@stockline/test-kit'
import { runMutated } from '../faults/mutated.ts'
import { must, sendOrder } from '@stockline/test-kit/load/documents'
import { foreignSender } from './foreign-client.ts'
import type { Fixture } from './fixture.ts'
import { fresh, product, purchase, receiptOf, receiptsOf } from './people.ts'

const cloudEvents = { 'content-type': 'application/cloudevents+json' }

/** Registers the journeys of messages. */
export function messageJourneys({ system }: Fixture): void {
  const order = (orderNumber: string, sku: string, more: object = {}) => ({
    specversion: '1.0',
    id: randomUUID(),
    source: '/erp',
    type: 'purchasing.order-confirmed.v1',
    subject: orderNumber,
    data: {
      orderNumber,
      warehouse: 'WH',
      vendor: { code: 'ACME', name: 'Acme Supplies' },
      lines: [{ line: 1, sku, quantity: '1', unit: 'unit', unitPrice: '1' }],
    },
    ...more,
  })

  test('by HTTP: the same event again is taken, with other content refused; what is no JSON or against its schema says why', async () => {
    const erp = await system().erp()
    const event = order(fresh('PO'), await product(system()))
    const send = (body: unknown) =>
      erp.send<{ errors?: { pointer: string }[] }>('POST', '/picking/v1/events', { body, headers: cloudEvents })
    expect((await send(event)).status).toBe(202)
    expect((await send(event)).status).toBe(202)
    expect((await send({ ...event, data: { ...event.data, warehouse: 'OTHER' } })).status).toBe(409)
    expect((await send('{"specversion":')).status).toBe(400)
    const wrong = await send(
      order(fresh('PO'), '', {
        data: { ...event.data, warehouse: '', lines: [{ line: 1, sku: '', quantity: '1e-7', unit: 'kg' }] },
      }),
    )
    expect(wrong.status).toBe(422)
    expect(wrong.body.errors?.map((one) => one.pointer)).toEqual(
      expect.arrayContaining(['/data/warehouse', '/data/lines/0/sku', '/data/lines/0/quantity']),
    )
    expect((await send({ ...event, id: randomUUID(), type: 'purchasing.order-confirmed.v9' })).status).toBe(422)
    await receiptOf(system(), event.subject)
    expect(await receiptsOf(await system().login('manager'), event.subject)).toHaveLength(1)
    const user = await system().login('user')
    expect((await user.send('POST', '/picking/v1/events', { body: event, headers: cloudEvents })).status).toBe(403)
  })

  test('an order as other languages print it is taken, by HTTP and on the bus, and the same in another notation is a repeat', async () => {
    const sku = await product(system())
    const [first, second] = [order(fresh('PO'), sku), order(fresh('PO'), sku)]
    const printed = (event: typeof first, line: object) => ({
      ...event,
      data: { ...event.data, scheduledDate: null, currency: null, lines: [{ line: 1, sku, unit: 'unit', ...line }] },
    })
    const asJava = (event: typeof first) => printed(event, { quantity: '1E+2', unitPrice: '2.5000' })
    const asPython = (event: typeof first) => printed(event, { unitPrice: '02.50', quantity: 100, note: null })
    const erp = await system().erp()
    const send = async (body: unknown) =>
      (await erp.send('POST', '/picking/v1/events', { body, headers: cloudEvents })).status
    const sender = await foreignSender(system())
    expect([await send(asJava(first)), await send(asPython(first))]).toEqual([202, 202])
    expect(await send(printed(first, { quantity: '101', unitPrice: '2.5' }))).toBe(409)
    if (sender === undefined) expect(await send(asPython(second))).toBe(202)
    else await sender.send('purchasing.orders', [[second.subject, JSON.stringify(asPython(second))]])
    for (const { subject } of [first, second])
      expect(await receiptOf(system(), subject)).toMatchObject({
        scheduledDate: null,
        lines: [{ expected: '100', unitPrice: '2.50' }],
      })
    expect(await send(asJava(second))).toBe(202)
    const manager = await system().login('manager')
    expect(await receiptsOf(manager, first.subject)).toHaveLength(1)
    expect(await receiptsOf(manager, second.subject)).toHaveLength(1)
  })

  test('a count sent again under its key in another notation is the same; with another quantity it is refused', async () => {
    const event = order(fresh('PO'), await product(system()))
    must(await (await system().erp()).send('POST', '/picking/v1/events', { body: event, headers: cloudEvents }), 202)
    const [receipt, user] = [await receiptOf(system(), event.subject), await system().login('user')]
    const count = (entry: object) =>
      user.send<{ lines: { received: string }[] }>('PATCH', `/picking/v1/receipts/${receipt.id}/lines`, {
        version: receipt.version,
        body: { entries: [entry] },
        key,
      })
    const key = randomUUID()
    const first = await count({ line: 1, quantity: '1' })
    expect(first).toMatchObject({ status: 200, body: { lines: [{ received: '1' }] } })
    for (const same of [
      { quantity: '1.000', line: 1 },
      { line: 1, lot: null, quantity: 1 },
      { quantity: '10E-1', line: 1 },
    ])
      expect(await count(same)).toMatchObject({ status: 200, body: first.body })
    expect((await count({ line: 1, quantity: '2' })).status).toBe(422)
  })

  test('an amendment before its confirmation waits visibly, and is applied when that comes', async () => {
    const [orderNumber, sku] = [fresh('PO'), await product(system())]
    const erp = await system().erp()
    const vendor = { code: 'ACME', name: 'Acme Supplies' }
    const line = { line: 1, sku, unit: 'unit', unitPrice: '1' }
    await sendOrder(erp, 'purchasing.order-amended.v1', orderNumber, {
      revision: 2,
      vendor,
      lines: [{ ...line, quantity: '7' }],
    })
    const admin = await system().login('admin')
    await until('the amendment to be seen waiting', async () => {
      const page = must(await admin.get<{ items: object[] }>('/picking/v1/parked?limit=200'), 200)
      return JSON.stringify(page.items).includes(orderNumber)
    })
    await sendOrder(erp, 'purchasing.order-confirmed.v1', orderNumber, {
      revision: 1,
      vendor,
      lines: [{ ...line, quantity: '5' }],
    })
    const receipt = await receiptOf(system(), orderNumber, (one) => one.lines[0]?.expected === '7')
    expect(receipt.status).toBe('draft')
  })

  test('from a foreign client on the bus: broken ones are quarantined and visible, repeats are harmless, the rest flows on', async () => {
    const sender = await foreignSender(system())
    if (sender === undefined) return
    const [orderNumber, sku] = [fresh('PO'), await product(system())]
    const good = order(orderNumber, sku)
    const repeated = JSON.stringify(good)
    await sender.send('purchasing.orders', [
      [orderNumber, 'this is no JSON'],
      [orderNumber, JSON.stringify({ hello: 'world' })],
      [orderNumber, JSON.stringify(order(orderNumber, sku, { type: 'purchasing.order-confirmed.v9' }))],
      [orderNumber, JSON.stringify(order(orderNumber, sku, { data: { orderNumber } }))],
      [orderNumber, repeated],
      [orderNumber, repeated],
      [orderNumber, JSON.stringify({ ...good, data: { ...good.data, warehouse: 'OTHER' } })],
    ])
    await receiptOf(system(), orderNumber)
    const admin = await system().login('admin')
    await until('five messages in quarantine', async () => {
      const page = must(await admin.get<{ items: { key: string | null }[] }>('/picking/v1/quarantine?limit=200'), 200)
      return page.items.filter((item) => JSON.stringify(item).includes(orderNumber)).length >= 5
    })
    expect(await receiptsOf(await system().login('manager'), orderNumber)).toHaveLength(1)
    await purchase(system(), [{ sku, quantity: '1', unitPrice: '1' }])
  })

  test('good and mutated messages on each topic of outside systems: each is applied or set aside, and all goes on', async () => {
    const report = await runMutated(system(), { count: 100, seed: 7, say: () => undefined })
    expect(report).toMatchObject({ processEnds: 0, topics: [{ wrong: [] }, { wrong: [] }, { wrong: [] }] })
  }, 180_000)
}
