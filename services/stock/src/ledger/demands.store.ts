/** Demands, their allocations and what they wait for, in and out of the database (tables `needs`, `need_lines`, `waits`). */
import { type AmountsAsText, formatQuantity } from '@stockline/amounts'
import { type Queryable, sql, plainArray } from '@stockline/service-kit'
import { leastUseful } from '../reservations/demand.ts'
import { type QuantRow, quantColumns, type WaitingRow } from './quants.store.ts'
import { none } from './quant.ts'
import { never, timestamp } from './rows.store.ts'
import type { Allocation, Demand } from './stock.ts'

type Of<Row> = Row & { readonly documentId: string }

/** Demands as stored, in four lists. */
export interface DemandRows {
  readonly demands: readonly (Omit<
    Demand,
    'orderedAt' | 'order' | 'reservedSince' | 'lines' | 'allocations' | 'waitsFor' | 'storedRevision'
  > & {
    readonly orderedAt: Date
    readonly orderSource: string | null
    readonly orderNumber: string | null
    readonly reservedSince: Date | null
  })[]
  readonly lines: readonly Of<
    AmountsAsText<Omit<Demand['lines'][number], 'product' | 'life'>> & {
      readonly productId: string
      readonly lifeDays: number | null
      readonly lifePercent: string | null
    }
  >[]
  readonly allocations: readonly Of<AmountsAsText<Omit<Allocation, 'quant'>> & QuantRow>[]
  readonly waits: readonly WaitingRow[]
}

/** No rows of anything. */
export const noDemands: DemandRows = { demands: [], lines: [], allocations: [], waits: [] }

const demandsById = sql(
  `select document_id as "documentId", number, warehouse, revision, priority, scheduled_date as "scheduledDate",
     ordered_at as "orderedAt", allow_partial as "allowPartial", status, order_source as "orderSource",
     order_number as "orderNumber", reserved_since as "reservedSince", reserve_until as "reserveUntil",
     case when held_revision = revision then held end as held
   from needs where document_id = any($1::uuid[])`,
)
const linesById = sql(
  `select document_id as "documentId", line, product_id as "productId", quantity, lot, life_days as "lifeDays",
     life_percent as "lifePercent"
   from need_lines where document_id = any($1::uuid[]) order by document_id, line`,
)
// Document by document, by the primary key: what is reserved comes and goes, so that the table looks small to the planner, and
// it would read all of an index that is full of dead rows.
const allocationsById = sql(
  `select r.document_id as "documentId", r.line, r.quantity, ${quantColumns}
   from unnest($1::uuid[]) as wanted (document_id)
   cross join lateral (select * from reservations where document_id = wanted.document_id offset 0) r
   join quants q on q.product_id = r.product_id and q.lot_id = r.lot_id and q.location_id = r.location_id
     and q.status = r.status and q.package_id = r.package_id
   join locations l on l.id = r.location_id
   left join lots t on t.id = r.lot_id
   order by r.document_id, r.line, r.location_id, r.lot_id`,
)
const waitsById = sql(
  `select document_id as "documentId", warehouse, product_id as "productId" from waits where document_id = any($1::uuid[])`,
)

const saveDemands = sql(
  `insert into needs (document_id, number, warehouse, revision, priority, scheduled_date, ordered_at, allow_partial, status,
     order_source, order_number, reserved_since, reserve_until, held, held_revision)
   select * from unnest($1::uuid[], $2::text[], $3::text[], $4::int[], $5::smallint[], $6::date[], $7::timestamptz[],
     $8::boolean[], $9::text[], $10::text[], $11::text[], $12::timestamptz[],
     $13::text[], $14::text[], $15::int[])
   on conflict (document_id) do update set
     revision = excluded.revision, priority = excluded.priority, scheduled_date = excluded.scheduled_date,
     ordered_at = excluded.ordered_at, allow_partial = excluded.allow_partial, status = excluded.status,
     order_source = excluded.order_source, order_number = excluded.order_number,
     reserved_since = excluded.reserved_since, reserve_until = excluded.reserve_until, held = excluded.held,
     held_revision = excluded.held_revision`,
)
const forgetLines = sql('delete from need_lines where document_id = any($1::uuid[])')
const saveLines = sql(
  `insert into need_lines (document_id, line, product_id, quantity, lot, life_days, life_percent)
   select * from unnest($1::uuid[], $2::int[], $3::uuid[], $4::numeric[], $5::text[], $6::int[], $7::numeric[])`,
)
const forgetAllocations = sql('delete from reservations where document_id = any($1::uuid[])')
const saveAllocations = sql(
  `insert into reservations (document_id, line, product_id, lot_id, location_id, status, package_id, quantity)
   select * from unnest($1::uuid[], $2::int[], $3::uuid[], $4::uuid[], $5::uuid[], $6::text[], $7::uuid[], $8::numeric[])`,
)
const forgetWaits = sql('delete from waits where document_id = any($1::uuid[])')
const saveWaits = sql(
  `insert into waits (warehouse, product_id, priority, scheduled_date, ordered_at, document_id, least)
   select * from unnest($1::text[], $2::uuid[], $3::smallint[], $4::date[], $5::timestamptz[], $6::uuid[], $7::numeric[])`,
)

