/** Bad data for invariants: it is planted in a transaction, asked for, and rolled back. */
import { sql, type Database, type Invariant } from '@stockline/service-kit'

/** By invariant: statements that break it, and the names of others that they break too. */
export type PlantedData = Readonly<Record<string, readonly { readonly sql: string[]; readonly also?: string[] }[]>>

/** One row for `test.each`: the invariant, the last of its statements (for the title), all of them, all names broken. */
export type PlantedCase = readonly [
  name: string,
  last: string,
  statements: readonly string[],
  broken: readonly string[],
]

/** The cases of all invariants. What is broken is in the order of the invariants. */
export function plantedCases(invariants: readonly Invariant[], planted: PlantedData): readonly PlantedCase[] {
  return Object.entries(planted).flatMap(([name, each]) =>
    each.map(({ sql: statements, also = [] }): PlantedCase => {
      const broken = invariants.map((one) => one.name).filter((one) => one === name || also.includes(one))
      return [name, statements.at(-1) ?? '', statements, broken]
    }),
  )
}

/**
 * Names of the invariants that these statements break. Nothing of them stays. Triggers and foreign keys are off, so that an
 * invariant is seen to hold what it says by itself; that needs a superuser, which the tests' PostgreSQL gives.
 */
export async function violatedBy<Prisma>(
  db: Database<Prisma>,
  invariants: readonly Invariant[],
  statements: readonly string[],
): Promise<readonly string[]> {
  const found: string[] = []
  const rollback = new Error('rolled back')
  try {
    await db.transaction({ actor: null, correlationId: 'test' }, async (tx) => {
      for (const statement of ['set local session_replication_role = replica', ...statements])
        await tx.query(sql(statement))
      for (const { name, statement } of invariants) if ((await tx.query(statement)).length > 0) found.push(name)
      throw rollback
    })
  } catch (cause) {
    if (cause !== rollback) throw cause
  }
  return found
}
