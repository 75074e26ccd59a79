import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { until } from '@stockline/test-kit'
import { invariants } from '../src/invariants.ts'
import {
  a103,
  act,
  becomes,
  deliveriesOf,
  ledgerAnswer,
  lineX,
  outbox,
  place,
  readied,
  released,
  reserved,
  salesCancelled,
  salesOrder,
  shipping,
  show,
  take,
  told,
  type ShownDelivery,
} from './deliveries-steps.ts'
import { openHarness, type Harness } from './harness.ts'

let harness: Harness
beforeAll(async () => {
  harness = await openHarness()
}, 60_000)
afterAll(() => harness.stop())

const types = async (id: string) => (await outbox(harness, id)).map((each) => each.type)
const words = (delivery: ShownDelivery) => delivery.history.map((step) => step.what)
const needRefusal = (delivery: ShownDelivery, detail: string) => {
  const refusal = ledgerAnswer(delivery, 1, detail)
  return { ...refusal, data: { ...(refusal.data as object), about: 'need' } }
}
/** Part of it goes, the rest follows. */
const backorder = { remainder: 'backorder' }
const ready = (orderNumber: string) => readied(harness, orderNumber)

describe('D4 Validate and ship asks the ledger once, whatever is repeated', () => {
  test('D4 it posts what was picked, and is done once the ledger took it', async () => {
    const sent = await shipping(harness, await ready('SO-D4'))
    expect(sent.status).toBe('posting')
    expect((await outbox(harness, sent.id)).at(-1)).toMatchObject({
      type: 'delivery-validated',
      data: {
        attempt: 1,
        number: sent.number,
        lines: [
          { line: 1, documentLine: 1, sku: 'PX', quantity: '10', location: a103, category: 'Raw' },
          { line: 2, documentLine: 2, sku: 'RM-A', quantity: '5', location: a103 },
        ],
      },
    })
    const answer = ledgerAnswer(sent)
    await harness.publish(answer, { ...answer })
    expect(words(await becomes(harness, sent.id, 'done'))).toEqual([
      'created',
      'ready',
      'picked',
      'validated',
      'posted',
    ])
    expect(await deliveriesOf(harness, 'SO-D4')).toHaveLength(1)
  })

  test('D4 sixteen taps at once publish one event, and a late tap answers 200 whatever If-Match says', async () => {
    const picked = await take(harness, await ready('SO-TAPS'), { 1: '10', 2: '5' })
    const taps = await Promise.all(Array.from({ length: 16 }, () => act(harness.user, 'POST', picked, 'validate')))
    expect(new Set(taps.map((tap) => tap.status))).toEqual(new Set([200]))
    expect(await types(picked.id)).toEqual(['delivery-confirmed', 'delivery-validated'])
    const bare = await harness.user.send('POST', `/v1/deliveries/${picked.id}/validate`, { body: {} })
    expect(bare).toMatchObject({ status: 200, body: { status: 'posting' } })
  })

  test('D4 Prefer: wait answers once the ledger has', async () => {
    const picked = await take(harness, await ready('SO-WAIT'), { 1: '10', 2: '5' })
    const path = `/v1/deliveries/${picked.id}/validate`
    const waiting = harness.user.send<ShownDelivery>('POST', path, { body: {}, version: picked.version, wait: 10 })
    await harness.publish(ledgerAnswer(await becomes(harness, picked.id, 'posting')))
    expect(await waiting).toMatchObject({ status: 200, body: { status: 'done' } })
  })

  test('D4 a refusal puts it back where it was, and the next try has the next number', async () => {
    const sent = await shipping(harness, await ready('SO-REFUSED'))
    await harness.publish(ledgerAnswer(sent, 1, 'not enough at A1-03'))
    const back = await becomes(harness, sent.id, 'in_progress')
    expect(back.problem).toBe('The ledger refused: not enough at A1-03')
    const again = await act(harness.user, 'POST', back, 'validate')
    await harness.publish(ledgerAnswer(again.body, 1), ledgerAnswer(again.body, 2))
    expect(await becomes(harness, sent.id, 'done')).toMatchObject({ problem: null })
  })

  test('D4 a refused need is not taken for a refused posting of the same number, nor the other way round', async () => {
    const sent = await shipping(harness, await ready('SO-NEITHER'))
    await harness.publish(needRefusal(sent, 'of the need'), ledgerAnswer(sent))
    expect(words(await becomes(harness, sent.id, 'done'))).not.toContain('refused')
    const other = await shipping(harness, await ready('SO-NOR'))
    // In one batch: what each means depends on what the one before it did.
    await harness.publish(
      ledgerAnswer(other, 1, 'no'),
      ledgerAnswer(other, 1, 'a late duplicate'),
      needRefusal(other, 'too precise'),
    )
    const waits = await becomes(harness, other.id, 'waiting')
    expect(waits.problem).toBe('Stock refused to reserve: too precise')
    expect(words(waits).filter((word) => word === 'refused')).toHaveLength(2)
  })

  test('D4 a reservation lost while the ledger was asked: after a refusal it waits for stock', async () => {
    const sent = await shipping(harness, await ready('SO-GONE'), { 1: '10' }, backorder)
    await harness.publish(released(sent, 'gone'))
    await until('it is heard of', async () => (await show(harness, sent.id)).version > sent.version)
    await harness.publish(ledgerAnswer(sent, 1, 'not enough at A1-03'))
    expect(await becomes(harness, sent.id, 'waiting')).toMatchObject({
      problem: 'The ledger refused: not enough at A1-03',
      lines: [{ picks: [{ quantity: '0', picked: '10' }] }, { picks: [] }],
    })
  })

  test('D4 when it happened is said by a supervisor, and never in the future', async () => {
    const picked = await take(harness, await ready('SO-WHEN'), { 1: '10', 2: '5' })
    const ship = async (who: typeof harness.user, effectiveAt: string) =>
      (await act(who, 'POST', picked, 'validate', { effectiveAt })).status
    expect(await ship(harness.user, '2026-01-01T00:00:00Z')).toBe(403)
    expect(await ship(harness.supervisor, '2199-01-01T00:00:00Z')).toBe(422)
    expect(await ship(harness.supervisor, '2026-01-01T00:00:00Z')).toBe(200)
  })
})

