/** What must be known of people before they decide on goods. */
import { sql, type Queryable } from '@stockline/service-kit'
import type { BalanceKey } from '../ledger/balances.actions.ts'

// Who may not approve an adjustment has counted it. Of a sheet it is the line that was counted, also where that was set aside; what was
// counted otherwise since then is found by itself.
const counted = sql(`
  with mine as materialized (
    select a.number, l.sku, l.location, l.lot, l.status
    from adjustments a join adjustment_lines l on l.adjustment_id = a.id
    where (a.open or (a.status = 'rejected' and a.changed_at > $2))
      and $1 = any(a.counted_by || a.created_by || a.submitted_by) and l.sku = any($3)
    union all
    select a.number, d.sku, d.location, d.lot, d.status
    from dropped_counts d join adjustments a on a.id = d.adjustment_id
    where d.dropped_at > $2 and $1 = any(a.counted_by || a.created_by || a.submitted_by) and d.sku = any($3)
    union all
    select s.number, d.sku, d.location, d.lot, d.status
    from dropped_counts d join count_sheets s on s.id = d.count_sheet_id
    where d.dropped_at > $2 and d.counted_by = $1 and d.sku = any($3)
    union all
    select s.number, l.sku, l.location, l.lot, l.status
    from count_sheets s join count_sheet_lines l on l.count_sheet_id = s.id
    where (s.open or (s.status = 'cancelled' and s.changed_at > $2)) and $1 = any(s.worked_on_by)
      and ($1 = l.counted_by or $1 = any(l.counted_before)) and l.sku = any($3)
  )
  select (k.at - 1)::int as index, min(m.number) as number
  from unnest($3::text[], $4::text[], $5::text[], $6::text[]) with ordinality as k (sku, location, lot, status, at)
  join mine m on m.sku = k.sku and m.location = k.location and m.lot is not distinct from k.lot and m.status = k.status
  group by k.at order by k.at`)

/**
 * Which of these a person has counted or submitted on an adjustment or count sheet that is open, or that was given up or counted
 * otherwise since then, with its number, by their index.
 */
export async function countsOfPerson(
  db: Queryable,
  person: string,
  givenUpSince: Date,
  keys: readonly BalanceKey[],
): Promise<ReadonlyMap<number, string>> {
  const rows = await db.query<{ index: number; number: string }>(counted, [
    person,
    givenUpSince,
    keys.map(({ sku }) => sku),
    keys.map(({ location }) => location),
    keys.map(({ lot }) => lot),
    keys.map(({ status }) => status),
  ])
  return new Map(rows.map(({ index, number }) => [index, number]))
}
