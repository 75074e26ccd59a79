/** Needs: their order, and what they wait for. */
import type { Need, Shelf } from '../ledger/stock.ts'

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
