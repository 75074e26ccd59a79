import { describe, expect, test } from '@jest/globals'
import { formatQuantity, parseQuantity } from '@stockline/amounts'
import {
  decideAndStore,
  demand,
  noon,
  day,
  location,
  posting,
  product,
  quantsOf,
  uuid,
  warehouse,
} from '../../test/builders.ts'
import type { PickedAt } from '../ledger/request.ts'
import type { WorkingSet } from '../ledger/working-set.ts'

const products = [product('PX'), product('ML', { tracking: 'lot' })]
const locations = [
  location('WH/A'),
  location('WH/B'),
  location('WH/Output', { reservable: false }),
  location('WH/Gone', { active: false }),
  location('WH/Minus', { allowNegative: true }),
  location('W2/A'),
]

/** 10 PX at A, 5 at B, of which another delivery has 2; 5 at Output; lot OLD has expired. */
function stocked(): WorkingSet {
  const workingSet = warehouse(products, locations)
  const at = (location: string, q: string, more: object = {}, days = 0) =>
    decideAndStore(workingSet, posting('receipt', [{ sku: 'PX', quantity: q, location, ...more }], { effectiveAt: noon - days * day })) // prettier-ignore
  at('WH/A', '10', {}, 2)
  decideAndStore(workingSet, demand(9, [['PX', '10']]))
  at('WH/B', '5')
  decideAndStore(workingSet, demand(8, [['PX', '2']]))
  decideAndStore(workingSet, demand(9, [['PX', '8']], { revision: 2 }))
  at('WH/Output', '5')
  at('WH/A', '5', { sku: 'ML', lot: 'OLD', expiresOn: '2026-04-01' })
  at('WH/A', '5', { sku: 'ML', lot: 'NEW', expiresOn: '2027-01-01' })
  return workingSet
}

const taken = (location: string, q: string, lot: string | null = null): PickedAt => ({ location, lot, quantity: parseQuantity(q) }) // prettier-ignore
/** What is answered to a delivery of 2 of which this is picked: what is refused, and what it has then. */
function judged(sku: string, q: string, ...picked: readonly PickedAt[]) {
  const workingSet = stocked()
  decideAndStore(workingSet, demand(1, [[sku, q]]))
  const before = quantsOf(workingSet).map(({ onHand, arrivedAt }) => [onHand, arrivedAt])
  const lines = [{ line: 1, sku, quantity: parseQuantity(q), picked }]
  const { outcomes } = decideAndStore(workingSet, demand(1, [], { revision: 2, lines }))
  expect(quantsOf(workingSet).map(({ onHand, arrivedAt }) => [onHand, arrivedAt])).toEqual(before)
  const answer = outcomes.find((one) => one.outcome === 'reserved' && one.demand.documentId === uuid(1))
  const allocations = workingSet.demands.get(uuid(1))?.allocations ?? []
  return {
    refused:
      answer?.outcome === 'reserved' ? (answer.refused ?? []).map(({ code, location }) => `${location} ${code}`) : [],
    has: allocations.map(
      ({ quant, quantity: part }) => `${quant.location.code} ${quant.lot?.code ?? ''} ${formatQuantity(part)}`,
    ),
  }
}

describe('what is picked is judged as if it were shipped now', () => {
  test.each<[what: string, sku: string, picked: PickedAt[], refused: string[], has: string[]]>([
    ['a place with enough', 'PX', [taken('WH/B', '2')], [], ['WH/B  2']],
    ['a place with nothing', 'PX', [taken('WH/Output', '6')], ['WH/Output not-enough-stock'], ['WH/A  2']],
    ['a place where nothing may be reserved, with enough', 'PX', [taken('WH/Output', '2')], [], ['WH/A  2']],
    ['an unknown place', 'PX', [taken('WH/No', '1')], ['WH/No unknown-location'], ['WH/A  2']],
    ['a closed place', 'PX', [taken('WH/Gone', '1')], ['WH/Gone location-inactive'], ['WH/A  2']],
    ['another warehouse', 'PX', [taken('W2/A', '1')], ['W2/A location-elsewhere'], ['WH/A  2']],
    ['what is reserved for others', 'PX', [taken('WH/B', '4')], ['WH/B reserved-for-others'], ['WH/B  2']],
    ['what may go below zero', 'PX', [taken('WH/Minus', '2')], [], ['WH/A  2']],
    ['a lot that has expired', 'ML', [taken('WH/A', '1', 'OLD')], ['WH/A lot-expired'], ['WH/A NEW 2']],
    ['a lot that the product does not have', 'ML', [taken('WH/A', '1', 'L7')], ['WH/A unknown-lot'], ['WH/A NEW 2']],
    ['a lot that is not there', 'ML', [taken('WH/B', '1', 'NEW')], ['WH/B not-enough-stock'], ['WH/A NEW 2']],
    [
      'two picks, each alone there, and not both',
      'PX',
      [taken('WH/B', '2'), taken('WH/B', '2')],
      ['WH/B reserved-for-others', 'WH/B reserved-for-others'],
      ['WH/B  2'],
    ],
    [
      'one that is too much, and another of the same place before it',
      'PX',
      [taken('WH/B', '1'), taken('WH/A', '1'), taken('WH/B', '4')],
      ['WH/B reserved-for-others', 'WH/B reserved-for-others'],
      ['WH/B  1', 'WH/A  1'],
    ],
    ['a place that is wrong, and another of the same product', 'PX', [taken('WH/No', '1'), taken('WH/B', '1')], ['WH/No unknown-location'], ['WH/B  1', 'WH/A  1']], // prettier-ignore
    ['too much, and another place of the same product', 'PX', [taken('WH/B', '4'), taken('WH/Output', '1')], ['WH/B reserved-for-others'], ['WH/B  2']], // prettier-ignore
    ['two picks of a place that has not enough for both', 'PX', [taken('WH/Output', '3'), taken('WH/Output', '3')], ['WH/Output not-enough-stock', 'WH/Output not-enough-stock'], ['WH/A  2']], // prettier-ignore
    ['two things wrong with one pick: the first is told', 'PX', [taken('WH/A', '0.0001', 'L1')], ['WH/A quantity-too-precise'], ['WH/A  2']], // prettier-ignore
    ['what is wrong with one of two of a place', 'PX', [taken('WH/B', '1'), taken('WH/B', '0.0001', 'L1')], ['WH/B quantity-too-precise'], ['WH/B  1', 'WH/A  1']], // prettier-ignore
    ['nothing of what is picked elsewhere', 'ML', [taken('WH/A', '1', 'OLD'), taken('WH/A', '1', 'NEW')], ['WH/A lot-expired'], ['WH/A NEW 2']], // prettier-ignore
    ['one right and one wrong', 'PX', [taken('WH/B', '1'), taken('WH/No', '1')], ['WH/No unknown-location'], ['WH/B  1', 'WH/A  1']], // prettier-ignore
  ])('%s', (_, sku, picked, refused, has) => expect(judged(sku, '2', ...picked)).toEqual({ refused, has }))
})
