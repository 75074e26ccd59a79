import { describe, expect, test } from '@jest/globals'
import { formatQuantity } from '@stockline/amounts'
import { counted, entry, facts, line, q, receipt, taken } from '../../test/builders.ts'
import type { Receipt } from './receipt.ts'
import {
  approveReceipt,
  cancelReceipt,
  receiptRemainder,
  returnToOperator,
  validateReceipt,
} from './receipt.validate.ts'

const exact = counted(line(1, 'RM-A', '100', '100'))
const short = counted(line(1, 'RM-A', '100', '100'), line(2, 'RM-B', '50', '48'))
const inReview: Receipt = { ...short, status: 'in_review' }

describe('G3 Validating, every refusal in order of precedence', () => {
  test.each([
    ['a receipt in review is through this step', inReview, 'already'],
    ['one that posts too', { ...exact, status: 'posting' }, 'already'],
    ['one that is done too', { ...exact, status: 'done' }, 'already'],
    [
      'a cancelled one is refused',
      { ...exact, status: 'cancelled', waitsFor: ['x'] },
      { refused: 'receipt-cancelled', kind: 'state', inAnyVersion: true },
    ],
    [
      'one that waits is refused',
      { ...exact, waitsFor: ['product:NEW'], lines: [] },
      { refused: 'receipt-waits', kind: 'state' },
    ],
    ['one of nothing is refused', receipt(), { refused: 'receipt-empty', kind: 'state' }],
    ['one of zeros is refused', counted(line(1, 'RM-A', '100', '0')), { refused: 'receipt-empty', kind: 'state' }],
    [
      'with a difference it goes to review',
      short,
      { document: { status: 'in_review' }, notes: [{ what: 'sent-to-review', why: 'line 2 RM-B: Short 2' }] },
    ],
    [
      'with a line that was not counted too',
      counted(line(1, 'RM-A', '1', '1'), line(2, 'RM-B', '50')),
      { document: { status: 'in_review' } },
    ],
    [
      'without one it posts',
      exact,
      {
        document: { status: 'posting', returnsTo: 'in_progress', attempt: 1, remainder: 'backorder' },
        notes: [{ what: 'validated' }],
        events: [{ type: 'validated', data: { documentId: 'receipt id', attempt: 1 } }],
      },
    ],
    ['within tolerance it posts', counted(line(1, 'RM-T', '100', '98')), { document: { status: 'posting' } }],
  ] as const)('%s', (_title, of, expected) => expect([validateReceipt(of, {}, facts())]).toMatchObject([expected]))

  test('who may not say when it came may neither validate nor approve so', () => {
    const effectiveAt = new Date('2026-04-01T00:00:00Z')
    for (const decided of [
      validateReceipt(exact, { effectiveAt }, facts()),
      approveReceipt(inReview, { effectiveAt }, facts({ by: { id: 'supervisor', name: 'S' } })),
    ])
      expect(decided).toMatchObject({ refused: 'effective-at-forbidden' })
  })

  test('the history shows ten differences', () => {
    const many = counted(...Array.from({ length: 11 }, (_, at) => line(at + 1, 'RM-A', '2', '1')))
    const [note] = taken(validateReceipt(many, {}, facts())).notes
    expect(note?.why).toMatch(/^line 1 RM-A: Short 1, .*, line 10 RM-A: Short 1$/)
  })

  test('the choice is remembered over the review', () => {
    const at = new Date('2026-04-01T00:00:00Z')
    const known = facts({ may: (right) => right === 'effective-at.set' })
    expect(validateReceipt(short, { remainder: 'close', effectiveAt: at }, known)).toMatchObject({
      document: { remainder: 'close', effectiveAt: at },
    })
  })

  test('what a product has become since it was counted is looked at again', () => {
    const untracked = counted(line(1, 'LOT', '5', '5'))
    const tracked = counted(line(1, 'RM-A', '5', '5', { entries: [entry('5', { lot: 'L' })] }))
    for (const one of [untracked, tracked])
      expect(validateReceipt(one, {}, facts())).toMatchObject({
        refused: 'lines-wrong',
        errors: [{ pointer: '/lines/1' }],
      })
  })
})

describe('G4 What the ledger is asked to take', () => {
  const posted = (of: Receipt) => taken(validateReceipt(of, {}, facts())).events?.[0]?.data.lines ?? []

  test('is one line per entry, in the base unit, with what was entered, the price and the cost', () => {
    const entries = [
      entry('1', { unit: 'box', destination: 'WH/Stock/A1-03', unitCost: 20_000_000_000n as never }),
      entry('0', { unit: 'unit' }),
      entry('6', { unit: 'unit' }),
    ]
    const of = counted(line(7, 'PX', '2.5', '2.5', { unit: 'dozen', entries }))
    expect(posted(of)).toMatchObject([
      {
        line: 1,
        documentLine: 7,
        quantity: '24',
        entered: { quantity: '1', unit: 'box' },
        destination: 'WH/Stock/A1-03',
        category: 'Raw',
        price: { unitPrice: '2.50', unit: 'dozen', currency: 'USD', numerator: '2', denominator: '1' },
        unitCost: '2.00',
      },
      {
        line: 2,
        documentLine: 7,
        quantity: '6',
        destination: 'WH/Stock',
        price: { numerator: '1', denominator: '12' },
      },
    ])
  })

  test.each([
    ['of its line, where an entry has none of its own', 35_000_000_000n, [null, 20_000_000_000n], ['3.50', '2.00']],
    ['a cost of zero is a cost', 0n, [null, 0n], ['0.00', '0.00']],
    ['where neither has one, it is left to the books', null, [null, 20_000_000_000n], [undefined, '2.00']],
  ] as const)('the unit cost on a receipt made by hand: %s', (_title, ofLine, ofEntries, told) => {
    const entries = ofEntries.map((unitCost) => entry('1', { unitCost: unitCost as never }))
    const byHand = { orderLine: null, unitPrice: null, unitCost: ofLine as never, entries }
    const none = { orderId: null, orderSource: null, orderRevision: null }
    expect(
      posted({ ...counted(line(1, 'RM-A', '2', '2', byHand)), ...none }).map(({ unitCost, price }) => [
        unitCost,
        price,
      ]),
    ).toEqual(told.map((cost) => [cost, undefined]))
  })

  test('without a price there is none', () => {
    const lines = posted(counted(line(1, 'RM-A', '1', '1', { unitPrice: null })))
    expect(JSON.stringify(lines)).not.toMatch(/"price"/)
  })
})

