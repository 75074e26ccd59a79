/** Validating: review, posting, the ledger's answer, and cancelling. Every step that was taken already is no error. Pure. */
import { formatQuantity, formatUnitPrice, quantity, type Quantity } from '@stockline/amounts'
import { refuse, type FieldFault, type Refusal } from '@stockline/service-kit/refusal'
import { isFault, ratioBetween, toBaseQuantity, type Catalog, type Product } from '../products/product.ts'
import { receivedOf } from './receipt.count.ts'
import { orderParts, type ToldPart } from './receipt.parts.ts'
import { placeFaults, withoutPlaces } from './receipt.places.ts'
import { discrepancies, isEmpty, type Entry, type Receipt, type ReceiptLine, type Remainder } from './receipt.ts'

/** A line of what the ledger is asked to take: one per entry. */
export interface PostingLine extends ToldPart {
  readonly line: number
  readonly documentLine: number
  readonly sku: string
  readonly quantity: string
  /** The base unit of `quantity`, as the product is known here. */
  readonly unit: string
  readonly entered: { readonly quantity: string; readonly unit: string }
  readonly lot?: string
  readonly expiresOn?: string
  readonly destination: string
  readonly category: string
  readonly price?: {
    readonly unitPrice: string
    readonly unit: string
    readonly currency: string
    readonly numerator: string
    readonly denominator: string
  }
  readonly unitCost?: string
}

/** What validating or approving leads to. */
export type ValidationStep =
  | { readonly step: 'already' }
  | { readonly step: 'review'; readonly receipt: Receipt; readonly differences: readonly ReceiptLine[] }
  | { readonly step: 'post'; readonly receipt: Receipt; readonly posting: readonly PostingLine[] }

/** What the person said on validating or approving. */
export interface ValidationChoice {
  readonly remainder?: Remainder | undefined
  readonly effectiveAt?: Date | undefined
}

/** Is the receipt already through validation, so that a second tap is no error? */
export function isValidated(receipt: Receipt): boolean {
  return receipt.status === 'in_review' || receipt.status === 'posting' || receipt.status === 'done'
}

/** Is the receipt already through approval? */
export function isApproved(receipt: Receipt): boolean {
  return receipt.status === 'posting' || receipt.status === 'done'
}

/** Operator's step: without a discrepancy it posts, with one it goes to review. */
export function validateReceipt(
  receipt: Receipt,
  choice: ValidationChoice,
  catalog: Catalog,
): ValidationStep | Refusal {
  if (isValidated(receipt)) return { step: 'already' }
  const ready = postable(receipt, catalog)
  if ('refused' in ready) return ready
  const chosen = withChoice(ready.receipt, choice)
  const differences = discrepancies(chosen, catalog)
  if (differences.length > 0)
    return { step: 'review', receipt: { ...chosen, status: 'in_review', problem: null }, differences }
  return { step: 'post', receipt: posting(chosen, 'in_progress'), posting: ready.posting }
}

/** Supervisor's step. Nobody approves what they counted. */
export function approveReceipt(
  receipt: Receipt,
  choice: ValidationChoice,
  approver: string,
  catalog: Catalog,
): ValidationStep | Refusal {
  if (isApproved(receipt)) return { step: 'already' }
  if (receipt.status !== 'in_review')
    return refuse(
      'receipt-not-in-review',
      'state',
      `${receipt.number} is ${receipt.status}: only a receipt in review can be approved.`,
    )
  if (receipt.countedBy.includes(approver)) return countedIt(receipt)
  const ready = postable(receipt, catalog)
  if ('refused' in ready) return ready
  return { step: 'post', receipt: posting(withChoice(ready.receipt, choice), 'in_review'), posting: ready.posting }
}

