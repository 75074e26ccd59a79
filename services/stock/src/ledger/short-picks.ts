/** Where a delivery took less than it had reserved. Pure. */
import { plus, type Quantity } from '@stockline/amounts'
import type { Move } from './move.ts'
import type { Allocation, Quant } from './stock.ts'

/** Quants of which a delivery had more reserved than it took, each once. @param moves what it took */
export function shortPicks(allocations: readonly Allocation[], moves: readonly Move[]): readonly Quant[] {
  const taken = new Map<string, Quantity>()
  for (const { product, from, lot, status, packageId, quantity } of moves) {
    const key = keyOf(product.id, from.id, lot?.id, status, packageId)
    const before = taken.get(key)
    taken.set(key, before === undefined ? quantity : plus(before, quantity))
  }
  const short = new Set<Quant>()
  for (const { quant, quantity } of allocations) {
    const { product, location, lot, status, packageId } = quant
    const key = keyOf(product.id, location.id, lot?.id, status, packageId)
    const left = (taken.get(key) ?? 0n) - quantity
    if (left < 0n) short.add(quant)
    taken.set(key, left as Quantity)
  }
  return [...short]
}

function keyOf(...parts: readonly (string | undefined)[]): string {
  return parts.join(' ')
}
