/** Transfers, what they have in transit, and where their goods may be taken from, in and out of the database. */
import { type AmountsAsText, formatQuantity, storedQuantity } from '@stockline/amounts'
import { plainArray, type Queryable, sql, type Statement } from '@stockline/service-kit'
import { inTransitKey, transitPlace } from '../transfers/in-transit.ts'
import { type InTransit, leastOf, type Transfer, type TransferLine } from '../transfers/transfer.ts'
import { type ArrivingStock, type QuantRow, quantColumns } from './quants.store.ts'
import { none } from './quant.ts'
import type { TransferRequest } from './request.ts'
import { timestamp } from './rows.store.ts'
import { type Index, productOf, quantFrom } from './working-set.rows.store.ts'

type Of<Row> = Row & { readonly documentId: string }
type Kept = 'lines' | 'inTransit' | 'changed' | 'goodsChanged' | 'stored'
type HeadRow = Omit<Transfer, 'orderedAt' | 'waitsFor' | 'confirmedBy' | Kept> & {
  readonly orderedAt: Date
  readonly waitsFor: string | null
  readonly actorId: string | null
  readonly actorName: string | null
}
type LineRow = Of<AmountsAsText<Omit<TransferLine, 'product'>> & { readonly productId: string }>
type InTransitRow = Of<QuantRow & { readonly inTransit: string; readonly since: Date }>

/** Transfers as stored, in three lists. */
export interface TransferRows {
  readonly heads: readonly HeadRow[]
  readonly lines: readonly LineRow[]
  readonly inTransit: readonly InTransitRow[]
}

/** No transfers. */
export const noTransfers: TransferRows = { heads: [], lines: [], inTransit: [] }

const headsById = sql(
  `select t.document_id as "documentId", t.number, t.warehouse, t.source, t.destination, t.revision, t.attempt, t.priority,
     t.scheduled_date as "scheduledDate", t.ordered_at as "orderedAt", t.status, w.product_id as "waitsFor",
     t.actor_id as "actorId", t.actor_name as "actorName"
   from transfers t left join transfer_waits w using (document_id) where t.document_id = any($1::uuid[])`,
)
const linesById = sql(
  `select document_id as "documentId", line, product_id as "productId", quantity, lot, category
   from transfer_lines where document_id = any($1::uuid[]) order by document_id, line`,
)
const inTransitById = sql(
  `select i.document_id as "documentId", i.quantity as "inTransit", i.since, ${quantColumns}
   from in_transit i
   join quants q on q.product_id = i.product_id and q.lot_id = i.lot_id and q.location_id = i.location_id
     and q.status = i.status and q.package_id = '${none}'
   join locations l on l.id = i.location_id
   left join lots t on t.id = i.lot_id
   where i.document_id = any($1::uuid[])`,
)
// Whether it is there where the transfer wants it, the decision finds out.
const waitingFor = sql(
  `select w.document_id as "documentId"
   from unnest($1::uuid[], $2::text[], $3::numeric[]) as s(product_id, warehouse, arriving)
   join transfer_waits w on w.warehouse = s.warehouse and w.product_id = s.product_id
   where w.least <= s.arriving + (
     select coalesce(sum(q.quantity_on_hand - q.quantity_reserved), 0)
     from quants q join locations l on l.id = q.location_id
     where q.product_id = s.product_id and q.free and l.warehouse = s.warehouse)`,
)
const originsAndTransit = sql(
  `select ${quantColumns}
   from unnest($1::uuid[], $2::text[], $3::text[]) as s(product_id, source, transit)
   join quants q on q.product_id = s.product_id and q.free
   join locations l on l.id = q.location_id
     and (l.code = s.source or starts_with(l.code, s.source || '/') or l.code = s.transit)
   left join lots t on t.id = q.lot_id`,
)

