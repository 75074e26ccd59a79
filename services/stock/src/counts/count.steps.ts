/** Steps of a count sheet besides counting: who counts, what is counted again, and its end. Pure. */
import { inAnyVersion, nothingLeft, type Decided } from '@stockline/documents/decision'
import { refuse } from '@stockline/service-kit/refusal'
import type { z } from 'zod'
import type { recountBody } from './count.shapes.api.ts'
import { forAnother, isOff, noteOf, notOpen, someLines, type StepFacts, type CountSheet } from './count.ts'

/** Gives a sheet to a user, or takes it back. @param user null for nobody */
export function decideAssign(
  sheet: CountSheet,
  user: { readonly id: string; readonly name: string } | null,
): Decided<CountSheet> {
  const closed = notOpen(sheet)
  if (closed !== undefined) return inAnyVersion(closed)
  if ((user?.id ?? null) === sheet.assignee) return 'already'
  const status = sheet.status === 'in_progress' ? sheet.status : user === null ? 'unassigned' : 'scheduled'
  return {
    document: { ...sheet, status, assignee: user?.id ?? null, assigneeName: user?.name ?? null },
    notes: [user === null ? noteOf('unassigned') : noteOf('assigned', `To ${user.name}.`)],
  }
}

/**
 * Has lines counted again by another person: those that are named, or all that differ, or all. What was counted of them is set aside.
 *
 * @param known whether one of its adjustments is posted: then they stand
 */
export function decideRecount(
  sheet: CountSheet,
  { lines: named, ...rest }: z.output<typeof recountBody>,
  known: StepFacts & { readonly isPosted: boolean },
): Decided<CountSheet> {
  nothingLeft(rest)
  if (sheet.status === 'done' || sheet.status === 'cancelled')
    return inAnyVersion(refuse('count-sheet-closed', 'state', `${sheet.number} is ${sheet.status}: make a new sheet.`))
  if (known.isPosted)
    return inAnyVersion(
      refuse(
        'adjustment-posted',
        'state',
        'Differences of this sheet are posted already: make a new sheet to count again.',
      ),
    )
  const numbers = new Set(sheet.lines.map(({ line }) => line))
  const faults = (named ?? []).flatMap((line, index) =>
    numbers.has(line)
      ? []
      : [{ pointer: `/lines/${String(index)}`, message: `line ${String(line)} is not on this sheet` }],
  )
  if (faults.length > 0) return refuse('line-unknown', 'content', 'There are no such lines on the sheet.', faults)
  const counted = sheet.lines.filter(({ state }) => state === 'counted')
  const off = counted.filter(isOff)
  const wanted = new Set(named ?? (off.length > 0 ? off : counted).map(({ line }) => line))
  const again = counted.filter(({ line }) => wanted.has(line))
  if (again.length === 0) return refuse('nothing-to-recount', 'state', 'None of these lines has been counted yet.')
  const lines = sheet.lines.map((line) =>
    wanted.has(line.line) && line.state === 'counted' ? forAnother(line, 'A supervisor asks for a recount.') : line,
  )
  return {
    document: { ...sheet, status: 'in_progress', lines, adjustments: [] },
    notes: [noteOf('recount', `Line ${someLines(again)}.`)],
  }
}

/** Cancels a sheet that is not submitted: nothing of it is adjusted. */
export function decideCancel(sheet: CountSheet, reason: string): Decided<CountSheet> {
  if (sheet.status === 'cancelled') return 'already'
  if (sheet.status === 'submitted')
    return inAnyVersion(
      refuse(
        'count-sheet-submitted',
        'state',
        `${sheet.number} is submitted: approve or reject its adjustments, or have it counted again.`,
      ),
    )
  const closed = notOpen(sheet)
  if (closed !== undefined) return inAnyVersion(closed)
  return { document: { ...sheet, status: 'cancelled' }, notes: [noteOf('cancelled', reason)] }
}
