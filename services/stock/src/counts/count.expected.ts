/** What whoever counts should see at a place while work goes on there, and what a difference from it means. Pure. */
import { distance, minus, plus, quantity, type Quantity } from '@stockline/amounts'
import { expectedOf } from '../floor/floor.ts'

/** A place, with a product, a lot and a stock status, at one position of the ledger. */
export interface PlaceState {
  readonly onHand: Quantity
  /** Picked from there and not yet shipped: the ledger still has it there, and nobody sees it there. */
  readonly picked: Quantity
  /** Put there by receipts that are not yet posted: it is seen there, and the ledger does not have it. */
  readonly put: Quantity
}

/** What is seen there if all is right. */
export function expectedAt({ onHand, ...floor }: PlaceState): Quantity {
  return expectedOf(onHand, floor)
}

/** So much more was counted than expected; less where it is below zero. */
export function differenceAt(state: PlaceState, counted: Quantity): Quantity {
  return minus(counted, expectedAt(state))
}

/**
 * On hand at that position as it should have been: what was counted, with what was picked and without what was put. Below zero, the
 * difference is among goods that the ledger does not have yet: it cannot be posted before they are.
 */
export function correctedOnHand({ picked, put }: PlaceState, counted: Quantity): Quantity {
  return minus(plus(counted, picked), put)
}

/** A difference that needs no second count. What is not given does not bound it. */
export interface Tolerance {
  readonly quantity: Quantity | null
  /** Percent of what was expected, in millionths of a percent. */
  readonly percent: Quantity | null
}

/** Is the count further from what was expected than one of the bounds? Without any bound it never is. */
export function isPastTolerance(state: PlaceState, counted: Quantity, { quantity: most, percent }: Tolerance): boolean {
  const expected = expectedAt(state)
  const off = distance(counted, expected)
  if (off === 0n) return false
  if (most !== null && off > most) return true
  if (percent === null) return false
  const base = distance(expected, quantity(0n))
  return off * 100n * 1_000_000n > base * percent
}
