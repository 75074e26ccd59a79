/** What a scan means for a delivery: the place for what follows, or one more pack of a line. The wrong thing says why. Pure. */
import { convert, formatQuantity, quantity, type Quantity } from '@stockline/amounts'
import { refuse, type Refusal } from '@stockline/service-kit/refusal'
import type { Location, Scope } from '../locations/location.ts'
import { ratioToBase, type Catalog, type Product } from '../products/product.ts'
import type { Scan } from '../scans/scan.ts'
import { pickable, pickPlaceFault, type GivenPick } from './delivery.pick.ts'
import { openOf } from './delivery.reserve.ts'
import { nothing, pickedOf, type Delivery, type DeliveryLine, type Pick } from './delivery.ts'

/** A scan of goods, and what is known of it. */
export interface GoodsScan {
  readonly scan: Scan
  /** Products that carry one of the scanned barcodes. */
  readonly carriers: readonly Product[]
  readonly catalog: Catalog
  /** In the base unit; one pack of the scanned barcode where nobody said. */
  readonly quantity: Quantity | undefined
}

/** The delivery with the place set for the scans that follow. */
export function placeScanned(delivery: Delivery, place: Location, scope: Scope): Delivery | Refusal {
  const early = pickable(delivery)
  if (early !== undefined) return early
  const fault = pickPlaceFault(delivery.warehouse, place.code, place, scope)
  if (fault !== undefined) return refuse('scan-wrong-place', 'content', `Not here: ${fault}.`, at(fault))
  return { ...delivery, scanLocation: place.code }
}

/** The pick that a scan of goods confirms: what was picked there before, and one pack more. */
export function goodsScanned(delivery: Delivery, goods: GoodsScan): GivenPick | Refusal {
  const early = pickable(delivery)
  if (early !== undefined) return early
  const lines = linesScanned(delivery, goods)
  if ('refused' in lines) return lines
  const found = lines.found.map((line) => ({ line, pick: pickFor(line, delivery.scanLocation, goods.scan) }))
  const open = found.find(({ line, pick }) => pick !== undefined && leftOf(line) > 0n)
  if (open?.pick === undefined) return whyNothing(delivery, found, goods)
  const expiry = goods.scan.expiresOn
  if (expiry !== undefined && open.pick.expiresOn !== null && expiry !== open.pick.expiresOn)
    return wrong(`Lot ${open.pick.lot ?? ''} expires on ${open.pick.expiresOn}; the label says ${expiry}`)
  const pack = packOf(open.line, goods)
  const more = (open.pick.picked ?? nothing) + pack
  if (pack > leftOf(open.line))
    return wrong(
      `Line ${open.line.line} of ${delivery.number} needs only ${formatQuantity(quantity(leftOf(open.line)))} more of ${open.line.sku}; this would be ${formatQuantity(pack)}`,
    )
  const { location, lot } = open.pick
  return { line: open.line.line, location, ...(lot === null ? {} : { lot }), picked: formatQuantity(quantity(more)) }
}

function linesScanned(delivery: Delivery, goods: GoodsScan): { readonly found: readonly DeliveryLine[] } | Refusal {
  const { scan, carriers } = goods
  const skus = new Set(carriers.map((product) => product.sku))
  const bySku = delivery.lines.filter((line) => skus.has(line.sku) || line.sku === scan.text)
  if (bySku.length > 0) return { found: bySku }
  const byLot = delivery.lines.filter((line) => line.picks.some((pick) => pick.lot !== null && pick.lot === scan.lot))
  if (byLot.length > 0 && scan.gtin === undefined) return { found: byLot }
  const other = carriers[0]?.sku
  if (other !== undefined) return wrong(`${other} is not on ${delivery.number}: it wants ${wantedText(delivery)}`)
  return wrong(`Nothing on ${delivery.number} is known by the code "${scan.text}": it wants ${wantedText(delivery)}`)
}

/** The pick that is meant: at the scanned place, of the scanned lot; of several the first with something left to take. */
function pickFor(line: DeliveryLine, place: string | null, scan: Scan): Pick | undefined {
  const lot = lotMeant(line, scan)
  const fits = line.picks.filter(
    (pick) => (place === null || pick.location === place) && (lot === undefined || pick.lot === lot),
  )
  const meant = fits.find((pick) => openOf(pick) > 0n) ?? fits[0]
  // One of several lots was picked by a code that does not say which: it might be another.
  const unsure = lot === undefined && meant?.lot !== null && new Set(fits.map((pick) => pick.lot)).size > 1
  if (meant !== undefined) return unsure ? undefined : meant
  const tracked = line.picks.some((pick) => pick.lot !== null)
  if (place === null || (tracked && lot === undefined)) return undefined
  // Another place than was suggested; the ledger says whether enough is free there.
  return { location: place, lot: lot ?? null, expiresOn: null, pickSequence: 0, quantity: nothing, picked: null }
}

/** The lot that a scan names. A plain text names one only where the line has it. */
function lotMeant(line: DeliveryLine, scan: Scan): string | undefined {
  if (scan.isGs1 || line.picks.some((pick) => pick.lot === scan.lot)) return scan.lot
  return undefined
}

function leftOf(line: DeliveryLine): bigint {
  return (line.needed ?? 0n) - pickedOf(line)
}

function packOf(line: DeliveryLine, { scan, catalog, carriers, quantity: given }: GoodsScan): Quantity {
  if (given !== undefined) return given
  const product = catalog.products.get(line.sku) ?? carriers.find((each) => each.sku === line.sku)
  const unit = product?.barcodes.find((barcode) => scan.barcodes.includes(barcode.code))?.unit
  const one = quantity(1_000_000n)
  if (product === undefined || unit === undefined) return one
  const toBase = ratioToBase(product, unit, catalog.units)
  return toBase === undefined ? one : convert(one, toBase, product.unitDecimals)
}

function whyNothing(
  delivery: Delivery,
  found: readonly { readonly line: DeliveryLine; readonly pick: Pick | undefined }[],
  { scan }: GoodsScan,
): Refusal {
  const line = found[0]?.line
  if (line === undefined) return wrong(`Nothing on ${delivery.number} is known by the code "${scan.text}"`)
  if (found.every((each) => leftOf(each.line) <= 0n)) return wrong(`All ${line.sku} for ${delivery.number} is picked`)
  const places = [
    ...new Set(line.picks.map((pick) => `${pick.location}${pick.lot === null ? '' : `, lot ${pick.lot}`}`)),
  ]
  if (scan.lot !== undefined && scan.isGs1)
    return wrong(`Lot ${scan.lot} of ${line.sku} is not the one: take ${places.join(' or ')}`)
  return wrong(`${line.sku} is kept in lots: scan the lot, or first the place; suggested: ${places.join(' or ')}`)
}

function wantedText(delivery: Delivery): string {
  const open = delivery.lines.filter((line) => leftOf(line) > 0n).map((line) => line.sku)
  return open.length === 0 ? 'nothing more' : open.slice(0, 5).join(', ')
}

function wrong(detail: string): Refusal {
  return refuse('scan-wrong', 'content', `${detail}.`, at(detail))
}

function at(message: string): readonly { readonly pointer: string; readonly message: string }[] {
  return [{ pointer: '/code', message }]
}
