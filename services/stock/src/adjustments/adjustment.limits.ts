/** What a group may correct without approval, and what stands against it. Pure. */
import { formatQuantity, plus, type Quantity, type UnitPrice, zero } from '@stockline/amounts'
import type { BalanceKey } from '../ledger/balances.actions.ts'

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

/** A line of a document that corrects stock: by so much, more or less, where so much was expected. */
export interface CorrectedLine extends BalanceKey {
  readonly quantity: Quantity
  readonly expected: Quantity
}

/** Sum of absolute differences at one place, of other documents that the same person submitted in the 24 hours before. */
export type EarlierSum = Omit<CorrectedLine, 'expected'>

/** What one product in one warehouse was corrected by: this document, and what the same person submitted in the 24 hours before. */
export interface Corrected {
  readonly sku: string
  /** Sum of absolute differences: gains and losses are not netted. */
  readonly quantity: Quantity
  /** Where this document corrects it, each place once, and only where something differs. */
  readonly places: readonly Pick<CorrectedLine, 'location' | 'quantity' | 'expected'>[]
  /** The last unit cost that valuation told; null where it told none. */
  readonly unitCost: UnitPrice | null
}

/** What stands against a limit, by product, of the products of which something differs. */
export function correctedOf(
  lines: readonly CorrectedLine[],
  earlier: readonly EarlierSum[],
  unitCosts: ReadonlyMap<string, UnitPrice>,
): readonly Corrected[] {
  const differing = lines.filter(({ quantity }) => quantity !== 0n)
  const earlierAt = Map.groupBy(earlier, placeKey)
  const earlierOf = Map.groupBy(earlier, ({ sku }) => sku)
  return [...Map.groupBy(differing, ({ sku }) => sku)].map(([sku, own]) => ({
    sku,
    quantity: sumOf([...own, ...(earlierOf.get(sku) ?? [])]),
    places: [...Map.groupBy(own, placeKey)].flatMap(([key, at]) =>
      at.slice(0, 1).map(({ location, expected }) => ({
        ...{ location, expected },
        quantity: sumOf([...at, ...(earlierAt.get(key) ?? [])]),
      })),
    ),
    unitCost: unitCosts.get(sku) ?? null,
  }))
}

/** Why approval is needed, for people; undefined where all is within the limit. An unknown cost counts as above. */
export function aboveLimit(limit: Limit, corrected: readonly Corrected[]): string | undefined {
  for (const one of corrected) {
    const { sku, quantity, unitCost } = one
    const sum = `${formatQuantity(quantity)} of ${sku} within 24 hours`
    if (limit.quantity !== null && quantity > limit.quantity) return `${sum}: above the limit of quantity.`
    const percent = limit.percent === null ? undefined : abovePercent(limit.percent, one)
    if (percent !== undefined) return percent
    if (limit.value === null) continue
    if (unitCost === null) return `The cost of ${sku} is not known: that counts as above the limit of value.`
    if (quantity * unitCost > limit.value * million) return `${sum}: above the limit of value.`
  }
  return undefined
}

/**
 * All of the product against what was expected at the places of this document; and each place by itself, since a place of which much is
 * there would hide what is missing at another.
 */
function abovePercent(limit: Quantity, { sku, quantity, places }: Corrected): string | undefined {
  const all = {
    quantity,
    expected: places.reduce((sum, { expected }) => plus(sum, expected), zero.quantity),
    where: '',
  }
  const each = places.map((place) => ({ ...place, where: ` at ${place.location}` }))
  const above = [all, ...each].find((one) => one.quantity * hundred > limit * (one.expected < 0n ? 0n : one.expected))
  if (above === undefined) return undefined
  return `${formatQuantity(above.quantity)} of ${sku}${above.where} within 24 hours: above the limit of percent.`
}

function placeKey({ sku, location, lot, status }: BalanceKey): string {
  return JSON.stringify([sku, location, lot, status])
}

function sumOf(parts: readonly { readonly quantity: Quantity }[]): Quantity {
  return parts.reduce((sum, { quantity }) => plus(sum, quantity), zero.quantity)
}

const million = 1_000_000n
const hundred = 100n * million
