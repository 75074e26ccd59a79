/** The shapes of documents over HTTP, as far as they are the same for every kind that may be of an order. */
import { listedOrderDetails, orderDetails, toldLineDetails, toldOrderDetails, values } from '@stockline/contracts'
import { shapesOfKind, type DocumentFields } from '@stockline/documents'
import { z } from 'zod'

export { manyOf, reasonBody } from '@stockline/documents'

/**
 * How documents of a kind are listed and answered, and what a list can be asked for.
 *
 * @param id names the answer in the OpenAPI document
 * @param ownOfLine what an answer shows of a line besides its fields
 */
export function documentShapes<
  Of extends DocumentFields,
  const Filter extends keyof Of['head'] & string,
  OwnOfLine extends z.ZodRawShape,
>(
  id: string,
  kind: {
    readonly fields: Of
    readonly filters: readonly Filter[]
    readonly sorts: readonly (keyof Of['head'] & string)[]
  },
  ownOfLine: OwnOfLine,
) {
  const line = { ...toldLineDetails, ...ownOfLine }
  return shapesOfKind(id, kind, { listed: listedOrderDetails, told: toldOrderDetails, line })
}

/** What a person gives of a document without an order, whatever its kind. */
export const headByHand = {
  source: values.orderNumber.optional(),
  scheduledDate: values.date.optional(),
  note: orderDetails.note,
  references: orderDetails.references,
}
/** And of each line. */
export const lineByHand = { sku: values.sku, quantity: values.positiveQuantity, unit: values.unitCode.optional() }

/** When it really happened. */
export const effectiveAt = values.instant.transform((text) => new Date(text)).optional()

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
