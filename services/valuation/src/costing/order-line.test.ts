import { describe, expect, test } from '@jest/globals'
import { formatMoney, formatQuantity, money, quantity } from '@stockline/amounts'
import fc from 'fast-check'
import {
  at,
  company,
  entriesOf,
  method,
  nothing,
  run,
  standard,
  story,
  told,
  type Move,
  type Wanted,
} from '../../test/story.ts'
import { newInput, type InputData } from '../inputs/input.ts'
import { valueInputs } from './costing.ts'

/** So many pieces of a box, as picking publishes them for line 1: what they count as is rounded so that all sum to one box. */
function pieces(perBox: number, each: readonly number[], price: string, over: Wanted = {}): readonly Move[] {
  const boxes = (came: number) => Math.round((came * 1e6) / perBox)
  let came = 0
  return each.map((count) => {
    const share = boxes(came + count) - boxes(came)
    came += count
    const ratio = ['1', String(perBox)] as const
    const whole = came === perBox ? { completesOrderLine: true } : {}
    const orderQuantity = formatQuantity(quantity(BigInt(share)))
    return ['A', String(count), { at: price, ratio, orderLine: 1, orderQuantity, ...whole, ...over }]
  })
}

const ones = (count: number) => Array<number>(count).fill(1)

/** What each entry books, and all of them. */
function booked(inputs: readonly InputData[]): readonly [parts: string, sum: string] {
  const { entries } = run(...inputs)
  const amounts = entries.map((entry) => entry.lines.reduce<bigint>((sum, line) => sum + line.amount, 0n))
  const shown = (amount: bigint) => formatMoney(money(amount))
  return [amounts.map(shown).join(' '), shown(amounts.reduce((sum, one) => sum + one, 0n))]
}

/** Each move is a receipt of its own. */
const receipts = (moves: readonly Move[], of = story(), order = 'PO-1') =>
  moves.map((move) => of.receiptOf(order)(move))