describe('G3 Approving, every refusal in order of precedence', () => {
  const known = (approver: string) => facts({ by: { id: approver, name: approver } })

  test.each([
    ['one that posts is through this step', { ...inReview, status: 'posting' }, 'supervisor', 'already'],
    ['one that is done too', { ...inReview, status: 'done' }, 'operator', 'already'],
    ['one in progress is refused', short, 'supervisor', { refused: 'receipt-not-in-review', kind: 'state' }],
    [
      'a cancelled one is refused',
      { ...short, status: 'cancelled' },
      'supervisor',
      { refused: 'receipt-not-in-review', inAnyVersion: true },
    ],
    ['nobody approves what they counted', inReview, 'operator', { refused: 'approver-counted', kind: 'forbidden' }],
    ['one that waits is refused', { ...inReview, waitsFor: ['x'] }, 'supervisor', { refused: 'receipt-waits' }],
    [
      'it posts, and a refusal will bring it back to review',
      inReview,
      'supervisor',
      { document: { returnsTo: 'in_review' }, notes: [{ what: 'approved' }], events: [{ type: 'validated' }] },
    ],
  ] as const)('%s', (_title, of, approver, expected) =>
    expect([approveReceipt(of, {}, known(approver))]).toMatchObject([expected]),
  )

  test('the approver’s choice goes before the operator’s', () =>
    expect(
      approveReceipt({ ...inReview, remainder: 'backorder' }, { remainder: 'close' }, known('supervisor')),
    ).toMatchObject({ document: { remainder: 'close' } }))
})

describe('G3 Returning to the operator', () => {
  test('gives the reason', () =>
    expect(returnToOperator(inReview, { reason: 'count again' })).toMatchObject({
      document: { status: 'in_progress', problem: 'Returned: count again' },
      notes: [{ what: 'returned', why: 'count again' }],
    }))
  test('keeps what it waits for', () =>
    expect(
      returnToOperator({ ...inReview, waitsFor: ['product:NEW'], problem: 'Waits: …' }, { reason: 'count again' }),
    ).toMatchObject({ document: { problem: 'Returned: count again. Waits: …' } }))
  test('also where nothing says what that is', () =>
    expect(returnToOperator({ ...inReview, waitsFor: ['product:NEW'], problem: null }, { reason: 'x' })).toMatchObject({
      document: { problem: 'Returned: x. ' },
    }))
  test('is for receipts in review', () =>
    expect(returnToOperator(short, { reason: 'x' })).toMatchObject({ refused: 'receipt-not-in-review', kind: 'state' }))
})

describe('G5 Cancelling', () => {
  test.each([
    ['a draft', receipt(), false, { document: { status: 'cancelled', number: 'WH/IN/00042' }, notes: [{ why: 'x' }] }],
    ['one in progress by a supervisor', short, true, { document: { status: 'cancelled' } }],
    [
      'one in progress by an operator',
      short,
      false,
      { refused: 'cancel-forbidden', kind: 'forbidden', inAnyVersion: true },
    ],
    [
      'one in review by an operator',
      inReview,
      false,
      { refused: 'cancel-forbidden', kind: 'forbidden', inAnyVersion: true },
    ],
    [
      'one that posts',
      { ...short, status: 'posting' },
      true,
      { refused: 'receipt-posted', kind: 'state', inAnyVersion: true },
    ],
    [
      'one that is done',
      { ...short, status: 'done' },
      true,
      { refused: 'receipt-posted', kind: 'state', inAnyVersion: true },
    ],
    ['one that is cancelled: a second time is no error', { ...short, status: 'cancelled' }, false, 'already'],
  ] as const)('%s', (_title, of, supervisor, expected) => {
    const known = facts({ may: (right) => supervisor && right === 'receipt.cancel-in-progress' })
    expect([cancelReceipt(of, { reason: 'x' }, known)]).toMatchObject([expected])
  })
})

describe('G5 The remainder', () => {
  test('is what did not come, not counted lines included', () => {
    const of = counted(
      line(1, 'RM-A', '100', '98'),
      line(2, 'RM-B', '50'),
      line(3, 'PX', '0', '5'),
      line(4, 'RM-T', '1', '2'),
      line(5, 'RM-A', '1', '0.999999'),
    )
    expect(
      receiptRemainder(of).map((each) => [each.line, formatQuantity(each.expected), each.received, each.entries]),
    ).toEqual([
      [1, '2', null, null],
      [2, '50', null, null],
      [5, '0.000001', null, null],
    ])
  })
  test('is nothing when it is closed', () => expect(receiptRemainder({ ...short, remainder: 'close' })).toEqual([]))
  test('is nothing when all came', () => expect(receiptRemainder(exact)).toEqual([]))
  test('keeps price and order line', () =>
    expect(receiptRemainder(short)[0]).toMatchObject({ orderLine: 2, expected: q('2'), unitPrice: 25_000_000_000n }))
})