const saveHeads = sql(
  `insert into transfers (document_id, number, warehouse, source, destination, revision, attempt, priority, scheduled_date,
     ordered_at, status, actor_id, actor_name)
   select * from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::int[], $7::int[], $8::smallint[],
     $9::date[], $10::timestamptz[], $11::text[], $12::text[], $13::text[])
   on conflict (document_id) do update set
     source = excluded.source, destination = excluded.destination, revision = excluded.revision, attempt = excluded.attempt,
     priority = excluded.priority, scheduled_date = excluded.scheduled_date, ordered_at = excluded.ordered_at,
     status = excluded.status, actor_id = excluded.actor_id, actor_name = excluded.actor_name`,
)
const forgetLines = sql('delete from transfer_lines where document_id = any($1::uuid[])')
const saveLines = sql(
  `insert into transfer_lines (document_id, line, product_id, quantity, lot, category)
   select * from unnest($1::uuid[], $2::int[], $3::uuid[], $4::numeric[], $5::text[], $6::text[])`,
)
const forgetWaits = sql('delete from transfer_waits where document_id = any($1::uuid[])')
const saveWaits = sql(
  `insert into transfer_waits (document_id, warehouse, product_id, least)
   select * from unnest($1::uuid[], $2::text[], $3::uuid[], $4::numeric[])`,
)
const markWaiting = sql(
  'update ledger_head set transfers_wait = exists (select from transfer_waits) where company = $1',
)
const forgetInTransit = sql('delete from in_transit where document_id = any($1::uuid[])')
const saveInTransit = sql(
  `insert into in_transit (document_id, product_id, lot_id, status, location_id, quantity, since)
   select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::uuid[], $6::numeric[], $7::timestamptz[])`,
)

/** Everything about these transfers. Those that have set out have no lines here, and most have. */
export async function loadTransferRows(db: Queryable, documentIds: readonly string[]): Promise<TransferRows> {
  const ids = [plainArray([...new Set(documentIds)])]
  const [heads, inTransit] = await Promise.all([
    db.query<HeadRow>(headsById, ids),
    db.query<InTransitRow>(inTransitById, ids),
  ])
  const waiting = heads.filter(({ status }) => status === 'waiting').map(({ documentId }) => documentId)
  const lines = waiting.length === 0 ? [] : await db.query<LineRow>(linesById, [plainArray(waiting)])
  return { heads, lines, inTransit }
}

/** Waiting transfers that could use what arrives. */
export async function loadWaitingTransfers(db: Queryable, arrivals: readonly ArrivingStock[]): Promise<string[]> {
  const rows = await db.query<{ documentId: string }>(waitingFor, [
    plainArray(arrivals.map((one) => one.productId)),
    arrivals.map((one) => one.warehouse),
    plainArray(arrivals.map((one) => formatQuantity(one.quantity))),
  ])
  return [...new Set(rows.map((row) => row.documentId))]
}

/** Products to be taken from a source, and the way they go. */
export interface Departing extends Pick<TransferRequest, 'source' | 'destination'> {
  readonly productIds: readonly string[]
}

/** All of these products that is not reserved below the sources, and what is in transit of them already. */
export function loadOrigins(db: Queryable, departing: readonly Departing[]): Promise<QuantRow[]> {
  const rows = new Map(
    departing.flatMap(({ productIds, source, destination }) =>
      productIds.map((id) => [`${id} ${source} ${destination}`, [id, source, transitPlace(destination)] as const]),
    ),
  )
  const all = [...rows.values()]
  return db.query<QuantRow>(originsAndTransit, [
    plainArray(all.map(([id]) => id)),
    all.map(([, source]) => source),
    all.map(([, , transit]) => transit),
  ])
}

/** Adds transfers with their lines and what they have in transit to the working set. Returns their lines. */
export function addTransfers(index: Index, rows: TransferRows): readonly TransferLine[] {
  const lines = Map.groupBy(rows.lines, (row) => row.documentId)
  const inTransit = Map.groupBy(rows.inTransit, (row) => row.documentId)
  for (const { actorId, actorName, ...head } of rows.heads) {
    const goods = (inTransit.get(head.documentId) ?? []).map((row) => {
      const quant = quantFrom(index, row)
      const one = { quant, quantity: storedQuantity(row.inTransit), since: row.since.getTime() }
      return [inTransitKey(quant), one] as const
    })
    index.workingSet.transfers.set(head.documentId, {
      ...head,
      orderedAt: head.orderedAt.getTime(),
      confirmedBy: actorId === null ? null : { id: actorId, name: actorName ?? actorId },
      lines: (lines.get(head.documentId) ?? []).map(({ documentId: _of, productId, quantity, ...line }) => ({
        ...line,
        product: productOf(index, productId),
        quantity: storedQuantity(quantity),
      })),
      waitsFor: head.waitsFor === null ? null : productOf(index, head.waitsFor),
      inTransit: new Map(goods),
      changed: false,
      goodsChanged: false,
      stored: { status: head.status, hasInTransit: goods.length > 0 },
    })
  }
  return rows.heads.flatMap(({ documentId }) => index.workingSet.transfers.get(documentId)?.lines ?? [])
}

