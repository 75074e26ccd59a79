import { describe, expect, test } from '@jest/globals'
import { parseQuantity, parseUnitPrice } from '@stockline/amounts'
import { adjustment, adjustmentLine as line } from '../../test/adjustments-builders.ts'
import {
  approveRefusal,
  forceRefusal,
  linesTooShort,
  postingOf,
  problemOf,
  rejectRefusal,
  submitRefusal,
} from './adjustment.post.ts'
import type { Adjustment } from './adjustment.ts'

const [user, other] = [{ id: 'user' }, { id: 'other' }]
const [mayAll, mayNone] = [() => true, () => false]
const refusedAs = (judged: ReturnType<typeof forceRefusal>) =>
  typeof judged === 'object' ? `${judged.kind}: ${judged.refused}` : judged

describe('A2: who takes a step, and when', () => {
  test.each<[Adjustment['status'], string | undefined, string | undefined, string | undefined, string | undefined]>([
    // status, submit, approve, reject, force
    ['draft', undefined, 'state: adjustment-not-submitted', 'state: adjustment-not-submitted', undefined],
    ['submitted', 'already', undefined, undefined, undefined],
    ['posted', 'already', 'already', 'state: adjustment-not-submitted', 'already'],
    [
      'rejected',
      'state: adjustment-not-draft',
      'state: adjustment-not-submitted',
      'already',
      'state: adjustment-rejected',
    ],
  ])('%s', (status, submitted, approved, rejected, forced) => {
    const one = adjustment([line(1, '42', '40')], { status })
    expect(refusedAs(submitRefusal(one, user, mayNone))).toBe(submitted)
    expect(refusedAs(approveRefusal(one, other))).toBe(approved)
    expect(refusedAs(rejectRefusal(one))).toBe(rejected)
    expect(refusedAs(forceRefusal(one))).toBe(forced)
  })

  test.each<[string, Partial<Adjustment>, string | undefined]>([
    ['somebody else', {}, undefined],
    ['who counted of it once', { countedBy: ['user', 'other'] }, 'forbidden: approver-counted'],
    ['who began it', { createdBy: 'other' }, 'forbidden: approver-counted'],
    ['who submitted it', { submittedBy: 'other' }, 'forbidden: approver-counted'],
  ])('%s approves, or not', (_title, more, refused) => {
    const one = adjustment([line(1, '42', '40')], { status: 'submitted', ...more })
    expect(refusedAs(approveRefusal(one, other))).toBe(refused)
  })

  test("a draft of somebody else's is a supervisor's to submit", () => {
    const one = adjustment([line(1, '42', '40')])
    expect(refusedAs(submitRefusal(one, other, mayNone))).toBe('forbidden: adjustment-of-another')
    expect(submitRefusal(one, other, mayAll)).toBeUndefined()
  })
})

describe('A2: what the ledger is asked for', () => {
  test('each difference, losses first; what does not differ is left out', () => {
    const unitCost = parseUnitPrice('2.5')
    const lines = [line(1, '15', '17', { unitCost }), line(2, '3', '3'), line(3, '42', '40', { lot: 'L', unitCost })]
    expect(postingOf(adjustment(lines, { attempt: 1 }), new Date(99))).toMatchObject({
      ...{ kind: 'adjustment', number: 'WH/ADJ/00001', attempt: 2, warehouse: 'WH', effectiveAt: 99 },
      lines: [
        { line: 3, lot: 'L', from: 'WH/Stock', to: 'Virtual/Loss', quantity: parseQuantity('2'), passThrough: {} },
        {
          line: 1,
          from: 'Virtual/Loss',
          to: 'WH/Stock',
          quantity: parseQuantity('2'),
          passThrough: { unitCost: '2.50' },
        },
      ],
    })
  })

  test('nothing where nothing differs', () => expect(postingOf(adjustment([line(1, '3', '3')]), new Date())).toBeNull())

  test('what was refused for too little names what moved since, the last of it', () => {
    const one = adjustment([line(1, '42', '0'), line(2, '1', '0')])
    const faults = [
      { line: 1, code: 'not-enough-stock', message: 'Too little.' },
      { line: 2, code: 'unit-changed', message: 'Another unit.' },
    ]
    const short = linesTooShort(one, faults)
    expect(short.map((each) => each.line)).toEqual([1])
    const moved = [1, 2, 3, 4, 5, 6].map((at) => ({
      ...{ position: BigInt(at), kind: 'delivery', number: `WH/OUT/0000${String(at)}`, quantity: '-1' },
    }))
    expect(problemOf('Line 1: Too little.', short, [{ documents: moved.slice(0, 1), more: 0 }])).toBe(
      'Line 1: Too little. Line 1, since it was counted: WH/OUT/00001 -1.',
    )
    expect(problemOf('No.', short, [{ documents: moved.slice(1), more: 1 }])).toMatch(
      /: WH\/OUT\/00002 -1, .*WH\/OUT\/00006 -1 and 1 more\.$/,
    )
    expect(problemOf('No.', short, [{ documents: [], more: 0 }])).toBe('No.')
  })
})
