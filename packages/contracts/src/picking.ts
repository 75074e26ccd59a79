/** Events of picking's documents. To the ledger they are requests. Keyed by document. */
import { z } from 'zod'
import { contract } from './envelope.ts'
import { detailsOfDocument } from './order-details.ts'
import { packedGoods } from './picking.packages.ts'
import { minimumRemainingLife } from './remaining-life.ts'
import { toldDemandFields } from './sales.ts'
import { stockStatus } from './stock.ts'
import {
  categoryName,
  date,
  documentNumber,
  entered,
  id,
  instant,
  lineNumber,
  lines,
  locationCode,
  lotCode,
  lotDates,
  ofOrderLine,
  orderNumber,
  partner,
  positiveQuantity,
  price,
  quantityOrZero,
  reason,
  sku,
  sscc,
  unitAmount,
  unitCode,
  warehouseCode,
} from './values.ts'

const document = {
  documentId: id,
  /** Where people know it by: `WH/IN/00042`. */
  number: documentNumber,
  warehouse: warehouseCode,
}

/** The order that a document is for, as its system names it. */
const orderReference = z.object({ source: z.string().min(1).max(200), orderNumber, revision: z.int().min(1) })

/** The order that a document is for. Both are absent on those made by hand, and before 0.2.0. */
const origin = {
  order: orderReference.optional(),
  /** The document that left this open. */
  backorderOf: id.optional(),
}

/**
 * In which unit the quantity is: the product's base unit as the sender knew it. Stock takes nothing that was counted in another one.
 * Absent before 0.2.0.
 */
const countedIn = { unit: unitCode.optional() }

/** What becomes of what was ordered and did not move; absent: a backorder. */
const remainder = z.enum(['backorder', 'close']).optional()

const posting = {
  ...document,
  /** Counts the tries of this document: a refused one is tried again under the next number. */
  attempt: z.int().min(1),
  /** When it happened, if not now. Never in the future. */
  effectiveAt: instant.optional(),
}

/** Why goods are not accepted at the dock. */
export const rejectReason = z.enum(['damaged', 'wrong', 'expired', 'unannounced'])

export const receivedLine = z.object({
  /** Unique within the event; one per entry. */
  line: lineNumber,
  /** The receipt's line that the entry belongs to. */
  documentLine: lineNumber,
  sku,
  /** In the base unit, rounded once. */
  quantity: positiveQuantity,
  ...countedIn,
  entered,
  lot: lotCode.optional(),
  /** Before 0.2.0 expiry alone. */
  ...lotDates,
  destination: locationCode,
  /** As the product's was when the receipt was validated. */
  category: categoryName,
  price: price.optional(),
  unitCost: unitAmount.optional(),
  ...ofOrderLine,
  /** As what it is kept. Absent: available, and before 0.2.0. */
  status: stockStatus.optional(),
  /** It was rejected, and is held. Absent where it was accepted. */
  rejected: rejectReason.optional(),
})

/** What was rejected and goes back to the vendor: never ours, and open on the order unless that is closed. */
const returned = z.object({
  documentLine: lineNumber,
  sku,
  quantity: positiveQuantity,
  unit: unitCode,
  lot: lotCode.optional(),
  reason: rejectReason,
})

/** A line of a receipt that is not just what its entries say: more or less came, nothing at all, or in another unit. */
const difference = z.object({
  documentLine: lineNumber,
  sku,
  /** The order's line; null where it was not ordered. */
  orderLine: lineNumber.nullable(),
  /** In `unit`. */
  expected: quantityOrZero,
  unit: unitCode,
  unitPrice: unitAmount.optional(),
})

export const pickingReceiptValidated = contract({
  type: 'picking.receipt-validated.v1',
  topic: 'picking.receipts',
  subject: 'document id',
  summary: 'A receipt was validated: the ledger is asked to take it.',
  data: z.object({
    ...posting,
    ...origin,
    /** Of its order. Absent where it has none, and before 0.2.0. */
    vendor: partner.optional(),
    ...detailsOfDocument,
    remainder,
    lines: lines(receivedLine),
    /**
     * Any other line expects just what came, for the order's line of the same number. Absent before 0.2.0, when nothing was
     * said of this.
     */
    differences: z.array(difference).max(1000).optional(),
    /** Absent where nothing goes back, and before 0.2.0. */
    returned: z.array(returned).max(1000).optional(),
  }),
})
/** A receipt to be posted. */
export type ReceiptValidated = z.infer<typeof pickingReceiptValidated.data>