/** Products that the rows name. */
export function productsOfTransfers({ lines, inTransit }: TransferRows): string[] {
  return [...new Set([...lines, ...inTransit].map((row) => row.productId))]
}

/**
 * Writes changed transfers: what they have in transit replaces what they had, and lines and waits are those of who waits. A table is
 * written only where it differs.
 */
export async function storeTransfers(db: Queryable, company: string, transfers: readonly Transfer[]): Promise<void> {
  const changed = transfers.filter((one) => one.changed)
  const waited = changed.filter(({ stored }) => stored?.status === 'waiting')
  const waiting = changed.filter(({ status }) => status === 'waiting')
  const moved = transfers.filter((one) => one.goodsChanged)
  const inTransit = moved.flatMap((transfer) =>
    [...transfer.inTransit.values()].filter(({ quantity }) => quantity > 0n).map((goods) => ({ transfer, goods })),
  )
  await Promise.all([
    ...(changed.length === 0 ? [] : [db.query(saveHeads, headColumns(changed))]),
    ...forget(db, [forgetLines, forgetWaits], waited),
    ...forget(
      db,
      [forgetInTransit],
      moved.filter(({ stored }) => stored?.hasInTransit),
    ),
    ...(waiting.length === 0
      ? []
      : [db.query(saveLines, lineColumns(waiting)), db.query(saveWaits, waitColumns(waiting))]),
    ...(inTransit.length === 0 ? [] : [db.query(saveInTransit, goodsColumns(inTransit))]),
    ...(waited.length + waiting.length === 0 ? [] : [db.query(markWaiting, [company])]),
  ])
}

function forget(db: Queryable, statements: readonly Statement[], transfers: readonly Transfer[]) {
  if (transfers.length === 0) return []
  const ids = [plainArray(transfers.map((one) => one.documentId))]
  return statements.map((statement) => db.query(statement, ids))
}

function goodsColumns(inTransit: readonly { readonly transfer: Transfer; readonly goods: InTransit }[]): unknown[] {
  return [
    plainArray(inTransit.map(({ transfer }) => transfer.documentId)),
    plainArray(inTransit.map(({ goods }) => goods.quant.product.id)),
    plainArray(inTransit.map(({ goods }) => goods.quant.lot?.id ?? none)),
    plainArray(inTransit.map(({ goods }) => goods.quant.status)),
    plainArray(inTransit.map(({ goods }) => goods.quant.location.id)),
    plainArray(inTransit.map(({ goods }) => formatQuantity(goods.quantity))),
    plainArray(inTransit.map(({ goods }) => timestamp(goods.since))),
  ]
}

function headColumns(transfers: readonly Transfer[]): unknown[] {
  return [
    plainArray(transfers.map((one) => one.documentId)),
    transfers.map((one) => one.number),
    transfers.map((one) => one.warehouse),
    transfers.map((one) => one.source),
    transfers.map((one) => one.destination),
    plainArray(transfers.map((one) => one.revision)),
    plainArray(transfers.map((one) => one.attempt)),
    plainArray(transfers.map((one) => one.priority)),
    plainArray(transfers.map((one) => one.scheduledDate)),
    plainArray(transfers.map((one) => timestamp(one.orderedAt))),
    plainArray(transfers.map((one) => one.status)),
    transfers.map((one) => one.confirmedBy?.id ?? null),
    transfers.map((one) => one.confirmedBy?.name ?? null),
  ]
}

function lineColumns(transfers: readonly Transfer[]): unknown[] {
  const all = transfers.flatMap((transfer) => transfer.lines.map((line) => ({ transfer, line })))
  return [
    plainArray(all.map(({ transfer }) => transfer.documentId)),
    plainArray(all.map(({ line }) => line.line)),
    plainArray(all.map(({ line }) => line.product.id)),
    plainArray(all.map(({ line }) => formatQuantity(line.quantity))),
    all.map(({ line }) => line.lot),
    all.map(({ line }) => line.category),
  ]
}

function waitColumns(transfers: readonly Transfer[]): unknown[] {
  const waits = transfers.flatMap((transfer) =>
    transfer.waitsFor === null ? [] : [{ transfer, product: transfer.waitsFor }],
  )
  return [
    plainArray(waits.map(({ transfer }) => transfer.documentId)),
    waits.map(({ transfer }) => transfer.warehouse),
    plainArray(waits.map(({ product }) => product.id)),
    plainArray(waits.map(({ transfer }) => formatQuantity(leastOf(transfer)))),
  ]
}
