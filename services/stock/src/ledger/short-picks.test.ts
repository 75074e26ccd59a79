import { expect, test } from '@jest/globals'
import { parseQuantity } from '@stockline/amounts'
import type { Move } from './move.ts'
import { shortPicks } from './short-picks.ts'
import type { Allocation, Quant } from './stock.ts'

const product = { id: 'p' }
const quants = new Map(
  ['A', 'B', 'A lot'].map((name): [string, Quant] => {
    const [location = '', lot] = name.split(' ')
    const place = { product, location: { id: location }, lot: lot === undefined ? null : { id: lot } }
    return [name, { ...place, status: 'available', packageId: '' } as unknown as Quant]
  }),
)
const quantOf = (name: string) => quants.get(name)!
const allocation = ([name, amount]: readonly [string, string]): Allocation => ({
  ...{ line: 1, quant: quantOf(name), quantity: parseQuantity(amount) },
})
const move = ([name, amount]: readonly [string, string]) => {
  const { location: from, lot, status, packageId } = quantOf(name)
  return { product, from, lot, status, packageId, quantity: parseQuantity(amount) } as unknown as Move
}
type Amounts = readonly (readonly [quant: string, quantity: string])[]

test.each<[string, Amounts, Amounts, readonly string[]]>([
  ['nothing was reserved', [], [['A', '5']], []],
  ['all of it was taken', [['A', '5']], [['A', '5']], []],
  ['in two moves', [['A', '5']], [['A', '2'], ['A', '3']], []],
  ['less', [['A', '5']], [['A', '4']], ['A']],
  ['nothing', [['A', '5'], ['B', '1']], [['B', '1']], ['A']],
  ['from elsewhere', [['A', '5']], [['B', '5']], ['A']],
  ['more', [['A', '5']], [['A', '6']], []],
  ['for two lines', [['A', '5'], ['A', '5']], [['A', '9']], ['A']],
  ['of another lot', [['A lot', '5']], [['A', '5']], ['A lot']],
])('what was reserved and is short: %s', (_title, reserved, taken, expected) => {
  const short = shortPicks(reserved.map(allocation), taken.map(move))
  expect(short).toEqual(expected.map(quantOf))
}) // prettier-ignore
