/** What a scan means for a delivery: the place for what follows, or one more pack of a line. The wrong thing says why. Pure. */
import { convert, formatQuantity, quantity, type Quantity } from '@stockline/amounts'
import { refuse, type Refusal } from '@stockline/service-kit/refusal'
import { isWithin, type Location, type Scope } from '../locations/location.ts'
import { ratioToBase, type Catalog, type Product } from '../products/product.ts'
import type { Scan } from '../scans/scan.ts'
import { oneUnit, pickable, pickPlaceFault, type GivenPick } from './delivery.pick.ts'
import { openOf } from './delivery.reserve.ts'
import { nothing, pickedOf, type Delivery, type DeliveryLine, type Pick } from './delivery.ts'

/** A scan of goods, and what is known of it. */
export interface GoodsScan {
  readonly scan: Scan
  /** The products on the delivery. */
  readonly catalog: Catalog
  /** Other products that carry the scanned barcode, so that one can say what was scanned. */
  readonly others: readonly Product[]
  /** In the base unit; one pack of the scanned barcode where nobody said. */
  readonly quantity: Quantity | undefined
}

/** A line that a scan may mean, and the place and lot that it would be taken from. */
interface Candidate {
  readonly line: DeliveryLine
  readonly product: Product
  readonly pick: Pick | undefined
}

/** The delivery with the place set for the scans that follow. */
export function placeScanned(delivery: Delivery, place: Location, scope: Scope): Delivery | Refusal {
  const early = pickable(delivery)
  if (early !== undefined) return early
  const fault = isWithin(scope, place.code)
    ? pickPlaceFault(delivery.warehouse, place.code, place)
    : `location "${place.code}" is not among your locations`
  return fault === undefined ? { ...delivery, scanLocation: place.code } : wrongScan(`Not here: ${fault}`)
}

/** The pick that a scan of goods confirms: what was picked there before, and one pack more. */
export function goodsScanned(delivery: Delivery, goods: GoodsScan): GivenPick | Refusal {
  const early = pickable(delivery)
  if (early !== undefined) return early
  const lines = linesScanned(delivery, goods.scan, goods.catalog)
  if (lines.length === 0) return notWanted(delivery, goods)
  const candidates = lines.flatMap((line): readonly Candidate[] => {
    const product = goods.catalog.products.get(line.sku)
    return product === undefined ? [] : [{ line, product, pick: pickFor(line, product, delivery, goods.scan) }]
  })
  return confirmed(delivery, candidates, goods)
}

/** The lines that a scan may mean: of its product, else of its lot or serial number. */
export function linesScanned(delivery: Delivery, scan: Scan, catalog: Catalog): readonly DeliveryLine[] {
  const ofProduct = delivery.lines.filter((line) => {
    if (scan.gs1 === undefined && line.sku === scan.text) return true
    return catalog.products.get(line.sku)?.barcodes.some((barcode) => scan.barcodes.includes(barcode.code)) === true
  })
  if (ofProduct.length > 0 || scan.gs1?.gtin !== undefined) return ofProduct
  const lots = scan.gs1 === undefined ? [scan.text] : [scan.gs1.serial, scan.gs1.lot]
  return delivery.lines.filter((line) => line.picks.some((pick) => pick.lot !== null && lots.includes(pick.lot)))
}

/** The unit that a scanned barcode stands for; undefined where it is the product's own. */
export function packUnitOf(product: Product, scan: Scan): string | undefined {
  return product.barcodes.find((barcode) => scan.barcodes.includes(barcode.code))?.unit
}

/** A scan that is refused, and why. */
export function wrongScan(detail: string, pointer = '/code'): Refusal {
  return refuse('scan-wrong', 'content', `${detail}.`, [{ pointer, message: detail }])
}

function confirmed(delivery: Delivery, candidates: readonly Candidate[], goods: GoodsScan): GivenPick | Refusal {
  const open = candidates.filter(({ line, pick }) => pick !== undefined && leftOf(line) > 0n)
  const [first] = open
  if (first === undefined) return whyNothing(delivery, candidates, goods.scan)
  const pack = packOf(first.product, goods)
  if (pack === undefined)
    return wrongScan(
      `How much of ${first.line.sku} is in a ${packUnitOf(first.product, goods.scan) ?? 'pack'} is not known`,
    )
  const { line, product, pick } = open.find((each) => pack <= leftOf(each.line)) ?? first
  if (pick === undefined) return whyNothing(delivery, candidates, goods.scan)
  if (product.tracking === 'serial' && (pick.picked ?? 0n) > 0n)
    return wrongScan(`Serial number ${pick.lot ?? ''} of ${line.sku} is picked already`)
  const expiry = goods.scan.gs1?.expiresOn
  if (product.tracking !== 'none' && expiry !== undefined && pick.expiresOn !== null && expiry !== pick.expiresOn)
    return wrongScan(`Lot ${pick.lot ?? ''} expires on ${pick.expiresOn}; the label says ${expiry}`)
  if (pack > leftOf(line))
    return wrongScan(
      `Line ${line.line} of ${delivery.number} needs only ${formatQuantity(leftOf(line))} ${product.unit} more of ${line.sku}; this would be ${formatQuantity(pack)}`,
      goods.quantity === undefined ? '/code' : '/quantity',
    )
  const picked = formatQuantity(quantity((pick.picked ?? nothing) + pack))
  return { line: line.line, location: pick.location, ...(pick.lot === null ? {} : { lot: pick.lot }), picked }
}

