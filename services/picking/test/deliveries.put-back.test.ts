/** Deliveries that are amended or cancelled after they were picked: what is picked stays reserved, what is too much is put back. */
import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { invariants } from '../src/invariants.ts'
import {
  a103,
  act,
  becomes,
  deliveriesOf,
  lineA,
  lineX,
  outbox,
  readied,
  reserved,
  place,
  salesCancelled,
  salesOrder,
  show,
  take,
  told,
  type ShownDelivery,
} from './deliveries-steps.ts'
import { openHarness, productTold, type Harness } from './harness.ts'

let harness: Harness
beforeAll(async () => {
  harness = await openHarness()
}, 60_000)
afterAll(() => harness.stop())

type ShownPick = ShownDelivery['lines'][number]['picks'][number] & { readonly putBack: string }
const picksOf = (delivery: ShownDelivery) =>
  delivery.lines.flatMap(({ line, sku, picks }) =>
    (picks as readonly ShownPick[]).map(({ picked, putBack }) => `${line} ${sku} picked ${picked} back ${putBack}`),
  )

async function task(number: string): Promise<string | undefined> {
  const { body } = await harness.user.get<{ items: { number: string; task: string }[] }>('/v1/queue?limit=200')
  return body.items.find((item) => item.number === number)?.task
}

const demandEvents = async (id: string) =>
  (await outbox(harness, id))
    .filter(({ type }) => type !== 'order-change-too-late')
    .map(({ type, data }) => ({ type, revision: data['revision'], lines: data['lines'] }))

const amend = (orderNumber: string, ...lines: object[]) =>
  told(harness, salesOrder('amended', orderNumber, lines, { revision: 2 }))

/** Ten PX and 5 kg of RM-A, reserved, and so much of it picked. */
async function picked(orderNumber: string, amounts: Readonly<Record<number, string>>): Promise<ShownDelivery> {
  return take(harness, await readied(harness, orderNumber), amounts)
}

describe('D5 Amended while it is picked', () => {
  test('D5 lowered: what is too much is a task, stays reserved until it is back, and is then free', async () => {
    const before = await picked('SO-LESS', { 1: '10', 2: '5' })
    await amend('SO-LESS', { ...lineX, quantity: '7' }, lineA)
    const after = await show(harness, before.id)
    expect(picksOf(after)).toEqual(['1 PX picked 10 back 3', '2 RM-A picked 5 back 0'])
    expect(await task(before.number)).toBe('put-back')
    expect((await demandEvents(before.id)).at(-1)).toMatchObject({
      type: 'delivery-amended',
      revision: 2,
      lines: [
        { line: 1, quantity: '10', wanted: '7', picked: [{ location: a103, quantity: '10' }] },
        { line: 2, quantity: '5', picked: [{ location: a103, quantity: '5' }] },
      ],
    })
    const early = await act(harness.user, 'POST', after, 'validate')
    expect(early).toMatchObject({ status: 409, body: { detail: expect.stringContaining('put it back') } })

    const back = await act(harness.user, 'POST', after, 'put-back')
    expect(back.status).toBe(200)
    expect(picksOf(back.body)).toEqual(['1 PX picked 7 back 0', '2 RM-A picked 5 back 0'])
    expect(back.body.history.at(-1)).toMatchObject({ what: 'put-back', why: `3 of PX at ${a103}` })
    expect((await demandEvents(before.id)).at(-1)).toMatchObject({
      revision: 3,
      lines: [
        { line: 1, quantity: '7', picked: [{ quantity: '7' }] },
        { line: 2, quantity: '5' },
      ],
    })
    expect(await task(before.number)).toBe('pick')
    // A second tap is no error, whatever version it names.
    expect((await act(harness.user, 'POST', after, 'put-back')).status).toBe(200)
    expect(await demandEvents(before.id)).toHaveLength(3)
    expect((await act(harness.user, 'POST', back.body, 'validate')).body.status).toBe('posting')
  })

  test('D5 a line removed: all of it is to be put back, in steps, by places', async () => {
    const before = await picked('SO-LINE', { 1: '10', 2: '5' })
    await amend('SO-LINE', lineA)
    const after = await show(harness, before.id)
    expect(picksOf(after)).toEqual(['1 PX picked 10 back 10', '2 RM-A picked 5 back 0'])
    const some = { picks: [{ line: 1, location: a103, quantity: '4' }] }
    const part = await act(harness.user, 'POST', after, 'put-back', some)
    expect(picksOf(part.body)).toEqual(['1 PX picked 6 back 6', '2 RM-A picked 5 back 0'])
    expect(await task(before.number)).toBe('put-back')
    const rest = await act(harness.user, 'POST', part.body, 'put-back')
    expect(rest.body.lines.map(({ sku }) => sku)).toEqual(['RM-A'])
    expect((await demandEvents(before.id)).at(-1)?.lines).toMatchObject([{ line: 2, quantity: '5' }])
  })

  test('D5 put back as a smaller pick: stock is told as well', async () => {
    const before = await picked('SO-PATCH', { 1: '10' })
    await amend('SO-PATCH', { ...lineX, quantity: '6' })
    const after = await show(harness, before.id)
    await take(harness, after, { 1: '6' })
    expect((await demandEvents(before.id)).at(-1)).toMatchObject({ revision: 3, lines: [{ line: 1, quantity: '6' }] })
    expect(await task(before.number)).toBe('pick')
  })

  test('D5 raised: what is picked is told where it lies, and keeps its place', async () => {
    const before = await picked('SO-MORE', { 1: '10' })
    await amend('SO-MORE', { ...lineX, quantity: '12' }, lineA)
    expect((await demandEvents(before.id)).at(-1)?.lines).toMatchObject([
      { line: 1, quantity: '12', picked: [{ location: a103, quantity: '10' }] },
      { line: 2, quantity: '5' },
    ])
    expect(picksOf(await show(harness, before.id))).toEqual(['1 PX picked 10 back 0'])
    expect(await task(before.number)).toBe('pick')
  })

  test('D5 of several places the last on the way are put back first', async () => {
    const delivery = (await readied(harness, 'SO-PLACES', [lineX])) satisfies ShownDelivery
    await told(
      harness,
      salesOrder('amended', 'SO-PLACES', [{ ...lineX, quantity: '10' }], { revision: 2, priority: 4 }),
    )
    await becomes(harness, delivery.id, 'waiting')
    await harness.publish(reserved(delivery, 2, () => [place('WH/Stock', '4'), place(a103, '6')]))
    const ready = await becomes(harness, delivery.id, 'ready')
    const picks = [
      { line: 1, location: 'WH/Stock', picked: '4' },
      { line: 1, location: a103, picked: '6' },
    ]
    expect((await act(harness.user, 'PATCH', ready, 'picks', { picks })).status).toBe(200)
    await told(harness, salesOrder('amended', 'SO-PLACES', [{ ...lineX, quantity: '3' }], { revision: 3 }))
    const after = await show(harness, delivery.id)
    expect(picksOf(after)).toEqual(['1 PX picked 4 back 1', '1 PX picked 6 back 6'])
  })
})

