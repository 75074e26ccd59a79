/** What orders say besides goods and quantities, from the order to the floor: both ways of telling it, over the whole system. */
import { randomUUID } from 'node:crypto'
import { expect, test } from '@jest/globals'
import { type Client, type Reply, until } from '@stockline/test-kit'
import { must } from '@stockline/test-kit/load/documents'
import { foreignSender } from './foreign-client.ts'
import {
  deliveryOf,
  fresh,
  movesOf,
  onHand,
  product,
  receiveAll,
  receiptOf,
  shelve,
  shipAll,
  step,
  type Delivery,
} from './people.ts'
import type { Fixture } from './fixture.ts'

/** Delivery, DeliveryTerms, PaymentTerms, AdditionalDocumentReference, ValidityPeriod and Note of a UBL order. */
const ubl = {
  shipTo: {
    gln: '4006381333931',
    name: 'IYT Corporation',
    addressLines: ['Avon Way 56A', 'The Roundabout'],
    city: 'Bridgtow',
    postalCode: 'ZZ99 1ZZ',
    region: 'Avon',
    country: 'GB',
  },
  deliveryWindow: { from: '2026-05-01', until: '2026-05-01T15:00:00.000Z' },
  carrier: { code: 'SCAC1', name: 'Carrier Ltd', service: '3', mode: '3' },
  terms: { incoterm: 'DDP', place: 'Bridgtow', payment: 'Payable within 1 calendar month' },
  references: [{ type: 'QuotationDocumentReference', value: 'QIY7655', date: '2026-04-05' }],
  note: 'sample',
  validUntil: '2026-06-01',
  // To come: what an order wants reserved until a day that is over is released within seconds.
  reserveUntil: '2999-05-02',
}

