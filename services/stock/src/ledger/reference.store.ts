/** Products, locations and lots as rows of the master data. */
import type { AmountsAsText } from '@stockline/amounts'
import { type Queryable, epochCache, sql, plainArray } from '@stockline/service-kit'
import type { LedgerLocation, LedgerLot, LedgerProduct, LotLife, RemovalRule } from './reference.ts'

/** Columns of a location, wherever one is joined as `l`. */
export const locationColumns = `l.id as "locationId", l.code as location, l.type as "locationType", l.warehouse, l.reservable, l.allow_negative as "allowNegative",
   l.pick_sequence as "pickSequence", l.active as "locationActive"`

/** A row with {@link locationColumns}: names that other rows have, too, begin with `location`. */
export type LocationRow = Pick<LedgerLocation, 'warehouse' | 'reservable' | 'allowNegative' | 'pickSequence'> & {
  readonly locationId: string
  readonly location: string
  readonly locationType: LedgerLocation['type']
  readonly locationActive: boolean
}

/** Columns of a lot's dates beside its expiry. @param lots as what the table is joined */
export function lifeColumns(lots: string): string {
  return `${lots}.produced_on as "producedOn", ${lots}.best_before as "bestBefore", ${lots}.remove_on as "removeOn", ${lots}.alert_on as "alertOn"`
}

/** The dates of a row with {@link lifeColumns}. */
export function lifeFrom({ producedOn, bestBefore, removeOn, alertOn }: LotLife): LotLife {
  return { producedOn, bestBefore, removeOn, alertOn }
}

export type LotRow = AmountsAsText<LedgerLot>

const productColumns = 'p.id, p.sku, p.type, p.tracking, p.unit, u.decimals as "unitDecimals", p.category, p.active'
const productsByName = sql(
  `select ${productColumns} from products p join units u on u.code = p.unit where p.sku = any($1::text[])
   union all
   select ${productColumns} from products p join units u on u.code = p.unit where p.id = any($2::uuid[])`,
)
const locationsByCode = sql(`select ${locationColumns} from locations l where l.code = any($1::text[])`)
const currentEpoch = sql('select stamp as epoch from facts_stamp')
const lotsByCode = sql(
  `select l.id, l.product_id as "productId", l.code, l.expires_on as "expiresOn", l.hold_reason as held,
     ${lifeColumns('l')}, l.version as "storedVersion",
     coalesce((select sum(q.quantity_on_hand) from quants q
               where q.product_id = l.product_id and q.lot_id = l.id and q.internal), 0.000000) as "onHand"
   from unnest($1::text[], $2::text[]) as named(sku, code)
   join products p on p.sku = named.sku
   join lots l on l.product_id = p.id and l.code = named.code`,
)
const removalRules = sql('select warehouse, category, strategy from removal_rules')
const saveLots = sql(
  `insert into lots (id, product_id, code, expires_on, produced_on, best_before, remove_on, alert_on)
   select * from unnest($1::uuid[], $2::uuid[], $3::text[], $4::date[], $5::date[], $6::date[], $7::date[], $8::date[])
   on conflict (id) do update set expires_on = excluded.expires_on, produced_on = excluded.produced_on,
     best_before = excluded.best_before, remove_on = excluded.remove_on, alert_on = excluded.alert_on,
     version = lots.version + 1`,
)

/** Products, locations and rules as they were at an epoch: any change of any of them begins a new one. */
export interface ReferenceData {
  readonly bySku: Map<string, LedgerProduct>
  readonly byId: Map<string, LedgerProduct>
  readonly locations: Map<string, LedgerLocation>
  rules: readonly RemovalRule[] | undefined
}

const referenceAt = epochCache<ReferenceData>({
  empty: () => ({ bySku: new Map(), byId: new Map(), locations: new Map(), rules: undefined }),
  sizeOf: (reference) => reference.bySku.size + reference.locations.size,
  most: 100_000,
})

/** The current epoch. Read it under the ledger's head: every change of data that postings rely on holds the head as well. */
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
    skus.length + ids.length === 0 ? [] : db.query<LedgerProduct>(productsByName, [skus, plainArray(ids)]),
    codes.length === 0 ? [] : db.query<LocationRow>(locationsByCode, [codes]),
    reference.rules ?? db.query<RemovalRule>(removalRules),
  ])
  for (const product of products)
    if (!reference.byId.has(product.id)) {
      reference.bySku.set(product.sku, product)
      reference.byId.set(product.id, product)
    }
  for (const row of locations) reference.locations.set(row.location, locationFrom(row))
  reference.rules = rules
  return reference
}

/** Lots by sku and code, side by side, with what is on hand of them. */
export async function loadLots(db: Queryable, skus: readonly string[], codes: readonly string[]): Promise<LotRow[]> {
  const rows = await db.query<Omit<LotRow, 'life'> & LotLife>(lotsByCode, [skus, codes])
  return rows.map(({ id, productId, code, expiresOn, held, onHand, storedVersion, ...life }) => ({
    ...{ id, productId, code, expiresOn, held, onHand, life },
    ...(storedVersion === undefined ? {} : { storedVersion }),
  }))
}

/** Writes new lots, and dates that were entered later. */
export async function storeLots(db: Queryable, lots: readonly LedgerLot[]): Promise<void> {
  await db.query(saveLots, [
    lots.map((lot) => lot.id),
    lots.map((lot) => lot.productId),
    lots.map((lot) => lot.code),
    lots.map((lot) => lot.expiresOn),
    ...(['producedOn', 'bestBefore', 'removeOn', 'alertOn'] as const).map((name) =>
      lots.map(({ life }) => life?.[name] ?? null),
    ),
  ])
}

/** A location from any row that has its columns. */
export function locationFrom(row: LocationRow): LedgerLocation {
  const { locationId: id, location: code, locationType: type, locationActive: active } = row
  const { warehouse, reservable, allowNegative, pickSequence } = row
  return { id, code, type, warehouse, reservable, allowNegative, pickSequence, active }
}