describe('D5 Cancelled with goods on the cart', () => {
  test.each<[string, (number: string, delivery: ShownDelivery) => Promise<unknown>]>([
    ['by its order', (number) => told(harness, salesCancelled(number, 2))],
    [
      'by a person',
      (_number, delivery) => act(harness.supervisor, 'POST', delivery, 'cancel', { reason: 'not wanted' }),
    ],
  ])('D5 %s: they are to be put back, and stay reserved until they are', async (way, cancel) => {
    const number = `SO-CART-${way.replaceAll(' ', '-')}`
    const before = await picked(number, { 1: '6' })
    await cancel(number, before)
    const after = await becomes(harness, before.id, 'cancelled')
    expect(picksOf(after)).toEqual(['1 PX picked 6 back 6'])
    expect(await task(before.number)).toBe('put-back')
    expect((await demandEvents(before.id)).at(-1)).toMatchObject({
      type: 'delivery-amended',
      lines: [{ line: 1, quantity: '6', wanted: '0', picked: [{ location: a103, quantity: '6' }] }],
    })
    const back = await act(harness.user, 'POST', after, 'put-back')
    expect(back.body).toMatchObject({ status: 'cancelled' })
    expect(picksOf(back.body)).toEqual([])
    expect((await demandEvents(before.id)).at(-1)?.type).toBe('delivery-cancelled')
    expect(await task(before.number)).toBeUndefined()
  })

  test('D5 with nothing picked it ends at once, as ever', async () => {
    const before = await readied(harness, 'SO-EMPTY')
    await told(harness, salesCancelled('SO-EMPTY', 2))
    await becomes(harness, before.id, 'cancelled')
    expect((await demandEvents(before.id)).map(({ type }) => type)).toEqual([
      'delivery-confirmed',
      'delivery-cancelled',
    ])
    expect(await task(before.number)).toBeUndefined()
  })

  test('D5 by the version before, which told stock that all is free: they are tasks from the upgrade on, for a month', async () => {
    const { prisma } = harness.service.db
    const cancelledBefore = async (orderNumber: string, amounts: Readonly<Record<number, string>>, days: number) => {
      const { id, number } = await picked(orderNumber, amounts)
      await prisma.$executeRaw`
        update deliveries set status = 'cancelled', changed_at = now() - ${days} * interval '1 day' where id = ${id}::uuid`
      return { id, number }
    }
    const recent = await cancelledBefore('SO-0.1.0', { 1: '6' }, 29)
    const old = await cancelledBefore('SO-0.1.0-OLD', { 1: '6' }, 31)
    const none = await cancelledBefore('SO-0.1.0-NONE', { 1: '0' }, 1)
    const migration = new URL(
      '../prisma/migrations/20261201030100_put_back_of_cancelled/migration.sql',
      import.meta.url,
    )
    await prisma.$executeRawUnsafe(await readFile(migration, 'utf8'))
    expect(await task(recent.number)).toBe('put-back')
    expect([await task(old.number), await task(none.number)]).toEqual([undefined, undefined])
    const back = await act(harness.user, 'POST', await show(harness, recent.id), 'put-back')
    expect(back).toMatchObject({ status: 200, body: { status: 'cancelled' } })
    expect(picksOf(back.body)).toEqual(['2 RM-A picked 0 back 0'])
    expect(await task(recent.number)).toBeUndefined()
  })

  test('D5 what is wrong is said by field, and nothing is put back', async () => {
    const before = await picked('SO-WRONG', { 1: '10', 2: '5' })
    await amend('SO-WRONG', { ...lineX, quantity: '7' }, lineA)
    const after = await show(harness, before.id)
    const wrong = [
      { line: 1, location: a103, quantity: '4' },
      { line: 2, location: 'WH/Stock', quantity: '1' },
      { line: 9, location: a103, quantity: '1' },
    ]
    const refused = await act(harness.user, 'POST', after, 'put-back', { picks: wrong })
    expect(refused.status).toBe(422)
    expect(refused.body.errors?.map(({ pointer }) => pointer).toSorted()).toEqual([
      '/picks/0/quantity',
      '/picks/1/location',
      '/picks/2/line',
    ])
    expect((await act(harness.user, 'POST', before, 'put-back')).status).toBe(412)
    expect((await act(harness.stranger, 'POST', after, 'put-back')).status).toBe(404)
    const none = await act(harness.user, 'POST', await picked('SO-NONE', { 1: '1' }), 'put-back', { picks: [wrong[0]] })
    expect(none).toMatchObject({ status: 409, body: { type: expect.stringContaining('nothing-to-put-back') } })
  })
})

