/**
 * States of picking's documents, published when a document has stood in one for a moment: what of it lies elsewhere than the ledger
 * says, and what is still to come. Keyed by document.
 */
import { z } from 'zod'
import { contract } from './envelope.ts'
import { stockStatus } from './stock.ts'
import {
  date,
  documentNumber,
  id,
  instant,
  lineNumber,
  locationCode,
  lotCode,
  orderNumber,
  partner,
  positiveQuantity,
  sku,
  unitCode,
  warehouseCode,
} from './values.ts'

/** So long after a change its state is published at the latest, where the document is not posted before, in milliseconds. */
export const stateWithinMs = 2000

/** So much of a product, in its base unit, at one place and of one lot. */
const moved = z.object({ location: locationCode, sku, lot: lotCode.optional(), quantity: positiveQuantity })

export const pickingFloorChanged = contract({
  type: 'picking.floor-changed.v1',
  topic: 'picking.floor',
  subject: 'document id',
  summary:
    'What was picked or put for a document and is not posted yet: the whole of it. Posting the document ends it without a further event, and one that is posted soon has none.',
  data: z.object({
    documentId: id,
    number: documentNumber,
    warehouse: warehouseCode,
    kind: z.enum(['receipt', 'delivery']),
    /** When the document was changed last. */
    at: instant,
    /** Taken from the places, in base units; empty where nothing is, or where it was put back. */
    picked: z.array(moved).max(1000),
    /** Put to the places by receipts, in base units; `available` where no status is named. */
    put: z.array(moved.extend({ status: stockStatus.optional() })).max(1000),
  }),
})
/** What was picked or put for a document and is not posted yet. */
export type FloorState = z.infer<typeof pickingFloorChanged.data>

export const pickingReceiptExpected = contract({
  type: 'picking.receipt-expected.v1',
  topic: 'picking.receipts',
  subject: 'document id',
  summary:
    'What is still to come by a receipt: the whole of it, empty where nothing is any more. Posting the receipt ends it without a further event, and one that is posted soon has none.',
  data: z.object({
    documentId: id,
    number: documentNumber,
    warehouse: warehouseCode,
    /** When the receipt was changed last. */
    at: instant,
    /** Absent where it is made by hand. */
    order: z.object({ source: z.string().min(1).max(200), orderNumber }).optional(),
    vendor: partner.optional(),
    /** When it is to come. Absent where nobody said. */
    expectedOn: date.optional(),
    destination: locationCode,
    lines: z
      .array(
        z.object({
          line: lineNumber,
          sku,
          /** What is open of it, in the base unit: all that was ordered, until the ledger has posted the receipt. */
          quantity: positiveQuantity,
          /** The product's base unit as the sender knew it. */
          unit: unitCode.optional(),
          /** Where the line is to come on another day than the receipt. */
          expectedOn: date.optional(),
        }),
      )
      .max(1000),
  }),
})
/** What is still to come by a receipt. */
export type ExpectedState = z.infer<typeof pickingReceiptExpected.data>
