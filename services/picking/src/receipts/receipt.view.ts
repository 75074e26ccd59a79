/** How a receipt is shown. Prices and costs are left out for those who may not see them. Pure. */
import { formatQuantity, formatUnitPrice, type UnitPrice } from '@stockline/amounts'
import type { HistoryStep } from '../history/history.ts'
import { detailsOfLine } from '../orders/order.details.ts'
import { flagOf, type Receipt, type ReceiptLine } from './receipt.ts'

/** The receipt as it is answered. */
export function viewOf(receipt: Receipt, history: readonly HistoryStep[], showCosts: boolean) {
  return {
    ...summaryOf(receipt),
    backorderOf: receipt.backorderOf,
    remainder: receipt.remainder,
    effectiveAt: receipt.effectiveAt?.toISOString() ?? null,
    position: receipt.position?.toString() ?? null,
    ...(showCosts ? { currency: receipt.currency } : {}),
    lines: receipt.lines.map((line) => lineView(line, receipt, showCosts)),
    history,
  }
}

/** The receipt as it stands in a list. */
export function summaryOf(
  receipt: Pick<
    Receipt,
    | 'id'
    | 'number'
    | 'status'
    | 'warehouse'
    | 'source'
    | 'vendor'
    | 'scheduledDate'
    | 'destination'
    | 'problem'
    | 'version'
    | 'createdAt'
    | 'details'
  >,
) {
  return {
    id: receipt.id,
    number: receipt.number,
    status: receipt.status,
    source: receipt.source,
    vendor: receipt.vendor,
    scheduledDate: receipt.scheduledDate,
    warehouse: receipt.warehouse,
    destination: receipt.destination,
    problem: receipt.problem,
    version: receipt.version,
    createdAt: receipt.createdAt.toISOString(),
    ...receipt.details?.order,
  }
}

function lineView(line: ReceiptLine, receipt: Receipt, showCosts: boolean) {
  const details = detailsOfLine(receipt.details, line.orderLine)
  return {
    line: line.line,
    sku: line.sku,
    expected: formatQuantity(line.expected),
    received: line.received === null ? null : formatQuantity(line.received),
    unit: line.unit,
    flag: flagOf(line, receipt.status, details?.lot ?? null),
    ...details,
    ...(showCosts ? { unitPrice: priceText(line.unitPrice), unitCost: priceText(line.unitCost) } : {}),
    entries: (line.entries ?? []).map((entry) => ({
      quantity: formatQuantity(entry.quantity),
      unit: entry.unit,
      lot: entry.lot,
      expiresOn: entry.expiresOn,
      destination: entry.destination ?? receipt.destination,
      ...(showCosts ? { unitCost: priceText(entry.unitCost) } : {}),
    })),
  }
}

function priceText(price: UnitPrice | null): string | null {
  return price === null ? null : formatUnitPrice(price)
}
