/** What orders say besides goods and quantities, as X12, EDIFACT, UBL and web shops have it: with the order, its documents, their events. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { until } from '@stockline/test-kit'
import {
  becomes,
  deliveriesOf,
  lineA as saleA,
  lineX,
  outbox,
  reserved,
  salesCancelled,
  salesOrder,
  show,
  take,
  told,
  type ShownDelivery,
} from './deliveries-steps.ts'
import { deliveryShapes, pickListAnswer } from '../src/deliveries/delivery.shapes.api.ts'
import { orderAnswer } from '../src/orders/order.shapes.api.ts'
import { receiptShapes } from '../src/receipts/receipt.shapes.api.ts'
import { openHarness, type Harness } from './harness.ts'
import { lastTold, orderShown, ship, x12, x12Line } from './orders-details.ts'
import { act, count, eventually, lineA, lineB, purchaseOrder, receiptOf, receiptsOf, tell } from './steps.ts'

let harness: Harness
beforeAll(async () => {
  harness = await openHarness()
}, 60_000)
afterAll(() => harness.stop())

describe('a sale', () => {
  test('as X12 has it is shown with the order, the delivery, the list and the pick list, and told to others', async () => {
    const over = { ...x12, reserveUntil: '2026-05-10T12:00:00+02:00' }
    const kept = { ...x12, reserveUntil: '2026-05-10T10:00:00.000Z' }
    await told(harness, salesOrder('confirmed', 'SO-X12', [{ ...lineX, ...x12Line }, saleA], over))
    const [first] = await deliveriesOf(harness, 'SO-X12')
    expect(first).toMatchObject({ ...kept, scheduledDate: '2026-04-23', lines: [{ line: 1, ...x12Line }, { line: 2 }] })
    expect(first!.lines[1]).not.toHaveProperty('note')
    expect(await orderShown(harness, '/erp/sales', 'SO-X12')).toMatchObject({
      ...kept,
      lines: [{ line: 1, ...x12Line }, { line: 2 }],
    })
    const list = await harness.manager.get<{ items: object[] }>('/v1/deliveries?source=SO-X12')
    const { note: _note, references: _references, terms: _terms, ...listed } = kept
    expect(list.body.items).toMatchObject([listed])
    for (const field of ['note', 'references', 'terms']) expect(list.body.items[0]).not.toHaveProperty(field)
    const lineDetails = [{ documentLine: 1, ...x12Line }]
    expect(await lastTold(harness, first!.id, 'delivery-confirmed')).toMatchObject({ ...kept, lineDetails })

    await harness.publish(reserved(first!))
    const ready = await becomes(harness, first!.id, 'ready')
    const pickList = (await harness.user.get(`/v1/deliveries/${ready.id}/pick-list`)).body
    expect(pickListAnswer.strict().safeParse(pickList).error).toBeUndefined()
    expect(deliveryShapes.answer.strict().safeParse(first).error).toBeUndefined()
    expect(pickList).toMatchObject({ ...kept, items: [{ line: 1, ...x12Line, lot: null }, { line: 2 }] })
    const done = await ship(harness, await take(harness, ready, { 1: '10', 2: '5' }))
    expect(done).toMatchObject(kept)
    expect(await lastTold(harness, first!.id, 'delivery-validated')).toMatchObject({ ...kept, lineDetails })
  })

  test('as a shop has it: nulls and blank texts are absent, texts lose the spaces at their ends', async () => {
    const shop = {
      shipTo: {
        name: ' Paul Norman ',
        contact: '',
        phone: null,
        addressLines: ['Chestnut Street 92', '', '  '],
        city: 'Louisville',
        postalCode: '40202',
        region: 'Kentucky',
        country: 'US',
        code: '   ',
      },
      carrier: { name: 'Free Shipping', code: '' },
      deliveryWindow: {},
      terms: null,
      references: [{ type: 'shop-order', value: '#1001', description: ' ' }],
      note: '   ',
      validUntil: null,
    }
    await told(harness, salesOrder('confirmed', 'SO-SHOP', [{ ...lineX, note: '', references: [] }], shop))
    const [first] = await deliveriesOf(harness, 'SO-SHOP')
    const shown = {
      shipTo: {
        name: 'Paul Norman',
        addressLines: ['Chestnut Street 92'],
        city: 'Louisville',
        postalCode: '40202',
        region: 'Kentucky',
        country: 'US',
      },
      carrier: { name: 'Free Shipping' },
      references: [{ type: 'shop-order', value: '#1001' }],
    }
    expect(first).toMatchObject(shown)
    expect((first as unknown as typeof shown).shipTo).toEqual(shown.shipTo)
    for (const field of ['deliveryWindow', 'terms', 'note', 'validUntil', 'reserveUntil'])
      expect(first).not.toHaveProperty(field)
    expect(first!.lines[0]).not.toHaveProperty('references')
    const again = salesOrder('confirmed', 'SO-SHOP', [lineX], { ...shown, revision: 1 })
    expect((await tell(harness, again)).status).toBe(202)
    expect(await orderShown(harness, '/erp/sales', 'SO-SHOP')).toMatchObject({ revision: 1, aside: [] })
  })

  test('that says nothing of it has none of the fields, and keeps nothing', async () => {
    await told(harness, salesOrder('confirmed', 'SO-PLAIN', [lineX]))
    const [first] = await deliveriesOf(harness, 'SO-PLAIN')
    for (const field of [...Object.keys(x12), 'reserveUntil']) expect(first).not.toHaveProperty(field)
    const data = await lastTold(harness, first!.id, 'delivery-confirmed')
    for (const field of [...Object.keys(x12), 'lineDetails']) expect(data).not.toHaveProperty(field)
    const row = await harness.service.db.prisma.delivery.findUniqueOrThrow({ where: { id: first!.id } })
    expect(row.details).toBeNull()
  })

  test('that waits for its warehouse shows it as well, and the same revision with another note is refused', async () => {
    const over = { warehouse: 'W9', note: 'first', carrier: { code: 'DHL' } }
    await told(harness, salesOrder('confirmed', 'SO-W9', [{ ...lineX, ...x12Line }], over))
    const shown = { status: 'waiting', note: 'first', carrier: { code: 'DHL' }, lines: [x12Line] }
    expect(await orderShown(harness, '/erp/sales', 'SO-W9')).toMatchObject(shown)
    await told(harness, salesOrder('amended', 'SO-W9', [lineX], { revision: 2, note: 'second' }))
    const [first] = await deliveriesOf(harness, 'SO-W9')
    expect(first).toMatchObject({ note: 'second' })
    const again = (note: string) => tell(harness, salesOrder('amended', 'SO-W9', [lineX], { revision: 2, note }))
    expect((await again(' second ')).status).toBe(202)
    expect(await again('third')).toMatchObject({ status: 409, body: { type: 'order-revision-contradicts' } })
    expect(await show(harness, first!.id)).toMatchObject({ note: 'second', version: first!.version })
  })

  test('without a date of its own is due with the earliest of its lines', async () => {
    const lines = [
      { ...lineX, scheduledDate: '2026-07-02' },
      { ...saleA, scheduledDate: '2026-07-01' },
    ]
    await told(harness, salesOrder('confirmed', 'SO-DATES', lines, { scheduledDate: null }))
    const [first] = await deliveriesOf(harness, 'SO-DATES')
    expect(first).toMatchObject({
      scheduledDate: '2026-07-01',
      lines: [{ scheduledDate: '2026-07-02' }, { scheduledDate: '2026-07-01' }],
    })
    expect(await orderShown(harness, '/erp/sales', 'SO-DATES')).toMatchObject({ scheduledDate: null })
    expect(await lastTold(harness, first!.id, 'delivery-confirmed')).toMatchObject({ scheduledDate: '2026-07-01' })
  })

  test('amended in its note alone is told, reserves nothing anew, and is no more too late than before', async () => {
    await told(harness, salesOrder('confirmed', 'SO-NOTE', [lineX], { note: 'first', carrier: { code: 'DHL' } }))
    const [first] = await deliveriesOf(harness, 'SO-NOTE')
    await harness.publish(reserved(first!))
    const ready = await becomes(harness, first!.id, 'ready')
    const taken = await take(harness, ready, { 1: '4' })
    await told(harness, salesOrder('amended', 'SO-NOTE', [lineX], { revision: 2, note: 'second' }))
    const now = await until('the note is the second', async () => {
      const shown = (await show(harness, first!.id)) as ShownDelivery & { note?: string }
      return shown.note === 'second' ? shown : undefined
    })
    expect(now).toMatchObject({ status: 'in_progress', lines: [{ picks: [{ quantity: '10', picked: '4' }] }] })
    expect(now).not.toHaveProperty('carrier')
    expect(now.version).toBe(taken.version + 1)
    const events = await outbox(harness, first!.id)
    expect(events.map(({ type, data }) => [type, data['revision'], data['note']])).toEqual([
      ['delivery-confirmed', 1, 'first'],
      ['delivery-amended', 1, 'second'],
    ])
    const shipped = await ship(harness, await take(harness, now, { 1: '10' }))
    expect(shipped).toMatchObject({ note: 'second' })
    await told(harness, salesOrder('amended', 'SO-NOTE', [lineX], { revision: 3, note: 'third' }))
    expect(await orderShown(harness, '/erp/sales', 'SO-NOTE')).toMatchObject({
      revision: 3,
      note: 'third',
      tooLate: [],
    })
    expect(await show(harness, first!.id)).toMatchObject({ note: 'second', version: shipped.version })
  })

  test('of which a part is shipped gives the rest what it said, and a cancelled one keeps it', async () => {
    await told(harness, salesOrder('confirmed', 'SO-REST', [{ ...lineX, ...x12Line }], { ...x12, allowPartial: true }))
    const [first] = await deliveriesOf(harness, 'SO-REST')
    await harness.publish(reserved(first!))
    const ready = await becomes(harness, first!.id, 'ready')
    await ship(harness, await take(harness, ready, { 1: '4' }), { remainder: 'backorder' })
    const [, rest] = await deliveriesOf(harness, 'SO-REST', 2)
    expect(rest).toMatchObject({ ...x12, lines: [{ quantity: '6', ...x12Line }] })
    expect(await lastTold(harness, rest!.id, 'delivery-confirmed')).toMatchObject({
      note: x12.note,
      lineDetails: [{ documentLine: 1, ...x12Line }],
    })
    await told(harness, salesCancelled('SO-REST', 2))
    expect(await becomes(harness, rest!.id, 'cancelled')).toMatchObject(x12)
  })
})

describe('a purchase', () => {
  /** NAD+DP, TDT, TOD, PAT, RFF, DTM+64 and 63, FTX of an ORDERS; LIN, PIA BB, RFF and DTM of its lines. */
  const edifact = {
    shipTo: {
      gln: '4006381333931',
      addressLines: ['Lagerstrasse 5'],
      city: 'Bremen',
      postalCode: '28195',
      country: 'DE',
    },
    deliveryWindow: { from: '2026-05-01T06:00:00.000Z', until: '2026-05-01T14:00:00.000Z' },
    carrier: { code: 'DSV', mode: '30' },
    terms: { incoterm: 'DAP', place: 'Bremen', delivery: 'Tail lift', payment: '30 Tage netto' },
    references: [{ type: 'CT', value: 'RV-1' }],
    note: 'Anlieferung Tor 3',
  }
  const edifactLine = { lot: 'B-77', scheduledDate: '2026-05-01', references: [{ type: 'ON', value: 'PO-1' }] }

  test('as EDIFACT has it is shown with the order, the receipt and its rest, and told when it is posted', async () => {
    const lines = [
      { ...lineA, ...edifactLine },
      { ...lineB, note: 'Kühl lagern' },
    ]
    expect((await tell(harness, purchaseOrder('confirmed', 'PO-EDI', lines, edifact))).status).toBe(202)
    const draft = await receiptOf(harness, 'PO-EDI')
    expect(receiptShapes.answer.strict().safeParse(draft).error).toBeUndefined()
    expect(draft).toMatchObject({ ...edifact, lines: [edifactLine, { note: 'Kühl lagern' }] })
    expect(orderAnswer.strict().safeParse(await orderShown(harness, '/erp/purchase', 'PO-EDI')).error).toBeUndefined()
    expect(await orderShown(harness, '/erp/purchase', 'PO-EDI')).toMatchObject({ ...edifact, lines: [edifactLine, {}] })
    const list = await harness.manager.get<{ items: object[] }>('/v1/receipts?source=PO-EDI')
    expect(list.body.items).toMatchObject([{ shipTo: edifact.shipTo, carrier: edifact.carrier }])
    const counted = await count(harness, draft, [{ line: 1, quantity: '60' }, { line: 2, quantity: '50' }]) // prettier-ignore
    await act(harness.user, 'POST', counted, 'validate')
    const review = await eventually(harness, draft.id, 'in review', ({ status }) => status === 'in_review')
    await act(harness.second, 'POST', review, 'approve', {})
    await harness.post()
    const [done, rest] = await receiptsOf(harness, 'PO-EDI', 2)
    expect(done).toMatchObject({ ...edifact, lines: [edifactLine, {}] })
    expect(rest).toMatchObject({ ...edifact, lines: [{ expected: '40', ...edifactLine }] })
    const [validated] = await outbox(harness, draft.id)
    expect(validated?.data).toMatchObject({
      ...edifact,
      lineDetails: [
        { documentLine: 1, ...edifactLine },
        { documentLine: 2, note: 'Kühl lagern' },
      ],
    })
    await tell(harness, purchaseOrder('amended', 'PO-EDI', lines, { ...edifact, revision: 2, note: 'Tor 4' }))
    await eventually(harness, rest!.id, 'Tor 4', (shown) => (shown as { note?: string }).note === 'Tor 4')
    expect(await orderShown(harness, '/erp/purchase', 'PO-EDI')).toMatchObject({ note: 'Tor 4', tooLate: [] })
  })
})
