/** A sheet is submitted: lines that must be counted once more are asked again, else its differences become adjustments. Pure. */
import type { Quantity } from '@stockline/amounts'
import { inAnyVersion, type Decided } from '@stockline/documents/decision'
import { refuse } from '@stockline/service-kit/refusal'
import { correctedOnHand } from './count.expected.ts'
import {
  forAnother,
  isOff,
  needsRecount,
  noteOf,
  notYours,
  someLines,
  withWorker,
  type StepFacts,
  type CountLine,
  type CountSheet,
} from './count.ts'

/** A difference that is to be adjusted. */
export interface Variance extends Pick<CountLine, 'sku' | 'location' | 'lot' | 'status' | 'unit'> {
  /** On hand at the position, by the ledger. */
  readonly expected: Quantity
  /** On hand as it should have been then. */
  readonly counted: Quantity
  readonly atPosition: bigint
  readonly countedBy: string
}

/** What a submit may know besides: lines whose place had picks or puts since they were counted. */
export interface SubmitFacts extends StepFacts {
  readonly disturbed: (line: CountLine) => boolean
}

/** Submits a sheet whose lines are all counted. */
export function decideSubmit(sheet: CountSheet, known: SubmitFacts): Decided<CountSheet> {
  if (sheet.status === 'submitted' || sheet.status === 'done') return 'already'
  if (sheet.status === 'cancelled')
    return inAnyVersion(refuse('count-sheet-closed', 'state', `${sheet.number} is cancelled.`))
  const foreign = notYours(sheet, known)
  if (foreign !== undefined) return inAnyVersion(foreign)
  const left = sheet.lines.filter(({ state }) => state !== 'counted')
  if (left.length > 0)
    return refuse(
      'lines-not-counted',
      'state',
      `Not counted yet: line ${someLines(left)}. Where nothing is there, enter a count of 0.`,
    )
  const workedOnBy = withWorker(sheet.workedOnBy, known.by.id)
  const lines = sheet.lines.map((line) => judged(line, sheet, known))
  const again = lines.filter(({ state }) => state !== 'counted')
  if (again.length > 0)
    return {
      document: { ...sheet, status: 'in_progress', workedOnBy, lines },
      notes: [noteOf('asked-again', `Line ${someLines(again)}.`)],
    }
  const off = sheet.lines.filter(isOff)
  const status = off.length === 0 ? 'done' : 'submitted'
  const why = off.length === 0 ? 'No difference.' : `${String(off.length)} of ${String(lines.length)} lines differ.`
  return { document: { ...sheet, status, workedOnBy }, notes: [noteOf('submitted', why)] }
}

/** What a sheet that has just been submitted adjusts, in the order of its lines. */
export function variancesOf({ lines }: CountSheet): readonly Variance[] {
  return lines.flatMap((line): readonly Variance[] => {
    const { sku, location, lot, status, unit, onHand: expected, counted: seen, position, countedBy } = line
    if (seen === null || position === null || countedBy === null || !isOff(line)) return []
    const counted = correctedOnHand(line, seen)
    return [{ sku, location, lot, status, unit, expected, counted, atPosition: BigInt(position), countedBy }]
  })
}

/** Asks a line again that cannot count as it is. Where its floor changed nobody knows what was to be seen, whatever was. */
function judged(line: CountLine, sheet: CountSheet, { disturbed }: SubmitFacts): CountLine {
  if (line.counted === null) return line
  if (disturbed(line))
    return {
      ...line,
      state: 'again',
      counted: null,
      why: 'Goods were picked from there or put there after it was looked at.',
    }
  if (!isOff(line)) return line
  if (correctedOnHand(line, line.counted) < 0n)
    return {
      ...line,
      state: 'again',
      counted: null,
      why: 'What is missing was put there by a receipt that is not posted yet: count once it is.',
    }
  return needsRecount(line, sheet) ? forAnother(line, 'The difference is past the tolerance.') : line
}
