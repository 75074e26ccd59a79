/** Reads the ledger for lists: quants now or as of a time, and moves. */
import { type LocationScope, scopedCodeSql, withinSql } from '@stockline/contracts/locations'
import { filtered, type Filters, type Queryable, sql } from '@stockline/service-kit'
import type { Database } from '../database.ts'
import { availableOf } from '../availability/available.ts'
import { shippedInSql } from '../packages/package.actions.ts'
import type { AsOf, MoveAnswer, MoveFilter, QuantAnswer, QuantFilter } from './ledger.api.ts'
import { none } from './quant.ts'

/** SQL: has the ledger posted this document? @param documentId a column, with its table: `floor.document_id` */
export const isPosted = (documentId: string): string =>
  `exists (select from postings p where p.document_id = ${documentId} and p.position is not null)`

const lastHead = sql('select coalesce(max(position), 0)::bigint as position from ledger_head')

/** The key by which quants are listed. */
export type QuantKeyText = readonly [sku: string, location: string, lot: string, status: string, packageId: string]

/** A move as its row has it: the answer, but for times, the position and the actor. */
export type MovesRow = Omit<MoveAnswer, 'position' | 'recordedAt' | 'effectiveAt' | 'actor'> & {
  readonly position: bigint
  readonly recordedAt: Date
  readonly effectiveAt: Date
  readonly actorId: string | null
  readonly actorName: string | null
}

type MoveKey = readonly [position: string, line: number]

// "0" is the character after "/": a subtree is a range of the index.
const below = (column: string, parameter: string) =>
  `(${column} = ${parameter} or (${column} > ${parameter} || '/' and ${column} < ${parameter} || '0'))`
// Looked up before the rest, so that the moves come from the index of products or documents.
const productId = (sku: string) => `(select id from products where sku = ${sku})`
const positionsOf = (document: string) => `any(array(select position from postings where number = ${document}))`
// Times are in the order of positions, so those before or after a time are a range of them.
const firstSince = (time: string) => `(
  select position from postings where position is not null and recorded_at >= ${time}
  order by recorded_at, position limit 1)`
const lastUntil = (time: string, until: '<' | '<=') => `(
  select position from postings where position is not null and recorded_at ${until} ${time}
  order by recorded_at desc, position desc limit 1)`
// "offset 0" keeps the planner from joining: each row looks up its own by id, however few rows a filter may leave.
const locationOf = (id: string, name: string) =>
  `cross join lateral (select code, type, warehouse, active, reservable from locations where id = ${id} offset 0) ${name}`
/** Unless the filter names a lot: then its rows are found by it. */
const lotOf = (id: string, product: string, lot: string | undefined) =>
  lot === undefined
    ? `left join lateral (select code, expires_on, hold_reason from lots where id = ${id} offset 0) t on true`
    : `join lots t on t.id = ${id} and t.product_id = ${product}`

const quantNames = `p.sku, p.unit, l.code as location, t.code as lot, q.status, nullif(q.package_id, '${none}') as package`
const quantKeyColumns = `p.sku, l.code, coalesce(t.code, ''), q.status, q.package_id`

/** So many locations are few. */
const fewLocations = 50
const locationsBelow = sql(`
  select id from locations
  where code >= $1 and code < $1 || '0' and ${below('code', '$1')} limit ${String(fewLocations + 1)}`)

/** The locations of a filter, where they are few. */
async function fewBelow(db: Database, { sku, location, lot }: QuantFilter): Promise<readonly string[] | undefined> {
  if (location === undefined || sku !== undefined || lot !== undefined) return undefined
  const locations = await db.query<{ id: string }>(locationsBelow, [location])
  return locations.length > fewLocations ? undefined : locations.map(({ id }) => id)
}

/** Which quants. */
function quantsWanted(
  { all, value, when }: Filters,
  { sku, location, lot }: QuantFilter,
  locations: readonly string[] | undefined,
  scope: LocationScope,
  after: QuantKeyText | undefined,
): string {
  const [afterSku, ...rest] = after ?? []
  return all(
    when(sku, (given) => `p.sku = ${given}`),
    when(locations, (given) => `q.location_id = any(${given}::uuid[])`) ??
      when(location, (given) => below('l.code', given)) ??
      `l.type in ('internal', 'transit')`,
    when(lot, (given) => `t.code = ${given}`),
    when(scope, (given) => withinSql(scopedCodeSql('l'), given)),
    when(
      afterSku,
      (given) => `p.sku >= ${given} and (${quantKeyColumns}) > (${[given, ...rest.map(value)].join(', ')}::uuid)`,
    ),
  )
}

/** Balances. Few wanted ones are found first; otherwise the statement goes through all, product by product. */
const quantsNow = ({ value }: Filters, today: string, areFew: boolean) => `
  select ${quantNames}, trim_scale(q.quantity_on_hand)::text as "onHand", trim_scale(q.quantity_reserved)::text as reserved,
    trim_scale(${availableOf(value(today))})::text as available
  from products p
  cross join lateral (
    select * from quants
    where product_id = p.id and (quantity_on_hand <> 0 or quantity_reserved <> 0) ${areFew ? '' : 'offset 0'}
  ) q`

