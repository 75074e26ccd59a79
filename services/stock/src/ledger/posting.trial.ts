/** A document that is being applied: what it did so far, and what is wrong with it. */
import { isOwned } from '@stockline/contracts/locations'
import type { Move } from './move.ts'
import type { LedgerLocation, LedgerLot, LedgerProduct } from './reference.ts'
import type { LineFault, Posting, PostingLine } from './request.ts'
import type { Quant } from './stock.ts'
import type { WorkingSet } from './working-set.ts'

/** What a document did: enough to save it, and to take it back. */
export interface Applied {
  readonly moves: Move[]
  readonly lots: LedgerLot[]
  /** Internal quants that it took from, and those that it added to. */
  readonly decreased: Set<Quant>
  readonly increased: Set<Quant>
  readonly undo: (() => void)[]
}

/** A document that is being applied. */
export interface Trial {
  readonly workingSet: WorkingSet
  readonly posting: Posting
  readonly applied: Applied
  readonly faults: LineFault[]
}

/** A line with what it names. */
export interface NamedLine {
  readonly line: PostingLine
  readonly product: LedgerProduct
  readonly from: LedgerLocation
  readonly to: LedgerLocation
}

/**
 * Several picks or entries of one line of the document have its number, and may have the same fault: it is listed once. What was
 * posted once is not refused when it is restored.
 */
export function fault(
  { posting, faults }: Trial,
  { line, documentLine }: PostingLine,
  code: string,
  message: string,
): void {
  if (posting.restored !== undefined) return
  const at = documentLine ?? line
  const known = faults.some((one) => one.line === at && one.code === code && one.message === message)
  if (!known) faults.push({ line: at, code, message })
}

/** Does it bring goods from outside? */
export function bringsGoods(from: LedgerLocation, to: LedgerLocation | undefined): boolean {
  return !isOwned(from.type) && (to === undefined || isOwned(to.type))
}
