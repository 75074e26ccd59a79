/** Removal rules, and what is reserved for a delivery, to read and to set. */
import { sql, type Queryable } from '@stockline/service-kit'
import type { RemovalRule } from '../ledger/reference.ts'

const allRules = sql(
  'select warehouse, category, strategy from removal_rules order by warehouse nulls first, category nulls first',
)
const saveRule = sql(
  `insert into removal_rules (warehouse, category, strategy) values ($1, $2, $3)
   on conflict (warehouse, category) do update set strategy = excluded.strategy`,
)
const forgetRule = sql(
  'delete from removal_rules where warehouse is not distinct from $1 and category is not distinct from $2',
)
const knownWarehouse = sql('select code from warehouses where code = $1')

export function findRules(db: Queryable): Promise<RemovalRule[]> {
  return db.query<RemovalRule>(allRules)
}

export async function storeRule(db: Queryable, { warehouse, category, strategy }: RemovalRule): Promise<void> {
  await db.query(saveRule, [warehouse, category, strategy])
}

export async function deleteRule(db: Queryable, warehouse: string | null, category: string | null): Promise<void> {
  await db.query(forgetRule, [warehouse, category])
}

export async function warehouseExists(db: Queryable, code: string): Promise<boolean> {
  return (await db.query(knownWarehouse, [code])).length > 0
}
