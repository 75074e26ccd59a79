/** The shapes of deliveries over HTTP. */
import {
  demandFields,
  listedOrderDetails,
  orderDetails,
  toldLineDetails,
  toldOrderDetails,
  values,
} from '@stockline/contracts'
import { historyAnswer, listQueryOf } from '@stockline/documents'
import { shapes } from '@stockline/documents/declaration'
import type { DeepReadonly } from '@stockline/service-kit'
import { z } from 'zod'
import { remainders } from '../documents/document.fields.ts'
import { allowPartialMeans, deliveryKind, pickFields } from './delivery.fields.ts'
import { mostLines } from './delivery.ts'

const { head, line } = deliveryKind.fields

/** A delivery as it stands in a list. */
export const summary = z.object({ ...shapes(head, 'listed'), ...listedOrderDetails })

const pick = z.object({
  ...shapes(pickFields, 'answered'),
  picked: z.string(),
  putBack: z
    .string()
    .meta({ description: 'How much of what is picked is not wanted any more, and is to be put back there.' }),
  confirmed: z
    .literal(false)
    .optional()
    .meta({ description: 'Only while stock has not said yet whether that can be taken there.' }),
})

/** A delivery as it is answered. */
export const deliveryAnswer = summary
  .extend({
    ...toldOrderDetails,
    ...shapes(head, 'answered'),
    lines: z.array(
      z.object({
        line: values.lineNumber,
        ...shapes(line, 'answered'),
        ...toldLineDetails,
        picks: z.array(pick),
      }),
    ),
    history: historyAnswer,
  })
  .meta({ id: 'Delivery' })
/** See {@link deliveryAnswer}. */
export type DeliveryAnswer = DeepReadonly<z.output<typeof deliveryAnswer>>

/** The lot is that of the pick. */
const { lot: _asked, ...saidOfLine } = toldLineDetails

/** What to take, in the order of the way. */
export const pickListAnswer = z.object({
  number: values.documentNumber,
  status: head.status.shape,
  version: z.int(),
  ...toldOrderDetails,
  items: z.array(pick.extend({ line: values.lineNumber, sku: values.sku, ...saidOfLine })),
})

/** A delivery made by hand. */
export const handBody = z.object({
  customer: values.partner.optional(),
  warehouse: values.warehouseCode,
  source: values.orderNumber.optional(),
  scheduledDate: values.date.optional(),
  ...demandFields,
  allowPartial: demandFields.allowPartial.meta({ description: allowPartialMeans }),
  note: orderDetails.note,
  references: orderDetails.references,
  lines: z
    .array(z.object({ sku: values.sku, quantity: values.positiveQuantity, unit: values.unitCode.optional() }))
    .min(1, 'must have at least one line')
    .max(mostLines, 'must have at most 1,000 lines'),
})

/** A place, and a lot there, of which something is picked or put back for a line. */
const pickedAt = z.object({
  line: values.lineNumber,
  location: values.locationCode,
  lot: values.lotCode.optional(),
})
const picksOf = <Picked extends z.ZodType>(picked: Picked) =>
  z.array(picked).min(1, 'must have at least one pick').max(mostLines, 'must have at most 1,000 picks')

/** What was taken, and where. */
export const picksBody = z.object({ picks: picksOf(pickedAt.extend({ picked: values.quantityOrZero })) })

/** What was put back, and where. */
export const putBackBody = z
  .object({
    picks: picksOf(pickedAt.extend({ quantity: values.positiveQuantity }))
      .optional()
      .meta({ description: 'In the base unit. Without it, all that is to be put back.' }),
  })
  .default({})

/** A scan. */
export const scanBody = z.object({
  code: z
    .string()
    .trim()
    .min(1)
    .max(200)
    // Of control characters only ASCII 29 may pass.
    .regex(/^[^\u0000-\u001c\u001e\u001f\u007f]*$/, 'must not hold control characters but ASCII 29')
    .meta({ description: 'As the scanner sends it; GS1 with ASCII 29 between elements.' }),
  quantity: values.positiveQuantity.optional().meta({ description: 'In the base unit; one pack where it is missing.' }),
})

/** What becomes of the remainder, and when it went. */
export const shipBody = z
  .object({
    remainder: z.enum(remainders).optional().meta({
      description:
        'What becomes of what is not picked. Where all may not go in part, it must be said; else `backorder`.',
    }),
    effectiveAt: values.instant.transform((text) => new Date(text)).optional(),
  })
  .default({})

/** Why. */
export const reasonBody = z.object({ reason: values.reason })

/** Which deliveries are listed. */
export const filters = listQueryOf(deliveryKind)
