/** Routes by which administrators see and mend what did not flow. Every service has them. */
import { z } from 'zod'
import { command, query, type Route } from '../http/endpoint.ts'
import { republish } from './outbox.republish.ts'
import { decodeCursor, encodeCursor, listQuery, page, pageOf } from '../http/page.ts'
import { discardEvent, releaseEvent } from './parking.ts'
import { listParkedRows, type ParkedRow } from './parking.store.ts'
import { listQuarantined, quarantinedMessage } from './quarantine.ts'
import type { Tx } from '../database/transaction.ts'

const state = z.enum(['parked', 'behind', 'waiting', 'gap', 'applied', 'discarded', 'superseded'])
const who = z.object({ id: z.string(), name: z.string() })

const parkedAnswer = z
  .object({
    id: z.uuid(),
    state: state.meta({
      description:
        '`parked`: tripped a bug; `waiting`: lacks something; `gap`: an earlier event is missing; `behind`: an earlier one of its key is not applied; `applied`, `discarded` and `superseded` (a later revision was applied) are ends.',
    }),
    key: z.string().meta({ description: 'Later events of this key wait behind it.' }),
    due: z.boolean().meta({ description: 'It is about to be tried.' }),
    waitsFor: z.string().nullable(),
    reason: z.string(),
    stack: z.string().nullable(),
    attempts: z.int(),
    topic: z.string(),
    source: z.string(),
    eventId: z.string(),
    type: z.string(),
    subject: z.string(),
    sequence: z.string().nullable(),
    expected: z.string().nullable().meta({ description: 'Of a gap: the sequence that is missing.' }),
    event: z.unknown().meta({ description: 'The whole CloudEvent.' }),
    parkedAt: z.iso.datetime(),
    changedAt: z.iso.datetime(),
    resolvedAt: z.iso.datetime().nullable(),
    resolvedBy: who.nullable(),
    resolvedWhy: z.string().nullable(),
  })
  .meta({ id: 'ParkedEvent' })

const count = z.string().regex(/^[1-9]\d{0,17}$/, 'must be a whole number from 1')

const listParked = query({
  path: '/v1/parked',
  right: 'message.read',
  summary: 'Events that could not be applied yet, and why',
  description:
    'All that are open, or those of one `state`, in the order in which they were set aside. Those of one system, about one order or SKU (`subject`), or behind one `key`.',
  query: listQuery({
    state: state.optional(),
    key: z.string().max(500).optional(),
    source: z.string().max(500).optional(),
    subject: z.string().max(500).optional(),
  }),
  answers: pageOf(parkedAnswer),
  run: async (db, { query: wanted }) => {
    const { cursor, ...filter } = wanted
    const after = decodeCursor(cursor, z.tuple([count]))?.[0]
    const rows = await listParkedRows(db, { ...filter, after: after === undefined ? undefined : BigInt(after) })
    const shown = page(rows, wanted.limit, (row) => encodeCursor(row.position))
    return { items: shown.items.map(parkedView), nextCursor: shown.nextCursor }
  },
})

const releaseParked = command({
  method: 'post',
  path: '/v1/parked/:id/release',
  right: 'message.release',
  summary: 'Tries a parked event again, and those behind it',
  description:
    'It is tried at once, after this answer. Of one that is held for a gap, what is missing before it is given up; mend the gap by republishing instead, where you can.',
  answers: parkedAnswer,
  run: async (tx: Tx, { params }) => parkedView(await releaseEvent(tx, params.id)),
})

const discardParked = command({
  method: 'post',
  path: '/v1/parked/:id/discard',
  right: 'message.discard',
  summary: 'Drops a parked event; those behind it go on',
  body: z.object({ reason: z.string().trim().min(1).max(1000) }),
  answers: parkedAnswer,
  run: async (tx: Tx, { params, body, actor }) => parkedView(await discardEvent(tx, params.id, actor, body.reason)),
})

const listQuarantine = query({
  path: '/v1/quarantine',
  right: 'message.read',
  summary: 'Messages that cannot be taken, with their bytes and every fault',
  description: 'The newest first. Those of one system, with one reason, or about one order or SKU (`key`).',
  query: listQuery({
    source: z.string().max(500).optional(),
    reason: z.string().max(100).optional(),
    key: z.string().max(500).optional(),
  }),
  answers: pageOf(quarantinedMessage),
  run: async (db, { query: wanted }) => {
    const { limit, cursor, ...filter } = wanted
    const beforeId = decodeCursor(cursor, z.tuple([z.uuid()]))?.[0]
    return page(await listQuarantined(db, limit, { ...filter, beforeId }), limit, (row) => encodeCursor(row.id))
  },
})

const republishOutbox = command({
  method: 'post',
  path: '/v1/outbox/republish',
  right: 'outbox.republish',
  summary: 'Sends events of this service again, to mend a gap at a reader',
  description:
    'With `subject`, `from` is a sequence of that aggregate, as the gap names it; without, a position in the outbox. Readers drop what they have.',
  body: z.object({ from: count, topic: z.string().max(200).optional(), subject: z.string().max(255).optional() }),
  answers: z.object({ events: z.int() }),
  run: async (tx: Tx, { body }) => ({ events: Number(await republish(tx, { ...body, from: BigInt(body.from) })) }),
})

/** Mount these on every service. */
export const messagingRoutes: readonly Route[] = [
  listParked,
  releaseParked,
  discardParked,
  listQuarantine,
  republishOutbox,
]

function parkedView(row: ParkedRow): z.output<typeof parkedAnswer> {
  return {
    id: row.id,
    state: row.state === 'gap' && row.resolved_at !== null ? 'discarded' : row.state,
    key: row.park_key,
    due: row.due,
    waitsFor: row.wait_key,
    reason: row.reason,
    stack: row.stack,
    attempts: row.attempts,
    topic: row.topic,
    source: row.source,
    eventId: row.event_id,
    type: row.type,
    subject: row.subject,
    sequence: row.sequence === null ? null : String(row.sequence),
    expected: row.expected === null ? null : String(row.expected),
    event: eventOf(row.event),
    parkedAt: row.parked_at.toISOString(),
    changedAt: row.changed_at.toISOString(),
    resolvedAt: row.resolved_at?.toISOString() ?? null,
    resolvedBy: row.resolved_by,
    resolvedWhy: row.resolved_why,
  }
}

/** The event as JSON; what is none (an unreadable one deferred for its place) as it is. */
function eventOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
