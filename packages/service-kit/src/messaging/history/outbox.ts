/** Which events of this service its outbox knows, found without an index of ids, for which each event would have to pay. */
import { sql, type Queryable } from '../../database/transaction.ts'

/** An event that the bus has. */
export interface Sought {
  readonly id: string
  /** Where it stood in the outbox; absent in messages from before 0.2.0. */
  readonly position: bigint | undefined
}

const idsAt = sql(`select id::text from kit.outbox where position = any($1::bigint[]) and id = any($2::uuid[])`)
const idsElsewhere = sql(`
  select id::text from kit.replaced where id = any($1::uuid[])
  union all select id::text from kit.disowned where id = any($1::uuid[])`)
const idsBetween = sql(`
  select id::text from kit.outbox where position between $1 and $2 and id = any($3::uuid[])`)
// Of a message without a position, published by a clock that was more than an hour wrong, or lost.
const idsAnywhere = sql(`select id::text from kit.outbox where id = any($1::uuid[])`)
const ends = sql(`select min(position) as first, max(position) as last from kit.outbox`)
const nextFrom = sql(`
  select position, created_at as "createdAt" from kit.outbox where position >= $1 order by position limit 1`)

/** By so much the clock of a service, and the beginning of its transaction, may differ from the database's. */
const marginMs = 3_600_000

/** Which of these the outbox has, or had and has put right, by id. */
export async function knownToOutbox(db: Queryable, sought: readonly Sought[]): Promise<ReadonlySet<string>> {
  const known = new Set<string>()
  const left = () => sought.filter(({ id }) => !known.has(id))
  const learn = (rows: readonly { readonly id: string }[]) => {
    for (const { id } of rows) known.add(id)
  }
  const placed = sought.filter(({ position }) => position !== undefined)
  if (placed.length > 0) learn(await db.query(idsAt, [placed.map(({ position }) => position), idsOf(placed)]))
  if (left().length > 0) learn(await db.query(idsElsewhere, [idsOf(left())]))
  const unplaced = () => left().filter(({ position }) => position === undefined)
  if (unplaced().length > 0) learn(await nearTheirTime(db, unplaced()))
  if (unplaced().length > 0) learn(await db.query(idsAnywhere, [idsOf(unplaced())]))
  return known
}

/** Positions rise with time, and an id of version 7 contains its time: so few rows have to be read. */
async function nearTheirTime(db: Queryable, sought: readonly Sought[]): Promise<readonly { readonly id: string }[]> {
  const times = sought.map(({ id }) => Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16))
  const [all] = await db.query<{ first: bigint | null; last: bigint | null }>(ends, [])
  if (all === undefined || all.first === null || all.last === null) return []
  const { first, last } = all
  const from = await firstAt(db, Math.min(...times) - marginMs, first, last)
  const to = await firstAt(db, Math.max(...times) + marginMs, first, last)
  return db.query(idsBetween, [from, to, idsOf(sought)])
}

/** The first position that was written at that time or later; the last one where there is none. In some 25 small steps. */
async function firstAt(db: Queryable, time: number, first: bigint, last: bigint): Promise<bigint> {
  let [low, high] = [first, last]
  while (low < high) {
    const middle = (low + high) / 2n
    const [row] = await db.query<{ position: bigint; createdAt: Date }>(nextFrom, [middle])
    if (row !== undefined && row.createdAt.getTime() < time) low = row.position + 1n
    else high = middle
  }
  return low
}

function idsOf(sought: readonly Sought[]): readonly string[] {
  return sought.map(({ id }) => id)
}
