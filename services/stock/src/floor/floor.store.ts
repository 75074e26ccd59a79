/** The floor in the database. What of it counts is what is not posted. */
import { formatQuantity, storedQuantity } from '@stockline/amounts'
import { plainArray, sql, type Queryable } from '@stockline/service-kit'
import { isPosted } from '../ledger/ledger.read.actions.ts'
import type { Floor, FloorKey, FloorRow } from './floor.ts'

// A row that is not in its document's new state stays with zeros, so that whoever had seen it learns that it changed.
const emptyOthers = sql(`
  update floor set picked = 0, put = 0, changed_at = d.changed_at, heard_at = $8, heard_in = pg_current_xact_id()
  from unnest($1::uuid[], $2::timestamptz[]) d (document_id, changed_at)
  where floor.document_id = d.document_id and (floor.picked <> 0 or floor.put <> 0)
    and not exists (
      select from unnest($3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[]) g (document_id, location, sku, lot, status)
      where (g.document_id, g.location, g.sku, g.lot, g.status)
        = (floor.document_id, floor.location, floor.sku, floor.lot, floor.status))`)
const saveRows = sql(`
  insert into floor (document_id, location, sku, lot, status, kind, number, picked, put, changed_at, heard_at)
  select *, $11::timestamptz from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
    $8::numeric[], $9::numeric[], $10::timestamptz[])
  on conflict (document_id, location, sku, lot, status) do update
  set picked = excluded.picked, put = excluded.put, changed_at = excluded.changed_at, heard_at = excluded.heard_at,
    heard_in = excluded.heard_in
  where (floor.picked, floor.put) <> (excluded.picked, excluded.put)`)
// No count is open for so long. What is under way longer stays.
const forgetOld = sql(`
  delete from floor where (document_id, location, sku, lot, status) in (
    select document_id, location, sku, lot, status from floor
    where heard_at < $1::timestamptz - interval '60 days' and ((picked = 0 and put = 0) or ${isPosted('floor.document_id')})
    order by heard_at limit 1000)`)
const byKey = sql(`
  select k.place, coalesce(sum(f.picked), 0)::text as picked, coalesce(sum(f.put), 0)::text as put,
    pg_current_snapshot()::text as seen, (select coalesce(max(position), 0) from ledger_head)::bigint as position
  from unnest($1::text[], $2::text[], $3::text[], $4::text[]) with ordinality k (location, sku, lot, status, place)
  left join floor f on f.location = k.location and f.sku = k.sku and f.lot = k.lot and f.status = k.status and not ${isPosted('f.document_id')}
  group by k.place order by k.place`)
const below = sql(`
  select f.location, f.sku, nullif(f.lot, '') as lot, f.status, sum(f.picked)::text as picked, sum(f.put)::text as put
  from floor f
  where (f.location = $1 or (f.location > $1 || '/' and f.location < $1 || '0')) and not ${isPosted('f.document_id')}
  group by f.location, f.sku, f.lot, f.status having sum(f.picked) <> 0 or sum(f.put) <> 0
  order by f.location, f.sku, f.lot, f.status`)
// What was posted since, and had not been published as the floor's before, was under way at a moment that nobody knows.
const changed = sql(`
  select k.place from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::pg_snapshot[], $6::bigint[])
    with ordinality k (location, sku, lot, status, seen, position, place)
  where exists (
      select from floor f where f.location = k.location and f.sku = k.sku and f.lot = k.lot and f.status = k.status
        and not pg_visible_in_snapshot(f.heard_in, k.seen))
    or exists (
      select from products p join moves m on m.product_id = p.id and m.position > k.position
      join postings d on d.position = m.position and d.kind in ('receipt', 'delivery')
      join locations l on l.id in (m.from_location_id, m.to_location_id) and l.code = k.location
      left join lots t on t.id = m.lot_id
      where p.sku = k.sku and coalesce(t.code, '') = k.lot and m.status = k.status
        and not exists (
          select from floor f
          where f.document_id = d.document_id and f.location = k.location and f.sku = k.sku and f.lot = k.lot and f.status = k.status
            and f.picked + f.put = (
              select sum(s.quantity) from moves s
              where s.position = m.position and s.product_id = m.product_id and s.lot_id = m.lot_id and s.status = m.status
                and l.id in (s.from_location_id, s.to_location_id))))
  order by k.place`)

