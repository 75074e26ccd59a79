/**
 * One document against the working set: every line is checked and moved in order, all faults are found at once, and a
 * document with a fault leaves no trace.
 */
import { formatQuantity, isWholeAt, negative, plus, type Quantity } from '@stockline/amounts'
import type { DocumentKind, LocationType } from '@stockline/contracts'
import { isOwned } from '@stockline/contracts/locations'
import { unreservedOf } from '../availability/available.ts'
import { moveIds } from './move.ts'
import { pass } from '../transfers/in-transit.ts'
import { checkLot, lotAtEnd, lotFor } from './posting.lots.ts'
import { type Applied, bringsGoods, fault, type NamedLine, type Trial } from './posting.trial.ts'
import { setBalance } from './quant.ts'
import type { LedgerLocation, LedgerLot, LedgerProduct } from './reference.ts'
import type { LineFault, Posting, PostingLine } from './request.ts'
import type { Quant, QuantStatus } from './stock.ts'
import { forgetQuant, quantOf, type WorkingSet } from './working-set.ts'

/** Between which types of locations a kind of document moves goods. */
const routes: Readonly<
  Record<DocumentKind, { readonly from: readonly LocationType[]; readonly to: readonly LocationType[] }>
> = {
  receipt: { from: ['vendor'], to: ['internal'] },
  delivery: { from: ['internal'], to: ['customer'] },
  transfer: { from: ['internal', 'transit'], to: ['transit', 'internal', 'loss'] },
  adjustment: { from: ['internal', 'loss'], to: ['loss', 'scrap', 'internal'] },
  opening: { from: ['opening'], to: ['internal'] },
}

/** A balance holds 14 digits before the point. */
const balanceLimit = 10n ** 20n
const oneUnit = 1_000_000n

/** Applies a document's lines in order. With faults, nothing of it stays. */
export function applyLines(workingSet: WorkingSet, posting: Posting, position: bigint): Applied | readonly LineFault[] {
  if (posting.forbidden !== undefined && posting.restored === undefined) return [{ line: null, ...posting.forbidden }]
  const applied: Applied = { moves: [], lots: [], decreased: new Set(), increased: new Set(), undo: [] }
  const trial: Trial = { workingSet, posting, applied, faults: [] }
  const idOf = moveIds(workingSet.recordedAt, position)
  for (const line of posting.lines) {
    const before = trial.faults.length
    const named = namedBy(trial, line)
    if (named === undefined) continue
    checkQuantity(trial, named)
    const lot = lotFor(trial, named, () => idOf(line.line))
    checkLot(trial, named, lot ?? null)
    const toLot = lot === undefined ? undefined : lotAtEnd(trial, named, lot, () => idOf(line.line))
    if (trial.faults.length > before || lot === undefined || toLot === undefined) continue
    moveLine(trial, named, lot, toLot)
  }
  if (posting.restored !== undefined && applied.moves.length < posting.lines.length)
    throw new Error(`${posting.number} cannot be restored: a product, a location or a lot that it names is not known.`)
  if (trial.faults.length === 0) return applied
  for (const takeBack of applied.undo.reverse()) takeBack()
  return trial.faults
}

/** What is wrong with a document's lines, as if it were posted now; the working set stays as it is. */
export function judgeLines(workingSet: WorkingSet, posting: Posting): readonly LineFault[] {
  const applied = applyLines(workingSet, posting, workingSet.position)
  if (!('moves' in applied)) return applied
  for (const takeBack of applied.undo.reverse()) takeBack()
  return []
}

/** The product and the locations of a line; undefined with a fault where one is not known. */
function namedBy(trial: Trial, line: PostingLine): NamedLine | undefined {
  const { workingSet, posting } = trial
  const product = workingSet.products.get(line.sku)
  const from = workingSet.locations.get(line.from)
  const to = workingSet.locations.get(line.to)
  checkProduct(trial, line, product, from !== undefined && bringsGoods(from, to))
  const route = routes[posting.kind]
  checkLocation(trial, line, line.from, from, route.from)
  checkLocation(trial, line, line.to, to, route.to, from?.type === 'transit')
  checkWay(trial, line, from, to)
  return product === undefined || from === undefined || to === undefined ? undefined : { line, product, from, to }
}

