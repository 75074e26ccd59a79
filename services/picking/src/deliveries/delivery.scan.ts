/** What a scan means for a delivery: the location of the scans that follow, or one more pack of a line. Pure. */
import { convert, formatQuantity, least, minus, parseQuantity, plus, type Quantity } from '@stockline/amounts'
import { countedIn } from '@stockline/scans'
import { isRefusal, refuse, type Refusal } from '@stockline/service-kit/refusal'
import type { Decided, Facts } from '../documents/document.decide.ts'
import { isWithin, type LocationScope } from '@stockline/contracts/locations'
import { locationFault, type Location } from '../locations/location.ts'
import { isFault, oneUnit, ratioToBase, toBaseQuantity, type ReferenceData, type Product } from '../products/product.ts'
import type { Scan } from '../scans/scan.ts'
import { enterPicks, pickable, pickedText, type Picks } from './delivery.pick.ts'
import { openOf } from './delivery.reserve.ts'
import { isPicked, leftOf, nothing, type Delivery, type DeliveryLine, type Pick as PlannedPick } from './delivery.ts'

/** A scan of goods, and the reference data that it needs. */
export interface GoodsScan {
  readonly scan: Scan
  /** The products on the delivery. */
  readonly referenceData: ReferenceData
  /** Other products that have the scanned barcode: a refusal names them. */
  readonly others: readonly Product[]
  /** In the base unit; undefined is one pack of the scanned barcode. */
  readonly quantity: Quantity | undefined
  /** What is done with the goods: what is left of a line is what is not. `picked` where it is left out. */
  readonly done?: 'picked' | 'packed'
}

/** A line that a scan may mean, and where it would be taken. */
interface Candidate {
  readonly line: DeliveryLine
  readonly product: Product
  readonly source: Source | undefined
}

/** A location and lot, and what is picked there already. */
type Source = Pick<PlannedPick, 'location' | 'lot' | 'expiresOn' | 'picked'>

/** Sets the location for the scans that follow. */
export function scanPlace(delivery: Delivery, place: Location, scope: LocationScope): Decided<Delivery> {
  const early = pickable(delivery)
  if (early !== undefined) return early
  const fault = isWithin(scope, place.code)
    ? locationFault(delivery.warehouse, place.code, place)
    : `location "${place.code}" is not among your locations`
  if (fault !== undefined) return wrongScan(`Not here: ${fault}`)
  return { document: { ...delivery, scanLocation: place.code }, notes: [] }
}

/** Enters the picks that a scan of goods confirms. */
export function scanGoods(delivery: Delivery, picks: Picks, { text }: Scan, known: Facts): Decided<Delivery> {
  const document = enterPicks(delivery, picks, known)
  if (isRefusal(document)) return asScanRefusal(document)
  return { document, notes: [{ what: 'picked', why: `scanned ${readable(text)}: ${pickedText(picks)}` }] }
}

