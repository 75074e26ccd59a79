/**
 * What cannot be valued is parked as a whole, visibly. Later documents that touch one of its products wait behind it,
 * so that costs are found in the ledger's order; all others go on.
 */
import type { LedgerDocument } from '../inputs/input.ts'
import type { Company } from '../journal/entry.ts'
import { productsOf, type Obstacle } from './document.ts'
import { borderDirection, isPriced, type EnteredCosts } from './line.ts'

/** A parked document. `waiting` ones have nothing wrong with them but what is before them. */
export interface Parked {
  readonly input: bigint
  readonly document: LedgerDocument
  readonly products: readonly string[]
  readonly reason: Obstacle['reason'] | 'waiting'
  readonly detail: string
  /** Products of which a cost would help. */
  readonly lacking: readonly string[]
  /** Costs that an operator entered on release. */
  readonly given: EnteredCosts | null
}

/** Products that parked documents hold, and those of them of which only a cost is missing. */
export interface Held {
  readonly products: Map<string, Parked>
  readonly lacking: Set<string>
}

/** Nothing is held. */
export function nothingHeld(): Held {
  return { products: new Map(), lacking: new Set() }
}

/** Adds what a parked document holds. */
export function holdProducts(held: Held, parked: Parked): void {
  for (const product of parked.products) if (!held.products.has(product)) held.products.set(product, parked)
  for (const product of parked.lacking) held.lacking.add(product)
}

/**
 * The parked document that this one must wait for, if any. One that brings the cost that another lacks goes ahead of
 * it, as long as all it does with held products is to bring them in at costs of its own.
 */
export function waitsFor(document: LedgerDocument, held: Held, company: Company): Parked | undefined {
  let first: Parked | undefined
  let brings = false
  let onlyBrings = true
  for (const line of document.lines) {
    const holder = held.products.get(line.productId)
    if (holder === undefined || borderDirection(line) === 'none') continue
    if (first === undefined || holder.input < first.input) first = holder
    const priced = isPriced(line, company)
    onlyBrings &&= priced
    brings ||= priced && held.lacking.has(line.productId)
  }
  return brings && onlyBrings ? undefined : first
}

/** A document that cannot be valued, with why. */
export function parkedFor(
  input: bigint,
  document: LedgerDocument,
  obstacle: Obstacle,
  given: EnteredCosts | null,
): Parked {
  return { input, document, products: productsOf(document), ...obstacle, given }
}

/** A document that only waits for another. */
export function parkedBehind(
  input: bigint,
  document: LedgerDocument,
  before: Parked,
  given: EnteredCosts | null,
): Parked {
  const detail = `Waits for ${before.document.number}, which is parked and touches a product of this document.`
  return { input, document, products: productsOf(document), reason: 'waiting', detail, lacking: [], given }
}
