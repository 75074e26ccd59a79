/** What lies where of lots, and which deliveries and transfers have or want it. */
import { plainArray, sql } from '@stockline/service-kit'
import type { Database, Tx } from '../database.ts'

const placesOfLots = sql(
  `select p.sku, t.code as lot, l.code as location, l.type, q.status, trim_scale(q.quantity_on_hand)::text as "onHand",
     trim_scale(q.quantity_reserved)::text as reserved
   from lots t join quants q on q.product_id = t.product_id and q.lot_id = t.id and q.quantity_on_hand <> 0
   join locations l on l.id = q.location_id and l.type in ('internal', 'transit')
   join products p on p.id = t.product_id
   where t.id = any($1::uuid[]) order by t.code, l.code, q.status`,
)
const keepDocuments = sql(
  `insert into lot_recalled_documents (lot_id, document_id, number, location_id, quantity)
   select r.lot_id, r.document_id, n.number, r.location_id, sum(r.quantity)
   from lots t join reservations r on r.product_id = t.product_id and r.lot_id = t.id
   join needs n on n.document_id = r.document_id
   where t.id = any($1::uuid[]) group by r.lot_id, r.document_id, n.number, r.location_id
   on conflict (lot_id, document_id, location_id) do update set quantity = excluded.quantity`,
)
const forgetDocuments = sql('delete from lot_recalled_documents where lot_id = $1')
// What it had reserved when it was recalled, what it has now where it was not recalled, and what it asks for by name, held or not.
const openDocuments = sql(
  `select n.document_id as "documentId", n.number, n.warehouse, t.code as lot, l.code as location,
     trim_scale(r.quantity)::text as quantity, 'reserved' as why
   from lots t
   join (
     select lot_id, document_id, location_id, quantity from lot_recalled_documents where lot_id = any($1::uuid[])
     union all
     select v.lot_id, v.document_id, v.location_id, sum(v.quantity)
     from lots t join reservations v on v.product_id = t.product_id and v.lot_id = t.id
     where t.id = any($1::uuid[]) and not exists (
       select from lot_recalled_documents k
       where k.lot_id = v.lot_id and k.document_id = v.document_id and k.location_id = v.location_id)
     group by v.lot_id, v.document_id, v.location_id
   ) r on r.lot_id = t.id
   join needs n on n.document_id = r.document_id and n.status = 'open'
   join locations l on l.id = r.location_id
   union all
   select n.document_id, n.number, n.warehouse, t.code, null, trim_scale(sum(k.quantity))::text, 'asked-for'
   from lots t
   cross join warehouses h
   join waits w on w.warehouse = h.code and w.product_id = t.product_id
   join need_lines k on k.document_id = w.document_id and k.product_id = t.product_id and k.lot = t.code
   join needs n on n.document_id = w.document_id and n.status = 'open'
   where t.id = any($1::uuid[])
   group by n.document_id, n.number, n.warehouse, t.code
   union all
   select n.document_id, n.number, n.warehouse, t.code, null, trim_scale(sum(k.quantity))::text, 'asked-for'
   from needs n join need_lines k on k.document_id = n.document_id
   join lots t on t.product_id = k.product_id and t.code = k.lot
   where n.status = 'open' and n.held is not null and n.held_revision = n.revision and t.id = any($1::uuid[])
     and not exists (select from reservations r where r.document_id = n.document_id and r.lot_id = t.id)
   group by n.document_id, n.number, n.warehouse, t.code
   order by number, lot, location`,
)
// What transfers have in transit, and what those that wait ask for by name. Lines are kept of transfers that wait, and of no others.
const openTransfers = sql(
  `select f.document_id as "documentId", f.number, f.source, f.destination, t.code as lot, l.code as location,
     trim_scale(sum(i.quantity))::text as quantity, 'in-transit' as why
   from lots t join in_transit i on i.product_id = t.product_id and i.lot_id = t.id
   join transfers f on f.document_id = i.document_id
   join locations l on l.id = i.location_id
   where t.id = any($1::uuid[]) group by f.document_id, t.code, l.code
   union all
   select f.document_id, f.number, f.source, f.destination, t.code, null, trim_scale(sum(k.quantity))::text, 'asked-for'
   from lots t join transfer_lines k on k.product_id = t.product_id and k.lot = t.code
   join transfers f on f.document_id = k.document_id and f.status = 'waiting'
   where t.id = any($1::uuid[]) group by f.document_id, t.code
   order by number, lot, location`,
)

/** A balance of a lot. */
export interface PlaceRow {
  readonly sku: string
  readonly lot: string
  readonly location: string
  readonly type: string
  readonly status: string
  readonly onHand: string
  readonly reserved: string
}

/** A delivery that had reserved of a lot, or asks for it by name. */
export interface OpenRow {
  readonly documentId: string
  readonly number: string
  readonly warehouse: string
  readonly lot: string
  readonly location: string | null
  readonly quantity: string
  readonly why: 'reserved' | 'asked-for'
}

/** A transfer that has something of a lot in transit, there; or waits, and asks for it by name. */
export interface OpenTransferRow extends Pick<OpenRow, 'documentId' | 'number' | 'lot' | 'location' | 'quantity'> {
  readonly source: string
  readonly destination: string
  readonly why: 'in-transit' | 'asked-for'
}

export function findPlacesOfLots(db: Database | Tx, lotIds: readonly string[]): Promise<PlaceRow[]> {
  return db.query<PlaceRow>(placesOfLots, [plainArray(lotIds)])
}

export function findOpenDocuments(db: Database | Tx, lotIds: readonly string[]): Promise<OpenRow[]> {
  return db.query<OpenRow>(openDocuments, [plainArray(lotIds)])
}

export function findOpenTransfers(db: Database | Tx, lotIds: readonly string[]): Promise<OpenTransferRow[]> {
  return db.query<OpenTransferRow>(openTransfers, [plainArray(lotIds)])
}

/** Notes which deliveries have reserved of these lots, before they lose it. */
export async function keepReservedDocuments(tx: Tx, lotIds: readonly string[]): Promise<void> {
  await tx.query(keepDocuments, [plainArray(lotIds)])
}

/** The recall of a lot is over: who had reserved of it then is not told of the next one. */
export async function forgetReservedDocuments(tx: Tx, lotId: string): Promise<void> {
  await tx.query(forgetDocuments, [lotId])
}