describe('D5 What was not shipped', () => {
  test('D5 an order that goes whole: 409 until somebody says what becomes of the rest', async () => {
    const picked = await take(harness, await ready('SO-WHOLE'), { 1: '10', 2: '4.5' })
    expect(await act(harness.user, 'POST', picked, 'validate')).toMatchObject({
      status: 409,
      body: { detail: expect.stringMatching(/goes whole or not at all: 0\.5 kg of RM-A is not picked\./) },
    })
    expect((await act(harness.user, 'POST', picked, 'validate', backorder)).body.status).toBe('posting')
  })

  test('D5 an order that may go in part: it goes', async () => {
    await told(harness, salesOrder('confirmed', 'SO-SOME', [lineX], { allowPartial: true }))
    const [some] = await deliveriesOf(harness, 'SO-SOME')
    await harness.publish(reserved(some!, 1, () => [place(a103, '6')]))
    const picked = await take(harness, await becomes(harness, some!.id, 'ready'), { 1: '6' })
    expect((await act(harness.user, 'POST', picked, 'validate')).body.status).toBe('posting')
  })

  test('D5 becomes a backorder in the base unit, which asks stock anew; it follows its order and ends with it', async () => {
    const sent = await shipping(harness, await ready('SO-BACK'), { 1: '6', 2: '5' }, backorder)
    await harness.publish(ledgerAnswer(sent))
    const [first, rest] = await deliveriesOf(harness, 'SO-BACK', 2)
    expect(first).toMatchObject({ status: 'done', lines: [{ quantity: '10' }, { quantity: '5' }] })
    expect(rest).toMatchObject({ status: 'waiting', backorderOf: sent.id, lines: [{ line: 1, quantity: '4' }] })
    expect(await outbox(harness, rest!.id)).toMatchObject([
      { type: 'delivery-confirmed', data: { revision: 1, lines: [{ line: 1, sku: 'PX', quantity: '4' }] } },
    ])
    await told(harness, salesOrder('amended', 'SO-BACK', [{ ...lineX, quantity: '9' }], { revision: 2 }))
    await until('it follows', async () => (await show(harness, rest!.id)).lines[0]?.quantity === '3')
    await told(harness, salesCancelled('SO-BACK', 3))
    await becomes(harness, rest!.id, 'cancelled')
    // What is gone cannot be taken back: the line that was removed, and then what was cancelled.
    const late = (await outbox(harness, sent.id)).filter(({ type }) => type === 'order-change-too-late')
    expect(late).toMatchObject([
      { data: { revision: 2, lines: [{ line: 2, sku: 'RM-A', unit: 'kg', wanted: '0', done: '5' }] } },
      { data: { revision: 3, lines: [{ line: 1, sku: 'PX', unit: 'unit', wanted: '0', done: '6' }] } },
    ])
  })

  test('D5 is closed when the operator says so', async () => {
    const sent = await shipping(harness, await ready('SO-CLOSE'), { 1: '6' }, { remainder: 'close' })
    await harness.publish(ledgerAnswer(sent))
    await becomes(harness, sent.id, 'done')
    expect(await deliveriesOf(harness, 'SO-CLOSE')).toHaveLength(1)
  })

  test('D5 fifty answers at once: every remainder has its backorder, numbers stay gapless', async () => {
    const orders = Array.from({ length: 50 }, (_, n) => `SO-MANY-${n}`)
    const sent = await Promise.all(
      orders.map(async (each) => shipping(harness, await ready(each), { 1: '6' }, backorder)),
    )
    await harness.publish(...sent.map((each) => ledgerAnswer(each)))
    await Promise.all(orders.map((each) => deliveriesOf(harness, each, 2)))
  }, 30_000)
})

