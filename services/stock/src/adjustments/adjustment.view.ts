/** How adjustments are shown. Pure. */
import { formatQuantity } from '@stockline/amounts'
import type { HistoryStep } from '@stockline/documents'
import { shownBy } from '@stockline/documents/declaration'
import type { MovedBound, MovedSince } from '../ledger/balances.actions.ts'
import { adjustmentKind } from './adjustment.fields.ts'
import { differenceOf, type Adjustment } from './adjustment.ts'

const [ofHead, ofLine] = [shownBy(adjustmentKind.fields.head), shownBy(adjustmentKind.fields.line)]

/** As it is listed. */
export const summaryOf = ofHead.showListed

/** As it is answered; what moved since is completed. */
export function adjustmentAnswer(document: Adjustment, history: readonly HistoryStep[], showCosts: boolean) {
  return {
    ...ofHead.show(document, showCosts),
    lines: document.lines.map((line) => ({
      line: line.line,
      ...ofLine.show(line, showCosts),
      expected: formatQuantity(line.expected),
      difference: formatQuantity(differenceOf(line)),
      movedSince: [] as readonly ReturnType<typeof movedOf>[] | null,
      movedMore: 0,
    })),
    history,
  }
}

/** What one document moved, as it is answered. */
export function movedOf({ number: document, kind, position, quantity }: MovedSince) {
  return { document, kind, position: String(position), quantity }
}

/** How much is shown of what moved at each of so many lines: an answer stays of a size that can be read. */
export function movedBound(lines: number): MovedBound {
  return { moves: 10_000, documents: Math.max(5, Math.min(50, Math.floor(5000 / Math.max(1, lines)))) }
}

/** Is what is expected hidden from this actor? While it is open, from those who count and those who could not approve it. */
export function isBlindTo(
  { blind, status, countedBy }: Pick<Adjustment, 'blind' | 'status' | 'countedBy'>,
  actor: { readonly id: string },
  mayApprove: boolean,
): boolean {
  if (!blind || status === 'posted' || status === 'rejected') return false
  return !mayApprove || (status === 'draft' && countedBy.includes(actor.id))
}