/** Registers the journeys of what orders say besides. */
export function detailJourneys({ system }: Fixture): void {
  /** On the bus where a foreign client reaches it, else by HTTP. */
  const tell = async (type: string, orderNumber: string, data: object): Promise<Reply | undefined> => {
    const event = { specversion: '1.0', id: randomUUID(), source: '/erp', type, subject: orderNumber }
    const body = { ...event, data: { orderNumber, warehouse: 'WH', ...data } }
    const sender = await foreignSender(system())
    await sender?.send(type.startsWith('sales') ? 'sales.orders' : 'purchasing.orders', [
      [orderNumber, JSON.stringify(body)],
    ])
    if (sender !== undefined) return undefined
    const headers = { 'content-type': 'application/cloudevents+json' }
    return (await system().erp()).send('POST', '/picking/v1/events', { body, headers })
  }
  const customer = { code: 'BETA', name: 'Beta Stores' }
  const vendor = { code: 'ACME', name: 'Acme Supplies' }
  const pick = (who: Client, { id, version }: Delivery, picks: readonly object[]) =>
    who.send<Delivery & { errors?: { message: string }[] }>('PATCH', `/picking/v1/deliveries/${id}/picks`, {
      version,
      body: { picks },
    })

  test('D1 D2: a sale for one lot gets that lot, with all that the order says; a note alone reserves nothing anew', async () => {
    const sku = await product(system(), { tracking: 'lot' })
    await shelve(system(), [
      { sku, quantity: '5', lot: 'OLD', location: 'WH/Stock/A1-03' },
      { sku, quantity: '5', lot: 'NEW', location: 'WH/Stock/B2-01' },
    ])
    const orderNumber = fresh('SO')
    const said = { lot: 'NEW', note: 'sample', references: [{ type: 'CT', value: '4' }], scheduledDate: '2026-05-01' }
    const lines = [{ line: 1, sku, quantity: '3', unit: 'unit', ...said }]
    await tell('sales.order-confirmed.v1', orderNumber, { customer, lines, ...ubl })
    const ready = await deliveryOf(system(), orderNumber, ({ status }) => status === 'ready')
    expect(ready).toMatchObject({
      ...ubl,
      scheduledDate: '2026-05-01',
      lines: [{ ...said, picks: [{ location: 'WH/Stock/B2-01', lot: 'NEW', quantity: '3' }] }],
    })
    const manager = await system().login('manager')
    const other = await pick(manager, ready, [{ line: 1, location: 'WH/Stock/A1-03', lot: 'OLD', picked: '1' }])
    expect(other).toMatchObject({
      status: 422,
      body: { errors: [{ message: 'line 1 asks for lot NEW alone, not for OLD' }] },
    })
    const begun = must(
      await pick(manager, ready, [{ line: 1, location: 'WH/Stock/B2-01', lot: 'NEW', picked: '1' }]),
      200,
    )

    const again = { customer, lines, ...ubl, revision: 2, note: 'Gate 4', carrier: null }
    await tell('sales.order-amended.v1', orderNumber, again)
    const amended = await deliveryOf(system(), orderNumber, (one) => (one as { note?: string }).note === 'Gate 4')
    expect(amended).toMatchObject({ status: 'in_progress', lines: begun.lines, version: begun.version + 1 })
    expect(amended).not.toHaveProperty('carrier')
    const reserved = (await onHand(system(), sku)).map(({ lot, reserved: of }) => `${lot ?? ''} ${of ?? ''}`)
    expect(reserved.sort()).toEqual(['NEW 3', 'OLD 0'])
    const done = await shipAll(system(), amended)
    expect(done).toMatchObject({ note: 'Gate 4', shipTo: ubl.shipTo })
    expect(await movesOf(system(), done.number)).toMatchObject([{ lot: 'NEW' }])
  })

  test('D5: a sale for a lot that is not there waits, and is ready when that lot comes', async () => {
    const sku = await product(system(), { tracking: 'lot' })
    await shelve(system(), [{ sku, quantity: '5', lot: 'OTHER' }])
    const orderNumber = fresh('SO')
    const lines = [{ line: 1, sku, quantity: '2', unit: 'unit', lot: 'WANTED' }]
    await tell('sales.order-confirmed.v1', orderNumber, { customer, lines })
    const waiting = await deliveryOf(
      system(),
      orderNumber,
      ({ status, problem }) => status === 'waiting' && problem !== null,
    )
    expect(waiting.problem).toContain(`Waits for stock: ${sku} 2 of lot WANTED. ${sku}: 5 in WH/Stock/A1-03 lot OTHER`)
    await shelve(system(), [{ sku, quantity: '2', lot: 'WANTED' }])
    const ready = await deliveryOf(system(), orderNumber, ({ status }) => status === 'ready')
    expect(ready.lines).toMatchObject([{ lot: 'WANTED', picks: [{ lot: 'WANTED', quantity: '2' }] }])
  })

  test('G1 G5: a purchase as an ERP has it is shown with its receipt, another lot than announced is flagged, the rest keeps it', async () => {
    const sku = await product(system(), { tracking: 'lot' })
    const orderNumber = fresh('PO')
    const said = {
      lot: 'L1',
      scheduledDate: '2026-05-04',
      note: 'QA first',
      references: [{ type: 'WBS', value: '10.4' }],
    }
    const order = {
      vendor,
      shipTo: { name: 'Main site', contact: '', addressLines: [''], country: 'DE' },
      carrier: { name: 'Own truck', code: null },
      references: [{ type: 'purchase-requisition', value: '1000042' }],
      note: 'Deliver to gate 2  ',
      lines: [{ line: 10, sku, quantity: '4', unit: 'unit', unitPrice: '1', ...said }],
    }
    await tell('purchasing.order-confirmed.v1', orderNumber, order)
    const receipt = await receiptOf(system(), orderNumber)
    const head = {
      shipTo: { name: 'Main site', country: 'DE' },
      carrier: { name: 'Own truck' },
      note: 'Deliver to gate 2',
    }
    expect(receipt).toMatchObject({ ...head, scheduledDate: '2026-05-04', lines: [{ line: 10, ...said }] })
    const manager = await system().login('manager')
    const entries = [{ line: 10, quantity: '3', lot: 'L2' }]
    const counted = must(
      await manager.send<typeof receipt>('PATCH', `/picking/v1/receipts/${receipt.id}/lines`, {
        version: receipt.version,
        body: { entries },
      }),
      200,
    )
    expect(counted.lines).toMatchObject([{ lot: 'L1', flag: 'Short 1, other lot' }])
    const review = must(await step(manager, 'receipts', counted, 'validate'), 200)
    must(await step(await system().login('supervisor'), 'receipts', review, 'approve'), 200)
    const rest = await receiptOf(system(), orderNumber, ({ status }) => status === 'draft')
    expect(rest).toMatchObject({ ...head, lines: [{ expected: '1', ...said }] })
    expect(await receiveAll(system(), rest, 'L1')).toMatchObject({ ...head, lines: [{ flag: 'OK' }] })
  })

  test('D1: what is wrong in it is refused with every fault in one answer; on the bus a person sees them', async () => {
    const sku = await product(system())
    const orderNumber = fresh('SO')
    const wrong = {
      customer,
      shipTo: { country: 'Germany' },
      deliveryWindow: { from: '2026-05-02', until: '2026-05-01' },
      lines: [{ line: 1, sku, quantity: '1', unit: 'unit', lot: ' L', references: [{ type: 'CO' }] }],
    }
    const answer = await tell('sales.order-confirmed.v1', orderNumber, wrong)
    const fields = ['shipTo/country', 'deliveryWindow/until', 'lines/0/lot', 'lines/0/references/0/value']
    const seen =
      answer === undefined
        ? await until('it is a dead letter', async () => {
            const admin = await system().login('admin')
            const page = must(await admin.get<{ items: object[] }>('/picking/v1/quarantine?limit=200'), 200)
            return page.items.map((item) => JSON.stringify(item)).find((text) => text.includes(orderNumber))
          })
        : JSON.stringify(answer.body)
    for (const field of fields) expect(seen).toContain(`/data/${field}`)
  })
}
