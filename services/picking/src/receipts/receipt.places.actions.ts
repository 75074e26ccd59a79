/** New receipts whose places are wrong. */
import type { Tx } from '../database.ts'
import { locationsOf } from '../locations/location.actions.ts'
import { locationKey, type ReceiptPlace } from '../locations/location.ts'
import { waitOutArrivals } from '../products/product.actions.ts'
import type { ReceiptDraft } from './receipt.amend.ts'
import { placesUsed, withPlaces, wrongPlaces } from './receipt.places.ts'

/**
 * New receipts with what is wrong with their places. Whoever is just bringing one that is not known is waited out, and whoever
 * brings it later finds the receipt.
 *
 * @param known the places, where they were read already
 */
export async function withPlacesJudged<Made extends { readonly draft: ReceiptDraft }>(
  tx: Tx,
  made: readonly Made[],
  known?: ReadonlyMap<string, ReceiptPlace>,
): Promise<readonly Made[]> {
  if (made.length === 0) return made
  const used = made.flatMap(({ draft }) => placesUsed(draft))
  const judged = judge(made, known ?? (await locationsOf(tx, used)))
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
