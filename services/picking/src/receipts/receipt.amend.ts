/**
 * Receipts of orders: the first draft, what an amended or cancelled order changes at every status, and what becomes
 * of a receipt once a product or unit it waited for is known. Pure.
 */
import { quantity } from '@stockline/amounts'
import { headAfter, headOfBackorder, headOfOrder, newHead, ofNoOrder } from '../orders/order.head.ts'
import type { OrderPart, Wanted } from '../orders/order.quantities.ts'
import { amendmentProblem, asked, type Order, type OrderContent } from '../orders/order.ts'
import {
  isFault,
  missingFor,
  productKey,
  toBaseQuantity,
  unitKey,
  waitOf,
  type ReferenceData,
} from '../products/product.ts'
import { receivedOf } from './receipt.count.ts'
import { keepingPlaces, withoutPlaces } from './receipt.places.ts'
import { isOpenReceipt, nextLineNumber, type Receipt, type ReceiptLine } from './receipt.ts'
import { cancelled } from './receipt.validate.ts'

/** A receipt before it has a number. */
export type ReceiptDraft = Omit<Receipt, 'number'>

/** What a receipt brought, or is to bring, for its order. */
export function receiptParts({ status, lines }: Pick<Receipt, 'status' | 'lines'>): readonly OrderPart[] {
  if (status === 'cancelled') return []
  return lines.flatMap(({ orderLine, sku, unit, expected, received }): readonly OrderPart[] => {
    if (orderLine === null) return []
    if (status !== 'done') return [{ orderLine, sku, unit, quantity: expected, state: 'open' }]
    return received === null ? [] : [{ orderLine, sku, unit, quantity: received, state: 'done' }]
  })
}

/** A draft for what an order wants; undefined when it wants nothing. */
export function receiptForOrder(
  order: Order,
  wanted: readonly Wanted[],
  given: {
    readonly id: string
    readonly destination: string
    readonly companyCurrency: string
    readonly at: Date
    readonly backorderOf: string | null
  },
  referenceData: ReferenceData,
): ReceiptDraft | undefined {
  if (wanted.length === 0) return undefined
  return {
    ...headOfOrder(order, given),
    ...ofContent(order.content, given.companyCurrency),
    ...obstacleOf(wanted, orderedOf(order, wanted), referenceData),
    destination: given.destination,
    countedBy: [],
    lines: wanted.map((each) => lineOf(each, each.orderLine)),
  }
}

/** A draft made by hand. */
export function newReceipt(
  given: Pick<
    Receipt,
    | 'id'
    | 'warehouse'
    | 'source'
    | 'vendor'
    | 'scheduledDate'
    | 'currency'
    | 'destination'
    | 'details'
    | 'createdAt'
    | 'lines'
  >,
): ReceiptDraft {
  return { ...newHead, ...ofNoOrder, ...given, countedBy: [] }
}

/** A draft for what did not come on a receipt. */
export function receiptBackorder(receipt: Receipt, lines: readonly ReceiptLine[], id: string, at: Date): ReceiptDraft {
  return { ...headOfBackorder(receipt, id, at), countedBy: [], lines }
}

/**
 * An open receipt after its order changed. What was counted stays; what is not wanted any more and was not counted
 * goes; what is not wanted and was counted becomes unexpected. With nothing left it is cancelled.
 */
export function amendReceipt(
  receipt: Receipt,
  order: Order,
  wanted: readonly Wanted[],
  companyCurrency: string,
  referenceData: ReferenceData,
): Receipt {
  if (!isOpenReceipt(receipt)) throw new Error(`${receipt.number} is ${receipt.status} and cannot follow its order.`)
  const lines = mergeLines(receipt.lines, wanted, referenceData)
  const after: Receipt = {
    ...receipt,
    ...headAfter(order, receipt.details),
    ...ofContent(order.content, companyCurrency),
    ...problemAfter(withoutPlaces(receipt), obstacleOf(lines, orderedOf(order, wanted), referenceData)),
    lines,
  }
  return lines.length === 0 ? cancelled({ ...after, lines: receipt.lines }) : keepingPlaces(receipt, after)
}

/**
 * An open receipt once more of its products or units are known: services go, waits end or become others. Quantities
 * are looked at where one was waited for: what is left of an ordered box elsewhere need not be a whole number.
 */
export function reconsiderReceipt(
  receipt: Receipt,
  referenceData: ReferenceData,
  changed?: { readonly sku: string } | { readonly unit: string },
): Receipt {
  const isChanged = (line: ReceiptLine) =>
    changed !== undefined && ('sku' in changed ? line.sku === changed.sku : line.unit === changed.unit)
  const lines = receipt.lines
    .filter((line) => line.entries !== null || referenceData.products.get(line.sku)?.type !== 'service')
    .map((line) => {
      const received = receivedOf(line, referenceData)
      return received === line.received ? line : { ...line, received }
    })
  const ordered = lines.flatMap((line) => {
    const { orderLine, sku, expected, unit } = line
    const isLookedAt = isChanged(line) || receipt.waitsFor.includes(productKey(sku))
    return orderLine !== null && isLookedAt ? [{ orderLine, sku, quantity: expected, unit }] : []
  })
  const after = {
    ...receipt,
    ...problemAfter(withoutPlaces(receipt), obstacleOf(lines, ordered, referenceData)),
    lines,
  }
  return lines.length === 0 ? cancelled({ ...after, lines: receipt.lines }) : keepingPlaces(receipt, after)
}

