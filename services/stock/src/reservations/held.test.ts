import { describe, expect, test } from '@jest/globals'
import { parseQuantity } from '@stockline/amounts'
import { cancelled, day, decideAndStore, demand, noon, location, product, warehouse } from '../../test/builders.ts'
import { allocations, outcomes, received } from '../../test/reservations-builders.ts'

describe('what is picked stays reserved where it was taken', () => {
  const taken = (location: string, q: string, lot: string | null = null) => ({
    location,
    lot,
    quantity: parseQuantity(q),
  })
  const lineOf = (sku: string, q: string, picked: ReturnType<typeof taken>[] = [], line = 1) => ({
    line,
    sku,
    quantity: parseQuantity(q),
    picked,
  })
  const amended = (n: number, lines: ReturnType<typeof lineOf>[], more: object = {}) => ({
    ...demand(n, [], { revision: 2, ...more }),
    lines,
  })
  const filled = () => {
    const workingSet = warehouse([product('PX')], [location('WH/A'), location('WH/B')])
    decideAndStore(workingSet, received('PX', '6', 'WH/A', { at: noon - day }), received('PX', '6', 'WH/B'))
    return workingSet
  }

  test('whatever the removal strategy would choose', () => {
    const workingSet = filled()
    decideAndStore(workingSet, demand(1, [['PX', '6']]))
    expect(allocations(workingSet, 1)).toEqual(['WH/A 6'])
    decideAndStore(workingSet, amended(1, [lineOf('PX', '5', [taken('WH/B', '5')])]))
    expect(allocations(workingSet, 1)).toEqual(['WH/B 5'])
  })

  test('where the rest that is wanted is not there, of a delivery that goes whole too', () => {
    const workingSet = filled()
    decideAndStore(workingSet, demand(1, [['PX', '6']]), demand(2, [['PX', '6']]))
    const decision = decideAndStore(workingSet, amended(1, [lineOf('PX', '9', [taken('WH/A', '6')])]))
    expect(allocations(workingSet, 1)).toEqual(['WH/A 6'])
    expect(outcomes(decision)).toEqual(['released 1 amended', 'reserved 1 in part'])
    expect(outcomes(decideAndStore(workingSet, cancelled(2)))).toEqual(['reserved 1'])
    expect(allocations(workingSet, 1)).toEqual(['WH/A 6', 'WH/B 3'])
  })

  test('though an urgent one waits for it', () => {
    const workingSet = filled()
    decideAndStore(workingSet, demand(1, [['PX', '12']]), demand(2, [['PX', '6']], { priority: 0 }))
    // Ten are picked and four are wanted: what is to be put back is nobody else's yet.
    decideAndStore(workingSet, amended(1, [lineOf('PX', '10', [taken('WH/A', '6'), taken('WH/B', '4')])]))
    expect([allocations(workingSet, 1), allocations(workingSet, 2)]).toEqual([['WH/A 6', 'WH/B 4'], []])
    const back = amended(1, [lineOf('PX', '4', [taken('WH/A', '4')])], { revision: 3 })
    expect(outcomes(decideAndStore(workingSet, back))).toEqual(['reserved 1', 'reserved 2'])
    expect([allocations(workingSet, 1), allocations(workingSet, 2)]).toEqual([['WH/A 4'], ['WH/A 2', 'WH/B 4']])
  })

  test('as far as it is there: what nobody knows of is not made up', () => {
    const workingSet = filled()
    decideAndStore(workingSet, demand(1, [['PX', '6']]))
    decideAndStore(workingSet, amended(1, [lineOf('PX', '6', [taken('WH/C', '2'), taken('WH/A', '99', 'L9')])]))
    expect(allocations(workingSet, 1)).toEqual(['WH/A 6'])
  })
})
