/**
 * One document against the picture: every line is checked and moved in order, all faults are found at once, and a
 * document with a fault leaves no trace.
 */
import { formatQuantity, isWholeAt, quantity as asQuantity } from '@stockline/amounts'
import type { LineFault, Posting, PostingLine } from './document.ts'
import { type Lot, type Place, type Product, virtualPlaces } from './facts.ts'
import { type Move, moveIds } from './move.ts'
import { hasExpired } from './available.ts'
import { type Picture, addLot, forgetQuant, lotOf, quantOf, shelve } from './picture.ts'
import { freeOf, setBalance } from './quant.ts'
import type { Quant } from './stock.ts'

/** What a document did: enough to save it, and to take it back. */
export interface Applied {
  readonly moves: Move[]
  readonly lots: Lot[]
  /** Internal quants that it took from. */
  readonly decreased: Set<Quant>
  readonly increased: Set<Quant>
  readonly undo: (() => void)[]
}

/** A balance holds 14 digits before the point. */
const balanceLimit = 10n ** 20n
const oneUnit = 1_000_000n

/** Applies a document's lines in order. With faults, nothing of it stays. */
export function applyLines(picture: Picture, posting: Posting, position: bigint): Applied | readonly LineFault[] {
  const applied: Applied = { moves: [], lots: [], decreased: new Set(), increased: new Set(), undo: [] }
  const idOf = moveIds(picture.recordedAt, position)
  const faults: LineFault[] = []
  for (const line of posting.lines) {
    const before = faults.length
    const fault =
      posting.restored === undefined
        ? (code: string, message: string) => addFault(faults, line.documentLine ?? line.line, code, message)
        : notJudged
    const product = productFor(picture, posting, line, fault)
    const place = placeFor(picture, posting, line, fault)
    if (product === undefined || place === undefined) continue
    checkQuantity(line, product, fault)
    const lot = lotFor(picture, posting, line, product, () => idOf(line.line), applied, fault)
    checkExpiry(picture, posting, lot ?? null, fault)
    if (faults.length > before || lot === undefined) continue
    moveLine(picture, posting, line, product, place, lot, applied, fault)
  }
  if (posting.restored !== undefined && applied.moves.length < posting.lines.length)
    throw new Error(`${posting.number} cannot be restored: a product, a location or a lot that it names is not known.`)
  if (faults.length === 0) return applied
  for (const takeBack of applied.undo.reverse()) takeBack()
  return faults
}

/** What is wrong with a document's lines, as if it were posted now; the picture stays as it is. */
export function judgeLines(picture: Picture, posting: Posting): readonly LineFault[] {
  const applied = applyLines(picture, posting, picture.position + 1n)
  if (!('moves' in applied)) return applied
  for (const takeBack of applied.undo.reverse()) takeBack()
  return []
}

type Fault = (code: string, message: string) => void

/** What was posted once is not refused when it is restored. */
const notJudged: Fault = () => undefined

/** Several picks or entries of one line of the document have its number, and may have the same fault: it is told once. */
function addFault(faults: LineFault[], line: number, code: string, message: string): void {
  const known = faults.some((one) => one.line === line && one.code === code && one.message === message)
  if (!known) faults.push({ line, code, message })
}

/** Does this line add to its location? */
function addsTo(posting: Posting, line: PostingLine): boolean {
  return posting.kind === 'adjustment' ? line.quantity > 0n : posting.kind !== 'delivery'
}

function productFor(picture: Picture, posting: Posting, line: PostingLine, fault: Fault): Product | undefined {
  const product = picture.products.get(line.sku)
  if (product === undefined) fault('unknown-product', `No product has the sku ${line.sku}.`)
  else if (product.type === 'service') fault('product-is-service', `${line.sku} is a service: it has no stock.`)
  else if (!product.active && addsTo(posting, line)) fault('product-inactive', `${line.sku} is no longer active.`)
  const otherUnit = product && otherUnitFault(line, product)
  if (otherUnit !== undefined) fault('unit-changed', otherUnit)
  return product
}

/** What was counted in the unit that the product had before is no quantity of it now. */
export function otherUnitFault(
  { unit }: Pick<PostingLine, 'unit'>,
  product: Pick<Product, 'sku' | 'unit'>,
): string | undefined {
  if (unit === undefined || unit === product.unit) return undefined
  return `${product.sku} is kept in ${product.unit} by now; this was counted in ${unit}.`
}

