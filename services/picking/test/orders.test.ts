import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { until } from '@stockline/test-kit'
import { invariants } from '../src/invariants.ts'
import { openHarness, type Harness } from './harness.ts'
import {
  act,
  count,
  eventually,
  lineA,
  lineB,
  ordered,
  posting,
  purchaseCancelled,
  purchaseOrder,
  read,
  receiptOf,
  receiptsOf,
  tell,
  words,
  type ShownReceipt,
} from './steps.ts'

let harness: Harness
beforeAll(async () => {
  harness = await openHarness()
}, 60_000)
afterAll(() => harness.stop())

const amendedTo = (orderNumber: string, revision: number, ...lines: object[]) =>
  tell(harness, purchaseOrder('amended', orderNumber, lines, { revision }))

async function tooLate(id: string): Promise<readonly Record<string, unknown>[]> {
  const rows = await harness.service.db.prisma.$queryRaw<{ value: string }[]>`
    select value from kit.outbox
    where subject = ${id} and type = 'picking.order-change-too-late.v1' order by position`
  return rows.map((row) => (JSON.parse(row.value) as { data: Record<string, unknown> }).data)
}

describe('G5 An amended order', () => {
  test('G5 changes a draft', async () => {
    const draft = await ordered(harness, 'PO-A1')
    await amendedTo('PO-A1', 2, { ...lineA, quantity: '120' }, { ...lineA, line: 3, sku: 'PX', unit: 'unit' })
    const after = await read(harness, draft.id)
    expect(after.lines.map((line) => `${line.line} ${line.sku} ${line.expected}`)).toEqual(['1 RM-A 120', '3 PX 100'])
    expect(words(after)).toEqual(['created', 'order-changed'])
  })

  test('G1 G5 of a quantity that its unit cannot hold must be amended before it can be received', async () => {
    const piece = { ...lineA, sku: 'PX', unit: 'unit' }
    const draft = await ordered(harness, 'PO-FRACTION', [{ ...piece, quantity: '1.5' }])
    expect(draft.problem).toMatch(/^The order must be amended: line 1: the quantity is too precise/)
    const counted = await count(harness, draft, [{ line: 1, quantity: '1' }])
    const refused = await act<{ detail: string }>(harness.user, 'POST', counted, 'validate')
    expect(refused).toMatchObject({ status: 409, body: { detail: expect.stringContaining(draft.problem ?? '-') } })
    await amendedTo('PO-FRACTION', 2, { ...piece, quantity: '1' })
    const after = await read(harness, draft.id)
    expect(after.problem).toBeNull()
    expect((await act<ShownReceipt>(harness.user, 'POST', after, 'validate')).body.status).toBe('posting')
  })

  test('G5 keeps what was counted, and flags anew', async () => {
    const draft = await ordered(harness, 'PO-A2')
    await count(harness, draft, [
      { line: 1, quantity: '100' },
      { line: 2, quantity: '48' },
    ])
    await amendedTo('PO-A2', 2, { ...lineA, line: 1, quantity: '110' })
    const after = await read(harness, draft.id)
    expect(after.status).toBe('in_progress')
    expect(after.lines.map((line) => [line.received, line.flag])).toEqual([
      ['100', 'Short 10'],
      ['48', 'Unexpected'],
    ])
  })

  test('G5 in review too', async () => {
    const draft = await ordered(harness, 'PO-A3')
    const counted = await count(harness, draft, [{ line: 1, quantity: '90' }])
    const sent = await act<ShownReceipt>(harness.user, 'POST', counted, 'validate')
    await amendedTo('PO-A3', 2, { ...lineA, quantity: '90' })
    const after = await read(harness, draft.id)
    expect(after).toMatchObject({ status: 'in_review', lines: [{ flag: 'OK' }] })
    expect((await act(harness.supervisor, 'POST', sent.body, 'approve')).status).toBe(412)
    expect((await act(harness.supervisor, 'POST', after, 'approve')).body.status).toBe('posting')
  })

  test('G5 is remembered while the ledger is asked, and applied when that refuses', async () => {
    const sent = await posting(harness, 'PO-A4')
    await amendedTo('PO-A4', 2, { ...lineA, quantity: '100' })
    expect(await read(harness, sent.id)).toMatchObject({ status: 'posting', lines: [{}, {}] })
    await harness.post('blocked')
    const back = await eventually(harness, sent.id, 'it is back', (now) => now.status === 'in_progress')
    expect(back.lines.map((line) => line.flag)).toEqual(['OK', 'Unexpected'])
    expect(words(back)).toEqual(['created', 'counted', 'validated', 'order-change-waits', 'refused', 'order-changed'])
    expect(await tooLate(sent.id)).toEqual([])
  })

  test('G5 is answered as too late where the ledger has taken more, and shown', async () => {
    const sent = await posting(harness, 'PO-A5')
    await amendedTo('PO-A5', 2, { ...lineA, quantity: '40' })
    await harness.post()
    const done = await eventually(harness, sent.id, 'it is done', (now) => now.status === 'done')
    expect(words(done).slice(-3)).toEqual(['order-change-waits', 'posted', 'order-change-too-late'])
    expect(await tooLate(sent.id)).toMatchObject([
      {
        kind: 'receipt',
        number: sent.number,
        orderNumber: 'PO-A5',
        orderSource: '/erp/purchase',
        revision: 2,
        change: 'amended',
        lines: [
          { line: 1, sku: 'RM-A', unit: 'kg', wanted: '40', done: '100' },
          { line: 2, sku: 'RM-B', unit: 'kg', wanted: '0', done: '50' },
        ],
      },
    ])
  })

  test('G5 of an order that was received already is too late', async () => {
    const sent = await posting(harness, 'PO-A6')
    await harness.post()
    await eventually(harness, sent.id, 'it is done', (now) => now.status === 'done')
    await amendedTo('PO-A6', 2, { ...lineA, quantity: '99' })
    await tell(harness, purchaseCancelled('PO-A6', 3))
    expect(await read(harness, sent.id)).toMatchObject({
      status: 'done',
      lines: [{ expected: '100' }, { expected: '50' }],
    })
    expect((await tooLate(sent.id)).map((each) => each['change'])).toEqual(['amended', 'cancelled'])
  })

  test('G5 changes the open backorder alone', async () => {
    const draft = await ordered(harness, 'PO-A7')
    const counted = await count(harness, draft, [{ line: 1, quantity: '60' }])
    const sent = await act<ShownReceipt>(harness.user, 'POST', counted, 'validate')
    await act(harness.supervisor, 'POST', sent.body, 'approve')
    await harness.post()
    await receiptsOf(harness, 'PO-A7', 2)
    await amendedTo('PO-A7', 2, { ...lineA, quantity: '75' })
    const [done, backorder] = await receiptsOf(harness, 'PO-A7', 2)
    expect(done?.lines[0]?.expected).toBe('100')
    expect(backorder?.lines.map((line) => `${line.sku} ${line.expected}`)).toEqual(['RM-A 15'])
    expect(await tooLate(draft.id)).toEqual([])
    await amendedTo('PO-A7', 3, { ...lineA, quantity: '60' })
    expect((await receiptsOf(harness, 'PO-A7', 2))[1]?.status).toBe('cancelled')
  })

  test('G5 while posting in part: the backorder follows, and nothing is too late', async () => {
    const draft = await ordered(harness, 'PO-A8')
    const counted = await count(harness, draft, [{ line: 1, quantity: '60' }])
    const sent = await act<ShownReceipt>(harness.user, 'POST', counted, 'validate')
    await act(harness.supervisor, 'POST', sent.body, 'approve')
    await amendedTo('PO-A8', 2, { ...lineA, quantity: '90' })
    await harness.post()
    const [, backorder] = await receiptsOf(harness, 'PO-A8', 2)
    expect(backorder?.lines.map((line) => `${line.sku} ${line.expected}`)).toEqual(['RM-A 30'])
    expect(await tooLate(draft.id)).toEqual([])
  })

  test('G5 to another warehouse moves a draft there', async () => {
    await harness.publish({
      type: 'stock.location-changed.v1',
      topic: 'stock.locations',
      subject: 'W2',
      data: {
        warehouse: { code: 'W2', name: 'Two', defaultReceiptLocation: 'W2/Stock', active: true },
        location: null,
      },
    })
    const draft = await ordered(harness, 'PO-A9')
    await tell(harness, purchaseOrder('amended', 'PO-A9', [lineA], { revision: 2, warehouse: 'W2' }))
    const [before, after] = await receiptsOf(harness, 'PO-A9', 2)
    expect(before).toMatchObject({ id: draft.id, status: 'cancelled' })
    expect(after).toMatchObject({ status: 'draft', number: 'W2/IN/00001', destination: 'W2/Stock' })
  })
})

