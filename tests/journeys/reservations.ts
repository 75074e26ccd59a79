/** Rows X2 and D5: who holds what is reserved, how it becomes free, and what is incoming by which document. */
import { expect, test } from '@jest/globals'
import { clientFor, until, type Client } from '@stockline/test-kit'
import { must, sendOrder } from '@stockline/test-kit/load/documents'
import type { System } from '@stockline/test-kit/load/system'
import type { Fixture } from './fixture.ts'
import {
  type Delivery,
  deliveryOf,
  fresh,
  onHand,
  product,
  purchase,
  receiptOf,
  sale,
  shelve,
  step,
  count,
} from './people.ts'

interface Reservations {
  readonly items: readonly {
    readonly documentId: string
    readonly document: string
    readonly sourceSystem: string | null
    readonly orderNumber: string | null
    readonly quantity: string
    readonly location: string
    readonly since: string | null
  }[]
}

interface Incoming {
  readonly document: string
  readonly quantity: string
}

interface Held extends Delivery {
  readonly held: string | null
  readonly history: readonly { readonly what: string }[]
}

const ready = (delivery: Delivery) => delivery.status === 'ready'
/** Stock has heard of the demand, and has nothing for it. */
const short = (delivery: Delivery) => delivery.status === 'waiting' && delivery.problem !== null
const isHeld = (delivery: Delivery): delivery is Held => typeof (delivery as Held).held === 'string'

async function reservedOf(system: System, sku: string): Promise<number> {
  return (await onHand(system, sku)).reduce((sum, { reserved }) => sum + Number(reserved), 0)
}