/** Sends a receipt in review back to be counted again. */
export function returnToOperator(receipt: Receipt, reason: string): Receipt | Refusal {
  if (receipt.status !== 'in_review')
    return refuse(
      'receipt-not-in-review',
      'state',
      `${receipt.number} is ${receipt.status}: only a receipt in review can be returned.`,
    )
  // What still stands in the way of validating must not be lost behind the reason.
  const waits = receipt.waitsFor.length > 0 ? `. ${receipt.problem ?? ''}` : ''
  return { ...receipt, status: 'in_progress', problem: `Returned: ${reason}${waits}` }
}

/** Cancels before posting. Once somebody has begun it takes a supervisor. Undefined when it is cancelled already. */
export function cancelReceipt(receipt: Receipt, mayCancelInProgress: boolean): Receipt | Refusal | undefined {
  switch (receipt.status) {
    case 'cancelled':
      return undefined
    case 'posting':
    case 'done':
      return refuse(
        'receipt-posted',
        'state',
        `${receipt.number} is ${receipt.status} and cannot be cancelled any more.`,
      )
    case 'in_progress':
    case 'in_review':
      if (!mayCancelInProgress)
        return refuse(
          'cancel-forbidden',
          'forbidden',
          `${receipt.number} is being counted: only a supervisor or a manager may cancel it.`,
        )
      return cancelled(receipt)
    case 'draft':
      return cancelled(receipt)
  }
}

/** The receipt without a future, whatever it was before. */
export function cancelled(receipt: Receipt): Receipt {
  return { ...receipt, status: 'cancelled', problem: null, waitsFor: [] }
}

/** The ledger took it. */
export function postedReceipt(receipt: Receipt, position: bigint): Receipt {
  return { ...receipt, status: 'done', position, returnsTo: null, problem: null }
}

/** The ledger refused it: back to where it was, with the reason. */
export function refusedReceipt(receipt: Receipt, detail: string): Receipt {
  return {
    ...receipt,
    status: receipt.returnsTo ?? 'in_progress',
    returnsTo: null,
    problem: `The ledger refused: ${detail}`,
  }
}

/** Does the ledger's answer belong to the try that is under way? A late twin of an earlier answer does not. */
export function isAnswerTo(receipt: Receipt, attempt: number): boolean {
  return receipt.status === 'posting' && receipt.attempt === attempt
}

/** What did not come, as lines of a backorder; none when the remainder is closed. */
export function remainderOf(receipt: Receipt): readonly ReceiptLine[] {
  if (receipt.remainder === 'close') return []
  return receipt.lines.flatMap((line) => {
    const missing = line.expected - (line.received ?? 0n)
    return missing > 0n ? [{ ...line, expected: quantity(missing), received: null, entries: null }] : []
  })
}

function withChoice(receipt: Receipt, choice: ValidationChoice): Receipt {
  return {
    ...receipt,
    remainder: choice.remainder ?? receipt.remainder,
    effectiveAt: choice.effectiveAt ?? receipt.effectiveAt,
  }
}

function posting(receipt: Receipt, returnsTo: 'in_progress' | 'in_review'): Receipt {
  return {
    ...receipt,
    status: 'posting',
    returnsTo,
    attempt: receipt.attempt + 1,
    problem: null,
    remainder: receipt.remainder ?? 'backorder',
  }
}

interface Postable {
  readonly receipt: Receipt
  readonly posting: readonly PostingLine[]
}

/** All that must hold before the ledger is asked, by products and units as they are known now. */
function postable(receipt: Receipt, catalog: Catalog): Postable | Refusal {
  if (receipt.status === 'cancelled') return refuse('receipt-cancelled', 'state', `${receipt.number} is cancelled.`)
  const { waitsFor } = withoutPlaces(receipt)
  if (waitsFor.length > 0 || goesToWrongPlace(receipt))
    return refuse('receipt-waits', 'state', `${receipt.number} cannot be validated yet. ${receipt.problem ?? ''}`)
  if (isEmpty(receipt))
    return refuse('receipt-empty', 'state', `Nothing was received on ${receipt.number}: count something, or cancel it.`)
  const faults: FieldFault[] = []
  const lines = receipt.lines.map((line) => {
    const received = receivedOf(line, catalog)
    return received === line.received ? line : { ...line, received }
  })
  const postings = lines.flatMap((line) => postingOf(line, receipt, catalog, faults))
  if (faults.length > 0)
    return refuse('lines-wrong', 'content', `${receipt.number} cannot be posted as it was counted.`, faults)
  return {
    receipt: { ...withoutPlaces(receipt), lines },
    posting: postings.map((each, index) => ({ line: index + 1, ...each })),
  }
}

