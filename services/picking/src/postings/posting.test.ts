import { describe, expect, test } from '@jest/globals'
import {
  isAnswerTo,
  isRenumbered,
  postedDocument,
  ledgerRefusalText,
  refusedDocument,
  type RefusedEvent,
} from './posting.ts'

const refused = (detail: string, ...errors: RefusedEvent['data']['errors']) =>
  ledgerRefusalText({ detail, errors } as RefusedEvent['data'])
const fault = (line: number | null, message: string) => ({ line, code: 'wrong', message })

describe('what the ledger said no with', () => {
  test('without faults, or with one, is what it said', () => {
    expect(refused('Not enough is free.')).toBe('Not enough is free.')
    expect(refused('Line 2: No such lot.', fault(2, 'No such lot.'))).toBe('Line 2: No such lot.')
  })

  test('with several names each with its line, and five at most', () => {
    expect(refused('Line 1: A. (and 1 more)', fault(1, 'A.'), fault(null, 'B.'))).toBe('Line 1: A. B.')
    const six = [1, 2, 3, 4, 5, 6].map((line) => fault(line, 'A.'))
    expect(refused('Line 1: A. (and 5 more)', ...six)).toBe(
      'Line 1: A. Line 2: A. Line 3: A. Line 4: A. Line 5: A. And 1 more.',
    )
  })
})

describe('G4 D4 the ledger’s answer', () => {
  const posting = { status: 'posting', returnsTo: 'in_review', attempt: 2, problem: null, position: null }
  const done = { ...posting, status: 'done', position: 7n }
  const no = (attempt: number) => ({ attempt, detail: 'no such lot', errors: [] }) as unknown as RefusedEvent['data']

  test.each([
    ['to the attempt that is under way', posting, 2, true],
    ['to an earlier one', posting, 1, false],
    ['a duplicate', done, 2, false],
  ])('%s', (_title, of, attempt, is) => expect(isAnswerTo(of, attempt)).toBe(is))

  test('taken: done, with its position', () =>
    expect(postedDocument(posting, 17n)).toEqual({ ...done, position: 17n, returnsTo: null }))

  test.each(['waiting', 'ready', 'in_progress', 'in_review'])('refused: back to %s, with the reason', (returnsTo) =>
    expect(refusedDocument({ ...posting, returnsTo }, no(2))).toEqual({
      ...posting,
      status: returnsTo,
      returnsTo: null,
      problem: 'The ledger refused: no such lot',
    }),
  )

  test('refused: one that an earlier version left without a status to return to is in progress', () =>
    expect(refusedDocument({ ...posting, returnsTo: null }, no(2))).toMatchObject({ status: 'in_progress' }))

  test.each([
    ['an earlier attempt', posting, 1],
    ['what is done', done, 2],
  ])('refused: nothing to %s', (_title, of, attempt) => expect(refusedDocument(of, no(attempt))).toBeUndefined())

  test.each([
    ['at another position', done, 2, '8', true],
    ['at the same', done, 2, '7', false],
    ['of an earlier attempt', done, 1, '8', false],
    ['before it was done', posting, 2, '8', false],
  ])('taken anew: %s', (_title, of, attempt, position, is) =>
    expect(isRenumbered(of, { attempt, position } as Parameters<typeof isRenumbered>[1])).toBe(is),
  )
})
