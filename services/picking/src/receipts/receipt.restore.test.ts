import { describe, expect, test } from '@jest/globals'
import { parseUnitPrice } from '@stockline/amounts'
import { referenceData, counted, entry, facts, line, order, orderLine, q, receipt, taken } from '../../test/builders.ts'
import { postedDocument } from '../postings/posting.ts'
import { receiptValidated } from './receipt.post.ts'
import type { ReceiptValidated } from '@stockline/contracts'
import type { KnownOfEvent } from '../restoring/restore.ts'
import { restoredReceipt } from './receipt.restore.ts'
import type { Receipt } from './receipt.ts'
import { validateReceipt } from './receipt.validate.ts'

const known: KnownOfEvent<Receipt> = {
  before: undefined,
  order: order(1, orderLine(1, 'RM-A', '100'), orderLine(2, 'RM-B', '50')),
  by: 'operator',
  backorderOf: null,
  createdAt: new Date('2026-04-20T08:00:00Z'),
  home: { code: 'WH', name: 'Main', defaultReceiptLocation: 'WH/Stock', active: true },
  referenceData,
}

const restored = (data: ReceiptValidated, of = known) => restoredReceipt(data, of, 'USD')

/** As it is told once it is validated, and as it is then. */
function told(of: Receipt): { readonly data: ReceiptValidated; readonly posting: Receipt } {
  const first = taken(validateReceipt({ ...of, status: 'in_progress' }, {}, facts()))
  // What a supervisor approves goes to the ledger as it is.
  const asOrdered: Receipt = { ...of, status: 'in_progress', lines: of.lines.map(asExpected) }
  const { document, events } = first.events === undefined ? taken(validateReceipt(asOrdered, {}, facts())) : first
  const posting = { ...document, lines: first.document.lines }
  return { data: receiptValidated(posting, events?.[0]?.data.lines ?? []).data, posting }
}

function asExpected(one: Receipt['lines'][number]): Receipt['lines'][number] {
  return { ...one, expected: one.received ?? q('0') }
}

describe('a receipt is made again just as it was told', () => {
  test.each([
    ['all came', counted(line(1, 'RM-A', '100', '100'), line(2, 'RM-B', '50', '50'))],
    ['less came of one, and nothing of another', counted(line(1, 'RM-A', '100', '60'), line(2, 'RM-B', '50'))],
    [
      'more came, and something that nobody ordered',
      counted(line(1, 'RM-A', '100', '120'), line(3, 'RM-B', '0', '5', { orderLine: null, unitPrice: null })),
    ],
    [
      'in two entries, one of them in another place',
      counted(
        line(1, 'RM-A', '100', '100', { entries: [entry('60'), entry('40', { destination: 'WH/Stock/A1-03' })] }),
      ),
    ],
    [
      'in another unit than was ordered',
      counted(line(1, 'RM-A', '100', '100', { entries: [entry('100000', { unit: 'g' })] })),
    ],
    ['under another line than the order’s', counted(line(4, 'RM-A', '100', '100', { orderLine: 1 }))],
    [
      'with what its order says besides',
      {
        ...counted(line(1, 'RM-A', '100', '100'), line(3, 'RM-B', '50', '50', { orderLine: 2 })),
        details: { order: { note: 'n', carrier: { code: 'UPSN' } }, lines: { 2: { lot: 'L1' } } },
      },
    ],
    [
      'with costs of its own, and no price',
      counted(
        line(1, 'RM-A', '100', '100', {
          unitPrice: null,
          entries: [entry('100', { unitCost: parseUnitPrice('3.10') })],
        }),
      ),
    ],
    ['the rest is closed', { ...counted(line(1, 'RM-A', '100', '60')), remainder: 'close' as const }],
    [
      'at a time that was said',
      { ...counted(line(1, 'RM-A', '100', '100')), effectiveAt: new Date('2026-04-19T10:00:00Z') },
    ],
    ['a backorder', { ...counted(line(1, 'RM-A', '40', '40')), backorderOf: 'first id' }],
  ])('%s', (_what, before) => {
    const { data, posting } = told(before)
    const again = restored(data, known)
    expect(again).toEqual({ ...posting, version: 1, createdAt: known.createdAt })
    // And so it goes on as it would have.
    expect(again && postedDocument(again, 7n)).toMatchObject({ status: 'done', position: 7n })
  })

  test('without an order, by hand', () => {
    const hand = receipt({ orderId: null, orderSource: null, orderRevision: null, vendor: null, scheduledDate: null })
    const lines = [line(1, 'RM-A', '100', '100', { orderLine: null })]
    const { data } = told({ ...hand, source: null, countedBy: ['operator'], lines })
    const again = restored(data, { ...known, order: undefined })
    expect(again).toMatchObject({ orderId: null, source: null, vendor: null, lines })
  })

  test('of an order of which nothing but the number is known', () => {
    const { data } = told(counted(line(1, 'RM-A', '100', '100')))
    const bare = { ...order(1), content: { ...order(1).content, partner: { code: '', name: '' }, scheduledDate: null } }
    expect(restored(data, { ...known, order: bare })).toMatchObject({
      orderId: 'order id',
      orderSource: '/erp/purchase',
      source: 'PO-2026-001',
      vendor: null,
      lines: [{ orderLine: 1, expected: q('100') }],
    })
  })
})

describe('a receipt that is known', () => {
  const { data } = told(counted(line(1, 'RM-A', '100', '60'), line(2, 'RM-B', '50')))

  test('in an older state is brought to what was told, and keeps what was not', () => {
    const before = receipt({ version: 5, countedBy: ['somebody'], source: 'PO-2026-001' })
    const after = restored(data, { ...known, before: before })
    expect(after).toMatchObject({ status: 'posting', attempt: 1, version: 5, countedBy: ['somebody', 'operator'] })
    expect(after?.lines.map((each) => each.received)).toEqual([q('60'), null])
  })

  test.each([
    ['in the same try', receipt({ status: 'posting', attempt: 1 })],
    ['in a later one', receipt({ status: 'in_progress', attempt: 2 })],
    ['done', receipt({ status: 'done', attempt: 1, position: 3n })],
  ])('%s stays as it is', (_what, before) => {
    expect(restored(data, { ...known, before: before })).toBeUndefined()
  })

  test('from before 0.2.0, which told no differences, keeps its lines', () => {
    const { differences: _differences, order: _order, ...old } = data
    const after = restored(old, { ...known, before: receipt() })
    expect(after?.lines).toMatchObject([
      { line: 1, expected: q('100'), received: q('60'), orderLine: 1 },
      { line: 2, expected: q('50'), received: null },
    ])
    expect(restored(old, { ...known, order: undefined })?.lines).toMatchObject([
      { line: 1, expected: q('60'), received: q('60'), orderLine: null },
    ])
  })
})
