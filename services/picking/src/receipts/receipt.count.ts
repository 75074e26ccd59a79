/** Counting: what the operator enters, and every way in which an entry can be wrong. Pure. */
import { AmountError, parseQuantity, parseUnitPrice, type Quantity } from '@stockline/amounts'
import { isRefusal, refuse, type FieldFault, type Refusal } from '@stockline/service-kit/refusal'
import { lotOf } from '../orders/order.details.ts'
import { mayAct, receiptPlaceFault, type Location, type Scope } from '../locations/location.ts'
import {
  isFault,
  isSameQuantity,
  missingFor,
  sumIn,
  toBaseQuantity,
  type Catalog,
  type Product,
} from '../products/product.ts'
import { keepingPlaces, placeFaults, withoutPlaces } from './receipt.places.ts'
import { mostLines, nextLineNumber, type Entry, type Receipt, type ReceiptLine } from './receipt.ts'

/** An entry as it came in; its shape was checked. */
export interface GivenEntry {
  readonly line?: number | undefined
  readonly sku?: string | undefined
  readonly quantity: string
  readonly unit?: string | undefined
  readonly lot?: string | undefined
  readonly expiresOn?: string | undefined
  readonly destination?: string | undefined
  readonly unitCost?: string | undefined
}

/** What is known around the receipt. */
export interface CountContext {
  readonly counter: string
  readonly catalog: Catalog
  readonly locations: ReadonlyMap<string, Location>
  readonly scope: Scope
  readonly mayEnterCost: boolean
}

const wholeOne = 1_000_000n

/** The receipt with these entries in place of what the named lines held. Every wrong field is named at once. */
export function enterCounts(receipt: Receipt, given: readonly GivenEntry[], context: CountContext): Receipt | Refusal {
  const closed = whyClosed(receipt)
  if (closed !== undefined) return closed
  if (!context.mayEnterCost && given.some((entry) => entry.unitCost !== undefined))
    return refuse('cost-forbidden', 'forbidden', 'Only a supervisor or a manager may enter a unit cost.')
  const places = given.flatMap((entry) => entry.destination ?? [])
  if (
    !mayAct(
      context.scope,
      places.filter((place) => context.locations.has(place)),
    )
  )
    return refuse('location-unknown', 'unknown', 'One of the destinations is not among your locations.')

  const lines = new Map(receipt.lines.map((line) => [line.line, line]))
  const counted = new Map<number, Entry[]>()
  const faults: FieldFault[] = []
  given.forEach((entry, index) => {
    const at = (field: string, message: string) => faults.push({ pointer: `/entries/${index}${field}`, message })
    const target = targetOf(entry, lines, context.catalog, at)
    if (target === undefined) return
    lines.set(target.line.line, target.line)
    const read = readEntry(entry, target, receipt, context, at)
    if (read !== undefined) counted.set(target.line.line, [...(counted.get(target.line.line) ?? []), read])
  })
  if (faults.length > 0) return wrongEntries(faults)

  const after = withEntries(receipt, lines, counted, context)
  if (isRefusal(after)) return after
  const wrong = wholeReceiptFaults(after, given, context.catalog)
  return wrong.length > 0 ? wrongEntries(wrong) : after
}

/**
 * What was entered, in the line's unit: what was expected, where less than one step of the base unit is between. Null until counted
 * or while the unit cannot be converted.
 */
export function receivedOf(line: ReceiptLine, catalog: Catalog): Quantity | null {
  if (line.entries === null) return null
  const product = catalog.products.get(line.sku)
  const sum = product && sumIn(product, line.unit, line.entries, catalog.units)
  if (product === undefined || sum === undefined) return line.received
  return sum !== 0n && isSameQuantity(product, line.unit, sum, line.expected, catalog.units) ? line.expected : sum
}

function whyClosed(receipt: Receipt): Refusal | undefined {
  switch (receipt.status) {
    case 'draft':
    case 'in_progress':
      return undefined
    case 'in_review':
      return refuse(
        'receipt-in-review',
        'state',
        `${receipt.number} is with a supervisor, who can return it to be counted again.`,
      )
    case 'posting':
    case 'done':
    case 'cancelled':
      return refuse(
        'receipt-closed',
        'state',
        `${receipt.number} is ${receipt.status}; nothing can be entered any more.`,
      )
  }
}

