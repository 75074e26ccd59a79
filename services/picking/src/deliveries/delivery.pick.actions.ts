/** Entering picks, by hand and by scanner. */
import { formatQuantity, parseQuantity } from '@stockline/amounts'
import { isRefusal, versionRefusal, type Actor, type Refusal } from '@stockline/service-kit'
import type { Tx } from '../database.ts'
import { locationsOf, scannedLocations, scopeOf } from '../locations/location.actions.ts'
import { productsOfBarcode } from '../products/product.actions.ts'
import { readScan } from '../scans/scan.ts'
import { catalogFor, lockDelivery, saveChanges } from './delivery.actions.ts'
import { enterPicks, type GivenPick } from './delivery.pick.ts'
import { placeScanned, goodsScanned } from './delivery.scan.ts'
import type { StoredDelivery } from './delivery.store.ts'
import type { Delivery } from './delivery.ts'

/** Puts picks in place of what was said before of their place and lot. */
export async function pickDelivery(
  tx: Tx,
  id: string,
  picks: readonly GivenPick[],
  actor: Actor,
  version: number | undefined,
): Promise<StoredDelivery | Refusal> {
  const stored = await lockDelivery(tx, id)
  const stale = versionRefusal(stored.delivery.version, version)
  if (stale !== undefined) return stale
  const after = enterPicks(stored.delivery, picks, await factsFor(tx, stored.delivery, picks, actor))
  return isRefusal(after) ? after : save(tx, stored, after, pickedText(picks))
}

/**
 * One scan: a location sets the place for the scans that follow; a product, lot or GS1 code confirms one pack of it,
 * or `quantity` in the base unit.
 */
export async function scanDelivery(
  tx: Tx,
  id: string,
  given: { readonly code: string; readonly quantity?: string | undefined },
  actor: Actor,
  version: number | undefined,
): Promise<StoredDelivery | Refusal> {
  const stored = await lockDelivery(tx, id)
  const stale = versionRefusal(stored.delivery.version, version)
  if (stale !== undefined) return stale
  const scan = readScan(given.code)
  const [places, carriers, scope] = [
    await scannedLocations(tx, given.code),
    await productsOfBarcode(tx, scan.barcodes),
    await scopeOf(tx, actor),
  ]
  const place = places[0]
  if (place !== undefined) {
    const after = placeScanned(stored.delivery, place, scope)
    return isRefusal(after) ? after : save(tx, stored, after, null)
  }
  const catalog = await catalogFor(tx, [stored.delivery], carriers)
  const quantity = given.quantity === undefined ? undefined : parseQuantity(given.quantity)
  const pick = goodsScanned(stored.delivery, { scan, carriers, catalog, quantity })
  if (isRefusal(pick)) return pick
  const after = enterPicks(stored.delivery, [pick], await factsFor(tx, stored.delivery, [pick], actor))
  return isRefusal(after) ? after : save(tx, stored, after, `scanned ${given.code}: ${pickedText([pick])}`)
}

async function factsFor(tx: Tx, delivery: Delivery, picks: readonly GivenPick[], actor: Actor) {
  return {
    picker: actor.id,
    catalog: await catalogFor(tx, [delivery]),
    locations: await locationsOf(
      tx,
      picks.map((pick) => pick.location),
    ),
    scope: await scopeOf(tx, actor),
  }
}

function pickedText(picks: readonly GivenPick[]): string {
  const shown = picks
    .slice(0, 10)
    .map(
      (pick) =>
        `line ${pick.line}: ${formatQuantity(parseQuantity(pick.picked))} at ${pick.location}${pick.lot === undefined ? '' : `, ${pick.lot}`}`,
    )
  return `${shown.join('; ')}${picks.length > 10 ? ` and ${picks.length - 10} more` : ''}`
}

/** Scanning a place is no step worth remembering. */
async function save(tx: Tx, stored: StoredDelivery, after: Delivery, why: string | null): Promise<StoredDelivery> {
  const notes = why === null ? [] : [{ what: 'picked', why }]
  const [saved] = await saveChanges(tx, [{ stored, after, notes }])
  return saved ?? stored
}