/** What stands in the way of validating, and whose arrival may clear it. */
type Obstacle = Pick<Receipt, 'problem' | 'waitsFor'>

/** What is shown and waited for; a reason that has nothing to do with waiting stays. */
function problemAfter(receipt: Receipt, now: Obstacle): Obstacle {
  return now.waitsFor.length > 0 || receipt.waitsFor.length > 0 ? now : { problem: receipt.problem, waitsFor: [] }
}

/** The whole of what an order asks for on the lines of which it still wants something. */
function orderedOf(order: Order, wanted: readonly Wanted[]): readonly Wanted[] {
  const lines = new Set(wanted.map((each) => each.orderLine))
  return order.content.lines.filter(({ line }) => lines.has(line)).map(asked)
}

/**
 * Products and units that are not known; else quantities that their unit cannot hold, of which no receipt can ever be
 * right. The order must be amended, or what is said of the product or unit.
 */
function obstacleOf(
  lines: readonly { readonly sku: string; readonly unit: string }[],
  ordered: readonly Omit<Wanted, 'unitPrice'>[],
  referenceData: ReferenceData,
): Obstacle {
  const wait = waitOf(lines, referenceData)
  const faults: string[] = []
  const waitsFor = new Set(wait.waitsFor)
  for (const each of ordered) {
    const product = referenceData.products.get(each.sku)
    if (product === undefined || missingFor(each, referenceData) !== undefined) continue
    const base = toBaseQuantity(product, each.quantity, each.unit, referenceData.units)
    if (!isFault(base)) continue
    faults.push(`line ${each.orderLine}: the quantity ${base.fault}`)
    waitsFor.add(productKey(each.sku)).add(unitKey(each.unit))
  }
  return { problem: wait.problem ?? amendmentProblem(faults), waitsFor: [...waitsFor] }
}

function ofContent({ partner, currency }: OrderContent, companyCurrency: string): Pick<Receipt, 'vendor' | 'currency'> {
  return { vendor: partner, currency: currency ?? companyCurrency }
}

function lineOf(wanted: Wanted, line: number): ReceiptLine {
  return { ...expecting(wanted), line, received: null, unitCost: null, entries: null }
}

/** What a line of the order means for the receipt's. */
function expecting({ orderLine, sku, unit, quantity: expected, unitPrice }: Wanted) {
  return { orderLine, sku, unit, expected, unitPrice }
}

function mergeLines(
  lines: readonly ReceiptLine[],
  wanted: readonly Wanted[],
  referenceData: ReferenceData,
): readonly ReceiptLine[] {
  const matches = matchesOf(lines, wanted)
  const kept = lines.flatMap((line) => {
    const match = matches.get(line.line)
    if (match !== undefined) return [recounted({ ...line, ...expecting(match) }, referenceData)]
    return hasCount(line) ? [{ ...line, orderLine: null, expected: quantity(0n), unitPrice: null }] : []
  })
  const matched = new Set(matches.values())
  const taken = [...lines]
  const added = wanted
    .filter((each) => !matched.has(each))
    .map((each) => {
      const free = taken.every((line) => line.line !== each.orderLine)
      const line = lineOf(each, free ? each.orderLine : nextLineNumber(taken))
      taken.push(line)
      return line
    })
  return [...kept, ...added].sort((a, b) => a.line - b.line)
}

/**
 * What the order wants behind each of the receipt's lines: the same line of the same product; else, for what came
 * unexpected, a line that nothing else answers to.
 */
function matchesOf(lines: readonly ReceiptLine[], wanted: readonly Wanted[]): ReadonlyMap<number, Wanted> {
  const open = new Map(wanted.map((each) => [each.orderLine, each]))
  const matches = new Map<number, Wanted>()
  const match = (line: ReceiptLine, found: Wanted | undefined) => {
    if (found === undefined || !open.delete(found.orderLine)) return
    matches.set(line.line, found)
  }
  for (const line of lines) {
    const same = line.orderLine === null ? undefined : open.get(line.orderLine)
    if (same?.sku === line.sku) match(line, same)
  }
  for (const line of lines)
    if (line.orderLine === null && line.expected === 0n)
      match(
        line,
        [...open.values()].find((each) => each.sku === line.sku),
      )
  return matches
}

function hasCount(line: ReceiptLine): boolean {
  return line.received !== null && line.received > 0n
}

function recounted(line: ReceiptLine, referenceData: ReferenceData): ReceiptLine {
  return { ...line, received: receivedOf(line, referenceData) }
}
