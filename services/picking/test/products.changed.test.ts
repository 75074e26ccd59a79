/** Products and units change while documents are open. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { until } from '@stockline/test-kit'
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
import { openFloor, productTold, unitTold, type Floor, type Published } from './floor.ts'
import { count, eventually, ordered, read, type ShownReceipt } from './steps.ts'

let floor: Floor
beforeAll(async () => {
  floor = await openFloor()
}, 60_000)
afterAll(() => floor.stop())

const pieces = { unit: 'unit', unitDecimals: 0 }
const boxOf = (numerator: string) => [{ unit: 'box', numerator, denominator: '1' }]

/** Tells of a product, and then that it is another one. */
async function product(sku: string, first: object = pieces): Promise<(change: object) => Promise<void>> {
  const told = productTold(sku, { ...pieces, ...first })
  await floor.publish(told)
  await until(`${sku} is known`, async () => (await floor.service.db.prisma.product.count({ where: { sku } })) === 1)
  return (change) => floor.publish({ ...told, data: { ...(told.data as object), ...change } })
}

const changed = (id: string) =>
  until('the delivery says so', async () => {
    const now = await show(floor, id)
    return now.history.some(({ what }) => what === 'product-changed') ? now : undefined
  })
const receiptChanged = (id: string) =>
  eventually(floor, id, 'says so', ({ history }) => history.some(({ what }) => what === 'product-changed'))
const said = ({ history }: Pick<ShownDelivery | ShownReceipt, 'history'>) =>
  String(history.findLast(({ what }) => what === 'product-changed')?.why)
const needs = async (id: string) =>
  (await outbox(floor, id)).map(({ data }) => (data['lines'] as { quantity: string; unit: string }[])[0])

/** What stock has reserved of the only line, in pieces. */
function inPieces(delivery: ShownDelivery, revision: number, quantity: string): Published {
  const told = reserved(delivery, revision)
  const lines = [{ line: 1, sku: delivery.lines[0]?.sku, quantity, picks: [place(a103, quantity)] }]
  return { ...told, data: { ...(told.data as object), lines } }
}

describe('a delivery, when a product or unit is counted otherwise', () => {
  test('from pieces to kilograms before its first move: nothing is asked of stock in the new unit', async () => {
    const change = await product('CH-KG')
    const { id } = await sold(floor, 'SO-CH-KG', [{ line: 1, sku: 'CH-KG', quantity: '2', unit: 'unit' }])
    await change({ unit: 'kg', unitDecimals: 3 })
    const after = await changed(id)
    expect(after).toMatchObject({
      status: 'draft',
      problem: 'Waits: unit "unit" does not convert to the kg in which CH-KG is kept.',
    })
    expect(said(after)).toContain('CH-KG is kept in kg by now, not in unit.')
    expect(await needs(id)).toMatchObject([{ quantity: '2', unit: 'unit' }])
    await change({ unit: 'unit' })
    await becomes(floor, id, 'waiting')
    expect(await needs(id)).toMatchObject([{ unit: 'unit' }, { quantity: '2', unit: 'unit' }])
  })

  test('a box becomes another one: what is needed is told anew, and what is reserved for it', async () => {
    const change = await product('CH-BOX', { units: boxOf('24') })
    const lines = [{ line: 1, sku: 'CH-BOX', quantity: '2', unit: 'box' }]
    const first = await sold(floor, 'SO-CH-BOX', lines)
    await floor.publish(inPieces(first, 1, '48'))
    await becomes(floor, first.id, 'ready')
    await change({ units: boxOf('12') })
    const after = await changed(first.id)
    expect(said(after)).toContain('one box of CH-BOX is 12 unit by now.')
    expect(await needs(first.id)).toMatchObject([{ quantity: '48' }, { quantity: '24' }])
    await floor.publish(inPieces(after, 2, '24'))
    expect((await becomes(floor, first.id, 'ready')).lines).toMatchObject([{ picks: [{ quantity: '24' }] }])
  })

  test('a unit gets another factor: lines in it are judged anew, others not', async () => {
    await floor.publish(unitTold('ch-g', 0, { unit: 'kg', numerator: '1', denominator: '1000' }))
    await product('CH-G', { unit: 'kg', unitDecimals: 3 })
    await until(
      'ch-g is known',
      async () => (await floor.service.db.prisma.unit.count({ where: { code: 'ch-g' } })) === 1,
    )
    const inGrams = await sold(floor, 'SO-CH-G', [{ line: 1, sku: 'CH-G', quantity: '500', unit: 'ch-g' }])
    const inKilograms = await sold(floor, 'SO-CH-KG-2', [{ line: 1, sku: 'CH-G', quantity: '5', unit: 'kg' }])
    await floor.publish(unitTold('ch-g', 0, { unit: 'kg', numerator: '1', denominator: '500' }))
    expect(said(await changed(inGrams.id))).toContain('one ch-g is 1/500 kg by now.')
    expect(await needs(inGrams.id)).toMatchObject([{ quantity: '0.5' }, { quantity: '1' }])
    expect((await show(floor, inKilograms.id)).version).toBe(inKilograms.version)
  })

  test('its name changes: nothing happens to it; it becomes a service: there is nothing to deliver', async () => {
    const change = await product('CH-NAME')
    const [{ id, version }] = [
      await sold(floor, 'SO-CH-NAME', [{ line: 1, sku: 'CH-NAME', quantity: '2', unit: 'unit' }]),
    ]
    await change({ name: 'New' })
    await change({ name: 'New', type: 'service' })
    const after = await becomes(floor, id, 'cancelled')
    expect([after.version, said(after)]).toEqual([version + 1, expect.stringContaining('CH-NAME is a service by now')])
    expect(await deliveriesOf(floor, 'SO-CH-NAME')).toHaveLength(1)
  })
})

