import { describe, expect, test } from '@jest/globals'
import {
  balances,
  cancelled,
  day,
  decideAndStore,
  demand,
  noon,
  location,
  posting,
  product,
  quantsOf,
  uuid,
  warehouse,
} from '../../test/builders.ts'
import { moveIds } from './move.ts'
import type { WorkingSet } from './working-set.ts'

const products = [
  product('PX', { unit: 'unit', unitDecimals: 0 }),
  product('RM'),
  product('ML', { tracking: 'lot' }),
  product('SN', { tracking: 'serial', unit: 'unit', unitDecimals: 0 }),
  product('SV', { type: 'service' }),
  product('OLD', { active: false }),
]
const locations = [
  location('WH/A'),
  location('WH/B'),
  location('WH/Gone', { active: false }),
  location('WH/Minus', { allowNegative: true }),
  location('W2/A'),
]

/** Stock to begin with: 10 of PX and lot L1 (expires 2026-08-01) and serial S1 at WH/A. */
function stocked(): WorkingSet {
  const workingSet = warehouse(products, locations)
  decideAndStore(
    workingSet,
    posting('receipt', [
      { sku: 'PX', quantity: '10' },
      { sku: 'ML', quantity: '10', lot: 'L1', expiresOn: '2026-08-01' },
      { sku: 'SN', quantity: '1', lot: 'S1' },
    ]),
  )
  return workingSet
}

describe('what each kind of document moves', () => {
  test('a receipt comes from the vendors', () => {
    const workingSet = warehouse(products, locations)
    const { outcomes } = decideAndStore(workingSet, posting('receipt', [{ sku: 'RM', quantity: '2.5' }]))
    expect(outcomes[0]).toMatchObject({ outcome: 'posted', position: 1n })
    expect(balances(workingSet)).toEqual({ 'WH/A RM': '2.5', 'Virtual/Vendors RM': '-2.5' })
  })

  test('a delivery goes to the customers, opening stock comes from the opening balance', () => {
    const workingSet = warehouse(products, locations)
    decideAndStore(workingSet, posting('opening', [{ sku: 'PX', quantity: '9' }]))
    decideAndStore(workingSet, posting('delivery', [{ sku: 'PX', quantity: '4' }]))
    expect(balances(workingSet)).toEqual({ 'WH/A PX': '5', 'Virtual/Opening PX': '-9', 'Virtual/Customers PX': '4' })
  })

  test('an adjustment gains from and loses to inventory loss', () => {
    const workingSet = stocked()
    const { outcomes } = decideAndStore(
      workingSet,
      posting('adjustment', [
        { sku: 'PX', quantity: '-2' },
        { sku: 'PX', quantity: '3', location: 'WH/B' },
      ]),
    )
    expect(outcomes[0]).toMatchObject({
      outcome: 'posted',
      moves: [{ quantity: 2_000_000n }, { quantity: 3_000_000n }],
    })
    expect(balances(workingSet)).toMatchObject({ 'WH/A PX': '8', 'WH/B PX': '3', 'Virtual/Loss PX': '-1' })
  })

  test('positions follow each other without a gap; a refused document takes none', () => {
    const workingSet = stocked()
    const { outcomes } = decideAndStore(
      workingSet,
      posting('delivery', [{ sku: 'PX', quantity: '1' }]),
      posting('delivery', [{ sku: 'PX', quantity: '99' }]),
      posting('delivery', [{ sku: 'PX', quantity: '1' }]),
    )
    expect(outcomes.map((one) => (one.outcome === 'posted' ? one.position : one.outcome))).toEqual([2n, 'refused', 3n])
  })

  test('stock has arrived when on-hand left zero, and is not made younger by more', () => {
    const workingSet = warehouse(products, locations)
    const at = (days: number, kind: 'receipt' | 'delivery', q: string) =>
      posting(kind, [{ sku: 'PX', quantity: q }], { effectiveAt: noon - days * day })
    const arrived = () => quantsOf(workingSet).find((quant) => quant.location.code === 'WH/A')?.arrivedAt
    decideAndStore(workingSet, at(9, 'receipt', '5'), at(8, 'receipt', '5'))
    expect(arrived()).toBe(noon - 9 * day)
    decideAndStore(workingSet, at(7, 'delivery', '10'))
    expect(arrived()).toBeNull()
    decideAndStore(workingSet, at(6, 'receipt', '1'))
    expect(arrived()).toBe(noon - 6 * day)
  })

  test('ids of moves are UUIDs of version 7 that sort as the ledger does', () => {
    const ids = [moveIds(noon, 1n)(1), moveIds(noon, 1n)(2), moveIds(noon, 300n)(1), moveIds(noon + 1, 301n)(1)]
    expect([...ids].sort()).toEqual(ids)
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/)
  })
})

