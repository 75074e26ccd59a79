/**
 * What the ledger and the reservations work on: quants, shelves, needs and claims. They point to each other, so they
 * stand together.
 */
import type { Lot, Place, Product, RemovalStrategy } from './facts.ts'

export type QuantStatus = 'available' | 'quarantine' | 'damaged' | 'blocked'

/** A quant: the balance of one product at one place, by lot, status and package. */
export interface Quant {
  readonly product: Product
  readonly place: Place
  readonly lot: Lot | null
  readonly status: QuantStatus
  readonly packageId: string
  /** Where its stock may be reserved from; null where it may not. */
  shelf: Shelf | null
  onHand: bigint
  reserved: bigint
  /** When on-hand left zero, in epoch milliseconds; null at zero and at virtual places. */
  arrivedAt: number | null
  /** What the database holds, so that only what differs is written. */
  storedOnHand: bigint
  storedReserved: bigint
  storedArrivedAt: number | null
}

/**
 * A shelf: what may be reserved of one product in one warehouse, and the deliveries that wait for it. A waiting
 * delivery watches one product that it is short of: while no more of it comes, the delivery cannot become ready,
 * so stock that arrives asks only those that wait for it, and a hot product costs nothing extra.
 */
export interface Shelf {
  readonly product: Product
  readonly warehouse: string
  readonly strategy: RemovalStrategy
  /** In the strategy's order while `sorted`. */
  quants: Quant[]
  sorted: boolean
  /** Σ on hand − reserved of the quants. */
  free: bigint
  /** In need order. */
  readonly waiting: Need[]
  /** The last one loaded, where more wait than were loaded; null when all are here. */
  horizon: Need | null
}

/** A line of a need. */
export interface NeedLine {
  readonly line: number
  readonly product: Product
  /** In millionths of the base unit. */
  readonly quantity: bigint
  /** The code of the one lot that will do; null where any does. */
  readonly lot: string | null
}

/** A reservation: so much of that quant is for this line. */
export interface Claim {
  readonly line: number
  readonly quant: Quant
  readonly quantity: bigint
}

/** A need: what a confirmed delivery asks for, and the claims it has on quants. */
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
