/** Rows G4, D2, D3, D5, X2: where goods go and come from is looked at before anything is posted. */
import { expect, test } from '@jest/globals'
import { until, type Client, type Reply } from '@stockline/test-kit'
import { must, sendOrder } from '@stockline/test-kit/load/documents'
import { count, type Delivery, deliveryOf, fresh, onHand, product, receiptOf, sale, shelve, step } from './people.ts'
import type { Fixture } from './fixture.ts'

type Answer = Delivery & { readonly detail: string; readonly errors: readonly { readonly message: string }[] }

const a = 'WH/Stock/A1-03'
const b = 'WH/Stock/B2-01'
const ready = ({ status }: Delivery) => status === 'ready'
const says = (text: string) => (delivery: Delivery) => delivery.problem?.includes(text) === true

/** Registers the journeys of places and lots. */
export function placeJourneys({ system }: Fixture): void {
  const pick = (user: Client, delivery: Delivery, picks: readonly object[]): Promise<Reply<Answer>> =>
    user.send('PATCH', `/picking/v1/deliveries/${delivery.id}/picks`, { version: delivery.version, body: { picks } })
  const scan = (user: Client, delivery: Delivery, code: string): Promise<Reply<Answer>> =>
    user.send('POST', `/picking/v1/deliveries/${delivery.id}/scans`, { version: delivery.version, body: { code } })
  const reservedAt = async (sku: string) =>
    Object.fromEntries((await onHand(system(), sku)).map(({ location, lot, reserved }) => [`${location} ${lot ?? ''}`.trim(), reserved])) // prettier-ignore
  const now = async (delivery: Delivery) => deliveryOf(system(), delivery.source ?? '', ({ id }) => id === delivery.id)

  test('G1 G4: a receipt whose place is not there yet, or is closed, says so; it is right again once that is', async () => {
    const sku = await product(system())
    const manager = await system().login('manager')
    const code = fresh('W').replace('-', '')
    const make = (path: string, body: object) => manager.send<{ id: string; version: number }>('POST', `/stock/v1/${path}`, { body }) // prettier-ignore
    const change = (path: string, version: number, body: object) => manager.send('PATCH', `/stock/v1/${path}`, { version, body }) // prettier-ignore
    must(await make('warehouses', { code, name: 'New', defaultReceiptLocation: `${code}/Dock` }), 201)
    const orderNumber = fresh('PO')
    const lines = [{ line: 1, sku, quantity: '3', unit: 'unit', unitPrice: '1.00' }]
    const vendor = { code: 'ACME', name: 'Acme Supplies' }
    await sendOrder(await system().erp(), 'purchasing.order-confirmed.v1', orderNumber, {
      vendor,
      warehouse: code,
      lines,
    })
    const saysOfDock = (text: string | null) => receiptOf(system(), orderNumber, ({ problem }) => problem === (text && `Cannot be received: location "${code}/Dock" ${text}.`)) // prettier-ignore
    await saysOfDock('is not known')
    const dock = must(await make('locations', { code: `${code}/Dock` }), 201)
    await saysOfDock(null)
    must(await make('locations', { code: `${code}/Other` }), 201)
    must(await change(`warehouses/${code}`, 1, { defaultReceiptLocation: `${code}/Other` }), 200)
    must(await change(`locations/${dock.id}`, dock.version, { active: false }), 200)
    const closed = await saysOfDock('is not in use any more')
    expect((await count(manager, closed, [{ line: 1, quantity: '3' }])).status).toBe(422)
    const counted = must(await count(manager, closed, [{ line: 1, quantity: '3', destination: `${code}/Other` }]), 200)
    expect(must(await step(manager, 'receipts', counted, 'validate'), 200)).toMatchObject({ status: 'done' })
  })

  test('D2: a place without stock is refused at the pick; one with stock is taken, and reserved there', async () => {
    const sku = await product(system())
    await shelve(system(), [{ sku, quantity: '5' }])
    const delivery = await sale(system(), [{ sku, quantity: '5' }], {}, ready)
    await shelve(system(), [{ sku, quantity: '3', location: b }])
    const user = await system().login('user')
    const wrong = await pick(user, delivery, [{ line: 1, location: 'WH/Stock/C4-11', picked: '2' }])
    expect(wrong.status).toBe(409)
    expect(wrong.body.detail).toContain(`2 of ${sku} at WH/Stock/C4-11 are wanted, 0 are there`)
    const after = await now(delivery)
    expect(after).toMatchObject({ status: 'ready', lines: [{ picks: [{ location: a, quantity: '5', picked: '0' }] }] })

    const tooMuch = await pick(user, after, [{ line: 1, location: b, picked: '4' }])
    expect(tooMuch).toMatchObject({ status: 409, body: { errors: [{ message: `4 cannot be taken at ${b}` }] } })
    const right = must(await pick(user, await now(delivery), [{ line: 1, location: b, picked: '3' }]), 200)
    expect(right.lines[0]?.picks).toMatchObject([{ location: a, quantity: '2' }, { location: b, quantity: '3', picked: '3' }]) // prettier-ignore
    expect(await reservedAt(sku)).toEqual({ [a]: '2', [b]: '3' })
    const rest = must(await pick(user, right, [{ line: 1, location: a, picked: '2' }]), 200)
    expect(must(await step(user, 'deliveries', rest, 'validate'), 200).status).toBe('done')
  })

  test('D2: a lot that has expired, is not there, or is of another product is refused at the pick', async () => {
    const [sku, other] = [await product(system(), { tracking: 'lot' }), await product(system(), { tracking: 'lot' })]
    await shelve(system(), [
      { sku, quantity: '5', lot: 'GOOD' },
      { sku, quantity: '5', lot: 'OLD', expiresOn: '2026-04-01' },
      { sku: other, quantity: '5', lot: 'OTHER' },
    ])
    const delivery = await sale(system(), [{ sku, quantity: '2' }], {}, ready)
    const user = await system().login('user')
    const refusals: [lot: string, location: string, why: string][] = [
      ['OLD', a, 'Lot OLD expired on 2026-04-01'],
      ['GOOD', b, `2 of ${sku} of lot GOOD at ${b} are wanted, 0 are there`],
      ['OTHER', a, `${sku} has no lot OTHER`],
    ]
    for (const [lot, location, why] of refusals) {
      const refused = await pick(user, await now(delivery), [{ line: 1, location, lot, picked: '2' }])
      expect(refused.status).toBe(409)
      expect(refused.body.detail).toContain(why)
    }
    expect((await now(delivery)).lines[0]?.picks).toMatchObject([{ lot: 'GOOD', quantity: '2', picked: '0' }])
  })

  test('D3: a scan at a place without stock is refused; at one with stock it is taken', async () => {
    const sku = await product(system())
    await shelve(system(), [{ sku, quantity: '1' }])
    const delivery = await sale(system(), [{ sku, quantity: '1' }], {}, ready)
    await shelve(system(), [{ sku, quantity: '1', location: b }])
    const user = await system().login('user')
    const empty = must(await scan(user, delivery, 'WH/Stock/C4-11'), 200)
    expect(await scan(user, empty, sku)).toMatchObject({ status: 409 })
    const full = must(await scan(user, await now(delivery), b), 200)
    const taken = must(await scan(user, full, sku), 200)
    expect(taken.lines[0]?.picks).toMatchObject([{ location: b, quantity: '1', picked: '1' }])
  })

  test('D5 X2: what waits says where stock lies that it cannot have; available is what it could have', async () => {
    const sku = await product(system())
    await shelve(system(), [
      { sku, quantity: '12', location: 'WH/Output' },
      { sku, quantity: '8' },
    ])
    const holder = await sale(system(), [{ sku, quantity: '6' }], {}, ready)
    const waiter = await sale(system(), [{ sku, quantity: '10' }], {}, says('Waits for stock'))
    expect(waiter.problem).toBe(
      `Waits for stock: ${sku} 10. ${sku}: 2 available, 12 in WH/Output (not reservable), 6 reserved for ${holder.number}.`,
    )
    expect((await onHand(system(), sku)).map(({ location, available }) => [location, available])).toEqual([
      ['WH/Output', '0'],
      [a, '2'],
    ])
  })

  test('D5: an order that asks for one lot waits for that lot, and says where it and others lie', async () => {
    const sku = await product(system(), { tracking: 'lot' })
    const code = fresh('W').replace('-', '')
    const manager = await system().login('manager')
    must(await manager.send('POST', '/stock/v1/warehouses', { body: { code, name: 'Far' } }), 201)
    must(await manager.send('POST', '/stock/v1/locations', { body: { code: `${code}/Dock` } }), 201)
    await shelve(system(), [
      { sku, quantity: '12', lot: 'L1', location: 'WH/Output' },
      { sku, quantity: '3', lot: 'L1', location: `${code}/Dock` },
      { sku, quantity: '2', lot: 'L9' },
      { sku, quantity: '5', lot: 'L3', expiresOn: '2026-04-01', location: b },
    ])
    const wanted = { line: 1, sku, quantity: '4', unit: 'unit' }
    const waiter = await sale(system(), [], { lines: [{ ...wanted, lot: 'L1' }] }, says('Waits for stock'))
    expect(waiter.problem).toBe(
      `Waits for stock: ${sku} 4 of lot L1. ${sku}: 12 in WH/Output lot L1 (not reservable), 3 in warehouse ${code}, 2 in ${a} lot L9 (lot L1 asked for).`,
    )
    const any = await sale(system(), [], { lines: [{ ...wanted, quantity: '9' }] }, says('Waits for stock'))
    expect(any.problem).toContain(`${sku}: 2 available, 12 in WH/Output lot L1 (not reservable), 5 in ${b} lot L3 (expired 2026-04-01), 3 in warehouse ${code}.`) // prettier-ignore
    await shelve(system(), [{ sku, quantity: '4', lot: 'L1' }])
    const now = await deliveryOf(system(), waiter.source ?? '', ready)
    expect(now.lines[0]?.picks).toMatchObject([{ location: a, lot: 'L1', quantity: '4' }])
    expect(now.problem).toBeNull()
  })

  test('D5: amended beyond what there is while it is picked, it says what is short', async () => {
    const sku = await product(system())
    await shelve(system(), [{ sku, quantity: '5' }])
    const delivery = await sale(system(), [{ sku, quantity: '5' }], {}, ready)
    must(await pick(await system().login('user'), delivery, [{ line: 1, location: a, picked: '2' }]), 200)
    await sendOrder(await system().erp(), 'sales.order-amended.v1', delivery.source ?? '', {
      revision: 2,
      customer: { code: 'BETA', name: 'Beta Stores' },
      lines: [{ line: 1, sku, quantity: '9', unit: 'unit' }],
    })
    const amended = await deliveryOf(system(), delivery.source ?? '', says('Short of stock'))
    expect(amended).toMatchObject({ status: 'in_progress', problem: `Short of stock: ${sku} 7. ${sku}: 3 available.` })
    await shelve(system(), [{ sku, quantity: '4' }])
    await until('nothing is short', async () => (await now(delivery)).problem === null)
  })
}
