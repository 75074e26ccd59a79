import { describe, expect, test } from '@jest/globals'
import type { OrderDetails } from '@stockline/contracts'
import {
  detailsAfter,
  detailsByHand,
  detailsOf,
  detailsOfLine,
  restoredDetails,
  dueDateOf,
  lineDetailsIn,
  lotOf,
  orderDetailsIn,
  rowsOfDetails,
  saysTheSame,
  publishedDetails,
  type DocumentDetails,
} from './order.details.ts'
import type { OrderContent, OrderLine } from './order.ts'

const line = (number: number, details?: OrderLine['details']): OrderLine => ({
  line: number,
  sku: 'RM-A',
  quantity: '1',
  unit: 'kg',
  unitPrice: null,
  ...(details === undefined ? {} : { details }),
})
const content = (details: OrderDetails | null, ...lines: readonly OrderLine[]): OrderContent => ({
  warehouse: 'WH',
  partner: { code: 'BIG', name: 'Big Buyer' },
  scheduledDate: null,
  currency: null,
  priority: 5,
  allowPartial: false,
  details,
  lines,
})
const reference = { type: 'CO', value: 'C-1' }

describe('what an event says besides', () => {
  test.each<[string, OrderDetails, OrderDetails | null]>([
    ['nothing', {}, null],
    ['only what is blank', { note: undefined, shipTo: { name: undefined }, references: [], carrier: {} }, null],
    [
      'an address with blank fields',
      { shipTo: { name: 'A', city: undefined, addressLines: [] } },
      { shipTo: { name: 'A' } },
    ],
    [
      'a reference with a blank description',
      { references: [{ ...reference, description: undefined }] },
      { references: [reference] },
    ],
    ['a note, beside what is no such field', { note: 'n', orderNumber: 'SO-1' } as OrderDetails, { note: 'n' }],
  ])('%s', (_what, told, kept) => expect(orderDetailsIn(told)).toStrictEqual(kept))

  test.each([
    ['nothing', { note: undefined }, undefined],
    ['a lot and no references', { lot: 'L1', references: [] }, { lot: 'L1' }],
  ])('of a line: %s', (_what, told, kept) => expect(lineDetailsIn(told)).toStrictEqual(kept))

  test('of one made by hand: its note and references', () => {
    expect(detailsByHand({ note: undefined })).toBeNull()
    expect(detailsByHand({ note: 'n', references: [reference] })).toStrictEqual({
      order: { note: 'n', references: [reference] },
      lines: {},
    })
  })
})

describe('what documents keep', () => {
  const kept: DocumentDetails = { order: { note: 'n' }, lines: { 2: { lot: 'L1' } } }
  const lines = [
    { line: 1, orderLine: 1 },
    { line: 3, orderLine: 2 },
    { line: 4, orderLine: null },
  ]

  test.each<[string, OrderContent, DocumentDetails | null]>([
    ['nothing of an order that says nothing', content(null, line(1)), null],
    ['nothing of one that 0.1.0 kept', { ...content(null, line(1)), details: undefined } as never, null],
    ['what is said of the whole', content({ note: 'n' }, line(1)), { order: { note: 'n' }, lines: {} }],
    ['what is said of its lines', content(null, line(1), line(2, { lot: 'L1' })), { order: {}, lines: kept.lines }],
  ])('%s', (_what, of, expected) => expect(detailsOf(of)).toStrictEqual(expected))

  test('is found by the order’s line, whatever the document’s is', () => {
    expect(lines.map(({ orderLine }) => lotOf(kept, orderLine))).toEqual([null, 'L1', null])
    expect(detailsOfLine(null, 2)).toBeUndefined()
  })

  test('is told by the document’s line, and made again from what is told', () => {
    const told = { note: 'n', lineDetails: [{ documentLine: 3, lot: 'L1' }] }
    expect(publishedDetails({ details: kept, lines })).toStrictEqual(told)
    expect(restoredDetails(told, lines)).toStrictEqual(kept)
    expect(publishedDetails({ details: kept, lines: lines.slice(0, 1) })).toStrictEqual({ note: 'n' })
    expect(publishedDetails({ details: null, lines })).toStrictEqual({})
    expect(restoredDetails({}, lines)).toBeNull()
    expect(restoredDetails({ lineDetails: [{ documentLine: 4, lot: 'L1' }] }, lines)).toBeNull()
  })

  test('stays the very same where a revision says the same, in whatever order', () => {
    const before: DocumentDetails = { order: { shipTo: { name: 'A', city: 'B' } }, lines: {} }
    expect(detailsAfter(before, content({ shipTo: { city: 'B', name: 'A' } }))).toBe(before)
    expect(detailsAfter(before, content(null))).toBeNull()
    expect(detailsAfter(null, content({ note: 'n' }))).toStrictEqual({ order: { note: 'n' }, lines: {} })
  })

  test('weighs in memory what its text does', () => {
    expect(rowsOfDetails(null)).toBe(0)
    expect(rowsOfDetails({ order: { note: 'x'.repeat(5000) }, lines: {} })).toBe(26)
  })
})

describe('when documents are due', () => {
  const dated = (scheduledDate: string) => line(1, { scheduledDate })
  test.each<[string, string | null, OrderLine[], string | null]>([
    ['as the order says', '2026-05-03', [dated('2026-05-01')], '2026-05-03'],
    ['with the earliest line', null, [line(1), dated('2026-05-02'), dated('2026-05-01')], '2026-05-01'],
    ['nobody knows', null, [line(1)], null],
  ])('%s', (_what, scheduledDate, lines, due) => expect(dueDateOf({ scheduledDate, lines })).toBe(due))
})

describe('is the same said again?', () => {
  test.each<[string, OrderContent, OrderContent, boolean]>([
    ['nothing, twice', content(null, line(1)), content(null, line(1)), true],
    ['the same in another order', content({ note: 'n', validUntil: '2026-05-01' }), content({ validUntil: '2026-05-01', note: 'n' }), true], // prettier-ignore
    ['another note', content({ note: 'n' }), content({ note: 'm' }), false],
    ['a note where there was none', content({ note: 'n' }), content(null), false],
    ['another lot of a line', content(null, line(1, { lot: 'L1' })), content(null, line(1, { lot: 'L2' })), false],
    ['a note, of what 0.1.0 kept without', content({ note: 'n' }), { ...content(null), details: undefined } as never, true], // prettier-ignore
  ])('%s', (_what, told, kept, same) => expect(saysTheSame(told, kept)).toBe(same))
})
