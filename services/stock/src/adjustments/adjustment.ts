/** Adjustments: a correction of stock to what was counted. Pure. */
import { minus, type Quantity } from '@stockline/amounts'
import type { DocumentOf } from '@stockline/documents'
import { refuse, type Refusal } from '@stockline/service-kit/refusal'
import type { adjustmentKind } from './adjustment.fields.ts'

/** See `adjustment.fields.ts`. */
export type Adjustment = DocumentOf<typeof adjustmentKind.fields>
/** What was counted of one product, at one place, of one lot and status. */
export type AdjustmentLine = Adjustment['lines'][number]

/** Where it takes place: acting on it needs all of them inside the scope. */
export function locationsOfAdjustment({ lines }: Pick<Adjustment, 'lines'>): readonly string[] {
  return [...new Set(lines.map(({ location }) => location))]
}

/** More than was expected, or less. */
export function differenceOf({ counted, expected }: Pick<AdjustmentLine, 'counted' | 'expected'>): Quantity {
  return minus(counted, expected)
}

/** Counts that differed, and that lines which replace them take back: they are gone, or say other than they did. */
export function droppedCounts(
  before: readonly AdjustmentLine[],
  after: readonly AdjustmentLine[],
): readonly AdjustmentLine[] {
  const kept = new Set(after.map(countText))
  return before.filter((line) => differenceOf(line) !== 0n && !kept.has(countText(line)))
}

function countText({ sku, location, lot, status, counted }: AdjustmentLine): string {
  return JSON.stringify([sku, location, lot, status, String(counted)])
}

/** A draft alone is changed, by who began it; a supervisor changes any. */
export function notChangeable(
  { status, number, createdBy }: Pick<Adjustment, 'status' | 'number' | 'createdBy'>,
  by: { readonly id: string },
  may: (right: string) => boolean,
): Refusal | undefined {
  if (status !== 'draft')
    return refuse('adjustment-not-draft', 'state', `${number} is ${status}: a draft alone is changed.`)
  if (createdBy === by.id || may('adjustment.approve')) return undefined
  return refuse('adjustment-of-another', 'forbidden', `${number} is somebody else's: a supervisor can change it.`)
}
