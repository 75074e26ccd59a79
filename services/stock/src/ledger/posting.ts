/**
 * One document against the working set: every line is checked and moved in order, all faults are found at once, and a
 * document with a fault leaves no trace.
 */
import { formatQuantity, isWholeAt, quantity as asQuantity } from '@stockline/amounts'
import type { LineFault, Posting, PostingLine } from './request.ts'
import { type Lot, type Location, type Product, virtualLocations } from './reference.ts'
import { type Move, moveIds } from './move.ts'
import { hasExpired } from './available.ts'
import { type WorkingSet, addLot, forgetQuant, lotOf, quantOf, addToSupply } from './working-set.ts'
import { unreservedOf, setBalance } from './quant.ts'
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
export function applyLines(workingSet: WorkingSet, posting: Posting, position: bigint): Applied | readonly LineFault[] {
  const applied: Applied = { moves: [], lots: [], decreased: new Set(), increased: new Set(), undo: [] }
  const idOf = moveIds(workingSet.recordedAt, position)
  const faults: LineFault[] = []
  for (const line of posting.lines) {
    const before = faults.length
    const fault =
      posting.restored === undefined
        ? (code: string, message: string) => addFault(faults, line.documentLine ?? line.line, code, message)
        : notJudged
    const product = productFor(workingSet, posting, line, fault)
    const location = locationFor(workingSet, posting, line, fault)
    if (product === undefined || location === undefined) continue
    checkQuantity(line, product, fault)
    const lot = lotFor(workingSet, posting, line, product, () => idOf(line.line), applied, fault)
    checkExpiry(workingSet, posting, lot ?? null, fault)
    if (faults.length > before || lot === undefined) continue
    moveLine(workingSet, posting, line, product, location, lot, applied, fault)
  }
  if (posting.restored !== undefined && applied.moves.length < posting.lines.length)
    throw new Error(`${posting.number} cannot be restored: a product, a location or a lot that it names is not known.`)
  if (faults.length === 0) return applied
  for (const takeBack of applied.undo.reverse()) takeBack()
  return faults
}

/** What is wrong with a document's lines, as if it were posted now; the working set stays as it is. */
export function judgeLines(workingSet: WorkingSet, posting: Posting): readonly LineFault[] {
  const applied = applyLines(workingSet, posting, workingSet.position + 1n)
  if (!('moves' in applied)) return applied
  for (const takeBack of applied.undo.reverse()) takeBack()
  return []
}

type Fault = (code: string, message: string) => void

/** What was posted once is not refused when it is restored. */
const notJudged: Fault = () => undefined

/** Several picks or entries of one line of the document have its number, and may have the same fault: it is listed once. */
function addFault(faults: LineFault[], line: number, code: string, message: string): void {
  const known = faults.some((one) => one.line === line && one.code === code && one.message === message)
  if (!known) faults.push({ line, code, message })
}

/** Does this line add to its location? */
function addsTo(posting: Posting, line: PostingLine): boolean {
  return posting.kind === 'adjustment' ? line.quantity > 0n : posting.kind !== 'delivery'
}

