/**
 * A receipt: what was ordered, what came, and what each status means. Decisions are in the files beside this one, by
 * action: `receipt.count.ts`, `receipt.validate.ts`, `receipt.amend.ts`. Pure.
 */
import { distance, formatQuantity, quantity } from '@stockline/amounts'
import type { DocumentOf, ValueOf } from '@stockline/documents'
import { openWhile } from '../documents/document.fields.ts'
import type { ReferenceData } from '../products/product.ts'
import { receiptKind, type entryFields } from './receipt.fields.ts'
import { isRejectedOn } from './receipt.rejected.ts'

/** See `receipt.fields.ts`. `draft → in_progress → (in_review) → posting → done`; `cancelled` before posting. */
export type Receipt = DocumentOf<typeof receiptKind.fields>
/** See {@link Receipt}. */
export type ReceiptLine = Receipt['lines'][number]
/** See {@link ReceiptLine}. */
export type Entry = ValueOf<typeof entryFields>

const nothing = quantity(0n)

/** May entries and order changes still be made? */
export const isOpenReceipt = openWhile(receiptKind)

/**
 * "OK", "Short 2", "Over 3", "Unexpected"; null until counted. What was never counted is short once validated. "Other lot", by itself
 * or behind one of these, where another lot came than was announced; "Rejected" likewise, where something was not accepted.
 */
export function flagOf(line: ReceiptLine, status: Receipt['status'], announced: string | null = null): string | null {
  const flag = quantityFlag(line, status)
  if (flag === null) return flag
  const isOther = announced !== null && (line.entries ?? []).some(({ lot }) => lot !== null && lot !== announced)
  const besides = [isOther ? 'other lot' : '', isRejectedOn(line) ? 'rejected' : ''].filter(Boolean).join(', ')
  if (besides === '') return flag
  return flag === 'OK' ? besides.charAt(0).toUpperCase() + besides.slice(1) : `${flag}, ${besides}`
}

function quantityFlag(line: ReceiptLine, status: Receipt['status']): string | null {
  const validated = status === 'in_review' || status === 'posting' || status === 'done'
  const received = line.received ?? (validated ? nothing : null)
  if (received === null) return null
  if (line.expected === 0n) return 'Unexpected'
  const difference = formatQuantity(distance(received, line.expected))
  if (received < line.expected) return `Short ${difference}`
  return received > line.expected ? `Over ${difference}` : 'OK'
}

/**
 * Lines whose difference needs a supervisor: over, short or unexpected by more than the product's tolerance, or with anything that was
 * rejected.
 */
export function discrepancies(receipt: Receipt, referenceData: ReferenceData): readonly ReceiptLine[] {
  return receipt.lines.filter((line) => {
    const received = line.received ?? nothing
    const difference = distance(received, line.expected)
    const tolerance = referenceData.products.get(line.sku)?.receiptTolerance ?? 0n
    // Tolerance is in hundredths of a percent of what was ordered; of nothing it is nothing.
    return difference * 10_000n > tolerance * line.expected || isRejectedOn(line)
  })
}

/** Has anything come at all? */
export function isEmpty(receipt: Receipt): boolean {
  return receipt.lines.every((line) => line.received === null || line.received === 0n)
}

/** Every location that the receipt touches: what the location scope looks at. */
export function locationsOfReceipt(receipt: Receipt): readonly string[] {
  const entries = receipt.lines.flatMap((line) => line.entries ?? [])
  return [
    ...new Set([
      receipt.destination,
      ...entries.flatMap((entry) => [entry.destination ?? [], entry.rejected?.location ?? []].flat()),
    ]),
  ]
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
