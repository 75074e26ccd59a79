/** What is still to come by receipts, as picking says it. Pure. */
import type { ExpectedState } from '@stockline/contracts'

/** So much of a product, in its base unit, by one line of a receipt. */
export interface ExpectedLine {
  readonly documentId: string
  readonly line: number
  readonly number: string
  readonly location: string
  readonly sku: string
  readonly quantity: string
  /** The system that its order is from, and the order there; null where there is none. */
  readonly sourceSystem: string | null
  readonly orderNumber: string | null
  readonly expectedOn: string | null
  /** When the receipt was changed last. */
  readonly changedAt: string
}

/** A state as rows, one for each line. */
export function expectedRows(state: ExpectedState): readonly ExpectedLine[] {
  const { documentId, number, destination: location, order, at: changedAt } = state
  const rows = state.lines.map(({ line, sku, quantity, expectedOn = state.expectedOn ?? null }) => ({
    ...{ documentId, line, number, location, sku, quantity, expectedOn, changedAt },
    ...{ sourceSystem: order?.source ?? null, orderNumber: order?.orderNumber ?? null },
  }))
  return [...new Map(rows.map((row) => [row.line, row])).values()]
}
