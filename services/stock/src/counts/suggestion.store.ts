/** What is known of counting: of products at places, and of counts that were made. */
import { parseUnitPrice, storedQuantity } from '@stockline/amounts'
import type { AbcClass } from '@stockline/contracts'
import { type LocationScope, withinSql } from '@stockline/contracts/locations'
import { filtered, type Filters, type Queryable } from '@stockline/service-kit'
import type { CountedClass } from './accuracy.ts'
import type { CountingFacts } from './score.ts'

/** A product at a place, with what its score is made of. */
export interface Candidate extends CountingFacts {
  readonly sku: string
  readonly location: string
  readonly abcClass: AbcClass
  readonly unit: string
  readonly lastCountedAt: Date | null
}

/** So many are compared at most. */
export const mostCompared = 50_000

const classOf = `coalesce(p.abc_class, c.abc_class, 'C')`

/** All products at places of a zone and a scope that have stock. */
function stocked({ all, value, when }: Filters, zone: string, scope: LocationScope, abcClass: AbcClass | undefined) {
  const code = value(zone)
  return `
    select q.product_id, q.location_id, p.sku, l.code, p.unit, ${classOf} as abc_class, coalesce(u.unit_cost, p.standard_cost) as unit_cost,
      sum(q.quantity_on_hand) as on_hand
    from locations l
    join quants q on q.location_id = l.id
    join products p on p.id = q.product_id
    left join last_unit_costs u on u.sku = p.sku
    left join abc_classes c on c.product_id = p.id
    where (l.code = ${code} or (l.code > ${code} || '/' and l.code < ${code} || '0'))
      and l.type = 'internal' and q.quantity_on_hand <> 0
      and ${all(
        when(scope, (given) => withinSql('l.code', given)),
        when(abcClass, (given) => `${classOf} = ${given}`),
      )}
    group by q.product_id, q.location_id, p.sku, l.code, p.unit, ${classOf}, u.unit_cost, p.standard_cost`
}

interface CandidateRow extends Omit<Candidate, 'onHand' | 'unitCost'> {
  readonly onHand: string
  readonly unitCost: string | null
}

/** So many moves at a place give all the points that there are. */
const mostMoves = 50
/** Of a product so many of the latest moves are looked through for each of its places. */
const mostLooked = 500

/**
 * Candidates of a zone; one more than are compared. Moves are counted since the last count, or since ever where there was none, up to
 * 50, among the latest 500 of the product.
 */
export async function findCandidates(
  db: Queryable,
  zone: string,
  scope: LocationScope,
  abcClass: AbcClass | undefined,
  now: Date,
): Promise<readonly Candidate[]> {
  if (scope?.length === 0) return []
  const { statement, values } = filtered((given) => {
    const today = given.value(now)
    return `
      with stocked as materialized (${stocked(given, zone, scope, abcClass)}),
      counted as (
        select s.product_id, s.location_id, max(r.counted_at) as at, max(r.position) as position,
          count(*) filter (where r.differs and r.counted_at > ${today}::timestamptz - interval '365 days')::int as differences
        from stocked s join count_results r using (product_id, location_id) group by s.product_id, s.location_id
      ),
      moved as (
        select s.product_id, s.location_id, n.moves
        from stocked s left join counted c using (product_id, location_id)
        cross join lateral (select count(*)::int as moves from (
          select from (
            select from_location_id, to_location_id from moves m
            where m.product_id = s.product_id and m.position > coalesce(c.position, 0)
            order by m.position desc limit ${String(mostLooked)}) m
          where m.from_location_id = s.location_id or m.to_location_id = s.location_id limit ${String(mostMoves)}) found) n
      )
      select s.sku, s.code as location, s.abc_class as "abcClass", s.unit, s.on_hand::text as "onHand",
        trim_scale(s.unit_cost)::text as "unitCost", c.at as "lastCountedAt",
        extract(day from ${today}::timestamptz - c.at)::int as "daysSince",
        coalesce(c.differences, 0) as differences, coalesce(m.moves, 0) as "movesSince"
      from stocked s
      left join counted c using (product_id, location_id) left join moved m using (product_id, location_id)
      limit ${String(mostCompared + 1)}`
  })
  const rows = await db.query<CandidateRow>(statement, values)
  return rows.map(({ onHand, unitCost, ...row }) => ({
    ...row,
    onHand: storedQuantity(onHand),
    unitCost: unitCost === null ? null : parseUnitPrice(unitCost),
  }))
}

/** From when and until when counts are looked at. */
export interface CountPeriod {
  readonly since?: string | undefined
  readonly until?: string | undefined
}

/** By ABC class, what of a zone's stock was counted in a period, and what came of it. */
export async function findCounted(
  db: Queryable,
  zone: string,
  scope: LocationScope,
  { since, until }: CountPeriod,
): Promise<readonly CountedClass[]> {
  if (scope?.length === 0) return []
  const { statement, values } = filtered((given) => {
    const { all, value, when } = given
    const code = value(zone)
    const inPeriod = all(
      when(since, (time) => `r.counted_at >= ${time}`),
      when(until, (time) => `r.counted_at < ${time}`),
    )
    return `
      with stocked as (${stocked(given, zone, scope, undefined)}),
      results as (
        select r.product_id, r.location_id, r.differs, ${classOf} as abc_class
        from locations l
        join count_results r on r.location_id = l.id
        join products p on p.id = r.product_id
        left join abc_classes c on c.product_id = p.id
        where (l.code = ${code} or (l.code > ${code} || '/' and l.code < ${code} || '0')) and ${inPeriod}
          and ${all(when(scope, (of) => withinSql('l.code', of)))}
      ),
      places as (
        select s.abc_class, count(*)::int as places,
          count(*) filter (where exists (
            select from results r where r.product_id = s.product_id and r.location_id = s.location_id))::int as covered
        from stocked s group by s.abc_class
      ),
      lines as (
        select abc_class, count(*)::int as lines, count(*) filter (where not differs)::int as exact
        from results group by abc_class
      )
      select abc_class as "abcClass", coalesce(places, 0) as places, coalesce(covered, 0) as covered,
        coalesce(lines, 0) as lines, coalesce(exact, 0) as exact
      from places full join lines using (abc_class) order by abc_class`
  })
  return db.query<CountedClass>(statement, values)
}
