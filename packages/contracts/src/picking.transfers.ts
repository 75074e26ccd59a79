/** Events of internal transfers. To the ledger they are requests. Keyed by document. */
import { z } from 'zod'
import { contract } from './envelope.ts'
import {
  categoryName,
  date,
  documentNumber,
  id,
  instant,
  lineNumber,
  lines,
  locationCode,
  lotCode,
  positiveQuantity,
  reason,
  sku,
  unitCode,
  warehouseCode,
} from './values.ts'

const topic = 'picking.transfers'
const subject = 'document id'

const document = {
  documentId: id,
  /** Where people know it by: `WH/INT/00042`. */
  number: documentNumber,
  /** The warehouse of the source. */
  warehouse: warehouseCode,
}

const posting = {
  /** Counts the tries of this document, of all its steps: a refused one is tried again under the next number. */
  attempt: z.int().min(1),
  /** When it happened, if not now. Never in the future. */
  effectiveAt: instant.optional(),
}

const goods = {
  /** Unique within the event. */
  line: lineNumber,
  sku,
  /** In the base unit, rounded once. */
  quantity: positiveQuantity,
  /** In which unit the quantity is: the base unit as the sender knew it. Stock takes nothing that was counted in another one. */
  unit: unitCode.optional(),
  /** On a confirmed line: nothing but this lot will do; absent where any does. */
  lot: lotCode.optional(),
  /** As the product's was when the step was taken. */
  category: categoryName,
}

export const pickingTransferConfirmed = contract({
  type: 'picking.transfer-confirmed.v1',
  topic,
  subject,
  summary:
    'A transfer sets out: the ledger is asked to take all of it from the source, or to let it wait until all of it is there.',
  data: z.object({
    ...document,
    /** Rises with each confirmation; answers to one that waits name it. */
    revision: z.int().min(1),
    ...posting,
    /** 0 is most urgent, as with deliveries. */
    priority: z.int().min(0).max(9),
    scheduledDate: date.optional(),
    /** When it was confirmed first: among equals the earlier comes first. */
    orderedAt: instant,
    /** What is taken comes from here, or from below it, but not from within the destination. */
    source: locationCode,
    destination: locationCode,
    lines: lines(z.object(goods)),
  }),
})
/** A transfer that is to set out. */
export type TransferConfirmed = z.infer<typeof pickingTransferConfirmed.data>

const validatedLine = z
  .object({
    ...goods,
    /** The transfer's own line that this belongs to. */
    documentLine: lineNumber,
    /** Absent: the transit place. */
    from: locationCode.optional(),
    /** Absent: lost. */
    to: locationCode.optional(),
    /** Why it was lost. */
    reason: reason.optional(),
  })
  .refine(({ to, reason: why }) => to !== undefined || why !== undefined, {
    path: ['reason'],
    message: 'must be there where `to` is not: why it was lost',
  })
  .meta({ anyOf: ['to', 'reason'].map((name) => ({ required: [name], properties: { [name]: { type: 'string' } } })) })

export const pickingTransferValidated = contract({
  type: 'picking.transfer-validated.v1',
  topic,
  subject,
  summary:
    'Goods of a transfer arrived, came back or were lost, or were relocated in one step: the ledger is asked to take it.',
  data: z.object({ ...document, ...posting, lines: lines(validatedLine) }),
})
/** A step of a transfer, or a relocation, to be posted. */
export type TransferValidated = z.infer<typeof pickingTransferValidated.data>

export const pickingTransferCancelled = contract({
  type: 'picking.transfer-cancelled.v1',
  topic,
  subject,
  summary: 'A transfer that waits will not go: the ledger forgets it.',
  data: z.object({ ...document, revision: z.int().min(1), reason }),
})
