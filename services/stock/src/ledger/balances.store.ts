/** What the ledger has at places, and where it is itself: in one statement, so that both are of one moment. */
import { sql, type Queryable } from '@stockline/service-kit'
import type { BalanceKey, KeyRow, MovedBound, MovedRow } from './balances.actions.ts'
import { none } from './quant.ts'

const balances = sql(`
  select k.at, p.type, p.tracking, p.unit, u.decimals as "unitDecimals", p.active as "productActive",
    l.type as "locationType", l.warehouse, l.active as "locationActive", t.id is not null as "lotKnown",
    coalesce(q.quantity_on_hand, 0)::text as "onHand",
    (select coalesce(max(position), 0) from ledger_head where company = $1)::bigint as position
  from unnest($2::int[], $3::text[], $4::text[], $5::text[], $6::text[]) as k (at, sku, location, lot, status)
  left join products p on p.sku = k.sku left join units u on u.code = p.unit
  left join locations l on l.code = k.location
  left join lots t on t.product_id = p.id and t.code = k.lot
  left join quants q on q.product_id = p.id and q.location_id = l.id and q.status = k.status and q.package_id = '${none}'
    and q.lot_id = case when k.lot is null then '${none}' else t.id end
  order by k.at`)

// Of each key: the last moves of its product within the positions, of these what touches the key, by document, of these the last.
const moved = sql(`
  select k.at, m.position, d.number, d.kind, trim_scale(m.quantity)::text as quantity, m.documents::int
  from unnest($1::int[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::bigint[])
    as k (at, sku, location, lot, status, since, until)
  join products p on p.sku = k.sku join locations l on l.code = k.location
  left join lots t on t.product_id = p.id and t.code = k.lot
  cross join lateral (
    select m.position, sum(side.change) as quantity, count(*) over () as documents
    from (
      select * from moves where product_id = p.id and position > k.since and position < k.until
      order by position desc limit $9
    ) m
    cross join lateral (values
      (m.to_location_id, coalesce(m.to_status, m.status), coalesce(m.to_lot_id, m.lot_id), m.quantity),
      (m.from_location_id, m.status, m.lot_id, -m.quantity)) as side (location_id, status, lot_id, change)
    where side.location_id = l.id and side.status = k.status
      and side.lot_id = case when k.lot is null then '${none}' else t.id end
    group by m.position order by m.position desc limit $8
  ) m
  join postings d on d.position = m.position
  order by k.at, m.position`)
const positionThen = sql(`
  select position from postings where position is not null and recorded_at <= $1
  order by recorded_at desc, position desc limit 1`)

/** A row for each key, in their order; what is not known is null in it. */
export function loadKeys(db: Queryable, company: string, keys: readonly BalanceKey[]): Promise<KeyRow[]> {
  return db.query<KeyRow>(balances, [company, keys.map((_key, at) => at), ...columnsOf(keys)])
}

/** What moved at each key behind one position and before another, by document. */
export function loadMoved(
  db: Queryable,
  keys: readonly (BalanceKey & { readonly since: bigint; readonly until: bigint | null })[],
  bound: MovedBound | null,
): Promise<MovedRow[]> {
  return db.query<MovedRow>(moved, [
    keys.map((_key, at) => at),
    ...columnsOf(keys),
    keys.map(({ since }) => since),
    keys.map(({ until }) => until ?? endless),
    bound?.documents ?? null,
    bound?.moves ?? null,
  ])
}

/** Where the ledger was at that time; undefined before its first document. */
export async function loadPositionAt(db: Queryable, time: Date): Promise<bigint | undefined> {
  const [row] = await db.query<{ position: bigint }>(positionThen, [time])
  return row?.position
}

/** Behind every position. */
const endless = 9_223_372_036_854_775_807n

function columnsOf(keys: readonly BalanceKey[]): unknown[] {
  return [
    keys.map(({ sku }) => sku),
    keys.map(({ location }) => location),
    keys.map(({ lot }) => lot),
    keys.map(({ status }) => status),
  ]
}
