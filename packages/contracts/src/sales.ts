/** Events of a sales system: orders confirmed, amended, cancelled. Topic `sales.orders`, keyed by order. */
import { z } from 'zod'
import { contract } from './envelope.ts'
import { lineDetails, orderDetails, saleDetails, saleLineDetails, withinBytes } from './order-details.ts'
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
  z.object({
    line: lineNumber,
    ...itemNames,
    quantity: positiveQuantity,
    unit: unitCode,
    ...lineDetails,
    ...saleLineDetails,
  }),
)

/**
 * What a sales order says of the whole, which its deliveries keep, show and tell with their demand. Who makes a delivery by hand says it,
 * too. One that is added must be optional: what was said before has none of it.
 */
export const demandFields = {
  /** 0 is most urgent. */
  priority: z.int().min(0).max(9).default(5),
  /** May be reserved and shipped in part. */
  allowPartial: z.boolean().default(false),
}

/** What holds where an order says none of them. */
export const defaultDemand = z.object(demandFields).parse({})

/** The same as events of deliveries tell them: what has a default is always there. */
export const toldDemandFields = Object.fromEntries(
  Object.entries(demandFields).map(([name, field]) => [name, field instanceof z.ZodDefault ? field.unwrap() : field]),
) as WithoutDefaults<typeof demandFields>

type WithoutDefaults<Shape> = {
  [Name in keyof Shape]: Shape[Name] extends z.ZodDefault<infer Inner extends z.ZodType> ? Inner : Shape[Name]
}

const order = z.object({
  orderNumber,
  warehouse: warehouseCode,
  customer: partner,
  /** Missing, the documents' is the earliest of the lines. */
  scheduledDate: date.optional(),
  ...demandFields,
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
