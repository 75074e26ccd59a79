/** Limits of approval, and what stands against them. */
import { sql, type Queryable } from '@stockline/service-kit'
import type { Tx } from '../database.ts'
import type { BalanceKey } from '../ledger/balances.actions.ts'
import type { LimitGroup } from './adjustment.limits.ts'
import type { LimitList } from './limit.api.ts'

const version = `select version from adjustment_settings where name = 'limits'`
const lockList = sql(`${version} for update`)
const readList = sql(`
  select (${version}), coalesce((
    select json_agg(json_build_object('group', inventory_group, 'quantity', trim_scale(quantity)::text,
      'percent', trim_scale(percent)::text, 'value', trim_scale(value)::text, 'set', is_set)
      order by array_position('{user,supervisor,manager}'::text[], inventory_group)) from adjustment_limits), '[]') as limits`)
const readLimit = sql(`
  select trim_scale(quantity)::text as quantity, trim_scale(percent)::text as percent, trim_scale(value)::text as value,
    is_set as set
  from adjustment_limits where inventory_group = $1`)
const updateLimits = sql(`
  update adjustment_limits l set quantity = g.quantity, percent = g.percent, value = g.value, is_set = g.is_set
  from unnest($1::text[], $2::numeric[], $3::numeric[], $4::numeric[], $5::boolean[]) as g (name, quantity, percent, value, is_set)
  where l.inventory_group = g.name`)
const raiseVersion = sql(`update adjustment_settings set version = version + 1 where name = 'limits'`)
// What was lost in transit stands in the ledger, with who said so.
const submittedLately = sql(`
  with lost as materialized (
    select position from postings
    where kind = 'transfer' and actor_id = $1 and recorded_at > $2 and warehouse = $3 and position is not null)
  select sku, location, lot, status, trim_scale(sum(quantity))::text as quantity from (
    select l.sku, l.location, l.lot, l.status, abs(l.counted - l.expected) as quantity
    from adjustments a join adjustment_lines l on l.adjustment_id = a.id
    where a.submitted_by = $1 and a.submitted_at > $2 and a.warehouse = $3 and a.id <> $4 and l.counted <> l.expected
    union all
    select l.sku, l.location, l.lot, l.status, l.quantity from scraps s join scrap_lines l on l.scrap_id = s.id
    where s.submitted_by = $1 and s.created_at > $2 and s.warehouse = $3
    union all
    select l.sku, l.location, l.lot, l.status, l.quantity
    from status_changes c join status_change_lines l on l.status_change_id = c.id
    where c.submitted_by = $1 and c.created_at > $2 and c.warehouse = $3
    union all
    select p.sku, 'Virtual/Transit', null, m.status, m.quantity
    from lost join moves m using (position) join products p on p.id = m.product_id
    join locations t on t.id = m.to_location_id and t.type = 'loss'
  ) corrected
  where sku = any($5::text[]) group by sku, location, lot, status`)
const costs = sql(`select sku, unit_cost::text as "unitCost" from last_unit_costs where sku = any($1::text[])`)
// Most entries tell the cost that is known: then nothing is written.
const keepCosts = sql(`
  insert into last_unit_costs (sku, unit_cost, position)
  select told.* from unnest($1::text[], $2::numeric[], $3::bigint[]) as told (sku, unit_cost, position)
  left join last_unit_costs known on known.sku = told.sku
  where known.unit_cost is distinct from told.unit_cost
  on conflict (sku) do update set unit_cost = excluded.unit_cost, position = excluded.position
  where excluded.position >= last_unit_costs.position`)

/** A limit as its row has it. */
export type LimitRow = Omit<LimitList['limits'][number], 'group'>

/** The limits of all groups. */
export async function findLimits(db: Queryable): Promise<LimitList> {
  const [list] = await db.query<LimitList>(readList)
  if (list === undefined) throw new Error('The limits of approval are gone.')
  return list
}

/** The same, locked. */
export async function lockLimits(tx: Tx): Promise<LimitList> {
  await tx.query(lockList)
  return findLimits(tx)
}

/** Replaces the limits of the groups that are given. */
export async function storeLimits(tx: Tx, limits: LimitList['limits']): Promise<void> {
  await tx.query(updateLimits, [
    limits.map(({ group }) => group),
    limits.map(({ quantity }) => quantity),
    limits.map(({ percent }) => percent),
    limits.map(({ value }) => value),
    limits.map(({ set }) => set),
  ])
  await tx.query(raiseVersion)
}

/** The limit of one group. */
export async function findLimit(db: Queryable, group: LimitGroup): Promise<LimitRow | undefined> {
  const [row] = await db.query<LimitRow>(readLimit, [group])
  return row
}

/** Sums of absolute differences by place, of other documents that somebody submitted in a warehouse since then. */
export function findSubmitted(
  db: Queryable,
  by: string,
  since: Date,
  { id, warehouse }: { readonly id: string; readonly warehouse: string },
  skus: readonly string[],
): Promise<(BalanceKey & { readonly quantity: string })[]> {
  return db.query(submittedLately, [by, since, warehouse, id, skus])
}

/** The last unit costs of products, as far as valuation told them. */
export function findUnitCosts(
  db: Queryable,
  skus: readonly string[],
): Promise<{ readonly sku: string; readonly unitCost: string }[]> {
  return db.query(costs, [skus])
}

/** What valuation told, each product once. @param at where its entries were */
export async function storeUnitCosts(
  tx: Tx,
  told: readonly { readonly sku: string; readonly unitCost: string; readonly at: bigint }[],
): Promise<void> {
  await tx.query(keepCosts, [
    told.map(({ sku }) => sku),
    told.map(({ unitCost }) => unitCost),
    told.map(({ at }) => at),
  ])
}
