/** What the ledger must know of products and locations to decide. It reads these, and never changes them. */
import type { Quantity } from '@stockline/amounts'
import { type LotDates, noLotDates } from '@stockline/contracts/lot-dates'
import type { Location } from '../locations/location.ts'
import type { Product } from '../products/product.ts'

/** How the location to take from is chosen. */
export type RemovalStrategy = 'fifo' | 'lifo' | 'fefo' | 'closest'

/** A product, as the ledger reads it. On-hand is kept in its base unit, which is counted to so many decimals. */
export type LedgerProduct = Pick<Product, 'id' | 'sku' | 'type' | 'tracking' | 'unit' | 'category' | 'active'> & {
  readonly unitDecimals: number
}

/** A location, as the ledger reads it; virtual ones are in no warehouse. */
export type LedgerLocation = Omit<Location, 'barcode' | 'version'>

/** The dates of a lot beside its expiry: what the rest of its life is judged by, and those for people. */
export type LotLife = Omit<LotDates, 'expiresOn'>

/** A lot or a serial number, with what is on hand of it. A new one takes the id of the move that brought it first. */
export interface LedgerLot {
  readonly id: string
  readonly productId: string
  readonly code: string
  expiresOn: string | null
  /** Its dates beside expiry. Undefined of one that was not loaded for them, and has none. */
  life?: LotLife | undefined
  /** Of one that the database has, where a document names it: how often it was changed. */
  readonly storedVersion?: number
  /** Of a new one that is made of another: whoever splits it off tells of it. */
  readonly isPart?: boolean
  /** Why nothing of it may be promised or shipped; null where it is not held. */
  readonly held: string | null
  /** Sum over what is owned, in millionths: internal locations, and in transit. What makes a serial number's second arrival visible. */
  onHand: Quantity
}

/** All dates of a lot. */
export function datesOf({ expiresOn, life }: Pick<LedgerLot, 'expiresOn' | 'life'>): LotDates {
  return { ...noLotDates, ...life, expiresOn }
}

/** The manager's choice of strategy. Null means any: warehouse and category, then category, then warehouse wins. */
export interface RemovalRule {
  readonly warehouse: string | null
  readonly category: string | null
  readonly strategy: RemovalStrategy
}

/** The virtual locations: sources of goods that come in, and destinations of goods that leave. */
export const virtualLocations = {
  vendor: 'Virtual/Vendors',
  customer: 'Virtual/Customers',
  loss: 'Virtual/Loss',
  opening: 'Virtual/Opening',
  production: 'Virtual/Production',
  scrap: 'Virtual/Scrap',
  transit: 'Virtual/Transit',
} as const
