/**
 * A receipt: what was ordered, what came, and what each status means. Decisions are in the files beside this one, by
 * action: `receipt.count.ts`, `receipt.validate.ts`, `receipt.amend.ts`. Pure.
 */
import { formatQuantity, quantity, type Quantity, type UnitPrice } from '@stockline/amounts'
import type { DocumentDetails } from '../orders/order.details.ts'
import type { Catalog } from '../products/product.ts'

/** `draft → in_progress → (in_review) → posting → done`; `cancelled` before posting. */
export type ReceiptStatus = 'draft' | 'in_progress' | 'in_review' | 'posting' | 'done' | 'cancelled'

/** What becomes of what did not come. */
export type Remainder = 'backorder' | 'close'

/** One thing entered for a line, as it was entered. */
export interface Entry {
  readonly quantity: Quantity
  readonly unit: string
  readonly lot: string | null
  readonly expiresOn: string | null
  /** Null is the receipt's own destination. */
  readonly destination: string | null
  /** In the company's currency per base unit. */
  readonly unitCost: UnitPrice | null
}

export interface ReceiptLine {
  readonly line: number
  readonly sku: string
  /** The line of the order that asks for it; null on receipts made by hand and for what nobody ordered. */
  readonly orderLine: number | null
  /** In `unit`; zero where nothing was ordered: an unexpected product. */
  readonly expected: Quantity
  readonly unit: string
  /** What was entered, in `unit`. Null until counted; zero is a count. */
  readonly received: Quantity | null
  /** The order's, per `unit`. */
  readonly unitPrice: UnitPrice | null
  /** Entered by a supervisor or above, per base unit, for entries that have none of their own. */
  readonly unitCost: UnitPrice | null
  readonly entries: readonly Entry[] | null
}

export interface Receipt {
  readonly id: string
  readonly number: string
  readonly warehouse: string
  readonly status: ReceiptStatus
  readonly orderId: string | null
  /** The system that the order is from; null where the document was made before 0.2.0. */
  readonly orderSource: string | null
  /** Revision of the order that the lines show; a higher one at the order is a change that waits. */
  readonly orderRevision: number | null
  /** The order's number, or what a person wrote. */
  readonly source: string | null
  readonly vendor: { readonly code: string; readonly name: string } | null
  readonly scheduledDate: string | null
  /** Of all prices. */
  readonly currency: string
  readonly destination: string
  /** What its order says besides; null where that says nothing. */
  readonly details: DocumentDetails | null
  /** What stands in the way, for people. */
  readonly problem: string | null
  /** Keys of the products and units that must become known, or other than they are, before it can be validated. */
  readonly waitsFor: readonly string[]
  /** Everybody who entered something. None of them may approve it. */
  readonly countedBy: readonly string[]
  readonly remainder: Remainder | null
  /** When it happened, if not when the ledger takes it. */
  readonly effectiveAt: Date | null
  /** Times the ledger was asked. */
  readonly attempt: number
  /** Where a refusal puts it back; set while posting. */
  readonly returnsTo: 'in_progress' | 'in_review' | null
  readonly backorderOf: string | null
  /** Place in the ledger; set once done. */
  readonly position: bigint | null
  readonly version: number
  readonly createdAt: Date
  readonly lines: readonly ReceiptLine[]
}

/** No document has more. */
export const mostLines = 1000

const nothing = quantity(0n)

/** May entries and order changes still be made? */
export function isOpen(status: ReceiptStatus): boolean {
  return status === 'draft' || status === 'in_progress' || status === 'in_review'
}

/**
 * "OK", "Short 2", "Over 3", "Unexpected"; null until counted. What was never counted is short once validated. "Other lot", by itself
 * or behind one of these, where another lot came than was announced.
 */
export function flagOf(line: ReceiptLine, status: ReceiptStatus, announced: string | null = null): string | null {
  const flag = quantityFlag(line, status)
  const isOther = announced !== null && (line.entries ?? []).some(({ lot }) => lot !== null && lot !== announced)
  if (flag === null || !isOther) return flag
  return flag === 'OK' ? 'Other lot' : `${flag}, other lot`
}

function quantityFlag(line: ReceiptLine, status: ReceiptStatus): string | null {
  const validated = status === 'in_review' || status === 'posting' || status === 'done'
  const received = line.received ?? (validated ? nothing : null)
  if (received === null) return null
  if (line.expected === 0n) return 'Unexpected'
  const difference = received - line.expected
  if (difference === 0n) return 'OK'
  return difference < 0n
    ? `Short ${formatQuantity(quantity(-difference))}`
    : `Over ${formatQuantity(quantity(difference))}`
}

/** Lines whose difference needs a supervisor: over, short or unexpected by more than the product's tolerance. */
export function discrepancies(receipt: Receipt, catalog: Catalog): readonly ReceiptLine[] {
  return receipt.lines.filter((line) => {
    const received = line.received ?? nothing
    const difference = received > line.expected ? received - line.expected : line.expected - received
    if (difference === 0n) return false
    const tolerance = catalog.products.get(line.sku)?.receiptTolerance ?? 0n
    // Tolerance is in hundredths of a percent of what was ordered; of nothing it is nothing.
    return difference * 10_000n > tolerance * line.expected
  })
}

/** Has anything come at all? */
export function isEmpty(receipt: Receipt): boolean {
  return receipt.lines.every((line) => line.received === null || line.received === 0n)
}

/** Every location that the receipt touches: what the location scope looks at. */
export function locationsOf(receipt: Receipt): readonly string[] {
  const entries = receipt.lines.flatMap((line) => line.entries ?? [])
  return [...new Set([receipt.destination, ...entries.flatMap((entry) => entry.destination ?? [])])]
}

/** Products and units on it, entries included. */
export function namesOn({ lines }: Receipt): readonly { readonly sku: string; readonly unit: string }[] {
  return lines.flatMap(({ sku, unit, entries }) => [
    { sku, unit },
    ...(entries ?? []).map((entry) => ({ sku, unit: entry.unit })),
  ])
}

/** A number for a line that the order does not name. */
export function nextLineNumber(lines: readonly { readonly line: number }[]): number {
  return lines.reduce((highest, each) => Math.max(highest, each.line), 0) + 1
}
