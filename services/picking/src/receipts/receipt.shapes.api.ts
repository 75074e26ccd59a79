/** The shapes of receipts over HTTP. */
import { listedOrderDetails, orderDetails, toldLineDetails, toldOrderDetails, values } from '@stockline/contracts'
import { listQuery, type Given } from '@stockline/service-kit'
import { z } from 'zod'
import { historyAnswer } from '../history/history.actions.ts'
import { receiptSorts } from '../lists/list.actions.ts'
import { mostLines } from './receipt.ts'

const status = z.enum(['draft', 'in_progress', 'in_review', 'posting', 'done', 'cancelled'])
const remainder = z.enum(['backorder', 'close'])
const instant = values.instant.transform((text) => new Date(text))

/** A receipt as it stands in a list. */
export const summary = z.object({
  id: values.id,
  number: values.documentNumber.meta({ description: 'Gapless per warehouse: `WH/IN/00042`.' }),
  status,
  source: z.string().nullable().meta({ description: "The order's number, or what a person wrote." }),
  vendor: values.partner.nullable(),
  scheduledDate: values.date.nullable(),
  warehouse: values.warehouseCode,
  destination: values.locationCode,
  problem: z.string().nullable().meta({ description: 'What stands in the way.' }),
  version: z.int(),
  createdAt: z.iso.datetime(),
  ...listedOrderDetails,
})

/** A receipt as it is answered. Costs are left out for those who may not see them. */
export const receiptAnswer = summary
  .extend({
    ...toldOrderDetails,
    backorderOf: values.id.nullable(),
    remainder: remainder.nullable(),
    effectiveAt: z.iso.datetime().nullable(),
    position: z.string().nullable().meta({ description: 'Place in the ledger, once done.' }),
    currency: z.string().optional().meta({ description: 'Shown with costs, to supervisors and above.' }),
    lines: z.array(
      z.object({
        line: values.lineNumber,
        sku: values.sku,
        expected: z.string(),
        received: z.string().nullable().meta({ description: 'Null until counted. Zero is a count.' }),
        unit: z.string(),
        flag: z.string().nullable().meta({
          description:
            '"OK", "Short 2", "Over 3", "Unexpected". "Other lot", or ", other lot" behind these: another was announced.',
        }),
        ...toldLineDetails,
        unitPrice: z.string().nullable().optional(),
        unitCost: z.string().nullable().optional(),
        entries: z.array(
          z.object({
            quantity: z.string(),
            unit: z.string(),
            lot: z.string().nullable(),
            expiresOn: z.iso.date().nullable(),
            destination: z.string(),
            unitCost: z.string().nullable().optional(),
          }),
        ),
      }),
    ),
    history: historyAnswer,
  })
  .meta({ id: 'Receipt' })
/** See {@link receiptAnswer}. */
export type ReceiptAnswer = Given<z.output<typeof receiptAnswer>>

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
export const choiceBody = z.object({ remainder: remainder.optional(), effectiveAt: instant.optional() }).default({})
/** Why. */
export const reasonBody = z.object({ reason: values.reason })

/** Which receipts are listed. */
export const filters = listQuery({
  number: z.string().optional(),
  source: z.string().optional(),
  status: status.optional(),
  warehouse: z.string().optional(),
  vendor: z.string().optional().meta({ description: "The vendor's code." }),
  destination: z.string().optional(),
  backorderOf: values.id.optional(),
  sort: z.enum(receiptSorts).default('-createdAt'),
})
