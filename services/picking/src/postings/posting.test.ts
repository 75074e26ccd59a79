import { describe, expect, test } from '@jest/globals'
import { refusalText, type RefusedEvent } from './posting.ts'

const refused = (detail: string, ...errors: RefusedEvent['data']['errors']) =>
  refusalText({ detail, errors } as RefusedEvent['data'])
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
