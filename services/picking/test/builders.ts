/** Products, orders and receipts for tests of the rules. */
import { parseQuantity, parseUnitPrice, ratio, type Quantity } from '@stockline/amounts'
import type { Decided, DocumentDecision, Facts } from '../src/documents/document.decide.ts'
import type { Location } from '../src/locations/location.ts'
import { demandFieldsOf } from '../src/orders/order.fields.ts'
import type { Order, OrderLine } from '../src/orders/order.ts'
import type { ReferenceData, Product, Unit } from '../src/products/product.ts'
import type { Entry, Receipt, ReceiptLine } from '../src/receipts/receipt.ts'

export const q = (text: string): Quantity => parseQuantity(text)

export function product(sku: string, over: Partial<Product> = {}): Product {
  return {
    productId: `id of ${sku}`,
    sku,
    name: sku,
    type: 'stockable',
    unit: 'kg',
    unitDecimals: 3,
    units: [],
    category: 'Raw',
    tracking: 'none',
    barcodes: [],
    receiptTolerance: 0n,
    weight: null,
    active: true,
    ...over,
  }
}

const kilogram: Unit = { code: 'kg', name: 'Kilogram', decimals: 3, reference: null }
const gram: Unit = { code: 'g', name: 'Gram', decimals: 0, reference: { unit: 'kg', ratio: ratio(1n, 1000n) } }
const pound: Unit = {
  code: 'lb',
  name: 'Pound',
  decimals: 2,
  reference: { unit: 'kg', ratio: ratio(45359237n, 100000000n) },
}
const unit: Unit = { code: 'unit', name: 'Unit', decimals: 0, reference: null }
const dozen: Unit = { code: 'dozen', name: 'Dozen', decimals: 2, reference: { unit: 'unit', ratio: ratio(12n, 1n) } }
const third: Unit = { code: 'third', name: 'Third', decimals: 6, reference: { unit: 'kg', ratio: ratio(1n, 3n) } }

export const units = new Map([kilogram, gram, pound, unit, dozen, third].map((each) => [each.code, each]))

export const referenceData: ReferenceData = {
  products: new Map(
    [
      product('RM-A'),
      product('RM-B'),
      product('RM-T', { receiptTolerance: 250n }),
      product('PX', { unit: 'unit', unitDecimals: 0, units: [{ unit: 'box', ratio: ratio(24n, 1n) }] }),
      product('LOT', { tracking: 'lot' }),
      product('SER', { unit: 'unit', unitDecimals: 0, tracking: 'serial' }),
      product('SVC', { type: 'service', unit: 'unit', unitDecimals: 0 }),
      product('CON', { type: 'consumable' }),
    ].map((each) => [each.sku, each]),
  ),
  units,
}

export function location(code: string, over: Partial<Location> = {}): Location {
  return {
    locationId: `id of ${code}`,
    code,
    warehouse: 'WH',
    type: 'internal',
    reservable: true,
    allowNegative: false,
    pickSequence: 0,
    barcode: null,
    active: true,
    ...over,
  }
}

/** What a decision may know: an operator asks, who has no other right. */
export function facts(over: Partial<Facts> = {}): Facts {
  return {
    by: { id: 'operator', name: 'Operator' },
    may: () => false,
    now: new Date('2026-04-20T08:00:00Z'),
    referenceData,
    locations: new Map(),
    scope: null,
    ...over,
  }
}

/** The decision, where it is neither `already` nor a refusal. */
export function taken<Document, Told>(decided: Decided<Document, Told>): DocumentDecision<Document, Told> {
  if (decided === 'already' || 'refused' in decided) throw new Error(JSON.stringify(decided))
  return decided
}

export function entry(quantity: string, over: Partial<Entry> = {}): Entry {
  return { quantity: q(quantity), unit: 'kg', lot: null, expiresOn: null, destination: null, unitCost: null, ...over }
}

/** An ordered line. With `received`, one entry of that was counted. */
export function line(
  number: number,
  sku: string,
  expected: string,
  received: string | null = null,
  over: Partial<ReceiptLine> = {},
): ReceiptLine {
  return {
    line: number,
    sku,
    orderLine: number,
    expected: q(expected),
    unit: 'kg',
    received: received === null ? null : q(received),
    unitPrice: parseUnitPrice('2.50'),
    unitCost: null,
    entries: received === null ? null : [entry(received, { unit: over.unit ?? 'kg' })],
    ...over,
  }
}

export function receipt(over: Partial<Receipt> = {}): Receipt {
  return {
    id: 'receipt id',
    number: 'WH/IN/00042',
    warehouse: 'WH',
    status: 'draft',
    orderId: 'order id',
    orderSource: '/erp/purchase',
    orderRevision: 1,
    source: 'PO-2026-001',
    vendor: { code: 'ACME', name: 'Acme Supplies' },
    scheduledDate: '2026-04-23',
    currency: 'USD',
    destination: 'WH/Stock',
    details: null,
    problem: null,
    waitsFor: [],
    countedBy: [],
    remainder: null,
    effectiveAt: null,
    attempt: 0,
    returnsTo: null,
    backorderOf: null,
    position: null,
    version: 1,
    createdAt: new Date('2026-04-20T08:00:00Z'),
    lines: [line(1, 'RM-A', '100'), line(2, 'RM-B', '50')],
    ...over,
  }
}

/** Counted by `operator` and not validated yet. */
export function counted(...lines: readonly ReceiptLine[]): Receipt {
  return receipt({ status: 'in_progress', countedBy: ['operator'], lines })
}

export function orderLine(number: number, sku: string, quantity: string, over: Partial<OrderLine> = {}): OrderLine {
  return { line: number, sku, quantity, unit: 'kg', unitPrice: '2.50', ...over }
}

export function order(revision: number, ...lines: readonly OrderLine[]): Order {
  return {
    id: 'order id',
    kind: 'purchase',
    source: '/erp/purchase',
    orderNumber: 'PO-2026-001',
    revision,
    fingerprint: String(revision),
    status: 'open',
    content: {
      warehouse: 'WH',
      partner: { code: 'ACME', name: 'Acme Supplies' },
      scheduledDate: '2026-04-23',
      currency: 'USD',
      ...demandFieldsOf({}),
      lines,
    },
    confirmedAt: new Date('2026-04-20T08:00:00Z'),
    followed: null,
  }
}
