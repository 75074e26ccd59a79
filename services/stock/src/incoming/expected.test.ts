import { expect, test } from '@jest/globals'
import type { ExpectedState } from '@stockline/contracts'
import { expectedRows } from './expected.ts'

const base: ExpectedState = {
  documentId: '00000000-0000-7000-8000-000000000001',
  number: 'WH/IN/00001',
  warehouse: 'WH',
  at: '2026-04-20T08:00:00Z',
  destination: 'WH/Stock',
  lines: [],
}
const line = (number: number, quantity: string, expectedOn?: string) => ({
  ...{ line: number, sku: 'A', quantity },
  ...(expectedOn === undefined ? {} : { expectedOn }),
})

test.each<[string, Partial<ExpectedState>, readonly string[]]>([
  ['an empty one', {}, []],
  ['made by hand, of no day', { lines: [line(1, '2')] }, ['1 2 WH/Stock null null null']],
  [
    'of an order, with a day',
    { expectedOn: '2026-04-23', order: { source: '/erp', orderNumber: 'PO-1' }, lines: [line(1, '2'), line(2, '1.5')] },
    ['1 2 WH/Stock /erp PO-1 2026-04-23', '2 1.5 WH/Stock /erp PO-1 2026-04-23'],
  ],
  [
    'a line of its own day',
    { expectedOn: '2026-04-23', lines: [line(1, '2', '2026-05-01')] },
    ['1 2 WH/Stock null null 2026-05-01'],
  ],
  ['a line that stands twice', { lines: [line(1, '2'), line(1, '3')] }, ['1 3 WH/Stock null null null']],
])('rows of a state: %s', (_title, over, expected) => {
  const rows = expectedRows({ ...base, ...over })
  expect(
    rows.map((row) =>
      [row.line, row.quantity, row.location, row.sourceSystem, row.orderNumber, row.expectedOn].map(String).join(' '),
    ),
  ).toEqual(expected)
})
