/**
 * Transfers: goods that set out from a source, all or nothing, and arrive from the transit place of their destination's warehouse. The
 * ledger chooses where they are taken from. One that cannot set out waits, holds nothing, and is offered what arrives in demand order.
 */
import { formatQuantity, isWholeAt, minus, plus, type Quantity, zero } from '@stockline/amounts'
import { isAtOrBelow } from '@stockline/contracts/locations'
import { lotObstacle, unreservedOf } from '../availability/available.ts'
import { type LedgerProduct, virtualLocations } from '../ledger/reference.ts'
import type { LineFault, Posting, PostingLine, TransferRequest } from '../ledger/request.ts'
import { otherUnitFault, tooPreciseFault } from '../ledger/posting.ts'
import type { Quant } from '../ledger/stock.ts'
import { knownLot, type WorkingSet } from '../ledger/working-set.ts'
import { compareQuants, strategyFor } from '../reservations/removal.ts'
import { transitPlace } from './in-transit.ts'

/** A confirmed transfer, as the ledger keeps it. */
export interface Transfer extends Readonly<
  Pick<TransferRequest, 'documentId' | 'number' | 'warehouse' | 'source' | 'destination' | 'confirmedBy'>
> {
  revision: number
  attempt: number
  /** 0 is most urgent. */
  priority: number
  scheduledDate: string | null
  orderedAt: number
  /** `ended`: it waited, and was cancelled or refused. */
  status: 'waiting' | 'sent' | 'ended'
  /** Of one that waits; those of others are not kept. */
  lines: readonly TransferLine[]
  /** The product that it is short of; null where it does not wait. */
  waitsFor: LedgerProduct | null
  /** By product, lot and status. */
  readonly inTransit: Map<string, InTransit>
  /** Does the database hold something else of it, apart from what it has in transit? */
  changed: boolean
  /** And of what it has in transit? */
  goodsChanged: boolean
  /** What the database holds; undefined where nothing. */
  readonly stored: { readonly status: Transfer['status']; readonly hasInTransit: boolean } | undefined
}

/** What a transfer asks for, in millionths of the base unit. */
export interface TransferLine {
  readonly line: number
  readonly product: LedgerProduct
  readonly quantity: Quantity
  /** The code of the one lot that will do; null where any does. */
  readonly lot: string | null
  readonly category: string
}

/** What a transfer has in transit of a product, lot and status. */
export interface InTransit {
  readonly quant: Quant
  quantity: Quantity
  /** When it set out, in epoch milliseconds. */
  since: number
}

/** So much of a quant is for that line. */
interface Origin {
  readonly line: TransferLine
  readonly quant: Quant
  readonly quantity: Quantity
}

/** One document has no more lines: an event holds no more. */
const mostOrigins = 1000
const oneUnit = 1_000_000n

/** A confirmed transfer as one that waits, or all faults of the request. @param known the one that it replaces */
export function newTransfer(
  workingSet: WorkingSet,
  request: TransferRequest,
  known: Transfer | undefined,
): Transfer | readonly LineFault[] {
  const faults = placeFaults(workingSet, request)
  const lines: TransferLine[] = []
  for (const line of request.lines) {
    const product = workingSet.products.get(line.sku)
    const found = product === undefined ? [unknownProduct(line.sku)] : lineFaults(workingSet, line, product)
    faults.push(...found.map(([code, message]) => ({ line: line.line, code, message })))
    const { line: number, quantity, lot, category } = line
    if (product !== undefined)
      lines.push({ line: number, product, quantity, lot, category: category ?? product.category })
  }
  if (faults.length > 0) return faults
  const { documentId, number, warehouse, source, destination, confirmedBy } = request
  const { revision, attempt, priority, scheduledDate, orderedAt } = request
  return {
    ...{ documentId, number, warehouse, source, destination, confirmedBy },
    ...{ revision, attempt, priority, scheduledDate, orderedAt, lines },
    status: 'waiting',
    waitsFor: null,
    inTransit: new Map(),
    changed: true,
    goodsChanged: false,
    stored: known?.stored,
  }
}

type Fault = readonly [code: string, message: string]

const unknownProduct = (sku: string): Fault => ['unknown-product', `No product has the sku ${sku}.`]

function placeFaults({ locations }: WorkingSet, request: TransferRequest): LineFault[] {
  const { source, destination, warehouse } = request
  const faults: LineFault[] = []
  const fault = (code: string, message: string) => faults.push({ line: null, code, message })
  for (const code of [source, destination]) {
    const location = locations.get(code)
    if (code === source && code === warehouse) continue
    if (location === undefined) fault('unknown-location', `There is no location ${code}.`)
    else if (location.type !== 'internal') fault('location-not-internal', `${code} does not hold own stock.`)
    else if (!location.active) fault('location-inactive', `${code} is no longer active.`)
    else if (code === source && location.warehouse !== warehouse)
      fault('location-elsewhere', `${code} is not in warehouse ${warehouse}.`)
  }
  if (isAtOrBelow(source, destination))
    fault('source-in-destination', `${source} is within ${destination}: nothing can be moved there from it.`)
  else if (faults.length === 0 && locations.get(transitPlace(destination))?.type !== 'transit')
    fault('unknown-location', `There is no location ${transitPlace(destination)} for what is on the way.`)
  return faults
}

