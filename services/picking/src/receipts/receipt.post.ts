/** What the ledger is asked to take of a receipt, and all that must hold before. Pure. */
import { formatQuantity, formatUnitPrice, type Quantity } from '@stockline/amounts'
import type { ReceiptValidated } from '@stockline/contracts'
import { givenLotDates } from '@stockline/contracts/lot-dates'
import { refuse, type FieldError, type Refusal } from '@stockline/service-kit/refusal'
import { publishedOrigin, publishedPosting } from '../orders/order.head.ts'
import { isFault, ratioBetween, toBaseQuantity, type ReferenceData, type Product } from '../products/product.ts'
import { receivedOf } from './receipt.count.ts'
import { orderParts } from './receipt.parts.ts'
import { withoutPlaces, wrongPlaces } from './receipt.places.ts'
import { heldStatus, isRejectedOn, ownedIn, returnedOf, type RejectedGoods } from './receipt.rejected.ts'
import { isEmpty, type Entry, type Receipt, type ReceiptLine } from './receipt.ts'

/** What is published of receipts. */
export interface ReceiptEvent {
  readonly type: 'validated'
  readonly data: ReceiptValidated
}

type Difference = NonNullable<ReceiptValidated['differences']>[number]

/** A receipt that can be posted, as it was counted by what is known now, and what the ledger is asked to take. */
export interface Postable {
  readonly receipt: Receipt
  /** One per entry. */
  readonly lines: ReceiptValidated['lines']
}

/** All that must hold before the ledger is asked, by products and units as they are known now. */
export function postable(receipt: Receipt, referenceData: ReferenceData): Postable | Refusal {
  const { waitsFor } = withoutPlaces(receipt)
  if (waitsFor.length > 0 || goesToWrongPlace(receipt))
    return refuse('receipt-waits', 'state', `${receipt.number} cannot be validated yet. ${receipt.problem ?? ''}`)
  if (isEmpty(receipt)) return refuse('receipt-empty', 'state', whyEmpty(receipt))
  const faults: FieldError[] = []
  const lines = receipt.lines.map((line) => {
    const received = receivedOf(line, referenceData)
    return received === line.received ? line : { ...line, received }
  })
  const posted = lines.flatMap((line) => postedLines(line, receipt, referenceData, faults))
  if (faults.length > 0)
    return refuse('lines-wrong', 'content', `${receipt.number} cannot be posted as it was counted.`, faults)
  return {
    receipt: { ...withoutPlaces(receipt), lines },
    lines: posted.map((each, index) => ({ line: index + 1, ...each })),
  }
}

/** The ledger has nothing to take. What was rejected and goes back stays open on the receipt, for what comes in its place. */
function whyEmpty({ number, lines }: Receipt): string {
  return lines.some(isRejectedOn)
    ? `Nothing was accepted on ${number}: what was ordered stays open on it. Count what comes in its place, or cancel it.`
    : `Nothing was received on ${number}: count something, or cancel it.`
}

/** Does anything that was counted go to a place that is wrong? One that only what did not come would go to stops nothing. */
function goesToWrongPlace(receipt: Receipt): boolean {
  const wrong = wrongPlaces(receipt)
  if (wrong.length === 0) return false
  const entries = receipt.lines.flatMap((line) => countedOn(line))
  return entries.some(({ destination }) => wrong.includes(destination ?? receipt.destination))
}

/** What was received of a line. */
function countedOn({ entries }: ReceiptLine): readonly Entry[] {
  return ownedIn(entries ?? []).filter((entry) => entry.quantity > 0n)
}

