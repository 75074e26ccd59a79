/** New receipts whose places are wrong. */
import type { Tx } from '../database.ts'
import { locationsOf } from '../locations/location.actions.ts'
import { locationKey, type ReceiptPlace } from '../locations/location.ts'
import type { Home } from '../orders/order.documents.ts'
import { waitOutArrivals } from '../products/product.actions.ts'
import type { ReceiptDraft } from './receipt.amend.ts'
import { placesUsed, withPlaces, wrongPlaces } from './receipt.places.ts'

/**
 * New receipts with what is wrong with their places. Waits for transactions that are just bringing an unknown place; what comes later
 * finds the receipt.
 *
 * @param homes where they are at home, where that was read already: the places there need not be read
 */
export async function withPlacesJudged<Made extends { readonly draft: ReceiptDraft }>(
  tx: Tx,
  made: readonly Made[],
  homes?: readonly Home[],
): Promise<readonly Made[]> {
  if (made.length === 0) return made
  const used = made.flatMap(({ draft }) => placesUsed(draft))
  const judged = judge(made, homes === undefined ? await locationsOf(tx, used) : placesOf(homes))
  const wrong = [...new Set(judged.flatMap(({ draft }) => wrongPlaces(draft)))]
  if (wrong.length === 0) return judged
  await waitOutArrivals(tx, wrong.map(locationKey))
  return judge(made, await locationsOf(tx, used))
}

function judge<Made extends { readonly draft: ReceiptDraft }>(
  made: readonly Made[],
  locations: ReadonlyMap<string, ReceiptPlace>,
): readonly Made[] {
  return made.map((one) => ({ ...one, draft: withPlaces(one.draft, locations) }))
}

/** The places that the warehouses receive at, where they are known. */
function placesOf(homes: readonly Home[]): ReadonlyMap<string, ReceiptPlace> {
  return new Map(
    homes.flatMap(({ defaultReceiptLocation: code, receiptPlace = null }) =>
      code === null || receiptPlace === null ? [] : [[code, receiptPlace]],
    ),
  )
}
