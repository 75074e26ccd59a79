/** Quants in and out of the database. */
import { type AmountsAsText, formatQuantity, type Quantity } from '@stockline/amounts'
import { isOwned } from '@stockline/contracts/locations'
import { type Queryable, sql, plainArray } from '@stockline/service-kit'
import { isAvailable, unreserved } from '../availability/available.ts'
import { type LocationRow, locationColumns } from './reference.store.ts'
import type { LedgerLocation, LedgerProduct } from './reference.ts'
import { none } from './quant.ts'
import { timestamp } from './rows.store.ts'
import type { Quant, QuantStatus } from './stock.ts'

/** A quant's key as stored. */
export interface QuantKey {
  readonly product: LedgerProduct
  readonly location: LedgerLocation
  readonly lotId: string
  readonly status: QuantStatus
}

/** A balance as stored. */
export interface BalanceRow extends AmountsAsText<Pick<Quant, 'status' | 'packageId' | 'onHand' | 'reserved'>> {
  readonly productId: string
  readonly locationId: string
  readonly lotId: string
  readonly arrivedAt: Date | null
}

/** A balance with its location and lot. */
export interface QuantRow extends BalanceRow, LocationRow {
  readonly lot: string | null
  readonly expiresOn: string | null
  readonly held: string | null
}

/** What may become available of a supply in a batch, beyond what is available now. */
export interface ArrivingStock {
  readonly productId: string
  readonly warehouse: string
  readonly quantity: Quantity
}

/** A delivery that waits for a product in a warehouse. */
export interface WaitingRow {
  readonly documentId: string
  readonly productId: string
  readonly warehouse: string
}

/** Columns of a balance, wherever one is joined as `q`. */
const balanceColumns = `q.product_id as "productId", q.location_id as "locationId", q.lot_id as "lotId", q.status,
  q.package_id as "packageId", q.quantity_on_hand as "onHand", q.quantity_reserved as reserved, q.arrived_at as "arrivedAt"`
/** Columns of a balance `q` with its location `l` and its lot `t`. */
export const quantColumns = `${balanceColumns}, ${locationColumns}, t.code as lot, t.expires_on as "expiresOn", t.hold_reason as held`

const balancesByKey = sql(
  `select ${balanceColumns}
   from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[]) as k(product_id, lot_id, location_id, status)
   join quants q on q.product_id = k.product_id and q.lot_id = k.lot_id and q.location_id = k.location_id
     and q.status = k.status and q.package_id = '${none}'`,
)
const availableQuants = sql(
  `select ${quantColumns}
   from unnest($1::uuid[], $2::text[]) as s(product_id, warehouse)
   join quants q on q.product_id = s.product_id and q.free
   join locations l on l.id = q.location_id and l.warehouse = s.warehouse
   left join lots t on t.id = q.lot_id
   where ${isAvailable('$3')}`,
)
const waitingFor = sql(
  `with wanted as materialized (
     select s.* from unnest($1::uuid[], $2::text[], $3::numeric[]) as s(product_id, warehouse, arriving)
     where exists (select 1 from waits w where w.warehouse = s.warehouse and w.product_id = s.product_id)
   )
   select w.document_id as "documentId", s.product_id as "productId", s.warehouse
   from wanted s
   cross join lateral (
     select coalesce(sum(${unreserved}), 0) as available
     from quants q join locations l on l.id = q.location_id left join lots t on t.id = q.lot_id
     where q.product_id = s.product_id and q.free and l.warehouse = s.warehouse and ${isAvailable('$5')}
   ) there
   cross join lateral (
     select document_id from waits w
     where w.warehouse = s.warehouse and w.product_id = s.product_id and w.least <= s.arriving + there.available
     order by w.priority, w.scheduled_date, w.ordered_at, w.document_id
     limit $4
   ) w`,
)
const holdersOf = sql(
  `select distinct r.document_id as "documentId"
   from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[]) as k(product_id, lot_id, location_id, status)
   join reservations r on r.product_id = k.product_id and r.lot_id = k.lot_id and r.location_id = k.location_id
     and r.status = k.status`,
)
/* A balance of what is owned (column `internal`: also what is in transit) is written as decided; of another virtual place, which is not loaded, the change is added. */
const saveQuants = sql(
  `insert into quants (product_id, lot_id, location_id, status, package_id, internal, may_be_negative,
     quantity_on_hand, quantity_reserved, arrived_at)
   select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::uuid[], $6::boolean[], $7::boolean[],
     $8::numeric[], $9::numeric[], $10::timestamptz[])
     as q(product_id, lot_id, location_id, status, package_id, internal, may_be_negative, on_hand, reserved, arrived_at)
   order by product_id, lot_id, location_id, status, package_id
   on conflict (product_id, lot_id, location_id, status, package_id) do update set
     may_be_negative = excluded.may_be_negative,
     quantity_on_hand = case when excluded.internal then 0 else quants.quantity_on_hand end + excluded.quantity_on_hand,
     quantity_reserved = excluded.quantity_reserved,
     arrived_at = excluded.arrived_at`,
)

