/** What must be known of people before they decide on goods. */
import { sql, type Queryable } from '@stockline/service-kit'
import type { BalanceKey } from '../ledger/balances.actions.ts'

const counted = sql(`
  select (k.at - 1)::int as index, min(a.number) as number
  from unnest($2::text[], $3::text[], $4::text[], $5::text[]) with ordinality as k (sku, location, lot, status, at)
  join adjustment_lines l on l.counted_by = $1 and l.sku = k.sku and l.location = k.location
    and l.lot is not distinct from k.lot and l.status = k.status
  join adjustments a on a.id = l.adjustment_id and a.open
  group by k.at order by k.at`)

/** Which of these a person has counted on an adjustment that is still open, with its number, by their index. */
export async function countsOfPerson(
  db: Queryable,
  person: string,
  keys: readonly BalanceKey[],
): Promise<ReadonlyMap<number, string>> {
  const rows = await db.query<{ index: number; number: string }>(counted, [
    person,
    keys.map(({ sku }) => sku),
    keys.map(({ location }) => location),
    keys.map(({ lot }) => lot),
    keys.map(({ status }) => status),
  ])
  return new Map(rows.map(({ index, number }) => [index, number]))
}
