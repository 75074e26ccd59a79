import { describe, expect, test } from '@jest/globals'
import { change, loseUncovered, newModel, servedBy, type Key, type Model, type Wanted } from './model.ts'
import { quantDifferences } from './worker.ts'

const at = (location: string, sku = 'A'): Key => ({ sku, location, lot: null, status: 'available' })

function wanted(model: Model, orderNumber: string, rank: Wanted['rank'], needs: Record<string, number>): Wanted {
  const lines = Object.entries(needs).map(([sku, quantity], index) => ({ line: index + 1, sku, quantity }))
  const delivery: Wanted = { orderNumber, id: orderNumber, rank, lines, state: 'waiting', promised: [] }
  model.deliveries.push(delivery)
  return delivery
}

function stocked(): Model {
  const model = newModel('2026-11-30')
  change(model, at('WH/Stock'), 6)
  change(model, at('WH/Stock', 'B'), 2)
  change(model, at('WH/Input'), 50)
  return model
}

const names = (served: ReadonlySet<Wanted>) => [...served].map(({ orderNumber }) => orderNumber)

describe('X2 what the model says must be promised', () => {
  test('the whole of a delivery or nothing, the most urgent first, never of a dock', () => {
    const model = stocked()
    wanted(model, 'late', [5, '2026-12-02', 1], { A: 2 })
    wanted(model, 'both', [5, '2026-12-01', 3], { A: 5, B: 3 })
    wanted(model, 'early', [5, '2026-12-01', 2], { A: 4 })
    wanted(model, 'too much', [0, '2026-12-09', 4], { A: 7 })
    expect(names(servedBy(model))).toEqual(['early', 'late'])
  })

  test('what is gone is taken from the least urgent, all that it has', () => {
    const model = stocked()
    const [first, last] = [wanted(model, 'first', [1, '', 1], { A: 3 }), wanted(model, 'last', [2, '', 2], { A: 3 })]
    for (const delivery of [first, last]) {
      delivery.state = 'ready'
      delivery.promised = [{ sku: 'A', location: 'WH/Stock', lot: null, quantity: 3 }]
    }
    change(model, at('WH/Stock'), -1)
    loseUncovered(model, [at('WH/Stock')])
    expect([first.state, last.state, last.promised]).toEqual(['ready', 'waiting', []])
  })
})

test('X2: a quant that is other than the model has it is a difference', () => {
  const model = stocked()
  const all = new Set(['A', 'B'])
  const says = { onHand: '6', reserved: '1' }
  const others = [
    { ...at('WH/Stock', 'B'), onHand: '2', reserved: '0' },
    { ...at('WH/Input'), onHand: '50', reserved: '0' },
  ]
  expect(quantDifferences(model, all, [{ ...at('WH/Stock'), ...says }, ...others])).toEqual([
    { text: 'A|WH/Stock||available: 6, 1 reserved; the model has 6, 0 reserved', skus: ['A'] },
  ])
  expect(quantDifferences(model, all, others)).toHaveLength(1)
})