function lineFaults(workingSet: WorkingSet, line: TransferRequest['lines'][number], product: LedgerProduct): Fault[] {
  const { sku, quantity, lot } = line
  const faults: Fault[] = []
  const otherUnit = otherUnitFault(line, product)
  const tooPrecise = tooPreciseFault(quantity, product)
  if (product.type === 'service') faults.push(['product-is-service', `${sku} is a service: it has no stock.`])
  if (otherUnit !== undefined) faults.push(['unit-changed', otherUnit])
  if (tooPrecise !== undefined) faults.push(['quantity-too-precise', tooPrecise])
  if (product.tracking === 'serial' && !isWholeAt(quantity, 0))
    faults.push(['serial-not-one', `A serial number is one piece of ${sku}.`])
  if (lot === null) return faults
  if (product.tracking === 'none')
    faults.push(['lot-not-tracked', `${sku} is not tracked by lot: leave lot and dates out.`])
  else if (knownLot(workingSet, product, lot) === undefined) faults.push(['unknown-lot', `${sku} has no lot ${lot}.`])
  else if (product.tracking === 'serial' && quantity > oneUnit)
    faults.push(['serial-not-one', `A serial number is one piece of ${sku}, not ${formatQuantity(quantity)}.`])
  return faults
}

/**
 * May goods of the quant set out for a line? From below the source, but not from within the destination; also from places that
 * deliveries may not reserve from, a dock say. What has expired, or is held, moves
 * only where its lot is named.
 */
export function maySetOut(
  { source, destination }: Pick<Transfer, 'source' | 'destination'>,
  { lot }: Pick<TransferLine, 'lot'>,
  { location, lot: there, status }: Pick<Quant, 'location' | 'lot' | 'status'>,
  today: string,
): boolean {
  return (
    location.type === 'internal' &&
    location.active &&
    status === 'available' &&
    isAtOrBelow(location.code, source) &&
    !isAtOrBelow(location.code, destination) &&
    (lot === null ? lotObstacle(there, today) === undefined : there?.code === lot)
  )
}

/** The places to take a transfer's goods from, by the removal strategy; or the product that is short, or a fault. */
export function originsOf(
  workingSet: WorkingSet,
  transfer: Transfer,
): { readonly origins: readonly Origin[] } | { readonly short: LedgerProduct } | { readonly fault: LineFault } {
  const origins: Origin[] = []
  const taken = new Map<Quant, Quantity>()
  // Lines that name a lot come before those that take any: these would take it from them.
  for (const line of transfer.lines.toSorted((a, b) => Number(a.lot === null) - Number(b.lot === null))) {
    let missing = line.quantity
    for (const quant of inRemovalOrder(workingSet, transfer, line)) {
      const before = taken.get(quant) ?? zero.quantity
      const there = minus(unreservedOf(quant), before)
      if (there <= 0n) continue
      const quantity = there < missing ? there : missing
      taken.set(quant, plus(before, quantity))
      origins.push({ line, quant, quantity })
      missing = minus(missing, quantity)
      if (missing === 0n) break
    }
    if (missing > 0n) return { short: line.product }
  }
  if (origins.length > mostOrigins) return { fault: tooManyOrigins }
  return { origins: origins.sort((a, b) => a.line.line - b.line.line) }
}

const tooManyOrigins: LineFault = {
  line: null,
  code: 'too-many-origins',
  message: `The goods lie in more than ${String(mostOrigins)} places and lots: split the transfer.`,
}

function inRemovalOrder({ quants, rules, today }: WorkingSet, transfer: Transfer, line: TransferLine): Quant[] {
  const { product } = line
  const compare = compareQuants[strategyFor(rules, transfer.warehouse, product)]
  const all = [...(quants.get(product.id)?.values() ?? [])]
  return all.filter((quant) => maySetOut(transfer, line, quant, today)).sort(compare)
}

/** The document by which a transfer sets out. Its lines are split by where the goods are taken from. */
export function departure(
  { documentId, number, attempt, warehouse, destination }: Transfer,
  origins: readonly Origin[],
  { effectiveAt, effectiveAtStated }: Pick<Posting, 'effectiveAt' | 'effectiveAtStated'>,
): Posting {
  return {
    action: 'post',
    kind: 'transfer',
    ...{ documentId, number, attempt, warehouse, effectiveAt, effectiveAtStated },
    lines: origins.map(({ line, quant, quantity }, index) => ({
      line: index + 1,
      documentLine: line.line,
      sku: line.product.sku,
      lot: quant.lot?.code ?? null,
      expiresOn: null,
      status: quant.status,
      quantity,
      from: quant.location.code,
      to: transitPlace(destination),
      passThrough: { category: line.category },
    })),
  }
}

/** What comes out of transit comes from the transfer's own place there, which its sender need not name. */
export function fromItsPlace({ transfers }: WorkingSet, posting: Posting): Posting {
  const transfer = posting.kind === 'transfer' ? transfers.get(posting.documentId) : undefined
  if (transfer === undefined) return posting
  const from = transitPlace(transfer.destination)
  const named = (line: PostingLine) => (line.from === virtualLocations.transit ? { ...line, from } : line)
  return { ...posting, lines: posting.lines.map(named) }
}

/** Of no more use than this is less of the product that a waiting transfer is short of. */
export function leastOf({ lines, waitsFor }: Transfer): Quantity {
  return lines.reduce((sum, { product, quantity }) => (product === waitsFor ? plus(sum, quantity) : sum), zero.quantity)
}
