/** What picking tells of its documents: requests to the ledger, in the past tense. Keyed by document. */
import { z } from 'zod'
import { contract } from './envelope.ts'
import { priority } from './sales.ts'
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
  orderNumber,
  positiveQuantity,
  price,
  reason,
  sku,
  unitAmount,
  warehouseCode,
} from './values.ts'

const document = {
  documentId: id,
  /** Where people know it by: `WH/IN/00042`. */
  number: documentNumber,
  warehouse: warehouseCode,
}

const posting = {
  ...document,
  /** Counts the tries of this document: a refused one is tried again under the next number. */
  attempt: z.int().min(1),
  /** When it happened, if not now. Never in the future. */
  effectiveAt: instant.optional(),
}

export const receivedLine = z.object({
  /** Unique within the event; one per entry. */
  line: lineNumber,
  /** The receipt's line that the entry belongs to. */
  documentLine: lineNumber,
  sku,
  /** In the base unit, rounded once. */
  quantity: positiveQuantity,
  entered,
  lot: lotCode.optional(),
  expiresOn: date.optional(),
  destination: locationCode,
  /** As the product's was when the receipt was validated. */
  category: categoryName,
  price: price.optional(),
  unitCost: unitAmount.optional(),
})

export const pickingReceiptValidated = contract({
  type: 'picking.receipt-validated.v1',
  topic: 'picking.receipts',
  subject: 'document id',
  summary: 'A receipt was validated: the ledger is asked to take it.',
  data: z.object({ ...posting, lines: lines(receivedLine) }),
})

const need = {
  ...document,
  /** Rises with each change of what the delivery needs; answers name it. */
  revision: z.int().min(1),
  priority,
  scheduledDate: date.optional(),
  /** When the order was confirmed: among equals the earlier comes first. */
  orderedAt: instant,
  allowPartial: z.boolean(),
  lines: lines(z.object({ line: lineNumber, sku, quantity: positiveQuantity })),
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
})

export const pickingDeliveryValidated = contract({
  type: 'picking.delivery-validated.v1',
  topic: 'picking.deliveries',
  subject: 'document id',
  summary: 'A delivery was picked and shipped: the ledger is asked to take it.',
  data: z.object({ ...posting, lines: lines(pickedLine) }),
})

export const pickingOrderChangeTooLate = contract({
  type: 'picking.order-change-too-late.v1',
  topic: ['picking.receipts', 'picking.deliveries'],
  topicOf: (data) => (data.kind === 'receipt' ? 'picking.receipts' : 'picking.deliveries'),
  subject: 'document id',
  summary: 'An order changed after its document was posted: the change could not be made.',
  data: z.object({
    ...document,
    kind: z.enum(['receipt', 'delivery']),
    orderSource: z.string(),
    orderNumber,
    revision: z.int().min(1),
    change: z.enum(['amended', 'cancelled']),
    detail: z.string(),
  }),
})
