/** The floor of a document: what was picked or put for it and is not posted yet. Pure. */
import { formatQuantity, plus, zero, type Quantity } from '@stockline/amounts'
import type { FloorState, StockStatus } from '@stockline/contracts'
import { stateOf, type DocumentState } from './document.state.ts'

/** So much, in the base unit, at one place and of one lot. What is held has a stock status; the rest is available. */
export interface Moved {
  readonly location: string
  readonly sku: string
  readonly lot: string | null
  readonly quantity: Quantity
  readonly status?: StockStatus
}

/** The state as it is published. @param at when the document was changed last */
export function floorState(
  { id: documentId, number, warehouse }: { readonly id: string; readonly number: string; readonly warehouse: string },
  kind: FloorState['kind'],
  at: string,
  moved: readonly Moved[],
): DocumentState {
  const summed = sumsOf(moved)
  const [picked, put] = kind === 'delivery' ? [summed, []] : [[], summed]
  const data: FloorState = { documentId, number, warehouse, kind, at, picked, put }
  return stateOf('floor', data, summed.length === 0)
}

/** One for each place, product, lot and status, in their order. */
function sumsOf(moved: readonly Moved[]): FloorState['put'] {
  const byKey = Map.groupBy(moved, ({ location, sku, lot, status }) => JSON.stringify([location, sku, lot, status]))
  const sums = [...byKey].sort(([a], [b]) => (a < b ? -1 : 1))
  return sums.flatMap(([, same]) => {
    const [first] = same
    const sum = same.reduce((all, { quantity }) => plus(all, quantity), zero.quantity)
    if (first === undefined || sum === 0n) return []
    const { location, sku, lot, status } = first
    const named = { ...(lot === null ? {} : { lot }), ...(status === undefined ? {} : { status }) }
    return [{ location, sku, ...named, quantity: formatQuantity(sum) }]
  })
}
