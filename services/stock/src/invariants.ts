/** Invariants of stock: each statement selects the rows that violate it. */
import { documentInvariants, type InvariantKind } from '@stockline/documents'
import { scrapKind, statusChangeKind } from './dispositions/disposition.fields.ts'
import { type Invariant, sql } from '@stockline/service-kit'
import { adjustmentKind } from './adjustments/adjustment.fields.ts'
import { countSheetKind } from './counts/count.fields.ts'

const noneId = '00000000-0000-0000-0000-000000000000'

/** Balances as the moves add up to them. */
const fromMoves = `
  select product_id, lot_id, location_id, status, package_id, sum(change) as on_hand
  from (
    select product_id, coalesce(to_lot_id, lot_id) as lot_id, to_location_id as location_id, coalesce(to_status, status) as status, package_id,
      quantity as change from moves
    union all
    select product_id, lot_id, from_location_id, status, package_id, -quantity from moves
  ) sides
  group by product_id, lot_id, location_id, status, package_id`

/** Stock's own documents. */
const kinds: readonly InvariantKind[] = [
  {
    ...adjustmentKind,
    postedAs: null,
    scope: {
      summary: 'the places of its lines',
      places: 'SELECT DISTINCT adjustment_id AS id, location AS place FROM adjustment_lines',
    },
  },
  { ...countSheetKind, scope: { summary: 'its zone', places: 'SELECT id, zone AS place FROM count_sheets' } },
  ofDispositions(statusChangeKind),
  ofDispositions(scrapKind),
]

function ofDispositions(kind: typeof statusChangeKind | typeof scrapKind): InvariantKind {
  const places = `SELECT DISTINCT ${kind.one}_id AS id, location AS place FROM ${kind.one}_lines`
  return { ...kind, postedAs: 'posted', scope: { summary: 'the places of its lines', places } }
}

