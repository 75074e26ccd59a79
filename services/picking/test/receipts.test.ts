import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { until } from '@stockline/test-kit'
import { invariants } from '../src/invariants.ts'
import { openHarness, productTold, type Harness } from './harness.ts'
import {
  act,
  count,
  eventually,
  lineA,
  ordered,
  posting,
  purchaseOrder,
  read,
  receiptOf,
  receiptsOf,
  tell,
  words,
  type Problem,
  type ShownReceipt,
} from './steps.ts'

let harness: Harness
beforeAll(async () => {
  harness = await openHarness()
}, 60_000)
afterAll(() => harness.stop())

async function outbox(id: string): Promise<readonly { type: string; data: Record<string, unknown> }[]> {
  const rows = await harness.service.db.prisma.$queryRaw<{ type: string; value: string }[]>`
    select type, value from kit.outbox where subject = ${id} order by position`
  return rows.map((row) => ({
    type: row.type,
    data: (JSON.parse(row.value) as { data: Record<string, unknown> }).data,
  }))
}

describe('G1 A confirmed purchase order makes a draft receipt', () => {
  test('G1 in the queue, with number, source, vendor, scheduled date, destination and lines', async () => {
    const receipt = await ordered(harness, 'PO-G1')
    expect(receipt).toMatchObject({
      status: 'draft',
      number: expect.stringMatching(/^WH\/IN\/\d{5}$/),
      source: 'PO-G1',
      vendor: { code: 'ACME', name: 'Acme Supplies' },
      scheduledDate: '2026-04-23',
      destination: 'WH/Stock',
      problem: null,
      version: 1,
      lines: [
        { line: 1, sku: 'RM-A', expected: '100', received: null, unit: 'kg', flag: null, entries: [] },
        { line: 2, sku: 'RM-B', expected: '50', received: null, flag: null },
      ],
      history: [{ what: 'created', who: { name: 'ERP' } }],
    })
    const queue = await harness.user.get<{ items: { number: string; task: string }[] }>('/v1/queue?limit=200')
    expect(queue.body.items).toContainEqual(expect.objectContaining({ number: receipt.number, task: 'count' }))
  })

  test('G1 by the bus as well as by HTTP, and once, whatever is repeated', async () => {
    const event = purchaseOrder('confirmed', 'PO-BUS', [lineA]) as { id: string; data: unknown; type: string }
    const told = {
      type: event.type,
      topic: 'purchasing.orders',
      subject: 'PO-BUS',
      data: event.data,
      source: '/erp/purchase',
      id: event.id,
    }
    await harness.publish(told, told)
    await receiptOf(harness, 'PO-BUS')
    expect((await tell(harness, event)).status).toBe(202)
    await harness.publish(told)
    await tell(harness, purchaseOrder('confirmed', 'PO-AFTER-BUS', [lineA]))
    await receiptOf(harness, 'PO-AFTER-BUS')
    expect(await receiptsOf(harness, 'PO-BUS')).toHaveLength(1)
  })

  test('G1 an order of services alone makes none; a consumable makes a line', async () => {
    await harness.publish(productTold('CON', { type: 'consumable' }))
    await until(
      'CON is known',
      async () => (await harness.service.db.prisma.product.count({ where: { sku: 'CON' } })) === 1,
    )
    await tell(harness, purchaseOrder('confirmed', 'PO-SVC', [{ ...lineA, sku: 'SVC', unit: 'hour' }]))
    await tell(
      harness,
      purchaseOrder('confirmed', 'PO-CON', [
        { ...lineA, sku: 'CON' },
        { ...lineA, line: 2, sku: 'SVC', unit: 'unit' },
      ]),
    )
    expect((await receiptOf(harness, 'PO-CON')).lines.map((line) => line.sku)).toEqual(['CON'])
    expect(await harness.service.db.prisma.receipt.count({ where: { source: 'PO-SVC' } })).toBe(0)
  })

  test('X6 an unknown product or unit makes a draft that says what it waits for, solved when it comes', async () => {
    await tell(
      harness,
      purchaseOrder('confirmed', 'PO-NEW', [
        { ...lineA, sku: 'NEW-1' },
        { ...lineA, line: 2, unit: 'sack' },
      ]),
    )
    const waiting = await receiptOf(harness, 'PO-NEW')
    expect(waiting.problem).toMatch(/"NEW-1" is not known.*"sack" does not convert/)
    const queued = async () =>
      (await harness.user.get<{ items: object[] }>('/v1/queue?limit=200')).body.items.find(
        (item) => 'id' in item && item.id === waiting.id,
      )
    expect(await queued()).toMatchObject({ task: 'blocked', problem: waiting.problem })
    const early = await act<Problem>(harness.user, 'POST', waiting, 'validate')
    expect(early).toMatchObject({ status: 409, body: { type: expect.stringMatching(/receipt-waits/) } })
    await harness.publish(productTold('NEW-1'))
    await eventually(harness, waiting.id, 'one reason less', (now) => now.problem?.includes('NEW-1') === false)
    await harness.publish({
      type: 'stock.unit-changed.v1',
      topic: 'stock.products',
      subject: 'sack',
      data: { code: 'sack', name: 'Sack', decimals: 0, reference: { unit: 'kg', numerator: '25', denominator: '1' } },
    })
    const solved = await eventually(harness, waiting.id, 'no problem any more', (now) => now.problem === null)
    expect(words(solved)).toEqual(['created', 'still-waits', 'problem-solved'])
    expect(await queued()).toMatchObject({ task: 'count', problem: null })
    const counted = await count(harness, solved, [
      { line: 1, quantity: '100' },
      { line: 2, quantity: '2500', unit: 'kg' },
    ])
    expect(counted.lines.map((line) => line.flag)).toEqual(['OK', 'OK'])
  })

  test('G1 an unknown warehouse waits visibly, without a number, until it is known', async () => {
    const before = await harness.service.db.prisma.number.findMany()
    expect((await tell(harness, purchaseOrder('confirmed', 'PO-W9', [lineA], { warehouse: 'W9' }))).status).toBe(202)
    const parked = await until('it is seen', async () => {
      const list = await harness.administrator.get<{ items: { reason: string; state: string }[] }>('/v1/parked')
      return list.body.items.find((each) => each.reason.includes('W9'))
    })
    expect(parked).toMatchObject({ state: 'waiting', reason: 'Warehouse "W9" is not known.' })
    expect(await harness.service.db.prisma.number.findMany()).toEqual(before)
    await harness.publish({
      type: 'stock.location-changed.v1',
      topic: 'stock.locations',
      subject: 'W9',
      data: {
        warehouse: { code: 'W9', name: 'Nine', defaultReceiptLocation: 'W9/Stock', active: true },
        location: null,
      },
    })
    expect(await receiptOf(harness, 'PO-W9')).toMatchObject({ number: 'W9/IN/00001', destination: 'W9/Stock' })
  })
})

