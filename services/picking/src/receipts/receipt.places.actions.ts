/** Receipts whose places are, or become, wrong or right. */
import type { Tx } from '../database.ts'
import { locationsOf, type PlaceChange } from '../locations/location.actions.ts'
import { locationKey, type ReceiptPlace } from '../locations/location.ts'
import { waitOutArrivals } from '../products/product.actions.ts'
import type { ReceiptChange } from './receipt.actions.ts'
import type { Draft } from './receipt.amend.ts'
import { placeFaults, placesUsed, withPlaces } from './receipt.places.ts'
import { storedReceipts } from './receipt.store.ts'
import { isOpen } from './receipt.ts'

/**
 * New receipts with what is wrong with their places. Whoever is just bringing one that is not known is waited out, and whoever
 * brings it later finds the receipt.
 *
 * @param known the places, where they were read already
 */
export async function withPlacesJudged<Made extends { readonly draft: Draft }>(
  tx: Tx,
  made: readonly Made[],
  known?: ReadonlyMap<string, ReceiptPlace>,
): Promise<readonly Made[]> {
  if (made.length === 0) return made
  const used = made.flatMap(({ draft }) => placesUsed(draft))
  const judged = judge(made, known ?? (await locationsOf(tx, used)))
  const wrong = [...new Set(judged.flatMap(({ draft }) => [...placeFaults(draft).keys()]))]
  if (wrong.length === 0) return judged
  await waitOutArrivals(tx, wrong.map(locationKey))
  return judge(made, await locationsOf(tx, used))
}

function judge<Made extends { readonly draft: Draft }>(
  made: readonly Made[],
  locations: ReadonlyMap<string, ReceiptPlace>,
): readonly Made[] {
  return made.map((one) => ({ ...one, draft: withPlaces(one.draft, locations) }))
}

/** Says on open receipts that use a location what is wrong with it, or that it is right again. */
export async function receiptsPlaceChanged(tx: Tx, { code, isClosed }: PlaceChange): Promise<void> {
  const waiting = await storedReceipts.waitingIds(tx, [locationKey(code)])
  const using = isClosed ? await storedReceipts.openAt(tx, code) : []
  const ids = [...new Set([...waiting, ...using])].sort()
  if (ids.length === 0) return
  const open = (await storedReceipts.lock(tx, ids)).filter(({ document }) => isOpen(document.status))
  const used = open.flatMap(({ document }) => placesUsed(document))
  const locations = await locationsOf(tx, used)
  const changes = open.flatMap((stored): readonly ReceiptChange[] => {
    const after = withPlaces(stored.document, locations)
    if (after.problem === stored.document.problem) return []
    const what = placeFaults(after).size > 0 ? 'place-wrong' : 'place-right'
    return [{ stored, after, notes: [{ what, why: after.problem, who: null }] }]
  })
  await storedReceipts.update(tx, changes)
}
