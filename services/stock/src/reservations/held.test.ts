import { describe, expect, test } from '@jest/globals'
import { parseQuantity } from '@stockline/amounts'
import { cancelled, day, decideAndStore, need, noon, place, product, warehouse } from '../../test/builders.ts'
import { claims, outcomes, received } from '../../test/reservations-builders.ts'

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
    ...need(n, [], { revision: 2, ...more }),
    lines,
  })
  const filled = () => {
    const picture = warehouse([product('PX')], [place('WH/A'), place('WH/B')])
    decideAndStore(picture, received('PX', '6', 'WH/A', { at: noon - day }), received('PX', '6', 'WH/B'))
    return picture
  }

  test('whatever the removal strategy would choose', () => {
    const picture = filled()
    decideAndStore(picture, need(1, [['PX', '6']]))
    expect(claims(picture, 1)).toEqual(['WH/A 6'])
    decideAndStore(picture, amended(1, [lineOf('PX', '5', [taken('WH/B', '5')])]))
    expect(claims(picture, 1)).toEqual(['WH/B 5'])
  })

  test('where the rest that is wanted is not there, of a delivery that goes whole too', () => {
    const picture = filled()
    decideAndStore(picture, need(1, [['PX', '6']]), need(2, [['PX', '6']]))
    const decision = decideAndStore(picture, amended(1, [lineOf('PX', '9', [taken('WH/A', '6')])]))
    expect(claims(picture, 1)).toEqual(['WH/A 6'])
    expect(outcomes(decision)).toEqual(['released 1 amended', 'reserved 1 in part'])
    expect(outcomes(decideAndStore(picture, cancelled(2)))).toEqual(['reserved 1'])
    expect(claims(picture, 1)).toEqual(['WH/A 6', 'WH/B 3'])
  })

  test('though an urgent one waits for it', () => {
    const picture = filled()
    decideAndStore(picture, need(1, [['PX', '12']]), need(2, [['PX', '6']], { priority: 0 }))
    // Ten are picked and four are wanted: what is to be put back is nobody else's yet.
    decideAndStore(picture, amended(1, [lineOf('PX', '10', [taken('WH/A', '6'), taken('WH/B', '4')])]))
    expect([claims(picture, 1), claims(picture, 2)]).toEqual([['WH/A 6', 'WH/B 4'], []])
    const back = amended(1, [lineOf('PX', '4', [taken('WH/A', '4')])], { revision: 3 })
    expect(outcomes(decideAndStore(picture, back))).toEqual(['reserved 1', 'reserved 2'])
    expect([claims(picture, 1), claims(picture, 2)]).toEqual([['WH/A 4'], ['WH/A 2', 'WH/B 4']])
  })

  test('as far as it is there: what nobody knows of is not made up', () => {
    const picture = filled()
    decideAndStore(picture, need(1, [['PX', '6']]))
    decideAndStore(picture, amended(1, [lineOf('PX', '6', [taken('WH/C', '2'), taken('WH/A', '99', 'L9')])]))
    expect(claims(picture, 1)).toEqual(['WH/A 6'])
  })
})
