/** The shapes of orders over HTTP. */
import { toldLineDetails, toldOrderDetails, values } from '@stockline/contracts'
import { listQuery } from '@stockline/service-kit'
import { z } from 'zod'

const kind = z.enum(['purchase', 'sale'])
const itemNames = {
  gtin: z.string().optional(),
  buyerItem: z.string().optional(),
  sellerItem: z.string().optional(),
}

/** An order as it is answered. */
export const orderAnswer = z
  .object({
    kind,
    source: z.string().meta({ description: 'The system that the order is from, as its events name it.' }),
    orderNumber: values.orderNumber,
    revision: z.int().meta({ description: 'The last one that was taken.' }),
    status: z
      .enum(['waiting', 'open', 'cancelled'])
      .meta({ description: '`waiting`: nothing of it could be followed yet; `aside` says why.' }),
    warehouse: z.string(),
    partner: z.object({ code: z.string(), name: z.string() }),
    scheduledDate: values.date.nullable(),
    ...toldOrderDetails,
    confirmedAt: z.iso.datetime(),
    changedAt: z.iso.datetime(),
    unknownFields: z
      .array(z.string())
      .meta({ description: 'What its last event said besides, and nobody here knows: misspelled, perhaps.' }),
    warnings: z.array(z.string()).meta({
      description: 'Lines that name several products: the SKU counts, and here stands whose the other names are.',
    }),
    documents: z.array(
      z.object({
        kind: z.enum(['receipt', 'delivery']),
        id: values.id,
        number: values.documentNumber,
        status: z.string(),
      }),
    ),
    lines: z
      .array(
        z.object({
          line: values.lineNumber,
          sku: values.sku
            .nullable()
            .meta({ description: 'Null where no product is known yet by what the order names it.' }),
          named: z
            .object(itemNames)
            .optional()
            .meta({ description: 'How an order that waits names the item in place of a SKU.' }),
          unit: z.string(),
          ...toldLineDetails,
          ordered: z.string().meta({ description: '"0" where the order does not ask for it any more.' }),
          done: z.string().meta({ description: 'Came or went, and is posted.' }),
          open: z.string().meta({ description: 'A document waits for it.' }),
        }),
      )
      .meta({ description: 'In the unit of the order. What is neither done nor open was closed, or is of a service.' }),
    tooLate: z
      .array(
        z.object({
          revision: z.int(),
          line: values.lineNumber,
          sku: values.sku,
          unit: z.string(),
          wanted: z.string(),
          done: z.string().meta({ description: 'What had come or gone by then.' }),
          at: z.iso.datetime(),
        }),
      )
      .meta({ description: 'What revisions asked for that could not be followed: less than had come or gone.' }),
    aside: z
      .array(
        z.object({
          revision: z.int(),
          event: z.string().meta({ description: 'Its id.' }),
          type: z.string(),
          state: z
            .string()
            .meta({ description: 'As in `GET /v1/parked`; `superseded`: a later revision was followed.' }),
          reason: z.string(),
          at: z.iso.datetime(),
          endedAt: z.iso.datetime().nullable(),
          endedBy: z.object({ id: z.string(), name: z.string() }).nullable(),
          endedWhy: z.string().nullable(),
        }),
      )
      .meta({ description: 'Revisions that could not be followed when they came, and what became of them.' }),
  })
  .meta({ id: 'Order' })
/** See {@link orderAnswer}. */
export type OrderAnswer = z.output<typeof orderAnswer>

/** Which orders are listed. */
export const filters = listQuery({
  kind: kind.optional(),
  source: z
    .string()
    .optional()
    .meta({ description: 'The system that the order is from. Service clients must name theirs.' }),
  orderNumber: z.string().optional(),
  status: z.enum(['waiting', 'open', 'cancelled']).optional(),
  warehouse: z.string().optional(),
})
