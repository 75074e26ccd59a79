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
import { openFloor, type Floor } from './floor.ts'

let floor: Floor
beforeAll(async () => {
  floor = await openFloor()
}, 60_000)
afterAll(() => floor.stop())

const types = async (id: string) => (await outbox(floor, id)).map((each) => each.type)
const words = (delivery: ShownDelivery) => delivery.history.map((step) => step.what)
const needRefusal = (delivery: ShownDelivery, detail: string) => {
  const refusal = ledgerAnswer(delivery, 1, detail)
  return { ...refusal, data: { ...(refusal.data as object), about: 'need' } }
}
/** Part of it goes, the rest follows. */
const backorder = { remainder: 'backorder' }
const ready = (orderNumber: string) => readied(floor, orderNumber)

describe('D4 Validate and ship asks the ledger once, whatever is repeated', () => {
  test('D4 it posts what was picked, and is done once the ledger took it', async () => {
    const sent = await shipping(floor, await ready('SO-D4'))
    expect(sent.status).toBe('posting')
    expect((await outbox(floor, sent.id)).at(-1)).toMatchObject({
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
    await floor.publish(answer, { ...answer })
    expect(words(await becomes(floor, sent.id, 'done'))).toEqual(['created', 'ready', 'picked', 'validated', 'posted'])
    expect(await deliveriesOf(floor, 'SO-D4')).toHaveLength(1)
  })

  test('D4 sixteen taps at once publish one event, and a late tap answers 200 whatever If-Match says', async () => {
    const picked = await take(floor, await ready('SO-TAPS'), { 1: '10', 2: '5' })
    const taps = await Promise.all(Array.from({ length: 16 }, () => act(floor.user, 'POST', picked, 'validate')))
    expect(new Set(taps.map((tap) => tap.status))).toEqual(new Set([200]))
    expect(await types(picked.id)).toEqual(['delivery-confirmed', 'delivery-validated'])
    const bare = await floor.user.send('POST', `/v1/deliveries/${picked.id}/validate`, { body: {} })
    expect(bare).toMatchObject({ status: 200, body: { status: 'posting' } })
  })

  test('D4 Prefer: wait answers once the ledger has', async () => {
    const picked = await take(floor, await ready('SO-WAIT'), { 1: '10', 2: '5' })
    const path = `/v1/deliveries/${picked.id}/validate`
    const waiting = floor.user.send<ShownDelivery>('POST', path, { body: {}, version: picked.version, wait: 10 })
    await floor.publish(ledgerAnswer(await becomes(floor, picked.id, 'posting')))
    expect(await waiting).toMatchObject({ status: 200, body: { status: 'done' } })
  })

  test('D4 a refusal puts it back where it was, and the next try has the next number', async () => {
    const sent = await shipping(floor, await ready('SO-REFUSED'))
    await floor.publish(ledgerAnswer(sent, 1, 'not enough at A1-03'))
    const back = await becomes(floor, sent.id, 'in_progress')
    expect(back.problem).toBe('The ledger refused: not enough at A1-03')
    const again = await act(floor.user, 'POST', back, 'validate')
    await floor.publish(ledgerAnswer(again.body, 1), ledgerAnswer(again.body, 2))
    expect(await becomes(floor, sent.id, 'done')).toMatchObject({ problem: null })
  })

  test('D4 a refused need is not taken for a refused posting of the same number, nor the other way round', async () => {
    const sent = await shipping(floor, await ready('SO-NEITHER'))
    await floor.publish(needRefusal(sent, 'of the need'), ledgerAnswer(sent))
    expect(words(await becomes(floor, sent.id, 'done'))).not.toContain('refused')
    const other = await shipping(floor, await ready('SO-NOR'))
    // In one batch: what each means depends on what the one before it did.
    await floor.publish(
      ledgerAnswer(other, 1, 'no'),
      ledgerAnswer(other, 1, 'a late twin'),
      needRefusal(other, 'too precise'),
    )
    const waits = await becomes(floor, other.id, 'waiting')
    expect(waits.problem).toBe('Stock refused to reserve: too precise')
    expect(words(waits).filter((word) => word === 'refused')).toHaveLength(2)
  })

  test('D4 a reservation lost while the ledger was asked: after a refusal it waits for stock', async () => {
    const sent = await shipping(floor, await ready('SO-GONE'), { 1: '10' }, backorder)
    await floor.publish(released(sent, 'gone'))
    await until('it is heard of', async () => (await show(floor, sent.id)).version > sent.version)
    await floor.publish(ledgerAnswer(sent, 1, 'not enough at A1-03'))
    expect(await becomes(floor, sent.id, 'waiting')).toMatchObject({
      problem: 'The ledger refused: not enough at A1-03',
      lines: [{ picks: [{ quantity: '0', picked: '10' }] }, { picks: [] }],
    })
  })

  test('D4 when it happened is said by a supervisor, and never in the future', async () => {
    const picked = await take(floor, await ready('SO-WHEN'), { 1: '10', 2: '5' })
    const ship = async (who: typeof floor.user, effectiveAt: string) =>
      (await act(who, 'POST', picked, 'validate', { effectiveAt })).status
    expect(await ship(floor.user, '2026-01-01T00:00:00Z')).toBe(403)
    expect(await ship(floor.supervisor, '2199-01-01T00:00:00Z')).toBe(422)
    expect(await ship(floor.supervisor, '2026-01-01T00:00:00Z')).toBe(200)
  })
})

describe('D5 What was not shipped', () => {
  test('D5 an order that goes whole: 409 until somebody says what becomes of the rest', async () => {
    const picked = await take(floor, await ready('SO-WHOLE'), { 1: '10', 2: '4.5' })
    expect(await act(floor.user, 'POST', picked, 'validate')).toMatchObject({
      status: 409,
      body: { detail: expect.stringMatching(/goes whole or not at all: 0\.5 kg of RM-A is not picked\./) },
    })
    expect((await act(floor.user, 'POST', picked, 'validate', backorder)).body.status).toBe('posting')
  })

  test('D5 an order that may go in part: it goes', async () => {
    await told(floor, salesOrder('confirmed', 'SO-SOME', [lineX], { allowPartial: true }))
    const [some] = await deliveriesOf(floor, 'SO-SOME')
    await floor.publish(reserved(some!, 1, () => [place(a103, '6')]))
    const picked = await take(floor, await becomes(floor, some!.id, 'ready'), { 1: '6' })
    expect((await act(floor.user, 'POST', picked, 'validate')).body.status).toBe('posting')
  })

  test('D5 becomes a backorder in the base unit, which asks stock anew; it follows its order and ends with it', async () => {
    const sent = await shipping(floor, await ready('SO-BACK'), { 1: '6', 2: '5' }, backorder)
    await floor.publish(ledgerAnswer(sent))
    const [first, rest] = await deliveriesOf(floor, 'SO-BACK', 2)
    expect(first).toMatchObject({ status: 'done', lines: [{ quantity: '10' }, { quantity: '5' }] })
    expect(rest).toMatchObject({ status: 'waiting', backorderOf: sent.id, lines: [{ line: 1, quantity: '4' }] })
    expect(await outbox(floor, rest!.id)).toMatchObject([
      { type: 'delivery-confirmed', data: { revision: 1, lines: [{ line: 1, sku: 'PX', quantity: '4' }] } },
    ])
    await told(floor, salesOrder('amended', 'SO-BACK', [{ ...lineX, quantity: '9' }], { revision: 2 }))
    await until('it follows', async () => (await show(floor, rest!.id)).lines[0]?.quantity === '3')
    await told(floor, salesCancelled('SO-BACK', 3))
    await becomes(floor, rest!.id, 'cancelled')
    // What is gone cannot be taken back: the line that was removed, and then what was cancelled.
    const late = (await outbox(floor, sent.id)).filter(({ type }) => type === 'order-change-too-late')
    expect(late).toMatchObject([
      { data: { revision: 2, lines: [{ line: 2, sku: 'RM-A', unit: 'kg', wanted: '0', done: '5' }] } },
      { data: { revision: 3, lines: [{ line: 1, sku: 'PX', unit: 'unit', wanted: '0', done: '6' }] } },
    ])
  })

  test('D5 is closed when the operator says so', async () => {
    const sent = await shipping(floor, await ready('SO-CLOSE'), { 1: '6' }, { remainder: 'close' })
    await floor.publish(ledgerAnswer(sent))
    await becomes(floor, sent.id, 'done')
    expect(await deliveriesOf(floor, 'SO-CLOSE')).toHaveLength(1)
  })

  test('D5 fifty answers at once: every remainder has its backorder, numbers stay gapless', async () => {
    const orders = Array.from({ length: 50 }, (_, n) => `SO-MANY-${n}`)
    const sent = await Promise.all(
      orders.map(async (each) => shipping(floor, await ready(each), { 1: '6' }, backorder)),
    )
    await floor.publish(...sent.map((each) => ledgerAnswer(each)))
    await Promise.all(orders.map((each) => deliveriesOf(floor, each, 2)))
  }, 30_000)
})

describe('D5 An order that changes while the ledger is asked', () => {
  const amend = (orderNumber: string, quantity: string) =>
    told(floor, salesOrder('amended', orderNumber, [{ ...lineX, quantity }], { revision: 2 }))

  test('D5 posted: the change came too late, and is told', async () => {
    const sent = await shipping(floor, await ready('SO-LATE'))
    await amend('SO-LATE', '7')
    await floor.publish(ledgerAnswer(sent))
    const done = await becomes(floor, sent.id, 'done')
    expect(words(done).slice(-3)).toEqual(['order-change-waits', 'posted', 'order-change-too-late'])
    expect((await outbox(floor, sent.id)).at(-1)).toMatchObject({
      type: 'order-change-too-late',
      data: { kind: 'delivery', change: 'amended', revision: 2 },
    })
  })

  test('D5 posted in part: the backorder is for what the changed order wants', async () => {
    const sent = await shipping(floor, await ready('SO-PART'), { 1: '6', 2: '5' }, backorder)
    await amend('SO-PART', '20')
    await floor.publish(ledgerAnswer(sent))
    const [, rest] = await deliveriesOf(floor, 'SO-PART', 2)
    expect(rest).toMatchObject({ status: 'waiting', lines: [{ quantity: '14' }] })
  })

  test('D5 refused: it follows the change', async () => {
    const sent = await shipping(floor, await ready('SO-THEN'))
    await amend('SO-THEN', '12')
    await floor.publish(ledgerAnswer(sent, 1, 'no'))
    const back = await becomes(floor, sent.id, 'in_progress')
    expect(back).toMatchObject({ lines: [{ quantity: '12', picks: [{ picked: '10' }] }, { quantity: '0' }] })
    await floor.publish(reserved({ ...back, lines: back.lines.slice(0, 1) }, 2))
    await until('stock answers', async () => (await show(floor, sent.id)).lines[0]?.picks[0]?.quantity === '12')
  })

  test('D5 refused and cancelled meanwhile: cancelled, and what is picked is reserved until it is put back', async () => {
    const sent = await shipping(floor, await ready('SO-NOT'))
    await told(floor, salesCancelled('SO-NOT', 2))
    await floor.publish(ledgerAnswer(sent, 1, 'no'))
    const cancelled = await becomes(floor, sent.id, 'cancelled')
    expect((await types(sent.id)).at(-1)).toBe('delivery-amended')
    await act(floor.user, 'POST', cancelled, 'put-back')
    expect((await types(sent.id)).at(-1)).toBe('delivery-cancelled')
  })

  test('D5 done: the change came too late', async () => {
    const sent = await shipping(floor, await ready('SO-DONE'))
    await floor.publish(ledgerAnswer(sent))
    await becomes(floor, sent.id, 'done')
    await told(floor, salesCancelled('SO-DONE', 2))
    await until('it is told', async () => (await types(sent.id)).includes('order-change-too-late'))
    await told(floor, salesOrder('amended', 'SO-DONE', [lineX], { revision: 1 }))
    expect(await show(floor, sent.id)).toMatchObject({ status: 'done' })
  })
})

test('after all of this the invariants hold', async () => {
  for (const { name, statement } of invariants) expect([name, await floor.service.db.query(statement)]).toEqual([name, []]) // prettier-ignore
})
