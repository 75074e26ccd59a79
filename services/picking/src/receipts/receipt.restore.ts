/** How receipts that the database lost are made again from what was published when they were validated. Pure. */
import { parseQuantity, parseUnitPrice, quantity } from '@stockline/amounts'
import type { ReceiptValidated } from '@stockline/contracts'
import { givenLotDates } from '@stockline/contracts/lot-dates'
import { dueDateOf, restoredDetails } from '../orders/order.details.ts'
import { partnerOf, restoredHead, restoredPosting, withPerson } from '../orders/order.head.ts'
import type { ReferenceData } from '../products/product.ts'
import type { KnownOfEvent, RestorableKind } from '../restoring/restore.ts'
import { newReceipt } from './receipt.amend.ts'
import { receivedOf } from './receipt.count.ts'
import type { ReceiptEvent } from './receipt.post.ts'
import { ownedIn } from './receipt.rejected.ts'
import type { Entry, Receipt, ReceiptLine } from './receipt.ts'
import { cancelled } from './receipt.validate.ts'

type Difference = NonNullable<ReceiptValidated['differences']>[number]
type Returned = NonNullable<ReceiptValidated['returned']>[number]

const none = quantity(0n)

/** How receipts are made again; prices are in the company's currency where no event says another. */
export function restorableReceipts(companyCurrency: string): RestorableKind<Receipt, ReceiptEvent> {
  return {
    names: ({ data }) => [
      ...data.lines.map(({ sku, entered }) => ({ sku, unit: entered.unit })),
      ...(data.differences ?? []),
    ],
    steps: { validated: 'validated' },
    apply: ({ data }, known) => restoredReceipt(data, known, companyCurrency),
    placeholder: ({ number, ...given }) => {
      const nothing = { source: null, vendor: null, scheduledDate: null, details: null, lines: [] }
      return cancelled({
        ...newReceipt({ ...given, ...nothing, currency: companyCurrency, destination: given.warehouse }),
        number,
      })
    },
    says: {
      made: 'Receipts made again as they were validated',
      changed: 'Receipts brought to what was told of them',
      untold: 'Numbers of receipts that were never validated, kept as cancelled ones',
      // Older versions told no order.
      besides: ({ data: { number, differences } }) =>
        differences === undefined
          ? [
              `${number} was told by a version before 0.2.0, which named no order: if it is of an order, cancel the receipt that the order makes again.`,
            ]
          : [],
    },
    ofOrders: {
      cancel: cancelled,
      unknown: (id) => `Receipt ${id} is told of, and what came on it is not: look at its order.`,
      posted: (second, restored) =>
        `${second} and ${restored} are for the same goods, and both are posted: count, and adjust.`,
      because: 'is validated',
      begun: ({ number, countedBy }) =>
        countedBy.length > 0
          ? `${number} was counted before it was cancelled: look whether its goods came a second time.`
          : undefined,
    },
  }
}

/** The receipt as it waits for the ledger's answer; undefined where the database knows of this attempt already. */
export function restoredReceipt(
  data: ReceiptValidated,
  known: KnownOfEvent<Receipt>,
  companyCurrency: string,
): Receipt | undefined {
  const { before, order, by, home, referenceData } = known
  if (before !== undefined && before.attempt >= data.attempt) return undefined
  const destination = before?.destination ?? destinationOf(data, home?.defaultReceiptLocation ?? undefined)
  const currency = data.lines.find(({ price }) => price !== undefined)?.price?.currency
  const made = before ?? {
    ...restoredHead(data, known),
    vendor: partnerOf(order),
    scheduledDate: order === undefined ? null : dueDateOf(order.content),
    currency: currency ?? order?.content.currency ?? companyCurrency,
    destination,
    countedBy: [],
    details: null,
    lines: [],
  }
  const lines = linesOf(data, { referenceData, destination, before: made.lines })
  return {
    ...made,
    ...restoredPosting(data),
    orderRevision: data.order?.revision ?? made.orderRevision,
    // Nobody knows who counted: who validated it counts as one who did.
    countedBy: withPerson(made.countedBy, by),
    // An older version published none.
    details: data.differences === undefined ? made.details : restoredDetails(data, lines),
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
  const returned = Map.groupBy(told.returned ?? [], ({ documentLine }) => documentLine)
  const numbers = [...new Set([...entries.keys(), ...others])].sort((a, b) => a - b)
  return numbers.flatMap((number) => {
    const counted = entries.get(number) ?? []
    const head = headOf(number, counted, differences.get(number), told, before.get(number))
    if (head === undefined) return []
    const restored = [
      ...counted.map((line) => entryOf(line, context.destination)),
      ...(returned.get(number) ?? []).map(returnedEntry),
    ]
    const line: ReceiptLine = {
      ...head,
      received: null,
      unitCost: null,
      entries: restored.length === 0 ? null : restored,
    }
    const sum = restored.every(({ unit }) => unit === line.unit)
      ? sumOf(ownedIn(restored))
      : receivedOf(line, context.referenceData)
    return [{ ...line, received: restored.length === 0 ? null : sum }]
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
  const { status, rejected: reason = 'damaged' } = line
  const quantity = parseQuantity(line.entered.quantity)
  const location = line.destination === destination ? null : line.destination
  const entry = {
    unit: line.entered.unit,
    lot: line.lot ?? null,
    expiresOn: null,
    ...givenLotDates(line),
    unitCost: priceOf(line.unitCost),
  }
  if (status === undefined || status === 'available') return { ...entry, quantity, destination: location }
  const held = status === 'damaged' ? status : 'quarantine'
  const rejected = { quantity, reason, to: 'hold', location, status: held } as const
  return { ...entry, quantity: none, destination: null, rejected }
}

/** What went back, which no line of the ledger tells. */
function returnedEntry({ quantity: text, unit, lot, reason }: Returned): Entry {
  const rejected = { quantity: parseQuantity(text), reason, to: 'vendor', location: null, status: null } as const
  return { quantity: none, unit, lot: lot ?? null, expiresOn: null, destination: null, unitCost: null, rejected }
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
