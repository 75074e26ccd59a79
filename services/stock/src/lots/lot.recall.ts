/** What a recall lists, as one table that can be sorted. Pure. */
import type { Recall, RecalledGoods } from './lot.recall.api.ts'

const columns = [
  'what',
  'sku',
  'lot',
  'document',
  'sourceSystem',
  'order',
  'orderLine',
  'partner',
  'partnerName',
  'location',
  'status',
  'quantity',
  'unit',
  'at',
] as const

type RecallRow = Partial<Record<(typeof columns)[number], string | null>>

/**
 * The recall as CSV: one row for each lot, receipt, place, open document, shipment and customer, which `what` tells. Times are ISO 8601,
 * quantities plain numbers. A text that a spreadsheet would take for a formula begins with an apostrophe.
 */
export function recallCsv(recall: Recall): string {
  const { unit } = recall
  const goods =
    (what: string) =>
    (one: RecalledGoods): RecallRow => ({
      ...{ what, sku: one.sku, lot: one.lot, document: one.document, location: one.location },
      ...{ sourceSystem: one.sourceSystem, order: one.order, orderLine: one.orderLine?.toString() ?? null },
      ...{ partner: one.partner?.code ?? null, partnerName: one.partner?.name ?? null },
      ...{ quantity: one.quantity, unit: one.unit, at: one.at },
    })
  const rows: readonly RecallRow[] = [
    ...recall.lots.map(({ sku, code, held, onHand }) => ({
      ...{ what: 'lot', sku, lot: code, status: held ? 'held' : 'released', quantity: onHand, unit },
    })),
    ...recall.receipts.map(goods('receipt')),
    ...recall.places.map(({ sku, lot, location, status, onHand }) => ({
      ...{ what: 'place', sku, lot, location, status, quantity: onHand, unit },
    })),
    ...recall.openDocuments.map(({ number, lot, location, quantity, why }) => ({
      ...{ what: 'open', sku: recall.sku, lot, document: number, location, status: why, quantity, unit },
    })),
    ...recall.shipments.map(goods('shipment')),
    ...recall.customers.map(({ code, name, lot, quantity }) => ({
      ...{ what: 'customer', sku: recall.sku, lot, partner: code, partnerName: name, quantity, unit },
    })),
  ]
  return [columns.join(','), ...rows.map((row) => columns.map((column) => cell(row[column])).join(','))]
    .map((line) => `${line}\r\n`)
    .join('')
}

function cell(text: string | null | undefined): string {
  if (text === null || text === undefined) return ''
  const isNumber = /^-?\d+(\.\d+)?$/.test(text)
  const plain = !isNumber && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain
}