function postedLines(
  line: ReceiptLine,
  receipt: Receipt,
  referenceData: ReferenceData,
  faults: FieldError[],
): Omit<ReceiptValidated['lines'][number], 'line'>[] {
  const counted = countedOn(line)
  if (counted.length === 0) return []
  const product = referenceData.products.get(line.sku)
  if (product === undefined) {
    faults.push({ pointer: `/lines/${line.line}`, message: `product "${line.sku}" is not known` })
    return []
  }
  const parts = orderParts(line, counted, product, receipt, referenceData)
  return counted.flatMap((entry, index) => {
    const fault = (message: string) => {
      faults.push({ pointer: `/lines/${line.line}`, message })
      return []
    }
    const base = toBaseQuantity(product, entry.quantity, entry.unit, referenceData.units)
    if (isFault(base)) return fault(`${formatQuantity(entry.quantity)} ${entry.unit}: ${base.fault}`)
    // A product may have become tracked, or untracked, since it was counted.
    if ((product.tracking === 'none') !== (entry.lot === null))
      return fault(
        product.tracking === 'none'
          ? `${line.sku} takes no lot any more: count it again`
          : `${line.sku} needs a lot by now: count it again`,
      )
    if (product.tracking === 'serial' && base !== 1_000_000n)
      return fault(`a serial number of ${line.sku} counts one: count it again`)
    return [{ ...postedEntry(line, entry, base, product, receipt, referenceData), ...parts[index] }]
  })
}

function postedEntry(
  line: ReceiptLine,
  entry: Entry,
  base: Quantity,
  product: Product,
  receipt: Receipt,
  referenceData: ReferenceData,
): Omit<ReceiptValidated['lines'][number], 'line'> {
  const unitCost = entry.unitCost ?? line.unitCost
  const ratio = ratioBetween(product, entry.unit, line.unit, referenceData.units)
  return {
    documentLine: line.line,
    sku: line.sku,
    quantity: formatQuantity(base),
    unit: product.unit,
    entered: { quantity: formatQuantity(entry.quantity), unit: entry.unit },
    destination: entry.destination ?? receipt.destination,
    ...(entry.rejected ? heldAs(entry.rejected) : {}),
    category: product.category,
    ...(entry.lot === null ? {} : { lot: entry.lot }),
    ...givenLotDates(entry),
    ...(unitCost === null ? {} : { unitCost: formatUnitPrice(unitCost) }),
    ...(line.unitPrice === null || ratio === undefined
      ? {}
      : {
          price: {
            unitPrice: formatUnitPrice(line.unitPrice),
            unit: line.unit,
            currency: receipt.currency,
            numerator: ratio.numerator.toString(),
            denominator: ratio.denominator.toString(),
          },
        }),
  }
}

/** Held: why, and as what. */
function heldAs(rejected: RejectedGoods): Pick<ReceiptValidated['lines'][number], 'status' | 'rejected'> {
  return { rejected: rejected.reason, status: heldStatus(rejected) }
}

/** The ledger is asked to take it. */
export function receiptValidated(receipt: Receipt, lines: ReceiptValidated['lines']): ReceiptEvent {
  const { vendor } = receipt
  const origin = { ...publishedOrigin(receipt), ...(vendor === null ? {} : { vendor }) }
  const head = { ...publishedPosting(receipt), ...origin }
  const returned = returnedOn(receipt)
  const differences = differencesOf(receipt)
  return { type: 'validated', data: { ...head, lines, differences, ...(returned.length === 0 ? {} : { returned }) } }
}

/** What goes back to the vendor. */
function returnedOn(receipt: Receipt): NonNullable<ReceiptValidated['returned']> {
  if (!receipt.lines.some(isRejectedOn)) return []
  return receipt.lines.flatMap(({ line: documentLine, sku, entries }) =>
    (entries ?? []).flatMap((entry) => {
      const rejected = returnedOf(entry)
      if (rejected === undefined) return []
      const { lot, unit } = entry
      const { reason, quantity } = rejected
      return [{ documentLine, sku, quantity: formatQuantity(quantity), unit, reason, ...(lot === null ? {} : { lot }) }]
    }),
  )
}

/** Lines that are not just what their entries say. Published with the receipt, so that it can be made again. */
function differencesOf(receipt: Receipt): Difference[] {
  return receipt.lines.flatMap((line) => {
    const { line: documentLine, sku, orderLine, expected, unit, unitPrice } = line
    const counted = countedOn(line)
    const asCounted =
      counted.length > 0 &&
      counted.every((entry) => entry.unit === unit) &&
      counted.reduce((sum, entry) => sum + entry.quantity, 0n) === expected
    const asOrdered = orderLine === (receipt.orderId === null ? null : documentLine)
    if (asCounted && asOrdered) return []
    const price = unitPrice === null ? {} : { unitPrice: formatUnitPrice(unitPrice) }
    return [{ documentLine, sku, orderLine, expected: formatQuantity(expected), unit, ...price }]
  })
}
