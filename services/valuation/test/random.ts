/** Random stories of the ledger: every method, every sort of line, what cannot be valued too. */
import fc from 'fast-check'
import type { InputData } from '../src/inputs/input.ts'
import { costMethods } from '../src/methods/cost-method.ts'
import { method, standard, story, type Move, type Wanted } from './story.ts'

const sku = fc.constantFrom('A', 'B', 'C', 'D')
const size = fc.integer({ min: 1, max: 400_000 }).map((thousandths) => (thousandths / 1000).toFixed(3))
const price = fc.integer({ min: 0, max: 99_999 }).map((n) => (n / 1000).toFixed(3))
const category = fc.constantFrom<Wanted[]>({}, {}, {}, {}, { category: 'other' })

/** Parts of an order's line: what they count as need not fit, since the books accept any event. */
const part = fc.constantFrom<Wanted[]>(
  {},
  { orderLine: 1, ratio: ['1', '7'] },
  { orderLine: 1, ratio: ['1', '7'], orderQuantity: '3.142857' },
  { orderLine: 1, ratio: ['1', '7'], orderQuantity: '2.857143', completesOrderLine: true },
  { orderLine: 2, ratio: ['100000000', '45359237'], orderQuantity: '0.5', completesOrderLine: true },
)

const incoming = fc
  .tuple(sku, size, price, fc.tuple(category, part), fc.integer({ min: 0, max: 19 }))
  .map(([name, quantity, amount, [inCategory, ofOrder], kind]): Move => {
    const rest = { ...inCategory, ...ofOrder }
    if (kind === 0) return [name, quantity, rest]
    if (kind === 1) return [name, quantity, { ...rest, at: amount, currency: 'EUR' }]
    if (kind === 2) return [name, quantity, { ...rest, unitCost: amount }]
    if (kind === 3)
      return [name, quantity, { ...rest, productType: 'consumable', productId: 'id-E', sku: 'E', at: amount }]
    return [name, quantity, { ...rest, at: amount }]
  })
const outgoing = fc.tuple(sku, size, category).map(([name, quantity, rest]): Move => [name, quantity, rest])
const moves = <T>(one: fc.Arbitrary<T>) => fc.array(one, { minLength: 1, maxLength: 4 })

type Made = (of: ReturnType<typeof story>) => InputData
const happening: fc.Arbitrary<Made> = fc.oneof(
  {
    weight: 8,
    arbitrary: moves(incoming).map(
      (lines): Made =>
        ({ receipt }) =>
          receipt(...lines),
    ),
  },
  {
    weight: 6,
    arbitrary: fc.tuple(fc.constantFrom('PO-1', 'PO-2'), moves(incoming)).map(
      ([order, lines]): Made =>
        ({ receiptOf }) =>
          receiptOf(order)(...lines),
    ),
  },
  {
    weight: 8,
    arbitrary: moves(outgoing).map(
      (lines): Made =>
        ({ delivery }) =>
          delivery(...lines),
    ),
  },
  {
    weight: 2,
    arbitrary: moves(incoming).map(
      (lines): Made =>
        ({ gain }) =>
          gain(...lines),
    ),
  },
  {
    weight: 1,
    arbitrary: moves(outgoing).map(
      (lines): Made =>
        ({ transfer }) =>
          transfer(...lines),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.constantFrom(...costMethods), fc.constantFrom('all', 'other')).map(
      ([name, of]): Made =>
        () =>
          method(name, of),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(sku, fc.option(price), fc.constantFrom('all', 'all', 'other')).map(
      ([of, cost, to]): Made =>
        () =>
          standard(of, cost, to),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.integer({ min: 1, max: 20 }), price, sku).map(([input, unitCost, of]): Made => () => ({
      ...{ kind: 'parked-released', input: String(input), unitCosts: [{ sku: of, unitCost }] },
    })),
  },
  {
    weight: 1,
    arbitrary: fc.constant<Made>(() => ({
      ...{ kind: 'accounts-changed', accounts: [{ role: 'inventory', code: '1410', name: 'Stock' }] },
    })),
  },
)

/** Inputs that follow each other. */
export const anyStory = fc.array(happening, { minLength: 1, maxLength: 40, size: 'max' }).map((happenings) => {
  const of = story()
  return happenings.map((make) => make(of))
})
