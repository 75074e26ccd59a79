import { describe, expect, test } from '@jest/globals'
import { formatQuantity, parseQuantity } from '@stockline/amounts'
import { cancelled, decideAndStore, demand, location, posting, product, uuid, warehouse } from '../../test/builders.ts'
import type { WorkingSet } from '../ledger/working-set.ts'

/** What a delivery has, as `line lot quantity`. */
function allocations(workingSet: WorkingSet, n: number): string[] {
  return (workingSet.demands.get(uuid(n))?.allocations ?? []).map(
    ({ line, quant, quantity: q }) => `${line} ${quant.lot?.code ?? '-'} ${formatQuantity(q)}`,
  )
}

const received = (lot: string, q: string, more: { expiresOn?: string; location?: string } = {}) =>
  posting('receipt', [{ sku: 'ML', quantity: q, lot, ...more }])

/** 5 of L1, which expires first, and 5 of L2. */
function stocked(): WorkingSet {
  const workingSet = warehouse(
    [product('ML', { tracking: 'lot' }), product('PX')],
    [location('WH/A'), location('WH/B')],
  )
  decideAndStore(
    workingSet,
    received('L1', '5', { expiresOn: '2026-06-01' }),
    received('L2', '5', { expiresOn: '2026-07-01' }),
  )
  return workingSet
}

describe('a line that asks for one lot', () => {
  test('has that lot reserved, though another expires first, from all places where it is', () => {
    const workingSet = stocked()
    decideAndStore(workingSet, received('L2', '2', { location: 'WH/B' }), demand(1, [['ML', '6', 'L2']]))
    expect(allocations(workingSet, 1)).toEqual(['1 L2 5', '1 L2 1'])
  })

  test.each([
    ['more than is there of it', [['ML', '6', 'L2']]],
    ['a lot that is not there', [['ML', '1', 'L9']]],
    [
      'more in two lines than is there of it',
      [
        ['ML', '3', 'L2'],
        ['ML', '3', 'L2'],
      ],
    ],
    [
      'it, and more of any lot than is left',
      [
        ['ML', '3', 'L2'],
        ['ML', '8'],
      ],
    ],
  ] as const)('waits for %s, and holds nothing', (_, lines) => {
    const workingSet = stocked()
    const [outcome] = decideAndStore(workingSet, demand(1, lines)).outcomes
    expect(outcome).toMatchObject({ outcome: 'reserved', complete: false, allocations: [] })
    expect(workingSet.demands.get(uuid(1))?.waitsFor).toHaveLength(1)
  })

  test('comes before a line that takes any lot, wherever it stands', () => {
    for (const allowPartial of [false, true]) {
      const workingSet = stocked()
      decideAndStore(
        workingSet,
        demand(
          1,
          [
            ['ML', '5'],
            ['ML', '5', 'L1'],
          ],
          { allowPartial },
        ),
      )
      expect(allocations(workingSet, 1).sort()).toEqual(['1 L2 5', '2 L1 5'])
    }
  })

  test('has what there is of its lot where part is allowed, and the rest when that lot comes', () => {
    const workingSet = stocked()
    decideAndStore(workingSet, demand(1, [['ML', '8', 'L2']], { allowPartial: true }))
    expect(allocations(workingSet, 1)).toEqual(['1 L2 5'])
    decideAndStore(workingSet, received('L3', '9'))
    expect(allocations(workingSet, 1)).toEqual(['1 L2 5'])
    decideAndStore(workingSet, received('L2', '4'))
    expect(allocations(workingSet, 1)).toEqual(['1 L2 8'])
  })

  test('gets its lot when that arrives, or when another delivery gives it back; another lot is for others', () => {
    const workingSet = stocked()
    decideAndStore(workingSet, demand(1, [['ML', '5', 'L2']]), demand(2, [['ML', '5', 'L2']]), demand(3, [['ML', '7']]))
    expect([1, 2, 3].map((n) => allocations(workingSet, n))).toEqual([['1 L2 5'], [], []])
    decideAndStore(workingSet, received('L1', '2'))
    expect(allocations(workingSet, 3)).toEqual(['1 L1 7'])
    decideAndStore(workingSet, cancelled(1))
    expect(allocations(workingSet, 2)).toEqual(['1 L2 5'])
  })

  test('amended to another lot gives the first back, but for what was picked of it', () => {
    const workingSet = stocked()
    decideAndStore(workingSet, demand(1, [['ML', '4', 'L1']]), demand(1, [['ML', '4', 'L2']], { revision: 2 }))
    expect(allocations(workingSet, 1)).toEqual(['1 L2 4'])
    const picked = [{ location: 'WH/A', lot: 'L2', quantity: parseQuantity('1') }]
    const lines = [{ line: 1, sku: 'ML', quantity: parseQuantity('4'), lot: 'L1', picked }]
    decideAndStore(workingSet, demand(1, [], { lines, revision: 3 }))
    expect(allocations(workingSet, 1)).toEqual(['1 L2 1', '1 L1 3'])
  })

  test('is refused for a product that has no lots', () => {
    const workingSet = stocked()
    const { outcomes } = decideAndStore(workingSet, demand(1, [['PX', '1', 'L1']]))
    expect(outcomes).toMatchObject([{ outcome: 'refused', code: 'lot-not-tracked' }])
  })

  test('loses its lot when that has gone, and waits for it', () => {
    const workingSet = stocked()
    decideAndStore(workingSet, demand(1, [['ML', '4', 'L2']]))
    decideAndStore(workingSet, posting('adjustment', [{ sku: 'ML', quantity: '-3', lot: 'L2' }]))
    expect(allocations(workingSet, 1)).toEqual([])
    decideAndStore(workingSet, received('L1', '9'))
    expect(allocations(workingSet, 1)).toEqual([])
    decideAndStore(workingSet, received('L2', '2'))
    expect(allocations(workingSet, 1)).toEqual(['1 L2 4'])
  })
})
