/** What is mine to do, most urgent first. */
import { mayDo, values } from '@stockline/contracts'
import { decodeCursor, encodeCursor, listQuery, page, pageOf, query } from '@stockline/service-kit'
import { z } from 'zod'
import type { Database, Route } from '../database.ts'
import { scopeOf } from '../locations/location.actions.ts'
import { readQueue } from './queue.store.ts'

const item = z.object({
  document: z.enum(['receipt', 'delivery', 'transfer', 'count-sheet']),
  task: z.enum(['count', 'assign', 'review', 'pick', 'put-back', 'ship', 'receive', 'blocked']).meta({
    description:
      '`count`: a receipt, or a count sheet that is yours. `assign`: a count sheet of nobody, or whose lines another person must count again. `review`: what was counted differs, or a submitted count sheet whose adjustments wait. `ship`: a transfer to confirm at its source. `receive`: one to validate at its destination. `put-back`: something is picked that is not wanted any more, of a cancelled delivery all of it. `blocked`: its `problem` must be solved first, by somebody else.',
  }),
  id: values.id,
  number: values.documentNumber,
  status: z.string(),
  source: z.string().nullable(),
  partner: values.partner.nullable(),
  scheduledDate: values.date.nullable(),
  location: values.locationCode,
  problem: z.string().nullable(),
  version: z.int().meta({ description: 'Of a count sheet, which stock has: when it told of it last.' }),
})

export const queueRoutes: readonly Route[] = [
  query({
    path: '/v1/queue',
    right: 'stockpicking.read',
    summary:
      'Lists what you can do now: receipts to count, deliveries to pick, goods to put back, transfers to ship and to receive, count sheets of yours, and for supervisors what to review and to assign',
    query: listQuery({}),
    answers: pageOf(item),
    run: async (db: Database, { query: given, actor }) => {
      const worker = {
        id: actor.id,
        mayReview: mayDo(actor, 'receipt.review'),
        mayAssign: mayDo(actor, 'count.assign'),
        mayApprove: mayDo(actor, 'adjustment.approve'),
        scope: await scopeOf(db, actor),
      }
      const after = decodeCursor(given.cursor, z.tuple([z.string(), z.uuid()]))
      const rows = await readQueue(db, worker, after, given.limit)
      const { items, nextCursor } = page(rows, given.limit, (last) => encodeCursor(last.dueAt, last.id))
      return { items: items.map(({ dueAt: _dueAt, ...each }) => each), nextCursor }
    },
  }),
]
