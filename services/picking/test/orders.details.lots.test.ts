/** Orders for one lot, what a person says besides, and what is refused of it. */
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { until } from '@stockline/test-kit'
import {
  a103,
  act as actOn,
  becomes,
  deliveriesOf,
  lineX,
  outbox,
  place,
  reserved,
  salesOrder,
  show,
  told,
} from './deliveries-steps.ts'
import { openHarness, productTold, type Harness } from './harness.ts'
import { lastTold, orderShown } from './orders-details.ts'
import { act, count, purchaseOrder, receiptOf, tell, type Problem } from './steps.ts'

let harness: Harness
beforeAll(async () => {
  harness = await openHarness()
  await harness.publish(productTold('DE-LOT', { tracking: 'lot' }))
  await until(
    'DE-LOT is known',
    async () => (await harness.service.db.prisma.product.count({ where: { sku: 'DE-LOT' } })) === 1,
  )
}, 60_000)
afterAll(() => harness.stop())

describe('a sale', () => {
  test('of one lot reserves, picks and scans that lot alone', async () => {
    const lines = [
      { line: 1, sku: 'DE-LOT', quantity: '4', unit: 'kg', lot: 'L1' },
      { line: 2, sku: 'DE-LOT', quantity: '2', unit: 'kg', lot: 'L2' },
    ]
    await told(harness, salesOrder('confirmed', 'SO-LOT', lines))
    const [first] = await deliveriesOf(harness, 'SO-LOT')
    expect(first!.lines).toMatchObject([{ lot: 'L1' }, { lot: 'L2' }])
    expect(await lastTold(harness, first!.id, 'delivery-confirmed')).toMatchObject({
      lines: [
        { line: 1, lot: 'L1' },
        { line: 2, lot: 'L2' },
      ],
    })
    await harness.publish(reserved(first!, 1, ({ line, quantity }) => [place(a103, quantity, `L${String(line)}`)]))
    const ready = await becomes(harness, first!.id, 'ready')
    const wrong = await actOn<Problem>(harness.user, 'PATCH', ready, 'picks', {
      picks: [
        { line: 1, location: a103, lot: 'L2', picked: '1' },
        { line: 2, location: a103, lot: 'L9', picked: '1' },
      ],
    })
    expect(wrong).toMatchObject({
      status: 422,
      body: {
        errors: [
          { pointer: '/picks/0/lot', message: 'line 1 asks for lot L1 alone, not for L2' },
          { pointer: '/picks/1/lot', message: 'line 2 asks for lot L2 alone, not for L9' },
        ],
      },
    })
    const scanned = await actOn(harness.user, 'POST', ready, 'scans', { code: 'L2', quantity: '2' })
    expect(scanned.body.lines).toMatchObject([{ picks: [{ picked: '0' }] }, { picks: [{ lot: 'L2', picked: '2' }] }])
    const other = await actOn<Problem>(harness.user, 'POST', scanned.body, 'scans', { code: 'L9' })
    expect(other).toMatchObject({ status: 422, body: { type: 'scan-wrong' } })
  })

  test('of a lot of what is not kept in lots says so, and asks for nothing', async () => {
    await told(harness, salesOrder('confirmed', 'SO-NO-LOT', [{ ...lineX, lot: 'L1' }]))
    const [first] = await deliveriesOf(harness, 'SO-NO-LOT')
    expect(first).toMatchObject({
      status: 'draft',
      problem: 'The order must be amended: line 1: lot L1 is asked for, and PX is not kept in lots.',
    })
    expect(await outbox(harness, first!.id)).toEqual([])
    await told(harness, salesOrder('amended', 'SO-NO-LOT', [lineX], { revision: 2 }))
    expect(await becomes(harness, first!.id, 'waiting')).not.toHaveProperty('lines.0.lot')
  })

  test('amended to another lot while it is picked puts back what is of the first', async () => {
    const line = { line: 1, sku: 'DE-LOT', quantity: '4', unit: 'kg', lot: 'L1' }
    await told(harness, salesOrder('confirmed', 'SO-LOTS', [line]))
    const [first] = await deliveriesOf(harness, 'SO-LOTS')
    await harness.publish(reserved(first!, 1, ({ quantity }) => [place(a103, quantity, 'L1')]))
    const ready = await becomes(harness, first!.id, 'ready')
    await actOn(harness.user, 'PATCH', ready, 'picks', { picks: [{ line: 1, location: a103, lot: 'L1', picked: '3' }] })
    await told(harness, salesOrder('amended', 'SO-LOTS', [{ ...line, lot: 'L2' }], { revision: 2 }))
    const now = await until('it has two lines', async () => {
      const shown = await show(harness, first!.id)
      return shown.lines.length === 2 ? shown : undefined
    })
    expect(now.lines).toMatchObject([
      { line: 1, quantity: '0', picks: [{ lot: 'L1', picked: '3', putBack: '3' }] },
      { line: 2, quantity: '4', lot: 'L2', picks: [] },
    ])
    expect(await lastTold(harness, first!.id, 'delivery-amended')).toMatchObject({
      lines: [
        { line: 1, wanted: '0', picked: [{ lot: 'L1' }] },
        { line: 2, lot: 'L2', orderLine: 1 },
      ],
    })
  })
})

