/** How what was counted on a receipt's line counts on the line of the order, so that the parts of that sum to it. Pure. */
import { formatQuantity, quantity, type Quantity } from '@stockline/amounts'
import type { ReceiptValidated } from '@stockline/contracts'
import { sumIn, type ReferenceData, type Product } from '../products/product.ts'
import type { Entry, Receipt, ReceiptLine } from './receipt.ts'

/**
 * One part for each entry that counted something, in their order; nothing is said where nobody ordered it. Where one receipt brings
 * what was ordered in the order's own unit, the order's line is all there is to say.
 */
export function orderParts(
  line: ReceiptLine,
  entries: readonly Entry[],
  product: Product,
  receipt: Pick<Receipt, 'orderId' | 'backorderOf'>,
  referenceData: ReferenceData,
): readonly Pick<ReceiptValidated['lines'][number], 'orderLine' | 'orderQuantity' | 'completesOrderLine'>[] {
  const { orderLine, received, expected, unit } = line
  if (receipt.orderId === null || orderLine === null || received === null) return entries.map(() => ({}))
  const counted = entries.reduce((sum, entry) => sum + entry.quantity, 0n)
  const isPlain = receipt.backorderOf === null && counted === received && entries.every((entry) => entry.unit === unit)
  const shares = isPlain ? undefined : sharesOf(received, entries, unit, product, referenceData)
  if (shares === undefined) return entries.map(() => ({ orderLine }))
  return shares.map((share, index) => ({
    orderLine,
    orderQuantity: formatQuantity(share),
    ...(index === shares.length - 1 && received === expected ? { completesOrderLine: true } : {}),
  }))
}

/** What each entry is of what was received, rounded so that they sum to it. Undefined: a unit does not convert. */
function sharesOf(
  received: Quantity,
  entries: readonly Entry[],
  unit: string,
  product: Product,
  referenceData: ReferenceData,
): readonly Quantity[] | undefined {
  const shares: Quantity[] = []
  let before = 0n
  for (const index of entries.keys()) {
    const isLast = index === entries.length - 1
    const sum = isLast ? received : sumIn(product, unit, entries.slice(0, index + 1), referenceData.units)
    if (sum === undefined) return undefined
    // What is less than one step was rounded away at the end: no entry is less than nothing.
    const until = sum < before ? before : sum
    shares.push(quantity(until - before))
    before = until
  }
  return shares
}