function productFor(workingSet: WorkingSet, posting: Posting, line: PostingLine, fault: Fault): Product | undefined {
  const product = workingSet.products.get(line.sku)
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

function locationFor(workingSet: WorkingSet, posting: Posting, line: PostingLine, fault: Fault): Location | undefined {
  const location = workingSet.locations.get(line.location)
  if (location === undefined) fault('unknown-location', `There is no location ${line.location}.`)
  else if (location.type !== 'internal') fault('location-not-internal', `${line.location} does not hold own stock.`)
  else if (!location.active) fault('location-inactive', `${line.location} is no longer active.`)
  else if (posting.warehouse !== null && location.warehouse !== posting.warehouse)
    fault('location-elsewhere', `${line.location} is not in warehouse ${posting.warehouse}.`)
  return location
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
function checkExpiry(workingSet: WorkingSet, posting: Posting, lot: Lot | null, fault: Fault): void {
  if (posting.kind !== 'delivery' || lot === null) return
  const shippedOn = posting.effectiveAtStated
    ? new Date(posting.effectiveAt).toISOString().slice(0, 10)
    : workingSet.today
  if (hasExpired(lot, shippedOn < workingSet.today ? shippedOn : workingSet.today))
    fault('lot-expired', `Lot ${lot.code} expired on ${lot.expiresOn ?? ''}: it cannot be shipped.`)
}

/** The lot: null for an untracked product, undefined with a fault. Goods that come in may bring a new one. */
function lotFor(
  workingSet: WorkingSet,
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
  const known = lotOf(workingSet, product, line.lot)
  if (known !== undefined) return withExpiry(workingSet, line, known, applied, fault)
  if (!addsTo(posting, line)) {
    fault('unknown-lot', `${product.sku} has no lot ${line.lot}.`)
    return undefined
  }
  return newLot(workingSet, line, product, line.lot, newId(), applied)
}

function newLot(
  workingSet: WorkingSet,
  line: PostingLine,
  product: Product,
  code: string,
  id: string,
  applied: Applied,
): Lot {
  const lot = { id, productId: product.id, code, expiresOn: line.expiresOn, onHand: 0n }
  addLot(workingSet, lot)
  applied.lots.push(lot)
  applied.undo.push(() => workingSet.lots.get(product.id)?.delete(code))
  return lot
}

/** A lot's expiry stands once it was said. */
function withExpiry(workingSet: WorkingSet, line: PostingLine, lot: Lot, applied: Applied, fault: Fault): Lot {
  if (line.expiresOn === null || line.expiresOn === lot.expiresOn) return lot
  if (lot.expiresOn !== null) {
    fault('lot-expires-otherwise', `Lot ${lot.code} expires on ${lot.expiresOn}, not on ${line.expiresOn}.`)
    return lot
  }
  setExpiry(workingSet, lot, line.expiresOn)
  applied.lots.push(lot)
  applied.undo.push(() => setExpiry(workingSet, lot, null))
  return lot
}

function setExpiry(workingSet: WorkingSet, lot: Lot, expiresOn: string | null): void {
  lot.expiresOn = expiresOn
  for (const quant of workingSet.quants.get(lot.productId)?.values() ?? [])
    if (quant.lot === lot) addToSupply(workingSet, quant)
}

function moveLine(
  workingSet: WorkingSet,
  posting: Posting,
  line: PostingLine,
  product: Product,
  location: Location,
  lot: Lot | null,
  applied: Applied,
  fault: Fault,
): void {
  const adds = addsTo(posting, line)
  const quantity = line.quantity < 0n ? -line.quantity : line.quantity
  const here = openQuant(workingSet, product, location, lot, line, applied)
  // A serial number is never below zero, whatever the location allows.
  const mayBeNegative = location.allowNegative && product.tracking !== 'serial'
  const isJudged = posting.restored === undefined
  if (isJudged && (adds ? !hasRoom(here, quantity, fault) : !mayBeNegative && !isThere(posting, here, quantity, fault)))
    return
  const beyond = openQuant(workingSet, product, otherSide(workingSet, posting), lot, line, applied)
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
    from: adds ? beyond.location : here.location,
    to: adds ? here.location : beyond.location,
    passThrough: line.passThrough,
  })
}

/** A serial number is in stock once, and a balance has its limit. */
function hasRoom(quant: Quant, quantity: bigint, fault: Fault): boolean {
  const { product, location, lot } = quant
  if (product.tracking === 'serial' && lot !== null && lot.onHand !== 0n) {
    fault('serial-on-hand', `Serial number ${lot.code} of ${product.sku} is in stock already.`)
    return false
  }
  if (quant.onHand + quantity >= balanceLimit) {
    fault('balance-too-large', `${location.code} cannot hold that much of ${product.sku}.`)
    return false
  }
  return true
}

/** A delivery takes what no other demand has reserved; an adjustment takes what is gone, reserved or not. */
function isThere(posting: Posting, quant: Quant, quantity: bigint, fault: Fault): boolean {
  const what = `${quant.product.sku}${quant.lot === null ? '' : ` of lot ${quant.lot.code}`} at ${quant.location.code}`
  if (quant.onHand < quantity) {
    fault(
      'not-enough-stock',
      `${formatQuantity(asQuantity(quantity))} of ${what} are wanted, ${shown(quant.onHand)} there.`,
    )
    return false
  }
  if (posting.kind === 'delivery' && unreservedOf(quant) < quantity) {
    fault(
      'reserved-for-others',
      `${formatQuantity(asQuantity(quantity))} of ${what} are wanted, ${shown(unreservedOf(quant))} not reserved for other deliveries.`,
    )
    return false
  }
  return true
}

function shown(q: bigint): string {
  return `${formatQuantity(asQuantity(q))} ${q === oneUnit ? 'is' : 'are'}`
}

function otherSide(workingSet: WorkingSet, posting: Posting): Location {
  const code = {
    receipt: virtualLocations.vendor,
    delivery: virtualLocations.customer,
    opening: virtualLocations.opening,
    adjustment: virtualLocations.loss,
  }[posting.kind]
  const location = workingSet.locations.get(code)
  if (location === undefined) throw new Error(`The virtual location ${code} was not loaded.`)
  return location
}

function openQuant(
  workingSet: WorkingSet,
  product: Product,
  location: Location,
  lot: Lot | null,
  line: PostingLine,
  applied: Applied,
): Quant {
  const known = workingSet.quants.get(product.id)?.size ?? 0
  const quant = quantOf(workingSet, product, location, lot, line.status)
  if ((workingSet.quants.get(product.id)?.size ?? 0) > known) applied.undo.push(() => forgetQuant(workingSet, quant))
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
  if (quant.location.type !== 'internal') return
  if (quant.onHand === 0n) setArrival(quant, null)
  else if (onHand === 0n) setArrival(quant, at)
}

function setArrival(quant: Quant, at: number | null): void {
  if (quant.arrivedAt === at) return
  quant.arrivedAt = at
  if (quant.supply !== null) quant.supply.sorted = false
}
