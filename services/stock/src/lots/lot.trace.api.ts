/** Traces of lots over HTTP. */
import { documentKind, locationType, stockStatus } from '@stockline/contracts'
import { query } from '@stockline/service-kit'
import { z } from 'zod'
import type { Database } from '../database.ts'
import { traceLot } from './lot.trace.actions.ts'

const place = z.object({ location: z.string(), type: locationType })

/** A move of a lot, as traces and serial numbers show it. */
export const movedLot = z.object({
  position: z.string().meta({ description: "The document's place in the ledger." }),
  document: z.string(),
  documentId: z.uuid(),
  kind: documentKind,
  line: z.int(),
  sku: z.string(),
  lot: z.string(),
  toLot: z.string().nullable().meta({ description: 'The lot that the goods got: split or merged.' }),
  quantity: z.string(),
  unit: z.string(),
  from: place,
  to: place,
  status: stockStatus,
  toStatus: stockStatus,
  recordedAt: z.iso.datetime(),
  effectiveAt: z.iso.datetime(),
})
export type TracedMove = z.output<typeof movedLot>

const direction = z.enum(['up', 'down', 'both'])

const trace = z
  .object({
    id: z.uuid(),
    sku: z.string(),
    code: z.string(),
    direction,
    lots: z
      .array(
        z.object({
          id: z.uuid(),
          sku: z.string(),
          code: z.string(),
          held: z.boolean(),
          up: z.boolean().meta({ description: 'It was made of this lot, or it is the lot itself.' }),
          down: z.boolean().meta({ description: 'This lot was made of it, or it is the lot itself.' }),
        }),
      )
      .meta({ description: 'The lot, and those that were split or merged with it.' }),
    moves: z.array(movedLot).meta({ description: 'In the order of the ledger; 2,000 at most.' }),
    more: z.boolean().meta({ description: 'There are more lots or moves than are shown.' }),
    elsewhere: z.boolean().meta({ description: 'There are moves at locations that are not yours.' }),
  })
  .meta({ id: 'Trace' })
export type Trace = z.output<typeof trace>

/** Where a lot came from and what became of it. */
export const traceOfLot = query({
  path: '/v1/lots/:id/trace',
  right: 'stocklot.read',
  summary: 'Traces a lot: up to where it came from, down to what became of it',
  description:
    'Through receipts, transfers, adjustments and shipments, and through the lots that were split or merged. Up: every move of it, and of the lots that it was made of, by which goods came or were moved within. Down: every move, of it and of the lots that were made of it, by which goods were moved within or went.',
  query: z.object({ direction: direction.default('both') }),
  answers: trace,
  run: (db: Database, { params, query: { direction: asked }, actor }) => traceLot(db, params.id, asked, actor),
})
