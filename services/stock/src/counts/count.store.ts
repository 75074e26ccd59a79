/** What came of count sheets: one row for each line of those that are done. */
import { sql, type Queryable } from '@stockline/service-kit'

const knownSkus = sql('select sku from products where sku = any($1::text[])')
const saveResults = sql(`
  insert into count_results (sheet_id, line, product_id, location_id, position, counted_at, differs, recounted)
  select o.count_sheet_id, o.line, p.id, l.id, o.position::bigint, o.counted_at::timestamptz,
    o.counted <> o.on_hand - o.picked + o.put, cardinality(o.counted_before) > 0
  from count_sheet_lines o join products p on p.sku = o.sku join locations l on l.code = o.location
  where o.count_sheet_id = any($1::uuid[]) and o.counted is not null
  on conflict (sheet_id, line) do nothing`)

/** Those of these products that are known. */
export async function findKnownSkus(db: Queryable, skus: readonly string[]): Promise<ReadonlySet<string>> {
  if (skus.length === 0) return new Set()
  return new Set((await db.query<{ sku: string }>(knownSkus, [skus])).map(({ sku }) => sku))
}

/** Writes the results of sheets that are done. Once, however often it is called. */
export async function storeResults(db: Queryable, sheetIds: readonly string[]): Promise<void> {
  await db.query(saveResults, [sheetIds])
}
