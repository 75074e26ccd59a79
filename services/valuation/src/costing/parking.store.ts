/** Parked documents in the database. */
import { formatUnitPrice, parseUnitPrice } from '@stockline/amounts'
import { sql, type Queryable } from '@stockline/service-kit'
import { documentFrom, type InputData, type UnitCostData } from '../inputs/input.ts'
import { productsOf } from './document.ts'
import type { EnteredCosts } from './line.ts'
import type { Parked } from './parking.ts'

/** What was given on release, as JSON. */
interface EnteredCostsData {
  readonly unitCosts: readonly UnitCostData[]
  readonly discarded: boolean
}

type ParkedRow = Omit<ParkedSince, 'document' | 'products' | 'given'> & {
  readonly data: InputData
  readonly rules: number
  readonly given: EnteredCostsData | null
}

const columns = `parked.input, inputs.data, inputs.rules, parked.reason, parked.detail, parked.lacking::text[] as lacking,
  parked.given, parked.parked_at as "parkedAt"`
const readParked = sql(`
  select ${columns} from parked_documents as parked join inputs on inputs.number = parked.input order by parked.input`)
const parkedPage = sql(`
  select ${columns} from parked_documents as parked join inputs on inputs.number = parked.input
  where parked.input > $1 order by parked.input limit $2`)
const parkedOne = sql(`
  select ${columns} from parked_documents as parked join inputs on inputs.number = parked.input where parked.input = $1`)

const countParked = sql(`select reason, count(*)::int as documents from parked_documents group by reason`)
const oldestParked = sql(`
  select reason, extract(epoch from now() - min(parked_at))::float8 as seconds from parked_documents group by reason`)

const unpark = sql(`delete from parked_documents where input = any($1::bigint[])`)
const parkAll = sql(`
  insert into parked_documents (input, reason, detail, lacking, given, parked_at)
  select input, reason, detail, lacking::uuid[], given, $6
  from unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::jsonb[])
    as parked (input, reason, detail, lacking, given)
  on conflict (input) do update set reason = excluded.reason, detail = excluded.detail, lacking = excluded.lacking,
    given = excluded.given`)

/** A parked document with the time since when it is. */
export type ParkedSince = Parked & { readonly parkedAt: Date }

/** All that is parked, in the order of the log. */
export async function parkedDocuments(db: Queryable): Promise<ParkedSince[]> {
  return (await db.query<ParkedRow>(readParked)).flatMap(parkedFrom)
}

/** One page of what is parked. */
export async function parkedAfter(db: Queryable, after: bigint, limit: number): Promise<ParkedSince[]> {
  return (await db.query<ParkedRow>(parkedPage, [after, limit])).flatMap(parkedFrom)
}

/** The parked document of that input, if it is parked. */
export async function parkedByInput(db: Queryable, input: bigint): Promise<ParkedSince | undefined> {
  return (await db.query<ParkedRow>(parkedOne, [input])).flatMap(parkedFrom)[0]
}

/** How many documents are parked, by reason. */
export async function parkedByReason(db: Queryable): Promise<Map<string, number>> {
  const rows = await db.query<{ reason: string; documents: number }>(countParked)
  return new Map(rows.map(({ reason, documents }) => [reason, documents]))
}

/** Age in seconds of the oldest parked document, by reason. */
export async function parkedOldest(db: Queryable): Promise<Map<string, number>> {
  const rows = await db.query<{ reason: string; seconds: number }>(oldestParked)
  return new Map(rows.map(({ reason, seconds }) => [reason, seconds]))
}

/** Writes what changed between two states of what is parked. */
export async function keepParked(
  tx: Queryable,
  before: readonly Parked[],
  after: readonly Parked[],
  now: Date,
): Promise<void> {
  const still = new Set(after.map((parked) => parked.input))
  const gone = before.filter((parked) => !still.has(parked.input)).map((parked) => parked.input)
  const known = new Set(before)
  const changed = after.filter((parked) => !known.has(parked))
  if (gone.length > 0) await tx.query(unpark, [gone])
  if (changed.length === 0) return
  await tx.query(parkAll, [
    changed.map((parked) => parked.input),
    changed.map((parked) => parked.reason),
    changed.map((parked) => parked.detail),
    changed.map((parked) => `{${parked.lacking.join(',')}}`),
    changed.map((parked) => (parked.given === null ? null : JSON.stringify(dataOf(parked.given)))),
    now,
  ])
}

function parkedFrom(row: ParkedRow): ParkedSince[] {
  if (row.data.kind !== 'document') return []
  const document = documentFrom(row.data.document, row.rules)
  const { input, reason, detail, lacking, parkedAt } = row
  const given = row.given === null ? null : givenFrom(row.given)
  return [{ input, document, products: productsOf(document), reason, detail, lacking, given, parkedAt }]
}

function givenFrom(data: EnteredCostsData): EnteredCosts {
  const costs = data.unitCosts.map(({ sku, unitCost }) => [sku, parseUnitPrice(unitCost)] as const)
  return { unitCosts: new Map(costs), discarded: data.discarded }
}

function dataOf(given: EnteredCosts): EnteredCostsData {
  const unitCosts = [...given.unitCosts].flatMap(([sku, cost]) =>
    cost === null ? [] : [{ sku, unitCost: formatUnitPrice(cost) }],
  )
  return { unitCosts, discarded: given.discarded }
}
