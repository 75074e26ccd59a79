/** What a group may correct without approval, and what stands against it. Pure. */
import { formatQuantity, type Quantity, type UnitPrice } from '@stockline/amounts'

/** Groups that limits are set for, lowest first. */
export const limitGroups = ['user', 'supervisor', 'manager'] as const

/** One of {@link limitGroups}. */
export type LimitGroup = (typeof limitGroups)[number]

/** A measure that is null is not looked at; of the others none may be passed. */
export interface Limit {
  /** In the product's base unit. */
  readonly quantity: Quantity | null
  /** Of what was expected: in millionths of a percent, as quantities are kept. */
  readonly percent: Quantity | null
  /** In the company's currency. */
  readonly value: UnitPrice | null
}

/** What one product in one warehouse was corrected by: this document, and what the same person submitted in the 24 hours before. */
export interface Corrected {
  readonly sku: string
  /** Sum of absolute differences: gains and losses are not netted. */
  readonly quantity: Quantity
  /** By this document's lines. */
  readonly expected: Quantity
  /** The last unit cost that valuation told; null where it told none. */
  readonly unitCost: UnitPrice | null
}

/** Why approval is needed, for people; undefined where all is within the limit. An unknown cost counts as above. */
export function aboveLimit(limit: Limit, corrected: readonly Corrected[]): string | undefined {
  for (const one of corrected) {
    const { sku, quantity, expected, unitCost } = one
    if (quantity === 0n) continue
    const sum = `${formatQuantity(quantity)} of ${sku} within 24 hours`
    if (limit.quantity !== null && quantity > limit.quantity) return `${sum}: above the limit of quantity.`
    if (limit.percent !== null && quantity * hundred > limit.percent * (expected < 0n ? 0n : expected))
      return `${sum}: above the limit of percent.`
    if (limit.value === null) continue
    if (unitCost === null) return `The cost of ${sku} is not known: that counts as above the limit of value.`
    if (quantity * unitCost > limit.value * million) return `${sum}: above the limit of value.`
  }
  return undefined
}

const million = 1_000_000n
const hundred = 100n * million
