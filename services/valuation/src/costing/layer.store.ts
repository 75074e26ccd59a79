/** Layers and the value of the inventory, as people ask for them. */
import { sql, type Queryable } from '@stockline/service-kit'

/** A layer as it is read for showing; amounts as the database writes them. */
export interface ShownLayer {
  readonly sku: string
  readonly beginsAt: string
  readonly quantity: string
  readonly remainingQuantity: string
  readonly value: string
  readonly remainingValue: string
  readonly move: string | null
}

/** What there was of a product, and what it was worth. */
export interface ShownValue {
  readonly sku: string
  readonly quantity: string
  readonly value: string
}

/** A moment of the books: until a time, a date or a position, all that are given. */
export interface Moment {
  readonly instant: Date | null
  readonly date: string | null
  readonly position: bigint | null
}

const layersShown = sql(`
  select * from (
    select pool.sku, layer.begins_at as "beginsAt", layer.quantity, layer.remaining_quantity as "remainingQuantity",
      layer.value, layer.remaining_value as "remainingValue", layer.move
    from cost_pools as pool join cost_layers as layer using (product_id)
    where pool.method = 'fifo' and ($1::text is null or pool.sku = $1) and (not $2 or layer.remaining_quantity > 0)
    union all
    select sku, 0, quantity, quantity, value, value, null from cost_pools
    where (method <> 'fifo' or quantity < 0) and quantity <> 0 and ($1::text is null or sku = $1)
  ) as layer
  where (sku, "beginsAt") > ($3, $4::numeric)
  order by sku, "beginsAt" limit $5`)

const valuesNow = sql(`
  select sku, quantity, value from cost_pools
  where (quantity <> 0 or value <> 0) and sku > $1 order by sku limit $2`)
const totalNow = sql(`select inventory_value as total, last_position as position from books`)

const inventory = `select id from accounts where role = 'inventory'`
const valueLines = `
  from entry_lines as line join entries as entry on entry.id = line.entry
  where line.product_id is not null and (line.debit in (${inventory}) or line.credit in (${inventory}))
    and ($1::timestamptz is null or entry.effective_at <= $1) and ($2::date is null or entry.date <= $2)
    and ($3::bigint is null or coalesce(entry.position, entry.after_position) <= $3)`
const signed = (column: string) => `sum(case when line.debit in (${inventory}) then ${column} else -${column} end)`
const valuesThen = sql(`
  select pool.sku, worth.quantity, worth.value
  from (
    select line.product_id, ${signed('coalesce(line.quantity, 0)')} as quantity, ${signed('line.amount')} as value
    ${valueLines} group by line.product_id
  ) as worth join cost_pools as pool using (product_id)
  where (worth.quantity <> 0 or worth.value <> 0) and pool.sku > $4 order by pool.sku limit $5`)
const totalThen = sql(`select coalesce(${signed('line.amount')}, 0) as total ${valueLines}`)

/** Layers by product, oldest first; under average and standard the one pool. */
export async function findLayers(
  db: Queryable,
  wanted: { readonly sku: string | undefined; readonly open: boolean },
  after: readonly [sku: string, beginsAt: string],
  limit: number,
): Promise<ShownLayer[]> {
  return db.query<ShownLayer>(layersShown, [wanted.sku ?? null, wanted.open, ...after, limit])
}

/** What each product is worth now. */
export async function currentValues(db: Queryable, after: string, limit: number): Promise<ShownValue[]> {
  return db.query<ShownValue>(valuesNow, [after, limit])
}

/** What all of it is worth now, and the position up to which that is known. */
export async function currentTotal(db: Queryable): Promise<{ total: string; position: bigint }> {
  const [row] = await db.query<{ total: string; position: bigint }>(totalNow)
  return row ?? { total: '0', position: 0n }
}

/** What each product was worth then. */
export async function valuesAt(db: Queryable, moment: Moment, after: string, limit: number): Promise<ShownValue[]> {
  return db.query<ShownValue>(valuesThen, [moment.instant, moment.date, moment.position, after, limit])
}

/** What all of it was worth then. */
export async function totalAt(db: Queryable, moment: Moment): Promise<string> {
  const [row] = await db.query<{ total: string }>(totalThen, [moment.instant, moment.date, moment.position])
  return row?.total ?? '0'
}
