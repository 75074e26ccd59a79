/** Products, places and lots as rows of the master data. */
import { type Queryable, rememberedAt, sql } from '@stockline/service-kit'
import type { Lot, LocationType, Place, Product, RemovalRule, Tracking } from './facts.ts'
import { none } from './quant.ts'
import { plainArray } from './rows.store.ts'

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
const productsByName = sql(
  `select ${productColumns} from products p join units u on u.code = p.unit where p.sku = any($1::text[])
   union all
   select ${productColumns} from products p join units u on u.code = p.unit where p.id = any($2::uuid[])`,
)
const placesByCode = sql(`select ${placeColumns} from locations l where l.code = any($1::text[])`)
const currentStamp = sql('select stamp from facts_stamp')
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

/** Products, places and rules as they were at a stamp: any change of any of them makes a new one. */
export interface Facts {
  readonly bySku: Map<string, Product>
  readonly byId: Map<string, Product>
  readonly places: Map<string, Place>
  rules: readonly RemovalRule[] | undefined
}

const factsAt = rememberedAt<Facts>({
  empty: () => ({ bySku: new Map(), byId: new Map(), places: new Map(), rules: undefined }),
  sizeOf: (facts) => facts.bySku.size + facts.places.size,
  most: 100_000,
})

/** The stamp now. Ask under the ledger's head: who changes a fact that postings rely on holds the head as well. */
export async function loadStamp(db: Queryable): Promise<string> {
  const [row] = await db.query<{ stamp: string }>(currentStamp)
  if (row === undefined) throw new Error('The stamp of products and locations is gone.')
  return row.stamp
}

/** The facts at a stamp: of those named, what is not remembered is read. */
export async function loadFacts(
  db: Queryable,
  stamp: string,
  named: {
    readonly skus: readonly string[]
    readonly productIds: readonly string[]
    readonly places: readonly string[]
  },
): Promise<Facts> {
  const facts = factsAt(stamp)
  const skus = named.skus.filter((sku) => !facts.bySku.has(sku))
  const ids = named.productIds.filter((id) => !facts.byId.has(id))
  const codes = named.places.filter((code) => !facts.places.has(code))
  const [products, places, rules] = await Promise.all([
    skus.length + ids.length === 0 ? [] : db.query<ProductRow>(productsByName, [skus, plainArray(ids)]),
    codes.length === 0 ? [] : db.query<PlaceRow>(placesByCode, [codes]),
    facts.rules ?? db.query<RemovalRule>(removalRules),
  ])
  for (const row of products) if (!facts.byId.has(row.id)) enterProduct(facts, productFrom(row))
  for (const row of places) facts.places.set(row.location, placeFrom(row))
  facts.rules = rules
  return facts
}

function enterProduct(facts: Facts, product: Product): void {
  facts.bySku.set(product.sku, product)
  facts.byId.set(product.id, product)
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