export const invariants: readonly Invariant[] = [
  ...documentInvariants('stock', kinds),
  {
    name: 'adjustment_posted_iff_moved',
    summary: 'An adjustment that differs is posted if and only if the ledger has moved for it.',
    statement: sql(
      `select a.number, a.status, a.position, p.position as ledger from adjustments a
       left join postings p on p.document_id = a.id and p.position is not null
       where a.position is distinct from p.position or (a.status <> 'posted' and a.position is not null)
         or (a.status = 'posted' and a.position is null and exists (
           select from adjustment_lines l where l.adjustment_id = a.id and l.counted <> l.expected))`,
    ),
  },
  {
    name: 'adjustment_differences_are_moves',
    summary: 'What a posted adjustment moved at each line is what was counted less what was expected.',
    statement: sql(
      `select a.number, l.line, l.expected, l.counted, m.quantity
       from adjustments a join adjustment_lines l on l.adjustment_id = a.id
       left join moves m on m.position = a.position and m.line = l.line
       left join locations f on f.id = m.from_location_id
       where a.status = 'posted'
         and l.counted - l.expected <> coalesce(case when f.type = 'loss' then m.quantity else -m.quantity end, 0)`,
    ),
  },
  {
    name: 'count_results_are_lines_of_done_sheets',
    summary:
      'Of each line that was counted on a sheet that is done the report of counts has what it says, and of nothing else.',
    statement: sql(
      `with counted as (
         select s.id as sheet_id, l.line, s.number, l.sku, l.location, l.lot, l.status,
           row(l.sku, l.location, l.position::bigint, l.counted_at::timestamptz, l.counted <> l.on_hand - l.picked + l.put,
             cardinality(l.counted_before) > 0)::text as says
         from count_sheets s join count_sheet_lines l on l.count_sheet_id = s.id
         where s.status = 'done' and l.counted is not null),
       results as (
         select r.sheet_id, r.line, t.code as lot, r.status,
           row(p.sku, l.code, r.position, r.counted_at, r.differs, r.recounted)::text as says
         from count_results r left join products p on p.id = r.product_id left join locations l on l.id = r.location_id
         left join lots t on t.id = r.lot_id)
       select sheet_id, line, c.number, c.says, r.says as result from counted c full join results r using (sheet_id, line)
       where c.says is distinct from r.says or r.lot <> c.lot or r.status <> c.status`,
    ),
  },
  {
    name: 'stock_sums_to_zero',
    summary: 'Over all locations, virtual ones included, each product adds up to zero.',
    statement: sql(
      'select product_id, sum(quantity_on_hand) from quants group by product_id having sum(quantity_on_hand) <> 0',
    ),
  },
  {
    name: 'quant_is_sum_of_moves',
    summary: 'Each balance is what its moves add up to.',
    statement: sql(
      `select product_id, lot_id, location_id, status, package_id, q.quantity_on_hand, m.on_hand
       from quants q full join (${fromMoves}) m using (product_id, lot_id, location_id, status, package_id)
       where coalesce(q.quantity_on_hand, 0) <> coalesce(m.on_hand, 0)`,
    ),
  },
  {
    name: 'reserved_is_sum_of_reservations',
    summary: 'What a balance says is reserved is what open deliveries have reserved of it.',
    statement: sql(
      `select product_id, lot_id, location_id, status, package_id, q.quantity_reserved, r.reserved
       from quants q full join (
         select c.product_id, c.lot_id, c.location_id, c.status, c.package_id, sum(c.quantity) as reserved
         from reservations c join needs n using (document_id) where n.status = 'open'
         group by c.product_id, c.lot_id, c.location_id, c.status, c.package_id
       ) r using (product_id, lot_id, location_id, status, package_id)
       where coalesce(q.quantity_reserved, 0) <> coalesce(r.reserved, 0)`,
    ),
  },
  {
    name: 'reserved_at_most_on_hand',
    summary: 'Nothing is reserved that is not there, and nothing at virtual places.',
    statement: sql(
      `select product_id, lot_id, location_id, quantity_on_hand, quantity_reserved from quants
       where quantity_reserved < 0 or quantity_reserved > greatest(quantity_on_hand, 0) or (quantity_reserved > 0 and not internal)`,
    ),
  },
  {
    name: 'closed_deliveries_reserve_nothing',
    summary: 'A delivery that is shipped or cancelled has no reservation and waits for nothing.',
    statement: sql(
      `select n.document_id, n.number, n.status
       from (select document_id from reservations union select document_id from waits) claims
       join needs n using (document_id) where n.status <> 'open'`,
    ),
  },
  {
    name: 'short_deliveries_wait',
    summary:
      'An open delivery that has not all it needs, and is not held, waits for something, or it would be forgotten.',
    statement: sql(
      `select n.document_id, n.number from needs n
       where n.status = 'open' and n.held_revision is distinct from n.revision
         and not exists (select 1 from waits w where w.document_id = n.document_id)
         and (select sum(l.quantity) from need_lines l where l.document_id = n.document_id)
           is distinct from (select sum(r.quantity) from reservations r where r.document_id = n.document_id)`,
    ),
  },
  {
    name: 'held_deliveries_wait_for_nothing',
    summary: 'A delivery that was taken out of the offering waits for nothing.',
    statement: sql(
      `select n.document_id, n.number from needs n join waits w using (document_id) where n.held_revision = n.revision`,
    ),
  },
  {
    name: 'reserved_at_most_needed',
    summary:
      'No line has more reserved than it needs; what allows no part has all or nothing, but for what was picked before it was amended.',
    statement: sql(
      `select l.document_id, l.line, l.quantity, r.reserved
       from (select distinct document_id from reservations) c
       join needs n using (document_id) join need_lines l using (document_id)
       left join (select document_id, line, sum(quantity) as reserved from reservations group by document_id, line) r
         using (document_id, line)
       where r.reserved > l.quantity or (not n.allow_partial and n.revision = 1 and coalesce(r.reserved, 0) <> l.quantity)`,
    ),
  },
  {
    name: 'reserved_of_the_lot_asked_for',
    summary: 'What asks for one lot has nothing of another reserved, but for what was picked before it was amended.',
    statement: sql(
      `select l.document_id, l.line, l.lot, t.code as reserved
       from need_lines l join needs n using (document_id) join reservations r using (document_id, line)
       left join lots t on t.id = r.lot_id
       where l.lot is not null and n.revision = 1 and t.code is distinct from l.lot`,
    ),
  },
  {
    name: 'needed_in_the_unit_of_the_product',
    summary: 'What open deliveries need and have reserved can be counted in the unit of its product.',
    statement: sql(
      `select c.document_id, c.line, p.sku, c.quantity, p.unit
       from (select document_id, line, product_id, quantity from need_lines
         union all select document_id, line, product_id, quantity from reservations) c
       join needs n using (document_id) join products p on p.id = c.product_id join units u on u.code = p.unit
       where n.status = 'open' and c.quantity <> round(c.quantity, u.decimals)`,
    ),
  },
  {
    name: 'positions_gapless',
    summary: "Positions of posted documents run from 1 to the head's without a gap.",
    statement: sql(
      `select coalesce((select sum(position) from ledger_head), 0) as head, count(position) as posted, max(position) as last
       from postings having count(position) <> coalesce((select sum(position) from ledger_head), 0)
         or coalesce(max(position), 0) <> count(position)`,
    ),
  },
  {
    name: 'moves_iff_posted',
    summary: 'A document has moves if and only if it is posted.',
    statement: sql(
      `select position from (select distinct position from moves) m full join
         (select position from postings where position is not null) p using (position)
       where m.position is null or p.position is null`,
    ),
  },
  {
    name: 'serial_is_one_piece',
    summary: 'A serial number is in stock once or not at all.',
    statement: sql(
      `select q.product_id, q.lot_id, sum(q.quantity_on_hand) from quants q join products p on p.id = q.product_id
       where p.tracking = 'serial' and q.internal group by q.product_id, q.lot_id
       having sum(q.quantity_on_hand) not in (0, 1)`,
    ),
  },
  {
    name: 'lot_exactly_if_tracked',
    summary: 'Stock of a tracked product has a lot, stock of any other has none.',
    statement: sql(
      `select q.product_id, q.lot_id, q.location_id from quants q join products p on p.id = q.product_id
       where q.quantity_on_hand <> 0 and (p.tracking = 'none') <> (q.lot_id = '${noneId}')`,
    ),
  },
  {
    name: 'sscc_is_of_one_package',
    summary: 'An SSCC is given to one package alone.',
    statement: sql('select sscc, count(*) from packages where sscc is not null group by sscc having count(*) > 1'),
  },
  {
    name: 'shipped_in_packages_is_moved',
    summary: 'What packages were shipped with was posted: of a line and lot of a delivery never more than it moved.',
    statement: sql(
      `select l.document_id, l.document_line, l.sku, l.lot, l.quantity, m.quantity as moved
       from (
         select l.document_id, l.document_line, l.sku, l.lot, sum(l.quantity) as quantity
         from package_lines l join packages k on k.id = l.package_id where k.status = 'shipped'
         group by l.document_id, l.document_line, l.sku, l.lot) l
       left join lateral (
         select sum(m.quantity) as quantity from postings d join moves m using (position)
         join products p on p.id = m.product_id left join lots t on t.id = m.lot_id
         where d.document_id = l.document_id and m.document_line = l.document_line and p.sku = l.sku
           and t.code is not distinct from l.lot) m on true
       where l.quantity > coalesce(m.quantity, 0)`,
    ),
  },
  {
    name: 'in_transit_is_sum_of_moves',
    summary: 'What a transfer has in transit is what it put in, less what came out of it.',
    statement: sql(
      `select document_id, product_id, lot_id, status, i.quantity, m.quantity as moved
       from in_transit i full join (
         select p.document_id, m.product_id, m.lot_id, m.status,
           sum(case when t.type = 'transit' then m.quantity else -m.quantity end) as quantity
         from postings p join moves m using (position)
         join locations f on f.id = m.from_location_id join locations t on t.id = m.to_location_id
         where p.kind = 'transfer' and 'transit' in (f.type, t.type)
         group by p.document_id, m.product_id, m.lot_id, m.status having
           sum(case when t.type = 'transit' then m.quantity else -m.quantity end) <> 0
       ) m using (document_id, product_id, lot_id, status)
       where i.quantity is distinct from m.quantity`,
    ),
  },
  {
    name: 'transit_is_of_transfers',
    summary: 'What is at a transit place is what transfers have in transit there.',
    statement: sql(
      `select q.product_id, q.lot_id, q.location_id, q.status, q.quantity_on_hand, i.quantity
       from (select q.* from quants q join locations l on l.id = q.location_id where l.type = 'transit') q
       full join (
         select product_id, lot_id, location_id, status, sum(quantity) as quantity from in_transit
         group by product_id, lot_id, location_id, status
       ) i using (product_id, lot_id, location_id, status)
       where coalesce(q.quantity_on_hand, 0) <> coalesce(i.quantity, 0)`,
    ),
  },
  {
    name: 'waiting_transfers_wait',
    summary:
      'A transfer waits for a product if and only if it has not set out, and then the ledger looks for those that wait.',
    statement: sql(
      `select t.document_id, t.number, t.status from transfers t left join transfer_waits w using (document_id)
       where (t.status = 'waiting') <> (w.document_id is not null)
         or (t.status = 'waiting' and not exists (select from ledger_head where transfers_wait))`,
    ),
  },
]