interface Target {
  readonly line: ReceiptLine
  readonly product: Product
}

type FaultAt = (field: string, message: string) => unknown

/** The line that an entry is for: the one it names, the one of its product, or a new one for an unexpected product. */
function targetOf(
  entry: GivenEntry,
  lines: ReadonlyMap<number, ReceiptLine>,
  catalog: Catalog,
  at: FaultAt,
): Target | undefined {
  const line = entry.line === undefined ? lineOfProduct(entry, lines, at) : namedLine(entry, lines, at)
  if (line === undefined) return undefined
  const product = catalog.products.get(line.sku)
  const field = entry.line === undefined ? '/sku' : '/line'
  if (product === undefined) {
    at(field, `product "${line.sku}" is not known yet`)
    return undefined
  }
  if (product.type === 'service') {
    at(field, `${line.sku} is a service: there is nothing to receive`)
    return undefined
  }
  if (line.unit === '') return { line: { ...line, unit: product.unit }, product }
  // What comes could not be compared with what is expected, nor added up.
  const missing = missingFor(line, catalog)
  if (missing !== undefined) {
    at(field, `line ${line.line} cannot be counted yet: ${[missing.reason, missing.hint ?? []].flat().join('. ')}`)
    return undefined
  }
  return { line, product }
}

function namedLine(entry: GivenEntry, lines: ReadonlyMap<number, ReceiptLine>, at: FaultAt): ReceiptLine | undefined {
  const line = lines.get(entry.line ?? 0)
  if (line === undefined) at('/line', `this receipt has no line ${entry.line ?? 0}`)
  else if (entry.sku !== undefined && entry.sku !== line.sku) {
    at('/sku', `line ${line.line} is ${line.sku}, not ${entry.sku}`)
    return undefined
  }
  return line
}

function lineOfProduct(
  entry: GivenEntry,
  lines: ReadonlyMap<number, ReceiptLine>,
  at: FaultAt,
): ReceiptLine | undefined {
  const { sku } = entry
  if (sku === undefined) {
    at('', 'must name a line or a sku')
    return undefined
  }
  const [first, ...others] = [...lines.values()].filter((line) => line.sku === sku)
  if (first === undefined) return unexpectedLine(sku, nextLineNumber([...lines.values()]))
  if (others.length === 0) return first
  at('/sku', `${sku} stands on lines ${[first, ...others].map((line) => line.line).join(', ')}: name the line`)
  return undefined
}

/** Its unit is the product's own, which is filled in once the product is found. */
function unexpectedLine(sku: string, line: number): ReceiptLine {
  const none = { orderLine: null, received: null, unitPrice: null, unitCost: null, entries: null }
  return { line, sku, expected: 0n as Quantity, unit: '', ...none }
}

function readEntry(
  entry: GivenEntry,
  { line, product }: Target,
  receipt: Receipt,
  context: CountContext,
  at: FaultAt,
): Entry | undefined {
  const quantity = parseQuantity(entry.quantity)
  const unit = entry.unit ?? line.unit
  const wrong: [field: string, message: string][] = []
  const note: FaultAt = (field, message) => wrong.push([field, message])
  const base = toBaseQuantity(product, quantity, unit, context.catalog.units)
  if (isFault(base)) note(base.fault.startsWith(product.sku) ? '/unit' : '/quantity', base.fault)
  else if (product.tracking === 'serial' && quantity !== 0n && base !== wholeOne)
    note('/quantity', `a serial number counts one ${product.unit}, not ${entry.quantity}`)
  checkLot(entry, quantity, product, lotOf(receipt.details, line.orderLine), note)
  const place = destinationFault(entry, quantity, receipt, context)
  if (place !== undefined) note('/destination', place)
  if (wrong.length > 0) {
    for (const [field, message] of wrong) at(field, message)
    return undefined
  }
  return {
    quantity,
    unit,
    lot: entry.lot ?? null,
    expiresOn: entry.expiresOn ?? null,
    destination: entry.destination ?? null,
    unitCost: entry.unitCost === undefined ? null : parseUnitPrice(entry.unitCost),
  }
}

