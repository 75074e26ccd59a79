/** Which deliveries have reserved of lots that have expired by themselves. */
import { isShortOfLife } from '../reservations/remaining-life.ts'
import { sql } from '@stockline/service-kit'
import type { Database, Tx } from '../database.ts'

/**
 * Days before the last look at which lots are looked at again: a delivery may have been decided on the day before, and its
 * reservation saved after the look.
 */
const againDays = 2
// Lots that expired since: few, found by their index; and of these what is reserved.
const holders = sql(
  `select n.document_id as "documentId"
   from lots t
   join reservations r on r.product_id = t.product_id and r.lot_id = t.id
   join needs n on n.document_id = r.document_id
   where t.expires_on < $2::date and t.expires_on >= coalesce(
     (select withdrawn_before - ${String(againDays)} from lot_expiry where company = $1), '-infinity')
   group by n.document_id
   order by n.priority, coalesce(n.scheduled_date, 'infinity'), n.ordered_at, n.document_id
   limit $3`,
)
// What deliveries ask for of the lives of lots, and have reserved: by the index of lines that ask.
const holdersOfShort = sql(
  `select n.document_id as "documentId"
   from need_lines k
   join reservations r on r.document_id = k.document_id and r.line = k.line
   join needs n on n.document_id = k.document_id and n.status = 'open'
   join lots t on t.id = r.lot_id
   where (k.life_days is not null or k.life_percent is not null) and ${isShortOfLife('$1')}
   group by n.document_id
   order by n.priority, coalesce(n.scheduled_date, 'infinity'), n.ordered_at, n.document_id
   limit $2`,
)
const lastLook = sql('select withdrawn_before = $2::date as same from lot_expiry where company = $1')
const saveLook = sql(
  `insert into lot_expiry (company, withdrawn_before) values ($1, $2)
   on conflict (company) do update set withdrawn_before = greatest(lot_expiry.withdrawn_before, excluded.withdrawn_before)`,
)

/** Deliveries that have reserved of what expired before `today` and since the last look, in demand order. */
export async function findHoldersOfExpired(
  db: Database | Tx,
  company: string,
  today: string,
  most: number,
): Promise<string[]> {
  const rows = await db.query<{ documentId: string }>(holders, [company, today, most])
  return rows.map(({ documentId }) => documentId)
}

/** Deliveries that have reserved of lots with less of their life left today than they ask for, in demand order. */
export async function findHoldersOfShort(db: Database | Tx, today: string, most: number): Promise<string[]> {
  const rows = await db.query<{ documentId: string }>(holdersOfShort, [today, most])
  return rows.map(({ documentId }) => documentId)
}

/** Was it looked on that day? */
export async function isLookedAt(db: Database | Tx, company: string, today: string): Promise<boolean> {
  return (await db.query<{ same: boolean }>(lastLook, [company, today]))[0]?.same === true
}

/** Nothing is left to withdraw that expired before `today`. */
export async function noteLook(tx: Tx, company: string, today: string): Promise<void> {
  await tx.query(saveLook, [company, today])
}