describe('G5 the parts of an order line sum to the line', () => {
  test.each<[string, readonly Move[], parts: string, sum: string]>([
    ['a box of 3 at 10.00, piece by piece', pieces(3, ones(3), '10'), '3.33 3.34 3.33', '10.00'],
    ['a box of 7 at 10.00, piece by piece', pieces(7, ones(7), '10'), '1.43 1.43 1.43 1.42 1.43 1.43 1.43', '10.00'],
    [
      'a box of 12 at 10.00, piece by piece',
      pieces(12, ones(12), '10'),
      '0.83 0.84 0.83 0.83 0.84 0.83 0.83 0.84 0.83 0.83 0.84 0.83',
      '10.00',
    ],
    [
      'a box of 9 at 1,000,000.00 in three parts',
      pieces(9, [2, 3, 4], '1000000'),
      '222222.22 333333.34 444444.44',
      '1000000.00',
    ],
    ['a box of 3 at 0.01: cents that are no halves', pieces(3, ones(3), '0.01'), '0.00 0.01 0.00', '0.01'],
    [
      '100 lb at 10.00 weighed as 45.359 kg, in two parts',
      [
        ['A', '45.3', { at: '10', ratio: ['100000000', '45359237'], orderLine: 1, orderQuantity: '99.869405' }],
        [
          'A',
          '0.059',
          {
            at: '10',
            ratio: ['100000000', '45359237'],
            orderLine: 1,
            orderQuantity: '0.130595',
            completesOrderLine: true,
          },
        ],
      ],
      '998.69 1.31',
      '1000.00',
    ],
    [
      'seven thirds of what a price of 0.005 is worth, entered in the unit of the order',
      ones(7).map((): Move => ['A', '1', { at: '0.005', orderLine: 1 }]),
      '0.01 0.00 0.01 0.00 0.01 0.00 0.01',
      '0.04',
    ],
    [
      'more than was ordered: the fourth piece of a box of 3',
      [...pieces(3, ones(3), '10'), pieces(3, [1], '10')[0] ?? ['A', '1']],
      '3.33 3.34 3.33 3.33',
      '13.33',
    ],
    [
      'a price amended between: each part has the price it came with',
      [...pieces(3, [1], '10'), ...pieces(3, [1, 1, 1], '12').slice(1)],
      '3.33 4.00 4.00',
      '11.33',
    ],
  ])('%s', (_what, moves, parts, sum) => expect(booked(receipts(moves))).toEqual([parts, sum]))

  test('parts on one receipt, of two lots, are parts as well', () =>
    expect(booked([story().receiptOf('PO-1')(...pieces(3, ones(3), '10'))])).toEqual(['10.00', '10.00']))

  test('a part that is parked is summed with the one that brought the cost it lacks, and was valued before it', () => {
    const of = story()
    const first = of.receiptOf('PO-1')(['A', '1', { at: '10.004', orderLine: 1 }], ['B', '1'])
    const second = of.receiptOf('PO-1')(
      ['A', '1', { at: '10.004', orderLine: 1, orderQuantity: '1', completesOrderLine: true }],
      ['B', '1', { at: '5', orderLine: 2, orderQuantity: '1' }],
    )
    expect(run(first).state.parked).toHaveLength(1)
    expect(booked([first, second])).toEqual(['15.00 15.01', '30.01'])
  })

  test('a part that is even by itself neither takes from the others nor gives to them', () => {
    const [first, second, third] = pieces(3, ones(3), '10')
    if (first === undefined || second === undefined || third === undefined) throw new Error('no parts')
    const even: Move = ['A', '3', { at: '10', ratio: ['1', '3'], orderLine: 1 }]
    expect(booked(receipts([even, first, even, second, even, third]))).toEqual([
      '10.00 3.33 10.00 3.34 10.00 3.33',
      '40.00',
    ])
  })

  test('two lines of one product, and two orders, are summed each by itself', () => {
    const of = story()
    const [first] = pieces(3, [1], '10')
    const [second] = pieces(3, [1], '10', { orderLine: 2 })
    if (first === undefined || second === undefined) throw new Error('no parts')
    const one = of.receiptOf('PO-1')
    expect(booked([one(first), one(second), of.receiptOf('PO-2')(first), one(first), one(second)])).toEqual([
      '3.33 3.33 3.33 3.34 3.34',
      '16.67',
    ])
  })

  test('two parts the other way round in the ledger are worth the same in all', () => {
    const parts = pieces(7, [2, 5], '10')
    expect(booked(receipts(parts.toReversed()))[1]).toBe('10.00')
  })

  test('without order and line each receipt is rounded by itself, as before', () => {
    const withoutLine = pieces(3, ones(3), '10', { orderLine: undefined })
    expect(booked(receipts(withoutLine))).toEqual(['3.33 3.33 3.33', '9.99'])
    const withoutOrder = story()
    expect(booked(pieces(3, ones(3), '10').map((move) => withoutOrder.receipt(move)))[1]).toBe('9.99')
  })

  test('an input that was valued by version 1 of the rules keeps its value', () => {
    const inputs = receipts(pieces(3, ones(3), '10'))
    const { entries } = valueInputs(
      nothing,
      inputs.map((data, index) => newInput(data, at, index < 1 ? 1 : 2)),
      company,
    )
    expect(entries.map((entry) => formatMoney(entry.lines[0]?.amount ?? money(-1n)))).toEqual(['3.33', '3.33', '3.34'])
  })

  test('the same document again is no part', () => {
    const inputs = receipts(pieces(3, ones(3), '10'))
    expect(booked(inputs.flatMap((input) => [input, input]))).toEqual(['3.33 3.34 3.33', '10.00'])
  })

  test('at a standard cost the parts sum to the line against what was received, the rest is a variance', () => {
    const inputs = receipts(pieces(3, ones(3), '10'))
    const outcome = run(method('standard'), standard('A', '3'), ...inputs)
    expect(entriesOf(outcome).map((lines) => lines.slice(1))).toEqual([
      ['Dr inventory Cr grni 3.00 order price', 'Dr purchase-price-variance Cr grni 0.33 order price'],
      ['Dr inventory Cr grni 3.00 order price', 'Dr purchase-price-variance Cr grni 0.34 order price'],
      ['Dr inventory Cr grni 3.00 order price', 'Dr purchase-price-variance Cr grni 0.33 order price'],
    ])
  })

  test('a consumable is an expense in parts that sum to the line', () => {
    const outcome = run(...receipts(pieces(3, ones(3), '10', { productType: 'consumable' })))
    expect(outcome.entries.map((entry) => told(entry, outcome)[0])).toEqual([
      'Dr expense Cr grni 3.33 order price',
      'Dr expense Cr grni 3.34 order price',
      'Dr expense Cr grni 3.33 order price',
    ])
  })

  test('what comes out even is carried nowhere', () => {
    const of = story()
    const outcome = run(
      of.receiptOf('PO-1')(['A', '40', { at: '2.50', orderLine: 1 }]),
      of.receiptOf('PO-1')(['A', '60', { at: '2.50', orderLine: 1, orderQuantity: '60', completesOrderLine: true }]),
    )
    expect(outcome.orderLines).toEqual([])
    expect(outcome.entries.flatMap(({ lines }) => lines.map(({ partOf }) => partOf))).toEqual([null, null])
  })

  test('whatever a box holds, however it comes and whatever it costs: no part is negative, and all sum to it', () => {
    const cut = fc
      .integer({ min: 1, max: 97 })
      .chain((perBox) =>
        fc
          .array(fc.integer({ min: 1, max: perBox }), { minLength: 1, maxLength: 20 })
          .map((wanted) => ({ perBox, each: cutTo(perBox, wanted) })),
      )
    const price = fc.bigInt({ min: 0n, max: 10n ** 17n })
    fc.assert(
      fc.property(
        cut,
        price,
        fc.constantFrom(...(['average', 'fifo'] as const)),
        ({ perBox, each }, tenBillionths, name) => {
          const text = `${String(tenBillionths / 10n ** 10n)}.${String(tenBillionths % 10n ** 10n).padStart(10, '0')}`
          const { state, entries } = run(method(name), ...receipts(pieces(perBox, each, text)))
          const amounts = entries.flatMap(({ lines }) => lines.map((line) => line.amount))
          const sum = amounts.reduce<bigint>((so, one) => so + one, 0n)
          const whole = (tenBillionths * 2n + 10n ** 8n) / (2n * 10n ** 8n)
          expect(amounts.every((amount) => amount >= 0n)).toBe(true)
          expect(state.inventoryValue).toBe(sum)
          // Where a box is worth less than a cent a part, what was booked too much stays.
          expect(sum === whole || (sum === whole + 1n && tenBillionths < 10n ** 10n)).toBe(true)
        },
      ),
      { numRuns: 300 },
    )
  })

  test('1,000 orders in pounds, weighed in kilograms in random parts: they sum to the pounds at their price', () => {
    const pounds = fc.record({
      hundredths: fc.bigInt({ min: 1n, max: 100_000n }),
      cuts: fc.array(fc.bigInt({ min: 1n, max: 20_000n }), { maxLength: 8 }),
      cents: fc.bigInt({ min: 100n, max: 100_000n }),
    })
    fc.assert(
      fc.property(pounds, ({ hundredths, cuts, cents }) => {
        const grams = (hundredths * 45_359_237n + 5_000_000n) / 10_000_000n
        fc.pre(grams > 0n)
        const each = cuts.filter((cut) => cut < grams / 10n)
        const parts = [...each, grams - each.reduce((sum, cut) => sum + cut, 0n)]
        const inPounds = (came: bigint) =>
          came === grams ? hundredths * 10_000n : (came * 10n ** 11n * 2n + 45_359_237n) / (45_359_237n * 2n)
        let came = 0n
        const moves = parts.map((part): Move => {
          const share = inPounds(came + part) - inPounds(came)
          came += part
          const whole = came === grams ? { completesOrderLine: true } : {}
          const ofOrder = { orderLine: 1, orderQuantity: formatQuantity(quantity(share)), ...whole }
          const at = `${String(cents / 100n)}.${String(cents % 100n).padStart(2, '0')}`
          return ['A', formatQuantity(quantity(part * 1000n)), { at, ratio: ['100000000', '45359237'], ...ofOrder }]
        })
        const [, sum] = booked(receipts(moves))
        expect(sum).toBe(formatMoney(money((hundredths * cents + 50n) / 100n)))
      }),
      { numRuns: 1_000 },
    )
  })
})

/** The parts up to the whole, the last of which is what is left. */
function cutTo(perBox: number, wanted: readonly number[]): number[] {
  const each: number[] = []
  let left = perBox
  for (const count of wanted) {
    const taken = Math.min(count, left)
    if (taken > 0) each.push(taken)
    left -= taken
  }
  return left === 0 ? each : [...each, left]
}