/** The picks that a scan of goods confirms: what was picked there before, and one pack more. Several, where no line takes it whole. */
export function goodsScanned(delivery: Delivery, goods: GoodsScan): Picks | Refusal {
  const early = pickable(delivery)
  if (early !== undefined) return early
  const lines = linesScanned(delivery, goods.scan, goods.referenceData)
  if (lines.length === 0) return notWanted(delivery, goods)
  const skus = [...new Set(lines.map((line) => line.sku))]
  if (skus.length > 1)
    return wrongScan(`"${readable(goods.scan.text)}" may be of ${skus.join(' or of ')}: scan the product`)
  const candidates = lines.flatMap((line): readonly Candidate[] => {
    const product = goods.referenceData.products.get(line.sku)
    return product === undefined ? [] : [{ line, product, source: sourceFor(line, product, delivery, goods.scan) }]
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

/** The unit of the scanned barcode: the product's own, where it has none. */
function packUnitOf(product: Product, scan: Scan): string {
  return product.barcodes.find((barcode) => scan.barcodes.includes(barcode.code))?.unit ?? product.unit
}

/** The units that a scan of the product counts in: that of its barcode, and those on the label. */
export function unitsScanned(product: Product, scan: Scan): readonly string[] {
  const pack = packUnitOf(product, scan)
  return [pack, ...measuresOf(scan, pack).map(({ unit }) => unit)]
}

/** Quantities on a label, in the units in which they count. */
function measuresOf({ goods }: Scan, pack: string) {
  if (goods?.quantities === undefined) return []
  return goods.quantities.map((measure) => ({
    printed: `${measure.value} ${measure.unit}`,
    amount: parseQuantity(measure.value),
    unit: countedIn(measure, goods, pack),
  }))
}

/** A request to scan has a code and a quantity, and no picks: faults of picks are reported there. */
function asScanRefusal(refusal: Refusal): Refusal {
  const { errors = [] } = refusal
  const [first] = errors
  if (first === undefined) return refusal
  const messages = [...new Set(errors.map(({ message }) => message))]
  return wrongScan(
    `This cannot be picked: ${messages.join('; ')}`,
    first.pointer.endsWith('/picked') ? '/quantity' : '/code',
  )
}

function wrongScan(detail: string, pointer = '/code'): Refusal {
  return refuse('scan-wrong', 'content', `${detail}.`, [{ pointer, message: detail }])
}

/** A candidate of which something is left to pick, and how much of the scan goes there. */
type Taken = Candidate & { readonly source: Source; readonly amount: Quantity }

function confirmed(delivery: Delivery, candidates: readonly Candidate[], goods: GoodsScan): Picks | Refusal {
  const open = openAmong(candidates, goods)
  const [first] = open
  if (first === undefined) return whyNothing(delivery, candidates, goods)
  const pack = packOf(first.product, goods)
  if (typeof pack === 'string') return wrongScan(pack)
  const taken = spread(open, pack)
  for (const each of taken) {
    const wrong = faultOf(each, goods.scan)
    if (wrong !== undefined) return wrongScan(wrong)
  }
  if (sumOf(taken) < pack) {
    const { line, product } = first
    const where = open.length === 1 ? `Line ${line.line} of ${delivery.number} needs` : `All lines of ${delivery.number} need` // prettier-ignore
    const left = goods.done === 'packed' ? `Of ${delivery.number} there are picked and not packed` : where
    return wrongScan(
      `${left} only ${formatQuantity(sumOf(open))} ${product.unit} more of ${line.sku}; this would be ${formatQuantity(pack)}`,
      goods.quantity === undefined ? '/code' : '/quantity',
    )
  }
  return taken.map(({ line, source, amount }) => ({
    line: line.line,
    location: source.location,
    ...(source.lot === null ? {} : { lot: source.lot }),
    picked: formatQuantity(plus(source.picked ?? nothing, amount)),
  }))
}

function sumOf(amounts: readonly { readonly amount: Quantity }[]): Quantity {
  return amounts.reduce((sum, { amount }) => plus(sum, amount), nothing)
}

/** Candidates with something left to pick, all of it; first those whose line is in the unit that was scanned. */
function openAmong(candidates: readonly Candidate[], { scan, quantity: given }: GoodsScan): readonly Taken[] {
  const open = candidates.flatMap(({ line, product, source }): readonly Taken[] =>
    source === undefined || leftOf(line) <= 0n ? [] : [{ line, product, source, amount: leftOf(line) }],
  )
  const isInUnit = ({ line, product }: Taken): boolean =>
    line.unit === (given === undefined ? packUnitOf(product, scan) : product.unit)
  return [...open.filter(isInUnit), ...open.filter((each) => !isInUnit(each))]
}

/** The first line that takes all of it; else all lines in their order, until nothing of it is left. */
function spread(open: readonly Taken[], pack: Quantity): readonly Taken[] {
  const whole = open.find(({ amount }) => pack <= amount)
  if (whole !== undefined) return [{ ...whole, amount: pack }]
  let rest = pack
  return open.flatMap((each) => {
    const amount = least(each.amount, rest)
    rest = minus(rest, amount)
    return amount > 0n ? [{ ...each, amount }] : []
  })
}

function faultOf({ line, product, source }: Taken, scan: Scan): string | undefined {
  if (product.tracking === 'serial' && isPicked(source))
    return `Serial number ${source.lot ?? ''} of ${line.sku} is picked already`
  return product.tracking === 'none' ? undefined : otherDates(source, scan)
}

/** Where it would be taken: at the scanned location, of the scanned lot; of several the first with something left to take. */
function sourceFor(line: DeliveryLine, product: Product, delivery: Delivery, scan: Scan): Source | undefined {
  const place = delivery.scanLocation
  const lot = lotMeant(line, product, scan)
  const fits = line.picks.filter(
    (pick) => (place === null || pick.location === place) && (lot === undefined || pick.lot === lot),
  )
  const meant = fits.find((pick) => openOf(pick) > 0n) ?? fits[0]
  // The code does not name the lot, and there are several.
  if (lot === undefined && new Set(fits.map((pick) => pick.lot)).size > 1) return undefined
  if (meant !== undefined || place === null) return meant
  // Another location than was suggested, where the lot is a suggested one. Stock decides whether it can be taken there.
  if (product.tracking === 'none') return { location: place, lot: null, expiresOn: null, picked: null }
  const same = line.picks.find((pick) => pick.lot === lot)
  return same && { ...same, location: place, picked: null }
}

/** The lot or serial number that a scan names for a line. A plain text names one only where the line has it. */
function lotMeant(line: DeliveryLine, product: Product, { goods, text }: Scan): string | undefined {
  if (product.tracking === 'none') return undefined
  if (line.picks.some((pick) => pick.lot === text)) return text
  return product.tracking === 'serial' ? (goods?.serial ?? goods?.lot) : goods?.lot
}

/** The lot has one date; a label may have one by which it is best, one from which it is not to be used, or both. */
function otherDates({ lot, expiresOn }: Source, { goods }: Scan): string | undefined {
  const printed = [
    goods?.expiresOn === undefined ? undefined : `expiry ${goods.expiresOn}`,
    goods?.bestBefore === undefined ? undefined : `best before ${goods.bestBefore}`,
  ].filter((date) => date !== undefined)
  if (printed.length === 0 || expiresOn === null || printed.some((date) => date.endsWith(expiresOn))) return undefined
  return `Lot ${lot ?? ''} expires on ${expiresOn}; the label says ${printed.join(' and ')}`
}

/** How much one scan is, or why that is not known: the quantity given, the one on the label, or one pack. */
function packOf(product: Product, { scan, referenceData: { units }, quantity: given }: GoodsScan): Quantity | string {
  if (given !== undefined) return given
  const unit = packUnitOf(product, scan)
  const toBase = ratioToBase(product, unit, units)
  if (toBase === undefined) return `How much of ${product.sku} is in a ${unit} is not known`
  const measures = measuresOf(scan, unit)
  if (measures.length === 0) return convert(oneUnit, toBase, product.unitDecimals)
  const faults: string[] = []
  for (const measure of measures) {
    const base = toBaseQuantity(product, measure.amount, measure.unit, units)
    if (!isFault(base)) return base
    faults.push(base.fault)
  }
  const printed = measures.map((measure) => measure.printed).join(', ')
  return `The label says ${printed}: ${faults.slice(0, 1).join('')}. Say the quantity in ${product.unit}`
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

function whyNothing(delivery: Delivery, candidates: readonly Candidate[], { scan, done }: GoodsScan): Refusal {
  const [first] = candidates
  if (first === undefined) return wrongScan(`Nothing on ${delivery.number} is known by that code`)
  const { line, product } = first
  if (done === 'packed' && candidates.every((each) => leftOf(each.line) <= 0n))
    return wrongScan(`All ${line.sku} that is picked for ${delivery.number} is packed`)
  if (candidates.every((each) => leftOf(each.line) <= 0n))
    return wrongScan(`All ${line.sku} for ${delivery.number} is picked`)
  const lot = lotMeant(line, product, scan)
  const kind = product.tracking === 'serial' ? 'serial number' : 'lot'
  if (lot !== undefined && line.picks.every((pick) => pick.lot !== lot))
    return wrongScan(`${line.sku} of ${kind} ${lot} is not the one: ${suggested(line, done)}`)
  if (product.tracking === 'none') return wrongScan(`No place is suggested for ${line.sku}: scan the place first`)
  const orPlace = done === 'packed' ? '' : ', or first the place'
  return wrongScan(`${line.sku} is kept by ${kind}: scan the ${kind}${orPlace}; ${suggested(line, done)}`)
}

function suggested(line: DeliveryLine, done: GoodsScan['done']): string {
  if (done === 'packed') {
    const lots = line.picks.map((pick) => pick.lot ?? '')
    return lots.length === 0 ? 'nothing of it is left to pack' : `left to pack is ${lots.slice(0, 5).join(' or ')}`
  }
  const places = line.picks.map((pick) => `${pick.location}${pick.lot === null ? '' : `, ${pick.lot}`}`)
  return places.length === 0
    ? 'nothing of it is reserved'
    : `take it from ${[...new Set(places)].slice(0, 5).join(' or ')}`
}

function wantedText(delivery: Delivery): string {
  const open = [...new Set(delivery.lines.filter((line) => leftOf(line) > 0n).map((line) => line.sku))]
  return open.length === 0 ? 'nothing more' : open.slice(0, 5).join(', ')
}

/** The separators of a GS1 code are not printable. */
function readable(text: string): string {
  return text.replaceAll('\u001d', '<GS>')
}

/** A refusal puts the full stop itself. */
function withoutStop(sentence: string): string {
  return sentence.replace(/\.$/, '')
}
