/** The model of the source document that picking owns, read only, with the columns of its table. */
import { modelOwners, values } from '@stockline/contracts'
import { decodeCursor, encodeCursor, foundElsewhere, listQuery, page, pageOf, query } from '@stockline/service-kit'
import { z } from 'zod'
import type { Database, Route } from '../database.ts'
import { scopeOf } from '../locations/location.actions.ts'
import { findPickings } from './model.store.ts'

const kinds = ['receipt', 'delivery', 'transfer'] as const

const pickings = query({
  path: '/v1/models/stockpicking',
  right: 'stockpicking.read',
  summary:
    'Reads the model stockpicking: receipts, deliveries and transfers that touch your locations, the newest first',
  query: listQuery({
    kind: z.enum(kinds).optional(),
    number: values.documentNumber.optional(),
    source: values.orderNumber.optional(),
    partner: z.string().max(64).optional().meta({ description: "The partner's code." }),
    status: z.string().max(20).optional(),
  }),
  answers: pageOf(
    z
      .object({
        kind: z.enum(kinds),
        number: z.string(),
        source: z.string().nullable(),
        partner: z.string().nullable().meta({ description: 'Name of the vendor or customer. Transfers have none.' }),
        scheduled: z.iso.date().nullable(),
        status: z.string(),
      })
      .meta({ id: 'StockPickingModel' }),
  ),
  run: async (db: Database, { query: { limit, cursor, ...filter }, actor }) => {
    const after = decodeCursor(cursor, z.tuple([z.string().regex(/^[\d -.:+T]{1,40}$/), z.uuid()]))
    const rows = await findPickings(db, filter, await scopeOf(db, actor), after, limit)
    const { items, nextCursor } = page(rows, limit, (last) => encodeCursor(last.sortedBy, last.id))
    return { items: items.map(({ id: _id, sortedBy: _by, ...row }) => row), nextCursor }
  },
})

/** The source document's own models. */
export const pickingModelRoutes: readonly Route[] = [
  pickings,
  foundElsewhere('/v1/models/:name', { what: 'model', owners: modelOwners }),
]
