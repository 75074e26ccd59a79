/** Reads layers and the value of the inventory, for lists. */
import type { AmountsAsText } from '@stockline/amounts'
import { filtered, type Filters, sql, type Queryable } from '@stockline/service-kit'
import type { Database } from '../database.ts'
import type { Layer, Pool } from './pool.ts'

/** What there was of a product, and what it was worth; amounts as the database writes them. */
export type ShownValue = AmountsAsText<Pick<Pool, 'sku' | 'quantity' | 'value'>>

/** A layer of a product, or its pool. */
export type ShownLayer = ShownValue &
  AmountsAsText<Pick<Layer, 'beginsAt' | 'remainingQuantity' | 'remainingValue' | 'move'>>

/** A moment of the books: until a time, a date or a position, all that are given. */
export interface Moment {
  readonly instant: Date | null
  readonly date: string | null
  readonly position: bigint | null
}

// What is open is one range of the layers, which begins where the cursor stands.
const stillOpen = `
  and remaining_quantity > 0 and begins_at >= (
    select coalesce(max(begins_at), 0) from cost_layers
    where product_id = pool.product_id and begins_at <= pool.consumed)`

const valuesNow = sql(`
  select sku, quantity, value from cost_pools
  where (quantity <> 0 or value <> 0) and sku > $1 order by sku limit $2`)
const positionNow = sql(`select last_position as position from books`)
const totalNow = sql(`select inventory_value as total, last_position as position from books`)

const inventory = `select id from accounts where role = 'inventory'`
const signed = (column: string) => `sum(case when line.debit in (${inventory}) then ${column} else -${column} end)`

/** The lines that had moved the inventory by then. */
const linesUntil = ({ all, when }: Filters, { instant, date, position }: Moment) => `
  from entry_lines as line join entries as entry on entry.id = line.entry
  where line.product_id is not null and (line.debit in (${inventory}) or line.credit in (${inventory}))
    and ${all(
      when(instant, (given) => `entry.effective_at <= ${given}`),
      when(date, (given) => `entry.date <= ${given}`),
      when(position, (given) => `coalesce(entry.position, entry.after_position) <= ${given}`),
    )}`

/** The place of a product's pool in the list: before its first layer, which begins at 0. */
const placeOfPool = '-1'

/** Before the first of all places. */
export const beginning: readonly [sku: string, beginsAt: string] = ['', '-2']

/** Layers by product, oldest first; before them the pool, under average and standard and where FIFO lacks a cost. */
export async function findLayers(
  db: Queryable,
  wanted: { readonly sku: string | undefined; readonly open: boolean },
  after: readonly [sku: string, beginsAt: string],
  limit: number,
): Promise<ShownLayer[]> {
  const { statement, values } = filtered(({ all, value, when }) => {
    const [sku, beginsAt] = [value(after[0]), `${value(after[1])}::numeric`]
    const most = value(limit)
    const pools = all(
      `sku >= ${sku}`,
      when(wanted.sku, (given) => `sku = ${given}`),
    )
    return `
      select * from (
        (select pool.sku, layer.begins_at as "beginsAt", layer.quantity, layer.remaining_quantity as "remainingQuantity",
          layer.value, layer.remaining_value as "remainingValue", layer.move
        from cost_pools as pool cross join lateral (
          select * from cost_layers
          where product_id = pool.product_id
            and begins_at > case when sku = ${sku} then ${beginsAt} else ${placeOfPool} end
            ${wanted.open ? stillOpen : ''}
          order by begins_at limit ${most}
        ) as layer
        where pool.method = 'fifo' and ${pools} order by 1, 2 limit ${most})
        union all
        (select sku, ${placeOfPool}, quantity, quantity, value, value, null from cost_pools
        where (method <> 'fifo' or quantity < 0) and quantity <> 0
          and ${pools} and (sku, ${placeOfPool}) > (${sku}, ${beginsAt})
        order by 1 limit ${most})
      ) as layer
      order by sku, "beginsAt" limit ${most}`
  })
  return db.query<ShownLayer>(statement, values)
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

/** What each product was worth then: by all lines until that moment. */
export async function valuesAt(db: Database, moment: Moment, after: string, limit: number): Promise<ShownValue[]> {
  const { statement, values } = filtered(
    (given) => `
      select pool.sku, worth.quantity, worth.value
      from (
        select line.product_id, ${signed('coalesce(line.quantity, 0)')} as quantity, ${signed('line.amount')} as value
        ${linesUntil(given, moment)} group by line.product_id
      ) as worth join cost_pools as pool using (product_id)
      where (worth.quantity <> 0 or worth.value <> 0) and pool.sku > ${given.value(after)}
      order by pool.sku limit ${given.value(limit)}`,
  )
  return db.queryWholeTables<ShownValue>(statement, values)
}

/** What all of it was worth then: by all lines until that moment. */
export async function totalAt(db: Database, moment: Moment): Promise<string> {
  const { statement, values } = filtered(
    (given) => `select coalesce(${signed('line.amount')}, 0) as total ${linesUntil(given, moment)}`,
  )
  const [row] = await db.queryWholeTables<{ total: string }>(statement, values)
  return row?.total ?? '0'
}

/** Position of the last ledger document in the input log; 0 before the first. */
export async function lastLoggedPosition(db: Queryable): Promise<number> {
  const [books] = await db.query<{ position: bigint }>(positionNow)
  return Number(books?.position ?? 0)
}
