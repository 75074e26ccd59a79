/** Metrics of the backups: the age of the last one, and how much of the server's log is archived for them. */
import type { Registry } from 'prom-client'
import { registerGauge, type Sample } from '../runtime/gauges.ts'
import type { Logger } from '../runtime/logging.ts'
import { sql, type Queryable } from '../database/transaction.ts'

const backupAge = sql(`select extract(epoch from now() - ended_at)::float8 as seconds from kit.backup`)
// Without a backup nothing of the log was ever let go of. Positions count bytes, the rest of a part that was ended early
// included, which is archived as well.
const archivedLog = sql(`
  select pg_wal_lsn_diff(pg_current_wal_lsn(), coalesce((select log_from from kit.backup), '0/0'))::float8 as bytes
  where current_setting('archive_mode') <> 'off'`)

/** Neither has a value where it would mean nothing: no backup was made by `deploy/backup`, the server archives no log. */
export function measureBackups(registry: Registry, db: Queryable, log: Logger): void {
  const age = {
    name: 'stockline_backup_age_seconds',
    help: 'Since when the last backup of the server is there.',
    read: async () => valueOf((await db.query<{ seconds: number }>(backupAge))[0]?.seconds),
  }
  const kept = {
    name: 'stockline_archived_log_bytes',
    help: "The server's log since the beginning of the oldest backup, or since ever: so much is archived.",
    read: async () => valueOf((await db.query<{ bytes: number }>(archivedLog))[0]?.bytes),
  }
  for (const gauge of [age, kept]) registerGauge(registry, gauge, log)
}

function valueOf(value: number | undefined): Sample<never>[] {
  return value === undefined ? [] : [{ labels: {}, value }]
}
