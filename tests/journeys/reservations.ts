/** Rows X2 and D5: who holds what is reserved, and how it becomes free. */
import { expect, test } from '@jest/globals'
import { clientFor, type Client } from '@stockline/test-kit'
import { must } from '@stockline/test-kit/load/documents'
import type { System } from '@stockline/test-kit/load/system'
import type { Fixture } from './fixture.ts'
import { type Delivery, fresh, product, sale, shelve } from './people.ts'

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

const ready = (delivery: Delivery) => delivery.status === 'ready'

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
