/** What an event tells of a validated receipt beside what the ledger needs, and the receipt made again from it. Pure. */
import { formatQuantity, formatUnitPrice, parseQuantity, parseUnitPrice, quantity } from '@stockline/amounts'
import type { ReceiptValidated } from '@stockline/contracts'
import { detailsTold, dueDateOf } from '../orders/order.details.ts'
import type { Order } from '../orders/order.ts'
import type { ReferenceData } from '../products/product.ts'
import { receivedOf } from './receipt.count.ts'
import type { Entry, Receipt, ReceiptLine } from './receipt.ts'

type Difference = NonNullable<ReceiptValidated['differences']>[number]

/** What else is known of a receipt that is restored. */
export interface Known {
  /** As it is in the database; undefined where it was made after the moment to which the database fell back. */
  readonly receipt: Receipt | undefined
  /** Undefined where it has none, or none that was told. */
  readonly order: Order | undefined
  /** Who validated it. They count as one who counted, since nobody knows who did. */
  readonly validatedBy: string | undefined
  readonly createdAt: Date
  /** Of the warehouse; undefined where it has none. */
  readonly defaultDestination: string | undefined
  readonly companyCurrency: string
  readonly referenceData: ReferenceData
}

/** Lines that are not just what their entries say. Told with the receipt, so that it can be made again. */
export function differencesOf(receipt: Receipt): Difference[] {
  return receipt.lines.flatMap((line) => {
    const { line: documentLine, sku, orderLine, expected, unit, unitPrice } = line
    const counted = (line.entries ?? []).filter((entry) => entry.quantity > 0n)
    const asCounted = counted.length > 0 && counted.every((entry) => entry.unit === unit) && sumOf(counted) === expected
    const asOrdered = orderLine === (receipt.orderId === null ? null : documentLine)
    if (asCounted && asOrdered) return []
    const price = unitPrice === null ? {} : { unitPrice: formatUnitPrice(unitPrice) }
    return [{ documentLine, sku, orderLine, expected: formatQuantity(expected), unit, ...price }]
  })
}

/** The receipt as it waits for the ledger's answer; undefined where the database knows of this try already. */
export function restoredReceipt(told: ReceiptValidated, known: Known): Receipt | undefined {
  const { receipt, order, companyCurrency } = known
  if (receipt !== undefined && receipt.attempt >= told.attempt) return undefined
  const destination = receipt?.destination ?? destinationOf(told, known.defaultDestination)
  const currency = told.lines.find(({ price }) => price !== undefined)?.price?.currency
  const made = receipt ?? {
    id: told.documentId,
    number: told.number,
    warehouse: told.warehouse,
    orderId: order?.id ?? null,
    orderSource: told.order?.source ?? null,
    orderRevision: null,
    source: told.order?.orderNumber ?? null,
    vendor: order === undefined || order.content.partner.code === '' ? null : order.content.partner,
    scheduledDate: order === undefined ? null : dueDateOf(order.content),
    currency: currency ?? order?.content.currency ?? companyCurrency,
    destination,
    countedBy: [],
    backorderOf: told.backorderOf ?? null,
    details: null,
    position: null,
    version: 1,
    createdAt: known.createdAt,
    lines: [],
  }
  const lines = linesOf(told, { ...known, destination, before: made.lines })
  return {
    ...made,
    status: 'posting',
    returnsTo: 'in_progress',
    orderRevision: told.order?.revision ?? made.orderRevision,
    problem: null,
    waitsFor: [],
    countedBy: [...new Set([...made.countedBy, ...(known.validatedBy === undefined ? [] : [known.validatedBy])])],
    remainder: told.remainder ?? 'backorder',
    effectiveAt: told.effectiveAt === undefined ? null : new Date(told.effectiveAt),
    attempt: told.attempt,
    // An older version told none.
    details: told.differences === undefined ? made.details : detailsTold(told, lines),
    lines,
  }
}

interface LineContext {
  readonly referenceData: ReferenceData
  readonly destination: string
  readonly before: readonly ReceiptLine[]
}

function linesOf(told: ReceiptValidated, context: LineContext): readonly ReceiptLine[] {
  const entries = Map.groupBy(told.lines, ({ documentLine }) => documentLine)
  const differences = new Map(told.differences?.map((one) => [one.documentLine, one]))
  const before = new Map(context.before.map((line) => [line.line, line]))
  // What an older version told says nothing of lines on which nothing came.
  const others = told.differences === undefined ? before.keys() : differences.keys()
  const numbers = [...new Set([...entries.keys(), ...others])].sort((a, b) => a - b)
  return numbers.flatMap((number) => {
    const counted = entries.get(number) ?? []
    const head = headOf(number, counted, differences.get(number), told, before.get(number))
    if (head === undefined) return []
    const restored = counted.map((line) => entryOf(line, context.destination))
    const line: ReceiptLine = {
      ...head,
      received: null,
      unitCost: null,
      entries: counted.length === 0 ? null : restored,
    }
    const sum = restored.every(({ unit }) => unit === line.unit)
      ? sumOf(restored)
      : receivedOf(line, context.referenceData)
    return [{ ...line, received: counted.length === 0 ? null : sum }]
  })
}

/** What the line is for: as told; else as it was; else what came. */
function headOf(
  number: number,
  counted: ReceiptValidated['lines'],
  difference: Difference | undefined,
  told: ReceiptValidated,
  before: ReceiptLine | undefined,
): Pick<ReceiptLine, 'line' | 'sku' | 'orderLine' | 'expected' | 'unit' | 'unitPrice'> | undefined {
  if (difference !== undefined) {
    const { sku, orderLine, unit, unitPrice } = difference
    const expected = parseQuantity(difference.expected)
    return { line: number, sku, orderLine, expected, unit, unitPrice: priceOf(unitPrice) }
  }
  if (told.differences === undefined && before !== undefined) return before
  const [first] = counted
  if (first === undefined) return undefined
  const { sku, entered, price } = first
  const orderLine = told.order === undefined ? null : number
  const expected = sumOf(counted.map((line) => ({ quantity: parseQuantity(line.entered.quantity) })))
  return { line: number, sku, orderLine, expected, unit: entered.unit, unitPrice: priceOf(price?.unitPrice) }
}

function entryOf(line: ReceiptValidated['lines'][number], destination: string): Entry {
  return {
    quantity: parseQuantity(line.entered.quantity),
    unit: line.entered.unit,
    lot: line.lot ?? null,
    expiresOn: line.expiresOn ?? null,
    destination: line.destination === destination ? null : line.destination,
    unitCost: priceOf(line.unitCost),
  }
}

/** The warehouse's own, as of all receipts of orders; of one made by hand that of a line, where none is the warehouse's. */
function destinationOf(told: ReceiptValidated, usual: string | undefined): string {
  const places = told.lines.map(({ destination }) => destination)
  const isUsual = usual !== undefined && (told.order !== undefined || places.includes(usual))
  return isUsual ? usual : (places[0] ?? told.warehouse)
}

function priceOf(text: string | undefined): ReceiptLine['unitPrice'] {
  return text === undefined ? null : parseUnitPrice(text)
}

function sumOf(counted: readonly Pick<Entry, 'quantity'>[]): ReceiptLine['expected'] {
  return quantity(counted.reduce((sum, entry) => sum + entry.quantity, 0n))
}
