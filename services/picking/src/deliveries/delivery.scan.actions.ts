/** Picking by scanner. What must be looked up depends on the code, so that scans are taken one by one. */
import { parseQuantity } from '@stockline/amounts'
import type { Stored } from '@stockline/documents'
import { isRefusal, timeOfDay, type Refusal } from '@stockline/service-kit'
import type { z } from 'zod'
import type { Tx } from '../database.ts'
import { factsOf, lockToDecide, conclude, type DocumentRequest } from '../documents/document.command.actions.ts'
import { nothingLeft, type Decided, type Facts } from '../documents/document.decide.ts'
import type { scanBody } from '../documents/document.shapes.actions.ts'
import { locationsOf, scannedLocations, scopeOf } from '../locations/location.actions.ts'
import type { Location } from '../locations/location.ts'
import { referenceDataOf, productsOfBarcode } from '../products/product.actions.ts'
import type { ReferenceData } from '../products/product.ts'
import { readScan, type Scan } from '../scans/scan.ts'
import { deliveries } from './delivery.actions.ts'
import { otherPlaces, pickable } from './delivery.pick.ts'
import { goodsScanned, linesScanned, scanGoods, scanPlace, unitsScanned, type GoodsScan } from './delivery.scan.ts'
import type { Delivery } from './delivery.ts'

type Scanning = Omit<DocumentRequest<z.output<typeof scanBody>>, 'origin'>

/**
 * One scan: a location sets the place for the scans that follow; a product, lot or GS1 code confirms one pack of it,
 * or `quantity` in the base unit.
 */
export async function scanDelivery(tx: Tx, request: Scanning): Promise<Stored<Delivery> | Refusal> {
  const { stored, referenceData } = await lockToDecide(tx, deliveries, request.params.id)
  const decided = await decideScan(tx, stored.document, request, factsOf(tx, request.actor, referenceData))
  return conclude(tx, deliveries, stored, { ...request, origin: tx.origin }, decided)
}

async function decideScan(
  tx: Tx,
  delivery: Delivery,
  { body: { code, quantity, ...rest }, actor }: Scanning,
  known: Facts,
): Promise<Decided<Delivery>> {
  nothingLeft(rest)
  const early = pickable(delivery)
  if (early !== undefined) return early
  const scan = scanOf(code)
  const place = await placeOf(tx, scan, delivery)
  if (place !== undefined) return scanPlace(delivery, place, await scopeOf(tx, actor))
  const picks = goodsScanned(delivery, await goodsOf(tx, delivery, scan, quantity, known.referenceData))
  if (isRefusal(picks)) return picks
  // Places are looked up only where another was chosen than was suggested.
  const others = otherPlaces(delivery, picks)
  const places =
    others.length === 0 ? {} : { locations: await locationsOf(tx, others), scope: await scopeOf(tx, actor) }
  return scanGoods(delivery, picks, scan, { ...known, ...places })
}

/** A code as goods of a delivery, and what must be known to tell how much of which. */
export async function goodsRead(
  tx: Tx,
  delivery: Delivery,
  { code, quantity }: z.output<typeof scanBody>,
  referenceData: ReferenceData,
): Promise<GoodsScan> {
  return goodsOf(tx, delivery, scanOf(code), quantity, referenceData)
}

function scanOf(code: string): Scan {
  return readScan(code, new Date(timeOfDay()).getUTCFullYear())
}

async function goodsOf(
  tx: Tx,
  delivery: Delivery,
  scan: Scan,
  quantity: string | undefined,
  referenceData: ReferenceData,
): Promise<GoodsScan> {
  const isKnown = linesScanned(delivery, scan, referenceData).length > 0
  return {
    scan,
    referenceData: await withScannedUnits(tx, delivery, scan, referenceData),
    others: isKnown ? [] : await productsOfBarcode(tx, scan.barcodes),
    quantity: quantity === undefined ? undefined : parseQuantity(quantity),
    done: 'picked',
  }
}

/** The place that was scanned: of several with the same barcode the one in the delivery's warehouse. */
async function placeOf(tx: Tx, scan: Scan, delivery: Delivery): Promise<Location | undefined> {
  const places = await scannedLocations(tx, scan.text)
  return places.find((place) => place.warehouse === delivery.warehouse) ?? places[0]
}

/** The reference data, and the units that the scan counts in, should no line name them. */
async function withScannedUnits(
  tx: Tx,
  delivery: Delivery,
  scan: Scan,
  referenceData: ReferenceData,
): Promise<ReferenceData> {
  const scanned = [...referenceData.products.values()].flatMap((product) =>
    unitsScanned(product, scan)
      .filter((unit) => !referenceData.units.has(unit) && product.units.every((own) => own.unit !== unit))
      .map((unit) => ({ sku: product.sku, unit })),
  )
  return scanned.length === 0 ? referenceData : referenceDataOf(tx, [...delivery.lines, ...scanned])
}