describe('G2 The operator enters what came', () => {
  test('G2 100 of 100 is OK, 48 of 50 is Short 2, and unexpected products are flagged', async () => {
    const draft = await ordered(harness, 'PO-G2')
    const counted = await count(harness, draft, [
      { line: 1, quantity: '100' },
      { line: 2, quantity: '48' },
      { sku: 'PX', quantity: '3' },
    ])
    expect(counted).toMatchObject({ status: 'in_progress', version: 2 })
    expect(counted.lines.map((line) => [line.received, line.flag])).toEqual([
      ['100', 'OK'],
      ['48', 'Short 2'],
      ['3', 'Unexpected'],
    ])
    const over = await count(harness, counted, [{ line: 2, quantity: '53' }])
    expect(over.lines[1]).toMatchObject({ received: '53', flag: 'Over 3' })
    expect(await read(harness, draft.id)).toMatchObject({
      version: 3,
      lines: [{ received: '100' }, { received: '53' }, { received: '3' }],
    })
  })

  test('G2 several lots and places of one line', async () => {
    await tell(harness, purchaseOrder('confirmed', 'PO-LOT', [{ ...lineA, sku: 'LOT', quantity: '5' }]))
    const draft = await receiptOf(harness, 'PO-LOT')
    const counted = await count(harness, draft, [
      { line: 1, quantity: '2', lot: 'L1', expiresOn: '2027-01-31' },
      { line: 1, quantity: '3000', unit: 'g', lot: 'L2', destination: 'WH/Stock/A1-03' },
    ])
    expect(counted.lines[0]).toMatchObject({
      received: '5',
      flag: 'OK',
      entries: [
        { quantity: '2', unit: 'kg', lot: 'L1', expiresOn: '2027-01-31', destination: 'WH/Stock' },
        { quantity: '3000', unit: 'g', lot: 'L2', expiresOn: null, destination: 'WH/Stock/A1-03' },
      ],
    })
    const answer = await act<ShownReceipt>(harness.user, 'POST', counted, 'validate')
    expect(answer.body.status).toBe('posting')
    expect((await outbox(draft.id))[0]?.data).toMatchObject({
      documentId: draft.id,
      number: draft.number,
      warehouse: 'WH',
      attempt: 1,
      lines: [
        {
          line: 1,
          documentLine: 1,
          quantity: '2',
          lot: 'L1',
          expiresOn: '2027-01-31',
          destination: 'WH/Stock',
          category: 'Raw',
        },
        {
          line: 2,
          quantity: '3',
          entered: { quantity: '3000', unit: 'g' },
          destination: 'WH/Stock/A1-03',
          price: { unitPrice: '2.50', unit: 'kg', numerator: '1', denominator: '1000' },
        },
      ],
    })
  })

  test('G2 a receipt made by hand', async () => {
    const made = await harness.user.send<ShownReceipt>('POST', '/v1/receipts', {
      body: {
        vendor: { code: 'V', name: 'Vendor' },
        destination: 'WH/Stock/A1-03',
        lines: [{ sku: 'PX', quantity: '5' }],
      },
    })
    expect(made).toMatchObject({
      status: 201,
      headers: { location: `/v1/receipts/${made.body.id}` },
      body: {
        status: 'draft',
        source: null,
        destination: 'WH/Stock/A1-03',
        lines: [{ sku: 'PX', expected: '5', unit: 'unit' }],
      },
    })
    const empty = await harness.user.send<ShownReceipt>('POST', '/v1/receipts', { body: { warehouse: 'WH' } })
    expect(empty.body).toMatchObject({ destination: 'WH/Stock', lines: [] })
    expect((await count(harness, empty.body, [{ sku: 'PX', quantity: '1' }])).lines[0]).toMatchObject({
      flag: 'Unexpected',
    })
  })
})