describe('D5 A draft by an amendment', () => {
  test('D5 frees what it does not want any more at once, and asks for all when all is known', async () => {
    const before = await readied(harness, 'SO-DRAFT')
    await amend('SO-DRAFT', { ...lineX, quantity: '20' }, { line: 3, sku: 'LATER', quantity: '1', unit: 'kg' })
    await becomes(harness, before.id, 'draft')
    // Of what it had; the line of RM-A is free, and no more of PX is reserved for a delivery that cannot go.
    expect((await demandEvents(before.id)).at(-1)).toMatchObject({
      type: 'delivery-amended',
      revision: 2,
      lines: [{ line: 1, quantity: '10' }],
    })
    await harness.publish(productTold('LATER'))
    await becomes(harness, before.id, 'waiting')
    expect((await demandEvents(before.id)).at(-1)).toMatchObject({
      revision: 3,
      lines: [
        { line: 1, quantity: '20' },
        { line: 3, quantity: '1' },
      ],
    })
  })

  test('D5 that wants nothing of what it had frees all: it is cancelled, and another one waits for what is not known', async () => {
    const before = await readied(harness, 'SO-ALL')
    await amend('SO-ALL', { line: 1, sku: 'LATER2', quantity: '1', unit: 'kg' })
    await becomes(harness, before.id, 'cancelled')
    expect((await demandEvents(before.id)).at(-1)).toMatchObject({ type: 'delivery-cancelled' })
    const [, draft] = await deliveriesOf(harness, 'SO-ALL', 2)
    expect(draft).toMatchObject({ status: 'draft', lines: [{ sku: 'LATER2' }] })
    await harness.publish(productTold('LATER2'))
    await becomes(harness, draft!.id, 'waiting')
  })
})

describe('D5 What must always be so', () => {
  test.each(invariants.map((each) => [each.name, each] as const))('%s', async (_name, invariant) => {
    expect(await harness.service.db.query(invariant.statement)).toEqual([])
  })
})
