import { describe, expect, test } from '@jest/globals'
import { parseQuantity, zero } from '@stockline/amounts'
import { day, decideAndStore, demand, noon, location, posting, product, warehouse } from '../../test/builders.ts'
import { allocations, received } from '../../test/reservations-builders.ts'
import type { LedgerProduct, RemovalRule, RemovalStrategy } from '../ledger/reference.ts'
import { quantOf } from '../ledger/working-set.ts'
import { setBalance } from '../ledger/quant.ts'
import type { Quant } from '../ledger/stock.ts'
import { compareQuants, strategyFor } from './removal.ts'

describe('what may be reserved', () => {
  test.each([
    ['not reservable', location('WH/Z', { reservable: false })],
    ['not active', location('WH/Z', { active: false })],
    ['of another warehouse', location('W2/Z')],
    ['in transit', location('WH/Z', { type: 'transit' })],
  ])('nothing at a location that is %s', (_, elsewhere) => {
    const px = product('PX')
    const workingSet = warehouse([px], [elsewhere])
    setBalance(quantOf(workingSet, px, elsewhere, null, 'available'), parseQuantity('5'), zero.quantity)
    decideAndStore(workingSet, demand(1, [['PX', '5']]))
    expect(allocations(workingSet, 1)).toEqual([])
  })

  test("no lot that has expired, on the company's date; one that expires today", () => {
    const workingSet = warehouse([product('ML', { tracking: 'lot' })], [location('WH/A')])
    decideAndStore(workingSet, received('ML', '5', 'WH/A', { lot: 'OLD', expiresOn: '2026-04-19' }))
    decideAndStore(workingSet, demand(1, [['ML', '5']]))
    expect(allocations(workingSet, 1)).toEqual([])
    decideAndStore(workingSet, received('ML', '5', 'WH/A', { lot: 'TODAY', expiresOn: '2026-04-20' }))
    expect(allocations(workingSet, 1)).toEqual(['WH/A TODAY 5'])
  })

  test('nothing of a damaged quant', () => {
    const workingSet = warehouse([product('PX')], [location('WH/A')])
    decideAndStore(
      workingSet,
      posting('adjustment', [{ sku: 'PX', quantity: '5', status: 'damaged' }]),
      demand(1, [['PX', '1']]),
    )
    expect(allocations(workingSet, 1)).toEqual([])
  })
})

describe('removal strategies', () => {
  const locations = [
    location('WH/A', { pickSequence: 3 }),
    location('WH/B', { pickSequence: 2 }),
    location('WH/C', { pickSequence: 1 }),
  ]
  function picked(strategy: RemovalStrategy | null, tracked: LedgerProduct, rules?: readonly RemovalRule[]): string[] {
    const workingSet = warehouse(
      [tracked],
      locations,
      rules ?? (strategy ? [{ warehouse: null, category: null, strategy }] : []),
    )
    const lot = (code: string, expiresOn: string) => (tracked.tracking === 'none' ? {} : { lot: code, expiresOn })
    decideAndStore(
      workingSet,
      received(tracked.sku, '1', 'WH/B', { ...lot('L2', '2026-06-01'), at: noon - 3 * day }),
      received(tracked.sku, '1', 'WH/A', { ...lot('L1', '2026-07-01'), at: noon - 2 * day }),
      received(tracked.sku, '1', 'WH/C', { ...lot('L3', '2026-05-01'), at: noon - 2 * day }),
      received(tracked.sku, '1', 'WH/B', { ...lot('L2', '2026-06-01'), at: noon - 1 * day }),
      demand(1, [[tracked.sku, '4']]),
    )
    return allocations(workingSet, 1).map((allocation) => allocation.split(' ')[0] ?? '')
  }
  const plain = product('PX')
  const lots = product('ML', { tracking: 'lot' })

  test.each([
    [
      'fifo: what arrived first, later arrivals make nothing younger, ties by code',
      'fifo',
      plain,
      ['WH/B', 'WH/A', 'WH/C'],
    ],
    ['lifo: what arrived last', 'lifo', plain, ['WH/A', 'WH/C', 'WH/B']],
    ['closest: by pick sequence', 'closest', plain, ['WH/C', 'WH/B', 'WH/A']],
    ['fefo: what expires first', 'fefo', lots, ['WH/C', 'WH/B', 'WH/A']],
    ['without a rule, fifo for what has no lot', null, plain, ['WH/B', 'WH/A', 'WH/C']],
    ['without a rule, fefo for lots', null, lots, ['WH/C', 'WH/B', 'WH/A']],
  ] as const)('%s', (_, strategy, tracked, expected) => {
    expect(picked(strategy, tracked)).toEqual(expected)
  })

  test('what arrived at a time that is not known goes before all else', () => {
    const px = product('PX')
    const workingSet = warehouse([px], [location('WH/A'), location('WH/B')], [], '1970-01-02')
    setBalance(quantOf(workingSet, px, locations[1]!, null, 'available'), parseQuantity('1'), zero.quantity)
    decideAndStore(workingSet, received('PX', '1', 'WH/A', { at: 0 }))
    expect(quantOf(workingSet, px, locations[1]!, null, 'available').arrivedAt).toBeNull()
    decideAndStore(workingSet, demand(1, [['PX', '2']]))
    expect(allocations(workingSet, 1)).toEqual(['WH/A 1', 'WH/B 1'])
  })

  test('the narrowest rule wins', () => {
    const rules: RemovalRule[] = [
      { warehouse: 'WH', category: null, strategy: 'closest' },
      { warehouse: null, category: 'Goods', strategy: 'lifo' },
      { warehouse: 'W2', category: 'Goods', strategy: 'fifo' },
    ]
    expect(picked(null, plain, rules)).toEqual(['WH/A', 'WH/C', 'WH/B'])
    expect(picked(null, product('PX', { category: 'Other' }), rules)).toEqual(['WH/C', 'WH/B', 'WH/A'])
  })
})

