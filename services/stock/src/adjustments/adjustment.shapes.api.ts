/** The shapes of adjustments over HTTP. */
import { values } from '@stockline/contracts'
import { manyOf, shapesOfKind } from '@stockline/documents'
import { z } from 'zod'
import { adjustmentKind } from './adjustment.fields.ts'

/** The code of a reason. */
export const reasonCode = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_-]{0,39}$/, 'must be a code of small letters, digits, "-" and "_", such as "damage"')

const evidence = z
  .string()
  .max(2000)
  .regex(/^https:\/\/[^\s\u0000-\u001f]+$/, 'must be a link that begins with "https://"')

/** What was counted at one place. */
export const lineBody = z.object({
  sku: values.sku,
  location: values.locationCode,
  lot: values.lotCode.optional().meta({ description: 'Lot or serial number: required exactly for tracked products.' }),
  status: z.enum(['available', 'quarantine', 'damaged', 'blocked']).optional(),
  counted: values.quantityOrZero.meta({ description: 'In the base unit. Zero where nothing is there.' }),
  unitCost: values.unitAmount
    .optional()
    .meta({ description: "Of what is found, per base unit, in the company's currency: from a supervisor." }),
  reason: reasonCode.optional().meta({ description: "Where it is another than the document's." }),
})

const lines = manyOf(lineBody, 'lines').min(1, 'must have at least one line')
const note = values.textUpTo(500).optional()

/** An adjustment that is to begin. */
export const newBody = z.object({
  reason: reasonCode,
  note,
  evidence: evidence.optional(),
  blind: z.boolean().optional().meta({ description: 'Hides from those who count what is expected.' }),
  lines,
})

/** What of a draft is to be other. Lines replace all lines, and are counted now. */
export const changedBody = z.object({
  reason: reasonCode.optional(),
  note,
  evidence: evidence.optional(),
  lines: lines.optional(),
})

const moved = z.object({
  document: z.string(),
  kind: z.string(),
  position: z.string(),
  quantity: z.string().meta({ description: 'Below zero where it left.' }),
})

/** How adjustments are listed and answered, and what a list can be asked for. */
export const adjustmentShapes = shapesOfKind('Adjustment', adjustmentKind, {
  line: {
    expected: z.string().nullable().meta({ description: 'Null to whoever counts blind.' }),
    difference: z.string().nullable().meta({ description: 'Counted less expected. Null to whoever counts blind.' }),
    movedSince: z.array(moved).nullable().meta({
      description:
        'What moved there since it was counted, until it was posted or rejected: the last documents. Null to whoever counts blind.',
    }),
    movedMore: z.int().nullable().meta({
      description: 'How many documents moved there before these, among the last 10,000 moves of the product.',
    }),
  },
})
/** An adjustment as it is answered. */
export type AdjustmentAnswer = z.output<typeof adjustmentShapes.answer>
