/** What a scan means for a delivery: the place for what follows, or one more pack of a line. The wrong thing says why. Pure. */
import { convert, formatQuantity, parseQuantity, quantity, type Quantity } from '@stockline/amounts'
import { countedIn } from '@stockline/scans'
import { isRefusal, refuse, type Refusal } from '@stockline/service-kit/refusal'
import type { Decided, Facts } from '../documents/document.decide.ts'
import { isWithin, type LocationScope } from '@stockline/contracts/locations'
import type { Location } from '../locations/location.ts'
import { isFault, ratioToBase, toBaseQuantity, type ReferenceData, type Product } from '../products/product.ts'
import type { Scan } from '../scans/scan.ts'
import { enterPicks, oneUnit, pickable, pickedText, pickPlaceFault, type GivenPick } from './delivery.pick.ts'
import { openOf } from './delivery.reserve.ts'
import { nothing, pickedOf, type Delivery, type DeliveryLine, type Pick } from './delivery.ts'

/** A scan of goods, and what is known of it. */
export interface GoodsScan {
  readonly scan: Scan
  /** The products on the delivery. */
  readonly referenceData: ReferenceData
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

/** Sets the place for the scans that follow. */
export function scanPlace(delivery: Delivery, place: Location, scope: LocationScope): Decided<Delivery> {
  const early = pickable(delivery)
  if (early !== undefined) return early
  const fault = isWithin(scope, place.code)
    ? pickPlaceFault(delivery.warehouse, place.code, place)
    : `location "${place.code}" is not among your locations`
  if (fault !== undefined) return wrongScan(`Not here: ${fault}`)
  return { document: { ...delivery, scanLocation: place.code }, notes: [] }
}

/** Enters the picks that a scan of goods confirms. */
export function scanGoods(
  delivery: Delivery,
  picks: readonly GivenPick[],
  { text }: Scan,
  known: Facts,
): Decided<Delivery> {
  const document = enterPicks(delivery, picks, known)
  if (isRefusal(document)) return asScanRefusal(document)
  return { document, notes: [{ what: 'picked', why: `scanned ${readable(text)}: ${pickedText(picks)}` }] }
}

/** The picks that a scan of goods confirms: what was picked there before, and one pack more. Several, where no line takes it whole. */
export function goodsScanned(delivery: Delivery, goods: GoodsScan): readonly GivenPick[] | Refusal {
  const early = pickable(delivery)
  if (early !== undefined) return early
  const lines = linesScanned(delivery, goods.scan, goods.referenceData)
  if (lines.length === 0) return notWanted(delivery, goods)
  const skus = [...new Set(lines.map((line) => line.sku))]
  if (skus.length > 1)
    return wrongScan(`"${readable(goods.scan.text)}" may be of ${skus.join(' or of ')}: scan the product`)
  const candidates = lines.flatMap((line): readonly Candidate[] => {
    const product = goods.referenceData.products.get(line.sku)
    return product === undefined ? [] : [{ line, product, pick: pickFor(line, product, delivery, goods.scan) }]
  })
  return confirmed(delivery, candidates, goods)
}

/**
 * The lines that a scan may mean, by the first of these rules that fits any: the code is literally a sku or a stored barcode; it is
 * literally a lot or serial number; it has the GTIN of a product; it names a lot or serial number, and no product.
 */
export function linesScanned(delivery: Delivery, scan: Scan, referenceData: ReferenceData): readonly DeliveryLine[] {
  const { text, goods, barcodes } = scan
  const isOf = (line: DeliveryLine, codes: readonly string[]): boolean =>
    referenceData.products.get(line.sku)?.barcodes.some((barcode) => codes.includes(barcode.code)) === true
  const hasLot = (line: DeliveryLine, lots: readonly (string | undefined)[]): boolean =>
    line.picks.some((pick) => pick.lot !== null && lots.includes(pick.lot))
  const rules: readonly ((line: DeliveryLine) => boolean)[] = [
    (line) => line.sku === text || isOf(line, [text]),
    (line) => hasLot(line, [text]),
    (line) => isOf(line, barcodes),
    (line) => goods?.gtins.length === 0 && hasLot(line, [goods.serial, goods.lot]),
  ]
  for (const fits of rules) {
    const lines = delivery.lines.filter(fits)
    if (lines.length > 0) return lines
  }
  return []
}

/** The unit that a scanned barcode stands for; undefined where it is the product's own. */
function packUnitOf(product: Product, scan: Scan): string | undefined {
  return product.barcodes.find((barcode) => scan.barcodes.includes(barcode.code))?.unit
}

/** The units that a scan of the product counts in: the one that its barcode stands for, and those on the label. */
export function unitsScanned(product: Product, scan: Scan): readonly string[] {
  const pack = packUnitOf(product, scan) ?? product.unit
  const { goods } = scan
  return goods === undefined
    ? [pack]
    : [pack, ...(goods.quantities ?? []).map((measure) => countedIn(measure, goods, pack))]
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

function wrongScan(detail: string, pointer = '/code'): Refusal {
  return refuse('scan-wrong', 'content', `${detail}.`, [{ pointer, message: detail }])
}

/** A candidate that something can be taken for, and how much of the scan is. */
interface Part extends Candidate {
  readonly pick: Pick
  readonly amount: bigint
}

function confirmed(
  delivery: Delivery,
  candidates: readonly Candidate[],
  goods: GoodsScan,
): readonly GivenPick[] | Refusal {
  const open = openParts(candidates, goods)
  const [first] = open
  if (first === undefined) return whyNothing(delivery, candidates, goods.scan)
  const pack = packOf(first.product, goods)
  if (typeof pack === 'string') return wrongScan(pack)
  const parts = partsOf(open, pack)
  for (const part of parts) {
    const wrong = partFault(part, goods.scan)
    if (wrong !== undefined) return wrongScan(wrong)
  }
  const left = parts.reduce((sum, { amount }) => sum + amount, 0n)
  if (left < pack) return tooMuch(delivery, open, pack, goods)
  return parts.map(({ line, pick, amount }) => ({
    line: line.line,
    location: pick.location,
    ...(pick.lot === null ? {} : { lot: pick.lot }),
    picked: formatQuantity(quantity((pick.picked ?? nothing) + amount)),
  }))
}

/** Candidates with something left to pick, all of it; first those whose line is in the unit that was scanned. */
function openParts(candidates: readonly Candidate[], { scan, quantity: given }: GoodsScan): readonly Part[] {
  const open = candidates.flatMap(({ line, product, pick }): readonly Part[] =>
    pick === undefined || leftOf(line) <= 0n ? [] : [{ line, product, pick, amount: leftOf(line) }],
  )
  const isInUnit = ({ line, product }: Part): boolean =>
    line.unit === (given === undefined ? (packUnitOf(product, scan) ?? product.unit) : product.unit)
  return [...open.filter(isInUnit), ...open.filter((part) => !isInUnit(part))]
}

/** The first line that takes all of it; else all lines in their order, until nothing of it is left. */
function partsOf(open: readonly Part[], pack: bigint): readonly Part[] {
  const whole = open.find(({ amount }) => pack <= amount)
  if (whole !== undefined) return [{ ...whole, amount: pack }]
  let rest = pack
  return open.flatMap((part) => {
    const amount = part.amount < rest ? part.amount : rest
    rest -= amount
    return amount > 0n ? [{ ...part, amount }] : []
  })
}

function partFault({ line, product, pick }: Part, scan: Scan): string | undefined {
  if (product.tracking === 'serial' && (pick.picked ?? 0n) > 0n)
    return `Serial number ${pick.lot ?? ''} of ${line.sku} is picked already`
  return product.tracking === 'none' ? undefined : otherDates(pick, scan)
}

function tooMuch(delivery: Delivery, open: readonly Part[], pack: Quantity, { quantity: given }: GoodsScan): Refusal {
  const left = quantity(open.reduce((sum, { amount }) => sum + amount, 0n))
  const [first] = open
  const where = open.length === 1 ? `Line ${String(first?.line.line)} of ${delivery.number} needs` : `All lines of ${delivery.number} need` // prettier-ignore
  return wrongScan(
    `${where} only ${formatQuantity(left)} ${first?.product.unit ?? ''} more of ${first?.line.sku ?? ''}; this would be ${formatQuantity(pack)}`,
    given === undefined ? '/code' : '/quantity',
  )
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
function lotMeant(line: DeliveryLine, product: Product, { goods, text }: Scan): string | undefined {
  if (product.tracking === 'none') return undefined
  if (line.picks.some((pick) => pick.lot === text)) return text
  return product.tracking === 'serial' ? (goods?.serial ?? goods?.lot) : goods?.lot
}

/** The lot has one date; a label may have one by which it is best, one from which it is not to be used, or both. */
function otherDates(pick: Pick, { goods }: Scan): string | undefined {
  const printed = [
    goods?.expiresOn === undefined ? undefined : `expiry ${goods.expiresOn}`,
    goods?.bestBefore === undefined ? undefined : `best before ${goods.bestBefore}`,
  ].filter((date) => date !== undefined)
  const { expiresOn } = pick
  if (printed.length === 0 || expiresOn === null || printed.some((date) => date.endsWith(expiresOn))) return undefined
  return `Lot ${pick.lot ?? ''} expires on ${expiresOn}; the label says ${printed.join(' and ')}`
}

function leftOf(line: DeliveryLine): Quantity {
  return quantity((line.needed ?? 0n) - pickedOf(line))
}

/** What one scan stands for, or why it cannot be told: what was said, what the label says, or one pack. */
function packOf(product: Product, { scan, referenceData, quantity: given }: GoodsScan): Quantity | string {
  if (given !== undefined) return given
  const unit = packUnitOf(product, scan) ?? product.unit
  const toBase = ratioToBase(product, unit, referenceData.units)
  if (toBase === undefined) return `How much of ${product.sku} is in a ${unit} is not known`
  const { goods } = scan
  const measures = goods?.quantities ?? []
  if (goods === undefined || measures.length === 0) return convert(oneUnit, toBase, product.unitDecimals)
  const quantities = measures.map((measure) =>
    toBaseQuantity(product, parseQuantity(measure.value), countedIn(measure, goods, unit), referenceData.units),
  )
  const fitting = quantities.find((each) => !isFault(each))
  if (fitting !== undefined && !isFault(fitting)) return fitting
  const said = measures.map(({ value, unit: of }) => `${value} ${of}`).join(', ')
  const [fault] = quantities.filter(isFault)
  return `The label says ${said}: ${fault?.fault ?? ''}. Say the quantity in ${product.unit}`
}

function notWanted(delivery: Delivery, { scan, others }: GoodsScan): Refusal {
  const other = others[0]?.sku
  if (scan.wrong !== undefined) return wrongScan(`"${readable(scan.text)}" cannot be right: ${withoutStop(scan.wrong)}`)
  if (other !== undefined) return wrongScan(`${other} is not on ${delivery.number}: it wants ${wantedText(delivery)}`)
  const doubt = scan.doubt === undefined ? '' : `. ${withoutStop(scan.doubt)}`
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
function readable(text: string): string {
  return text.replaceAll('\u001d', '<GS>')
}

/** A refusal puts the full stop itself. */
function withoutStop(sentence: string): string {
  return sentence.replace(/\.$/, '')
}