/** Everything about these demands. */
export async function loadDemandRows(db: Queryable, documentIds: readonly string[]): Promise<DemandRows> {
  // A delivery that a batch names twice has its reservations once.
  const ids = [plainArray([...new Set(documentIds)])]
  const [demands, lines, allocations, waits] = await Promise.all([
    db.query<DemandRows['demands'][number]>(demandsById, ids),
    db.query<DemandRows['lines'][number]>(linesById, ids),
    db.query<DemandRows['allocations'][number]>(allocationsById, ids),
    db.query<WaitingRow>(waitsById, ids),
  ])
  return { demands, lines, allocations, waits }
}

/** Writes changed demands. Their allocations and waits replace those before. */
export async function storeDemands(db: Queryable, demands: readonly Demand[]): Promise<void> {
  const ids = [plainArray(demands.map((demand) => demand.documentId))]
  const amended = demands.filter((demand) => demand.storedRevision > 0 && demand.storedRevision !== demand.revision)
  const known = demands.some((demand) => demand.storedRevision > 0)
  const saved = [
    db.query(saveDemands, demandColumns(demands)),
    ...(amended.length > 0 ? [db.query(forgetLines, [plainArray(amended.map((demand) => demand.documentId))])] : []),
    ...(known ? [db.query(forgetAllocations, ids), db.query(forgetWaits, ids)] : []),
    ...storedUnlessEmpty(
      demands.filter((demand) => demand.storedRevision !== demand.revision).flatMap(linesOf),
      (lines) => db.query(saveLines, lineColumns(lines)),
    ),
    ...storedUnlessEmpty(demands.flatMap(allocationsOf), (allocations) =>
      db.query(saveAllocations, allocationColumns(allocations)),
    ),
    ...storedUnlessEmpty(demands.flatMap(waitsOf), (waits) => db.query(saveWaits, waitColumns(waits))),
  ]
  await Promise.all(saved)
}

function storedUnlessEmpty<Row>(rows: Row[], store: (rows: Row[]) => Promise<unknown>) {
  return rows.length === 0 ? [] : [store(rows)]
}

const linesOf = (demand: Demand) => demand.lines.map((line) => ({ demand, line }))

const allocationsOf = (demand: Demand) => demand.allocations.map((allocation) => ({ demand, allocation }))

const waitsOf = (demand: Demand) =>
  demand.waitsFor.map((supply) => ({ demand, productId: supply.product.id, least: leastUseful(demand, supply) }))

function demandColumns(demands: readonly Demand[]): unknown[] {
  return [
    plainArray(demands.map((demand) => demand.documentId)),
    demands.map((demand) => demand.number),
    demands.map((demand) => demand.warehouse),
    plainArray(demands.map((demand) => demand.revision)),
    plainArray(demands.map((demand) => demand.priority)),
    plainArray(demands.map((demand) => demand.scheduledDate)),
    plainArray(demands.map((demand) => timestamp(demand.orderedAt))),
    plainArray(demands.map((demand) => demand.allowPartial)),
    plainArray(demands.map((demand) => demand.status)),
    demands.map(({ order }) => order?.source ?? null),
    demands.map(({ order }) => order?.orderNumber ?? null),
    plainArray(demands.map(({ reservedSince }) => (reservedSince === null ? null : timestamp(reservedSince)))),
    demands.map(({ reserveUntil }) => reserveUntil),
    demands.map(({ held }) => held),
    // An older version amends without a word of it: the hold is of its revision alone.
    plainArray(demands.map(({ held, revision }) => (held === null ? null : revision))),
  ]
}

function lineColumns(lines: ReturnType<typeof linesOf>): unknown[] {
  return [
    plainArray(lines.map(({ demand }) => demand.documentId)),
    plainArray(lines.map(({ line }) => line.line)),
    plainArray(lines.map(({ line }) => line.product.id)),
    plainArray(lines.map(({ line }) => formatQuantity(line.quantity))),
    lines.map(({ line }) => line.lot),
    plainArray(lines.map(({ line }) => line.life?.days ?? null)),
    plainArray(lines.map(({ line }) => line.life?.percent ?? null)),
  ]
}

function allocationColumns(allocations: ReturnType<typeof allocationsOf>): unknown[] {
  return [
    plainArray(allocations.map(({ demand }) => demand.documentId)),
    plainArray(allocations.map(({ allocation }) => allocation.line)),
    plainArray(allocations.map(({ allocation }) => allocation.quant.product.id)),
    plainArray(allocations.map(({ allocation }) => allocation.quant.lot?.id ?? none)),
    plainArray(allocations.map(({ allocation }) => allocation.quant.location.id)),
    plainArray(allocations.map(({ allocation }) => allocation.quant.status)),
    plainArray(allocations.map(({ allocation }) => allocation.quant.packageId)),
    plainArray(allocations.map(({ allocation }) => formatQuantity(allocation.quantity))),
  ]
}

function waitColumns(waits: ReturnType<typeof waitsOf>): unknown[] {
  return [
    waits.map(({ demand }) => demand.warehouse),
    plainArray(waits.map(({ productId }) => productId)),
    plainArray(waits.map(({ demand }) => demand.priority)),
    plainArray(waits.map(({ demand }) => demand.scheduledDate ?? never)),
    plainArray(waits.map(({ demand }) => timestamp(demand.orderedAt))),
    plainArray(waits.map(({ demand }) => demand.documentId)),
    plainArray(waits.map(({ least }) => formatQuantity(least))),
  ]
}
