/** Cost methods in the database. */
import { epochCache, sql, type Queryable } from '@stockline/service-kit'
import type { Database } from '../database.ts'
import type { MethodOfCategory } from './cost-method.api.ts'
import { costMethods, defaultMethod, type CostMethod } from './cost-method.ts'

const readMethods = sql(`select category, method from cost_methods`)
const readMethod = sql(`select category, method, version from cost_methods where category = $1`)
const saveMethod = sql(`
  insert into cost_methods as methods (category, method, version, changed_at) values ($1, $2, 1, $3)
  on conflict (category) do update set method = excluded.method, version = methods.version + 1,
    changed_at = excluded.changed_at`)

const cached = epochCache<{ methods?: ReadonlyMap<string, CostMethod> }>({
  empty: () => ({}),
  sizeOf: () => 0,
  most: 1,
})

/** The methods that were set, by category, at an epoch of the books' settings that was read in this transaction. */
export async function methodsAt(db: Queryable, epoch: string): Promise<ReadonlyMap<string, CostMethod>> {
  return (cached(epoch).methods ??= await readAll(db))
}

async function readAll(db: Queryable): Promise<ReadonlyMap<string, CostMethod>> {
  const rows = await db.query<MethodOfCategory>(readMethods)
  return new Map(rows.map(({ category, method }) => [category, method]))
}

/** The method of a category, known yet or not. */
export async function methodOf(db: Queryable, category: string): Promise<MethodOfCategory> {
  const [row] = await db.query<MethodOfCategory>(readMethod, [category])
  return row ?? { category, method: defaultMethod, version: 0 }
}

/** The categories whose method was set, by name, from after one. */
export async function listMethods(db: Database, after: string | undefined, limit: number): Promise<MethodOfCategory[]> {
  const rows = await db.prisma.costMethod.findMany({
    ...(after === undefined ? {} : { where: { category: { gt: after } } }),
    orderBy: { category: 'asc' },
    take: limit,
  })
  return rows.map(({ category, method, version }) => ({ category, method: methodFrom(method), version }))
}

/** Sets the method of a category. */
export async function keepMethod(tx: Queryable, category: string, method: CostMethod, now: Date): Promise<void> {
  await tx.query(saveMethod, [category, method, now])
}

function methodFrom(text: string): CostMethod {
  return costMethods.find((method) => method === text) ?? defaultMethod
}
