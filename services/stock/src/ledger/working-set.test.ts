import { describe, expect, test } from '@jest/globals'
import { quantity, zero } from '@stockline/amounts'
import { location, product, warehouse } from '../../test/builders.ts'
import { isChanged, markStored, none, quantKey, setBalance } from './quant.ts'
import type { LedgerLot } from './reference.ts'
import type { Quant, QuantStatus } from './stock.ts'
import { availableTo } from '../reservations/remaining-life.ts'
import { addLot, addQuant, forgetQuant, knownLot, quantOf, supplyOf } from './working-set.ts'

const px = product('PX')
const place = location('WH/A')
const lot = (code: string, more: Partial<LedgerLot> = {}): LedgerLot => ({
  ...{ id: `lot-${code}`, productId: px.id, code, expiresOn: null, held: null, onHand: zero.quantity },
  ...more,
})
const start = () => warehouse([px], [place])

describe('the key of a quant', () => {
  test('is the location alone where no lot, status or package is to be told', () => {
    expect(quantKey(place, null, 'available', none)).toBe(place.id)
  })

  test('tells all quants of a location apart', () => {
    const lots = [null, lot('L1'), lot('L2')]
    const statuses: QuantStatus[] = ['available', 'quarantine', 'damaged', 'blocked']
    const packages = [none, 'package-1', 'package-2']
    const keys = lots.flatMap((each) =>
      statuses.flatMap((status) => packages.map((id) => quantKey(place, each, status, id))),
    )
    expect(new Set(keys).size).toBe(36)
  })
})

describe('a quant that changed', () => {
  const quant = () => quantOf(start(), px, place, null, 'available')
  test.each<[string, Partial<Quant>, boolean]>([
    ['in nothing', {}, false],
    ['in what is on hand', { onHand: quantity(1n) }, true],
    ['in what is reserved', { reserved: quantity(1n) }, true],
    ['in when it arrived', { arrivedAt: 1 }, true],
    ['in all', { onHand: quantity(1n), reserved: quantity(1n), arrivedAt: 1 }, true],
  ])('%s', (_title, change, expected) => {
    const changed = Object.assign(quant(), change)
    expect(isChanged(changed)).toBe(expected)
    markStored(changed)
    expect(isChanged(changed)).toBe(false)
  })
})

describe('what is on hand of a lot', () => {
  test.each([
    ['at a location of ours', place, 5n],
    ['at a virtual one, which does not count', location('Virtual/Vendors', { type: 'vendor', warehouse: null }), 0n],
  ])('%s', (_title, at, onHand) => {
    const [one, other] = [lot('L1'), lot('L2')]
    const workingSet = start()
    setBalance(quantOf(workingSet, px, at, one, 'available'), quantity(7n), zero.quantity)
    setBalance(quantOf(workingSet, px, at, one, 'available'), quantity(5n), quantity(2n))
    expect([one.onHand, other.onHand]).toEqual([onHand, 0n])
  })
})

describe('quants that are loaded', () => {
  const key = { product: px, location: place, lot: null, status: 'available', packageId: none } as const
  const stored = { onHand: quantity(5n), reserved: quantity(2n), arrivedAt: 7 }

  test('are as they are stored, and count as available', () => {
    const workingSet = start()
    const quant = addQuant(workingSet, key, stored)
    expect(quant).toMatchObject({ ...stored, storedOnHand: 5n, storedReserved: 2n, storedArrivedAt: 7 })
    expect(supplyOf(workingSet, px, 'WH')).toMatchObject({
      available: 3n,
      quants: [quant],
      sorted: false,
      horizon: null,
    })
    expect(workingSet.supplies.size).toBe(1)
  })

  test('stay as they were changed since, when they are loaded again', () => {
    const workingSet = start()
    const quant = addQuant(workingSet, key, stored)
    setBalance(quant, quantity(9n), zero.quantity)
    expect(addQuant(workingSet, key, stored)).toBe(quant)
    expect(quant).toMatchObject({ onHand: 9n, reserved: 0n, storedOnHand: 5n })
    expect(supplyOf(workingSet, px, 'WH').available).toBe(9n)
  })

  test('are in no supply where they cannot be promised', () => {
    const workingSet = start()
    expect(addQuant(workingSet, { ...key, status: 'damaged' }, stored).supply).toBeNull()
    expect(workingSet.supplies.size).toBe(0)
  })

  test('are forgotten with what they added', () => {
    const workingSet = start()
    const [first, second] = [
      addQuant(workingSet, key, stored),
      addQuant(workingSet, { ...key, packageId: 'p' }, stored),
    ]
    forgetQuant(workingSet, first)
    expect(supplyOf(workingSet, px, 'WH')).toMatchObject({ available: 3n, quants: [second] })
    expect(first.supply).toBeNull()
    expect([...(workingSet.quants.get(px.id)?.values() ?? [])]).toEqual([second])
  })
})

test('a supply is made once, and one of nothing is in order', () => {
  const workingSet = start()
  const supply = supplyOf(workingSet, px, 'WH')
  expect(supply).toMatchObject({ sorted: true, available: 0n, quants: [], waiting: [], horizon: null })
  expect(supplyOf(workingSet, px, 'WH')).toBe(supply)
  expect(supplyOf(workingSet, px, 'W2')).not.toBe(supply)
})

test('lots are known by product and code, and what of one is available is what is not reserved', () => {
  const workingSet = start()
  const [one, other] = [lot('L1'), lot('L2')]
  for (const each of [one, other]) addLot(workingSet, each)
  addLot(workingSet, { ...one, productId: 'another' })
  expect([knownLot(workingSet, px, 'L1'), knownLot(workingSet, px, 'L2'), knownLot(workingSet, px, 'L3')]).toEqual([
    one,
    other,
    undefined,
  ])
  expect(knownLot(workingSet, px, 'L1')).toBe(one)
  setBalance(quantOf(workingSet, px, place, one, 'available'), quantity(5n), quantity(2n))
  setBalance(quantOf(workingSet, px, place, other, 'available'), quantity(9n), zero.quantity)
  expect(availableTo(supplyOf(workingSet, px, 'WH'), { lot: 'L1' }, '2026-04-20')).toBe(3n)
})
