/** Reading one entry of a count: the line that it is for, and every way in which it can be wrong. Pure. */
import { formatQuantity, parseQuantity, parseUnitPrice, type Quantity } from '@stockline/amounts'
import { givenLotDates, lateLotDates, lotDateNames, type LotDates } from '@stockline/contracts/lot-dates'
import type { z } from 'zod'
import { nothingLeft, type Facts } from '../documents/document.decide.ts'
import { locationFault } from '../locations/location.ts'
import { lotOf } from '../orders/order.details.ts'
import { isFault, missingFor, oneUnit, toBaseQuantity, type ReferenceData, type Product } from '../products/product.ts'
import { placeFaults } from './receipt.places.ts'
import { broughtBy, ownedQuantity, readRejected } from './receipt.rejected.ts'
import type { entriesBody } from './receipt.shapes.api.ts'
import { nextLineNumber, type Entry, type Receipt, type ReceiptLine } from './receipt.ts'

/** Entries of a request. */
export type Entries = z.output<typeof entriesBody>['entries']

/** What an entry is for. */
export interface Target {
  readonly line: ReceiptLine
  readonly product: Product
}

/** Reports a wrong field of an entry. */
export type FaultAt = (field: string, message: string) => unknown

/** The line that an entry is for: the one it names, the one of its product, or a new one for an unexpected product. */
export function targetOf(
  entry: Entries[number],
  lines: ReadonlyMap<number, ReceiptLine>,
  referenceData: ReferenceData,
  at: FaultAt,
): Target | undefined {
  const line =
    entry.line === undefined ? lineOfProduct(entry.sku, lines, at) : namedLine(entry.line, entry.sku, lines, at)
  if (line === undefined) return undefined
  const product = referenceData.products.get(line.sku)
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
  const missing = missingFor(line, referenceData)
  if (missing !== undefined) {
    at(field, `line ${line.line} cannot be counted yet: ${[missing.reason, missing.hint ?? []].flat().join('. ')}`)
    return undefined
  }
  return { line, product }
}

function namedLine(
  number: number,
  sku: string | undefined,
  lines: ReadonlyMap<number, ReceiptLine>,
  at: FaultAt,
): ReceiptLine | undefined {
  const line = lines.get(number)
  if (line === undefined) at('/line', `this receipt has no line ${number}`)
  else if (sku !== undefined && sku !== line.sku) {
    at('/sku', `line ${number} is ${line.sku}, not ${sku}`)
    return undefined
  }
  return line
}

function lineOfProduct(
  sku: string | undefined,
  lines: ReadonlyMap<number, ReceiptLine>,
  at: FaultAt,
): ReceiptLine | undefined {
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

/** The entry as it is kept; undefined where something was wrong with it. */
export function readEntry(
  entry: Entries[number],
  { line, product }: Target,
  receipt: Receipt,
  known: Facts,
  at: FaultAt,
): Entry | undefined {
  const {
    line: _line,
    sku: _sku,
    quantity: given,
    unit = line.unit,
    lot,
    expiresOn,
    producedOn,
    bestBefore,
    removeOn,
    alertOn,
    destination,
    unitCost,
    rejected: told,
    ...rest
  } = entry
  nothingLeft(rest)
  const dates = givenLotDates({ producedOn, bestBefore, removeOn, alertOn })
  const quantity = parseQuantity(given)
  const wrong: [field: string, message: string][] = []
  const note: FaultAt = (field, message) => wrong.push([field, message])
  const rejected = readRejected(told, product, unit, receipt, known, note)
  const base = toBaseQuantity(product, quantity, unit, known.referenceData.units)
  if (isFault(base)) note(base.fault.startsWith(product.sku) ? '/unit' : '/quantity', base.fault)
  else if (product.tracking === 'serial') checkPiece({ quantity, rejected, unit, given }, product, known, note)
  const owned = ownedQuantity(entry)
  checkLot(entry, owned, product, lotOf(receipt.details, line.orderLine), note)
  const place = destinationFault(entry, owned, receipt, known)
  if (place !== undefined) note('/destination', place)
  if (wrong.length > 0) {
    for (const [field, message] of wrong) at(field, message)
    return undefined
  }
  return {
    quantity,
    unit,
    lot: lot ?? null,
    ...{ expiresOn: expiresOn ?? null, ...dates },
    destination: destination ?? null,
    unitCost: unitCost === undefined ? null : parseUnitPrice(unitCost),
    ...(rejected === null ? {} : { rejected }),
  }
}

/** A serial number is one piece, accepted or rejected. */
function checkPiece(
  { given, unit, ...of }: Pick<Entry, 'quantity' | 'rejected' | 'unit'> & { readonly given: string },
  product: Product,
  { referenceData }: Facts,
  note: FaultAt,
): void {
  const brought = broughtBy(of)
  if (brought === 0n || toBaseQuantity(product, brought, unit, referenceData.units) === oneUnit) return
  const [field, many] = of.rejected && of.quantity === 0n ? ['/rejected/quantity', brought] : ['/quantity', brought]
  const text = of.rejected ? formatQuantity(many) : given
  note(field, `a serial number counts one ${product.unit}, not ${text}`)
}

/** A location that the entry names is looked up; what is wrong with the receipt's own is in its problem. */
function destinationFault(
  { destination, rejected, quantity }: Entries[number],
  owned: Quantity,
  receipt: Receipt,
  { locations }: Facts,
): string | undefined {
  if (destination !== undefined) return locationFault(receipt.warehouse, destination, locations.get(destination))
  // What is held at a place of its own goes to no other.
  const goes = rejected?.location === undefined ? owned : parseQuantity(quantity)
  const fault = goes === 0n ? undefined : placeFaults(receipt).get(receipt.destination)
  return fault === undefined ? undefined : `${fault}: name another destination`
}

/** What a date is called. */
const named: Readonly<Record<keyof LotDates, string>> = {
  producedOn: 'production date',
  bestBefore: 'best before date',
  removeOn: 'removal date',
  alertOn: 'alert date',
  expiresOn: 'expiry date',
}

/**
 * A lot is required exactly for tracked products, unless zero was counted. The announced lot is no default: the operator reads which
 * one came.
 */
function checkLot(
  entry: Entries[number],
  quantity: Quantity,
  product: Product,
  announced: string | null,
  note: FaultAt,
): void {
  const what = product.tracking === 'serial' ? 'serial number' : 'lot'
  const dates = lotDateNames.filter((name) => entry[name] !== undefined)
  if (product.tracking === 'none') {
    if (entry.lot !== undefined) note('/lot', `${product.sku} is not tracked by lot or serial number`)
    for (const date of dates) note(`/${date}`, `${product.sku} is not tracked, so it has no ${named[date]}`)
    return
  }
  if (entry.lot === undefined && quantity !== 0n)
    note('/lot', `${product.sku} needs a ${what}${announced === null ? '' : `: ${announced} was announced`}`)
  if (entry.lot === undefined) for (const date of dates) note(`/${date}`, `needs the ${what} of which it is`)
  for (const { date, message } of lateLotDates(entry)) note(`/${date}`, message)
}
