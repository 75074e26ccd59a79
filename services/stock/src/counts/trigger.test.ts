import { describe, expect, test } from '@jest/globals'
import { parseQuantity } from '@stockline/amounts'
import type { CountPlan } from './plan.ts'
import type { TriggeredPlace } from './trigger.store.ts'
import { tasksOf, whyOf } from './trigger.ts'

const nothing = parseQuantity('0')
const plan: CountPlan = {
  ...{ id: 'p', name: 'Floor', zone: 'WH/Stock', abcClass: null, every: { days: 7 }, blind: true, dueInDays: 1 },
  ...{ assignee: null, tolerance: null, zeroCheck: true, shortPick: true, nextOn: '2026-04-20', version: 1 },
}
const place = (location: string, more: Partial<TriggeredPlace> = {}): TriggeredPlace => ({
  ...{
    sku: 'P',
    location,
    lot: null,
    status: 'available',
    unit: 'unit',
    onHand: nothing,
    picked: nothing,
    put: nothing,
  },
  ...{ cause: 'short-pick', number: 'WH/OUT/00001', plan: 'p' },
  ...more,
})
const bins = (count: number, more: Partial<TriggeredPlace> = {}) =>
  Array.from({ length: count }, (_none, at) => place(`WH/Stock/${String(at)}`, more))
const serials = (count: number) =>
  Array.from({ length: count }, (_none, at) => place('WH/Stock/A', { lot: `S${String(at)}` }))

describe('sheets of one look', () => {
  test.each<[string, readonly TriggeredPlace[], readonly string[]]>([
    ['nothing', [], []],
    ['a place', bins(1), ['WH/Stock/0 1']],
    ['all lots of a place together', serials(400), ['WH/Stock/A 400']],
    ['no sheet has more than 5,000 lines', serials(5001), ['WH/Stock/A 5000', 'WH/Stock/A 1']],
    ['each cause by itself', [place('WH/Stock/A'), place('WH/Stock/A', { cause: 'zero-check' })], ['WH/Stock/A 1', 'WH/Stock/A 1']],
    ['so many places are counted one by one', bins(20), bins(20).map(({ location }) => `${location} 1`)],
    ['more are on one sheet', bins(21), ['WH/Stock 21']],
    ['a plan that has ended', bins(1, { plan: 'gone' }), []],
  ])('%s', (_title, places, expected) => {
    const tasks = tasksOf(places, new Map([['p', plan]]))
    expect(tasks.map((task) => `${task.zone} ${String(task.places.length)}`)).toEqual(expected)
  }) // prettier-ignore
})

test.each<[readonly string[], TriggeredPlace['cause'], string]>([
  [['O1', 'O1'], 'zero-check', 'O1 should have left it empty.'],
  [['O1', 'O2', 'O3', 'O4', 'O5'], 'short-pick', 'O1, O2, O3 and 2 more took less than was reserved there.'],
])('deliveries that ask: %s', (numbers, cause, expected) =>
  expect(
    whyOf(
      numbers.map((number) => place('WH/Stock/A', { number })),
      cause,
    ),
  ).toBe(expected),
)
