/** The cost state in the database: as much of it as some inputs touch, in a fixed number of statements. */
import {
  formatMoney,
  formatQuantity,
  formatUnitPrice,
  parseUnitPrice,
  quantity,
  plus,
  type Money,
  type Quantity,
  type AmountsAsText,
  storedMoney,
  storedQuantity,
} from '@stockline/amounts'
import { sql, type Queryable, plainArray, textArray } from '@stockline/service-kit'
import type { Company } from '../journal/entry.ts'
import type { ChangedLayer } from './books.ts'
import type { Layer, Pool } from './pool.ts'

type PoolRow = AmountsAsText<Omit<Pool, 'layers'>>
type LayerRow = AmountsAsText<Layer> & { readonly productId: string }

const poolColumns = `product_id as "productId", sku, category, category_told as "categoryTold", method, quantity, value, standard_cost as "standardCost",
  last_value as "lastValue", last_quantity as "lastQuantity", received, consumed`
const poolsOfProducts = sql(`select ${poolColumns} from cost_pools where product_id = any($1::uuid[])`)
const poolsOfCategories = sql(`select ${poolColumns} from cost_pools where category = any($1::text[])`)

const layerColumns = `layer.product_id as "productId", layer.begins_at as "beginsAt", layer.quantity, layer.value,
  layer.remaining_quantity as "remainingQuantity", layer.remaining_value as "remainingValue", layer.move, layer.input`

// From the layer in which the cursor stands up to what is needed: one range of the index, however long the history.
const layersInRange = sql(`
  select ${layerColumns}
  from unnest($1::uuid[], $2::numeric[], $3::numeric[]) as need (product_id, consumed, until)
  cross join lateral (
    select * from cost_layers
    where product_id = need.product_id and begins_at < need.until and begins_at >= (
      select coalesce(max(begins_at), 0) from cost_layers
      where product_id = need.product_id and begins_at <= need.consumed)
    order by begins_at offset 0
  ) as layer
  where layer.remaining_quantity > 0
  order by layer.product_id, layer.begins_at`)

const savePools = sql(`
  insert into cost_pools (product_id, sku, category, method, quantity, value, standard_cost, last_value, last_quantity,
    received, consumed, category_told)
  select * from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::numeric[], $6::numeric[], $7::numeric[],
    $8::numeric[], $9::numeric[], $10::numeric[], $11::numeric[], $12::boolean[])
  on conflict (product_id) do update set sku = excluded.sku, category = excluded.category, method = excluded.method,
    quantity = excluded.quantity, value = excluded.value, standard_cost = excluded.standard_cost,
    last_value = excluded.last_value, last_quantity = excluded.last_quantity, received = excluded.received,
    consumed = excluded.consumed, category_told = excluded.category_told`)

const saveLayers = sql(`
  insert into cost_layers (product_id, begins_at, quantity, value, remaining_quantity, remaining_value, move, input)
  select * from unnest($1::uuid[], $2::numeric[], $3::numeric[], $4::numeric[], $5::numeric[], $6::numeric[],
    $7::uuid[], $8::bigint[])
  on conflict (product_id, begins_at) do update set remaining_quantity = excluded.remaining_quantity,
    remaining_value = excluded.remaining_value`)

const layerPage = sql(`
  select ${layerColumns} from cost_layers as layer
  where (layer.product_id, layer.begins_at) > ($1::uuid, $2::numeric)
  order by layer.product_id, layer.begins_at limit $3`)
const poolPage = sql(`select ${poolColumns} from cost_pools where product_id > $1 order by product_id limit $2`)

/** The pools of those products and categories, with the layers still to be loaded. */
export async function poolsOf(
  tx: Queryable,
  products: readonly string[],
  categories: readonly string[],
  company: Company,
): Promise<Map<string, Pool>> {
  const [ofProducts, ofCategories] = await Promise.all([
    products.length === 0 ? [] : tx.query<PoolRow>(poolsOfProducts, [plainArray(products)]),
    categories.length === 0 ? [] : tx.query<PoolRow>(poolsOfCategories, [categories]),
  ])
  const found = [...ofProducts, ...ofCategories].map((row) => poolFrom(row, company))
  return new Map(found.map((pool) => [pool.productId, pool]))
}

