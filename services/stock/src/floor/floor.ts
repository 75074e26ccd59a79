/**
 * The floor: what was picked at a place for deliveries and is not shipped yet, and what receipts that are not posted yet have put
 * there. What is seen at a place is what is on hand there, less the first, plus the second. Pure.
 */
import { minus, parseQuantity, plus, zero, type Quantity } from '@stockline/amounts'
import type { FloorState, StockStatus } from '@stockline/contracts'

/** A place of a product in a stock status, and of one lot of it where it is kept in lots. */
export interface FloorKey {
  readonly location: string
  readonly sku: string
  readonly lot: string | null
  readonly status: StockStatus
}

/** What lies elsewhere than the ledger says, in base units. */
export interface Floor {
  readonly picked: Quantity
  readonly put: Quantity
}

/** The floor of one document at one place. */
export interface FloorRow extends FloorKey, Floor {
  readonly documentId: string
  readonly kind: FloorState['kind']
  readonly number: string
  readonly changedAt: string
}

/** What is to be seen where so much is on hand. Below zero where more was picked than the ledger has. */
export function expectedOf(onHand: Quantity, { picked, put }: Floor): Quantity {
  return plus(minus(onHand, picked), put)
}

/** Of each document its last state: each is the whole of it. */
export function lastStates<State extends { readonly documentId: string }>(states: readonly State[]): readonly State[] {
  return [...new Map(states.map((state) => [state.documentId, state])).values()]
}

/** A state as rows, one for each place, product, lot and status. Only what is available is picked. */
export function floorRows(state: FloorState): readonly FloorRow[] {
  const { documentId, kind, number, at: changedAt } = state
  const rows = new Map<string, FloorRow>()
  const add = (moved: FloorState['put'][number], change: (amount: Quantity) => Partial<Floor>) => {
    const { location, sku, lot = null, status = 'available' } = moved
    const key = JSON.stringify([location, sku, lot, status])
    const row = rows.get(key) ?? { documentId, kind, number, changedAt, location, sku, lot, status, ...nothing }
    const { picked = zero.quantity, put = zero.quantity } = change(parseQuantity(moved.quantity))
    rows.set(key, { ...row, picked: plus(row.picked, picked), put: plus(row.put, put) })
  }
  for (const one of state.picked) add(one, (picked) => ({ picked }))
  for (const one of state.put) add(one, (put) => ({ put }))
  return [...rows.values()]
}

const nothing: Floor = { picked: zero.quantity, put: zero.quantity }