describe('G3 A discrepancy goes to a supervisor', () => {
  test('G3 without one the operator validates alone', async () => {
    expect((await posting(harness, 'PO-G3-EXACT')).status).toBe('posting')
  })

  test('G3 with one it is reviewed by a supervisor who did not count, or returned', async () => {
    const draft = await ordered(harness, 'PO-G3')
    const counted = await count(
      harness,
      draft,
      [
        { line: 1, quantity: '100' },
        { line: 2, quantity: '48' },
      ],
      harness.supervisor,
    )
    const sent = await act<ShownReceipt>(harness.user, 'POST', counted, 'validate', { remainder: 'close' })
    expect(sent).toMatchObject({ status: 200, body: { status: 'in_review' } })
    const queue = await harness.second.get<{ items: { id: string; task: string }[] }>('/v1/queue?limit=200')
    expect(queue.body.items).toContainEqual(expect.objectContaining({ id: draft.id, task: 'review' }))
    const own = await harness.supervisor.get<{ items: { id: string }[] }>('/v1/queue?limit=200')
    expect(own.body.items.map((each) => each.id)).not.toContain(draft.id)

    expect((await act(harness.user, 'POST', sent.body, 'approve')).status).toBe(403)
    expect(await act<Problem>(harness.supervisor, 'POST', sent.body, 'approve')).toMatchObject({
      status: 403,
      body: { type: expect.stringMatching(/approver-counted/) },
    })
    const returned = await act<ShownReceipt>(harness.second, 'POST', sent.body, 'return-to-operator', {
      reason: 'count B again',
    })
    expect(returned.body).toMatchObject({ status: 'in_progress', problem: 'Returned: count B again' })
    const again = await act<ShownReceipt>(harness.user, 'POST', returned.body, 'validate')
    const approved = await act<ShownReceipt>(harness.second, 'POST', again.body, 'approve')
    expect(approved.body.status).toBe('posting')
    expect(words(approved.body)).toEqual([
      'created',
      'counted',
      'sent-to-review',
      'returned',
      'sent-to-review',
      'approved',
    ])
  })
})

describe('X6 What must always be so', () => {
  test.each(invariants.map((each) => [each.name, each] as const))('%s', async (_name, invariant) => {
    expect(await harness.service.db.query(invariant.statement)).toEqual([])
  })
})
