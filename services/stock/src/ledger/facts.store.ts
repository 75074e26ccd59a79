/** Products, places and lots as rows of the master data. */
import { type Queryable, sql } from '@stockline/service-kit'
import type { Lot, LocationType, Place, Product, RemovalRule, Tracking } from './facts.ts'
import { none } from './quant.ts'

/** Columns of a place, wherever one is joined as `l`. */
export const placeColumns =
  'l.id as location_id, l.code as location, l.type as location_type, l.warehouse, l.reservable, l.allow_negative, l.pick_sequence, l.active as location_active'

export interface PlaceRow {
  readonly location_id: string
  readonly location: string
  readonly location_type: LocationType
  readonly warehouse: string | null
  readonly reservable: boolean
  readonly allow_negative: boolean
  readonly pick_sequence: number
  readonly location_active: boolean
}

interface ProductRow {
  readonly id: string
  readonly sku: string
  readonly type: Product['type']
  readonly tracking: Tracking
  readonly unit: string
  readonly decimals: number
  readonly category: string
  readonly active: boolean
}

export interface LotRow {
  readonly id: string
  readonly product_id: string
  readonly code: string
  readonly expires_on: string | null
  readonly on_hand: string
}

const productColumns = 'p.id, p.sku, p.type, p.tracking, p.unit, u.decimals, p.category, p.active'
const productsBySku = sql(
  `select ${productColumns} from products p join units u on u.code = p.unit where p.sku = any($1::text[])`,
)
const productsOfNeeds = sql(
  `select ${productColumns} from products p join units u on u.code = p.unit
   where p.id in (select product_id from need_lines where document_id = any($1::uuid[]))`,
)
const placesByCode = sql(`select ${placeColumns} from locations l where l.code = any($1::text[])`)
const lotsByCode = sql(
  `select l.id, l.product_id, l.code, l.expires_on,
     coalesce((select sum(q.quantity_on_hand) from quants q
               where q.product_id = l.product_id and q.lot_id = l.id and q.internal), 0.000000) as on_hand
   from unnest($1::text[], $2::text[]) as named(sku, code)
   join products p on p.sku = named.sku
   join lots l on l.product_id = p.id and l.code = named.code`,
)
const removalRules = sql('select warehouse, category, strategy from removal_rules')
const saveLots = sql(
  `insert into lots (id, product_id, code, expires_on)
   select * from unnest($1::uuid[], $2::uuid[], $3::text[], $4::date[])
   on conflict (id) do update set expires_on = excluded.expires_on, version = lots.version + 1`,
)

/** Products by sku. */
export async function loadProducts(db: Queryable, skus: readonly string[]): Promise<Product[]> {
  return (await db.query<ProductRow>(productsBySku, [skus])).map(productFrom)
}

/** Products that these deliveries need. */
export async function loadProductsOfNeeds(db: Queryable, documentIds: readonly string[]): Promise<Product[]> {
  return (await db.query<ProductRow>(productsOfNeeds, [documentIds])).map(productFrom)
}

/** Places by code. */
export async function loadPlaces(db: Queryable, codes: readonly string[]): Promise<Place[]> {
  return (await db.query<PlaceRow>(placesByCode, [codes])).map(placeFrom)
}

/** Lots by sku and code, side by side, with what is on hand of them. */
export function loadLots(db: Queryable, skus: readonly string[], codes: readonly string[]): Promise<LotRow[]> {
  return db.query<LotRow>(lotsByCode, [skus, codes])
}

/** What the manager has chosen. */
export function loadRules(db: Queryable): Promise<RemovalRule[]> {
  return db.query<RemovalRule>(removalRules)
}

/** Writes new lots, and expiries that were said later. */
export async function storeLots(db: Queryable, lots: readonly Lot[]): Promise<void> {
  await db.query(saveLots, [
    lots.map((lot) => lot.id),
    lots.map((lot) => lot.productId),
    lots.map((lot) => lot.code),
    lots.map((lot) => lot.expiresOn),
  ])
}

/** A place from any row that has its columns. */
export function placeFrom(row: PlaceRow): Place {
  return {
    id: row.location_id,
    code: row.location,
    type: row.location_type,
    warehouse: row.warehouse,
    reservable: row.reservable,
    allowNegative: row.allow_negative,
    pickSequence: row.pick_sequence,
    active: row.location_active,
  }
}

function productFrom(row: ProductRow): Product {
  const { decimals, ...rest } = row
  return { ...rest, unitDecimals: decimals }
}

/** Has the row a lot? */
export function isLot(lotId: string): boolean {
  return lotId !== none
}
