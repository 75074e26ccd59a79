/** Rows D1 to D5: pick and pack. */
import { expect, test } from '@jest/globals'
import { until } from '@stockline/test-kit'
import { must, sendOrder } from '@stockline/test-kit/load/documents'
import type { Fixture } from './fixture.ts'
import {
  booked,
  type Delivery,
  deliveryOf,
  entriesOf,
  movesOf,
  onHand,
  product,
  sale,
  shelve,
  shipAll,
  step,
} from './people.ts'

const ready = (delivery: Delivery) => delivery.status === 'ready'
/** Stock has heard of the need, and has nothing for it. */
const short = (delivery: Delivery) => delivery.status === 'waiting' && delivery.problem !== null

/** Registers the journeys of deliveries. */
export function deliveryJourneys({ system }: Fixture): void {
  test('D1 D2 D4: a sales order is ready once its stock is there, is picked from suggested places, shipped, and its cost booked', async () => {
    const [x, y] = [await product(system()), await product(system())]
    await shelve(system(), [
      { sku: x, quantity: '10', location: 'WH/Stock/A1-03', unitCost: '3.00' },
      { sku: y, quantity: '5', location: 'WH/Stock/B2-01', unitCost: '4.00' },
    ])
    const delivery = await sale(
      system(),
      [
        { sku: x, quantity: '10' },
        { sku: y, quantity: '5' },
      ],
      {},
      ready,
    )
    expect(delivery.number).toMatch(/^WH\/OUT\/\d{5}$/)
    expect(delivery.lines.map((line) => line.picks.map((pick) => [pick.location, pick.quantity]))).toEqual([
      [['WH/Stock/A1-03', '10']],
      [['WH/Stock/B2-01', '5']],
    ])
    const done = await shipAll(system(), delivery, await system().login('user'))
    expect((await onHand(system(), x)).filter((quant) => quant.onHand !== '0')).toEqual([])
    expect(await movesOf(system(), done.number)).toHaveLength(2)
    const entries = await entriesOf(system(), done.number)
    expect(booked(entries[0]).map((line) => line.replace(/ \S+ /, ' '))).toEqual(['Cr 50.00', 'Dr 50.00'])
  })

  test('D3: a scan confirms a line by location and product; the wrong thing is refused and says why', async () => {
    const barcode = `40${Date.now().toString().slice(-11)}`
    const [sku, other] = [await product(system(), { barcodes: [barcode] }), await product(system())]
    await shelve(system(), [
      { sku, quantity: '2' },
      { sku: other, quantity: '2' },
    ])
    const delivery = await sale(system(), [{ sku, quantity: '2' }], {}, ready)
    const user = await system().login('user')
    const scan = async (code: string, version: number) =>
      user.send<Delivery & { detail?: string }>('POST', `/picking/v1/deliveries/${delivery.id}/scans`, {
        version,
        body: { code },
      })
    const wrong = await scan(other, delivery.version)
    expect(wrong.status).toBeGreaterThanOrEqual(409)
    expect(wrong.body.detail).toContain(other)
    const placed = must(await scan('WH/Stock/A1-03', delivery.version), 200)
    const one = must(await scan(barcode, placed.version), 200)
    const two = must(await scan(barcode, one.version), 200)
    expect(two.lines[0]?.picks[0]?.picked).toBe('2')
    expect((await scan(barcode, two.version)).status).toBeGreaterThanOrEqual(409)
    expect(must(await step(user, 'deliveries', two, 'validate'), 200).status).toBe('done')
  })

  test('D5: arriving stock readies the oldest need first', async () => {
    const sku = await product(system())
    const first = await sale(system(), [{ sku, quantity: '3' }], { scheduledDate: '2026-04-01' }, short)
    const second = await sale(system(), [{ sku, quantity: '3' }], { scheduledDate: '2026-04-02' }, short)
    const urgent = await sale(system(), [{ sku, quantity: '3' }], { scheduledDate: '2026-04-09', priority: 0 }, short)
    await shelve(system(), [{ sku, quantity: '6' }])
    await deliveryOf(system(), urgent.source ?? '', ready)
    await deliveryOf(system(), first.source ?? '', ready)
    expect(await deliveryOf(system(), second.source ?? '')).toMatchObject({ status: 'waiting' })
  })

  test('D5: a partial shipment leaves a backorder, which is readied when stock comes', async () => {
    const sku = await product(system())
    await shelve(system(), [{ sku, quantity: '8' }])
    const delivery = await sale(system(), [{ sku, quantity: '8' }], {}, ready)
    const user = await system().login('user')
    const picks = [{ line: 1, location: 'WH/Stock/A1-03', picked: '5' }]
    const picked = must(
      await user.send<Delivery>('PATCH', `/picking/v1/deliveries/${delivery.id}/picks`, {
        version: delivery.version,
        body: { picks },
      }),
      200,
    )
    expect(must(await step(user, 'deliveries', picked, 'validate', { remainder: 'backorder' }), 200).status).toBe(
      'done',
    )
    const backorder = await deliveryOf(system(), delivery.source ?? '', (one) => one.id !== delivery.id && ready(one))
    expect(backorder.lines.map((line) => line.quantity)).toEqual(['3'])
    expect((await shipAll(system(), backorder)).status).toBe('done')
  })

  test('D1: a sales order raised after all went has a further delivery for the rest', async () => {
    const sku = await product(system())
    await shelve(system(), [{ sku, quantity: '9' }])
    const delivery = await sale(system(), [{ sku, quantity: '4' }], {}, ready)
    await shipAll(system(), delivery, await system().login('user'))
    const orderNumber = delivery.source ?? ''
    await sendOrder(await system().erp(), 'sales.order-amended.v1', orderNumber, {
      revision: 2,
      customer: { code: 'BIG', name: 'Big Buyer' },
      lines: [{ line: 1, sku, quantity: '6', unit: 'unit' }],
    })
    const further = await deliveryOf(system(), orderNumber, (one) => one.id !== delivery.id && ready(one))
    expect(further.lines.map((line) => line.quantity)).toEqual(['2'])
    expect((await shipAll(system(), further)).status).toBe('done')
  })

  test('D5: amended or cancelled with goods on the cart: they stay reserved, are put back by a task, and are then free', async () => {
    const sku = await product(system())
    await shelve(system(), [{ sku, quantity: '8' }])
    const holder = await sale(system(), [{ sku, quantity: '8' }], {}, ready)
    const waiter = await sale(system(), [{ sku, quantity: '3' }], { priority: 0 }, short)
    const user = await system().login('user')
    const path = `/picking/v1/deliveries/${holder.id}`
    const picks = [{ line: 1, location: 'WH/Stock/A1-03', picked: '8' }]
    must(await user.send<Delivery>('PATCH', `${path}/picks`, { version: holder.version, body: { picks } }), 200)
    const erp = await system().erp()
    const orderNumber = holder.source ?? ''
    await sendOrder(erp, 'sales.order-amended.v1', orderNumber, {
      revision: 2,
      customer: { code: 'BIG', name: 'Big Buyer' },
      lines: [{ line: 1, sku, quantity: '6', unit: 'unit' }],
    })
    type Task = { readonly number: string; readonly task: string }
    const task = async () => {
      const queue = must(await user.get<{ items: Task[] }>('/picking/v1/queue?limit=200'), 200)
      return queue.items.find(({ number }) => number === holder.number)?.task
    }
    const reservedNow = async () =>
      (await onHand(system(), sku)).reduce((sum, quant) => sum + Number(quant.reserved), 0)
    await until('two are to be put back, and stock keeps them', async () => (await task()) === 'put-back')
    const amended = await deliveryOf(system(), orderNumber, ({ lines }) => lines[0]?.picks[0]?.quantity === '8')
    expect(amended.lines[0]?.picks).toMatchObject([{ picked: '8', putBack: '2' }])
    expect([await reservedNow(), (await deliveryOf(system(), waiter.source ?? '')).status]).toEqual([8, 'waiting'])
    must(await step(user, 'deliveries', amended, 'put-back'), 200)
    await until('two are free', async () => (await reservedNow()) === 6)
    await sendOrder(erp, 'sales.order-cancelled.v1', orderNumber, { revision: 3, reason: 'no', warehouse: undefined })
    const cancelled = await deliveryOf(system(), orderNumber, ({ status }) => status === 'cancelled')
    expect(cancelled.lines[0]?.picks).toMatchObject([{ picked: '6', putBack: '6' }])
    expect([await task(), await reservedNow()]).toEqual(['put-back', 6])
    must(await step(user, 'deliveries', cancelled, 'put-back'), 200)
    await deliveryOf(system(), waiter.source ?? '', ready)
    expect(await task()).toBeUndefined()
  })

  test('D5: cancelling frees reservations for those who wait', async () => {
    const sku = await product(system())
    await shelve(system(), [{ sku, quantity: '4' }])
    const holder = await sale(system(), [{ sku, quantity: '4' }], {}, ready)
    const waiter = await sale(system(), [{ sku, quantity: '4' }], {}, short)
    expect(waiter.status).toBe('waiting')
    const user = await system().login('user')
    must(await step(user, 'deliveries', holder, 'cancel', { reason: 'The customer has changed their mind' }), 200)
    await deliveryOf(system(), waiter.source ?? '', ready)
  })

  test.each([
    ['two', '2', 50, '100'],
    ['three', '3', 33, '99'],
  ])(
    'D1: 64 clients race for 100 units in %ss: %s each, %i ready and %s reserved',
    async (_word, quantity, readied, reserved) => {
      const sku = await product(system())
      await shelve(system(), [{ sku, quantity: '100' }])
      const all = await Promise.all(Array.from({ length: 64 }, () => sale(system(), [{ sku, quantity }])))
      const manager = await system().login('manager')
      await until('all reservations to be decided', async () => {
        const quants = await onHand(system(), sku)
        return quants.reduce((sum, quant) => sum + Number(quant.reserved), 0) === Number(reserved)
      })
      await until(`${String(readied)} deliveries to be ready`, async () => {
        const now = await Promise.all(
          all.map(async (one) => must(await manager.get<Delivery>(`/picking/v1/deliveries/${one.id}`), 200)),
        )
        return now.filter(ready).length === readied
      })
    },
  )
}
