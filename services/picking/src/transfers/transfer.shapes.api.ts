/** The shapes of transfers over HTTP. */
import { values } from '@stockline/contracts'
import { shapesOfKind } from '@stockline/documents'
import { z } from 'zod'
import { effectiveAt, headByHand, lineByHand, manyOf } from '../documents/document.shapes.actions.ts'
import { transferKind } from './transfer.fields.ts'

const moved = z.string().meta({ description: 'In `baseUnit`.' })

/** A transfer as it is listed and answered. */
export const transferShapes = shapesOfKind('Transfer', transferKind, {
  line: { shipped: moved, received: moved, lost: moved, returned: moved, inTransit: moved },
})

const { scheduledDate, note } = headByHand
const goods = { ...lineByHand, line: values.lineNumber.optional(), lot: values.lotCode.optional() }

/** A transfer that is to be made. */
export const newTransferBody = z.object({
  source: values.locationCode,
  destination: values.locationCode,
  ...{ scheduledDate, note },
  lines: manyOf(z.object(goods), 'lines').min(1, 'must have at least one line'),
})

/** Lines of a draft: one that is named is replaced, others are added. */
export const transferLinesBody = z.object({
  lines: manyOf(
    z.object({ ...goods, quantity: values.quantityOrZero.meta({ description: 'Zero takes the named line off.' }) }),
    'lines',
  ).min(1, 'must have at least one line'),
})

/** When it left. */
export const transferConfirmBody = z.object({ effectiveAt }).default({})

/** What came, and what becomes of the rest. */
export const transferReceiveBody = z
  .object({
    lines: manyOf(
      z.object({
        line: values.lineNumber,
        lot: values.lotCode.optional(),
        received: values.quantityOrZero.meta({ description: 'In the base unit of the product.' }),
      }),
      'lines',
    )
      .optional()
      .meta({ description: 'Without it, all that is in transit.' }),
    remainder: z
      .enum(['keep', 'lost'])
      .optional()
      .meta({ description: 'Of what did not come. `keep`, if it is not said: it stays in transit.' }),
    reason: values.reason.optional().meta({ description: 'Why it was lost.' }),
    effectiveAt,
  })
  .default({})

/** Why, and where the goods are that are in transit. */
export const transferCancelBody = z.object({
  reason: values.reason,
  returnTo: values.locationCode
    .optional()
    .meta({ description: 'Where the goods are. Required where they are in transit: they are posted there.' }),
  effectiveAt,
})

/** Goods that are moved from one place to another in one step. */
export const relocationBody = z.object({
  warehouse: values.warehouseCode,
  note,
  effectiveAt,
  lines: manyOf(
    z.object({ ...lineByHand, lot: values.lotCode.optional(), from: values.locationCode, to: values.locationCode }),
    'lines',
  ).min(1, 'must have at least one line'),
})