function placeFor(picture: Picture, posting: Posting, line: PostingLine, fault: Fault): Place | undefined {
  const place = picture.places.get(line.location)
  if (place === undefined) fault('unknown-location', `There is no location ${line.location}.`)
  else if (place.type !== 'internal') fault('location-not-internal', `${line.location} does not hold own stock.`)
  else if (!place.active) fault('location-inactive', `${line.location} is no longer active.`)
  else if (posting.warehouse !== null && place.warehouse !== posting.warehouse)
    fault('location-elsewhere', `${line.location} is not in warehouse ${posting.warehouse}.`)
  return place
}

function checkQuantity(line: PostingLine, product: Product, fault: Fault): void {
  const q = asQuantity(line.quantity)
  if (q === 0n) fault('quantity-is-zero', 'A quantity of zero moves nothing.')
  if (!isWholeAt(q, product.unitDecimals))
    fault(
      'quantity-too-precise',
      `${formatQuantity(q)} ${product.unit}: ${product.sku} is counted to ${String(product.unitDecimals)} decimals.`,
    )
  if (product.tracking === 'serial' && q !== oneUnit && q !== -oneUnit && q !== 0n)
    fault('serial-not-one', `A serial number is one piece of ${product.sku}, not ${formatQuantity(q)}.`)
}

/** Nobody ships what has expired: to say that it had not, a supervisor corrects the lot, or says when it was shipped. */
function checkExpiry(picture: Picture, posting: Posting, lot: Lot | null, fault: Fault): void {
  if (posting.kind !== 'delivery' || lot === null) return
  const shippedOn = posting.effectiveAtStated ? new Date(posting.effectiveAt).toISOString().slice(0, 10) : picture.today
  if (hasExpired(lot, shippedOn < picture.today ? shippedOn : picture.today))
    fault('lot-expired', `Lot ${lot.code} expired on ${lot.expiresOn ?? ''}: it cannot be shipped.`)
}

/** The lot: null for an untracked product, undefined with a fault. Goods that come in may bring a new one. */
function lotFor(
  picture: Picture,
  posting: Posting,
  line: PostingLine,
  product: Product,
  newId: () => string,
  applied: Applied,
  fault: Fault,
): Lot | null | undefined {
  if (product.tracking === 'none') {
    if (line.lot !== null || line.expiresOn !== null)
      fault('lot-not-tracked', `${product.sku} is not tracked by lot: leave lot and expiry out.`)
    return null
  }
  if (line.lot === null) {
    const what = product.tracking === 'lot' ? 'lot' : 'serial number'
    fault('lot-required', `${product.sku} is tracked: its ${what} is missing.`)
    return undefined
  }
  const known = lotOf(picture, product, line.lot)
  if (known !== undefined) return withExpiry(picture, line, known, applied, fault)
  if (!addsTo(posting, line)) {
    fault('unknown-lot', `${product.sku} has no lot ${line.lot}.`)
    return undefined
  }
  return newLot(picture, line, product, line.lot, newId(), applied)
}

function newLot(
  picture: Picture,
  line: PostingLine,
  product: Product,
  code: string,
  id: string,
  applied: Applied,
): Lot {
  const lot = { id, productId: product.id, code, expiresOn: line.expiresOn, onHand: 0n }
  addLot(picture, lot)
  applied.lots.push(lot)
  applied.undo.push(() => picture.lots.get(product.id)?.delete(code))
  return lot
}

/** A lot's expiry stands once it was said. */
function withExpiry(picture: Picture, line: PostingLine, lot: Lot, applied: Applied, fault: Fault): Lot {
  if (line.expiresOn === null || line.expiresOn === lot.expiresOn) return lot
  if (lot.expiresOn !== null) {
    fault('lot-expires-otherwise', `Lot ${lot.code} expires on ${lot.expiresOn}, not on ${line.expiresOn}.`)
    return lot
  }
  setExpiry(picture, lot, line.expiresOn)
  applied.lots.push(lot)
  applied.undo.push(() => setExpiry(picture, lot, null))
  return lot
}

function setExpiry(picture: Picture, lot: Lot, expiresOn: string | null): void {
  lot.expiresOn = expiresOn
  for (const quant of picture.quants.get(lot.productId)?.values() ?? []) if (quant.lot === lot) shelve(picture, quant)
}