describe('a receipt, when a product or unit is counted otherwise', () => {
  test('from pieces to kilograms: it says so, and waits', async () => {
    const change = await product('RC-KG')
    const { id } = await ordered(floor, 'PO-RC-KG', [{ line: 1, sku: 'RC-KG', quantity: '2', unit: 'unit' }])
    await change({ unit: 'kg', unitDecimals: 3 })
    const after = await receiptChanged(id)
    expect(after.problem).toBe('Waits: unit "unit" does not convert to the kg in which RC-KG is kept.')
    expect(said(after)).toContain('RC-KG is kept in kg by now, not in unit.')
    await change({ unit: 'unit' })
    expect((await eventually(floor, id, 'goes on', ({ problem }) => problem === null)).status).toBe('draft')
  })

  test('a box becomes another one: what was counted in pieces is another part of it', async () => {
    const change = await product('RC-BOX', { units: boxOf('24') })
    const draft = await ordered(floor, 'PO-RC-BOX', [{ line: 1, sku: 'RC-BOX', quantity: '1', unit: 'box' }])
    const counted = await count(floor, draft, [{ line: 1, quantity: '12', unit: 'unit' }])
    expect(counted.lines).toMatchObject([{ received: '0.5' }])
    await change({ units: boxOf('12') })
    expect((await receiptChanged(draft.id)).lines).toMatchObject([{ received: '1' }])
  })

  test('an ordered quantity that its unit cannot hold any more is named', async () => {
    const change = await product('RC-HALF', { unit: 'kg', unitDecimals: 3 })
    const { id } = await ordered(floor, 'PO-RC-HALF', [{ line: 1, sku: 'RC-HALF', quantity: '2.5', unit: 'kg' }])
    await change({ unit: 'unit', unitDecimals: 0, units: [{ unit: 'kg', numerator: '1', denominator: '1' }] })
    expect((await receiptChanged(id)).problem).toContain('would be a fraction of a unit')
  })

  test('it is tracked by lot by now: who validates is told to count again', async () => {
    const change = await product('RC-LOT')
    const draft = await ordered(floor, 'PO-RC-LOT', [{ line: 1, sku: 'RC-LOT', quantity: '2', unit: 'unit' }])
    await count(floor, draft, [{ line: 1, quantity: '2' }])
    await change({ tracking: 'lot' })
    expect(said(await receiptChanged(draft.id))).toContain('RC-LOT is tracked by lot by now.')
    const { version } = await read(floor, draft.id)
    const answer = await floor.user.send('POST', `/v1/receipts/${draft.id}/validate`, { body: {}, version })
    expect(answer).toMatchObject({ status: 422 })
    expect(JSON.stringify(answer.body)).toContain('needs a lot by now: count it again')
  })
})
