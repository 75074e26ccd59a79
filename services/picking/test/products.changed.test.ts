/** Products and units change while documents are open. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { until } from '@stockline/test-kit'
import type { Published } from '@stockline/test-kit/service'
import {
  a103,
  becomes,
  deliveriesOf,
  outbox,
  place,
  reserved,
  show,
  sold,
  type ShownDelivery,
} from './deliveries-steps.ts'
import { openHarness, productTold, unitTold, type Harness } from './harness.ts'
import { count, eventually, ordered, read, type ShownReceipt } from './steps.ts'

let harness: Harness
beforeAll(async () => {
  harness = await openHarness()
}, 60_000)
afterAll(() => harness.stop())

const pieces = { unit: 'unit', unitDecimals: 0 }
const boxOf = (numerator: string) => [{ unit: 'box', numerator, denominator: '1' }]

/** Tells of a product, and then that it is another one. */
async function product(sku: string, first: object = pieces): Promise<(change: object) => Promise<void>> {
  const told = productTold(sku, { ...pieces, ...first })
  await harness.publish(told)
  await until(`${sku} is known`, async () => (await harness.service.db.prisma.product.count({ where: { sku } })) === 1)
  return (change) => harness.publish({ ...told, data: { ...(told.data as object), ...change } })
}

const changed = (id: string) =>
  until('the delivery says so', async () => {
    const now = await show(harness, id)
    return now.history.some(({ what }) => what === 'product-changed') ? now : undefined
  })
const receiptChanged = (id: string) =>
  eventually(harness, id, 'says so', ({ history }) => history.some(({ what }) => what === 'product-changed'))
const said = ({ history }: Pick<ShownDelivery | ShownReceipt, 'history'>) =>
  String(history.findLast(({ what }) => what === 'product-changed')?.why)
const needs = async (id: string) =>
  (await outbox(harness, id)).map(({ data }) => (data['lines'] as { quantity: string; unit: string }[])[0])

/** What stock has reserved of the only line, in pieces. */
function inPieces(delivery: ShownDelivery, revision: number, quantity: string): Published {
  const told = reserved(delivery, revision)
  const lines = [{ line: 1, sku: delivery.lines[0]?.sku, quantity, picks: [place(a103, quantity)] }]
  return { ...told, data: { ...(told.data as object), lines } }
}

describe('a delivery, when a product or unit is counted otherwise', () => {
  test('from pieces to kilograms before its first move: nothing is asked of stock in the new unit', async () => {
    const change = await product('CH-KG')
    const { id } = await sold(harness, 'SO-CH-KG', [{ line: 1, sku: 'CH-KG', quantity: '2', unit: 'unit' }])
    await change({ unit: 'kg', unitDecimals: 3 })
    const after = await changed(id)
    expect(after).toMatchObject({
      status: 'draft',
      problem: 'Waits: unit "unit" does not convert to the kg in which CH-KG is kept.',
    })
    expect(said(after)).toContain('CH-KG is kept in kg by now, not in unit.')
    expect(await needs(id)).toMatchObject([{ quantity: '2', unit: 'unit' }])
    await change({ unit: 'unit' })
    await becomes(harness, id, 'waiting')
    expect(await needs(id)).toMatchObject([{ unit: 'unit' }, { quantity: '2', unit: 'unit' }])
  })

  test('a box becomes another one: what is needed is told anew, and what is reserved for it', async () => {
    const change = await product('CH-BOX', { units: boxOf('24') })
    const lines = [{ line: 1, sku: 'CH-BOX', quantity: '2', unit: 'box' }]
    const first = await sold(harness, 'SO-CH-BOX', lines)
    await harness.publish(inPieces(first, 1, '48'))
    await becomes(harness, first.id, 'ready')
    await change({ units: boxOf('12') })
    const after = await changed(first.id)
    expect(said(after)).toContain('one box of CH-BOX is 12 unit by now.')
    expect(await needs(first.id)).toMatchObject([{ quantity: '48' }, { quantity: '24' }])
    await harness.publish(inPieces(after, 2, '24'))
    expect((await becomes(harness, first.id, 'ready')).lines).toMatchObject([{ picks: [{ quantity: '24' }] }])
  })

  test('a unit gets another factor: lines in it are judged anew, others not', async () => {
    await harness.publish(unitTold('ch-g', 0, { unit: 'kg', numerator: '1', denominator: '1000' }))
    await product('CH-G', { unit: 'kg', unitDecimals: 3 })
    await until(
      'ch-g is known',
      async () => (await harness.service.db.prisma.unit.count({ where: { code: 'ch-g' } })) === 1,
    )
    const inGrams = await sold(harness, 'SO-CH-G', [{ line: 1, sku: 'CH-G', quantity: '500', unit: 'ch-g' }])
    const inKilograms = await sold(harness, 'SO-CH-KG-2', [{ line: 1, sku: 'CH-G', quantity: '5', unit: 'kg' }])
    await harness.publish(unitTold('ch-g', 0, { unit: 'kg', numerator: '1', denominator: '500' }))
    expect(said(await changed(inGrams.id))).toContain('one ch-g is 1/500 kg by now.')
    expect(await needs(inGrams.id)).toMatchObject([{ quantity: '0.5' }, { quantity: '1' }])
    expect((await show(harness, inKilograms.id)).version).toBe(inKilograms.version)
  })

  test('its name changes: nothing happens to it; it becomes a service: there is nothing to deliver', async () => {
    const change = await product('CH-NAME')
    const [{ id, version }] = [
      await sold(harness, 'SO-CH-NAME', [{ line: 1, sku: 'CH-NAME', quantity: '2', unit: 'unit' }]),
    ]
    await change({ name: 'New' })
    await change({ name: 'New', type: 'service' })
    const after = await becomes(harness, id, 'cancelled')
    expect([after.version, said(after)]).toEqual([version + 1, expect.stringContaining('CH-NAME is a service by now')])
    expect(await deliveriesOf(harness, 'SO-CH-NAME')).toHaveLength(1)
  })
})