describe('G5 A cancelled order', () => {
  test('G5 cancels a draft, and wanted again it gets a new one', async () => {
    const draft = await ordered(harness, 'PO-C1')
    await tell(harness, purchaseCancelled('PO-C1', 2, 'vendor gone'))
    const after = await read(harness, draft.id)
    expect(after).toMatchObject({ status: 'cancelled', number: draft.number })
    expect(after.history.at(-1)).toMatchObject({ what: 'cancelled', why: expect.stringMatching(/vendor gone/) })
    await amendedTo('PO-C1', 3, lineB)
    expect((await receiptsOf(harness, 'PO-C1', 2))[1]).toMatchObject({ status: 'draft', lines: [{ sku: 'RM-B' }] })
  })

  test('G5 makes unexpected what was counted', async () => {
    const draft = await ordered(harness, 'PO-C2')
    await count(harness, draft, [{ line: 1, quantity: '5' }])
    await tell(harness, purchaseCancelled('PO-C2', 2))
    expect(await read(harness, draft.id)).toMatchObject({ status: 'in_progress', lines: [{ flag: 'Unexpected' }] })
  })

  test('G5 while posting is answered as too late', async () => {
    const sent = await posting(harness, 'PO-C3')
    await tell(harness, purchaseCancelled('PO-C3', 2))
    await harness.post()
    await eventually(harness, sent.id, 'it is done', (now) => now.status === 'done')
    expect(await tooLate(sent.id)).toMatchObject([{ change: 'cancelled', revision: 2 }])
  })
})