const need = {
  ...document,
  ...origin,
  ...detailsOfDocument,
  /**
   * Rises with each change of what the delivery needs; answers name it. Where it did not rise, only what the order says besides has
   * changed: nothing is reserved anew.
   */
  revision: z.int().min(1),
  ...toldDemandFields,
  scheduledDate: date.optional(),
  /** When the order was confirmed: among equals the earlier comes first. */
  orderedAt: instant,
  /**
   * Why nothing but what is picked is to be reserved for it: it was taken out of the offering, and nobody has asked again. Absent where
   * it is to be reserved, and before 0.2.0.
   */
  held: reason.optional(),
  /**
   * False where it asks for nothing new, but says what is picked or put back: a hold stays that the sender has not heard of yet. Absent
   * where it asks, and before 0.2.0.
   */
  asks: z.boolean().optional(),
  lines: lines(
    z.object({
      line: lineNumber,
      sku,
      quantity: positiveQuantity,
      ...countedIn,
      /** Nothing but this lot will do. Absent where any does, and before 0.2.0. */
      lot: lotCode.optional(),
      /** Nothing of a lot that has less of its life left will do. Absent where any does, and before 0.2.0. */
      minimumRemainingLife,
      /** The order's line where its number is another one; null where the order does not ask for it. */
      orderLine: lineNumber.nullable().optional(),
      /** How much of `quantity` is wanted where that is less: the rest was picked, and is reserved until it is put back. */
      wanted: quantityOrZero.optional(),
      /** What was picked of it, and where: it stays reserved there. */
      picked: z
        .array(z.object({ location: locationCode, lot: lotCode.optional(), quantity: positiveQuantity }))
        .max(1000)
        .optional(),
    }),
  ),
}

export const pickingDeliveryConfirmed = contract({
  type: 'picking.delivery-confirmed.v1',
  topic: 'picking.deliveries',
  subject: 'document id',
  summary: 'A delivery needs stock: the ledger is asked to reserve it. Quantities in the base unit.',
  data: z.object(need),
})

export const pickingDeliveryAmended = contract({
  type: 'picking.delivery-amended.v1',
  topic: 'picking.deliveries',
  subject: 'document id',
  summary: 'What a delivery needs has changed: the whole of it, reserved anew.',
  data: z.object(need),
})
/** What a delivery needs, confirmed or amended. */
export type DeliveryDemand = z.infer<typeof pickingDeliveryAmended.data>

export const pickingDeliveryCancelled = contract({
  type: 'picking.delivery-cancelled.v1',
  topic: 'picking.deliveries',
  subject: 'document id',
  summary: 'A delivery will not go: its reservations are free.',
  data: z.object({ ...document, revision: z.int().min(1), reason }),
})

export const pickedLine = z.object({
  line: lineNumber,
  documentLine: lineNumber,
  sku,
  quantity: positiveQuantity,
  lot: lotCode.optional(),
  location: locationCode,
  category: categoryName,
  /** The order's line. Absent where it was not ordered, and before 0.2.0. */
  orderLine: lineNumber.optional(),
})

export const pickingDeliveryValidated = contract({
  type: 'picking.delivery-validated.v1',
  topic: 'picking.deliveries',
  subject: 'document id',
  summary: 'A delivery was picked and shipped: the ledger is asked to take it.',
  data: z.object({
    ...posting,
    ...origin,
    /** Of its order. Absent where it has none, and before 0.2.0. */
    customer: partner.optional(),
    ...detailsOfDocument,
    remainder,
    lines: lines(pickedLine),
    /** What the goods are packed into: all of them, or none. Absent where nothing is packed, and before 0.2.0. */
    packages: z
      .array(z.object({ sscc, number: documentNumber, contents: z.array(packedGoods).max(1000) }))
      .max(1000)
      .optional(),
  }),
})
/** A delivery to be posted. */
export type DeliveryValidated = z.infer<typeof pickingDeliveryValidated.data>

export const pickingOrderChangeTooLate = contract({
  type: 'picking.order-change-too-late.v1',
  topic: ['picking.receipts', 'picking.deliveries'],
  topicOf: (data) => (data.kind === 'receipt' ? 'picking.receipts' : 'picking.deliveries'),
  subject: 'document id',
  summary: 'An order asks for less than had come or gone: that could not be followed.',
  data: z.object({
    ...document,
    kind: z.enum(['receipt', 'delivery']),
    orderSource: z.string(),
    orderNumber,
    revision: z.int().min(1),
    change: z.enum(['amended', 'cancelled']),
    detail: z.string(),
    /** What was asked for and what had come or gone by then, in `unit`. All else of the change was followed. Absent before 0.2.0. */
    lines: z
      .array(z.object({ line: lineNumber, sku, unit: unitCode, wanted: quantityOrZero, done: quantityOrZero }))
      .max(1000)
      .optional(),
  }),
})
/** What was asked for of a line, and what had come or gone by then. */
export type LateLine = NonNullable<z.infer<typeof pickingOrderChangeTooLate.data>['lines']>[number]
