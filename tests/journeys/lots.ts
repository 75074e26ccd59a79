/** Row X3: lots that are held, expire, are traced and recalled. */
import { expect, test } from '@jest/globals'
import { until, type Client } from '@stockline/test-kit'
import { must, sendOrder } from '@stockline/test-kit/load/documents'
import type { Fixture } from './fixture.ts'
import {
  type Delivery,
  type Receipt,
  deliveryOf,
  fresh,
  product,
  purchase,
  receiveAll,
  sale,
  shelve,
  shipAll,
  step,
} from './people.ts'

const a = 'WH/Stock/A1-03'
const ready = ({ status }: Delivery) => status === 'ready'

interface Lot {
  readonly id: string
  readonly code: string
  readonly held: boolean
  readonly version: number
}

/** Registers the journeys of lots. */
export function lotJourneys({ system }: Fixture): void {
  const lotOf = async (sku: string, code: string): Promise<Lot> => {
    const manager = await system().login('manager')
    const page = must(await manager.get<{ items: Lot[] }>(`/stock/v1/lots?sku=${sku}&code=${code}`), 200)
    return page.items[0]!
  }
  const act = async (client: Client, lot: Lot, name: 'hold' | 'release', reason: string): Promise<Lot> =>
    must(await client.send<Lot>('POST', `/stock/v1/lots/${lot.id}/${name}`, { body: { reason } }), 200)
  const pick = (client: Client, delivery: Delivery, lot: string, picked: string) =>
    client.send<Delivery>('PATCH', `/picking/v1/deliveries/${delivery.id}/picks`, {
      version: delivery.version,
      body: { picks: [{ line: 1, location: a, lot, picked }] },
    })

  test('X3: what is held is not promised: the next to expire takes its place, or the delivery waits and says why', async () => {
    const sku = await product(system(), { tracking: 'lot' })
    const [early, late] = [fresh('LOT'), fresh('LOT')]
    await shelve(system(), [
      { sku, quantity: '5', lot: early, expiresOn: '2031-01-01' },
      { sku, quantity: '5', lot: late, expiresOn: '2032-01-01' },
    ])
    const first = await sale(system(), [{ sku, quantity: '5' }], {}, ready)
    expect(first.lines[0]?.picks).toMatchObject([{ lot: early, quantity: '5' }])
    const supervisor = await system().login('supervisor')
    const held = await act(supervisor, await lotOf(sku, early), 'hold', 'smells')
    expect(held.held).toBe(true)
    const isOf = (lot: string) => (one: Delivery) => ready(one) && one.lines[0]?.picks[0]?.lot === lot
    await deliveryOf(system(), first.source ?? '', isOf(late))
    const waiting = await sale(system(), [{ sku, quantity: '5' }], {}, (one) => one.problem?.includes('held') === true)
    expect(waiting.problem).toContain(`5 in ${a} lot ${early} (held)`)
    await act(supervisor, held, 'release', 'it was the next pallet')
    await deliveryOf(system(), waiting.source ?? '', isOf(early))
  })

  test('X3: a lot that is held while it is picked is not shipped, and the delivery says so meanwhile', async () => {
    const sku = await product(system(), { tracking: 'lot' })
    const [bad, good] = [fresh('LOT'), fresh('LOT')]
    await shelve(system(), [{ sku, quantity: '5', lot: bad, expiresOn: '2031-01-01' }])
    const delivery = await sale(system(), [{ sku, quantity: '5' }], {}, ready)
    const user = await system().login('user')
    must(await pick(user, delivery, bad, '5'), 200)
    await shelve(system(), [{ sku, quantity: '5', lot: good, expiresOn: '2032-01-01' }])
    await act(await system().login('supervisor'), await lotOf(sku, bad), 'hold', 'glass in it')
    const why = `Lot ${bad} is held (glass in it): it cannot be shipped`
    const told = await deliveryOf(system(), delivery.source ?? '', ({ problem }) => problem?.includes(why) === true)
    expect(told.lines[0]?.picks).toMatchObject([{ lot: bad, quantity: '0', picked: '5' }, { lot: good, quantity: '5', picked: '0' }]) // prettier-ignore
    const refused = await step(user, 'deliveries', told, 'validate')
    expect(JSON.stringify(refused.body)).toContain(why)
    const now = await until('it is back', async () => deliveryOf(system(), delivery.source ?? '', ({ status }) => status === 'in_progress')) // prettier-ignore
    const emptied = must(await pick(user, now, bad, '0'), 200)
    const picked = must(await pick(user, emptied, good, '5'), 200)
    expect(must(await step(user, 'deliveries', picked, 'validate'), 200).status).toBe('done')
  })

  test('X3: a customer who asks for so many days of life gets no lot that has fewer, and is told what each has', async () => {
    const sku = await product(system(), { tracking: 'lot' })
    const [old, young] = [fresh('LOT'), fresh('LOT')]
    const dayFromNow = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10)
    await shelve(system(), [
      { sku, quantity: '5', lot: old, expiresOn: dayFromNow(40) },
      { sku, quantity: '5', lot: young, expiresOn: dayFromNow(90) },
    ])
    const asks = { scheduledDate: dayFromNow(20), minimumRemainingLife: { days: 30 } }
    const delivery = await sale(system(), [{ sku, quantity: '3' }], asks, ready)
    expect(delivery).toMatchObject({ minimumRemainingLife: { days: 30 }, lines: [{ picks: [{ lot: young, quantity: '3' }] }] }) // prettier-ignore
    const why = `20 days of its life left on ${asks.scheduledDate}, 30 asked for`
    const short = await sale(system(), [{ sku, quantity: '3' }], asks, ({ problem }) => problem !== null)
    expect(short).toMatchObject({
      status: 'waiting',
      problem: expect.stringContaining(`${sku} 3 with 30 days of its life left.`),
    })
    expect(short.problem).toContain(`5 in ${a} lot ${old} (${why})`)
    const user = await system().login('user')
    const refused = await pick(user, delivery, old, '3')
    expect(refused).toMatchObject({ status: 409, body: { detail: expect.stringContaining(`Lot ${old}: ${why}`) } })
    // The order is content with less by now, for this line: the next to expire is enough.
    await sendOrder(await system().erp(), 'sales.order-amended.v1', delivery.source ?? '', {
      customer: { code: 'BETA', name: 'Beta Stores' },
      lines: [{ line: 1, sku, unit: 'unit', quantity: '3', minimumRemainingLife: { days: 10 } }],
      ...asks,
      revision: 2,
    })
    const isOfOld = (one: Delivery) => ready(one) && one.lines[0]?.picks[0]?.lot === old
    const fits = await deliveryOf(system(), delivery.source ?? '', isOfOld)
    expect(fits.lines).toMatchObject([{ minimumRemainingLife: { days: 10 }, picks: [{ lot: old, quantity: '3' }] }])
    expect((await shipAll(system(), fits)).status).toBe('done')
    // What it gave back is enough for the other.
    await deliveryOf(system(), short.source ?? '', (one) => ready(one) && one.lines[0]?.picks[0]?.lot === young)
  })

  test('X3: all dates of a lot are entered where it is received; what does not fit is said at once, or by the ledger', async () => {
    const sku = await product(system(), { tracking: 'lot' })
    const [lot, other] = [fresh('LOT'), fresh('LOT')]
    const dates = { producedOn: '2030-01-01', alertOn: '2030-10-01', removeOn: '2030-11-01', bestBefore: '2030-12-01', expiresOn: '2031-01-01' } // prettier-ignore
    const user = await system().login('user')
    const count = (receipt: Receipt, entry: object) =>
      user.send<Receipt>('PATCH', `/picking/v1/receipts/${receipt.id}/lines`, {
        version: receipt.version,
        body: { entries: [{ line: 1, lot, ...entry }] },
      })
    const first = await purchase(system(), [{ sku, quantity: '5', unitPrice: '1.00' }])
    expect(await count(first, { quantity: '5', ...dates, bestBefore: '2031-01-02' })).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: '/entries/0/bestBefore' }] },
    })
    const counted = must(await count(first, { quantity: '5', ...dates }), 200)
    expect(counted.lines).toMatchObject([{ entries: [{ lot, ...dates }] }])
    expect(must(await step(user, 'receipts', counted, 'validate'), 200).status).toBe('done')
    expect(await lotOf(sku, lot)).toMatchObject({ code: lot, ...dates })

    // The label of the second delivery says something else of the same lot.
    const second = await purchase(system(), [{ sku, quantity: '2', unitPrice: '1.00' }])
    const otherwise = must(await count(second, { quantity: '2', bestBefore: '2030-12-02' }), 200)
    const refused = await step(user, 'receipts', otherwise, 'validate')
    expect(JSON.stringify(refused.body)).toContain(`The bestBefore of lot ${lot} is 2030-12-01, not 2030-12-02.`)
    const back = await until('it is back', async () => {
      const now = must(await user.get<Receipt>(`/picking/v1/receipts/${second.id}`), 200)
      return now.status === 'in_progress' && now
    })
    const corrected = must(await count(back, { quantity: '2', lot: other, alertOn: '2030-09-01' }), 200)
    expect(must(await step(user, 'receipts', corrected, 'validate'), 200).status).toBe('done')
    expect(await lotOf(sku, other)).toMatchObject({ alertOn: '2030-09-01', bestBefore: null, expiresOn: null })
  })

  test('X3: a lot is traced from its receipt to its customers, and recalled in one command, as a table too', async () => {
    const sku = await product(system(), { tracking: 'lot' })
    const lot = fresh('LOT')
    const receipt = await receiveAll(
      system(),
      await purchase(system(), [{ sku, quantity: '9', unitPrice: '1.00' }]),
      lot,
    )
    const shipped = await shipAll(system(), await sale(system(), [{ sku, quantity: '4' }], {}, ready))
    const open = await sale(system(), [{ sku, quantity: '2' }], {}, ready)
    const { id } = await lotOf(sku, lot)
    const supervisor = await system().login('supervisor')
    const trace = must(await supervisor.get<{ moves: { document: string }[] }>(`/stock/v1/lots/${id}/trace`), 200)
    expect(trace.moves.map(({ document }) => document)).toEqual([receipt.number, shipped.number])
    const path = `/stock/v1/lots/${id}/recall`
    const recalled = must(await supervisor.send<object>('POST', path, { body: { reason: 'metal found' } }), 200)
    expect(recalled).toMatchObject({
      lots: [{ code: lot, held: true, onHand: '5' }],
      receipts: [
        { document: receipt.number, quantity: '9', order: receipt.source, partner: { name: 'Acme Supplies' } },
      ],
      places: [{ lot, onHand: '5', reserved: '0' }],
      openDocuments: [{ number: open.number, quantity: '2', why: 'reserved' }],
      shipments: [{ document: shipped.number, quantity: '4', order: shipped.source, orderLine: 1 }],
      customers: [{ code: 'BETA', name: 'Beta Stores', lot, quantity: '4' }],
    })
    await deliveryOf(system(), open.source ?? '', ({ status, problem }) => status === 'waiting' && problem?.includes('metal found') === true) // prettier-ignore
    const table = must(await supervisor.get<string>(path, { headers: { accept: 'text/csv' } }), 200)
    expect(table).toMatch(
      new RegExp(`shipment,${sku},${lot},${shipped.number},[^,]+,${shipped.source ?? ''},1,BETA,Beta Stores,`),
    )
    expect(table).toContain(`customer,${sku},${lot},,,,,BETA,Beta Stores,,,4,`)
    // Released, that recall is over: the next one lists who has reserved of the lot then.
    must(await supervisor.send('POST', `/stock/v1/lots/${id}/release`, { body: { reason: 'a false alarm' } }), 200)
    await deliveryOf(system(), open.source ?? '', ready)
    must(await supervisor.send('POST', `/stock/v1/reservations/${open.id}/release`, { body: { reason: 'later' } }), 200)
    const next = must(await supervisor.send<object>('POST', path, { body: { reason: 'more metal found' } }), 200)
    expect(next).toMatchObject({ lots: [{ held: true }], openDocuments: [] })
  })
}