describe('G5 Revisions', () => {
  test('G5 a lower one is ignored, the same one again too', async () => {
    const draft = await ordered(harness, 'PO-R1')
    await amendedTo('PO-R1', 5, { ...lineA, quantity: '7' })
    await amendedTo('PO-R1', 4, { ...lineA, quantity: '8' })
    await amendedTo('PO-R1', 5, { ...lineA, quantity: '7' })
    const after = await read(harness, draft.id)
    expect(after).toMatchObject({ version: 2, lines: [{ expected: '7' }] })
    const rows = await harness.service.db.prisma.$queryRaw<{ outcome: string }[]>`
      select outcome from kit.inbox where outcome is not null`
    expect(rows.map((row) => row.outcome)).toContain('order-revision-old')
  })

  test('G5 an amendment before its confirmation waits visibly, and is applied after it', async () => {
    expect((await amendedTo('PO-R2', 2, { ...lineA, quantity: '9' })).status).toBe(202)
    await until('it is seen', async () => {
      const list = await harness.administrator.get<{ items: { reason: string }[] }>('/v1/parked')
      return list.body.items.some((each) => each.reason.includes('PO-R2'))
    })
    await tell(harness, purchaseOrder('confirmed', 'PO-R2', [lineA]))
    const receipt = await receiptOf(harness, 'PO-R2')
    await eventually(harness, receipt.id, 'it is amended', (now) => now.lines[0]?.expected === '9')
  })

  test('G5 the same number from another source is another order', async () => {
    await ordered(harness, 'PO-R3')
    await tell(harness, { ...purchaseOrder('confirmed', 'PO-R3', [lineA]), source: '/other/erp' })
    expect(await receiptsOf(harness, 'PO-R3', 2)).toHaveLength(2)
  })
})

describe('G5 What must always be so', () => {
  test.each(invariants.map((each) => [each.name, each] as const))('%s', async (_name, invariant) => {
    expect(await harness.service.db.query(invariant.statement)).toEqual([])
  })
})
