/** What came of count sheets: one row for each line of those that are done. */
import { sql, type Queryable } from '@stockline/service-kit'
import type { CountKey } from './count.ts'

const knownSkus = sql('select sku from products where sku = any($1::text[])')
const saveResults = sql(`
  insert into count_results (sheet_id, line, product_id, location_id, position, counted_at, differs, recounted)
  select o.count_sheet_id, o.line, p.id, l.id, o.position::bigint, o.counted_at::timestamptz,
    o.counted <> o.on_hand - o.picked + o.put, cardinality(o.counted_before) > 0
  from count_sheet_lines o join products p on p.sku = o.sku join locations l on l.code = o.location
  where o.count_sheet_id = any($1::uuid[]) and o.counted is not null
  on conflict (sheet_id, line) do nothing`)

// An adjustment that is put back to a draft, since the ledger refused it, is not settled.
const settled = sql(`
  select s.id from count_sheets s
  where s.open and s.status = 'submitted'
    and not exists (select from adjustments a where a.id = any(s.adjustments::uuid[]) and a.open)
  order by s.id limit 100`)
// "offset 0" keeps the planner from joining all of a place with all keys: each key looks up its own.
const anyReserved = sql(`
  select exists (
    select from unnest($1::text[], $2::text[]) as k (sku, location)
    cross join lateral (select id from products where sku = k.sku offset 0) p
    cross join lateral (select id from locations where code = k.location offset 0) l
    cross join lateral (
      select from quants where product_id = p.id and location_id = l.id and quantity_reserved > 0 offset 0) q
  ) as reserved`)

/** Submitted sheets whose adjustments are all posted or rejected. */
export async function findSettled(db: Queryable): Promise<readonly string[]> {
  return (await db.query<{ id: string }>(settled)).map(({ id }) => id)
}

/** Is anything reserved of one of these products at its place? */
export async function isAnyReserved(
  db: Queryable,
  keys: readonly Pick<CountKey, 'sku' | 'location'>[],
): Promise<boolean> {
  const [row] = await db.query<{ reserved: boolean }>(anyReserved, [
    keys.map(({ sku }) => sku),
    keys.map(({ location }) => location),
  ])
  return row?.reserved === true
}

/** Those of these products that are known. */
export async function findKnownSkus(db: Queryable, skus: readonly string[]): Promise<ReadonlySet<string>> {
  if (skus.length === 0) return new Set()
  return new Set((await db.query<{ sku: string }>(knownSkus, [skus])).map(({ sku }) => sku))
}

/** Writes the results of sheets that are done. Once, however often it is called. */
export async function storeResults(db: Queryable, sheetIds: readonly string[]): Promise<void> {
  await db.query(saveResults, [sheetIds])
}