describe('D5 An order that changes while the ledger is asked', () => {
  const amend = (orderNumber: string, quantity: string) =>
    told(harness, salesOrder('amended', orderNumber, [{ ...lineX, quantity }], { revision: 2 }))

  test('D5 posted: the change came too late, and is told', async () => {
    const sent = await shipping(harness, await ready('SO-LATE'))
    await amend('SO-LATE', '7')
    await harness.publish(ledgerAnswer(sent))
    const done = await becomes(harness, sent.id, 'done')
    expect(words(done).slice(-3)).toEqual(['order-change-waits', 'posted', 'order-change-too-late'])
    expect((await outbox(harness, sent.id)).at(-1)).toMatchObject({
      type: 'order-change-too-late',
      data: { kind: 'delivery', change: 'amended', revision: 2 },
    })
  })

  test('D5 posted in part: the backorder is for what the changed order wants', async () => {
    const sent = await shipping(harness, await ready('SO-PART'), { 1: '6', 2: '5' }, backorder)
    await amend('SO-PART', '20')
    await harness.publish(ledgerAnswer(sent))
    const [, rest] = await deliveriesOf(harness, 'SO-PART', 2)
    expect(rest).toMatchObject({ status: 'waiting', lines: [{ quantity: '14' }] })
  })

  test('D5 refused: it follows the change', async () => {
    const sent = await shipping(harness, await ready('SO-THEN'))
    await amend('SO-THEN', '12')
    await harness.publish(ledgerAnswer(sent, 1, 'no'))
    const back = await becomes(harness, sent.id, 'in_progress')
    expect(back).toMatchObject({ lines: [{ quantity: '12', picks: [{ picked: '10' }] }, { quantity: '0' }] })
    await harness.publish(reserved({ ...back, lines: back.lines.slice(0, 1) }, 2))
    await until('stock answers', async () => (await show(harness, sent.id)).lines[0]?.picks[0]?.quantity === '12')
  })

  test('D5 refused and cancelled meanwhile: cancelled, and what is picked is reserved until it is put back', async () => {
    const sent = await shipping(harness, await ready('SO-NOT'))
    await told(harness, salesCancelled('SO-NOT', 2))
    await harness.publish(ledgerAnswer(sent, 1, 'no'))
    const cancelled = await becomes(harness, sent.id, 'cancelled')
    expect((await types(sent.id)).at(-1)).toBe('delivery-amended')
    await act(harness.user, 'POST', cancelled, 'put-back')
    expect((await types(sent.id)).at(-1)).toBe('delivery-cancelled')
  })

  test('D5 done: the change came too late', async () => {
    const sent = await shipping(harness, await ready('SO-DONE'))
    await harness.publish(ledgerAnswer(sent))
    await becomes(harness, sent.id, 'done')
    await told(harness, salesCancelled('SO-DONE', 2))
    await until('it is told', async () => (await types(sent.id)).includes('order-change-too-late'))
    await told(harness, salesOrder('amended', 'SO-DONE', [lineX], { revision: 1 }))
    expect(await show(harness, sent.id)).toMatchObject({ status: 'done' })
  })
})

test('after all of this the invariants hold', async () => {
  for (const { name, statement } of invariants) expect([name, await harness.service.db.query(statement)]).toEqual([name, []]) // prettier-ignore
})