describe('what is refused, in this order', () => {
  const cases: [code: string, ...Parameters<typeof posting>][] = [
    ['effective-in-future', 'receipt', [{ sku: 'PX', quantity: '1' }], { effectiveAt: noon + day }],
    ['unknown-product', 'receipt', [{ sku: 'NO', quantity: '1' }]],
    ['product-is-service', 'receipt', [{ sku: 'SV', quantity: '1' }]],
    ['product-inactive', 'receipt', [{ sku: 'OLD', quantity: '1' }]],
    ['unit-changed', 'receipt', [{ sku: 'PX', quantity: '1', unit: 'kg' }]],
    ['unit-changed', 'delivery', [{ sku: 'PX', quantity: '1', unit: 'kg' }]],
    ['unknown-location', 'receipt', [{ sku: 'PX', quantity: '1', location: 'WH/No' }]],
    ['location-not-internal', 'receipt', [{ sku: 'PX', quantity: '1', location: 'Virtual/Loss' }]],
    ['location-inactive', 'receipt', [{ sku: 'PX', quantity: '1', location: 'WH/Gone' }]],
    ['location-elsewhere', 'receipt', [{ sku: 'PX', quantity: '1', location: 'W2/A' }], { warehouse: 'WH' }],
    ['quantity-is-zero', 'adjustment', [{ sku: 'PX', quantity: '0' }]],
    ['quantity-too-precise', 'receipt', [{ sku: 'PX', quantity: '1.5' }]],
    ['serial-not-one', 'receipt', [{ sku: 'SN', quantity: '2', lot: 'S9' }]],
    ['lot-not-tracked', 'receipt', [{ sku: 'PX', quantity: '1', lot: 'L1' }]],
    ['lot-not-tracked', 'receipt', [{ sku: 'PX', quantity: '1', expiresOn: '2026-08-01' }]],
    ['lot-required', 'receipt', [{ sku: 'ML', quantity: '1' }]],
    ['lot-required', 'delivery', [{ sku: 'SN', quantity: '1' }]],
    ['unknown-lot', 'delivery', [{ sku: 'ML', quantity: '1', lot: 'L9' }]],
    ['lot-expires-otherwise', 'receipt', [{ sku: 'ML', quantity: '1', lot: 'L1', expiresOn: '2026-08-02' }]],
    ['not-enough-stock', 'delivery', [{ sku: 'RM', quantity: '1' }]],
    ['serial-on-hand', 'receipt', [{ sku: 'SN', quantity: '1', lot: 'S1', location: 'WH/B' }]],
    ['not-enough-stock', 'delivery', [{ sku: 'PX', quantity: '11' }]],
    ['not-enough-stock', 'delivery', [{ sku: 'SN', quantity: '1', lot: 'S1', location: 'WH/B' }]],
    ['not-enough-stock', 'adjustment', [{ sku: 'PX', quantity: '-11' }]],
  ]
  test.each(cases)('%s (%s %j)', (code, ...document) => {
    const workingSet = stocked()
    const before = balances(workingSet)
    const known = quantsOf(workingSet).length
    const decision = decideAndStore(workingSet, posting(...document))
    expect(decision.outcomes).toMatchObject([{ outcome: 'refused', code }])
    expect(balances(workingSet)).toEqual(before)
    expect(decision.quants).toEqual([])
    expect(decision.lots).toEqual([])
    expect(quantsOf(workingSet)).toHaveLength(known)
  })

  test.each([
    ['14 digits before the point are held', ['99999999999999.998', '0.001'], ['posted', 'posted']],
    ['one step more is not', ['99999999999999.999', '0.001'], ['posted', 'balance-too-large']],
    ['nor where each half is', ['60000000000000', '40000000000000'], ['posted', 'balance-too-large']],
  ])('a balance beyond its limit: %s', (_title, quantities, expected) => {
    const workingSet = warehouse(products, locations)
    const documents = quantities.map((quantity) => posting('receipt', [{ sku: 'RM', quantity }]))
    const { outcomes } = decideAndStore(workingSet, ...documents)
    expect(outcomes.map((one) => (one.outcome === 'refused' ? one.code : one.outcome))).toEqual(expected)
  })

  test('all wrong lines at once, and nothing of the right ones stays', () => {
    const workingSet = stocked()
    const before = balances(workingSet)
    const decision = decideAndStore(
      workingSet,
      posting('receipt', [
        { sku: 'NO', quantity: '1', location: 'WH/No' },
        { sku: 'ML', quantity: '5', lot: 'NEW', expiresOn: '2027-01-01' },
        { sku: 'SN', quantity: '1', lot: 'S2' },
        { sku: 'SN', quantity: '1', lot: 'S2' },
      ]),
    )
    expect(decision.outcomes).toMatchObject([
      {
        outcome: 'refused',
        code: 'several-faults',
        detail: 'Line 1: No product has the sku NO. (and 2 more)',
        faults: [
          { line: 1, code: 'unknown-product' },
          { line: 1, code: 'unknown-location' },
          { line: 4, code: 'serial-on-hand' },
        ],
      },
    ])
    expect(balances(workingSet)).toEqual(before)
    expect(workingSet.lots.get('product-ML')?.has('NEW')).toBe(false)
  })

  test('the second line that takes from one place is the one that is too much', () => {
    const lines = [
      { sku: 'PX', quantity: '6' },
      { sku: 'PX', quantity: '6' },
    ]
    expect(decideAndStore(stocked(), posting('delivery', lines)).outcomes).toMatchObject([
      { code: 'not-enough-stock', faults: [{ line: 2, message: '6 of PX at WH/A are wanted, 4 are there.' }] },
    ])
  })

  test('a lot that expired before it was shipped; not one that a supervisor says was shipped before', () => {
    const workingSet = warehouse(products, locations, [], '2026-08-02')
    workingSet.recordedAt = Date.UTC(2026, 7, 2, 12)
    decideAndStore(workingSet, posting('opening', [{ sku: 'ML', quantity: '9', lot: 'L1', expiresOn: '2026-08-01' }]))
    const ship = (more: Parameters<typeof posting>[2]) =>
      decideAndStore(workingSet, posting('delivery', [{ sku: 'ML', quantity: '1', lot: 'L1' }], more)).outcomes
    expect(ship({ effectiveAtStated: false })).toMatchObject([
      { code: 'lot-expired', detail: 'Line 1: Lot L1 expired on 2026-08-01: it cannot be shipped.' },
    ])
    expect(ship({ effectiveAt: Date.UTC(2026, 7, 2) })).toMatchObject([{ code: 'lot-expired' }])
    expect(ship({ effectiveAt: Date.UTC(2026, 7, 1, 23) })).toMatchObject([{ outcome: 'posted' }])
  })

  test('the day on which it was shipped is that of the company', () => {
    const workingSet = warehouse(products, locations, [], '2026-08-02', 'America/Los_Angeles')
    workingSet.recordedAt = Date.UTC(2026, 7, 2, 20)
    decideAndStore(workingSet, posting('opening', [{ sku: 'ML', quantity: '9', lot: 'L1', expiresOn: '2026-08-01' }]))
    const ship = (effectiveAt: number) =>
      decideAndStore(workingSet, posting('delivery', [{ sku: 'ML', quantity: '1', lot: 'L1' }], { effectiveAt }))
    expect(ship(Date.UTC(2026, 7, 2, 6)).outcomes).toMatchObject([{ outcome: 'posted' }])
    expect(ship(Date.UTC(2026, 7, 2, 8)).outcomes).toMatchObject([{ code: 'lot-expired' }])
  })

  test('nothing where the location may be negative, but serial numbers: there is no less than no piece', () => {
    const workingSet = stocked()
    const shipped = () => posting('delivery', [{ sku: 'SN', quantity: '1', lot: 'S1', location: 'WH/Minus' }])
    expect(decideAndStore(workingSet, shipped()).outcomes).toMatchObject([{ code: 'not-enough-stock' }])
    decideAndStore(workingSet, posting('delivery', [{ sku: 'PX', quantity: '3', location: 'WH/Minus' }]))
    expect(balances(workingSet)).toMatchObject({ 'WH/Minus PX': '-3' })
  })
})