describe('which of two quants is taken first', () => {
  const quant = (code: string, more: object = {}, lot: object | null = null) =>
    ({ location: { code, pickSequence: 0 }, lot, packageId: 'a', arrivedAt: 5, ...more }) as unknown as Quant
  const at = (code: string, pickSequence: number, arrivedAt: number | null) =>
    quant(code, { location: { code, pickSequence }, arrivedAt })
  const lot = (code: string, expiresOn: string | null) => ({ code, expiresOn })
  test.each<[string, RemovalStrategy, Quant, Quant]>([
    ['fifo: the older', 'fifo', at('B', 9, 4), at('A', 1, 5)],
    ['fifo: one of a time that is not known', 'fifo', at('B', 9, null), at('A', 1, 1)],
    ['fifo: of one age, by name', 'fifo', at('A', 9, 5), at('B', 1, 5)],
    ['fifo: at one location, by lot', 'fifo', quant('A', {}, lot('L1', null)), quant('A', {}, lot('L2', null))],
    ['fifo: no lot before one', 'fifo', quant('A'), quant('A', {}, lot('L2', null))],
    ['fifo: of one lot, by package', 'fifo', quant('A'), quant('A', { packageId: 'b' })],
    ['lifo: the younger', 'lifo', at('B', 9, 5), at('A', 1, 4)],
    ['lifo: of one age, by name', 'lifo', at('A', 9, 5), at('B', 1, 5)],
    [
      'fefo: what expires first',
      'fefo',
      quant('B', { arrivedAt: 9 }, lot('L2', '2026-05-01')),
      quant('A', {}, lot('L1', '2026-05-02')),
    ],
    [
      'fefo: before what never expires',
      'fefo',
      quant('B', { arrivedAt: 9 }, lot('L2', '2026-05-01')),
      quant('A', {}, lot('L1', null)),
    ],
    ['fefo: before what has no lot', 'fefo', quant('B', { arrivedAt: 9 }, lot('L2', '2026-05-01')), quant('A')],
    [
      'fefo: of one day, the older',
      'fefo',
      quant('B', { arrivedAt: 4 }, lot('L2', '2026-05-01')),
      quant('A', {}, lot('L1', '2026-05-01')),
    ],
    ['fefo: of one age, by name', 'fefo', quant('A', {}, lot('L2', null)), quant('B', {}, lot('L1', null))],
    ['closest: by pick sequence', 'closest', at('B', 1, 9), at('A', 2, 1)],
    ['closest: of one, the older', 'closest', at('B', 1, 4), at('A', 1, 5)],
    ['closest: of one age, by name', 'closest', at('A', 1, 5), at('B', 1, 5)],
  ])('%s', (_title, strategy, first, second) => {
    expect(compareQuants[strategy](first, second)).toBeLessThan(0)
    expect(compareQuants[strategy](second, first)).toBeGreaterThan(0)
    expect(compareQuants[strategy](first, first)).toBe(0)
  })
})

describe('the strategy of a product', () => {
  const both: RemovalRule = { warehouse: 'WH', category: 'Goods', strategy: 'lifo' }
  const ofCategory: RemovalRule = { ...both, warehouse: null, strategy: 'closest' }
  const ofWarehouse: RemovalRule = { ...both, category: null, strategy: 'fefo' }
  const any: RemovalRule = { warehouse: null, category: null, strategy: 'fifo' }
  test.each<[string, RemovalRule[], RemovalStrategy]>([
    ['by warehouse and category', [both, ofCategory, ofWarehouse, any], 'lifo'],
    ['by category', [ofCategory, ofWarehouse, any], 'closest'],
    ['by warehouse', [ofWarehouse, any], 'fefo'],
    ['by a rule for all', [any], 'fifo'],
    [
      'by no rule of another warehouse',
      [
        { ...both, warehouse: 'W2' },
        { ...ofWarehouse, warehouse: 'W2' },
      ],
      'fifo',
    ],
    [
      'by no rule of another category',
      [
        { ...both, category: 'X' },
        { ...ofCategory, category: 'X' },
      ],
      'fifo',
    ],
    ['by the first of two that say as much', [any, { ...any, strategy: 'lifo' }], 'fifo'],
    ['by none', [], 'fifo'],
  ])('%s', (_title, rules, expected) => {
    for (const each of [rules, rules.length > 1 && expected !== 'fifo' ? rules.toReversed() : rules])
      expect(strategyFor(each, 'WH', product('PX'))).toBe(expected)
  })
  test.each([
    ['none', 'fifo'],
    ['serial', 'fifo'],
    ['lot', 'fefo'],
  ] as const)('tracking by %s: %s', (tracking, expected) =>
    expect(strategyFor([], 'WH', product('PX', { tracking }))).toBe(expected),
  )
})
