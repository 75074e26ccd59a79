import { Prisma, type AuditEntry as AuditRow } from '../generated/client.ts'
import type { Database, Tx } from '../database.ts'
import type { AuditFilter } from './audit.api.ts'
import type { AuditRecord } from './audit.ts'

export async function insertAuditEntry(tx: Tx, id: string, record: AuditRecord): Promise<void> {
  await tx.prisma.auditEntry.createMany({
    data: {
      id,
      at: tx.now,
      actorId: tx.origin.actor?.id ?? null,
      actorName: tx.origin.actor?.name ?? null,
      action: record.action,
      subjectId: record.subject.id,
      subjectName: record.subject.name,
      old: record.old ?? Prisma.DbNull,
      new: record.new ?? Prisma.DbNull,
    },
  })
}

/** Newest first; ids rise with time. One more than the limit, so that the caller sees whether more follow. */
export function findAuditEntries(
  db: Database,
  filter: AuditFilter,
  before: string | undefined,
  limit: number,
): Promise<AuditRow[]> {
  return db.prisma.auditEntry.findMany({
    where: {
      ...(filter.subject === undefined ? {} : { subjectId: filter.subject }),
      ...(filter.actor === undefined ? {} : { actorId: filter.actor }),
      ...(filter.action === undefined ? {} : { action: filter.action }),
      ...(before === undefined ? {} : { id: { lt: before } }),
      at: {
        ...(filter.since === undefined ? {} : { gte: new Date(filter.since) }),
        ...(filter.until === undefined ? {} : { lt: new Date(filter.until) }),
      },
    },
    orderBy: { id: 'desc' },
    take: limit + 1,
  })
}