describe('lots', () => {
  test('a new lot takes the id of the move that brought it', () => {
    const workingSet = warehouse(products, locations)
    const { lots } = decideAndStore(workingSet, posting('receipt', [{ sku: 'ML', quantity: '1', lot: 'N' }]))
    expect(lots).toMatchObject([{ id: moveIds(noon, 1n)(1), code: 'N', expiresOn: null }])
  })

  test('an expiry may be said later, once', () => {
    const workingSet = warehouse(products, locations)
    const receive = (expiresOn: string | null) =>
      decideAndStore(workingSet, posting('receipt', [{ sku: 'ML', quantity: '1', lot: 'N', expiresOn }])).outcomes[0]
        ?.outcome
    expect([receive(null), receive('2026-09-01'), receive(null), receive('2026-09-02')]).toEqual([
      'posted',
      'posted',
      'posted',
      'refused',
    ])
  })

  test('a serial number that left may come back', () => {
    const workingSet = stocked()
    const { outcomes } = decideAndStore(
      workingSet,
      posting('delivery', [{ sku: 'SN', quantity: '1', lot: 'S1' }]),
      posting('receipt', [{ sku: 'SN', quantity: '1', lot: 'S1', location: 'WH/B' }]),
    )
    expect(outcomes.map((one) => one.outcome)).toEqual(['posted', 'posted'])
  })
})

