/** Needs, their claims and what they wait for, in and out of the database. */
import { type Queryable, sql } from '@stockline/service-kit'
import { leastUseful } from '../reservations/need.ts'
import { type QuantRow, quantColumns } from './quants.store.ts'
import { none } from './quant.ts'
import { decimal, never, plainArray, timestamp } from './rows.store.ts'
import type { Claim, Need, NeedLine } from './stock.ts'

export interface NeedRow {
  readonly document_id: string
  readonly number: string
  readonly warehouse: string
  readonly revision: number
  readonly priority: number
  readonly scheduled_date: string | null
  readonly ordered_at: Date
  readonly allow_partial: boolean
  readonly status: Need['status']
}

export interface NeedLineRow {
  readonly document_id: string
  readonly line: number
  readonly product_id: string
  readonly quantity: string
  readonly lot: string | null
}

export interface ClaimRow extends QuantRow {
  readonly document_id: string
  readonly line: number
  readonly quantity: string
}

export interface WatchRow {
  readonly document_id: string
  readonly warehouse: string
  readonly product_id: string
}

/** Needs as stored, in four lists. */
export interface NeedRows {
  readonly needs: readonly NeedRow[]
  readonly lines: readonly NeedLineRow[]
  readonly claims: readonly ClaimRow[]
  readonly watches: readonly WatchRow[]
}

/** No rows of anything. */
export const noNeeds: NeedRows = { needs: [], lines: [], claims: [], watches: [] }

const needsById = sql('select * from needs where document_id = any($1::uuid[])')
const linesById = sql(
  'select document_id, line, product_id, quantity, lot from need_lines where document_id = any($1::uuid[]) order by document_id, line',
)
// Document by document, by the primary key: what is reserved comes and goes, so that the table looks small to the planner, and
// it would read all of an index that is full of dead rows.
const claimsById = sql(
  `select r.document_id, r.line, r.quantity, ${quantColumns}
   from unnest($1::uuid[]) as asked (document_id)
   cross join lateral (select * from reservations where document_id = asked.document_id offset 0) r
   join quants q on q.product_id = r.product_id and q.lot_id = r.lot_id and q.location_id = r.location_id
     and q.status = r.status and q.package_id = r.package_id
   join locations l on l.id = r.location_id
   left join lots t on t.id = r.lot_id
   order by r.document_id, r.line, r.location_id, r.lot_id`,
)
const watchesById = sql('select document_id, warehouse, product_id from waits where document_id = any($1::uuid[])')

const saveNeeds = sql(
  `insert into needs (document_id, number, warehouse, revision, priority, scheduled_date, ordered_at, allow_partial, status)
   select * from unnest($1::uuid[], $2::text[], $3::text[], $4::int[], $5::smallint[], $6::date[], $7::timestamptz[],
     $8::boolean[], $9::text[])
   on conflict (document_id) do update set
     revision = excluded.revision, priority = excluded.priority, scheduled_date = excluded.scheduled_date,
     ordered_at = excluded.ordered_at, allow_partial = excluded.allow_partial, status = excluded.status`,
)
const forgetLines = sql('delete from need_lines where document_id = any($1::uuid[])')
const saveLines = sql(
  `insert into need_lines (document_id, line, product_id, quantity, lot)
   select * from unnest($1::uuid[], $2::int[], $3::uuid[], $4::numeric[], $5::text[])`,
)
const forgetClaims = sql('delete from reservations where document_id = any($1::uuid[])')
const saveClaims = sql(
  `insert into reservations (document_id, line, product_id, lot_id, location_id, status, package_id, quantity)
   select * from unnest($1::uuid[], $2::int[], $3::uuid[], $4::uuid[], $5::uuid[], $6::text[], $7::uuid[], $8::numeric[])`,
)
const forgetWaits = sql('delete from waits where document_id = any($1::uuid[])')
const saveWaits = sql(
  `insert into waits (warehouse, product_id, priority, scheduled_date, ordered_at, document_id, least)
   select * from unnest($1::text[], $2::uuid[], $3::smallint[], $4::date[], $5::timestamptz[], $6::uuid[], $7::numeric[])`,
)

/** Everything about these needs. */
export async function loadNeedRows(db: Queryable, documentIds: readonly string[]): Promise<NeedRows> {
  // A delivery that is asked about twice in one batch has its reservations once.
  const ids = [plainArray([...new Set(documentIds)])]
  const [needs, lines, claims, watches] = await Promise.all([
    db.query<NeedRow>(needsById, ids),
    db.query<NeedLineRow>(linesById, ids),
    db.query<ClaimRow>(claimsById, ids),
    db.query<WatchRow>(watchesById, ids),
  ])
  return { needs, lines, claims, watches }
}

