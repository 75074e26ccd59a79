/** What a purchase system tells: orders confirmed, amended, cancelled. Topic `purchasing.orders`, keyed by order. */
import { z } from 'zod'
import { contract } from './envelope.ts'
import { lineDetails, orderDetails, withinBytes } from './order-details.ts'
import {
  currencyCode,
  date,
  itemNames,
  lineNumber,
  lines,
  namingItem,
  orderNumber,
  partner,
  positiveQuantity,
  reason,
  unitAmount,
  unitCode,
  warehouseCode,
  wholeQuantity,
} from './values.ts'

/** Rises with each event of an order. Missing on a confirmation, it is 1. */
export const revision = z.int().min(1).max(1_000_000_000)

export const purchaseOrderLine = namingItem(
  z.object({
    line: lineNumber,
    ...itemNames,
    quantity: positiveQuantity,
    unit: unitCode,
    unitPrice: unitAmount.optional(),
    /** The price is for so many of the unit; 1 when missing. */
    priceBaseQuantity: wholeQuantity.optional(),
    ...lineDetails,
  }),
)

const order = z.object({
  orderNumber,
  warehouse: warehouseCode,
  vendor: partner,
  /** Missing, the documents' is the earliest of the lines. */
  scheduledDate: date.optional(),
  /** Of all prices; the company's own when missing. */
  currency: currencyCode.optional(),
  ...orderDetails,
  lines: lines(purchaseOrderLine),
})

export const purchasingOrderConfirmed = contract({
  type: 'purchasing.order-confirmed.v1',
  topic: 'purchasing.orders',
  subject: 'order number',
  subjectField: 'orderNumber',
  summary: 'A purchase order is confirmed: a draft receipt appears.',
  data: withinBytes(order.extend({ revision: revision.default(1) })),
})

export const purchasingOrderAmended = contract({
  type: 'purchasing.order-amended.v1',
  topic: 'purchasing.orders',
  subject: 'order number',
  subjectField: 'orderNumber',
  summary: 'The whole order again, with a higher revision.',
  data: withinBytes(order.extend({ revision })),
})

export const purchasingOrderCancelled = contract({
  type: 'purchasing.order-cancelled.v1',
  topic: 'purchasing.orders',
  subject: 'order number',
  subjectField: 'orderNumber',
  summary: 'The order is cancelled: what is not received yet will not come.',
  data: z.object({ orderNumber, revision, reason: reason.optional() }),
})