/** What the moves until then add up to, product by product. */
function quantsThen({ all, when }: Filters, { asOf, recordedAsOf, atPosition }: AsOf): string {
  const until = all(
    when(asOf, (given) => `(select effective_at from postings where position = m.position) <= ${given}`),
    when(recordedAsOf, (given) => `m.position <= ${lastUntil(given, '<=')}`),
    when(atPosition, (given) => `m.position <= ${given}`),
  )
  return `
    select ${quantNames}, trim_scale(q.on_hand)::text as "onHand", null as reserved, null as available
    from products p
    cross join lateral (
      select side.lot_id, side.location_id, side.status, m.package_id, sum(side.change) as on_hand
      from moves m
      cross join lateral (
        values (coalesce(m.to_lot_id, m.lot_id), m.to_location_id, coalesce(m.to_status, m.status), m.quantity),
          (m.lot_id, m.from_location_id, m.status, -m.quantity)
      ) as side (lot_id, location_id, status, change)
      where m.product_id = p.id and ${until}
      group by side.lot_id, side.location_id, side.status, m.package_id
      having sum(side.change) <> 0
    ) q`
}

/** Which moves. */
function movesWanted({ all, when }: Filters, filter: MoveFilter, scope: LocationScope): string {
  const { sku, lot, document, from, to, since, until } = filter
  return all(
    when(sku, (given) => `m.product_id = ${productId(given)}`),
    when(lot, (given) => `t.code = ${given}`),
    when(document, (given) => `m.position = ${positionsOf(given)}`),
    when(from, (given) => below('f.code', given)),
    when(to, (given) => below('g.code', given)),
    when(since, (given) => `m.position >= ${firstSince(given)}`),
    when(until, (given) => `m.position <= ${lastUntil(given, '<')}`),
    when(scope, (given) => `${withinSql(scopedCodeSql('f'), given)} or ${withinSql(scopedCodeSql('g'), given)}`),
  )
}

const moveColumns = `
  select m.position, d.number as document, m.line, p.sku, p.unit, t.code as lot, trim_scale(m.quantity)::text as quantity,
    f.code as from, g.code as to, m.status, coalesce(m.to_status, m.status) as "toStatus", d.recorded_at as "recordedAt", d.effective_at as "effectiveAt",
    d.actor_id as "actorId", d.actor_name as "actorName",
    ${shippedInSql({ move: 'm', posting: 'd', product: 'p', lot: 't' })} as packages
  from moves m
  cross join lateral (select * from postings where position = m.position offset 0) d
  join products p on p.id = m.product_id
  ${locationOf('m.from_location_id', 'f')} ${locationOf('m.to_location_id', 'g')}`

/**
 * Quants by product, location, lot, status and package; one more than the limit.
 *
 * @param today the company's date: what has expired is not available
 */
export async function findQuants(
  db: Database,
  today: string,
  filter: QuantFilter,
  then: AsOf,
  scope: LocationScope,
  after: QuantKeyText | undefined,
  limit: number,
): Promise<QuantAnswer[]> {
  // Without any location in scope the answer is empty.
  if (scope?.length === 0) return []
  const isNow = Object.values(then).every((time) => time === undefined)
  const locations = isNow ? await fewBelow(db, filter) : undefined
  const areFew = filter.lot !== undefined || locations !== undefined
  // Few are sorted, so by an expression: the index of products would be gone through for its order.
  const order = `${areFew ? `p.sku || ''` : 'p.sku'}, l.code, coalesce(t.code, ''), q.status, q.package_id`
  const { statement, values } = filtered(
    (given) => `
      ${isNow ? quantsNow(given, today, areFew) : quantsThen(given, then)}
      ${locationOf('q.location_id', 'l')} ${lotOf('q.lot_id', 'p.id', filter.lot)}
      where ${quantsWanted(given, filter, locations, scope, after)}
      order by ${order} limit ${given.value(limit + 1)}`,
  )
  return db.query<QuantAnswer>(statement, values)
}

/** Moves by position and line; one more than the limit. */
export async function findMoves(
  db: Database,
  filter: MoveFilter,
  scope: LocationScope,
  order: 'forward' | 'backward',
  after: MoveKey | undefined,
  limit: number,
): Promise<MovesRow[]> {
  if (scope?.length === 0) return []
  // The primary key has this order, and must not be gone through for it where a product's own index has its moves by
  // position: so the line is an expression. Those of a lot are found by it, and all sorted.
  const [position, line] = filter.lot === undefined ? ['m.position', 'm.line + 0'] : ['m.position + 0', 'm.line']
  const [direction, beyond] = order === 'forward' ? ['asc', '>'] : ['desc', '<']
  const { statement, values } = filtered((given) => {
    const { all, value, when } = given
    const location = when(after?.[0], (at) => `(m.position, m.line) ${beyond} (${at}, ${value(after?.[1])}::int)`)
    return `${moveColumns} ${lotOf('m.lot_id', 'm.product_id', filter.lot)}
      where ${all(movesWanted(given, filter, scope), location)}
      order by ${position} ${direction}, ${line} ${direction} limit ${value(limit + 1)}`
  })
  return db.query<MovesRow>(statement, values)
}

/** Position of the last document that was posted; 0 before the first. */
export async function lastPosition(db: Queryable): Promise<number> {
  const [head] = await db.query<{ position: bigint }>(lastHead)
  return Number(head?.position ?? 0)
}
