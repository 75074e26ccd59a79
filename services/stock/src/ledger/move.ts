/** A move: one line of the ledger, double entry. */
import type { PostingLine } from './request.ts'
import type { LedgerLot, LedgerLocation, LedgerProduct } from './reference.ts'

export interface Move extends Pick<
  PostingLine,
  'line' | 'documentLine' | 'status' | 'toStatus' | 'quantity' | 'passThrough'
> {
  readonly product: LedgerProduct
  readonly lot: LedgerLot | null
  /** The lot at its end, where that is another one. */
  readonly toLot?: LedgerLot | undefined
  readonly packageId: string
  /** The quantity as events and columns have it. */
  readonly quantityText: string
  readonly from: LedgerLocation
  readonly to: LedgerLocation
}

/**
 * The ids of a document's moves: UUIDs of version 7 made of when the ledger took the document, its position and the
 * line. So they need no column and no chance, and sort as the ledger does.
 */
export function moveIds(recordedAt: number, position: bigint): (line: number) => string {
  const time = recordedAt.toString(16).padStart(12, '0')
  const place = position.toString(16).padStart(13, '0')
  const head = `${time.slice(0, 8)}-${time.slice(8)}-7${place.slice(0, 3)}-8${place.slice(3, 6)}-${place.slice(6)}`
  return (line) => head + line.toString(16).padStart(5, '0')
}