/** Does anything that was counted go to a place that is wrong? One that only what did not come would go to stops nothing. */
function goesToWrongPlace(receipt: Receipt): boolean {
  const wrong = placeFaults(receipt)
  if (wrong.size === 0) return false
  const entries = receipt.lines.flatMap((line) => (line.entries ?? []).filter((entry) => entry.quantity > 0n))
  return entries.some(({ destination }) => wrong.has(destination ?? receipt.destination))
}

function postingOf(
  line: ReceiptLine,
  receipt: Receipt,
  catalog: Catalog,
  faults: FieldFault[],
): Omit<PostingLine, 'line'>[] {
  const counted = (line.entries ?? []).filter((entry) => entry.quantity > 0n)
  if (counted.length === 0) return []
  const product = catalog.products.get(line.sku)
  if (product === undefined) {
    faults.push({ pointer: `/lines/${line.line}`, message: `product "${line.sku}" is not known` })
    return []
  }
  const parts = orderParts(line, counted, product, receipt, catalog)
  return counted.flatMap((entry, index) => {
    const fault = (message: string) => {
      faults.push({ pointer: `/lines/${line.line}`, message })
      return []
    }
    const base = toBaseQuantity(product, entry.quantity, entry.unit, catalog.units)
    if (isFault(base)) return fault(`${formatQuantity(entry.quantity)} ${entry.unit}: ${base.fault}`)
    // A product may have become tracked, or untracked, since it was counted.
    if ((product.tracking === 'none') !== (entry.lot === null))
      return fault(
        product.tracking === 'none'
          ? `${line.sku} takes no lot any more: count it again`
          : `${line.sku} needs a lot by now: count it again`,
      )
    if (product.tracking === 'serial' && base !== 1_000_000n)
      return fault(`a serial number of ${line.sku} counts one: count it again`)
    return [{ ...postedEntry(line, entry, base, product, receipt, catalog), ...parts[index] }]
  })
}

function postedEntry(
  line: ReceiptLine,
  entry: Entry,
  base: Quantity,
  product: Product,
  receipt: Receipt,
  catalog: Catalog,
): Omit<PostingLine, 'line'> {
  const unitCost = entry.unitCost ?? line.unitCost
  const ratio = ratioBetween(product, entry.unit, line.unit, catalog.units)
  return {
    documentLine: line.line,
    sku: line.sku,
    quantity: formatQuantity(base),
    unit: product.unit,
    entered: { quantity: formatQuantity(entry.quantity), unit: entry.unit },
    destination: entry.destination ?? receipt.destination,
    category: product.category,
    ...(entry.lot === null ? {} : { lot: entry.lot }),
    ...(entry.expiresOn === null ? {} : { expiresOn: entry.expiresOn }),
    ...(unitCost === null ? {} : { unitCost: formatUnitPrice(unitCost) }),
    ...(line.unitPrice === null || ratio === undefined
      ? {}
      : {
          price: {
            unitPrice: formatUnitPrice(line.unitPrice),
            unit: line.unit,
            currency: receipt.currency,
            numerator: ratio.numerator.toString(),
            denominator: ratio.denominator.toString(),
          },
        }),
  }
}

function countedIt(receipt: Receipt): Refusal {
  return refuse('approver-counted', 'forbidden', `You counted ${receipt.number}: somebody else must approve it.`)
}
