/** Rows T1 to T3: internal transfers and relocations. */
import { expect, test } from '@jest/globals'
import { until, type Client } from '@stockline/test-kit'
import { must } from '@stockline/test-kit/load/documents'
import type { Fixture } from './fixture.ts'
import { fresh, movesOf, onHand, product, shelve } from './people.ts'

interface Transfer {
  readonly id: string
  readonly number: string
  readonly status: string
  readonly version: number
  readonly problem: string | null
  readonly lines: readonly {
    readonly shipped: string
    readonly received: string
    readonly lost: string
    readonly returned: string
    readonly inTransit: string
  }[]
}

const [a, b] = ['WH/Stock/A1-03', 'WH/Stock/B2-01']
const sums = ({ lines }: Transfer) =>
  lines.map((one) => [one.shipped, one.received, one.lost, one.returned, one.inTransit].join(' '))

/** Registers the journeys of transfers. */
export function transferJourneys({ system }: Fixture): void {
  /** Makes one as soon as picking knows its products. */
  const made = async (who: Client, path: 'transfers' | 'relocations', body: object) =>
    until('picking knows the products', async () => {
      const reply = await who.send<Transfer>('POST', `/picking/v1/${path}`, { body, wait: 10 })
      const isKnown = !JSON.stringify(reply.body).includes('is not known')
      return isKnown && must(reply, 201)
    })
  const make = async (lines: readonly object[], destination: string = b) =>
    made(await system().login('manager'), 'transfers', { source: a, destination, lines })
  const step = async (transfer: Transfer, name: string, body: object = {}, login: 'manager' | 'user' = 'manager') =>
    must(
      await (
        await system().login(login)
      ).send<Transfer>('POST', `/picking/v1/transfers/${transfer.id}/${name}`, {
        ...{ version: transfer.version, body, wait: 10 },
      }),
      200,
    )
  const there = async (sku: string, location: string) =>
    (await onHand(system(), sku, location)).filter(({ onHand: quantity }) => quantity !== '0').map((one) => one.onHand)
  const worth = async (sku: string, as: string) =>
    until(`${sku} is worth ${as}`, async () => {
      const books = await system().login('supervisor')
      const { items } = must(
        await books.get<{ items: { sku: string; value: string }[] }>('/valuation/v1/inventory-value?limit=200'),
        200,
      )
      return items.some((item) => item.sku === sku && item.value === as)
    })

  test('T1 T2: a supervisor makes a transfer; stock leaves the source on confirming, and the destination receives on validating', async () => {
    const [x, y] = [await product(system(), { unit: 'kg' }), await product(system(), { unit: 'kg' })]
    await shelve(system(), [{ sku: x, quantity: '50' }, { sku: y, quantity: '30' }]) // prettier-ignore
    const supervisor = await system().login('supervisor')
    const lines = [{ sku: x, quantity: '50', unit: 'kg' }, { sku: y, quantity: '30', unit: 'kg' }] // prettier-ignore
    const body = { source: a, destination: b, lines }
    const draft = await made(supervisor, 'transfers', body)
    expect(draft).toMatchObject({ status: 'draft', number: expect.stringMatching(/^WH\/INT\/\d{5}$/) })
    const onItsWay = await step(draft, 'confirm', {}, 'user')
    expect([onItsWay.status, sums(onItsWay)]).toEqual(['in_transit', ['50 0 0 0 50', '30 0 0 0 30']])
    expect([await there(x, a), await there(x, b)]).toEqual([[], []])
    const some = await step(onItsWay, 'validate', { lines: [{ line: 1, received: '20' }] }, 'user')
    expect([some.status, sums(some)]).toEqual(['in_transit', ['50 20 0 0 30', '30 0 0 0 30']])
    const done = await step(some, 'validate', {}, 'user')
    expect([done.status, sums(done)]).toEqual(['done', ['50 50 0 0 0', '30 30 0 0 0']])
    expect([await there(x, a), await there(x, b), await there(y, b)]).toEqual([[], ['50'], ['30']])
    expect(await movesOf(system(), done.number)).toHaveLength(5)
  })

  test('T2: too little waits, holds nothing, and is shipped by itself once it is there; cancelled in transit, it is put where it is', async () => {
    const sku = await product(system())
    await shelve(system(), [{ sku, quantity: '3' }])
    const waiting = await step(await make([{ sku, quantity: '5' }]), 'confirm')
    expect([waiting.status, waiting.problem]).toEqual(['waiting', expect.stringMatching(/^Waits for stock/)])
    await shelve(system(), [{ sku, quantity: '2' }])
    const manager = await system().login('manager')
    const onItsWay = await until('it is shipped', async () => {
      const now = must(await manager.get<Transfer>(`/picking/v1/transfers/${waiting.id}`), 200)
      return now.status === 'in_transit' && now
    })
    const back = await step(onItsWay, 'cancel', { reason: 'wrong way', returnTo: 'WH/Stock/C4-11' })
    expect([back.status, sums(back)]).toEqual(['cancelled', ['5 0 0 5 0']])
    expect(await there(sku, 'WH/Stock/C4-11')).toEqual(['5'])
  })

  test('T3: the value of stock stays as it is, between warehouses too; what is lost is lost value', async () => {
    const sku = await product(system())
    await shelve(system(), [{ sku, quantity: '10', unitCost: '2.00' }])
    const manager = await system().login('manager')
    const code = fresh('W').replace('-', '')
    const send = (path: string, body: object) => manager.send('POST', `/stock/v1/${path}`, { body })
    must(await send('warehouses', { code, name: 'New' }), 201)
    must(await send('locations', { code: `${code}/Dock` }), 201)
    await until('picking knows of it', async () => (await manager.send('POST', '/picking/v1/transfers', { body: { source: a, destination: `${code}/Dock`, lines: [{ sku, quantity: '1' }] } })).status === 201) // prettier-ignore
    await worth(sku, '20.00')
    const onItsWay = await step(await make([{ sku, quantity: '10' }], `${code}/Dock`), 'confirm')
    await worth(sku, '20.00')
    const lost = { lines: [{ line: 1, received: '8' }], remainder: 'lost', reason: 'fell off' }
    const done = await step(onItsWay, 'validate', lost)
    expect([done.status, sums(done)]).toEqual(['done', ['10 8 2 0 0']])
    expect(await there(sku, code)).toEqual(['8'])
    await worth(sku, '16.00')
  })

  test('T2: goods are relocated from bin to bin in one step', async () => {
    const sku = await product(system())
    await shelve(system(), [{ sku, quantity: '4' }])
    const body = { warehouse: 'WH', lines: [{ sku, from: a, to: b, quantity: '3' }] }
    const user = await system().login('user')
    const done = await made(user, 'relocations', body)
    expect([done.status, sums(done)]).toEqual(['done', ['3 3 0 0 0']])
    expect(done.lines).toMatchObject([
      {
        moves: [
          { what: 'shipped', location: a },
          { what: 'received', location: b },
        ],
      },
    ])
    expect([await there(sku, a), await there(sku, b)]).toEqual([['1'], ['3']])
    const more = await user.send<Transfer>('POST', '/picking/v1/relocations', { body, wait: 10 })
    expect(more.body).toMatchObject({ status: 'cancelled', problem: expect.stringContaining('refused') })
  })
}
