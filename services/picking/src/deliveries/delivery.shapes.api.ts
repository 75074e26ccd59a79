/** The shapes of deliveries over HTTP. */
import { demandFields, saleDetails, toldLineDetails, toldOrderDetails, values } from '@stockline/contracts'
import { shapes } from '@stockline/documents/declaration'
import type { DeepReadonly } from '@stockline/service-kit'
import { z } from 'zod'
import { remainders } from '../documents/document.fields.ts'
import { documentShapes, effectiveAt, headByHand, lineByHand, manyOf } from '../documents/document.shapes.actions.ts'
import { allowPartialMeans, deliveryKind, pickFields } from './delivery.fields.ts'

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

/** A delivery as it is listed and answered. */
export const deliveryShapes = documentShapes('Delivery', deliveryKind, { picks: z.array(pick) })
/** See {@link deliveryShapes}. */
export type DeliveryAnswer = DeepReadonly<z.output<typeof deliveryShapes.answer>>

/** The lot is that of the pick. */
const { lot: _ofOrder, ...lineDetails } = toldLineDetails

/** What to take, in the order of the way. */
export const pickListAnswer = z.object({
  number: values.documentNumber,
  status: deliveryKind.fields.head.status.shape,
  version: z.int(),
  ...toldOrderDetails,
  items: z.array(pick.extend({ line: values.lineNumber, sku: values.sku, ...lineDetails })),
})

/** A delivery made by hand. */
export const newDeliveryBody = z.object({
  customer: values.partner.optional(),
  warehouse: values.warehouseCode,
  ...demandFields,
  allowPartial: demandFields.allowPartial.meta({ description: allowPartialMeans }),
  ...headByHand,
  minimumRemainingLife: saleDetails.minimumRemainingLife,
  lines: manyOf(z.object({ ...lineByHand }), 'lines').min(1, 'must have at least one line'),
})

/** A place, and a lot there, of which something is picked or put back for a line. */
const pickedAt = z.object({
  line: values.lineNumber,
  location: values.locationCode,
  lot: values.lotCode.optional(),
})
const picksOf = <Picked extends z.ZodType>(picked: Picked) =>
  manyOf(picked, 'picks').min(1, 'must have at least one pick')

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

/** Nothing needs to be said. */
export const askBody = z.object({}).default({})

/** What becomes of the remainder, and when it went. */
export const shipBody = z
  .object({
    remainder: z.enum(remainders).optional().meta({
      description:
        'What becomes of what is not picked. Where all may not go in part, it must be said; else `backorder`.',
    }),
    effectiveAt,
  })
  .default({})
