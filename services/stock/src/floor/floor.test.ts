import { describe, expect, test } from '@jest/globals'
import { formatQuantity, parseQuantity, quantity } from '@stockline/amounts'
import type { FloorState } from '@stockline/contracts'
import { expectedOf, floorRows, lastStates } from './floor.ts'

const base: FloorState = {
  documentId: '00000000-0000-7000-8000-000000000001',
  number: 'WH/OUT/00001',
  warehouse: 'WH',
  kind: 'delivery',
  at: '2026-04-20T08:00:00Z',
  picked: [],
  put: [],
}
const at = (location: string, amount: string, lot?: string) => ({
  ...{ location, sku: 'A', quantity: amount },
  ...(lot === undefined ? {} : { lot }),
})

test.each<[string, string, string, string, string]>([
  ['nothing is under way', '42', '0', '0', '42'],
  ['some is on a cart', '42', '8', '0', '34'],
  ['some was put there and is not posted', '42', '0', '8', '50'],
  ['both', '42', '8', '3', '37'],
  ['more was picked than the ledger has', '1', '8', '0', '-7'],
])('what is to be seen: %s', (_title, onHand, picked, put, expected) => {
  const floor = { picked: parseQuantity(picked), put: parseQuantity(put) }
  const negative = expected.startsWith('-')
  const amount = parseQuantity(negative ? expected.slice(1) : expected)
  expect(expectedOf(parseQuantity(onHand), floor)).toBe(negative ? quantity(0n - amount) : amount)
})

describe('rows of a state', () => {
  test.each<[string, Partial<FloorState>, readonly string[]]>([
    ['an empty one', {}, []],
    ['picks', { picked: [at('WH/A', '2'), at('WH/B', '1.5')] }, ['WH/A - 2 0', 'WH/B - 1.5 0']],
    ['two lots at a place', { picked: [at('WH/A', '2', 'X'), at('WH/A', '1', 'Y')] }, ['WH/A X 2 0', 'WH/A Y 1 0']],
    ['the same place twice', { picked: [at('WH/A', '2'), at('WH/A', '1')] }, ['WH/A - 3 0']],
    ['entries', { kind: 'receipt', put: [at('WH/A', '2')] }, ['WH/A - 0 2']],
    [
      'what is held, apart from what is available',
      { kind: 'receipt', put: [at('WH/A', '2'), { ...at('WH/A', '5'), status: 'quarantine' }] },
      ['WH/A - 0 2', 'WH/A - 0 5 quarantine'],
    ],
    ['both at one place', { picked: [at('WH/A', '2')], put: [at('WH/A', '1')] }, ['WH/A - 2 1']],
  ])('%s', (_title, over, expected) => {
    const rows = floorRows({ ...base, ...over })
    const texts = rows.map(
      ({ location, lot, status, picked, put }) =>
        `${location} ${lot ?? '-'} ${formatQuantity(picked)} ${formatQuantity(put)}${status === 'available' ? '' : ` ${status}`}`,
    )
    expect(texts).toEqual(expected)
  })
})

test('of several states of a document the last counts', () => {
  const other = { ...base, documentId: '00000000-0000-7000-8000-000000000002' }
  const states = [{ ...base, picked: [at('WH/A', '2')] }, other, base]
  expect(lastStates(states)).toEqual([base, other])
})
