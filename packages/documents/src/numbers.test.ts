import { expect, test } from '@jest/globals'
import { advancesFor, numberParts, untoldNumbers } from './numbers.ts'

test.each([
  ['WH/IN/00042', { warehouse: 'WH', type: 'IN', count: 42n }],
  ['W-2/OUT/123456', { warehouse: 'W-2', type: 'OUT', count: 123456n }],
  ['WH/INT/00001', { warehouse: 'WH', type: 'INT', count: 1n }],
  ['WH/ADJ/00001', { warehouse: 'WH', type: 'ADJ', count: 1n }],
  ['WH/ADJUST/00001', undefined],
  ['WH/IN/42', undefined],
  ['00042', undefined],
])('%s is taken apart', (number, parts) => {
  expect(numberParts(number)).toEqual(parts)
})

test.each([
  ['nothing', [], []],
  ['one', ['WH/IN/00003'], ['WH IN 3']],
  [
    'the highest of each',
    ['WH/IN/00003', 'WH/IN/00012', 'WH/OUT/00001', 'W2/IN/00007', 'ADJ/1'],
    ['WH IN 12', 'WH OUT 1', 'W2 IN 7'],
  ],
])('counters go behind what was told: %s', (_what, told, expected) => {
  expect(advancesFor(told).map(({ warehouse, type, to }) => `${warehouse} ${type} ${String(to)}`)).toEqual(expected)
})

test('every number behind the counter is untold where nothing was told', () => {
  const all = untoldNumbers({ warehouse: 'WH', type: 'OUT', to: 4n }, 1n, new Set())
  expect(all).toEqual(['WH/OUT/00002', 'WH/OUT/00003', 'WH/OUT/00004'])
})

test.each([
  ['none where the counter is there already', 7n, []],
  ['none where all were told', 5n, []],
  ['those between', 2n, ['WH/IN/00003', 'WH/IN/00005']],
])('numbers that nobody told of: %s', (_what, last, expected) => {
  const told = new Set(['WH/IN/00004', 'WH/IN/00006', 'WH/IN/00007'])
  const all = last === 5n ? new Set([...told, 'WH/IN/00006']) : told
  expect(untoldNumbers({ warehouse: 'WH', type: 'IN', to: 7n }, last, all)).toEqual(expected)
})
