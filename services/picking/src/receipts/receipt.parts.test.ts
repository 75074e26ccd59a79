/** What a receipt tells of the order's lines, so that the values of their parts sum to them. */
import { describe, expect, test } from '@jest/globals'
import { formatQuantity, parseQuantity, quantity, ratio } from '@stockline/amounts'
import { isRefusal } from '@stockline/service-kit/refusal'
import fc from 'fast-check'
import { catalog, counted, entry, line, product, receipt } from '../../test/builders.ts'
import type { Catalog } from '../products/product.ts'
import { backorderDraft } from './receipt.amend.ts'
import { enterCounts } from './receipt.count.ts'
import type { Receipt } from './receipt.ts'
import { remainderOf, validateReceipt, type PostingLine } from './receipt.validate.ts'

const packed = (pieces: bigint): Catalog => ({
  units: catalog.units,
  products: new Map([
    ['BOX', product('BOX', { unit: 'unit', unitDecimals: 0, units: [{ unit: 'box', ratio: ratio(pieces, 1n) }] })],
    ['RM', product('RM')],
  ]),
})

function postingOf(of: Receipt, known: Catalog): readonly PostingLine[] {
  const step = validateReceipt({ ...of, status: 'in_progress' }, {}, known)
  if (isRefusal(step)) throw new Error(JSON.stringify(step))
  if (step.step === 'post') return step.posting
  // In review it would be approved: the lines are the same.
  const all = of.lines.map((each) => ({ ...each, expected: each.received ?? each.expected }))
  const again = validateReceipt({ ...of, status: 'in_progress', lines: all }, {}, known)
  if (isRefusal(again) || again.step !== 'post') throw new Error(JSON.stringify(again))
  return again.posting
}

const toldOf = (posting: readonly PostingLine[]) =>
  posting.map(({ orderLine, orderQuantity = '-', completesOrderLine = false }) => [
    orderLine,
    orderQuantity,
    completesOrderLine,
  ])

describe('G5 the parts of an order line, as they are told', () => {
  const box = (over: Parameters<typeof line>[4] = {}) => ({ unit: 'box', ...over })
  const pieces = (...each: readonly string[]) => each.map((count) => entry(count, { unit: 'unit' }))
  test.each<[string, Receipt, readonly unknown[]]>([
    ['all at once in the unit of the order: its line alone', counted(line(1, 'RM', '100', '100')), [[1, '-', false]]],
    ['part of it, too', counted(line(4, 'RM', '40', '40')), [[4, '-', false]]],
    [
      'by the piece: what each entry counts as, and that it is whole',
      counted(line(1, 'BOX', '1', '1', box({ entries: pieces('1', '1', '1') }))),
      [
        [1, '0.333333', false],
        [1, '0.333334', false],
        [1, '0.333333', true],
      ],
    ],
    [
      'weighed in another unit: less than a step is no difference',
      counted(line(1, 'RM', '100', '100', { unit: 'lb', entries: [entry('45.359')] })),
      [[1, '100', true]],
    ],
    [
      'the rest of an order that came before',
      { ...counted(line(1, 'RM', '60', '60')), backorderOf: 'receipt before' },
      [[1, '60', true]],
    ],
    [
      "a line that has another number than the order's",
      counted(line(3, 'RM', '5', '5', { orderLine: 1 })),
      [[1, '-', false]],
    ],
    [
      'what nobody ordered',
      counted(line(2, 'RM', '0', '5', { orderLine: null, expected: parseQuantity('5') })),
      [[undefined, '-', false]],
    ],
    ['a receipt made by hand', { ...counted(line(1, 'RM', '5', '5')), orderId: null }, [[undefined, '-', false]]],
  ])('%s', (_what, of, expected) => expect(toldOf(postingOf(of, packed(3n)))).toEqual(expected))

  test('however a box comes, what its parts count as sums to it, and the last one says that it is whole', () => {
    const boxes = fc.integer({ min: 1, max: 60 }).chain((pieces) =>
      fc.record({
        pieces: fc.constant(pieces),
        ordered: fc.integer({ min: 1, max: 5 }),
        parts: fc.array(fc.integer({ min: 1, max: 3 * pieces }), { minLength: 1, maxLength: 25 }),
      }),
    )
    fc.assert(
      fc.property(boxes, ({ pieces: perBox, ordered, parts }) => {
        const known = packed(BigInt(perBox))
        let open: Receipt = receipt({ lines: [line(1, 'BOX', String(ordered), null, { unit: 'box' })] })
        let left = perBox * ordered
        let sum = 0n
        let last: readonly PostingLine[] = []
        for (const part of [...parts, left]) {
          const taken = Math.min(part, left)
          if (taken === 0) break
          left -= taken
          const none = { locations: new Map(), scope: null, mayEnterCost: false }
          const given = [{ line: 1, quantity: String(taken), unit: 'unit' }]
          const after = enterCounts(open, given, { counter: 'operator', catalog: known, ...none })
          if (isRefusal(after)) throw new Error(JSON.stringify(after))
          last = postingOf(after, known)
          for (const told of last) sum += parseQuantity(told.orderQuantity ?? told.entered.quantity)
          const rest = remainderOf({ ...after, remainder: 'backorder' })
          if (rest.length === 0) break
          open = { ...backorderDraft(after, rest, 'next', after.createdAt), number: 'WH/IN/00043' }
        }
        // Whatever is left, all that came before it is told by then.
        if (left === 0)
          expect([formatQuantity(quantity(sum)), last.at(-1)?.completesOrderLine]).toEqual([String(ordered), true])
      }),
    )
  })
})
