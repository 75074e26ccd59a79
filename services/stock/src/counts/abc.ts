/**
 * ABC classes by consumption value. Products are put in the order of what they consumed in value, the highest first, those of one value
 * by their SKU. A product is of the class in which its share begins: the one that crosses a boundary belongs to the class before the
 * boundary. So there is always an A where anything was consumed. What consumed nothing, or whose cost nobody knows, is C. A class that
 * the product system gives counts before the computed one. Pure.
 */
import type { Quantity, UnitPrice } from '@stockline/amounts'
import type { AbcClass } from '@stockline/contracts'
import { refuse, type Refusal } from '@stockline/service-kit/refusal'

/** Where class A ends, and where B: in percent of all consumption value. */
export interface AbcBoundaries {
  readonly a: Quantity
  readonly b: Quantity
}

/** What a product consumed over the period: what left to customers and production, less what customers brought back. */
export interface Consumption {
  readonly productId: string
  readonly sku: string
  readonly quantity: Quantity
  /** Null where nobody knows what one costs. */
  readonly unitCost: UnitPrice | null
}

/** A product and its class. The value is exact, in 10^-16 of the currency's unit; null without a cost. */
export interface Classified {
  readonly productId: string
  readonly abcClass: AbcClass
  readonly quantity: Quantity
  readonly value: bigint | null
}

/** The classes of products, in the order of their value. */
export function classify(consumed: readonly Consumption[], { a, b }: AbcBoundaries): readonly Classified[] {
  const valued = consumed.map((one) => ({ ...one, value: valueConsumed(one) }))
  const sorted = valued.toSorted(
    (one, other) => compare(other.value ?? -1n, one.value ?? -1n) || compare(one.sku, other.sku),
  )
  const total = sorted.reduce((sum, { value }) => sum + (value ?? 0n), 0n)
  let before = 0n
  return sorted.map(({ productId, quantity, value }) => {
    const isWithin = (boundary: Quantity) => before * 100n * 1_000_000n < total * boundary
    const abcClass = value === null || value === 0n ? 'C' : isWithin(a) ? 'A' : isWithin(b) ? 'B' : 'C'
    before += value ?? 0n
    return { productId, abcClass, quantity, value }
  })
}

/** Boundaries that are none: A ends where B begins, and B before all. */
export function boundariesRefusal({ a, b }: AbcBoundaries): Refusal | undefined {
  const hundred = 100_000_000n
  const errors = [
    ...(a === 0n || a > hundred ? [{ pointer: '/boundaries/a', message: 'must be above 0 and at most 100' }] : []),
    ...(b > hundred ? [{ pointer: '/boundaries/b', message: 'must be at most 100' }] : []),
    ...(b < a ? [{ pointer: '/boundaries/b', message: 'must not be below the boundary of A' }] : []),
  ]
  return errors.length === 0
    ? undefined
    : refuse(
        'boundaries-wrong',
        'content',
        'The boundaries are percents that rise: A ends at 80, B at 95, say.',
        errors,
      )
}

function valueConsumed({ quantity, unitCost }: Consumption): bigint | null {
  if (unitCost === null) return null
  return quantity > 0n ? quantity * unitCost : 0n
}

function compare<T extends bigint | string>(one: T, other: T): number {
  return one < other ? -1 : one > other ? 1 : 0
}
