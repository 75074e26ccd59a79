import { v7 as uuid } from 'uuid'
import type { Tx } from '../database.ts'
import type { AuditRecord } from './audit.ts'
import { insertAuditEntry } from './audit.store.ts'

/** Writes down a change of rights with who made it and when, in the transaction that makes it. */
export async function recordAudit(tx: Tx, record: AuditRecord): Promise<void> {
  await insertAuditEntry(tx, uuid(), record)
}