/** The pick that is meant: at the scanned place, of the scanned lot; of several the first with something left to take. */
function pickFor(line: DeliveryLine, product: Product, delivery: Delivery, scan: Scan): Pick | undefined {
  const place = delivery.scanLocation
  const lot = lotMeant(line, product, scan)
  const fits = line.picks.filter(
    (pick) => (place === null || pick.location === place) && (lot === undefined || pick.lot === lot),
  )
  const meant = fits.find((pick) => openOf(pick) > 0n) ?? fits[0]
  // One of several lots was picked by a code that does not say which: it might be another.
  if (meant !== undefined && lot === undefined && new Set(fits.map((pick) => pick.lot)).size > 1) return undefined
  if (meant !== undefined || place === null) return meant
  // Another place than was suggested, if the lot is one of those; the ledger says whether enough is free there.
  const same = line.picks.find((pick) => pick.lot === lot)
  if (product.tracking !== 'none' && (lot === undefined || same === undefined)) return undefined
  const expiresOn = same?.expiresOn ?? null
  return { location: place, lot: lot ?? null, expiresOn, pickSequence: 0, quantity: nothing, picked: null }
}

/** The lot or serial number that a scan names for a line. A plain text names one only where the line has it. */
function lotMeant(line: DeliveryLine, product: Product, { gs1, text }: Scan): string | undefined {
  if (product.tracking === 'none') return undefined
  if (gs1 === undefined) return line.picks.some((pick) => pick.lot === text) ? text : undefined
  return product.tracking === 'serial' ? (gs1.serial ?? gs1.lot) : gs1.lot
}

function leftOf(line: DeliveryLine): Quantity {
  return quantity((line.needed ?? 0n) - pickedOf(line))
}

/** What one scan stands for; undefined where nobody told how much is in the pack. */
function packOf(product: Product, { scan, catalog, quantity: given }: GoodsScan): Quantity | undefined {
  if (given !== undefined) return given
  const toBase = ratioToBase(product, packUnitOf(product, scan) ?? product.unit, catalog.units)
  return toBase === undefined ? undefined : convert(oneUnit, toBase, product.unitDecimals)
}

function notWanted(delivery: Delivery, { scan, others }: GoodsScan): Refusal {
  const other = others[0]?.sku
  if (other !== undefined) return wrongScan(`${other} is not on ${delivery.number}: it wants ${wantedText(delivery)}`)
  const doubt = scan.doubt === undefined ? '' : `, and ${scan.doubt}`
  return wrongScan(
    `Nothing on ${delivery.number} is known by the code "${readable(scan.text)}": it wants ${wantedText(delivery)}${doubt}`,
  )
}

function whyNothing(delivery: Delivery, candidates: readonly Candidate[], scan: Scan): Refusal {
  const [first] = candidates
  if (first === undefined) return wrongScan(`Nothing on ${delivery.number} is known by that code`)
  const { line, product } = first
  if (candidates.every((each) => leftOf(each.line) <= 0n))
    return wrongScan(`All ${line.sku} for ${delivery.number} is picked`)
  const lot = lotMeant(line, product, scan)
  const kind = product.tracking === 'serial' ? 'serial number' : 'lot'
  if (lot !== undefined && line.picks.every((pick) => pick.lot !== lot))
    return wrongScan(`${line.sku} of ${kind} ${lot} is not the one: ${suggested(line)}`)
  if (product.tracking === 'none') return wrongScan(`No place is suggested for ${line.sku}: scan the place first`)
  return wrongScan(`${line.sku} is kept by ${kind}: scan the ${kind}, or first the place; ${suggested(line)}`)
}

function suggested(line: DeliveryLine): string {
  const places = line.picks.map((pick) => `${pick.location}${pick.lot === null ? '' : `, ${pick.lot}`}`)
  return places.length === 0
    ? 'nothing of it is reserved'
    : `take it from ${[...new Set(places)].slice(0, 5).join(' or ')}`
}

function wantedText(delivery: Delivery): string {
  const open = [...new Set(delivery.lines.filter((line) => leftOf(line) > 0n).map((line) => line.sku))]
  return open.length === 0 ? 'nothing more' : open.slice(0, 5).join(', ')
}

/** The separators of a GS1 code are not to be seen. */
export function readable(text: string): string {
  return text.replaceAll('\u001d', '<GS>')
}