/** Adds the layers that are needed to the pools: one statement for all. */
export async function loadLayers(
  tx: Queryable,
  pools: Map<string, Pool>,
  needed: ReadonlyMap<string, Quantity | 'all'>,
  company: Company,
): Promise<void> {
  const ranges = [...needed].flatMap(([productId, need]) => {
    const pool = pools.get(productId)
    if (pool === undefined || need === 0n) return []
    const until = need === 'all' ? pool.received : plus(pool.consumed, need)
    return [{ productId, consumed: formatQuantity(pool.consumed), until: formatQuantity(until) }]
  })
  if (ranges.length === 0) return
  const rows = await tx.query<LayerRow>(layersInRange, [
    plainArray(ranges.map((range) => range.productId)),
    plainArray(ranges.map((range) => range.consumed)),
    plainArray(ranges.map((range) => range.until)),
  ])
  const layers = new Map<string, Layer[]>()
  for (const row of rows) {
    const of = layers.get(row.productId)
    if (of === undefined) layers.set(row.productId, [layerFrom(row, company)])
    else of.push(layerFrom(row, company))
  }
  for (const [productId, open] of layers) {
    const pool = pools.get(productId)
    if (pool !== undefined) pools.set(productId, { ...pool, layers: open })
  }
}

/** Writes pools as they are now. */
export async function keepPools(tx: Queryable, pools: readonly Pool[], company: Company): Promise<void> {
  if (pools.length === 0) return
  const amount = (value: Money) => formatMoney(value, company.minorDigits)
  await tx.query(savePools, [
    plainArray(pools.map((pool) => pool.productId)),
    textArray(pools.map((pool) => pool.sku)),
    textArray(pools.map((pool) => pool.category)),
    plainArray(pools.map((pool) => pool.method)),
    plainArray(pools.map((pool) => formatQuantity(pool.quantity))),
    plainArray(pools.map((pool) => amount(pool.value))),
    plainArray(pools.map((pool) => (pool.standardCost === null ? null : formatUnitPrice(pool.standardCost)))),
    plainArray(pools.map((pool) => amount(pool.lastValue))),
    plainArray(pools.map((pool) => formatQuantity(pool.lastQuantity))),
    plainArray(pools.map((pool) => formatQuantity(pool.received))),
    plainArray(pools.map((pool) => formatQuantity(pool.consumed))),
    plainArray(pools.map((pool) => pool.categoryTold)),
  ])
}

/** Writes new and changed layers. */
export async function keepLayers(tx: Queryable, changed: readonly ChangedLayer[], company: Company): Promise<void> {
  if (changed.length === 0) return
  const layers = changed.map((one) => one.layer)
  const amount = (value: Money) => formatMoney(value, company.minorDigits)
  await tx.query(saveLayers, [
    plainArray(changed.map((one) => one.productId)),
    plainArray(layers.map((layer) => formatQuantity(layer.beginsAt))),
    plainArray(layers.map((layer) => formatQuantity(layer.quantity))),
    plainArray(layers.map((layer) => amount(layer.value))),
    plainArray(layers.map((layer) => formatQuantity(layer.remainingQuantity))),
    plainArray(layers.map((layer) => amount(layer.remainingValue))),
    plainArray(layers.map((layer) => layer.move)),
    plainArray(layers.map((layer) => layer.input)),
  ])
}

/** All layers, page by page, in a fixed order. */
export async function layersAfter(
  db: Queryable,
  after: { readonly productId: string; readonly beginsAt: Quantity },
  limit: number,
  company: Company,
): Promise<ChangedLayer[]> {
  const rows = await db.query<LayerRow>(layerPage, [after.productId, formatQuantity(after.beginsAt), limit])
  return rows.map((row) => ({ productId: row.productId, layer: layerFrom(row, company) }))
}

/** All pools, page by page, without their layers. */
export async function poolsAfter(db: Queryable, after: string, limit: number, company: Company): Promise<Pool[]> {
  const rows = await db.query<PoolRow>(poolPage, [after, limit])
  return rows.map((row) => poolFrom(row, company))
}

function poolFrom(row: PoolRow, company: Company): Pool {
  return {
    ...{ productId: row.productId, sku: row.sku, category: row.category, method: row.method },
    categoryTold: row.categoryTold,
    quantity: storedQuantity(row.quantity),
    value: storedMoney(row.value, company.minorDigits),
    standardCost: row.standardCost === null ? null : parseUnitPrice(row.standardCost),
    lastValue: storedMoney(row.lastValue, company.minorDigits),
    lastQuantity: storedQuantity(row.lastQuantity),
    received: storedQuantity(row.received),
    consumed: storedQuantity(row.consumed),
    layers: [],
  }
}

function layerFrom(row: LayerRow, company: Company): Layer {
  return {
    beginsAt: storedQuantity(row.beginsAt),
    quantity: storedQuantity(row.quantity),
    value: storedMoney(row.value, company.minorDigits),
    remainingQuantity: storedQuantity(row.remainingQuantity),
    remainingValue: storedMoney(row.remainingValue, company.minorDigits),
    move: row.move,
    input: row.input,
  }
}

/** Nothing at all, for starting a page. */
export const beforeAll = { productId: '00000000-0000-0000-0000-000000000000', beginsAt: quantity(-1n) }