/** A place that is named is looked up; of the receipt's own it stands on it where something is wrong. */
function destinationFault(
  { destination }: GivenEntry,
  quantity: Quantity,
  receipt: Receipt,
  { locations }: CountContext,
): string | undefined {
  if (destination !== undefined) return receiptPlaceFault(receipt.warehouse, destination, locations.get(destination))
  const fault = quantity === 0n ? undefined : placeFaults(receipt).get(receipt.destination)
  return fault === undefined ? undefined : `${fault}: name another destination`
}

/**
 * A lot is required exactly for tracked products; nothing counted needs none. The lot that was announced is not taken in its place:
 * which one came, somebody has to see.
 */
function checkLot(
  entry: GivenEntry,
  quantity: Quantity,
  product: Product,
  announced: string | null,
  note: FaultAt,
): void {
  const what = product.tracking === 'serial' ? 'serial number' : 'lot'
  if (product.tracking === 'none') {
    if (entry.lot !== undefined) note('/lot', `${product.sku} is not tracked by lot or serial number`)
    if (entry.expiresOn !== undefined) note('/expiresOn', `${product.sku} is not tracked, so it has no expiry date`)
    return
  }
  if (entry.lot === undefined && quantity !== 0n)
    note('/lot', `${product.sku} needs a ${what}${announced === null ? '' : `: ${announced} was announced`}`)
  if (entry.lot === undefined && entry.expiresOn !== undefined) note('/expiresOn', `needs the ${what} that expires`)
}

function withEntries(
  receipt: Receipt,
  lines: ReadonlyMap<number, ReceiptLine>,
  counted: ReadonlyMap<number, readonly Entry[]>,
  { catalog, counter }: CountContext,
): Receipt | Refusal {
  const after: ReceiptLine[] = []
  const faults: FieldFault[] = []
  for (const line of lines.values()) {
    const entries = counted.get(line.line)
    const withThem = entries === undefined ? line : { ...line, entries }
    try {
      after.push(entries === undefined ? line : { ...withThem, received: receivedOf(withThem, catalog) })
    } catch (error) {
      if (!(error instanceof AmountError)) throw error
      faults.push({ pointer: '/entries', message: `line ${line.line}: ${error.message}` })
    }
  }
  if (faults.length > 0) return wrongEntries(faults)
  const { problem, waitsFor } = withoutPlaces(receipt)
  return keepingPlaces<Receipt>(receipt, {
    ...receipt,
    status: 'in_progress',
    // What the ledger said last is answered by counting again; what is not known still is not.
    problem: waitsFor.length === 0 ? null : problem,
    waitsFor,
    countedBy: receipt.countedBy.includes(counter) ? receipt.countedBy : [...receipt.countedBy, counter],
    lines: after.sort((a, b) => a.line - b.line),
  })
}

/** What only the whole receipt shows: too many entries, one serial number twice. */
function wholeReceiptFaults(receipt: Receipt, given: readonly GivenEntry[], catalog: Catalog): FieldFault[] {
  const entries = receipt.lines.reduce((sum, line) => sum + Math.max(1, line.entries?.length ?? 0), 0)
  if (entries > mostLines)
    return [{ pointer: '/entries', message: `a receipt has at most ${mostLines} lines and entries` }]
  const serials = receipt.lines
    .filter((line) => catalog.products.get(line.sku)?.tracking === 'serial')
    .flatMap((line) =>
      (line.entries ?? []).filter((entry) => entry.quantity > 0n).map((entry) => `${line.sku} ${entry.lot ?? ''}`),
    )
  const twice = serials.find((serial, index) => serials.indexOf(serial) !== index)
  if (twice === undefined) return []
  const index = given.findLastIndex((entry) => entry.lot !== undefined && twice.endsWith(` ${entry.lot}`))
  return [{ pointer: `/entries/${index}/lot`, message: `serial number "${twice}" stands on this receipt twice` }]
}

function wrongEntries(errors: readonly FieldFault[]): Refusal {
  return refuse('entries-wrong', 'content', 'Nothing was entered, since some entries are wrong.', errors)
}
