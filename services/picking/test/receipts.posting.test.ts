import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { until } from '@stockline/test-kit'
import { invariants } from '../src/invariants.ts'
import { openHarness, productTold, type Harness } from './harness.ts'
import { act, count, eventually, ordered, posting, receiptsOf, words, type ShownReceipt } from './steps.ts'

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

describe('G4 Validate posts once, whatever is repeated', () => {
  test('G4 a second tap answers 200 with the document, whatever If-Match says', async () => {
    const draft = await ordered(harness, 'PO-G4')
    const counted = await count(harness, draft, [
      { line: 1, quantity: '100' },
      { line: 2, quantity: '50' },
    ])
    const first = await act<ShownReceipt>(harness.user, 'POST', counted, 'validate')
    const tap = await act<ShownReceipt>(harness.user, 'POST', counted, 'validate')
    const bare = await harness.user.send<ShownReceipt>('POST', `/v1/receipts/${draft.id}/validate`, { body: {} })
    for (const answer of [first, tap, bare]) expect(answer).toMatchObject({ status: 200, body: { status: 'posting' } })
    expect((await outbox(draft.id)).filter((each) => each.type === 'picking.receipt-validated.v1')).toHaveLength(1)
  })

  test('G4 sixteen taps at once publish one event', async () => {
    const draft = await ordered(harness, 'PO-RACE')
    const counted = await count(harness, draft, [
      { line: 1, quantity: '100' },
      { line: 2, quantity: '50' },
    ])
    const taps = await Promise.all(Array.from({ length: 16 }, () => act(harness.user, 'POST', counted, 'validate')))
    expect(new Set(taps.map((tap) => tap.status))).toEqual(new Set([200]))
    expect(await outbox(draft.id)).toHaveLength(1)
  })

  test('G4 the answer counts although a late one of another try lies behind it in the same batch', async () => {
    const sent = await posting(harness, 'PO-LATE')
    const refusal = (attempt: number, detail: string) => ({
      type: 'stock.document-refused.v1',
      topic: 'stock.refusals',
      subject: sent.id,
      data: { documentId: sent.id, number: sent.number, attempt, kind: 'receipt', code: 'test', detail, errors: [] },
    })
    await harness.publish(refusal(1, 'no'), refusal(7, 'of another try'))
    const back = await eventually(harness, sent.id, 'it is back', (now) => now.status === 'in_progress')
    expect(back.problem).toContain('no')
  })

  test('G4 it is done once the ledger took it, and Prefer: wait waits for that', async () => {
    const draft = await ordered(harness, 'PO-WAIT')
    const counted = await count(harness, draft, [
      { line: 1, quantity: '100' },
      { line: 2, quantity: '50' },
    ])
    const waiting = harness.user.send<ShownReceipt>('POST', `/v1/receipts/${draft.id}/validate`, {
      body: {},
      version: counted.version,
      wait: 10,
    })
    await eventually(harness, draft.id, 'it is posting', (now) => now.status === 'posting')
    await harness.post()
    const answer = await waiting
    expect(answer).toMatchObject({ status: 200, body: { status: 'done', history: expect.any(Array) } })
    expect(JSON.stringify(answer.body)).not.toMatch(/unitPrice/)
    expect(words(answer.body)).toEqual(['created', 'counted', 'validated', 'posted'])
  })

  test('G4 the ledger’s refusal puts it back where it was, and the next try has the next number', async () => {
    const sent = await posting(harness, 'PO-REFUSED')
    const late = await act<ShownReceipt>(harness.user, 'POST', sent, 'validate')
    expect(late.status).toBe(200)
    await harness.post('the lot is blocked')
    const back = await eventually(harness, sent.id, 'it is back', (now) => now.status === 'in_progress')
    expect(back.problem).toBe('The ledger refused: the lot is blocked')
    const again = await act<ShownReceipt>(harness.user, 'POST', back, 'validate')
    expect(again.body).toMatchObject({ status: 'posting', problem: null })
    expect((await outbox(sent.id)).map((each) => each.data['attempt'])).toEqual([1, 2])
    await harness.post()
    await eventually(harness, sent.id, 'it is done', (now) => now.status === 'done')
  })

  test('G4 when it happened is said by a supervisor, and never in the future', async () => {
    const draft = await ordered(harness, 'PO-WHEN')
    const entries = [
      { line: 1, quantity: '100' },
      { line: 2, quantity: '50' },
    ]
    const past = '2026-04-20T10:00:00Z'
    expect((await act(harness.user, 'PATCH', draft, 'lines', { entries, effectiveAt: past })).status).toBe(403)
    expect(
      (await act(harness.supervisor, 'PATCH', draft, 'lines', { entries, effectiveAt: '2999-01-01T00:00:00Z' })).status,
    ).toBe(422)
    const counted = await act<ShownReceipt>(harness.supervisor, 'PATCH', draft, 'lines', { entries, effectiveAt: past })
    await act(harness.user, 'POST', counted.body, 'validate')
    expect((await outbox(draft.id))[0]?.data).toMatchObject({ effectiveAt: '2026-04-20T10:00:00.000Z' })
  })
})