/** Balances of exactly these keys. */
export function loadBalances(db: Queryable, keys: readonly QuantKey[]): Promise<BalanceRow[]> {
  return db.query<BalanceRow>(balancesByKey, keyArrays(keys))
}

/** All that may be reserved of these products in these warehouses. */
export function loadAvailableQuants(
  db: Queryable,
  today: string,
  supplies: readonly Omit<ArrivingStock, 'quantity'>[],
): Promise<QuantRow[]> {
  return db.query<QuantRow>(availableQuants, [
    plainArray(supplies.map((one) => one.productId)),
    supplies.map((one) => one.warehouse),
    today,
  ])
}

/** Deliveries that wait for what arrives and could use it, in demand order, at most so many for each supply. */
export function loadWaiting(
  db: Queryable,
  today: string,
  arrivals: readonly ArrivingStock[],
  limit: number,
): Promise<WaitingRow[]> {
  return db.query<WaitingRow>(waitingFor, [
    plainArray(arrivals.map((one) => one.productId)),
    arrivals.map((one) => one.warehouse),
    plainArray(arrivals.map((one) => formatQuantity(one.quantity))),
    limit,
    today,
  ])
}

/** Deliveries that have an allocation on one of these quants. */
export async function loadHolders(db: Queryable, keys: readonly QuantKey[]): Promise<string[]> {
  const rows = await db.query<{ documentId: string }>(holdersOf, keyArrays(keys))
  return rows.map((row) => row.documentId)
}

function keyArrays(keys: readonly QuantKey[]): unknown[] {
  return [
    plainArray(keys.map((key) => key.product.id)),
    plainArray(keys.map((key) => key.lotId)),
    plainArray(keys.map((key) => key.location.id)),
    plainArray(keys.map((key) => key.status)),
  ]
}

/** Writes changed quants in the order of their key. */
export async function storeQuants(db: Queryable, quants: readonly Quant[]): Promise<void> {
  await db.query(saveQuants, [
    plainArray(quants.map((quant) => quant.product.id)),
    plainArray(quants.map((quant) => quant.lot?.id ?? none)),
    plainArray(quants.map((quant) => quant.location.id)),
    plainArray(quants.map((quant) => quant.status)),
    plainArray(quants.map((quant) => quant.packageId)),
    plainArray(quants.map((quant) => isOwned(quant.location.type))),
    plainArray(quants.map((quant) => quant.location.allowNegative || quant.onHand < 0n)),
    plainArray(quants.map((quant) => formatQuantity(quant.onHand))),
    plainArray(quants.map((quant) => formatQuantity(quant.reserved))),
    plainArray(quants.map((quant) => (quant.arrivedAt === null ? null : timestamp(quant.arrivedAt)))),
  ])
}
