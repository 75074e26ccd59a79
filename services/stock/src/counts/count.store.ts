/** What came of count sheets: one row for each line of those that are done, and for each difference that was taken back. */
import { sql, type Queryable } from '@stockline/service-kit'
import { isPosted } from '../ledger/ledger.read.actions.ts'
import { none } from '../ledger/quant.ts'
import type { WithdrawnCount } from './count.ts'

const knownSkus = sql('select sku from products where sku = any($1::text[])')
const saveResults = sql(`
  insert into count_results (sheet_id, line, product_id, location_id, lot_id, status, position, counted_at, differs, recounted)
  select o.count_sheet_id, o.line, p.id, l.id, coalesce(t.id, '${none}'), o.status, o.position::bigint, o.counted_at::timestamptz,
    o.counted <> o.on_hand - o.picked + o.put, cardinality(o.counted_before) > 0
  from count_sheet_lines o join products p on p.sku = o.sku join locations l on l.code = o.location
  left join lots t on t.product_id = p.id and t.code = o.lot
  where o.count_sheet_id = any($1::uuid[]) and o.counted is not null
  on conflict (sheet_id, line) do nothing`)

const keepWithdrawn = sql(`
  insert into dropped_counts (count_sheet_id, sku, location, lot, status, counted_by, dropped_at)
  select $1, k.*, $7 from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[]) as k`)

// Also what the ledger refused of one is an adjustment, which only the count's id leads to.
const settled = sql(`
  select s.id from count_sheets s
  where s.open and s.status = 'submitted'
    and not exists (select from adjustments a where a.count_id = s.id and a.open)
  order by s.id limit 100`)
const adjustmentsOf = sql(`select id from adjustments where count_id = $1 and status <> 'rejected' order by id`)
// What a delivery has picked elsewhere than it was told to is reserved there, and before that it waits.
const anyUnderWay = sql(`
  select exists (
    select from products p where p.sku = any($2::text[]) and (
      exists (select from reservations r where r.product_id = p.id)
      or exists (select from waits w where w.warehouse = $1 and w.product_id = p.id)
      or exists (select from expected_lines e where e.sku = p.sku and not ${isPosted('e.document_id')}))
  ) as "underWay"`)

/** Submitted sheets whose adjustments are all posted or rejected. */
export async function findSettled(db: Queryable): Promise<readonly string[]> {
  return (await db.query<{ id: string }>(settled)).map(({ id }) => id)
}

/** Has or asks a delivery for any of these products, or is a receipt to bring any? */
export async function isAnyUnderWay(db: Queryable, warehouse: string, skus: readonly string[]): Promise<boolean> {
  const [row] = await db.query<{ underWay: boolean }>(anyUnderWay, [warehouse, skus])
  return row?.underWay === true
}

/** Ids of the adjustments of a sheet that are not rejected, also of what the ledger refused of one. */
export async function findAdjustmentsOf(db: Queryable, sheetId: string): Promise<readonly string[]> {
  return (await db.query<{ id: string }>(adjustmentsOf, [sheetId])).map(({ id }) => id)
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

/** Remembers differences of a sheet that stand no more. */
export async function storeWithdrawn(
  db: Queryable,
  sheetId: string,
  counts: readonly WithdrawnCount[],
  now: Date,
): Promise<void> {
  if (counts.length === 0) return
  await db.query(keepWithdrawn, [
    sheetId,
    counts.map(({ sku }) => sku),
    counts.map(({ location }) => location),
    counts.map(({ lot }) => lot),
    counts.map(({ status }) => status),
    counts.map(({ by }) => by),
    now,
  ])
}
