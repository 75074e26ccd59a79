/** Sales orders and deliveries for tests of the rules. Beside `builders.ts`, which has the products. */
import { ratio } from '@stockline/amounts'
import type { Delivery, DeliveryLine, Pick } from '../src/deliveries/delivery.ts'
import type { Facts } from '../src/documents/document.decide.ts'
import type { Location } from '../src/locations/location.ts'
import { demandFieldsOf } from '../src/orders/order.fields.ts'
import type { Order, OrderContent, OrderLine } from '../src/orders/order.ts'
import type { ReferenceData } from '../src/products/product.ts'
import type { KnownOfEvent } from '../src/restoring/restore.ts'
import { referenceData as base, facts as baseFacts, location, product, q } from './builders.ts'

export const places = ['WH/Stock', 'WH/Stock/A1-03', 'WH/Stock/B2-01']

/** The catalog of `builders.ts`, with barcodes. */
export const referenceData: ReferenceData = {
  units: base.units,
  products: new Map([
    ...base.products,
    ...[
      product('PX', {
        unit: 'unit',
        unitDecimals: 0,
        units: [{ unit: 'box', ratio: ratio(24n, 1n) }],
        barcodes: [
          { code: '4006381333931' },
          { code: '14006381333938', unit: 'box' },
          { code: 'CRATE', unit: 'crate' },
          { code: '12345670', unit: 'dozen' },
        ],
      }),
      product('KG', { barcodes: [{ code: '9506000134352' }] }),
      product('LOT2', { tracking: 'lot' }),
      product('STRANGE', { barcodes: [{ code: '(01)STORED(10)' }] }),
      product('LOT', { tracking: 'lot', barcodes: [{ code: '036000291452' }] }),
      product('SER', { unit: 'unit', unitDecimals: 0, tracking: 'serial', barcodes: [{ code: '00012345600012' }] }),
    ].map((each) => [each.sku, each] as const),
  ]),
}

/** What is suggested at a place; with `picked`, so much was taken there. */
export function pick(at: string, quantity: string, picked: string | null = null, over: Partial<Pick> = {}): Pick {
  return {
    location: at,
    lot: null,
    expiresOn: null,
    pickSequence: places.indexOf(at) < 0 ? 99 : places.indexOf(at),
    quantity: q(quantity),
    picked: picked === null ? null : q(picked),
    ...over,
  }
}

/** A line of an order, needed as ordered. */
export function line(number: number, sku: string, quantity: string, ...picks: readonly Pick[]): DeliveryLine {
  const unit = referenceData.products.get(sku)?.unit ?? 'kg'
  return { line: number, sku, orderLine: number, quantity: q(quantity), unit, needed: q(quantity), picks }
}

/** Ten PX at A1-03 and 5 kg of RM-A at B2-01, reserved. */
export function delivery(over: Partial<Delivery> = {}): Delivery {
  return {
    id: 'delivery id',
    number: 'WH/OUT/00042',
    warehouse: 'WH',
    status: 'ready',
    orderId: 'order id',
    orderSource: '/erp/sales',
    orderRevision: 1,
    source: 'SO-2026-001',
    customer: { code: 'BIG', name: 'Big Buyer' },
    scheduledDate: '2026-04-23',
    details: null,
    ...demandFieldsOf({}),
    orderedAt: new Date('2026-04-20T08:00:00Z'),
    problem: null,
    waitsFor: [],
    held: null,
    pickedBy: [],
    packed: false,
    scanLocation: null,
    needRevision: 1,
    remainder: null,
    effectiveAt: null,
    attempt: 0,
    returnsTo: null,
    backorderOf: null,
    position: null,
    version: 3,
    createdAt: new Date('2026-04-20T08:00:00Z'),
    lines: [line(1, 'PX', '10', pick('WH/Stock/A1-03', '10')), line(2, 'RM-A', '5', pick('WH/Stock/B2-01', '5'))],
    ...over,
  }
}

/** What is known of a delivery that is made again, and that the database lost whole. */
export const lost: KnownOfEvent<Delivery> = {
  before: undefined,
  order: undefined,
  createdAt: new Date('2026-04-20T08:00:00Z'),
  backorderOf: null,
  by: undefined,
  home: undefined,
  referenceData,
}

/** Somebody has begun to pick it. */
export function begun(...lines: readonly DeliveryLine[]): Delivery {
  return delivery({ status: 'in_progress', pickedBy: ['operator'], lines })
}

/** A delivery that waits for stock: nothing is reserved. */
export function waiting(...lines: readonly DeliveryLine[]): Delivery {
  return delivery({ status: 'waiting', lines: lines.map((each) => ({ ...each, picks: [] })) })
}

/** What a decision may know, with all of the warehouse's places known. */
export function facts(over: Partial<Facts> = {}, ...more: readonly Location[]): Facts {
  const known = [...places.map((code) => location(code, { pickSequence: places.indexOf(code) })), ...more]
  return baseFacts({ referenceData, locations: new Map(known.map((each) => [each.code, each])), ...over })
}

export function orderLine(number: number, sku: string, quantity: string, unit?: string): OrderLine {
  return { line: number, sku, quantity, unit: unit ?? referenceData.products.get(sku)?.unit ?? 'kg', unitPrice: null }
}

export function order(revision: number, lines: readonly OrderLine[], over: Partial<OrderContent> = {}): Order {
  return {
    id: 'order id',
    kind: 'sale',
    source: '/erp/sales',
    orderNumber: 'SO-2026-001',
    revision,
    fingerprint: String(revision),
    status: 'open',
    content: {
      warehouse: 'WH',
      partner: { code: 'BIG', name: 'Big Buyer' },
      scheduledDate: '2026-04-23',
      currency: null,
      ...demandFieldsOf({}),
      lines,
      ...over,
    },
    confirmedAt: new Date('2026-04-20T08:00:00Z'),
    followed: null,
  }
}
