/** A first answer is given again only to who may still see it. */
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { until, type Client } from '@stockline/test-kit'
import { assigned, ids, openHarness, type Harness } from './harness.ts'

let harness: Harness
beforeAll(async () => {
  harness = await openHarness()
}, 60_000)
afterAll(() => harness.stop())

interface Shown {
  readonly id: string
  readonly version: number
  readonly status: string
}
type Request = (who: Client) => ReturnType<Client['send']>

/** One request with one key, to be sent again by the same person. */
function request(method: string, path: string, body: object, version?: number): Request {
  const key = randomUUID()
  return (who) => who.send<Shown>(method, path, { key, body, wait: 1, ...(version === undefined ? {} : { version }) })
}

const line = { sku: 'RM-A', quantity: '5' }
const receiptByHand = (more: object = {}) =>
  request('POST', '/v1/receipts', { warehouse: 'WH', lines: [{ ...line, ...more }] })
const deliveryByHand = () =>
  request('POST', '/v1/deliveries', { warehouse: 'WH', lines: [{ sku: 'RM-A', quantity: '5' }] })

async function made(who: Client, how: Request): Promise<Shown> {
  const reply = await how(who)
  expect([reply.status, reply.body]).toEqual([201, expect.anything()])
  return reply.body as Shown
}

/** Gives the user these locations, and waits until picking knows. */
async function assign(locations: readonly string[]): Promise<void> {
  await harness.publish(assigned(ids.user, locations))
  await until('the assignment is known', async () => {
    const row = await harness.service.db.prisma.assignment.findUnique({ where: { userId: ids.user } })
    return row?.locations.join() === locations.join()
  })
}

test('a document made by hand is not shown again where it is outside by now, and is shown where it is inside again', async () => {
  // A delivery is its warehouse's until stock is reserved for it.
  await assign(['WH'])
  const [receipt, delivery] = [receiptByHand(), deliveryByHand()]
  const first = await made(harness.user, receipt)
  await made(harness.user, delivery)
  expect(await receipt(harness.user)).toMatchObject({ status: 201, body: { id: first.id } })
  await assign([])
  for (const repeat of [receipt, delivery])
    expect(await repeat(harness.user)).toMatchObject({
      status: 404,
      body: { type: expect.not.stringMatching(/idempotency/) },
    })
  await assign(['WH/Stock'])
  expect(await receipt(harness.user)).toMatchObject({ status: 201, body: { id: first.id } })
})

test('what was entered is not shown again either', async () => {
  const { id, version } = await made(harness.user, receiptByHand())
  const entered = request('PATCH', `/v1/receipts/${id}/lines`, { entries: [{ line: 1, quantity: '5' }] }, version)
  expect((await entered(harness.user)).status).toBe(200)
  expect((await entered(harness.user)).status).toBe(200)
  await assign([])
  expect((await entered(harness.user)).status).toBe(404)
  await assign(['WH/Stock'])
})

test('prices and costs are left out of it for who may not see them any more', async () => {
  const making = receiptByHand({ unitPrice: '2.50' })
  const { id, version } = await made(harness.supervisor, making)
  const entering = request('PATCH', `/v1/receipts/${id}/lines`, { entries: [{ line: 1, quantity: '4' }] }, version)
  const entered = (await entering(harness.supervisor)).body as Shown
  const validating = request('POST', `/v1/receipts/${id}/validate`, {}, entered.version)
  const validated = await validating(harness.supervisor)
  expect(validated.status).toBeLessThan(300)
  for (const again of [making, entering, validating]) {
    expect(JSON.stringify((await again(harness.supervisor)).body)).toMatch(/"unitPrice":"2\.50/)
    const seen = await again(harness.demoted)
    expect(seen).toMatchObject({ body: { id } })
    expect(JSON.stringify(seen.body)).not.toMatch(/unitPrice|unitCost|currency/)
  }
})

test('who has lost the right itself is told so', async () => {
  const { id, version } = await made(harness.supervisor, receiptByHand())
  const body = { entries: [{ line: 1, quantity: '1' }] }
  const counted = (await request('PATCH', `/v1/receipts/${id}/lines`, body, version)(harness.user)).body as Shown
  const sent = await request('POST', `/v1/receipts/${id}/validate`, {}, counted.version)(harness.user)
  const back = request(
    'POST',
    `/v1/receipts/${id}/return-to-operator`,
    { reason: 'count again' },
    (sent.body as Shown).version,
  )
  expect((await back(harness.supervisor)).status).toBe(200)
  expect((await back(harness.supervisor)).status).toBe(200)
  expect((await back(harness.demoted)).status).toBe(403)
})
