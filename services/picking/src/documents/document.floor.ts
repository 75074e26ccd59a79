/** The floor of a document: what was picked or put for it and is not posted yet. Pure. */
import { formatQuantity, plus, zero, type Quantity } from '@stockline/amounts'
import type { FloorState } from '@stockline/contracts'
import { stateOf, type DocumentState } from './document.state.ts'

/** So much, in the base unit, at one place and of one lot. */
export interface Moved {
  readonly location: string
  readonly sku: string
  readonly lot: string | null
  readonly quantity: Quantity
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

/** One for each place, product and lot, in their order. */
function sumsOf(moved: readonly Moved[]): FloorState['picked'] {
  const byKey = Map.groupBy(moved, ({ location, sku, lot }) => JSON.stringify([location, sku, lot]))
  const sums = [...byKey].sort(([a], [b]) => (a < b ? -1 : 1))
  return sums.flatMap(([, same]) => {
    const [first] = same
    const sum = same.reduce((all, { quantity }) => plus(all, quantity), zero.quantity)
    if (first === undefined || sum === 0n) return []
    const { location, sku, lot } = first
    return [{ location, sku, ...(lot === null ? {} : { lot }), quantity: formatQuantity(sum) }]
  })
}
