/** Entering picks, by hand and by scanner. */
import { formatQuantity, parseQuantity } from '@stockline/amounts'
import {
  isRefusal,
  timeOfDay,
  versionRefusal,
  type Actor,
  type Alone,
  type Origin,
  type Refusal,
} from '@stockline/service-kit'
import type { Tx } from '../database.ts'
import type { Stored } from '../documents/document.ts'
import { whoIs } from '../history/history.ts'
import { locationsOf, scannedLocations, scopeOf, scopesOf } from '../locations/location.actions.ts'
import type { Location } from '../locations/location.ts'
import { catalogOf, productsOfBarcode } from '../products/product.actions.ts'
import type { Catalog } from '../products/product.ts'
import { readScan, type Scan } from '../scans/scan.ts'
import { decideTogether, lockToJudge, saveOne } from './delivery.actions.ts'
import { enterPicks, otherPlaces, pickable, type GivenPick } from './delivery.pick.ts'
import { goodsScanned, linesScanned, placeScanned, readable, unitsScanned, wrongScan } from './delivery.scan.ts'
import type { Delivery } from './delivery.ts'

/** What somebody says they picked. */
export interface Picking {
  /** The delivery's. */
  readonly id: string
  readonly picks: readonly GivenPick[]
  readonly actor: Actor
  readonly version: number | undefined
  readonly origin: Origin
}

/** Puts picks in place of what was said before of their place and lot, on each delivery. */
export async function pickDeliveries(
  tx: Tx,
  asked: readonly Picking[],
): Promise<readonly (Stored<Delivery> | Refusal | Alone)[]> {
  return decideTogether(tx, asked, async (found, catalog) => {
    const others = new Map(found.map(({ asked: one, stored }) => [one, otherPlaces(stored.document, one.picks)]))
    const locations = await locationsOf(tx, [...others.values()].flat())
    const elsewhere = asked.filter((one) => (others.get(one) ?? []).length > 0)
    const scopeFor = await scopesOf(
      tx,
      elsewhere.map(({ actor }) => actor),
    )
    return ({ asked: one, stored }) => {
      const { picks, actor, version, origin } = one
      const stale = versionRefusal(stored.document.version, version)
      if (stale !== undefined) return stale
      const after = enterPicks(stored.document, picks, {
        picker: actor.id,
        catalog,
        // Its own alone: its actor need not be allowed where the others pick.
        locations: among(locations, others.get(one) ?? []),
        scope: scopeFor(actor),
        today: dateOf(tx.now),
      })
      if (isRefusal(after)) return after
      return { stored, after, notes: [{ what: 'picked', why: pickedText(picks), who: whoIs(actor) }], origin }
    }
  })
}

/**
 * One scan: a location sets the place for the scans that follow; a product, lot or GS1 code confirms one pack of it,
 * or `quantity` in the base unit. What must be looked up depends on the code, so that scans are taken one by one.
 */
export async function scanDelivery(
  tx: Tx,
  id: string,
  given: { readonly code: string; readonly quantity?: string | undefined },
  actor: Actor,
  version: number | undefined,
): Promise<Stored<Delivery> | Refusal> {
  const { stored, catalog } = await lockToJudge(tx, id)
  const { document: delivery } = stored
  const early = versionRefusal(delivery.version, version) ?? pickable(delivery)
  if (early !== undefined) return early
  const scan = readScan(given.code, new Date(timeOfDay()).getUTCFullYear())
  const place = await placeOf(tx, scan, delivery)
  if (place !== undefined) {
    const after = placeScanned(delivery, place, await scopeOf(tx, actor))
    return isRefusal(after) ? after : saveOne(tx, { stored, after, notes: [] })
  }
  const isKnown = linesScanned(delivery, scan, catalog).length > 0
  const picks = goodsScanned(delivery, {
    scan,
    catalog: await withScannedUnits(tx, delivery, scan, catalog),
    others: isKnown ? [] : await productsOfBarcode(tx, scan.barcodes),
    quantity: given.quantity === undefined ? undefined : parseQuantity(given.quantity),
  })
  if (isRefusal(picks)) return picks
  const after = await entered(tx, delivery, picks, catalog, actor)
  if (isRefusal(after)) return asScanRefusal(after)
  return picked(tx, stored, after, `scanned ${readable(scan.text)}: ${pickedText(picks)}`)
}

function dateOf(time: Date): string {
  return time.toISOString().slice(0, 10)
}

/** Those of the locations that are named. */
function among(locations: ReadonlyMap<string, Location>, codes: readonly string[]): ReadonlyMap<string, Location> {
  const named = codes.flatMap((code) => locations.get(code) ?? [])
  return new Map(named.map((location) => [location.code, location]))
}

/** The delivery with the picks entered. Places are looked up only where somebody chose another than was suggested. */
async function entered(
  tx: Tx,
  delivery: Delivery,
  picks: readonly GivenPick[],
  catalog: Catalog,
  actor: Actor,
): Promise<Delivery | Refusal> {
  const others = otherPlaces(delivery, picks)
  return enterPicks(delivery, picks, {
    picker: actor.id,
    catalog,
    locations: await locationsOf(tx, others),
    scope: others.length === 0 ? null : await scopeOf(tx, actor),
    today: dateOf(tx.now),
  })
}

/** The place that was scanned: of several with the same barcode the one in the delivery's warehouse. */
async function placeOf(tx: Tx, scan: Scan, delivery: Delivery): Promise<Location | undefined> {
  const places = await scannedLocations(tx, scan.text)
  return places.find((place) => place.warehouse === delivery.warehouse) ?? places[0]
}

/** The catalog, and the units that the scan counts in, should no line name them. */
async function withScannedUnits(tx: Tx, delivery: Delivery, scan: Scan, catalog: Catalog): Promise<Catalog> {
  const scanned = [...catalog.products.values()].flatMap((product) =>
    unitsScanned(product, scan)
      .filter((unit) => !catalog.units.has(unit) && product.units.every((own) => own.unit !== unit))
      .map((unit) => ({ sku: product.sku, unit })),
  )
  return scanned.length === 0 ? catalog : catalogOf(tx, [...delivery.lines, ...scanned])
}

/** Who scans gave a code and a quantity, and no picks. */
function asScanRefusal(refusal: Refusal): Refusal {
  const [first] = refusal.errors ?? []
  if (first === undefined) return refusal
  const messages = [...new Set((refusal.errors ?? []).map((each) => each.message))]
  return wrongScan(
    `This cannot be picked: ${messages.join('; ')}`,
    first.pointer.endsWith('/picked') ? '/quantity' : '/code',
  )
}

function pickedText(picks: readonly GivenPick[]): string {
  const shown = picks
    .slice(0, 10)
    .map(
      ({ line, location, lot, picked: amount }) =>
        `line ${line}: ${formatQuantity(parseQuantity(amount))} at ${location}${lot === undefined ? '' : `, ${lot}`}`,
    )
  return `${shown.join('; ')}${picks.length > 10 ? ` and ${picks.length - 10} more` : ''}`
}

async function picked(tx: Tx, stored: Stored<Delivery>, after: Delivery, why: string): Promise<Stored<Delivery>> {
  return saveOne(tx, { stored, after, notes: [{ what: 'picked', why }] })
}
