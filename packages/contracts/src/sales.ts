/** What a sales system tells: orders confirmed, amended, cancelled. Topic `sales.orders`, keyed by order. */
import { z } from 'zod'
import { contract } from './envelope.ts'
import { lineDetails, orderDetails, saleDetails, withinBytes } from './order-details.ts'
import { revision } from './purchasing.ts'
import {
  date,
  itemNames,
  lineNumber,
  lines,
  namingItem,
  orderNumber,
  partner,
  positiveQuantity,
  reason,
  unitCode,
  warehouseCode,
} from './values.ts'

export const salesOrderLine = namingItem(
  z.object({ line: lineNumber, ...itemNames, quantity: positiveQuantity, unit: unitCode, ...lineDetails }),
)

/** 0 is most urgent. */
export const priority = z.int().min(0).max(9)

const order = z.object({
  orderNumber,
  warehouse: warehouseCode,
  customer: partner,
  /** Missing, the documents' is the earliest of the lines. */
  scheduledDate: date.optional(),
  priority: priority.default(5),
  /** May be reserved and shipped in part. */
  allowPartial: z.boolean().default(false),
  ...orderDetails,
  ...saleDetails,
  lines: lines(salesOrderLine),
})

export const salesOrderConfirmed = contract({
  type: 'sales.order-confirmed.v1',
  topic: 'sales.orders',
  subject: 'order number',
  subjectField: 'orderNumber',
  summary: 'A sales order is confirmed: a delivery appears and stock is reserved.',
  data: withinBytes(order.extend({ revision: revision.default(1) })),
})

export const salesOrderAmended = contract({
  type: 'sales.order-amended.v1',
  topic: 'sales.orders',
  subject: 'order number',
  subjectField: 'orderNumber',
  summary: 'The whole order again, with a higher revision.',
  data: withinBytes(order.extend({ revision })),
})

export const salesOrderCancelled = contract({
  type: 'sales.order-cancelled.v1',
  topic: 'sales.orders',
  subject: 'order number',
  subjectField: 'orderNumber',
  summary: 'The order is cancelled: what is not shipped yet will not go.',
  data: z.object({ orderNumber, revision, reason: reason.optional() }),
})
