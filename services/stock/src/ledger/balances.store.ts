/** What the ledger has at places, and where it is itself: in one statement, so that both are of one moment. */
import { sql, type Queryable } from '@stockline/service-kit'
import type { BalanceKey, KeyRow, MovedRow } from './balances.actions.ts'
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

const moved = sql(`
  select k.at, m.position, d.number, d.kind, trim_scale(sum(side.change))::text as quantity
  from unnest($1::int[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::bigint[])
    as k (at, sku, location, lot, status, since, until)
  join products p on p.sku = k.sku join locations l on l.code = k.location
  left join lots t on t.product_id = p.id and t.code = k.lot
  join moves m on m.product_id = p.id and m.position > k.since and m.position < k.until
    and m.lot_id = case when k.lot is null then '${none}' else t.id end
  cross join lateral (values (m.to_location_id, coalesce(m.to_status, m.status), m.quantity),
    (m.from_location_id, m.status, -m.quantity)) as side (location_id, status, change)
  join postings d on d.position = m.position
  where side.location_id = l.id and side.status = k.status
  group by k.at, m.position, d.number, d.kind order by k.at, m.position`)

/** A row for each key, in their order; what is not known is null in it. */
export function loadKeys(db: Queryable, company: string, keys: readonly BalanceKey[]): Promise<KeyRow[]> {
  return db.query<KeyRow>(balances, [company, keys.map((_key, at) => at), ...columnsOf(keys)])
}

/** What moved at each key behind one position and before another, by document. */
export function loadMoved(
  db: Queryable,
  keys: readonly (BalanceKey & { readonly since: bigint; readonly until: bigint | null })[],
): Promise<MovedRow[]> {
  return db.query<MovedRow>(moved, [
    keys.map((_key, at) => at),
    ...columnsOf(keys),
    keys.map(({ since }) => since),
    keys.map(({ until }) => until ?? endless),
  ])
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
