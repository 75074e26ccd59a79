/** What is mine to do, most urgent first. */
import { mayDo, values } from '@stockline/contracts'
import { decodeCursor, encodeCursor, listQuery, page, pageOf, query } from '@stockline/service-kit'
import { z } from 'zod'
import type { Database, Route } from '../database.ts'
import { scopeOf } from '../locations/location.actions.ts'
import { readQueue } from './queue.store.ts'

const item = z.object({
  document: z.enum(['receipt', 'delivery', 'transfer']),
  task: z.enum(['count', 'review', 'pick', 'put-back', 'ship', 'receive', 'blocked']).meta({
    description:
      '`ship`: a transfer to confirm at its source. `receive`: one to validate at its destination. `put-back`: something is picked that is not wanted any more, of a cancelled delivery all of it. `blocked`: its `problem` must be solved first, by somebody else.',
  }),
  id: values.id,
  number: values.documentNumber,
  status: z.string(),
  source: z.string().nullable(),
  partner: values.partner.nullable(),
  scheduledDate: values.date.nullable(),
  location: values.locationCode,
  problem: z.string().nullable(),
  version: z.int(),
})

export const queueRoutes: readonly Route[] = [
  query({
    path: '/v1/queue',
    right: 'stockpicking.read',
    summary:
      'Lists what you can do now: receipts to count, deliveries to pick, goods to put back, transfers to ship and to receive, and for supervisors receipts to review',
    query: listQuery({}),
    answers: pageOf(item),
    run: async (db: Database, { query: given, actor }) => {
      const worker = { id: actor.id, mayReview: mayDo(actor, 'receipt.review'), scope: await scopeOf(db, actor) }
      const after = decodeCursor(given.cursor, z.tuple([z.string(), z.uuid()]))
      const rows = await readQueue(db, worker, after, given.limit)
      const { items, nextCursor } = page(rows, given.limit, (last) => encodeCursor(last.dueAt, last.id))
      return { items: items.map(({ dueAt: _dueAt, ...each }) => each), nextCursor }
    },
  }),
]
