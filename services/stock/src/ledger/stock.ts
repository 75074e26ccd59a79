/**
 * What the ledger and the reservations work on: quants, supplies, demands and allocations. They point to each other, so they
 * stand together.
 */
import type { Quantity } from '@stockline/amounts'
import type { RemainingLife, StockStatus } from '@stockline/contracts'
import type { OrderName } from './request.ts'
import type { LedgerLot, LedgerLocation, LedgerProduct, RemovalStrategy } from './reference.ts'

export type QuantStatus = StockStatus

/** A quant: the balance of one product at one location, by lot, status and package. */
export interface Quant {
  readonly product: LedgerProduct
  readonly location: LedgerLocation
  readonly lot: LedgerLot | null
  readonly status: QuantStatus
  readonly packageId: string
  /** Where its stock may be reserved from; null where it may not. */
  supply: Supply | null
  onHand: Quantity
  reserved: Quantity
  /** When on-hand left zero, in epoch milliseconds; null at zero and at virtual locations. */
  arrivedAt: number | null
  /** What the database holds, so that only what differs is written. */
  storedOnHand: Quantity
  storedReserved: Quantity
  storedArrivedAt: number | null
}

/**
 * A supply: all quants of one product in one warehouse that can be allocated, and the deliveries that wait for it. A waiting
 * delivery watches one product that it is short of: while no more of it comes, the delivery cannot become ready,
 * so stock that arrives is offered only to those that wait for it, and a hot product costs nothing extra.
 */
export interface Supply {
  readonly product: LedgerProduct
  readonly warehouse: string
  readonly strategy: RemovalStrategy
  /** In the strategy's order while `sorted`. */
  quants: Quant[]
  sorted: boolean
  /** Available to promise: Σ on hand − reserved of the quants. */
  available: Quantity
  /** In demand order. */
  readonly waiting: Demand[]
  /** The last one loaded, where more wait than were loaded; null when all are here. */
  horizon: Demand | null
}

/** A reservation: so much of that quant is for this line. */
export interface Allocation {
  readonly line: number
  readonly quant: Quant
  readonly quantity: Quantity
}

/** A demand: what a confirmed delivery needs, and its allocations. */
export interface Demand {
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
  /** The order that it is for; null of a delivery without one. */
  order: OrderName | null
  /** Until when the order wants it reserved, a day or a time by UTC; null where nothing ends by itself. */
  reserveUntil: string | null
  /** Why it is out of the offering: it waits for nothing, and nothing more is reserved for it. Null while it is offered stock. */
  held: string | null
  /** Since when something is reserved for it without a break, in epoch milliseconds; null while nothing is. */
  reservedSince: number | null
  lines: readonly {
    readonly line: number
    readonly product: LedgerProduct
    /** In millionths of the base unit. */
    readonly quantity: Quantity
    /** The code of the one lot that will do; null where any does. */
    readonly lot: string | null
    /** Nothing of a lot that has less of its life left will do; undefined where any does. */
    readonly life?: RemainingLife | undefined
  }[]
  /** Replaced as a whole, never changed in place: outcomes keep the one of their time. */
  allocations: readonly Allocation[]
  /** Supplies that it waits for; empty when it is complete or closed. */
  waitsFor: readonly Supply[]
  /** The revision whose lines the database holds; 0 for none. */
  storedRevision: number
}
