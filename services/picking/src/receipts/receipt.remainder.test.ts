/** Orders in units that do not divide evenly, received in parts: each ends done, and no backorder expects what cannot be entered. */
import { describe, expect, test } from '@jest/globals'
import { convert, formatQuantity, quantity, ratio, type Ratio } from '@stockline/amounts'
import fc from 'fast-check'
import { referenceData, facts, line, product, q, receipt, taken } from '../../test/builders.ts'
import type { ReferenceData } from '../products/product.ts'
import { receiptBackorder } from './receipt.amend.ts'
import { countReceipt } from './receipt.count.ts'
import { discrepancies, flagOf, type Receipt } from './receipt.ts'
import { receiptRemainder } from './receipt.validate.ts'

const packed = (pieces: bigint): ReferenceData => ({
  units: referenceData.units,
  products: new Map([
    ['BOX', product('BOX', { unit: 'unit', unitDecimals: 0, units: [{ unit: 'box', ratio: ratio(pieces, 1n) }] })],
    ['RM', product('RM')],
  ]),
})

/** Receives parts, each on the receipt that is open then. Gives the last one, and what would still come. */
function receive(
  sku: string,
  ordered: string,
  unit: string,
  parts: readonly (readonly [string, string])[],
  known: ReferenceData,
) {
  let open: Receipt = receipt({ lines: [line(1, sku, ordered, null, { unit })] })
  const flags: (string | null)[] = []
  for (const [amount, of] of parts) {
    const entries = [{ line: 1, quantity: amount, unit: of }]
    const { document: after } = taken(countReceipt(open, { entries }, facts({ referenceData: known })))
    flags.push(...after.lines.map((each) => flagOf(each, after.status)))
    const left = receiptRemainder({ ...after, remainder: 'backorder' })
    if (left.length === 0) return { flags, left: [], differ: discrepancies(after, known).length }
    open = { ...receiptBackorder(after, left, 'next', after.createdAt), number: 'WH/IN/00043' }
  }
  return { flags, left: open.lines.map((each) => formatQuantity(each.expected)), differ: 0 }
}

describe('G5 less than one step of the base unit is no difference', () => {
  test.each([
    ['a box of 3, piece by piece', 3n, '1', ['1', '1', '1']],
    ['a box of 7', 7n, '1', ['2', '4', '1']],
    ['a box of 9', 9n, '1', ['4', '4', '1']],
    ['a box of 12', 12n, '1', ['5', '5', '1', '1']],
    ['two pallets of 48', 48n, '2', ['40', '40', '16']],
  ])('%s', (_title, pieces, ordered, parts) => {
    const told = receive('BOX', ordered, 'box', parts.map((part) => [part, 'unit'] as const), packed(pieces)) // prettier-ignore
    expect([told.flags.at(-1), told.left, told.differ]).toEqual(['OK', [], 0])
  })

  test('100 lb of a product in kg, weighed as 45.359 kg', () =>
    expect(receive('RM', '100', 'lb', [['45.359', 'kg']], packed(1n))).toEqual({ flags: ['OK'], left: [], differ: 0 }))

  test.each([
    ['one piece less', 'BOX', '1', 'box', [['2', 'unit']], 'Short 0.333333', ['0.333333']],
    ['a gram less', 'RM', '100', 'lb', [['45.358', 'kg']], 'Short 0.002727', ['0.002727']],
    ['nothing', 'BOX', '1', 'box', [['0', 'unit']], 'Short 1', ['1']],
  ] as const)('one step is a difference: %s', (_title, sku, ordered, unit, parts, flag, left) => {
    expect(receive(sku, ordered, unit, parts, packed(3n))).toMatchObject({ flags: [flag], left })
  })

  test('one piece too many is over', () =>
    expect(receive('BOX', '1', 'box', [['4', 'unit']], packed(3n))).toMatchObject({ flags: ['Over 0.333333'] }))

  test('2,000 random orders in random parts', () => {
    const boxes = fc.tuple(fc.constantFrom(3n, 7n, 9n, 11n, 12n, 48n), fc.integer({ min: 1, max: 40 }), fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 12 })) // prettier-ignore
    fc.assert(
      fc.property(boxes, ([pieces, ordered, cuts]) => {
        const parts = partsOf(quantity(BigInt(ordered) * pieces * 1_000_000n), cuts.map((cut) => q(String(cut)))) // prettier-ignore
        const told = receive('BOX', String(ordered), 'box', parts.map((part) => [part, 'unit'] as const), packed(pieces)) // prettier-ignore
        expect([told.flags.at(-1), told.left, told.differ]).toEqual(['OK', [], 0])
      }),
      { numRuns: 1_000 },
    )
    const pounds = fc.tuple(fc.integer({ min: 1, max: 100_000 }), fc.array(fc.integer({ min: 1, max: 20_000 }), { maxLength: 12 })) // prettier-ignore
    const inKg: Ratio = ratio(45359237n, 100000000n)
    fc.assert(
      fc.property(pounds, ([hundredths, cuts]) => {
        const ordered = quantity(BigInt(hundredths) * 10_000n)
        const kg = convert(ordered, inKg, 3)
        if (kg === 0n) return
        const parts = partsOf(
          kg,
          cuts.map((cut) => quantity(BigInt(cut) * 1_000n)),
        )
        const told = receive('RM', formatQuantity(ordered), 'lb', parts.map((part) => [part, 'kg'] as const), packed(1n)) // prettier-ignore
        expect([told.flags.at(-1), told.left, told.differ]).toEqual(['OK', [], 0])
      }),
      { numRuns: 1_000 },
    )
  })
})

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