/** Writes whole states, each of another document, in place of what was known of it. @param documents of which they are */
export async function storeFloor(
  db: Queryable,
  documents: readonly { readonly documentId: string; readonly at: string }[],
  rows: readonly FloorRow[],
  now: Date,
): Promise<void> {
  const keys = [
    plainArray(rows.map((row) => row.documentId)),
    rows.map((row) => row.location),
    rows.map((row) => row.sku),
    rows.map((row) => row.lot ?? ''),
    rows.map((row) => row.status),
  ]
  await Promise.all([
    db.query(emptyOthers, [
      plainArray(documents.map(({ documentId }) => documentId)),
      plainArray(documents.map(({ at }) => at)),
      ...keys,
      now,
    ]),
    db.query(saveRows, [
      ...keys,
      rows.map((row) => row.kind),
      rows.map((row) => row.number),
      plainArray(rows.map((row) => formatQuantity(row.picked))),
      plainArray(rows.map((row) => formatQuantity(row.put))),
      plainArray(rows.map((row) => row.changedAt)),
      now,
    ]),
    db.query(forgetOld, [now]),
  ])
}

/** The floor of a place as it was seen, in the order asked for. `seen` stands for the moment: see {@link changedSince}. */
export interface FloorSeen extends Floor {
  readonly seen: string
  /** Of the ledger at that moment. */
  readonly position: bigint
}

/**
 * What is picked and put at each of these places now. A document counts in one of this and of what is on hand, and not in both, where
 * both are read at the same position of the ledger.
 */
export async function floorAt(db: Queryable, keys: readonly FloorKey[]): Promise<readonly FloorSeen[]> {
  if (keys.length === 0) return []
  const rows = await db.query<{ picked: string; put: string; seen: string; position: bigint }>(byKey, keyColumns(keys))
  return rows.map(({ picked, put, ...at }) => ({ picked: storedQuantity(picked), put: storedQuantity(put), ...at }))
}

/** All that is picked or put at a location and below it, also where nothing is on hand. */
export async function floorBelow(db: Queryable, location: string): Promise<readonly (FloorKey & Floor)[]> {
  const rows = await db.query<FloorKey & { picked: string; put: string }>(below, [location])
  return rows.map((row) => ({ ...row, picked: storedQuantity(row.picked), put: storedQuantity(row.put) }))
}

/** A place that somebody looked at: the floor as it was seen then, and the ledger's position then. */
export interface Look extends FloorKey, Pick<FloorSeen, 'seen'> {
  readonly position: bigint
}

/**
 * Whether the floor of each place has changed since it was looked at, in the order given: something was heard of it that was not
 * seen then, or a receipt or delivery was posted there that nothing had been heard of. Then what was counted cannot be compared
 * with what was expected. Picking publishes a change within `stateWithinMs`: a look that is younger may miss one.
 */
export async function changedSince(db: Queryable, looks: readonly Look[]): Promise<readonly boolean[]> {
  if (looks.length === 0) return []
  const rows = await db.query<{ place: bigint }>(changed, [
    ...keyColumns(looks),
    looks.map(({ seen }) => seen),
    plainArray(looks.map(({ position }) => position)),
  ])
  const places = new Set(rows.map(({ place }) => Number(place) - 1))
  return looks.map((_look, index) => places.has(index))
}

function keyColumns(keys: readonly FloorKey[]): unknown[] {
  return [
    keys.map(({ location }) => location),
    keys.map(({ sku }) => sku),
    keys.map(({ lot }) => lot ?? ''),
    keys.map(({ status }) => status),
  ]
}
