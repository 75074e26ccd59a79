/** Products, locations and lots as rows of the master data. */
import { type Queryable, epochCache, sql } from '@stockline/service-kit'
import type { LocationType, Tracking } from '@stockline/contracts'
import type { Location, Lot, Product, RemovalRule } from './reference.ts'
import { none } from './quant.ts'
import { plainArray } from './rows.store.ts'

/** Columns of a location, wherever one is joined as `l`. */
export const locationColumns =
  'l.id as location_id, l.code as location, l.type as location_type, l.warehouse, l.reservable, l.allow_negative, l.pick_sequence, l.active as location_active'

export interface LocationRow {
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
const productsByName = sql(
  `select ${productColumns} from products p join units u on u.code = p.unit where p.sku = any($1::text[])
   union all
   select ${productColumns} from products p join units u on u.code = p.unit where p.id = any($2::uuid[])`,
)
const locationsByCode = sql(`select ${locationColumns} from locations l where l.code = any($1::text[])`)
const currentEpoch = sql('select stamp as epoch from facts_stamp')
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

/** Products, locations and rules as they were at an epoch: any change of any of them begins a new one. */
export interface ReferenceData {
  readonly bySku: Map<string, Product>
  readonly byId: Map<string, Product>
  readonly locations: Map<string, Location>
  rules: readonly RemovalRule[] | undefined
}

const referenceAt = epochCache<ReferenceData>({
  empty: () => ({ bySku: new Map(), byId: new Map(), locations: new Map(), rules: undefined }),
  sizeOf: (reference) => reference.bySku.size + reference.locations.size,
  most: 100_000,
})

/** The epoch now. Read it under the ledger's head: whoever changes data that postings rely on holds the head as well. */
export async function loadEpoch(db: Queryable): Promise<string> {
  const [row] = await db.query<{ epoch: string }>(currentEpoch)
  if (row === undefined) throw new Error('The epoch of products and locations is gone.')
  return row.epoch
}

/** The reference data at an epoch: of what is named, only what is not in the cache is read. */
export async function loadReference(
  db: Queryable,
  epoch: string,
  named: {
    readonly skus: readonly string[]
    readonly productIds: readonly string[]
    readonly locations: readonly string[]
  },
): Promise<ReferenceData> {
  const reference = referenceAt(epoch)
  const skus = named.skus.filter((sku) => !reference.bySku.has(sku))
  const ids = named.productIds.filter((id) => !reference.byId.has(id))
  const codes = named.locations.filter((code) => !reference.locations.has(code))
  const [products, locations, rules] = await Promise.all([
    skus.length + ids.length === 0 ? [] : db.query<ProductRow>(productsByName, [skus, plainArray(ids)]),
    codes.length === 0 ? [] : db.query<LocationRow>(locationsByCode, [codes]),
    reference.rules ?? db.query<RemovalRule>(removalRules),
  ])
  for (const row of products) if (!reference.byId.has(row.id)) enterProduct(reference, productFrom(row))
  for (const row of locations) reference.locations.set(row.location, locationFrom(row))
  reference.rules = rules
  return reference
}

function enterProduct(reference: ReferenceData, product: Product): void {
  reference.bySku.set(product.sku, product)
  reference.byId.set(product.id, product)
}

/** Lots by sku and code, side by side, with what is on hand of them. */
export function loadLots(db: Queryable, skus: readonly string[], codes: readonly string[]): Promise<LotRow[]> {
  return db.query<LotRow>(lotsByCode, [skus, codes])
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

/** A location from any row that has its columns. */
export function locationFrom(row: LocationRow): Location {
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