/** Registers the journeys of reservations. */
export function reservationJourneys({ system }: Fixture): void {
  test('X2: who holds this unit: its delivery, source system, order and age, for people and for the system itself', async () => {
    const sku = await product(system())
    await shelve(system(), [{ sku, quantity: '5' }])
    const delivery = await sale(system(), [{ sku, quantity: '3' }], {}, ready)
    const listed = async (client: Client, query: string) =>
      must(await client.get<Reservations>(`/stock/v1/reservations?${query}`), 200).items
    const expected = [
      expect.objectContaining({
        ...{ documentId: delivery.id, document: delivery.number, sourceSystem: '/erp', orderNumber: delivery.source },
        ...{ quantity: '3', location: 'WH/Stock/A1-03', since: expect.stringMatching(/Z$/) },
      }),
    ]
    expect(await listed(await system().login('user'), `sku=${sku}`)).toEqual(expected)
    const [own, other] = [await clientOf(system(), ['/erp']), await clientOf(system(), ['/elsewhere'])]
    expect(await listed(own, `orderNumber=${delivery.source ?? ''}`)).toEqual(expected)
    expect(await listed(other, `orderNumber=${delivery.source ?? ''}`)).toEqual([])
    expect((await other.get('/stock/v1/reservations?sourceSystem=/erp')).status).toBe(403)
  })

  test('X2: what is incoming names its document', async () => {
    const sku = await product(system(), { unit: 'kg' })
    const user = await system().login('user')
    const incoming = (what: string, ...expected: readonly string[]) =>
      until(what, async () => {
        const { items } = must(await user.get<{ items: Incoming[] }>(`/stock/v1/incoming?sku=${sku}&location=WH`), 200)
        const texts = items.map(({ document, quantity }) => `${document} ${quantity}`)
        return JSON.stringify(texts) === JSON.stringify(expected) ? items : undefined
      })
    const receipt = await purchase(system(), [{ sku, quantity: '100', unit: 'kg', unitPrice: '2.50' }])
    const [item] = await incoming('it is expected', `${receipt.number} 100`)
    expect(item).toEqual({
      ...{ sku, location: 'WH/Stock', quantity: '100', unit: 'kg', document: receipt.number, kind: 'receipt' },
      ...{ sourceSystem: '/erp', orderNumber: receipt.source, expectedOn: '2026-04-23' },
      since: expect.stringMatching(/Z$/),
    })
    const counted = must(await count(user, receipt, [{ line: 1, quantity: '60', unit: 'kg' }]), 200)
    const review = must(await step(user, 'receipts', counted, 'validate'), 200)
    const supervisor = await system().login('supervisor')
    must(await step(supervisor, 'receipts', review, 'approve', { remainder: 'backorder' }), 200)
    const rest = await receiptOf(system(), receipt.source ?? '', ({ id }) => id !== receipt.id)
    await incoming('what did not come still is', `${rest.number} 40`)
    const transfer = must(
      await (
        await system().login('manager')
      ).send<Delivery>('POST', '/picking/v1/transfers', {
        body: { source: 'WH/Stock', destination: 'WH/Stock/B2-01', lines: [{ sku, quantity: '15', unit: 'kg' }] },
      }),
      201,
    )
    const sent = must(
      await supervisor.send<Delivery>('POST', `/picking/v1/transfers/${transfer.id}/confirm`, {
        ...{ version: transfer.version, body: {}, wait: 10 },
      }),
      200,
    )
    const both = await incoming('the transfer is too', `${rest.number} 40`, `${sent.number} 15`)
    expect(both).toMatchObject([
      { kind: 'receipt' },
      { kind: 'transfer', location: 'WH/Stock/B2-01', sourceSystem: null },
    ])
    must(await step(supervisor, 'receipts', rest, 'cancel', { reason: 'The vendor has no more' }), 200)
    await incoming('nothing is, once it is cancelled', `${sent.number} 15`)
  })

  test('X2 D5: a supervisor releases what is stuck; it is held until a person asks again, and what is picked stays', async () => {
    const sku = await product(system())
    await shelve(system(), [{ sku, quantity: '5' }])
    const stuck = await sale(system(), [{ sku, quantity: '5' }], {}, ready)
    const waiter = await sale(system(), [{ sku, quantity: '3' }], {}, short)
    const supervisor = await system().login('supervisor')
    const reason = 'The customer has not paid'
    const release = (id: string) =>
      supervisor.send('POST', `/stock/v1/reservations/${id}/release`, { body: { reason } })
    expect(
      (
        await (
          await system().login('user')
        ).send('POST', `/stock/v1/reservations/${stuck.id}/release`, { body: { reason } })
      ).status,
    ).toBe(403)
    must(await release(stuck.id), 200)
    await deliveryOf(system(), waiter.source ?? '', ready)
    const held = await deliveryOf(system(), stuck.source ?? '', isHeld)
    expect(held).toMatchObject({ status: 'waiting', held: reason })
    expect(held.problem).toMatch(/^.+ released what was reserved: The customer has not paid$/)
    await shelve(system(), [{ sku, quantity: '3', location: 'WH/Stock/B2-01' }])
    const user = await system().login('user')
    const asked = must(await step<Held>(user, 'deliveries', held, 'reserve'), 200)
    expect(asked.held).toBeNull()
    const again = await deliveryOf(system(), stuck.source ?? '', ready)
    const picks = [{ line: 1, location: 'WH/Stock/A1-03', picked: '2' }]
    must(
      await user.send('PATCH', `/picking/v1/deliveries/${again.id}/picks`, { version: again.version, body: { picks } }),
      200,
    )
    must(await release(stuck.id), 200)
    const picked = await deliveryOf(system(), stuck.source ?? '', (one) => isHeld(one) && one.status === 'in_progress')
    expect(picked.lines[0]?.picks).toMatchObject([{ location: 'WH/Stock/A1-03', quantity: '2', picked: '2' }])
    expect(await reservedOf(system(), sku)).toBe(5)
    const done = must(await step(user, 'deliveries', picked, 'validate', { remainder: 'backorder' }), 200)
    expect(done.status).toBe('done')
    const rest = await deliveryOf(system(), stuck.source ?? '', (one) => one.id !== stuck.id && isHeld(one))
    expect(rest).toMatchObject({ status: 'waiting', held: reason })
    expect(await reservedOf(system(), sku)).toBe(3)
  })

  test('X2 D5: an ordering system ends its own alone, and an amended order is reserved again', async () => {
    const sku = await product(system())
    await shelve(system(), [{ sku, quantity: '5' }])
    const delivery = await sale(system(), [{ sku, quantity: '5' }], {}, ready)
    const [own, other] = [await clientOf(system(), ['/erp']), await clientOf(system(), ['/elsewhere'])]
    const order = `orderNumber=${delivery.source ?? ''}`
    expect((await other.send('DELETE', `/stock/v1/reservations?${order}`)).status).toBe(404)
    expect((await other.send('DELETE', `/stock/v1/reservations?${order}&sourceSystem=/erp`)).status).toBe(403)
    const ended = must(await own.send<{ items: object[] }>('DELETE', `/stock/v1/reservations?${order}`), 200)
    expect(ended.items).toMatchObject([{ documentId: delivery.id, held: 'Ended by /erp.' }])
    await deliveryOf(system(), delivery.source ?? '', isHeld)
    expect(await reservedOf(system(), sku)).toBe(0)
    await sendOrder(await system().erp(), 'sales.order-amended.v1', delivery.source ?? '', {
      ...{ revision: 2, customer: { code: 'BETA', name: 'Beta Stores' } },
      lines: [{ line: 1, sku, quantity: '5', unit: 'unit' }],
    })
    expect(await deliveryOf(system(), delivery.source ?? '', ready)).toMatchObject({ held: null })
  })

  test('D5: an order that says until when it wants to be reserved is released by itself, once, and says why', async () => {
    const sku = await product(system())
    await shelve(system(), [{ sku, quantity: '4' }])
    const reserveUntil = new Date(Date.now() + 4_000).toISOString()
    const delivery = await sale(
      system(),
      [{ sku, quantity: '4' }],
      { reserveUntil },
      (one) => ready(one) || isHeld(one),
    )
    const waiter = await sale(system(), [{ sku, quantity: '4' }], {})
    const held = await deliveryOf(system(), delivery.source ?? '', isHeld)
    expect(held).toMatchObject({ status: 'waiting', held: `Its order wanted it reserved until ${reserveUntil}.` })
    expect(held.history.filter(({ what }) => what === 'held')).toHaveLength(1)
    await deliveryOf(system(), waiter.source ?? '', ready)
  })
}

/** A service client that manages reservations, of these sources alone. */
async function clientOf(system: System, sources: readonly string[]): Promise<Client> {
  const id = fresh('shop').toLowerCase()
  const body = { id, name: 'Shop', scopes: ['reservations:manage'], sources }
  const made = must(
    await (await system.login('admin')).send<{ secret: string }>('POST', '/identity/v1/clients', { body }),
    201,
  )
  const anonymous = clientFor(system.origin)
  const form = new URLSearchParams({ grant_type: 'client_credentials', client_id: id, client_secret: made.secret })
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  const token = await anonymous.send<{ access_token: string }>('POST', '/identity/v1/tokens', {
    body: form.toString(),
    headers,
  })
  return anonymous.as(must(token, 200).access_token)
}
