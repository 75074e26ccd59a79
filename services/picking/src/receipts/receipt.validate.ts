/** Validating: review, posting, the ledger's answer, and cancelling. Every step that was taken already is no error. Pure. */
import { quantity } from '@stockline/amounts'
import { isRefusal, refuse, type Refusal } from '@stockline/service-kit/refusal'
import type { z } from 'zod'
import {
  effectiveAtRefusal,
  inAnyVersion,
  nothingLeft,
  type Decided,
  type Facts,
} from '../documents/document.decide.ts'
import type { reasonBody } from '../documents/document.shapes.actions.ts'
import { lotOf } from '../orders/order.details.ts'
import { postable, receiptValidated, type Postable, type ReceiptEvent } from './receipt.post.ts'
import type { choiceBody } from './receipt.shapes.api.ts'
import { discrepancies, flagOf, type Receipt, type ReceiptLine } from './receipt.ts'

/** The body of a request to validate or approve. */
type Choice = z.output<typeof choiceBody>
type Reason = z.output<typeof reasonBody>

/** Operator's step: without a discrepancy it posts, with one it goes to review. */
export function validateReceipt(receipt: Receipt, choice: Choice, known: Facts): Decided<Receipt, ReceiptEvent> {
  if (isApproved(receipt) || receipt.status === 'in_review') return 'already'
  if (receipt.status === 'cancelled')
    return inAnyVersion(refuse('receipt-cancelled', 'state', `${receipt.number} is cancelled.`))
  const chosen = withChoice(receipt, choice, known)
  if (isRefusal(chosen)) return chosen
  const ready = postable(chosen, known.referenceData)
  if (isRefusal(ready)) return ready
  const differences = discrepancies(ready.receipt, known.referenceData)
  if (differences.length === 0) return posting(ready, 'in_progress', 'validated')
  const document: Receipt = { ...ready.receipt, status: 'in_review', problem: null }
  return { document, notes: [{ what: 'sent-to-review', why: differencesText(document, differences) }] }
}

/** Supervisor's step. Who counted a receipt cannot approve it. */
export function approveReceipt(receipt: Receipt, choice: Choice, known: Facts): Decided<Receipt, ReceiptEvent> {
  if (isApproved(receipt)) return 'already'
  if (receipt.status === 'cancelled') return inAnyVersion(notInReview(receipt, 'approved'))
  const chosen = withChoice(receipt, choice, known)
  if (isRefusal(chosen)) return chosen
  if (receipt.status !== 'in_review') return notInReview(receipt, 'approved')
  if (receipt.countedBy.includes(known.by.id))
    return refuse('approver-counted', 'forbidden', `You counted ${receipt.number}: somebody else must approve it.`)
  const ready = postable(chosen, known.referenceData)
  return isRefusal(ready) ? ready : posting(ready, 'in_review', 'approved')
}

/** Sends a receipt in review back to be counted again. */
export function returnToOperator(receipt: Receipt, { reason, ...rest }: Reason): Decided<Receipt> {
  nothingLeft(rest)
  if (receipt.status !== 'in_review') return notInReview(receipt, 'returned')
  // The problem that prevents validating is kept behind the reason.
  const waits = receipt.waitsFor.length > 0 ? `. ${receipt.problem ?? ''}` : ''
  const document: Receipt = { ...receipt, status: 'in_progress', problem: `Returned: ${reason}${waits}` }
  return { document, notes: [{ what: 'returned', why: reason }] }
}

/** Cancels before posting. Once it is begun, only a supervisor may. */
export function cancelReceipt(receipt: Receipt, { reason, ...rest }: Reason, { may }: Facts): Decided<Receipt> {
  nothingLeft(rest)
  switch (receipt.status) {
    case 'cancelled':
      return 'already'
    case 'posting':
    case 'done':
      return inAnyVersion(
        refuse('receipt-posted', 'state', `${receipt.number} is ${receipt.status} and cannot be cancelled any more.`),
      )
    case 'in_progress':
    case 'in_review':
      if (!may('receipt.cancel-in-progress'))
        return inAnyVersion(
          refuse(
            'cancel-forbidden',
            'forbidden',
            `${receipt.number} is being counted: only a supervisor or a manager may cancel it.`,
          ),
        )
      return { document: cancelled(receipt), notes: [{ what: 'cancelled', why: reason }] }
    case 'draft':
      return { document: cancelled(receipt), notes: [{ what: 'cancelled', why: reason }] }
  }
}

/** The receipt without a future, whatever it was before. */
export function cancelled(receipt: Receipt): Receipt {
  return { ...receipt, status: 'cancelled', problem: null, waitsFor: [] }
}

/** What did not come, as lines of a backorder; none when the remainder is closed. */
export function receiptRemainder(receipt: Receipt): readonly ReceiptLine[] {
  if (receipt.remainder === 'close') return []
  return receipt.lines.flatMap((line) => {
    const missing = line.expected - (line.received ?? 0n)
    return missing > 0n ? [{ ...line, expected: quantity(missing), received: null, entries: null }] : []
  })
}

function isApproved({ status }: Receipt): boolean {
  return status === 'posting' || status === 'done'
}

function notInReview({ number, status }: Receipt, what: 'approved' | 'returned'): Refusal {
  return refuse('receipt-not-in-review', 'state', `${number} is ${status}: only a receipt in review can be ${what}.`)
}

function withChoice(receipt: Receipt, choice: Choice, known: Facts): Receipt | Refusal {
  const { remainder = receipt.remainder, effectiveAt, ...rest } = choice
  nothingLeft(rest)
  const refusal = effectiveAtRefusal(effectiveAt, known)
  return refusal ?? { ...receipt, remainder, effectiveAt: effectiveAt ?? receipt.effectiveAt }
}

function posting(
  { receipt, lines }: Postable,
  returnsTo: 'in_progress' | 'in_review',
  what: 'validated' | 'approved',
): Decided<Receipt, ReceiptEvent> {
  const document: Receipt = {
    ...receipt,
    status: 'posting',
    returnsTo,
    attempt: receipt.attempt + 1,
    problem: null,
    remainder: receipt.remainder ?? 'backorder',
  }
  return { document, notes: [{ what, why: null }], events: [receiptValidated(document, lines)] }
}

/** The first differences, for the history of a receipt in review. */
function differencesText({ details }: Receipt, differences: readonly ReceiptLine[]): string {
  return differences
    .slice(0, 10)
    .map(
      (line) => `line ${line.line} ${line.sku}: ${String(flagOf(line, 'in_review', lotOf(details, line.orderLine)))}`,
    )
    .join(', ')
}