describe('G5 The remainder', () => {
  async function shortAndApproved(orderNumber: string, remainder: object): Promise<ShownReceipt> {
    const draft = await ordered(harness, orderNumber)
    const counted = await count(harness, draft, [
      { line: 1, quantity: '100' },
      { line: 2, quantity: '48' },
    ])
    const sent = await act<ShownReceipt>(harness.user, 'POST', counted, 'validate')
    await act(harness.supervisor, 'POST', sent.body, 'approve', remainder)
    await harness.post()
    return eventually(harness, draft.id, 'it is done', (now) => now.status === 'done')
  }

  test('G5 becomes a backorder receipt by default', async () => {
    const done = await shortAndApproved('PO-BACK', {})
    const [, backorder] = await receiptsOf(harness, 'PO-BACK', 2)
    expect(backorder).toMatchObject({
      status: 'draft',
      backorderOf: done.id,
      lines: [{ line: 2, sku: 'RM-B', expected: '2', received: null, unitPrice: '4.00' }],
    })
  })

  test('G5 or is closed short', async () => {
    await shortAndApproved('PO-CLOSE', { remainder: 'close' })
    expect(await receiptsOf(harness, 'PO-CLOSE')).toHaveLength(1)
  })

  test('G5 a box of three, piece by piece: the third ends it', async () => {
    await harness.publish(
      productTold('BOX-3', {
        unit: 'unit',
        unitDecimals: 0,
        units: [{ unit: 'box', numerator: '3', denominator: '1' }],
      }),
    )
    await until('the product is known', async () => (await harness.service.db.prisma.product.count({ where: { sku: 'BOX-3' } })) === 1) // prettier-ignore
    await ordered(harness, 'PO-THIRDS', [{ line: 1, sku: 'BOX-3', quantity: '1', unit: 'box', unitPrice: '10.00' }])
    for (const part of [1, 2, 3]) {
      const open = (await receiptsOf(harness, 'PO-THIRDS', part)).at(-1)!
      const counted = await count(harness, open, [{ line: 1, quantity: '1', unit: 'unit' }])
      expect(counted.lines[0]?.flag).toBe(part === 1 ? 'Short 0.666667' : part === 2 ? 'Short 0.333334' : 'OK')
      const sent = await act<ShownReceipt>(harness.user, 'POST', counted, 'validate')
      if (part < 3) await act(harness.supervisor, 'POST', sent.body, 'approve', {})
      await harness.post()
      await eventually(harness, open.id, 'it is done', (now) => now.status === 'done')
    }
    expect(await receiptsOf(harness, 'PO-THIRDS', 3)).toHaveLength(3)
  })

  test('G5 a receipt that expects what cannot be counted is found', async () => {
    const draft = await ordered(harness, 'PO-TINY', [{ line: 1, sku: 'RM-A', quantity: '1', unit: 'kg' }])
    const rows = async () => {
      const found = invariants.find(({ name }) => name === 'picking-receipt-expects-what-can-be-counted')
      return found === undefined ? undefined : await harness.service.db.query<{ number: string }>(found.statement)
    }
    expect(await rows()).toEqual([])
    const expected = (amount: string) =>
      harness.service.db.prisma
        .$executeRaw`update receipt_lines set expected = ${amount}::numeric where receipt_id = ${draft.id}::uuid`
    await expected('0.000999')
    expect(await rows()).toMatchObject([{ number: draft.number }])
    await expected('1')
  })

  test('G5 many at once get numbers without gaps', async () => {
    const orders = Array.from({ length: 12 }, (_, index) => `PO-MANY-${index}`)
    const drafts = await Promise.all(orders.map((each) => ordered(harness, each)))
    for (const draft of drafts) {
      const counted = await count(harness, draft, [{ line: 1, quantity: '1' }])
      const sent = await act<ShownReceipt>(harness.user, 'POST', counted, 'validate')
      await act(harness.supervisor, 'POST', sent.body, 'approve')
    }
    await harness.post()
    const all = await Promise.all(orders.map((each) => receiptsOf(harness, each, 2)))
    expect(new Set(all.flat().map((each) => each.number)).size).toBe(24)
  })
})

describe('G5 Cancelling by hand', () => {
  test('G5 a draft by its operator, one in progress by a supervisor alone, and again is no error', async () => {
    const draft = await ordered(harness, 'PO-CANCEL')
    const cancelled = await act<ShownReceipt>(harness.user, 'POST', draft, 'cancel', { reason: 'twice' })
    expect(cancelled.body).toMatchObject({ status: 'cancelled', number: draft.number })
    expect((await act(harness.user, 'POST', draft, 'cancel', { reason: 'again' })).status).toBe(200)
    expect((await act(harness.user, 'POST', cancelled.body, 'validate')).status).toBe(409)

    const other = await ordered(harness, 'PO-CANCEL-2')
    const counted = await count(harness, other, [{ line: 1, quantity: '1' }])
    expect((await act(harness.user, 'POST', counted, 'cancel', { reason: 'x' })).status).toBe(403)
    expect((await act(harness.supervisor, 'POST', counted, 'cancel', { reason: 'x' })).status).toBe(200)
  })
})

describe('G4 What must always be so', () => {
  test.each(invariants.map((each) => [each.name, each] as const))('%s', async (_name, invariant) => {
    expect(await harness.service.db.query(invariant.statement)).toEqual([])
  })
})
