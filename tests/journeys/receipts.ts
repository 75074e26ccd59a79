/** Rows G1 to G5: goods received. */
import { randomUUID } from 'node:crypto'
import { expect, test } from '@jest/globals'
import { until } from '@stockline/test-kit'
import { must, sendOrder } from '@stockline/test-kit/load/documents'
import { foreignSender } from './foreign-client.ts'
import type { Fixture } from './fixture.ts'
import {
  booked,
  count,
  entriesOf,
  fresh,
  movesOf,
  onHand,
  product,
  purchase,
  receiptOf,
  receiptsOf,
  receiveAll,
  sale,
  shipAll,
  type Receipt,
  step,
} from './people.ts'

/** Registers the journeys of goods receipt. */
export function receiptJourneys({ system }: Fixture): void {
  test('G1: a confirmed purchase order makes a draft receipt in the queue, with source, vendor and scheduled date', async () => {
    const receipt = await purchase(system(), [
      { sku: 'RM-A', quantity: '100', unit: 'kg', unitPrice: '2.50' },
      { sku: 'RM-B', quantity: '50', unit: 'kg', unitPrice: '4.00' },
    ])
    expect(receipt).toMatchObject({
      status: 'draft',
      vendor: { code: 'ACME', name: 'Acme Supplies' },
      scheduledDate: '2026-04-23',
      destination: 'WH/Stock',
      lines: [
        { line: 1, sku: 'RM-A', expected: '100', received: null, unit: 'kg' },
        { line: 2, sku: 'RM-B', expected: '50', received: null, unit: 'kg' },
      ],
    })
    expect(receipt.number).toMatch(/^WH\/IN\/\d{5}$/)
    const user = await system().login('user')
    const queue = must(await user.get<{ items: { number: string }[] }>('/picking/v1/queue?limit=200'), 200)
    expect(queue.items.map((item) => item.number)).toContain(receipt.number)
  })

  test('G2 G3 G4: 48 of 50 is "Short 2", a supervisor who did not count approves, stock moves and the books follow', async () => {
    const receipt = await purchase(system(), [
      { sku: 'RM-A', quantity: '100', unit: 'kg', unitPrice: '2.50' },
      { sku: 'RM-B', quantity: '50', unit: 'kg', unitPrice: '4.00' },
    ])
    const user = await system().login('user')
    const counted = must(
      await count(user, receipt, [
        { line: 1, quantity: '100', unit: 'kg' },
        { line: 2, quantity: '48', unit: 'kg' },
      ]),
      200,
    )
    expect(counted.status).toBe('in_progress')
    expect(counted.lines.map((line) => line.flag)).toEqual(['OK', 'Short 2'])
    const before = await onHand(system(), 'RM-B')
    const review = must(await step(user, 'receipts', counted, 'validate'), 200)
    expect(review.status).toBe('in_review')
    expect((await step(user, 'receipts', review, 'approve')).status).toBe(403)
    const supervisor = await system().login('supervisor')
    const done = must(await step(supervisor, 'receipts', review, 'approve', { remainder: 'close' }), 200)
    expect(done.status).toBe('done')

    const total = (quants: Awaited<ReturnType<typeof onHand>>) =>
      quants.filter((quant) => quant.location === 'WH/Stock').reduce((sum, quant) => sum + Number(quant.onHand), 0)
    expect(total(await onHand(system(), 'RM-B')) - total(before)).toBe(48)
    expect(await movesOf(system(), done.number)).toHaveLength(2)
    const entries = await entriesOf(system(), done.number)
    expect(entries).toHaveLength(1)
    expect(booked(entries[0]).map((line) => line.replace(/ \S+ /, ' '))).toEqual(['Cr 442.00', 'Dr 442.00'])
    expect(await receiptsOf(supervisor, receipt.source ?? '')).toHaveLength(1)
  })

  test('G2: several entries may name one line, and an unexpected product is taken up for review', async () => {
    const [sku, surprise] = [await product(system()), await product(system())]
    // Picking knows a product once an order of it is a receipt; the news of two products come in either order.
    await purchase(system(), [{ sku: surprise, quantity: '1', unitPrice: '1.00' }])
    const receipt = await purchase(system(), [{ sku, quantity: '10', unitPrice: '1.00' }])
    const user = await system().login('user')
    const counted = must(
      await count(user, receipt, [
        { line: 1, quantity: '6', destination: 'WH/Stock/A1-03' },
        { line: 1, quantity: '4', destination: 'WH/Stock/B2-01' },
        { sku: surprise, quantity: '3' },
      ]),
      200,
    )
    expect(counted.lines.map((line) => [line.sku, line.received, line.flag])).toEqual([
      [sku, '10', 'OK'],
      [surprise, '3', 'Unexpected'],
    ])
    const review = must(await step(user, 'receipts', counted, 'validate'), 200)
    expect(review.status).toBe('in_review')
    const supervisor = await system().login('supervisor')
    const back = must(
      await step(supervisor, 'receipts', review, 'return-to-operator', { reason: 'Count the third box again' }),
      200,
    )
    expect(back.status).toBe('in_progress')
  })

  test('G3: without a discrepancy the operator validates alone; a second tap is no error, and posts nothing twice', async () => {
    const sku = await product(system())
    const receipt = await purchase(system(), [{ sku, quantity: '5', unitPrice: '1.00' }])
    const user = await system().login('user')
    const counted = must(await count(user, receipt, [{ line: 1, quantity: '5' }]), 200)
    const done = must(await step(user, 'receipts', counted, 'validate'), 200)
    expect(done.status).toBe('done')
    const again = must(await step(user, 'receipts', counted, 'validate'), 200)
    expect(again).toMatchObject({ id: done.id, status: 'done' })
    expect(await movesOf(system(), done.number)).toHaveLength(1)
    expect(await entriesOf(system(), done.number)).toHaveLength(1)
  })

  test('G5: amending the order changes the open receipt, cancelling it cancels the receipt, which keeps its number', async () => {
    const [sku, other] = [await product(system()), await product(system())]
    const receipt = await purchase(system(), [{ sku, quantity: '5', unitPrice: '1.00' }])
    const orderNumber = receipt.source ?? ''
    const erp = await system().erp()
    await sendOrder(erp, 'purchasing.order-amended.v1', orderNumber, {
      revision: 2,
      vendor: { code: 'ACME', name: 'Acme Supplies' },
      lines: [
        { line: 1, sku, quantity: '7', unit: 'unit', unitPrice: '1.00' },
        { line: 2, sku: other, quantity: '1', unit: 'unit', unitPrice: '9.00' },
      ],
    })
    const amended = await receiptOf(system(), orderNumber, (one) => one.lines.length === 2)
    expect(amended.lines.map((line) => line.expected)).toEqual(['7', '1'])
    await sendOrder(erp, 'purchasing.order-cancelled.v1', orderNumber, {
      revision: 3,
      reason: 'Supplier is closed',
      warehouse: undefined,
    })
    const cancelled = await receiptOf(system(), orderNumber, (one) => one.status === 'cancelled')
    expect(cancelled.number).toBe(receipt.number)
  })

  test('G5: a remainder becomes a backorder, which the order still changes', async () => {
    const sku = await product(system())
    const receipt = await purchase(system(), [{ sku, quantity: '10', unitPrice: '1.00' }])
    const [user, supervisor] = [await system().login('user'), await system().login('supervisor')]
    const counted = must(await count(user, receipt, [{ line: 1, quantity: '4' }]), 200)
    const review = must(await step(user, 'receipts', counted, 'validate'), 200)
    must(await step(supervisor, 'receipts', review, 'approve'), 200)
    const orderNumber = receipt.source ?? ''
    const backorder = await receiptOf(system(), orderNumber, (one) => one.id !== receipt.id)
    expect(backorder).toMatchObject({ status: 'draft', lines: [{ sku, expected: '6', received: null }] })
    await receiveAll(system(), backorder)
    const total = (await onHand(system(), sku)).reduce((sum, quant) => sum + Number(quant.onHand), 0)
    expect(total).toBe(10)
  })

  test('X6: a SKU of 255 characters, not all of them of ASCII, is received, shipped, listed and valued', async () => {
    const sku = await product(system(), { sku: fresh('鋼/ä %').padEnd(255, '鋼') })
    const done = await receiveAll(system(), await purchase(system(), [{ sku, quantity: '5', unitPrice: '2.00' }]))
    const asked = encodeURIComponent(sku)
    const delivery = await sale(system(), [{ sku, quantity: '2' }], {}, ({ status }) => status === 'ready')
    await shipAll(system(), delivery)
    expect((await movesOf(system(), done.number)).map((move) => move.sku)).toEqual([sku])
    expect((await entriesOf(system(), done.number)).flatMap(({ lines }) => lines.map((line) => line.sku))).toEqual([
      sku,
      sku,
    ])
    const manager = await system().login('manager')
    for (const path of [
      `stock/v1/products?sku=${asked}`,
      `stock/v1/products?search=${asked}`,
      `valuation/v1/layers?sku=${asked}`,
    ])
      expect(must(await manager.get<{ items: unknown[] }>(`/${path}`), 200).items).toMatchObject([{ sku }])
  })

  test('G5: a box of three at 10.00 that comes piece by piece is worth 10.00 in all', async () => {
    const sku = await product(system())
    const manager = await system().login('manager')
    const box = fresh('box')
    const reference = { unit: 'unit', numerator: '3', denominator: '1' }
    const body = { code: box, name: 'Box of three', decimals: 0, reference }
    must(await manager.send('POST', '/stock/v1/units', { body }), 201)
    const first = await purchase(system(), [{ sku, quantity: '1', unit: box, unitPrice: '10.00' }])
    const [user, supervisor] = [await system().login('user'), await system().login('supervisor')]
    const totals: string[] = []
    for (let piece = 1; piece <= 3; piece += 1) {
      const open = await receiptOf(
        system(),
        first.source ?? '',
        ({ status, problem }) => status === 'draft' && problem === null,
      )
      const counted = must(await count(user, open, [{ line: 1, quantity: '1', unit: 'unit' }]), 200)
      const seen = must(await step(user, 'receipts', counted, 'validate'), 200)
      const done = piece === 3 ? seen : must(await step(supervisor, 'receipts', seen, 'approve'), 200)
      expect(done.status).toBe('done')
      totals.push(...booked((await entriesOf(system(), done.number))[0]).map((line) => line.replace(/ \S+ /, ' ')))
    }
    expect(totals).toEqual(['Cr 3.33', 'Dr 3.33', 'Cr 3.34', 'Dr 3.34', 'Cr 3.33', 'Dr 3.33'])
    expect(await receiptsOf(manager, first.source ?? '')).toHaveLength(3)
  })

  test('G5: an order raised after all came opens a receipt for the rest; less than came is too late, and the receipt says so', async () => {
    const sku = await product(system())
    const receipt = await purchase(system(), [{ sku, quantity: '3', unitPrice: '1.00' }])
    await receiveAll(system(), receipt)
    const orderNumber = receipt.source ?? ''
    const amend = async (revision: number, quantity: string) =>
      sendOrder(await system().erp(), 'purchasing.order-amended.v1', orderNumber, {
        revision,
        vendor: { code: 'ACME', name: 'Acme Supplies' },
        lines: [{ line: 1, sku, quantity, unit: 'unit', unitPrice: '1.00' }],
      })
    await amend(2, '9')
    const further = await receiptOf(system(), orderNumber, (one) => one.id !== receipt.id)
    expect(further).toMatchObject({ status: 'draft', lines: [{ sku, expected: '6' }] })
    await receiveAll(system(), further)
    const total = (await onHand(system(), sku)).reduce((sum, quant) => sum + Number(quant.onHand), 0)
    expect(total).toBe(9)
    await amend(3, '8')
    const manager = await system().login('manager')
    await until('the history to tell of it', async () => {
      const now = must(await manager.get<Receipt>(`/picking/v1/receipts/${further.id}`), 200)
      return now.history.some(({ what }) => what === 'order-change-too-late')
    })
  })

  test.each(['by HTTP', 'on Kafka'])(
    'G5: a mistyped warehouse is corrected by a higher revision, %s, and what waited is superseded, for all to see',
    async (way) => {
      const sender = way === 'by HTTP' ? undefined : await foreignSender(system())
      if (way !== 'by HTTP' && sender === undefined) return
      const [orderNumber, sku, erp] = [fresh('PO'), await product(system()), await system().erp()]
      const tell = async (type: string, data: object) => {
        if (sender === undefined) return sendOrder(erp, type, orderNumber, data)
        const event = { specversion: '1.0', id: randomUUID(), source: '/erp', type, subject: orderNumber }
        const value = JSON.stringify({ ...event, data: { orderNumber, warehouse: 'WH', ...data } })
        return sender.send('purchasing.orders', [[orderNumber, value]])
      }
      const content = {
        vendor: { code: 'ACME', name: 'Acme Supplies' },
        lines: [{ line: 1, sku, quantity: '3', unit: 'unit' }],
      }
      await tell('purchasing.order-confirmed.v1', { ...content, warehouse: 'HW' })
      interface Shown {
        readonly status: string
        readonly revision: number
        readonly documents: readonly { number: string; status: string }[]
        readonly lines: readonly { ordered: string; done: string; open: string }[]
        readonly aside: readonly { state: string; endedWhy: string | null }[]
      }
      const order = async (is: (shown: Shown) => boolean) =>
        until(`order ${orderNumber}`, async () => {
          const path = `/picking/v1/orders?source=/erp&orderNumber=${orderNumber}`
          const [shown] = must(await erp.get<{ items: Shown[] }>(path), 200).items
          return shown !== undefined && is(shown) ? shown : undefined
        })
      expect(await order(() => true)).toMatchObject({ status: 'waiting', aside: [{ state: 'waiting' }] })
      await tell('purchasing.order-amended.v1', { ...content, revision: 2 })
      const followed = await order(({ documents }) => documents.length > 0)
      expect(followed).toMatchObject({ status: 'open', revision: 2, documents: [{ status: 'draft' }] })
      expect(followed.aside).toMatchObject([{ state: 'superseded' }])
      expect(followed.aside[0]?.endedWhy).toContain(`Superseded by revision 2 of order ${orderNumber}`)
      await receiveAll(system(), await receiptOf(system(), orderNumber))
      expect((await order(({ documents }) => documents[0]?.status === 'done')).lines).toMatchObject([
        { ordered: '3', done: '3', open: '0' },
      ])
    },
  )

  test('G1: an order that names an unknown product waits for it, and says so; an unknown warehouse waits without a number', async () => {
    const erp = await system().erp()
    const orderNumber = `PO-UNKNOWN-${Date.now().toString(36)}`
    const sku = `LATE-${Date.now().toString(36)}`
    await sendOrder(erp, 'purchasing.order-confirmed.v1', orderNumber, {
      vendor: { code: 'ACME', name: 'Acme Supplies' },
      lines: [{ line: 1, sku, quantity: '3', unit: 'unit', unitPrice: '1.00' }],
    })
    const receipt = await receiptOf(system(), orderNumber, () => true)
    expect(receipt.problem).toContain(sku)
    const user = await system().login('user')
    const counted = await count(user, receipt, [{ line: 1, quantity: '3' }])
    expect([200, 409, 422]).toContain(counted.status)
    const refused = await step(user, 'receipts', counted.status === 200 ? counted.body : receipt, 'validate')
    expect(refused.status).toBe(409)
    await sendOrder(erp, 'purchasing.order-confirmed.v1', `${orderNumber}-W`, {
      warehouse: 'NOWHERE',
      vendor: { code: 'ACME', name: 'Acme Supplies' },
      lines: [{ line: 1, sku: 'RM-A', quantity: '3', unit: 'kg', unitPrice: '1.00' }],
    })
    const admin = await system().login('admin')
    await until('the order of an unknown warehouse to be seen waiting', async () => {
      const parked = must(
        await admin.get<{ items: { state: string; reason: string }[] }>('/picking/v1/parked?limit=200'),
        200,
      )
      return parked.items.some((item) => item.reason.includes('NOWHERE'))
    })
  })
}
