import { values } from '@stockline/contracts'
import { decodeCursor, encodeCursor, listQuery, page, pageOf, query, type FiltersOf } from '@stockline/service-kit'
import { z } from 'zod'
import type { Database } from '../database.ts'
import { findAuditEntries } from './audit.store.ts'

const auditEntryAnswer = z
  .object({
    id: z.uuid(),
    at: z.iso.datetime(),
    actor: z.object({ id: z.string(), name: z.string() }).nullable().meta({ description: 'Null: the system itself.' }),
    action: z.string(),
    subject: z.object({ id: z.string(), name: z.string() }),
    old: z.unknown(),
    new: z.unknown(),
  })
  .meta({ id: 'AuditEntry' })

const auditQuery = listQuery({
  subject: z.string().max(200).optional().meta({ description: 'Id of a user, a client or a key.' }),
  actor: z.string().max(200).optional(),
  action: z.string().max(100).optional(),
  since: values.sinceTime.optional().meta({ description: 'Then or later: a time, or a date (UTC).' }),
  until: values.untilTime
    .optional()
    .meta({ description: 'Before then: a time, or a date, which is taken to its end (UTC).' }),
})

/** What the audit may be narrowed by. */
export type AuditFilter = FiltersOf<typeof auditQuery>

const listAudit = query({
  path: '/v1/audit',
  right: 'audit.read',
  summary: 'Who changed whose rights, when, from what to what; newest first',
  query: auditQuery,
  answers: pageOf(auditEntryAnswer),
  run: async (db: Database, { query: { limit, cursor, ...filter } }) => {
    const before = decodeCursor(cursor, z.tuple([z.uuid()]))?.[0]
    const rows = await findAuditEntries(db, filter, before, limit)
    const items = rows.map((row) => ({
      id: row.id,
      at: row.at.toISOString(),
      actor: row.actorId === null ? null : { id: row.actorId, name: row.actorName ?? row.actorId },
      action: row.action,
      subject: { id: row.subjectId, name: row.subjectName },
      old: row.old,
      new: row.new,
    }))
    return page(items, limit, (last) => encodeCursor(last.id))
  },
})

export const auditRoutes = [listAudit]
