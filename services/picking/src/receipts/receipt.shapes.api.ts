/** The shapes of receipts over HTTP. */
import { rejectReason, values } from '@stockline/contracts'
import { shapes } from '@stockline/documents/declaration'
import type { DeepReadonly } from '@stockline/service-kit'
import { z } from 'zod'
import { remainders } from '../documents/document.fields.ts'
import { documentShapes, effectiveAt, headByHand, lineByHand, manyOf } from '../documents/document.shapes.actions.ts'
import { entryFields, receiptKind } from './receipt.fields.ts'

/** A receipt as it is listed and answered. Costs are left out for those who may not see them. */
export const receiptShapes = documentShapes('Receipt', receiptKind, {
  flag: z.string().nullable().meta({
    description:
      '"OK", "Short 2", "Over 3", "Unexpected". "Other lot", or ", other lot" behind these: another was announced. "Rejected", or ", rejected" behind these: not all was accepted.',
  }),
  entries: z.array(z.object({ ...shapes(entryFields, 'answered'), destination: z.string() })),
})
/** See {@link receiptShapes}. */
export type ReceiptAnswer = DeepReadonly<z.output<typeof receiptShapes.answer>>

/** A receipt made by hand. */
export const newReceiptBody = z.object({
  vendor: values.partner.optional(),
  warehouse: values.warehouseCode.optional().meta({ description: 'Taken from the destination where it is missing.' }),
  destination: values.locationCode.optional().meta({ description: "The warehouse's default where it is missing." }),
  currency: values.currencyCode.optional(),
  ...headByHand,
  lines: manyOf(
    z.object({ ...lineByHand, unitPrice: values.unitAmount.optional(), unitCost: values.unitAmount.optional() }),
    'lines',
  ).default([]),
})

/** What came. */
export const entriesBody = z.object({
  entries: manyOf(
    z.object({
      line: values.lineNumber.optional(),
      sku: values.sku.optional(),
      quantity: values.quantityOrZero,
      unit: values.unitCode.optional(),
      lot: values.lotCode.optional(),
      ...values.lotDates,
      destination: values.locationCode.optional(),
      unitCost: values.unitAmount.optional(),
      rejected: z
        .object({
          quantity: values.positiveQuantity.meta({ description: "In the entry's unit, beside its `quantity`." }),
          reason: rejectReason,
          to: z.enum(['hold', 'vendor']).default('hold').meta({
            description: '`hold`: received, owned and held here. `vendor`: never received, still open on the order.',
          }),
          location: values.locationCode
            .optional()
            .meta({ description: "Where it is held: the entry's place if missing." }),
          status: z
            .enum(['quarantine', 'damaged'])
            .optional()
            .meta({ description: 'As what it is held: `damaged` where that is the reason, else `quarantine`.' }),
        })
        .meta({ description: 'What was not accepted. A supervisor reviews it, as every difference.' })
        .optional(),
    }),
    'entries',
  ).min(1, 'must have at least one entry'),
  effectiveAt,
})

/** What becomes of the remainder, and when it came. */
export const choiceBody = z.object({ remainder: z.enum(remainders).optional(), effectiveAt }).default({})