function moveLine(
  picture: Picture,
  posting: Posting,
  line: PostingLine,
  product: Product,
  place: Place,
  lot: Lot | null,
  applied: Applied,
  fault: Fault,
): void {
  const adds = addsTo(posting, line)
  const quantity = line.quantity < 0n ? -line.quantity : line.quantity
  const here = openQuant(picture, product, place, lot, line, applied)
  // There is no less than no piece, whatever the place allows.
  const mayBeNegative = place.allowNegative && product.tracking !== 'serial'
  const isJudged = posting.restored === undefined
  if (isJudged && (adds ? !hasRoom(here, quantity, fault) : !mayBeNegative && !isThere(posting, here, quantity, fault)))
    return
  const beyond = openQuant(picture, product, otherSide(picture, posting), lot, line, applied)
  put(here, adds ? quantity : -quantity, posting.effectiveAt, applied)
  put(beyond, adds ? -quantity : quantity, posting.effectiveAt, applied)
  ;(adds ? applied.increased : applied.decreased).add(here)
  applied.moves.push({
    line: line.line,
    documentLine: line.documentLine,
    product,
    lot,
    status: line.status,
    packageId: here.packageId,
    quantity,
    from: adds ? beyond.place : here.place,
    to: adds ? here.place : beyond.place,
    carried: line.carried,
  })
}

/** A serial number is in stock once, and a balance has its limit. */
function hasRoom(quant: Quant, quantity: bigint, fault: Fault): boolean {
  const { product, place, lot } = quant
  if (product.tracking === 'serial' && lot !== null && lot.onHand !== 0n) {
    fault('serial-on-hand', `Serial number ${lot.code} of ${product.sku} is in stock already.`)
    return false
  }
  if (quant.onHand + quantity >= balanceLimit) {
    fault('balance-too-large', `${place.code} cannot hold that much of ${product.sku}.`)
    return false
  }
  return true
}

/** A delivery takes what nobody else has a claim on; an adjustment takes what is gone, claimed or not. */
function isThere(posting: Posting, quant: Quant, quantity: bigint, fault: Fault): boolean {
  const what = `${quant.product.sku}${quant.lot === null ? '' : ` of lot ${quant.lot.code}`} at ${quant.place.code}`
  if (quant.onHand < quantity) {
    fault(
      'not-enough-stock',
      `${formatQuantity(asQuantity(quantity))} of ${what} are wanted, ${shown(quant.onHand)} there.`,
    )
    return false
  }
  if (posting.kind === 'delivery' && freeOf(quant) < quantity) {
    fault(
      'reserved-for-others',
      `${formatQuantity(asQuantity(quantity))} of ${what} are wanted, ${shown(freeOf(quant))} not reserved for other deliveries.`,
    )
    return false
  }
  return true
}

function shown(q: bigint): string {
  return `${formatQuantity(asQuantity(q))} ${q === oneUnit ? 'is' : 'are'}`
}

function otherSide(picture: Picture, posting: Posting): Place {
  const code = {
    receipt: virtualPlaces.vendor,
    delivery: virtualPlaces.customer,
    opening: virtualPlaces.opening,
    adjustment: virtualPlaces.loss,
  }[posting.kind]
  const place = picture.places.get(code)
  if (place === undefined) throw new Error(`The virtual location ${code} was not loaded.`)
  return place
}

function openQuant(
  picture: Picture,
  product: Product,
  place: Place,
  lot: Lot | null,
  line: PostingLine,
  applied: Applied,
): Quant {
  const known = picture.quants.get(product.id)?.size ?? 0
  const quant = quantOf(picture, product, place, lot, line.status)
  if ((picture.quants.get(product.id)?.size ?? 0) > known) applied.undo.push(() => forgetQuant(picture, quant))
  return quant
}

/** Changes a balance. A quant has arrived when its on-hand left zero; later arrivals do not make it younger. */
function put(quant: Quant, change: bigint, at: number, applied: Applied): void {
  const { onHand, arrivedAt } = quant
  applied.undo.push(() => {
    setBalance(quant, onHand, quant.reserved)
    setArrival(quant, arrivedAt)
  })
  setBalance(quant, onHand + change, quant.reserved)
  if (quant.place.type !== 'internal') return
  if (quant.onHand === 0n) setArrival(quant, null)
  else if (onHand === 0n) setArrival(quant, at)
}

function setArrival(quant: Quant, at: number | null): void {
  if (quant.arrivedAt === at) return
  quant.arrivedAt = at
  if (quant.shelf !== null) quant.shelf.sorted = false
}
