/** The way of a trailer from the order to everybody who asks for it. Runs in the copy in which the recipe was followed. */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { sql } from '@stockline/service-kit'
import { until } from '@stockline/test-kit'
import { deliveriesOf, lineX, salesOrder, told } from '../../services/picking/test/deliveries-steps.ts'
import { openHarness, type Harness } from '../../services/picking/test/harness.ts'

interface WithTrailer {
  readonly id: string
  readonly trailer: string | null
}

const published = sql(
  `select value::text from kit.outbox where subject = $1 and type = $2 order by position desc limit 1`,
)

let harness: Harness
beforeAll(async () => {
  harness = await openHarness()
})
afterAll(() => harness.stop())

const shown = async (id: string) => (await harness.manager.get<WithTrailer>(`/v1/deliveries/${id}`)).body.trailer
const listed = async (trailer: string) => {
  const { items } = (await harness.manager.get<{ items: WithTrailer[] }>(`/v1/deliveries?trailer=${trailer}`)).body
  return items.map((one) => [one.id, one.trailer])
}
const demanded = async (id: string, type: string) => {
  const [row] = await harness.service.db.query<{ value: string }>(published, [id, type])
  return row && (JSON.parse(row.value) as { data: Partial<WithTrailer> }).data.trailer
}
const idOf = async (orderNumber: string) => (await deliveriesOf(harness, orderNumber))[0]?.id ?? ''

test('it is on the delivery, in the answer, in the list and in the demand', async () => {
  const data = { orderNumber: 'SO-1', warehouse: 'WH', customer: { code: 'BIG', name: 'Big Buyer' }, trailer: 'T-42' }
  await harness.publish({
    type: 'sales.order-confirmed.v1',
    topic: 'sales.orders',
    subject: 'SO-1',
    source: '/erp/sales',
    data: { ...data, lines: [lineX] },
  })
  await told(harness, salesOrder('confirmed', 'SO-2', [lineX]))
  const [id, without] = [await idOf('SO-1'), await idOf('SO-2')]
  expect([await shown(id), await shown(without)]).toEqual(['T-42', null])
  expect(await listed('T-42')).toEqual([[id, 'T-42']])
  expect(await demanded(id, 'picking.delivery-confirmed.v1')).toBe('T-42')
  expect(await demanded(without, 'picking.delivery-confirmed.v1')).toBeUndefined()
})

test('and follows the order when that is amended', async () => {
  const id = await idOf('SO-1')
  await told(harness, salesOrder('amended', 'SO-1', [lineX], { revision: 2, trailer: 'T-43' }))
  await until('the delivery has followed', async () => (await shown(id)) === 'T-43')
  expect([await listed('T-42'), await listed('T-43')]).toEqual([[], [[id, 'T-43']]])
  expect(await demanded(id, 'picking.delivery-amended.v1')).toBe('T-43')
})

test('a trailer that cannot be is refused by its name', async () => {
  const answer = await harness.erp.send<{ errors: { pointer: string }[] }>('POST', '/v1/events', {
    body: salesOrder('confirmed', 'SO-3', [lineX], { trailer: 42 }),
    headers: { 'content-type': 'application/cloudevents+json' },
  })
  expect([answer.status, answer.body.errors.map(({ pointer }) => pointer)]).toEqual([422, ['/data/trailer']])
})
