/** A transfer: what was shipped, what came, and what is in transit. Pure. */
import { minus, quantity, type Quantity } from '@stockline/amounts'
import type { DocumentOf, ValueOf } from '@stockline/documents'
import type { moveFields, transferKind } from './transfer.fields.ts'

/**
 * See `transfer.fields.ts`. `draft → (waiting) → posting → in_transit → posting → done`; `cancelled` before it was shipped, and once what
 * was in transit is back. A relocation begins as `posting`, and is `done`, or `cancelled` where the ledger refused it.
 */
export type Transfer = DocumentOf<typeof transferKind.fields>
/** See {@link Transfer}. */
export type TransferLine = Transfer['lines'][number]
/** What the ledger posted of a line: shipped, received, lost or returned. */
export type TransferMove = ValueOf<typeof moveFields>

/** How much of a line was shipped, received, lost or returned, in the base unit. */
export function sumMoved({ moves }: Pick<TransferLine, 'moves'>, what: TransferMove['what']): Quantity {
  return sumOf(moves.filter((move) => move.what === what))
}

/** Goods of one line and lot that are in transit. */
export interface GoodsInTransit {
  readonly line: TransferLine
  readonly lot: string | null
  readonly quantity: Quantity
}

/** What is in transit, by line and lot. */
export function inTransitOf({ lines }: Pick<Transfer, 'lines'>): readonly GoodsInTransit[] {
  return lines.flatMap((line) =>
    [...Map.groupBy(line.moves, ({ lot }) => lot)].flatMap(([lot, moves]) => {
      const left = inTransitIn(moves)
      return left > 0n ? [{ line, lot, quantity: left }] : []
    }),
  )
}

/** What of these moves is in transit. */
export function inTransitIn(moves: readonly TransferMove[]): Quantity {
  const [shipped, others] = [true, false].map((is) => sumOf(moves.filter(({ what }) => (what === 'shipped') === is)))
  return minus(shipped ?? quantity(0n), others ?? quantity(0n))
}

/** Both ends, the source first; of a relocation all places that it touches. */
export function locationsOfTransfer({
  source,
  destination,
  lines,
}: Pick<Transfer, 'source' | 'destination' | 'lines'>) {
  const own = lines.flatMap(({ fromLocation, toLocation }) => [fromLocation ?? [], toLocation ?? []].flat())
  return own.length === 0 ? [source, destination] : [...new Set(own)]
}

function sumOf(moves: readonly TransferMove[]): Quantity {
  return quantity(moves.reduce((sum, move) => sum + move.quantity, 0n))
}