/** Writes changed needs, with their claims and waits in place of those before. */
export async function storeNeeds(db: Queryable, needs: readonly Need[]): Promise<void> {
  const ids = [plainArray(needs.map((need) => need.documentId))]
  const amended = needs.filter((need) => need.storedRevision > 0 && need.storedRevision !== need.revision)
  const known = needs.some((need) => need.storedRevision > 0)
  const saved = [
    db.query(saveNeeds, needColumns(needs)),
    ...(amended.length > 0 ? [db.query(forgetLines, [plainArray(amended.map((need) => need.documentId))])] : []),
    ...(known ? [db.query(forgetClaims, ids), db.query(forgetWaits, ids)] : []),
    ...storedUnlessEmpty(needs.filter((need) => need.storedRevision !== need.revision).flatMap(linesOf), (lines) =>
      db.query(saveLines, lineColumns(lines)),
    ),
    ...storedUnlessEmpty(needs.flatMap(claimsOf), (claims) => db.query(saveClaims, claimColumns(claims))),
    ...storedUnlessEmpty(needs.flatMap(waitsOf), (waits) => db.query(saveWaits, waitColumns(waits))),
  ]
  await Promise.all(saved)
}

function storedUnlessEmpty<Row>(rows: readonly Row[], store: (rows: readonly Row[]) => Promise<unknown>) {
  return rows.length === 0 ? [] : [store(rows)]
}

function linesOf(need: Need): { need: Need; line: NeedLine }[] {
  return need.lines.map((line) => ({ need, line }))
}

function claimsOf(need: Need): { need: Need; claim: Claim }[] {
  return need.claims.map((claim) => ({ need, claim }))
}

function waitsOf(need: Need): { need: Need; productId: string; least: bigint }[] {
  return need.watch.map((shelf) => ({ need, productId: shelf.product.id, least: leastUseful(need, shelf) }))
}

function needColumns(needs: readonly Need[]): unknown[] {
  return [
    plainArray(needs.map((need) => need.documentId)),
    needs.map((need) => need.number),
    needs.map((need) => need.warehouse),
    plainArray(needs.map((need) => need.revision)),
    plainArray(needs.map((need) => need.priority)),
    plainArray(needs.map((need) => need.scheduledDate)),
    plainArray(needs.map((need) => timestamp(need.orderedAt))),
    plainArray(needs.map((need) => need.allowPartial)),
    plainArray(needs.map((need) => need.status)),
  ]
}

function lineColumns(lines: readonly { need: Need; line: NeedLine }[]): unknown[] {
  return [
    plainArray(lines.map(({ need }) => need.documentId)),
    plainArray(lines.map(({ line }) => line.line)),
    plainArray(lines.map(({ line }) => line.product.id)),
    plainArray(lines.map(({ line }) => decimal(line.quantity))),
    lines.map(({ line }) => line.lot),
  ]
}

function claimColumns(claims: readonly { need: Need; claim: Claim }[]): unknown[] {
  return [
    plainArray(claims.map(({ need }) => need.documentId)),
    plainArray(claims.map(({ claim }) => claim.line)),
    plainArray(claims.map(({ claim }) => claim.quant.product.id)),
    plainArray(claims.map(({ claim }) => claim.quant.lot?.id ?? none)),
    plainArray(claims.map(({ claim }) => claim.quant.place.id)),
    plainArray(claims.map(({ claim }) => claim.quant.status)),
    plainArray(claims.map(({ claim }) => claim.quant.packageId)),
    plainArray(claims.map(({ claim }) => decimal(claim.quantity))),
  ]
}

function waitColumns(waits: readonly { need: Need; productId: string; least: bigint }[]): unknown[] {
  return [
    waits.map(({ need }) => need.warehouse),
    plainArray(waits.map(({ productId }) => productId)),
    plainArray(waits.map(({ need }) => need.priority)),
    plainArray(waits.map(({ need }) => need.scheduledDate ?? never)),
    plainArray(waits.map(({ need }) => timestamp(need.orderedAt))),
    plainArray(waits.map(({ need }) => need.documentId)),
    plainArray(waits.map(({ least }) => decimal(least))),
  ]
}
