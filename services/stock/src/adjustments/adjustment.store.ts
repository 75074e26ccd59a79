/** What is kept of adjustments besides themselves. */
import { sql, type Queryable } from '@stockline/service-kit'
import type { Tx } from '../database.ts'
import type { BalanceKey } from '../ledger/balances.actions.ts'

const keepDropped = sql(`
  insert into dropped_counts (adjustment_id, sku, location, lot, status, dropped_at)
  select $1, k.*, $6 from unnest($2::text[], $3::text[], $4::text[], $5::text[]) as k`)

const forgetDropped = sql('delete from dropped_counts where dropped_at <= $1')

/** Forgets counts of adjustments and sheets that were given up before then: they bind nobody any more. */
export async function deleteDropped(db: Queryable, before: Date): Promise<void> {
  await db.query(forgetDropped, [before])
}

/** Remembers counts that were taken off a draft. */
export async function storeDropped(tx: Tx, id: string, keys: readonly BalanceKey[]): Promise<void> {
  if (keys.length === 0) return
  await tx.query(keepDropped, [
    id,
    keys.map(({ sku }) => sku),
    keys.map(({ location }) => location),
    keys.map(({ lot }) => lot),
    keys.map(({ status }) => status),
    tx.now,
  ])
}