function checkProduct(trial: Trial, line: PostingLine, product: LedgerProduct | undefined, comes: boolean): void {
  if (product === undefined) {
    fault(trial, line, 'unknown-product', `No product has the sku ${line.sku}.`)
    return
  }
  if (product.type === 'service') fault(trial, line, 'product-is-service', `${line.sku} is a service: it has no stock.`)
  else if (!product.active && comes) fault(trial, line, 'product-inactive', `${line.sku} is no longer active.`)
  const otherUnit = otherUnitFault(line, product)
  if (otherUnit !== undefined) fault(trial, line, 'unit-changed', otherUnit)
}

/** A quantity in the product's earlier unit is refused. */
export function otherUnitFault(
  { unit }: Pick<PostingLine, 'unit'>,
  product: Pick<LedgerProduct, 'sku' | 'unit'>,
): string | undefined {
  if (unit === undefined || unit === product.unit) return undefined
  return `${product.sku} is kept in ${product.unit} by now; this was counted in ${unit}.`
}

function checkLocation(
  trial: Trial,
  line: PostingLine,
  code: string,
  location: LedgerLocation | undefined,
  types: readonly LocationType[],
  mayBeElsewhere = false,
): void {
  const { warehouse } = trial.posting
  if (location === undefined) fault(trial, line, 'unknown-location', `There is no location ${code}.`)
  else if (!types.includes(location.type))
    fault(trial, line, 'location-not-internal', `${code} does not hold own stock.`)
  else if (location.type !== 'internal') return
  else if (!location.active) fault(trial, line, 'location-inactive', `${code} is no longer active.`)
  else if (warehouse !== null && location.warehouse !== warehouse && !mayBeElsewhere)
    fault(trial, line, 'location-elsewhere', `${code} is not in warehouse ${warehouse}.`)
}

/**
 * Something must change: the place, or the status. An adjustment moves nothing from one place to another, a
 * transfer loses nothing but what is in transit.
 */
function checkWay(
  trial: Trial,
  line: PostingLine,
  from: LedgerLocation | undefined,
  to: LedgerLocation | undefined,
): void {
  if (from === undefined || to === undefined) return
  if (from === to && (line.toStatus ?? line.status) === line.status && (line.toLot ?? line.lot) === line.lot)
    fault(trial, line, 'moves-nothing', `From ${from.code} to ${to.code} as ${line.status}: nothing would change.`)
  else if (trial.posting.kind === 'adjustment' && from !== to && from.type === 'internal' && to.type === 'internal')
    fault(trial, line, 'not-an-adjustment', `From ${from.code} to ${to.code} goods are moved by a transfer.`)
  else if (trial.posting.kind === 'transfer' && to.type === 'loss' && from.type === 'internal')
    fault(trial, line, 'location-not-internal', `${to.code} does not hold own stock.`)
}

function checkQuantity(trial: Trial, { line, product }: NamedLine): void {
  const { quantity } = line
  if (quantity === 0n) fault(trial, line, 'quantity-is-zero', 'A quantity of zero moves nothing.')
  const precise = tooPreciseFault(quantity, product)
  if (precise !== undefined) fault(trial, line, 'quantity-too-precise', precise)
  if (product.tracking === 'serial' && quantity !== oneUnit && quantity !== 0n)
    fault(
      trial,
      line,
      'serial-not-one',
      `A serial number is one piece of ${product.sku}, not ${formatQuantity(quantity)}.`,
    )
}

/** A product is counted to the decimals of its base unit. */
export function tooPreciseFault(quantity: Quantity, product: LedgerProduct): string | undefined {
  if (isWholeAt(quantity, product.unitDecimals)) return undefined
  return `${formatQuantity(quantity)} ${product.unit}: ${product.sku} is counted to ${String(product.unitDecimals)} decimals.`
}

function moveLine(trial: Trial, named: NamedLine, lot: LedgerLot | null, toLot: LedgerLot | null): void {
  const { posting, applied } = trial
  const { line, product, from, to } = named
  const source = openQuant(trial, named, from, lot, line.status)
  const target = openQuant(trial, named, to, toLot, line.toStatus ?? line.status)
  if (!mayPass(trial, named, source, target)) return
  if (posting.restored === undefined && !(mayLeave(trial, named, source) && mayEnter(trial, named, target))) return
  put(source, negative(line.quantity), posting.effectiveAt, applied)
  put(target, line.quantity, posting.effectiveAt, applied)
  if (from.type === 'internal') applied.decreased.add(source)
  if (to.type === 'internal') applied.increased.add(target)
  applied.moves.push({
    line: line.line,
    documentLine: line.documentLine,
    product,
    lot,
    toLot: toLot === null || toLot === lot ? undefined : toLot,
    status: line.status,
    toStatus: line.toStatus,
    packageId: source.packageId,
    quantity: line.quantity,
    quantityText: formatQuantity(line.quantity),
    from,
    to,
    passThrough: line.passThrough,
  })
}

