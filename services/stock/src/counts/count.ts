/** Count sheets: what they are made of, whose they are, and who sees what is expected. Pure. */
import type { Quantity } from '@stockline/amounts'
import type { DocumentOf, LineOf, Note } from '@stockline/documents'
import { refuse, type Refusal } from '@stockline/service-kit/refusal'
import { differenceAt, expectedAt, isPastTolerance } from './count.expected.ts'
import type { countSheetKind } from './count.fields.ts'

/** See `count.fields.ts`. */
export type CountSheet = DocumentOf<typeof countSheetKind.fields>
export type CountLine = LineOf<typeof countSheetKind.fields>

/** What a line counts: a product, lot and stock status at a location. */
export type CountKey = Pick<CountLine, 'sku' | 'location' | 'lot' | 'status'>

/** No sheet has more lines. */
export const mostCounted = 5000

/** What decisions on count sheets may know. */
export interface StepFacts {
  readonly by: { readonly id: string; readonly name: string }
  readonly may: (right: string) => boolean
  readonly now: Date
}

/** A place as it is found when a sheet is made: what is on hand there, and what is picked from there or put there. */
export interface PlaceFound extends CountKey {
  readonly unit: string
  readonly onHand: Quantity
  readonly picked: Quantity
  readonly put: Quantity
}

/** A line that nobody has counted yet. */
export function openLine(line: number, place: PlaceFound, found: boolean): CountLine {
  return {
    line,
    ...place,
    counted: null,
    reason: null,
    found,
    state: 'open',
    why: null,
    position: null,
    seen: null,
    countedAt: null,
    countedBy: null,
    countedBefore: [],
  }
}

/** The key as text, for maps. */
export function countKey({ sku, location, lot, status }: CountKey): string {
  return JSON.stringify([sku, location, lot, status])
}

/** More was counted than expected, or less: null where nothing was counted. */
function lineDifference(line: CountLine): Quantity | null {
  return line.counted === null ? null : differenceAt(line, line.counted)
}

/** Is there a difference? */
export function isOff(line: CountLine): boolean {
  const difference = lineDifference(line)
  return difference !== null && difference !== 0n
}

/** A difference that stands no more, and one of those who are bound by it. */
export interface WithdrawnCount extends CountKey {
  readonly by: string
}

/**
 * Differences that a step takes back: the line is to be counted again, or says otherwise, or another person says so. They bind who
 * counted them, and who counted otherwise.
 */
export function withdrawnCounts(
  before: Pick<CountSheet, 'lines'>,
  after: Pick<CountSheet, 'lines'>,
): readonly WithdrawnCount[] {
  if (before.lines === after.lines) return []
  const now = new Map(after.lines.map((line) => [line.line, line]))
  return before.lines.flatMap((line): readonly WithdrawnCount[] => {
    const then = now.get(line.line)
    const isKept =
      then !== undefined && then.countedBy === line.countedBy && lineDifference(then) === lineDifference(line)
    if (!isOff(line) || isKept) return []
    const { sku, location, lot, status } = line
    const otherwise = then === undefined || then.counted === null ? null : then.countedBy
    const people = [line.countedBy, otherwise].filter((one) => one !== null)
    return [...new Set(people)].map((by) => ({ sku, location, lot, status, by }))
  })
}

/** Must another person count it? Once another person has, what is counted counts. */
export function needsRecount(
  line: CountLine,
  { toleranceQuantity, tolerancePercent }: Pick<CountSheet, 'toleranceQuantity' | 'tolerancePercent'>,
): boolean {
  if (line.counted === null || line.countedBefore.length > 0) return false
  return isPastTolerance(line, line.counted, { quantity: toleranceQuantity, percent: tolerancePercent })
}

/** The line, to be counted by another person than those who have. */
export function forAnother(line: CountLine, why: string): CountLine {
  const { countedBy, countedBefore } = line
  const by = countedBy === null || countedBefore.includes(countedBy) ? countedBefore : [...countedBefore, countedBy]
  return { ...line, state: 'recount', why, counted: null, countedBefore: by }
}

/** Is it somebody who counts or counted on this sheet? */
function isCounter({ assignee, workedOnBy }: Pick<CountSheet, 'assignee' | 'workedOnBy'>, id: string): boolean {
  return assignee === id || workedOnBy.includes(id)
}

/** Does this one see what is expected? Whoever counts blind does not until the sheet is done; a user, of no open sheet. */
export function seesExpected(
  sheet: Pick<CountSheet, 'blind' | 'status' | 'assignee' | 'workedOnBy'>,
  { by, may }: Pick<StepFacts, 'by' | 'may'>,
): boolean {
  if (!sheet.blind || sheet.status === 'done') return true
  return may('count.recount') && !isCounter(sheet, by.id)
}

/** What a line's answer says of the amounts. */
export function amountsOf(line: CountLine, sees: boolean): { expected: Quantity | null; difference: Quantity | null } {
  return sees ? { expected: expectedAt(line), difference: lineDifference(line) } : { expected: null, difference: null }
}

/** Only whoever it is assigned to counts on a sheet, or a supervisor. */
export function notYours(sheet: Pick<CountSheet, 'assignee'>, { by, may }: StepFacts): Refusal | undefined {
  if (sheet.assignee === by.id || may('count.assign')) return undefined
  return refuse(
    'count-sheet-not-yours',
    'forbidden',
    'This sheet is not assigned to you: ask a supervisor to assign it.',
  )
}

/** A sheet that is through counting is not counted any more. */
export function notOpen(sheet: Pick<CountSheet, 'status' | 'number'>): Refusal | undefined {
  if (sheet.status === 'submitted')
    return refuse(
      'count-sheet-submitted',
      'state',
      `${sheet.number} is submitted: a supervisor can have it counted again.`,
    )
  if (sheet.status === 'done' || sheet.status === 'cancelled')
    return refuse('count-sheet-closed', 'state', `${sheet.number} is ${sheet.status}.`)
  return undefined
}

/** A sheet of more lines than one may have. */
export function sheetTooLarge(pointer: string): Refusal {
  return refuse(
    'sheet-too-large',
    'content',
    'A count sheet has at most 5,000 lines, and this would have more. Count a smaller zone, one class or fewer products at a time.',
    [{ pointer, message: 'makes more than 5,000 lines' }],
  )
}

/** Somebody who has worked on a sheet, once. */
export function withWorker(workedOnBy: readonly string[], id: string): readonly string[] {
  return workedOnBy.includes(id) ? workedOnBy : [...workedOnBy, id]
}

/** Some line numbers, for people. */
export function someLines(lines: readonly { readonly line: number }[]): string {
  const named = lines.slice(0, 10).map(({ line }) => String(line))
  return lines.length > named.length
    ? `${named.join(', ')} and ${String(lines.length - named.length)} more`
    : named.join(', ')
}

/** A note of the actor's. */
export function noteOf(what: string, why: string | null = null): Omit<Note, 'who'> {
  return { what, why }
}
