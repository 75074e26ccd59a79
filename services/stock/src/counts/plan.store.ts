/** Count plans in the database, and where and by whom may be counted. */
import { sql, type Queryable } from '@stockline/service-kit'
import type { Zone } from './count.make.ts'
import type { CountPlan } from './plan.ts'

const columns = `id, name, zone, abc_class as "abcClass", every_days as "everyDays", due_in_days as "dueInDays", assignee, blind,
  trim_scale(tolerance_quantity)::text as "toleranceQuantity", trim_scale(tolerance_percent)::text as "tolerancePercent",
  zero_check as "zeroCheck", short_pick as "shortPick", to_char(next_on, 'YYYY-MM-DD') as "nextOn", version`

interface PlanRow extends Omit<CountPlan, 'every' | 'tolerance'> {
  readonly everyDays: number
  readonly toleranceQuantity: string | null
  readonly tolerancePercent: string | null
}

const zoneOf = sql(`
  select code, type, warehouse, active from locations where code = $1
  union all select code, 'internal', code, active from warehouses where code = $1`)
const byName = sql('select id from count_plans where name = $1')
const lockOne = sql(`select ${columns} from count_plans where id = $1 for update`)
const selectSome = sql(`select ${columns} from count_plans where id = any($1::uuid[])`)
const selectAll = sql(`select ${columns} from count_plans where name > $1 order by name limit $2`)
const save = sql(`
  insert into count_plans (id, name, zone, warehouse, abc_class, every_days, due_in_days, assignee, blind,
    tolerance_quantity, tolerance_percent, zero_check, short_pick, next_on, version, created_at)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
  on conflict (id) do update set name = excluded.name, zone = excluded.zone, warehouse = excluded.warehouse,
    abc_class = excluded.abc_class, every_days = excluded.every_days, due_in_days = excluded.due_in_days,
    assignee = excluded.assignee, blind = excluded.blind, tolerance_quantity = excluded.tolerance_quantity,
    tolerance_percent = excluded.tolerance_percent, zero_check = excluded.zero_check, short_pick = excluded.short_pick,
    next_on = excluded.next_on, version = excluded.version`)
const removeOne = sql('delete from count_plans where id = $1')
// One that another process works on is left to it.
const lockDue = sql(`
  select ${columns} from count_plans where next_on <= $1 order by next_on, id limit 1 for update skip locked`)
const setTurn = sql('update count_plans set next_on = $2 where id = $1')

/** The location or warehouse of that code. */
export async function findZone(db: Queryable, code: string): Promise<Zone | null> {
  const [zone] = await db.query<Zone>(zoneOf, [code])
  return zone ?? null
}

/** Has another plan this name? */
export async function isNameTaken(db: Queryable, { id, name }: Pick<CountPlan, 'id' | 'name'>): Promise<boolean> {
  const [other] = await db.query<{ id: string }>(byName, [name])
  return other !== undefined && other.id !== id
}

/** The plan, its row locked. */
export async function lockPlan(db: Queryable, id: string): Promise<CountPlan | null> {
  const [row] = await db.query<PlanRow>(lockOne, [id])
  return row === undefined ? null : planOf(row)
}

/** By id. */
export async function findPlansById(db: Queryable, ids: readonly string[]): Promise<ReadonlyMap<string, CountPlan>> {
  const rows = ids.length === 0 ? [] : await db.query<PlanRow>(selectSome, [ids])
  return new Map(rows.map((row) => [row.id, planOf(row)]))
}

/** By name; one more than the limit. */
export async function findPlans(db: Queryable, after: string | undefined, limit: number): Promise<CountPlan[]> {
  return (await db.query<PlanRow>(selectAll, [after ?? '', limit + 1])).map(planOf)
}

/** Writes a plan, new or changed. */
export async function storePlan(db: Queryable, plan: CountPlan, warehouse: string, now: Date): Promise<void> {
  const {
    id,
    name,
    zone,
    abcClass,
    every,
    dueInDays,
    assignee,
    blind,
    tolerance,
    zeroCheck,
    shortPick,
    nextOn,
    version,
  } = plan
  await db.query(save, [
    ...[id, name, zone, warehouse, abcClass, every.days, dueInDays, assignee, blind],
    ...[tolerance?.quantity ?? null, tolerance?.percent ?? null, zeroCheck, shortPick, nextOn, version, now],
  ])
}

export async function deletePlan(db: Queryable, id: string): Promise<void> {
  await db.query(removeOne, [id])
}

/** The plan that has been due for longest and that no other process works on, its row locked. */
export async function lockDuePlan(db: Queryable, today: string): Promise<CountPlan | null> {
  const [row] = await db.query<PlanRow>(lockDue, [today])
  return row === undefined ? null : planOf(row)
}

export async function storeTurn(db: Queryable, id: string, nextOn: string): Promise<void> {
  await db.query(setTurn, [id, nextOn])
}

function planOf({ everyDays, toleranceQuantity: quantity, tolerancePercent: percent, ...row }: PlanRow): CountPlan {
  const given = { ...(quantity === null ? {} : { quantity }), ...(percent === null ? {} : { percent }) }
  return { ...row, every: { days: everyDays }, tolerance: quantity === null && percent === null ? null : given }
}
