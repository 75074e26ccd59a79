/** Sales orders in units that do not divide evenly, shipped in parts: each ends whole, and no backorder needs what cannot be picked. */
import { describe, expect, test } from '@jest/globals'
import { formatQuantity, isWholeAt, quantity, ratio, type Quantity } from '@stockline/amounts'
import fc from 'fast-check'
import { referenceData as base, facts, product, taken } from '../../test/builders.ts'
import { order, orderLine, pick } from '../../test/deliveries-builders.ts'
import type { ReferenceData } from '../products/product.ts'
import { wantedOf } from '../orders/order.follow.ts'
import { postedDocument } from '../postings/posting.ts'
import { deliveryRules } from './delivery.follow.ts'
import { deliveryBackorder, deliveryForOrder } from './delivery.order.ts'
import type { Delivery } from './delivery.ts'
import { deliveryRemainder, shipDelivery } from './delivery.validate.ts'

const place = 'WH/Stock/A1-03'
const at = new Date('2026-04-20T08:00:00Z')

const packed = (pieces: bigint): ReferenceData => ({
  units: base.units,
  products: new Map([
    ['BOX', product('BOX', { unit: 'unit', unitDecimals: 0, units: [{ unit: 'box', ratio: ratio(pieces, 1n) }] })],
    ['RM', product('RM')],
  ]),
})

/** Ships parts in the base unit, each from the delivery that is open then; what no part takes goes last. */
function ship(sku: string, ordered: string, unit: string, parts: readonly bigint[], referenceData: ReferenceData) {
  const sold = order(1, [orderLine(1, sku, ordered, unit)])
  const draft = deliveryForOrder(
    sold,
    wantedOf(deliveryRules, sold, [], referenceData),
    { id: 'first', at, backorderOf: null },
    referenceData,
  )
  if (draft?.status !== 'waiting') throw new Error(`it waits: ${draft?.problem ?? 'there is none'}`)
  const decimals = referenceData.products.get(sku)?.unitDecimals ?? 6
  const done: Delivery[] = []
  const gone: Quantity[] = []
  let open: Delivery = { ...draft, number: 'WH/OUT/00001' }
  for (let index = 0; ; index += 1) {
    const [first] = open.lines
    const needed = first?.needed ?? quantity(0n)
    expect([open.lines.length, isWholeAt(needed, decimals), needed > 0n]).toEqual([1, true, true])
    const part = parts[index]
    const picked = part === undefined || part > needed ? needed : quantity(part)
    const amount = formatQuantity(picked)
    const lines = open.lines.map((line) => ({ ...line, picks: [pick(place, formatQuantity(needed), amount)] }))
    const picking: Delivery = { ...open, status: 'in_progress', lines }
    const { document: shipped } = taken(shipDelivery(picking, { remainder: 'backorder' }, facts({ referenceData })))
    gone.push(picked)
    done.push(postedDocument(shipped, BigInt(index + 1)))
    const left = deliveryRemainder(shipped, (of) => referenceData.products.get(of)?.unit)
    if (left.length === 0) break
    open = { ...deliveryBackorder(shipped, left, `${String(index)} next`, at), number: 'WH/OUT/00002' }
  }
  return {
    wanted: wantedOf(deliveryRules, sold, done, referenceData),
    gone: gone.reduce((sum, one) => sum + one, 0n),
    needed: draft.lines[0]?.needed,
  }
}

describe('D6 what is ordered in one unit and picked in another goes whole', () => {
  test.each([
    ['a box of 3, piece by piece', 'BOX', '1', 'box', 3n, [1n, 1n, 1n], 3n],
    ['two pallets of 48 as 40, 40 and 16', 'BOX', '2', 'box', 48n, [40n, 40n, 16n], 96n],
    ['a box of 7 in one', 'BOX', '1', 'box', 7n, [], 7n],
  ])('%s', (_title, sku, ordered, unit, pieces, parts, whole) => {
    const told = ship(sku, ordered, unit, parts.map((part) => part * 1_000_000n), packed(pieces)) // prettier-ignore
    expect(told).toEqual({ wanted: [], gone: whole * 1_000_000n, needed: whole * 1_000_000n })
  })

  test('100 lb of a product in kg is 45.359 kg', () =>
    expect(ship('RM', '100', 'lb', [20_000_000n], packed(1n))).toEqual({
      wanted: [],
      gone: 45_359_000n,
      needed: 45_359_000n,
    }))

  test('2,000 random orders in random parts', () => {
    const cuts = (most: number) => fc.array(fc.integer({ min: 1, max: most }), { maxLength: 12 })
    const boxes = fc.tuple(fc.constantFrom(3n, 7n, 9n, 11n, 12n, 48n), fc.integer({ min: 1, max: 40 }), cuts(60))
    fc.assert(
      fc.property(boxes, ([pieces, ordered, parts]) => {
        const told = ship('BOX', String(ordered), 'box', parts.map((part) => BigInt(part) * 1_000_000n), packed(pieces)) // prettier-ignore
        expect([told.wanted, told.gone]).toEqual([[], told.needed])
      }),
      { numRuns: 1_000 },
    )
    const pounds = fc.tuple(fc.integer({ min: 1, max: 100_000 }), cuts(20_000))
    fc.assert(
      fc.property(pounds, ([hundredths, parts]) => {
        const ordered = formatQuantity(quantity(BigInt(hundredths) * 10_000n))
        const told = ship('RM', ordered, 'lb', parts.map((part) => BigInt(part) * 1_000n), packed(1n)) // prettier-ignore
        expect([told.wanted, told.gone]).toEqual([[], told.needed])
      }),
      { numRuns: 1_000 },
    )
  })
})
