/**
 * A shelf: what may be reserved of one product in one warehouse, and the deliveries that wait for it. A waiting
 * delivery watches one product that it is short of: while no more of it comes, the delivery cannot become ready,
 * so stock that arrives asks only those that wait for it, and a hot product costs nothing extra.
 */
import type { Need } from '../reservations/need.ts'
import type { Product, RemovalStrategy } from './facts.ts'
import type { Quant } from './quant.ts'

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
