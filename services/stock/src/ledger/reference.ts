/** What the ledger must know of products and locations to decide. It reads these, and never changes them. */

/** How a product is told apart: not at all, by lot, or each piece by its serial number (a lot of one). */
export type Tracking = 'none' | 'lot' | 'serial'

/** `internal` is owned stock; all others are where things come from or go to. */
export type LocationType = 'internal' | 'vendor' | 'customer' | 'loss' | 'opening' | 'production' | 'scrap' | 'transit'

/** How the location to take from is chosen. */
export type RemovalStrategy = 'fifo' | 'lifo' | 'fefo' | 'closest'

export interface Product {
  readonly id: string
  readonly sku: string
  readonly type: 'stockable' | 'consumable' | 'service'
  readonly tracking: Tracking
  /** The base unit, in which on-hand is kept, and how finely it is counted. */
  readonly unit: string
  readonly unitDecimals: number
  readonly category: string
  readonly active: boolean
}

/** A location. `warehouse` is the code of the warehouse, null for virtual locations. */
export interface Location {
  readonly id: string
  readonly code: string
  readonly type: LocationType
  readonly warehouse: string | null
  readonly reservable: boolean
  readonly allowNegative: boolean
  readonly pickSequence: number
  readonly active: boolean
}

/** A lot or a serial number. A new one takes the id of the move that brought it first. */
export interface Lot {
  readonly id: string
  readonly productId: string
  readonly code: string
  expiresOn: string | null
  /** Sum over internal locations, in millionths: what makes a serial number's second arrival visible. */
  onHand: bigint
}

/** The manager's choice of strategy. Null means any: warehouse and category, then category, then warehouse wins. */
export interface RemovalRule {
  readonly warehouse: string | null
  readonly category: string | null
  readonly strategy: RemovalStrategy
}

/** The virtual locations at the other end of a move. */
export const virtualLocations = {
  vendor: 'Virtual/Vendors',
  customer: 'Virtual/Customers',
  opening: 'Virtual/Opening',
  loss: 'Virtual/Loss',
} as const
