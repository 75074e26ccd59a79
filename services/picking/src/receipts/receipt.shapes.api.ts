/** The shapes of receipts over HTTP. */
import { listedOrderDetails, orderDetails, toldLineDetails, toldOrderDetails, values } from '@stockline/contracts'
import { historyAnswer, listQueryOf } from '@stockline/documents'
import { shapes } from '@stockline/documents/declaration'
import type { DeepReadonly } from '@stockline/service-kit'
import { z } from 'zod'
import { remainders } from '../documents/document.fields.ts'
import { entryFields, receiptKind } from './receipt.fields.ts'
import { mostLines } from './receipt.ts'

const { head, line } = receiptKind.fields
const instant = values.instant.transform((text) => new Date(text))

/** A receipt as it stands in a list. */
export const summary = z.object({ ...shapes(head, 'listed'), ...listedOrderDetails })

/** A receipt as it is answered. Costs are left out for those who may not see them. */
export const receiptAnswer = summary
  .extend({
    ...toldOrderDetails,
    ...shapes(head, 'answered'),
    lines: z.array(
      z.object({
        line: values.lineNumber,
        ...shapes(line, 'answered'),
        flag: z.string().nullable().meta({
          description:
            '"OK", "Short 2", "Over 3", "Unexpected". "Other lot", or ", other lot" behind these: another was announced.',
        }),
        ...toldLineDetails,
        entries: z.array(z.object({ ...shapes(entryFields, 'answered'), destination: z.string() })),
      }),
    ),
    history: historyAnswer,
  })
  .meta({ id: 'Receipt' })
/** See {@link receiptAnswer}. */
export type ReceiptAnswer = DeepReadonly<z.output<typeof receiptAnswer>>

/** A receipt made by hand. */
export const handBody = z.object({
  vendor: values.partner.optional(),
  warehouse: values.warehouseCode.optional().meta({ description: 'Taken from the destination where it is missing.' }),
  destination: values.locationCode.optional().meta({ description: "The warehouse's default where it is missing." }),
  source: values.orderNumber.optional(),
  scheduledDate: values.date.optional(),
  currency: values.currencyCode.optional(),
  note: orderDetails.note,
  references: orderDetails.references,
  lines: z
    .array(
      z.object({
        sku: values.sku,
        quantity: values.positiveQuantity,
        unit: values.unitCode.optional(),
        unitPrice: values.unitAmount.optional(),
        unitCost: values.unitAmount.optional(),
      }),
    )
    .max(mostLines, 'must have at most 1,000 lines')
    .default([]),
})

/** What came. */
export const entriesBody = z.object({
  entries: z
    .array(
      z.object({
        line: values.lineNumber.optional(),
        sku: values.sku.optional(),
        quantity: values.quantityOrZero,
        unit: values.unitCode.optional(),
        lot: values.lotCode.optional(),
        expiresOn: values.date.optional(),
        destination: values.locationCode.optional(),
        unitCost: values.unitAmount.optional(),
      }),
    )
    .min(1, 'must have at least one entry')
    .max(mostLines, 'must have at most 1,000 entries'),
  effectiveAt: instant.optional(),
})

/** What becomes of the remainder, and when it came. */
export const choiceBody = z
  .object({ remainder: z.enum(remainders).optional(), effectiveAt: instant.optional() })
  .default({})
/** Why. */
export const reasonBody = z.object({ reason: values.reason })

/** Which receipts are listed. */
export const filters = listQueryOf(receiptKind)
