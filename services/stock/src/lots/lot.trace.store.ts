/** Genealogy of lots and their moves, out of the ledger: each one statement, by the indices of moves by lot. */
import type { DocumentKind, LocationType, StockStatus } from '@stockline/contracts'
import { plainArray, sql } from '@stockline/service-kit'
import type { Database, Tx } from '../database.ts'
import { none } from '../ledger/quant.ts'
import type { Window } from './lot.trace.ts'

/** So many steps from lot to lot are followed; merged and split over and over again, one lot has several. */
const mostSteps = 1000
const last = '9223372036854775807'

/**
 * The lots that a lot was made of, and those that were made of it. A lot counts up to the position at which goods left it for the next one
 * (up), or from the position at which it got them (down). "Union" drops repeats, and positions rise (or fall), so that it ends.
 */
const genealogy = sql(
  `with recursive
   up (lot_id, until) as (
     select $1::uuid, ${last}::bigint
     union
     select m.lot_id, m.position from up join moves m on m.to_lot_id = up.lot_id and m.position < up.until
     where m.to_lot_id is not null
   ),
   down (lot_id, since) as (
     select $1::uuid, 0::bigint
     union
     select m.to_lot_id, m.position from down join moves m on m.lot_id = down.lot_id and m.position > down.since
     where m.to_lot_id is not null
   )
   select lots.id, lots.code, lots.hold_reason is not null as held, sku, w.up, w.until, w.down, w.since, w.steps
   from (
     select coalesce(u.lot_id, d.lot_id) as lot_id, u.lot_id is not null as up, coalesce(u.until, 0) as until,
       d.lot_id is not null as down, coalesce(d.since, ${last}) as since,
       greatest(u.steps, d.steps)::int as steps
     from (
       select lot_id, max(until) as until, sum(count(*)) over () as steps
       from (select * from up where $2 limit $4) one group by lot_id) u
     full join (
       select lot_id, min(since) as since, sum(count(*)) over () as steps
       from (select * from down where $3 limit $4) one group by lot_id) d
       on d.lot_id = u.lot_id
   ) w
   join lots on lots.id = w.lot_id join products on products.id = product_id
   order by lots.id <> $1, lots.code`,
)

/** A lot and all that was made of it: of a recall none may be left out. */
const madeOf = sql(
  `with recursive down (lot_id, since) as (
     select $1::uuid, 0::bigint
     union
     select m.to_lot_id, m.position from down join moves m on m.lot_id = down.lot_id and m.position > down.since
     where m.to_lot_id is not null
   )
   select id from lots where hold_reason is null and id in (select lot_id from down) order by id`,
)

/**
 * Moves of lots: of one that is looked at upwards those that end at goods that are owned, up to a position; downwards those that begin
 * there, from a position on.
 */
const movesOfLots = sql(
  `select m.position, d.number as document, d.document_id as "documentId", d.kind, m.line, p.sku, p.unit, t.code as lot,
     u.code as "toLot", trim_scale(m.quantity)::text as quantity, f.code as from, f.type as "fromType", g.code as to,
     g.type as "toType", m.status, coalesce(m.to_status, m.status) as "toStatus", d.recorded_at as "recordedAt",
     d.effective_at as "effectiveAt", d.order_source as "sourceSystem", d.order_number as "order", m.order_line as "orderLine",
     d.partner_code as "partnerCode", d.partner_name as "partnerName"
   from unnest($1::uuid[], $2::boolean[], $3::bigint[], $4::boolean[], $5::bigint[]) as w (lot_id, up, until, down, since)
   cross join lateral (
     select * from moves
     where lot_id = w.lot_id and lot_id <> '${none}'
       and position >= case when w.up then 0 else w.since end and position <= case when w.down then ${last} else w.until end
     order by position, line limit $6
   ) m
   cross join lateral (select * from postings where position = m.position offset 0) d
   join products p on p.id = m.product_id
   join lots t on t.id = m.lot_id
   left join lots u on u.id = m.to_lot_id
   join locations f on f.id = m.from_location_id
   join locations g on g.id = m.to_location_id
   where (w.up and m.position <= w.until and g.type in ('internal', 'transit')
       and (m.to_lot_id is null or m.to_lot_id = any($1::uuid[])))
     or (w.down and m.position >= w.since and f.type in ('internal', 'transit'))
   order by m.position, m.line
   limit $6`,
)

/** Ids, in order, of a lot and all that was made of it, as far as they are not held: all of them, however many. */
export async function findLotsToHold(tx: Tx, id: string): Promise<string[]> {
  return (await tx.query<{ id: string }>(madeOf, [id])).map((one) => one.id)
}

/** A lot of a genealogy, and which of its moves belong to it. */
export interface LotOfGenealogy extends Window {
  readonly id: string
  readonly sku: string
  readonly code: string
  readonly held: boolean
  /** How many steps its direction was followed, of all lots together. */
  readonly steps: number
}

/** A move of a lot. */
export interface LotMove {
  readonly position: bigint
  readonly document: string
  readonly documentId: string
  readonly kind: DocumentKind
  readonly line: number
  readonly sku: string
  readonly unit: string
  readonly lot: string
  /** The lot that the goods got; null where they kept theirs. */
  readonly toLot: string | null
  readonly quantity: string
  readonly from: string
  readonly fromType: LocationType
  readonly to: string
  readonly toType: LocationType
  readonly status: StockStatus
  readonly toStatus: StockStatus
  readonly recordedAt: Date
  readonly effectiveAt: Date
  /** The system that the order comes from, its number and line; null where the document is of none, or it is not known. */
  readonly sourceSystem: string | null
  readonly order: string | null
  readonly orderLine: number | null
  /** The vendor or the customer; null as the order. */
  readonly partnerCode: string | null
  readonly partnerName: string | null
}

/** The lot and those that it was made of (up), or that were made of it (down): itself first, then by code. */
export function findGenealogy(
  db: Database | Tx,
  lotId: string,
  { up, down }: Pick<Window, 'up' | 'down'>,
): Promise<LotOfGenealogy[]> {
  return db.query<LotOfGenealogy>(genealogy, [lotId, up, down, mostSteps])
}

/** Were there more steps than are followed? */
export function isCutShort(lots: readonly Pick<LotOfGenealogy, 'steps'>[]): boolean {
  return lots.some(({ steps }) => steps >= mostSteps)
}

/** Moves of these lots in the order of the ledger, so many at most. */
export function findMovesOfLots(
  db: Database | Tx,
  lots: readonly (Window & Pick<LotOfGenealogy, 'id'>)[],
  most: number,
): Promise<LotMove[]> {
  return db.query<LotMove>(movesOfLots, [
    plainArray(lots.map(({ id }) => id)),
    plainArray(lots.map(({ up }) => up)),
    plainArray(lots.map(({ until }) => until)),
    plainArray(lots.map(({ down }) => down)),
    plainArray(lots.map(({ since }) => since)),
    most,
  ])
}
