/** Splitting a lot, and merging two: the document that gives goods another lot. Pure. */
import { parseQuantity } from '@stockline/amounts'
import type { LotDates } from '@stockline/contracts/lot-dates'
import { refuse, type FieldError, type Refusal } from '@stockline/service-kit/refusal'
import type { LineFault, Posting } from '../ledger/request.ts'
import type { QuantStatus } from '../ledger/stock.ts'

/** So much of a lot at a place, in a status. */
export interface PartOfLot {
  readonly location: string
  readonly status?: QuantStatus | undefined
  readonly quantity: string
}

/** The document by which parts of one lot get another one, each where it is. Line n of the ledger is line n of the parts. */
export function changeOfLot(
  document: Pick<Posting, 'documentId' | 'number'>,
  { sku, lot, toLot }: { readonly sku: string; readonly lot: string; readonly toLot: string },
  parts: readonly PartOfLot[],
  now: number,
): Posting {
  return {
    ...document,
    action: 'post',
    kind: 'adjustment',
    attempt: 1,
    warehouse: null,
    effectiveAt: now,
    effectiveAtStated: false,
    lines: parts.map(({ location, status = 'available', quantity }, index) => ({
      line: index + 1,
      documentLine: null,
      sku,
      lot,
      toLot,
      expiresOn: null,
      status,
      quantity: parseQuantity(quantity),
      from: location,
      to: location,
      passThrough: {},
    })),
  }
}

/** What the ledger found wrong with a split, by the field of the body. */
export function splitRefusal(code: string, detail: string, faults: readonly LineFault[]): Refusal {
  return refuse(
    code,
    'content',
    detail,
    faults.map(({ line, code: fault, message }): FieldError => {
      const field = /location/.test(fault) ? 'location' : 'quantity'
      return { pointer: `/lines/${String((line ?? 1) - 1)}/${field}`, message }
    }),
  )
}

/** The dates of a lot that another one is merged into: of each the earlier. */
export function earlierDates(into: LotDates, from: LotDates): LotDates {
  const earlier = (a: string | null, b: string | null) => (a === null || b === null ? (a ?? b) : a < b ? a : b)
  return {
    expiresOn: earlier(into.expiresOn, from.expiresOn),
    bestBefore: earlier(into.bestBefore, from.bestBefore),
    removeOn: earlier(into.removeOn, from.removeOn),
    alertOn: earlier(into.alertOn, from.alertOn),
    producedOn: earlier(into.producedOn, from.producedOn),
  }
}
