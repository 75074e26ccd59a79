/** A need: what a confirmed delivery asks for, and the claims it has on quants. */
import type { Product } from '../ledger/facts.ts'
import type { Quant } from '../ledger/quant.ts'
import type { Shelf } from '../ledger/shelf.ts'

export interface NeedLine {
  readonly line: number
  readonly product: Product
  /** In millionths of the base unit. */
  readonly quantity: bigint
}

/** A reservation: so much of that quant is for this line. */
export interface Claim {
  readonly line: number
  readonly quant: Quant
  readonly quantity: bigint
}

export interface Need {
  readonly documentId: string
  readonly number: string
  readonly warehouse: string
  revision: number
  /** 0 is most urgent. */
  priority: number
  scheduledDate: string | null
  orderedAt: number
  /** May be reserved in part; otherwise everything or nothing. */
  allowPartial: boolean
  status: 'open' | 'shipped' | 'cancelled'
  lines: readonly NeedLine[]
  /** Replaced as a whole, never changed in place: outcomes keep the one of their time. */
  claims: readonly Claim[]
  /** What it waits for; empty when it has all, or is closed. */
  watch: readonly Shelf[]
  /** The revision whose lines the database holds; 0 for none. */
  storedRevision: number
}

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
