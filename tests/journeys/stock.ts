/** Rows X1, X2, X3, X6 and X7: places, quants, lots, units, cost methods. */
import { expect, test } from '@jest/globals'
import { must } from '@stockline/test-kit/load/documents'
import type { Fixture } from './fixture.ts'
import {
  booked,
  count,
  deliveryOf,
  entriesOf,
  fresh,
  movesOf,
  onHand,
  product,
  purchase,
  receiveAll,
  type Receipt,
  sale,
  shelve,
  shipAll,
  step,
  tellProduct,
  type Delivery,
} from './people.ts'

/** Registers the journeys of stock and its value. */
export function stockJourneys({ system }: Fixture): void {
  test('X1: warehouses and locations are a tree of whole paths', async () => {
    const manager = await system().login('manager')
    const page = must(await manager.get<{ items: { code: string }[] }>('/stock/v1/locations?limit=200'), 200)
    expect(page.items.map((one) => one.code)).toEqual(
      expect.arrayContaining([
        'WH/Stock',
        'WH/Stock/A1-03',
        'WH/Stock/B2-01',
        'WH/Stock/C4-11',
        'WH/Input',
        'WH/Output',
      ]),
    )
  })

  test('X2: on hand, reserved and available per product and place, now and as of a position', async () => {
    const sku = await product(system())
    await shelve(system(), [{ sku, quantity: '10' }])
    await sale(system(), [{ sku, quantity: '4' }], {}, (delivery) => delivery.status === 'ready')
    expect(await onHand(system(), sku)).toMatchObject([
      { sku, location: 'WH/Stock/A1-03', onHand: '10', reserved: '4', available: '6' },
    ])
    const receipt = await receiveAll(system(), await purchase(system(), [{ sku, quantity: '1', unitPrice: '1' }]))
    const position = BigInt((await movesOf(system(), receipt.number))[0]!.position)
    const manager = await system().login('manager')
    const before = must(
      await manager.get<{ items: { onHand: string; reserved: null }[] }>(
        `/stock/v1/quants?sku=${sku}&atPosition=${String(position - 1n)}`,
      ),
      200,
    )
    expect(before.items).toMatchObject([{ onHand: '10', reserved: null }])
  })

  test('X3: a lot is required exactly for tracked products, and the first to expire goes first', async () => {
    const sku = await product(system(), { tracking: 'lot' })
    const receipt = await purchase(system(), [{ sku, quantity: '10', unitPrice: '1.00' }])
    const manager = await system().login('manager')
    const without = await count(manager, receipt, [{ line: 1, quantity: '10' }])
    const refused = without.status === 200 ? await step(manager, 'receipts', without.body, 'validate') : without
    expect([409, 422]).toContain(refused.status)
    const now = must(await manager.get<Receipt>(`/picking/v1/receipts/${receipt.id}`), 200)
    const [late, early] = [fresh('LOT'), fresh('LOT')]
    const counted = must(
      await count(manager, now, [
        { line: 1, quantity: '6', lot: late, expiresOn: '2031-12-31' },
        { line: 1, quantity: '4', lot: early, expiresOn: '2030-01-31' },
      ]),
      200,
    )
    expect(must(await step(manager, 'receipts', counted, 'validate'), 200).status).toBe('done')
    const delivery = await sale(system(), [{ sku, quantity: '5' }], {}, (one) => one.status === 'ready')
    expect(delivery.lines[0]?.picks.map((pick) => [pick.lot, pick.quantity])).toEqual([
      [early, '4'],
      [late, '1'],
    ])
  })

  test('X3: a serial counts one, and is on hand once', async () => {
    const sku = await product(system(), { tracking: 'serial' })
    const receipt = await purchase(system(), [{ sku, quantity: '2', unitPrice: '10.00' }])
    const manager = await system().login('manager')
    const serial = fresh('SN')
    const twice = await count(manager, receipt, [{ line: 1, quantity: '2', lot: serial }])
    const refused = twice.status === 200 ? await step(manager, 'receipts', twice.body, 'validate') : twice
    expect([409, 422]).toContain(refused.status)
    const now = must(await manager.get<Receipt>(`/picking/v1/receipts/${receipt.id}`), 200)
    const counted = must(
      await count(manager, now, [
        { line: 1, quantity: '1', lot: serial },
        { line: 1, quantity: '1', lot: fresh('SN') },
      ]),
      200,
    )
    expect(must(await step(manager, 'receipts', counted, 'validate'), 200).status).toBe('done')
    expect(await onHand(system(), sku)).toHaveLength(2)
  })

  test("X6: what is entered in another unit is compared in the order's and rounded once; a fraction of a whole unit is refused", async () => {
    const receipt = await purchase(system(), [{ sku: 'RM-A', quantity: '2', unit: 'kg', unitPrice: '3.33' }])
    const manager = await system().login('manager')
    const counted = must(await count(manager, receipt, [{ line: 1, quantity: '2000', unit: 'g' }]), 200)
    expect(counted.lines[0]).toMatchObject({ received: '2', unit: 'kg', flag: 'OK' })
    const done = must(await step(manager, 'receipts', counted, 'validate'), 200)
    expect(await movesOf(system(), done.number)).toMatchObject([{ quantity: '2' }])
    expect(booked((await entriesOf(system(), done.number))[0]).map((line) => line.replace(/ \S+ /, ' '))).toEqual([
      'Cr 6.66',
      'Dr 6.66',
    ])
    const whole = await purchase(system(), [{ sku: await product(system()), quantity: '2', unitPrice: '1' }])
    expect((await count(manager, whole, [{ line: 1, quantity: '1.5' }])).status).toBe(422)
  })

  test('X6: an order by GTIN, in pieces by their X12 code, at a price for a hundred, is booked as that', async () => {
    const gtin = withCheckDigit(`200${String(Math.floor(Math.random() * 1e9)).padStart(9, '0')}`)
    const sku = await product(system(), { barcodes: [gtin] })
    const lines = [
      { line: 1, gtin: `0${gtin}`, quantity: '250', unit: 'EA', unitPrice: '12.34', priceBaseQuantity: '100' },
    ]
    const done = await receiveAll(system(), await purchase(system(), [], { lines }))
    expect(await movesOf(system(), done.number)).toMatchObject([{ sku, quantity: '250' }])
    expect(booked((await entriesOf(system(), done.number))[0]).map((line) => line.replace(/ \S+ /, ' '))).toEqual([
      'Cr 30.85',
      'Dr 30.85',
    ])
  })

  test('X6: a product stays in pieces while a delivery waits for two of it, its system hears so, and two pieces ship', async () => {
    const sku = await product(system())
    // Stock has answered, so that it knows what the delivery waits for.
    const isKnown = (one: Delivery) => one.status === 'waiting' && one.problem !== null
    const delivery = await sale(system(), [{ sku, quantity: '2' }], {}, isKnown)
    const weighed = {
      sku,
      name: 'By weight',
      type: 'stockable',
      unit: 'kg',
      category: 'goods',
      barcodes: [],
      tracking: 'none',
    }
    const refused = await tellProduct(system(), weighed)
    expect(refused.status).toBe(409)
    expect(JSON.stringify(refused.body)).toContain(`${sku} is needed by ${delivery.number}, so its unit cannot change.`)
    const manager = await system().login('manager')
    type Products = { items: { name: string; unit: string }[] }
    const known = must(await manager.get<Products>(`/stock/v1/products?sku=${sku}`), 200)
    expect(known.items).toMatchObject([{ name: 'By weight', unit: 'unit' }])
    await shelve(system(), [{ sku, quantity: '2' }])
    const ready = await deliveryOf(system(), String(delivery.source), (one) => one.status === 'ready')
    const done = await shipAll(system(), ready)
    expect(await movesOf(system(), done.number)).toMatchObject([{ sku, quantity: '2' }])
    expect((await tellProduct(system(), { ...weighed, unit: 'unit', name: 'By piece' })).status).toBe(202)
  })

  test.each([
    ['fifo', '2.00'],
    ['average', '3.00'],
  ] as const)('X7: under %s, one of two received at 2.00 and 4.00 costs %s', async (method, cost) => {
    const category = `${method}-${fresh('C')}`
    const manager = await system().login('manager')
    must(await manager.send('PUT', `/valuation/v1/cost-methods/${category}`, { body: { method } }), 200)
    const sku = await product(system(), { category })
    for (const unitPrice of ['2.00', '4.00'])
      await receiveAll(system(), await purchase(system(), [{ sku, quantity: '1', unitPrice }]))
    const done = await shipAll(
      system(),
      await sale(system(), [{ sku, quantity: '1' }], {}, (one) => one.status === 'ready'),
    )
    expect(booked((await entriesOf(system(), done.number))[0]).map((line) => line.replace(/ \S+ /, ' '))).toEqual([
      `Cr ${cost}`,
      `Dr ${cost}`,
    ])
  })
}

/** GS1's: weights of 3 and 1 in turn, from the right. */
function withCheckDigit(digits: string): string {
  let sum = 0
  for (let index = 0; index < digits.length; index += 1)
    sum += Number(digits[digits.length - 1 - index]) * (index % 2 === 0 ? 3 : 1)
  return `${digits}${String((10 - (sum % 10)) % 10)}`
}
