/** Rows of receipts, and what they mean. */
import { formatQuantity, formatUnitPrice, parseQuantity, parseUnitPrice } from '@stockline/amounts'
import { rowsOfDetails } from '../orders/order.details.ts'
import { locationsOf, type Entry, type Receipt, type ReceiptLine, type ReceiptStatus } from './receipt.ts'

/** The head as it is read. */
export interface HeadRow {
  id: string
  number: string
  warehouse: string
  status: ReceiptStatus
  order_id: string | null
  order_source: string | null
  order_revision: number | null
  source: string | null
  vendor_code: string | null
  vendor_name: string | null
  scheduled_date: string | null
  currency: string
  destination: string
  details: Receipt['details']
  problem: string | null
  waits_for: string[]
  counted_by: string[]
  remainder: Receipt['remainder']
  effective_at: Date | null
  attempt: number
  returns_to: Receipt['returnsTo']
  backorder_of: string | null
  position: bigint | null
  version: number
  created_at: Date
}

/** A line inside JSON: amounts travel as text, since JSON would make floats of them. */
export interface LineJson {
  line: number
  sku: string
  order_line: number | null
  expected: string
  unit: string
  received: string | null
  unit_price: string | null
  unit_cost: string | null
  entries: EntryJson[] | null
}

interface EntryJson {
  quantity: string
  unit: string
  lot: string | null
  expiresOn: string | null
  destination: string | null
  unitCost: string | null
}

/** The receipt out of its rows. */
export function toReceipt(row: HeadRow, lines: readonly LineJson[]): Receipt {
  return {
    id: row.id,
    number: row.number,
    warehouse: row.warehouse,
    status: row.status,
    orderId: row.order_id,
    orderSource: row.order_source,
    orderRevision: row.order_revision,
    source: row.source,
    vendor: row.vendor_code === null ? null : { code: row.vendor_code, name: row.vendor_name ?? '' },
    scheduledDate: row.scheduled_date,
    currency: row.currency,
    destination: row.destination,
    details: row.details,
    problem: row.problem,
    waitsFor: row.waits_for,
    countedBy: row.counted_by,
    remainder: row.remainder,
    effectiveAt: row.effective_at,
    attempt: row.attempt,
    returnsTo: row.returns_to,
    backorderOf: row.backorder_of,
    position: row.position,
    version: row.version,
    createdAt: row.created_at,
    lines: lines.map(toLine),
  }
}

function toLine(row: LineJson): ReceiptLine {
  return {
    line: row.line,
    sku: row.sku,
    orderLine: row.order_line,
    expected: parseQuantity(row.expected),
    unit: row.unit,
    received: row.received === null ? null : parseQuantity(row.received),
    unitPrice: row.unit_price === null ? null : parseUnitPrice(row.unit_price),
    unitCost: row.unit_cost === null ? null : parseUnitPrice(row.unit_cost),
    entries: row.entries?.map(toEntry) ?? null,
  }
}

function toEntry(row: EntryJson): Entry {
  return {
    ...row,
    quantity: parseQuantity(row.quantity),
    unitCost: row.unitCost === null ? null : parseUnitPrice(row.unitCost),
  }
}

/** The head on its way in. */
export function headOf(receipt: Receipt): HeadJson {
  return {
    id: receipt.id,
    number: receipt.number,
    warehouse: receipt.warehouse,
    status: receipt.status,
    order_id: receipt.orderId,
    order_source: receipt.orderSource,
    order_revision: receipt.orderRevision,
    source: receipt.source,
    vendor_code: receipt.vendor?.code ?? null,
    vendor_name: receipt.vendor?.name ?? null,
    scheduled_date: receipt.scheduledDate,
    currency: receipt.currency,
    destination: receipt.destination,
    details: receipt.details,
    locations: locationsOf(receipt),
    problem: receipt.problem,
    waits_for: receipt.waitsFor,
    counted_by: receipt.countedBy,
    remainder: receipt.remainder,
    effective_at: receipt.effectiveAt,
    attempt: receipt.attempt,
    returns_to: receipt.returnsTo,
    backorder_of: receipt.backorderOf,
    position: receipt.position === null ? null : receipt.position.toString(),
    version: receipt.version,
    created_at: receipt.createdAt,
  }
}

type HeadJson = Omit<HeadRow, 'position' | 'waits_for' | 'counted_by'> & {
  position: string | null
  locations: readonly string[]
  waits_for: readonly string[]
  counted_by: readonly string[]
}

/** A line on its way in. */
export function lineOf(receiptId: string, line: ReceiptLine): LineJson & { receipt_id: string } {
  return {
    receipt_id: receiptId,
    line: line.line,
    sku: line.sku,
    order_line: line.orderLine,
    expected: formatQuantity(line.expected),
    unit: line.unit,
    received: line.received === null ? null : formatQuantity(line.received),
    unit_price: line.unitPrice === null ? null : formatUnitPrice(line.unitPrice),
    unit_cost: line.unitCost === null ? null : formatUnitPrice(line.unitCost),
    entries:
      line.entries?.map((entry) => ({
        quantity: formatQuantity(entry.quantity),
        unit: entry.unit,
        lot: entry.lot,
        expiresOn: entry.expiresOn,
        destination: entry.destination,
        unitCost: entry.unitCost === null ? null : formatUnitPrice(entry.unitCost),
      })) ?? null,
  }
}

/** Lines and entries: what a receipt weighs in memory. */
export function rowsOf({ lines, details }: Receipt): number {
  return lines.reduce((sum, { entries }) => sum + 1 + (entries?.length ?? 0), rowsOfDetails(details))
}