/** What goes through transit is counted for its document. */
function mayPass(trial: Trial, { line, from, to }: NamedLine, source: Quant, target: Quant): boolean {
  if (from.type !== 'transit' && to.type !== 'transit') return true
  const { workingSet, posting, applied } = trial
  const quant = to.type === 'transit' ? target : source
  const passed = pass(workingSet, posting, { to, quant, quantity: line.quantity })
  if (typeof passed === 'function') applied.undo.push(passed)
  else fault(trial, line, ...passed)
  return typeof passed === 'function'
}

/** A serial number is in stock once, and a balance has its limit. */
function mayEnter(trial: Trial, { line, from }: NamedLine, { product, location, lot, onHand }: Quant): boolean {
  if (!isOwned(location.type)) return true
  if (product.tracking === 'serial' && !isOwned(from.type) && lot !== null && lot.onHand !== 0n) {
    fault(trial, line, 'serial-on-hand', `Serial number ${lot.code} of ${product.sku} is in stock already.`)
    return false
  }
  if (onHand + line.quantity >= balanceLimit) {
    fault(trial, line, 'balance-too-large', `${location.code} cannot hold that much of ${product.sku}.`)
    return false
  }
  return true
}

/** Only an adjustment takes what is reserved for other deliveries: it records a loss or another status, reserved or not. */
function mayLeave(trial: Trial, { line, to }: NamedLine, quant: Quant): boolean {
  const { product, location, lot, onHand } = quant
  if (!isOwned(location.type)) return true
  // A serial number is never below zero, whatever the location allows; and what gets another status, or is scrapped, is there.
  const changes = line.toStatus !== undefined || line.toLot !== undefined
  const mustBeThere = product.tracking === 'serial' || changes || to.type === 'scrap'
  if (location.allowNegative && !mustBeThere) return true
  const ofLot = lot === null ? '' : ` of lot ${lot.code}`
  const as = line.status === 'available' ? '' : ` as ${line.status}`
  const wanted = () => `${formatQuantity(line.quantity)} of ${product.sku}${ofLot} at ${location.code} are wanted${as}`
  if (onHand < line.quantity) {
    fault(trial, line, 'not-enough-stock', `${wanted()}, ${shown(onHand)} there.`)
    return false
  }
  const unreserved = unreservedOf(quant)
  if (trial.posting.kind !== 'adjustment' && unreserved < line.quantity) {
    fault(trial, line, 'reserved-for-others', `${wanted()}, ${shown(unreserved)} not reserved for other deliveries.`)
    return false
  }
  return true
}

function shown(q: Quantity): string {
  return `${formatQuantity(q)} ${q === oneUnit ? 'is' : 'are'}`
}

function openQuant(
  { workingSet, applied }: Trial,
  { product }: NamedLine,
  location: LedgerLocation,
  lot: LedgerLot | null,
  status: QuantStatus,
): Quant {
  const before = workingSet.quants.get(product.id)?.size
  const quant = quantOf(workingSet, product, location, lot, status)
  if (workingSet.quants.get(product.id)?.size !== before) applied.undo.push(() => forgetQuant(workingSet, quant))
  return quant
}

/** Changes a balance. A quant has arrived when its on-hand left zero; later arrivals do not make it younger. */
function put(quant: Quant, change: Quantity, at: number, applied: Applied): void {
  const { onHand, arrivedAt } = quant
  applied.undo.push(() => {
    setBalance(quant, onHand, quant.reserved)
    setArrival(quant, arrivedAt)
  })
  setBalance(quant, plus(onHand, change), quant.reserved)
  if (!isOwned(quant.location.type)) return
  if (quant.onHand === 0n) setArrival(quant, null)
  else if (onHand === 0n) setArrival(quant, at)
}

function setArrival(quant: Quant, at: number | null): void {
  quant.arrivedAt = at
  if (quant.supply !== null) quant.supply.sorted = false
}