describe('a purchase', () => {
  test('shows the lot that is announced, takes none for granted, and flags another one', async () => {
    const line = { line: 1, sku: 'DE-LOT', quantity: '10', unit: 'kg', unitPrice: '1', lot: 'L1' }
    await tell(harness, purchaseOrder('confirmed', 'PO-LOT', [line]))
    const draft = await receiptOf(harness, 'PO-LOT')
    expect(draft.lines).toMatchObject([{ lot: 'L1', flag: null }])
    const none = await act<Problem>(harness.user, 'PATCH', draft, 'lines', { entries: [{ line: 1, quantity: '10' }] })
    expect(none).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: '/entries/0/lot', message: 'DE-LOT needs a lot: L1 was announced' }] },
    })
    const other = await count(harness, draft, [
      { line: 1, quantity: '4', lot: 'L1' },
      { line: 1, quantity: '6', lot: 'L2' },
    ])
    expect(other.lines).toMatchObject([{ lot: 'L1', flag: 'Other lot' }])
    const right = await count(harness, other, [{ line: 1, quantity: '10', lot: 'L1' }])
    expect(right.lines).toMatchObject([{ flag: 'OK' }])
    const short = await count(harness, right, [{ line: 1, quantity: '9', lot: 'L2' }])
    expect(short.lines).toMatchObject([{ flag: 'Short 1, other lot' }])
  })
})

describe('by hand', () => {
  const said = { note: 'For the fair', references: [{ type: 'project', value: 'F-26' }] }
  test.each(['receipts', 'deliveries'])('%s have a note and references too', async (of) => {
    const body = { warehouse: 'WH', lines: [{ sku: 'RM-A', quantity: '1' }], ...said }
    const made = await harness.manager.send<{ id: string }>('POST', `/v1/${of}`, {
      body,
      headers: { 'idempotency-key': randomUUID() },
    })
    expect(made).toMatchObject({ status: 201, body: said })
    expect((await harness.manager.get(`/v1/${of}/${made.body.id}`)).body).toMatchObject(said)
  })
})

describe('refused', () => {
  test('is what is wrong in any of these fields, all at once', async () => {
    const line = {
      ...lineX,
      lot: ' L',
      scheduledDate: '2026-02-30',
      note: 'x'.repeat(2001),
      references: [{ type: 'CO' }],
    }
    const wrong = {
      shipTo: { gln: '4006381333932', country: 'Germany', addressLines: Array.from({ length: 7 }, () => 'a') },
      deliveryWindow: { from: '2026-05-02', until: '2026-05-01' },
      carrier: { name: 'x'.repeat(201) },
      terms: { incoterm: 'ex works' },
      references: Array.from({ length: 51 }, () => ({ type: 'A', value: 'B' })),
      note: 'x'.repeat(5001),
      validUntil: 'soon',
      reserveUntil: '12:00',
    }
    const answer = await tell(harness, salesOrder('confirmed', 'SO-WRONG', [line], wrong))
    expect(answer.status).toBe(422)
    expect(answer.body.errors?.map(({ pointer }) => pointer).sort()).toEqual(
      [
        '/data/carrier/name',
        '/data/deliveryWindow/until',
        '/data/lines/0/lot',
        '/data/lines/0/note',
        '/data/lines/0/references/0/value',
        '/data/lines/0/scheduledDate',
        '/data/note',
        '/data/references',
        '/data/reserveUntil',
        '/data/shipTo/addressLines',
        '/data/shipTo/country',
        '/data/shipTo/gln',
        '/data/terms/incoterm',
        '/data/validUntil',
      ].sort(),
    )
  })

  test('is more than 256 KiB of them together, so that all of it can be told', async () => {
    const lines = (note: string) => Array.from({ length: 200 }, (_, index) => ({ ...lineX, line: index + 1, note }))
    const tooMuch = await tell(harness, salesOrder('confirmed', 'SO-MUCH', lines('x'.repeat(1400))))
    expect(tooMuch).toMatchObject({
      status: 422,
      body: {
        errors: [{ message: 'must have at most 262144 bytes in its optional fields, those of its lines included' }],
      },
    })
    await told(harness, salesOrder('confirmed', 'SO-MUCH', lines('x'.repeat(1000))))
    const [first] = await deliveriesOf(harness, 'SO-MUCH')
    expect((await outbox(harness, first!.id))[0]?.data['lineDetails']).toHaveLength(200)
  })

  test('are fields that nobody knows: they are counted as before', async () => {
    await told(
      harness,
      salesOrder('confirmed', 'SO-UNKNOWN', [lineX], { shipTo: { name: 'A', planet: 'Mars' }, shipVia: 'X' }),
    )
    await deliveriesOf(harness, 'SO-UNKNOWN')
    expect(await orderShown(harness, '/erp/sales', 'SO-UNKNOWN')).toMatchObject({
      unknownFields: ['shipTo/planet', 'shipVia'],
    })
  })
})
