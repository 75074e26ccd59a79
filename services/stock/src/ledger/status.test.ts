import { describe, expect, test } from '@jest/globals'
import { formatQuantity } from '@stockline/amounts'
import { decideAndStore, demand, location, posting, product, quantsOf, warehouse } from '../../test/builders.ts'
import { allocations, outcomes, received } from '../../test/reservations-builders.ts'
import type { WorkingSet } from './working-set.ts'

/** 10 of PX at WH/A, 4 at WH/B, 10 of lot L1 and serial number S1 at WH/A. */
function stocked(): WorkingSet {
  const workingSet = warehouse(
    [
      product('PX', { unit: 'unit', unitDecimals: 0 }),
      product('ML', { tracking: 'lot' }),
      product('SN', { tracking: 'serial', unit: 'unit', unitDecimals: 0 }),
    ],
    [location('WH/A'), location('WH/B'), location('WH/Minus', { allowNegative: true })],
  )
  decideAndStore(
    workingSet,
    received('PX', '10'),
    received('PX', '4', 'WH/B'),
    received('ML', '10', 'WH/A', { lot: 'L1' }),
    received('SN', '1', 'WH/A', { lot: 'S1' }),
  )
  return workingSet
}

type Line = Parameters<typeof posting>[1][number]
const held: Line = { sku: 'PX', quantity: '3', from: 'WH/A', to: 'WH/A', toStatus: 'quarantine' }
const scrapped: Line = { sku: 'PX', quantity: '3', from: 'WH/A', to: 'Virtual/Scrap' }

/** What is where as what, but for nothing. */
function statuses(workingSet: WorkingSet): string[] {
  return quantsOf(workingSet)
    .filter(({ onHand, location: { type } }) => onHand !== 0n && type !== 'vendor')
    .map(({ product: { sku }, location: at, status, onHand }) =>
      [at.code, sku, status, formatQuantity(onHand)].join(' '),
    )
    .sort()
}

describe('a document moves goods from one status to another', () => {
  test.each<[string, Line, readonly string[]]>([
    ['at one place', held, ['WH/A PX available 7', 'WH/A PX quarantine 3']],
    [
      'all of it, with its lot',
      { ...held, sku: 'ML', lot: 'L1', quantity: '10', toStatus: 'blocked' },
      ['WH/A ML blocked 10'],
    ],
    [
      'of a serial number',
      { ...held, sku: 'SN', lot: 'S1', quantity: '1', toStatus: 'damaged' },
      ['WH/A SN damaged 1'],
    ],
    ['out, as scrap', scrapped, ['WH/A PX available 7', 'Virtual/Scrap PX available 3']],
  ])('%s', (_title, line, expected) => {
    const workingSet = stocked()
    const before = statuses(workingSet)
    const {
      outcomes: [posted],
    } = decideAndStore(workingSet, posting('adjustment', [line]))
    expect(posted).toMatchObject({ outcome: 'posted' })
    const after = statuses(workingSet)
    expect(after.filter((each) => !before.includes(each))).toEqual([...expected].sort())
    for (const sku of ['PX', 'ML', 'SN'])
      expect(
        quantsOf(workingSet).reduce((sum, { product: of, onHand }) => sum + (of.sku === sku ? onHand : 0n), 0n),
      ).toBe(0n)
  })

  test.each<[string, Line, string]>([
    ['to the status that it has', { ...held, toStatus: 'available' }, 'moves-nothing'],
    ['to no other status', { ...held, toStatus: undefined }, 'moves-nothing'],
    ['more than there is', { ...held, quantity: '11' }, 'not-enough-stock'],
    ['more than there is as that', { ...held, status: 'damaged' }, 'not-enough-stock'],
    [
      'what is not there, though the place may be below zero',
      { ...held, from: 'WH/Minus', to: 'WH/Minus' },
      'not-enough-stock',
    ],
    [
      'scrap that is not there, though the place may be below zero',
      { ...scrapped, from: 'WH/Minus' },
      'not-enough-stock',
    ],
    ['to another place', { ...held, to: 'WH/B' }, 'not-an-adjustment'],
    ['of a lot that nobody knows', { ...held, sku: 'ML', lot: 'L2' }, 'unknown-lot'],
    ['of no lot', { ...held, sku: 'ML' }, 'lot-required'],
    ['of a fraction', { ...held, quantity: '0.5' }, 'quantity-too-precise'],
  ])('but not %s', (_title, line, code) => {
    const workingSet = stocked()
    const before = statuses(workingSet)
    expect(decideAndStore(workingSet, posting('adjustment', [line])).outcomes).toMatchObject([
      { outcome: 'refused', code },
    ])
    expect(statuses(workingSet)).toEqual(before)
  })

  test('a receipt brings goods in quarantine, which nobody is promised', () => {
    const workingSet = stocked()
    decideAndStore(workingSet, demand(1, [['PX', '20']]))
    decideAndStore(
      workingSet,
      posting('receipt', [{ sku: 'PX', quantity: '6', location: 'WH/B', status: 'quarantine' }]),
    )
    expect(statuses(workingSet)).toContain('WH/B PX quarantine 6')
    expect(allocations(workingSet, 1)).toEqual([])
  })
})

describe('what was reserved and is held is offered anew', () => {
  test('the least urgent loses it, hears why, and takes what is elsewhere', () => {
    const workingSet = stocked()
    decideAndStore(workingSet, demand(1, [['PX', '6']]), demand(2, [['PX', '4']]))
    const decision = decideAndStore(workingSet, posting('adjustment', [held]))
    expect(outcomes(decision)).toEqual(['posted', 'released 2 stock-gone', 'reserved 2'])
    expect(decision.outcomes[1]).toMatchObject({ detail: 'PX at WH/A is in quarantine now.' })
    expect(allocations(workingSet, 1)).toEqual(['WH/A 6'])
    expect(allocations(workingSet, 2)).toEqual(['WH/A 1', 'WH/B 3'])
  })

  test.each<[string, Line, string]>([
    ['quarantine', held, 'is in quarantine now'],
    ['damaged', { ...held, toStatus: 'damaged' }, 'is damaged now'],
    ['blocked', { ...held, toStatus: 'blocked' }, 'is blocked now'],
    ['scrap', scrapped, 'is no longer there'],
  ])('%s', (_title, line, what) => {
    const workingSet = stocked()
    decideAndStore(workingSet, demand(1, [['PX', '14']]))
    const decision = decideAndStore(workingSet, posting('adjustment', [line]))
    expect(decision.outcomes[1]).toMatchObject({ outcome: 'released', detail: `PX at WH/A ${what}.` })
    expect(allocations(workingSet, 1)).toEqual([])
  })

  test('what becomes available goes to who waits for it, the most urgent first', () => {
    const workingSet = stocked()
    decideAndStore(workingSet, posting('adjustment', [{ ...held, quantity: '10' }]))
    decideAndStore(workingSet, demand(1, [['PX', '8']]), demand(2, [['PX', '8']], { priority: 0 }))
    const back: Line = { ...held, quantity: '5', status: 'quarantine', toStatus: 'available' }
    expect(outcomes(decideAndStore(workingSet, posting('adjustment', [back])))).toEqual(['posted', 'reserved 2'])
    expect(statuses(workingSet)).toContain('WH/A PX quarantine 5')
  })
})
