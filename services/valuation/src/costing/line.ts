/** One line of a ledger document: which way it goes, which account stands on the other side, and what it costs by itself. */
import { ratio, valueOf } from '@stockline/amounts'
import { isOwned } from '@stockline/contracts/locations'
import type { AccountRole } from '../accounts/account.ts'
import type { Line, OrderPrice } from '../inputs/input.ts'
import type { Company } from '../journal/entry.ts'
import type { CostMethod } from '../methods/cost-method.ts'
import type { OrderLineValue, OrderLineName } from './order-line.ts'
import type { Cost, Pool } from './pool.ts'

/** What a document is valued with. `poolOf` gives the pool as it is before the document, if there is one. */
export interface Valuing {
  readonly company: Company
  readonly input: bigint
  readonly poolOf: (productId: string) => Pool | undefined
  readonly methodOf: (category: string) => CostMethod
  /** The order's line as it is before the document, where something is carried over. */
  readonly orderLineOf: (name: OrderLineName) => OrderLineValue | undefined
  /** Costs given on release, by sku; `discarded` values what is left unknown at nothing. */
  readonly given?: EnteredCosts | undefined
}

/** Costs that an operator entered on releasing or discarding a parked document. */
export interface EnteredCosts {
  readonly unitCosts: ReadonlyMap<string, Line['unitCost']>
  readonly discarded: boolean
}

type Direction = 'in' | 'out' | 'none'
/** A unit is a unit. */
export const one = ratio(1n, 1n)

/** Does the line cross the border of owned stock, and which way? Services never do. */
export function borderDirection(line: Line): Direction {
  if (line.productType === 'service' || isOwned(line.fromType) === isOwned(line.toType)) return 'none'
  return isOwned(line.toType) ? 'in' : 'out'
}

/** Has the line a cost of its own, in the company's currency? */
export function isPriced(line: Line, company: Company): boolean {
  return (
    borderDirection(line) === 'in' &&
    (line.unitCost !== null ||
      (line.price !== null && line.price.currency === company.currency && line.price.unitPrice >= 0n))
  )
}

/** The cost that comes with the line itself. */
export function ownCost(line: Line, valuing: Valuing): Cost | null {
  const { minorDigits, currency } = valuing.company
  if (borderDirection(line) === 'out') return null
  const given = givenCost(line, valuing)
  if (given !== null) return { value: valueOf(line.quantity, one, given, minorDigits), basis: 'cost given on release' }
  const { price } = line
  if (price !== null && isInMoney(price, currency))
    return { value: valueOf(price.entered, price.ratio, price.unitPrice, minorDigits), basis: 'order price' }
  if (line.unitCost !== null && line.unitCost >= 0n)
    return { value: valueOf(line.quantity, one, line.unitCost, minorDigits), basis: 'entered unit cost' }
  return null
}

/** Is the order's price what the line costs? A cost that was given on release goes before it. */
export function isAtOrderPrice(line: Line, valuing: Valuing): boolean {
  return line.price !== null && isInMoney(line.price, valuing.company.currency) && givenCost(line, valuing) === null
}

const isInMoney = (price: OrderPrice, currency: string) => price.currency === currency && price.unitPrice >= 0n

/** The cost given for the product on release. */
export function givenCost(line: Line, valuing: Valuing): Line['unitCost'] {
  return valuing.given?.unitCosts.get(line.sku) ?? null
}

/** Bought now, or before the first document. */
export const isBought = (line: Line) => line.fromType === 'vendor' || line.fromType === 'opening'

/** The account on the other side, by where the goods come from or go to. */
export function counterRole(line: Line): AccountRole | null {
  const incoming = borderDirection(line) === 'in'
  switch (incoming ? line.fromType : line.toType) {
    case 'vendor':
      return 'grni'
    case 'customer':
      return 'cogs'
    case 'opening':
      return 'opening-balance'
    case 'loss':
      return incoming ? 'inventory-gain' : 'inventory-loss'
    case 'scrap':
      return incoming ? 'inventory-gain' : 'inventory-loss'
    case 'production':
    case 'internal':
    case 'transit':
      return null
  }
}
