/** Needs: their order, and what they wait for. */
import { formatQuantity, isWholeAt, quantity as asQuantity } from '@stockline/amounts'
import type { LineFault, NeedRequest } from '../ledger/document.ts'
import { otherUnitFault } from '../ledger/posting.ts'
import type { Picture } from '../ledger/picture.ts'
import type { Need, NeedLine, Shelf } from '../ledger/stock.ts'

/** What is reserved travels as one event, which holds no more picks than this. */
export const mostPicks = 2000
/** In millionths. */
const mostPieces = BigInt(mostPicks) * 1_000_000n

/** Need order: priority, scheduled date (none is last), order time, id. */
export function compareNeeds(a: Need, b: Need): number {
  if (a === b) return 0
  if (a.priority !== b.priority) return a.priority - b.priority
  if (a.scheduledDate !== b.scheduledDate) {
    if (a.scheduledDate === null) return 1
    if (b.scheduledDate === null) return -1
    return a.scheduledDate < b.scheduledDate ? -1 : 1
  }
  if (a.orderedAt !== b.orderedAt) return a.orderedAt - b.orderedAt
  return a.documentId < b.documentId ? -1 : 1
}

/** Is everything it asks for reserved? */
export function isComplete(need: Need): boolean {
  return need.watch.length === 0 && need.claims.length > 0
}

/** Lets it wait at these shelves, in place of those before. */
export function watchAt(need: Need, shelves: readonly Shelf[]): void {
  for (const shelf of need.watch) {
    const at = shelf.waiting.indexOf(need)
    if (at >= 0) shelf.waiting.splice(at, 1)
  }
  for (const shelf of shelves) shelf.waiting.splice(placeInOrder(shelf.waiting, need), 0, need)
  need.watch = shelves
}

/** Less of the shelf's product than this is of no use to the need: what a part is worth, everything is not. */
export function leastUseful(need: Need, shelf: Shelf): bigint {
  if (need.allowPartial) return 0n
  let asked = 0n
  for (const { product, quantity } of need.lines) if (product === shelf.product) asked += quantity
  // What is picked for it, it has.
  for (const { quant, quantity } of need.claims) if (quant.product === shelf.product) asked -= quantity
  return asked
}

function placeInOrder(waiting: readonly Need[], need: Need): number {
  let low = 0
  let high = waiting.length
  while (low < high) {
    const middle = (low + high) >> 1
    const other = waiting[middle]
    if (other !== undefined && compareNeeds(other, need) < 0) low = middle + 1
    else high = middle
  }
  return low
}

/** The lines of what a delivery asks for, or all that is wrong with them. */
export function needLines(picture: Picture, request: NeedRequest): { lines: NeedLine[] } | { faults: LineFault[] } {
  const lines: NeedLine[] = []
  const faults: LineFault[] = []
  let pieces = 0n
  for (const { line, sku, quantity, unit, lot = null } of request.lines) {
    const product = picture.products.get(sku)
    const otherUnit = product && otherUnitFault({ unit }, product)
    const fault = (code: string, message: string) => faults.push({ line, code, message })
    if (product === undefined) fault('unknown-product', `No product has the sku ${sku}.`)
    else if (product.type === 'service') fault('product-is-service', `${sku} is a service: it has no stock.`)
    else if (otherUnit !== undefined) fault('unit-changed', otherUnit)
    else if (lot !== null && product.tracking === 'none')
      fault('lot-not-tracked', `${sku} is not tracked by lot: no lot of it can be reserved.`)
    else if (!isWholeAt(asQuantity(quantity), product.unitDecimals))
      fault(
        'quantity-too-precise',
        `${formatQuantity(asQuantity(quantity))} ${product.unit}: ${sku} is counted to ${String(product.unitDecimals)} decimals.`,
      )
    else lines.push({ line, product, quantity, lot })
    if (product?.tracking === 'serial') pieces += quantity
    if (!request.allowPartial && pieces > mostPieces)
      fault('too-many-serial-numbers', `A delivery holds at most ${String(mostPicks)} serial numbers: split it.`)
  }
  return faults.length > 0 ? { faults } : { lines }
}