describe('a receipt, when a product or unit is counted otherwise', () => {
  test('from pieces to kilograms: it says so, and waits', async () => {
    const change = await product('RC-KG')
    const { id } = await ordered(harness, 'PO-RC-KG', [{ line: 1, sku: 'RC-KG', quantity: '2', unit: 'unit' }])
    await change({ unit: 'kg', unitDecimals: 3 })
    const after = await receiptChanged(id)
    expect(after.problem).toBe('Waits: unit "unit" does not convert to the kg in which RC-KG is kept.')
    expect(said(after)).toContain('RC-KG is kept in kg by now, not in unit.')
    await change({ unit: 'unit' })
    expect((await eventually(harness, id, 'goes on', ({ problem }) => problem === null)).status).toBe('draft')
  })

  test('a box becomes another one: what was counted in pieces is another part of it', async () => {
    const change = await product('RC-BOX', { units: boxOf('24') })
    const draft = await ordered(harness, 'PO-RC-BOX', [{ line: 1, sku: 'RC-BOX', quantity: '1', unit: 'box' }])
    const counted = await count(harness, draft, [{ line: 1, quantity: '12', unit: 'unit' }])
    expect(counted.lines).toMatchObject([{ received: '0.5' }])
    await change({ units: boxOf('12') })
    expect((await receiptChanged(draft.id)).lines).toMatchObject([{ received: '1' }])
  })

  test('an ordered quantity that its unit cannot hold any more is named', async () => {
    const change = await product('RC-HALF', { unit: 'kg', unitDecimals: 3 })
    const { id } = await ordered(harness, 'PO-RC-HALF', [{ line: 1, sku: 'RC-HALF', quantity: '2.5', unit: 'kg' }])
    await change({ unit: 'unit', unitDecimals: 0, units: [{ unit: 'kg', numerator: '1', denominator: '1' }] })
    expect((await receiptChanged(id)).problem).toContain('would be a fraction of a unit')
  })

  test('it is tracked by lot by now: who validates is told to count again', async () => {
    const change = await product('RC-LOT')
    const draft = await ordered(harness, 'PO-RC-LOT', [{ line: 1, sku: 'RC-LOT', quantity: '2', unit: 'unit' }])
    await count(harness, draft, [{ line: 1, quantity: '2' }])
    await change({ tracking: 'lot' })
    expect(said(await receiptChanged(draft.id))).toContain('RC-LOT is tracked by lot by now.')
    const { version } = await read(harness, draft.id)
    const answer = await harness.user.send('POST', `/v1/receipts/${draft.id}/validate`, { body: {}, version })
    expect(answer).toMatchObject({ status: 422 })
    expect(JSON.stringify(answer.body)).toContain('needs a lot by now: count it again')
  })
})
