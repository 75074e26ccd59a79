/** What is on its way to locations of ours, over HTTP. */
import { values } from '@stockline/contracts'
import { decodeCursor, encodeCursor, listQuery, page, pageOf, query, type FiltersOf } from '@stockline/service-kit'
import { z } from 'zod'
import { scopeOf } from '../assignments/assignment.actions.ts'
import type { Database } from '../database.ts'
import { findIncoming } from './incoming.store.ts'

const { locationCode, sku } = values

const incomingAnswer = z
  .object({
    sku: z.string(),
    location: z.string().meta({ description: 'Where it will arrive.' }),
    quantity: z.string(),
    unit: z.string().meta({ description: 'The base unit.' }),
    document: z.string().meta({ description: 'Number of the document that brings it.' }),
    kind: z.enum(['receipt', 'transfer']).meta({ description: 'Of the document. There may be more kinds one day.' }),
    sourceSystem: z.string().nullable().meta({ description: 'Where its order is from. Null where it has none.' }),
    orderNumber: z.string().nullable(),
    expectedOn: z.iso.date().nullable(),
    since: z.iso.datetime().meta({ description: 'When the first of it set out, or was expected.' }),
  })
  .meta({ id: 'Incoming' })

const incomingQuery = listQuery({
  sku: sku.optional(),
  location: locationCode.optional().meta({ description: 'With all below it.' }),
})

/** What is on its way: so much of a product, to a location, by a document, on a day. */
export type Incoming = z.output<typeof incomingAnswer>
/** What a list of it may be narrowed by. */
export type IncomingFilter = FiltersOf<typeof incomingQuery>

/** Behind every date: those that nobody knows come last. */
const noDate = 'infinity'

export const incomingRoutes = [
  query({
    path: '/v1/incoming',
    right: 'stockquant.read',
    summary: 'Lists what is on its way, by when it is expected',
    query: incomingQuery,
    answers: pageOf(incomingAnswer),
    run: async (db: Database, { query: { limit, cursor, ...filter }, actor }) => {
      const after = decodeCursor(
        cursor,
        z.tuple([z.union([z.iso.date(), z.literal(noDate)]), z.string(), z.string(), z.string()]),
      )
      const rows = await findIncoming(db, filter, await scopeOf(db, actor), after, limit)
      const items = rows.map((row): Incoming => ({ ...row, since: row.since.toISOString() }))
      return page(items, limit, (last) =>
        encodeCursor(last.expectedOn ?? noDate, last.document, last.sku, last.location),
      )
    },
  }),
]
