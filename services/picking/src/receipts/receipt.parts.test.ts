/** What a receipt tells of the order's lines, so that the values of their parts sum to them. */
import { describe, expect, test } from '@jest/globals'
import { convert, formatQuantity, parseQuantity, quantity, ratio } from '@stockline/amounts'
import fc from 'fast-check'
import { referenceData, counted, entry, facts, line, product, receipt, taken } from '../../test/builders.ts'
import type { ReferenceData } from '../products/product.ts'
import { receiptBackorder } from './receipt.amend.ts'
import { countReceipt } from './receipt.count.ts'
import type { ReceiptEvent } from './receipt.post.ts'
import type { Receipt } from './receipt.ts'
import { receiptRemainder, validateReceipt } from './receipt.validate.ts'

type Posting = ReceiptEvent['data']['lines']

const packed = (pieces: bigint): ReferenceData => ({
  units: referenceData.units,
  products: new Map([
    ['BOX', product('BOX', { unit: 'unit', unitDecimals: 0, units: [{ unit: 'box', ratio: ratio(pieces, 1n) }] })],
    ['RM', product('RM')],
  ]),
})

function postingOf(of: Receipt, known: ReferenceData): Posting {
  const [first] =
    taken(validateReceipt({ ...of, status: 'in_progress' }, {}, facts({ referenceData: known }))).events ?? []
  if (first !== undefined) return first.data.lines
  // In review it would be approved: the lines are the same.
  const all = of.lines.map((each) => ({ ...each, expected: each.received ?? each.expected }))
  const again = validateReceipt({ ...of, status: 'in_progress', lines: all }, {}, facts({ referenceData: known }))
  return taken(again).events?.[0]?.data.lines ?? []
}

const toldOf = (posting: Posting) =>
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

  test('1,000 orders in boxes of any size: what their parts count as sums to them, and the last one says that it is whole', () => {
    const boxes = fc.record({
      perBox: fc.integer({ min: 1, max: 60 }),
      ordered: fc.integer({ min: 1, max: 5 }),
      cuts: fc.array(fc.integer({ min: 1, max: 180 }), { maxLength: 25 }),
    })
    fc.assert(
      fc.property(boxes, ({ perBox, ordered, cuts }) => {
        const parts = partsOf(BigInt(perBox * ordered) * 1_000_000n, cuts.map((cut) => BigInt(cut) * 1_000_000n)) // prettier-ignore
        const told = receive('BOX', String(ordered), 'box', parts, 'unit', packed(BigInt(perBox)))
        expect(told).toEqual([String(ordered), true])
      }),
      { numRuns: 1_000 },
    )
  })

  test('1,000 orders in pounds, weighed in kilograms: they sum to the pounds', () => {
    const pounds = fc.record({
      hundredths: fc.integer({ min: 1, max: 100_000 }),
      cuts: fc.array(fc.integer({ min: 1, max: 20_000 }), { maxLength: 12 }),
    })
    fc.assert(
      fc.property(pounds, ({ hundredths, cuts }) => {
        const ordered = quantity(BigInt(hundredths) * 10_000n)
        const kg = convert(ordered, ratio(45359237n, 100000000n), 3)
        if (kg === 0n) return
        const parts = partsOf(
          kg,
          cuts.map((cut) => BigInt(cut) * 1_000n),
        )
        const told = receive('RM', formatQuantity(ordered), 'lb', parts, 'kg', packed(1n))
        expect(told).toEqual([formatQuantity(ordered), true])
      }),
      { numRuns: 1_000 },
    )
  })
})

/** Receives parts, each on the receipt that is open then: what all of it counted as, and whether the last was told as the whole. */
function receive(
  sku: string,
  ordered: string,
  unit: string,
  parts: readonly string[],
  counted: string,
  known: ReferenceData,
): readonly [sum: string, isWhole: boolean] {
  let open: Receipt = receipt({ lines: [line(1, sku, ordered, null, { unit })] })
  let sum = 0n
  let last: Posting[number] | undefined
  for (const part of parts) {
    const entries = [{ line: 1, quantity: part, unit: counted }]
    const { document: after } = taken(countReceipt(open, { entries }, facts({ referenceData: known })))
    for (const told of postingOf(after, known)) {
      sum += parseQuantity(told.orderQuantity ?? told.entered.quantity)
      last = told
    }
    const rest = receiptRemainder({ ...after, remainder: 'backorder' })
    // Less than a gram may be missing: then all has come.
    if (rest.length === 0) break
    open = { ...receiptBackorder(after, rest, 'next', after.createdAt), number: 'WH/IN/00043' }
  }
  return [formatQuantity(quantity(sum)), last?.completesOrderLine === true || last?.orderQuantity === undefined]
}

/** The whole, cut into parts; the last is what the others leave. */
function partsOf(whole: bigint, cuts: readonly bigint[]): string[] {
  const parts: bigint[] = []
  let left = whole
  for (const cut of cuts) {
    if (cut >= left) continue
    parts.push(cut)
    left -= cut
  }
  return [...parts, left].map((part) => formatQuantity(quantity(part)))
}
