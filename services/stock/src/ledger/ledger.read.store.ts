/** What people read of the ledger: quants now or as of then, and moves. */
import { sql } from '@stockline/service-kit'
import type { Database } from '../database.ts'
import { none } from './quant.ts'

/** A quant as it is shown. As of then nothing is known to have been reserved. */
export interface ShownQuant {
  readonly sku: string
  readonly location: string
  readonly lot: string | null
  readonly status: string
  readonly package: string | null
  readonly onHand: string
  readonly reserved: string | null
  readonly available: string | null
  readonly unit: string
}

export interface QuantFilter {
  readonly sku?: string | undefined
  /** With all below it. Without, all own stock. */
  readonly location?: string | undefined
  readonly lot?: string | undefined
}

/** As of when: one of them, by effective time, by recorded time, or at a position. */
export interface AsOf {
  readonly asOf?: string | undefined
  readonly recordedAsOf?: string | undefined
  readonly atPosition?: bigint | undefined
}

/** The key by which quants are listed. */
export type QuantPlace = readonly [sku: string, location: string, lot: string, status: string, packageId: string]

export interface ShownMove {
  readonly position: bigint
  readonly document: string
  readonly line: number
  readonly sku: string
  readonly lot: string | null
  readonly quantity: string
  readonly unit: string
  readonly from: string
  readonly to: string
  readonly recordedAt: Date
  readonly effectiveAt: Date
  readonly actorId: string | null
  readonly actorName: string | null
}

export interface MoveFilter {
  readonly sku?: string | undefined
  readonly lot?: string | undefined
  readonly document?: string | undefined
  /** Locations, with all below them. */
  readonly from?: string | undefined
  readonly to?: string | undefined
  /** When the ledger took it: from then, and before then. */
  readonly since?: string | undefined
  readonly until?: string | undefined
}

// "0" is the character after "/": a subtree is a range of the index.
const below = (column: string, parameter: string) =>
  `(${column} = ${parameter} or (${column} > ${parameter} || '/' and ${column} < ${parameter} || '0'))`
const inScope = (column: string, parameter: string) =>
  `exists (select from unnest(${parameter}::text[]) as top where ${column} = top or starts_with(${column}, top || '/'))`

const quantFilters = `
  ($1::text is null or p.sku = $1)
  and (case when $2::text is null then l.type = 'internal' else ${below('l.code', '$2')} end)
  and ($3::text is null or t.code = $3)
  and ($4::text[] is null or ${inScope('l.code', '$4')})
  and ($5::text is null
    or (p.sku, l.code, coalesce(t.code, ''), q.status, q.package_id) > ($5, $6, $7, $8, $9::uuid))
  order by p.sku, l.code, coalesce(t.code, ''), q.status, q.package_id limit $10`
const quantNames = `p.sku, p.unit, l.code as location, t.code as lot, q.status, nullif(q.package_id, '${none}') as package`
const joinedNames = `join products p on p.id = q.product_id join locations l on l.id = q.location_id left join lots t on t.id = q.lot_id`

const quantsNow = sql(
  `select ${quantNames}, trim_scale(q.quantity_on_hand)::text as "onHand", trim_scale(q.quantity_reserved)::text as reserved,
     trim_scale(q.quantity_on_hand - q.quantity_reserved)::text as available
   from quants q ${joinedNames}
   where (q.quantity_on_hand <> 0 or q.quantity_reserved <> 0) and ${quantFilters}`,
)
const quantsAsOf = sql(
  `with counted as (
     select m.* from moves m join postings d on d.position = m.position
     where ($11::timestamptz is null or d.effective_at <= $11)
       and ($12::timestamptz is null or d.recorded_at <= $12)
       and ($13::bigint is null or m.position <= $13)
       and ($1::text is null or m.product_id = (select id from products where sku = $1))
   ), q as (
     select product_id, lot_id, location_id, status, package_id, sum(change) as on_hand
     from (
       select product_id, lot_id, to_location_id as location_id, status, package_id, quantity as change from counted
       union all
       select product_id, lot_id, from_location_id, status, package_id, -quantity from counted
     ) sides
     group by product_id, lot_id, location_id, status, package_id
     having sum(change) <> 0
   )
   select ${quantNames}, trim_scale(q.on_hand)::text as "onHand", null as reserved, null as available
   from q ${joinedNames}
   where ${quantFilters}`,
)

const moveFilters = `
  ($1::text is null or p.sku = $1)
  and ($2::text is null or t.code = $2)
  and ($3::text is null or d.number = $3)
  and ($4::text is null or ${below('f.code', '$4')})
  and ($5::text is null or ${below('g.code', '$5')})
  and ($6::timestamptz is null or d.recorded_at >= $6)
  and ($7::timestamptz is null or d.recorded_at < $7)
  and ($8::text[] is null or ${inScope('f.code', '$8')} or ${inScope('g.code', '$8')})`
const moveColumns = `
  select m.position, d.number as document, m.line, p.sku, p.unit, t.code as lot, trim_scale(m.quantity)::text as quantity,
    f.code as from, g.code as to, d.recorded_at as "recordedAt", d.effective_at as "effectiveAt",
    d.actor_id as "actorId", d.actor_name as "actorName"
  from moves m
  join postings d on d.position = m.position
  join products p on p.id = m.product_id
  join locations f on f.id = m.from_location_id
  join locations g on g.id = m.to_location_id
  left join lots t on t.id = m.lot_id
  where ${moveFilters}`
const movesForward = sql(
  `${moveColumns} and ($9::bigint is null or (m.position, m.line) > ($9, $10::int)) order by m.position, m.line limit $11`,
)
const movesBackward = sql(
  `${moveColumns} and ($9::bigint is null or (m.position, m.line) < ($9, $10::int))
   order by m.position desc, m.line desc limit $11`,
)

/** Quants by product, location, lot, status and package; one more than the limit. */
export function findQuants(
  db: Database,
  filter: QuantFilter,
  { asOf, recordedAsOf, atPosition }: AsOf,
  scope: readonly string[] | null,
  after: QuantPlace | undefined,
  limit: number,
): Promise<ShownQuant[]> {
  const { sku, location, lot } = filter
  const page = after ?? [null, null, null, null, null]
  const values = [sku ?? null, location ?? null, lot ?? null, scope, ...page, limit + 1]
  const isNow = asOf === undefined && recordedAsOf === undefined && atPosition === undefined
  return isNow
    ? db.query<ShownQuant>(quantsNow, values)
    : db.query<ShownQuant>(quantsAsOf, [...values, asOf ?? null, recordedAsOf ?? null, atPosition ?? null])
}

/** Moves by position and line; one more than the limit. */
export function findMoves(
  db: Database,
  { sku, lot, document, from, to, since, until }: MoveFilter,
  scope: readonly string[] | null,
  direction: 'forward' | 'backward',
  after: readonly [position: string, line: number] | undefined,
  limit: number,
): Promise<ShownMove[]> {
  const filters = [sku, lot, document, from, to, since, until].map((value) => value ?? null)
  const values = [...filters, scope, after?.[0] ?? null, after?.[1] ?? null, limit + 1]
  return db.query<ShownMove>(direction === 'forward' ? movesForward : movesBackward, values)
}