describe('a document is posted once', () => {
  test('the same try again is answered by what it was', () => {
    const workingSet = stocked()
    const good = posting('receipt', [{ sku: 'PX', quantity: '1' }])
    const bad = posting('delivery', [{ sku: 'PX', quantity: '99' }])
    const { outcomes } = decideAndStore(
      workingSet,
      good,
      good,
      bad,
      bad,
      { ...bad, attempt: 2 },
      { ...good, attempt: 2 },
    )
    expect(outcomes).toMatchObject([
      { outcome: 'posted', position: 2n },
      { outcome: 'repeated', earlier: { position: 2n } },
      { outcome: 'refused' },
      { outcome: 'repeated', earlier: { position: null } },
      { outcome: 'refused' },
      { outcome: 'repeated', earlier: { position: 2n } },
    ])
    expect(balances(workingSet)).toMatchObject({ 'WH/A PX': '11' })
  })
})

describe('a delivery that ships', () => {
  const ship = (n: number, q: string, location = 'WH/A', attempt = 1) =>
    posting('delivery', [{ sku: 'PX', quantity: q, location }], { documentId: uuid(n), attempt })

  test('uses up what was reserved, and frees the rest for others', () => {
    const workingSet = stocked()
    decideAndStore(workingSet, demand(1, [['PX', '10']]), demand(2, [['PX', '3']]))
    const { outcomes } = decideAndStore(workingSet, ship(1, '7'))
    expect(outcomes).toMatchObject([
      { outcome: 'posted' },
      { outcome: 'reserved', complete: true, demand: { number: 'WH/OUT/00002' } },
    ])
    expect(workingSet.demands.get(uuid(1))).toMatchObject({ status: 'shipped', allocations: [] })
  })

  test('may take from another place than reserved if enough is free there', () => {
    const workingSet = stocked()
    decideAndStore(
      workingSet,
      posting('receipt', [{ sku: 'PX', quantity: '10', location: 'WH/B' }], { effectiveAt: noon }),
    )
    decideAndStore(workingSet, demand(1, [['PX', '10']]), demand(2, [['PX', '6']]))
    const decision = decideAndStore(workingSet, ship(1, '5', 'WH/B'), ship(1, '4', 'WH/B', 2))
    expect(decision.outcomes).toMatchObject([
      { outcome: 'refused', code: 'reserved-for-others' },
      { outcome: 'posted' },
    ])
    expect(balances(workingSet)).toMatchObject({ 'WH/A PX': '10', 'WH/B PX': '6' })
  })

  test('refused, it keeps what it had', () => {
    const workingSet = stocked()
    decideAndStore(workingSet, demand(1, [['PX', '10']]), demand(2, [['PX', '3']]))
    decideAndStore(workingSet, ship(1, '11'))
    expect(workingSet.demands.get(uuid(1))?.allocations).toMatchObject([{ quantity: 10_000_000n }])
    expect(workingSet.demands.get(uuid(2))?.allocations).toEqual([])
    expect(decideAndStore(workingSet, ship(1, '10', 'WH/A', 2)).outcomes).toMatchObject([{ outcome: 'posted' }])
  })

  test('is closed: what is amended or cancelled afterwards changes nothing', () => {
    const workingSet = stocked()
    decideAndStore(workingSet, demand(1, [['PX', '4']]), ship(1, '4'))
    expect(decideAndStore(workingSet, demand(1, [['PX', '6']], { revision: 2 }), cancelled(1)).outcomes).toEqual([])
  })
})
