import { describe, expect, test } from '@jest/globals'
import { quantity, zero } from '@stockline/amounts'
import { location, product, warehouse } from '../../test/builders.ts'
import { offer, releaseAllocations, reserve, reservePicked } from '../reservations/reservations.ts'
import { quantOf, supplyOf } from './working-set.ts'
import { unreservedOf } from '../availability/available.ts'
import { setBalance } from './quant.ts'
import type { Demand } from './stock.ts'

const px = product('PX')
const wh = location('WH/A')

/** A demand of 5 PX to which nothing is allocated. */
function demandOf(allowPartial: boolean, asked = 5n): Demand {
  const lines = [{ line: 1, product: px, quantity: quantity(asked), lot: null }]
  const dates = { scheduledDate: null, orderedAt: 0, priority: 5 }
  const known = { documentId: 'id', number: 'WH/OUT/00001', warehouse: 'WH', revision: 1, storedRevision: 0 }
  return {
    ...known,
    ...dates,
    allowPartial,
    status: 'open',
    lines,
    order: null,
    held: null,
    reserveUntil: null,
    allocations: [],
    reservedSince: null,
    waitsFor: [],
  }
}

describe('what is available of a quant', () => {
  const cases: [onHand: bigint, reserved: bigint, available: bigint][] = [
    [5n, 3n, 2n],
    [5n, 0n, 5n],
    [5n, 5n, 0n],
    [5n, 6n, 0n],
    [0n, 0n, 0n],
    [0n, 1n, 0n],
    [-5n, 0n, 0n],
    [-5n, 3n, 0n],
  ]
  test.each(cases)('%s on hand, %s reserved: %s, and never less than nothing', (onHand, reserved, available) => {
    const workingSet = warehouse([px], [wh])
    const quant = quantOf(workingSet, px, wh, null, 'available')
    setBalance(quant, quantity(onHand), quantity(reserved))
    expect(unreservedOf(quant)).toBe(available)
    expect(supplyOf(workingSet, px, 'WH').available).toBe(available)
  })

  test('negative stock takes nothing from what lies elsewhere', () => {
    const elsewhere = location('WH/B')
    const workingSet = warehouse([px], [wh, elsewhere])
    setBalance(quantOf(workingSet, px, wh, null, 'available'), quantity(-4n), zero.quantity)
    setBalance(quantOf(workingSet, px, elsewhere, null, 'available'), quantity(5n), zero.quantity)
    expect(supplyOf(workingSet, px, 'WH').available).toBe(5n)
    const demand = demandOf(false)
    expect(reserve(workingSet, demand)).toBe(true)
    expect(demand.allocations).toMatchObject([{ quant: { location: elsewhere }, quantity: 5n }])
  })
})

describe('of those who wait, only some were loaded', () => {
  /** What is free at WH/A, and two who wait for 5 each; those behind the first were not loaded, where `horizon` says so. */
  const waiting = (available: bigint, horizon: boolean) => {
    const workingSet = warehouse([px], [wh])
    const supply = supplyOf(workingSet, px, 'WH')
    const [first, second] = [demandOf(false), { ...demandOf(false), documentId: 'later', orderedAt: 1 }]
    for (const demand of [first, second]) reserve(workingSet, demand)
    setBalance(quantOf(workingSet, px, wh, null, 'available'), quantity(available), zero.quantity)
    if (horizon) supply.horizon = first
    const { served } = offer(workingSet, new Set([supply]))
    return { served: served.map(({ documentId }) => documentId), exhausted: workingSet.exhausted.has(supply) }
  }
  test.each([
    ['all are loaded: each has what there is', 10n, false, ['id', 'later'], false],
    ['what is left over is for those who must be loaded first', 10n, true, ['id'], true],
    ['less is left over than is of use: nobody knows to whom', 7n, true, ['id'], true],
    ['nothing is left over: nobody need be loaded', 5n, true, ['id'], false],
    ['nothing is free at all', 0n, true, [], false],
  ])('%s', (_title, available, horizon, served, exhausted) => {
    expect(waiting(available, horizon)).toEqual({ served, exhausted })
  })
})

describe('a need without an allocation', () => {
  test.each([[true], [false]])('has gained nothing where nothing is there (part allowed: %s), and waits', (partial) => {
    const workingSet = warehouse([px], [wh])
    const demand = demandOf(partial)
    expect(reserve(workingSet, demand)).toBe(false)
    expect(demand).toMatchObject({ allocations: [], waitsFor: [supplyOf(workingSet, px, 'WH')] })
  })

  test.each([[true], [false]])(
    'that needs nothing (part allowed: %s) gains nothing and waits for nothing',
    (partial) => {
      const workingSet = warehouse([px], [wh])
      setBalance(quantOf(workingSet, px, wh, null, 'available'), quantity(5n), zero.quantity)
      const demand = demandOf(partial, 0n)
      expect(reserve(workingSet, demand)).toBe(false)
      expect(demand).toMatchObject({ allocations: [], waitsFor: [] })
    },
  )

  test('that has all it needs is given nothing more', () => {
    const workingSet = warehouse([px], [wh])
    setBalance(quantOf(workingSet, px, wh, null, 'available'), quantity(9n), zero.quantity)
    const demand = demandOf(false)
    expect([reserve(workingSet, demand), reserve(workingSet, demand)]).toEqual([true, false])
    expect(demand.allocations).toHaveLength(1)
    expect(supplyOf(workingSet, px, 'WH').available).toBe(4n)
  })

  test('gives nothing back, and is not offered what nobody has', () => {
    const workingSet = warehouse([px], [wh])
    const demand = demandOf(false)
    expect(releaseAllocations(workingSet, demand).size).toBe(0)
    reserve(workingSet, demand)
    expect(offer(workingSet, new Set([supplyOf(workingSet, px, 'WH')]))).toEqual({ served: [], asked: [] })
  })

  test('is held nothing of what was not picked', () => {
    const workingSet = warehouse([px], [wh])
    setBalance(quantOf(workingSet, px, wh, null, 'available'), quantity(5n), zero.quantity)
    const demand = demandOf(false)
    reservePicked(workingSet, demand, [
      { line: 1, sku: 'PX', quantity: quantity(5n), picked: [] },
      {
        line: 2,
        sku: 'PX',
        quantity: quantity(5n),
        picked: [{ location: 'WH/A', lot: null, quantity: zero.quantity }],
      },
    ])
    expect(demand.allocations).toEqual([])
    expect(supplyOf(workingSet, px, 'WH').available).toBe(5n)
  })
})
