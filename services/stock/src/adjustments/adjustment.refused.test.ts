import { expect, test } from '@jest/globals'
import { parseQuantity } from '@stockline/amounts'
import { withoutLines } from './adjustment.refused.ts'
import type { Adjustment, AdjustmentLine } from './adjustment.ts'

const line = (number: number, counted = '1') =>
  ({ line: number, expected: parseQuantity('0'), counted: parseQuantity(counted) }) as AdjustmentLine
const adjustment = (lines: readonly AdjustmentLine[], countId: string | null = 'c') =>
  ({ ...{ number: 'WH/ADJ/00001', status: 'submitted', forced: true, attempt: 3, countId }, lines }) as Adjustment
const faults = (...lines: (number | null)[]) => lines.map((at) => ({ line: at, code: 'x', message: 'X.' }))
const three = [line(1), line(2), line(3)]

test.each<[string, readonly AdjustmentLine[], readonly (number | null)[], readonly number[], readonly number[]]>([
  ['one of three', three, [2], [1, 3], [1]],
  ['one with two faults', three, [2, 2], [1, 3], [1]],
  ['two of three', three, [1, 3], [2], [1, 2]],
])('%s is set apart', (_title, lines, at, kept, refused) => {
  const parts = withoutLines(adjustment(lines), faults(...at))
  expect(parts?.kept.lines.map((one) => one.line)).toEqual(kept)
  expect(parts?.refused.lines.map((one) => one.line)).toEqual(refused)
  expect(parts?.refused).toMatchObject({ status: 'submitted', forced: false, attempt: 0, countId: 'c' })
})

test.each<[string, Adjustment, readonly (number | null)[]]>([
  ['all of it', adjustment(three), [1, 2, 3]],
  ['all that differs', adjustment([line(1), line(2, '0')]), [1]],
  ['the document as a whole', adjustment(three), [null, 1]],
  ['a line that is not there', adjustment(three), [9]],
  ['one that no count has made', adjustment(three, null), [1]],
])('%s is refused: it stays whole', (_title, of, at) => expect(withoutLines(of, faults(...at))).toBeUndefined())
