/** Deliveries that may be taken out of the offering. */
import { sql, type Queryable } from '@stockline/service-kit'
import type { OrderName } from '../ledger/request.ts'

/** What a delivery asks stock for, in short. */
export interface DemandRow {
  readonly documentId: string
  readonly document: string
  readonly sourceSystem: string | null
  readonly orderNumber: string | null
  readonly warehouse: string
  readonly status: 'open' | 'shipped' | 'cancelled'
  /** Why nothing more is reserved for it; null where it is offered stock. */
  readonly held: string | null
}

const columns = `document_id as "documentId", number as document, order_source as "sourceSystem", order_number as "orderNumber",
  warehouse, status, case when held_revision = revision then held end as held`
const byId = sql(`select ${columns} from needs where document_id = $1`)
const byOrder = sql(`select ${columns} from needs where order_source = $1 and order_number = $2 order by number`)
const places = sql(
  `select coalesce(l.code, n.warehouse) as place
   from needs n left join reservations r on r.document_id = n.document_id left join locations l on l.id = r.location_id
   where n.document_id = $1 group by 1`,
)
// A day is over where the company is: its date is later. Both are texts in the order of time.
const overdue = sql(
  `select document_id as "documentId", reserve_until as "reserveUntil" from needs
   where reserve_until is not null and status = 'open' and held_revision is distinct from revision
     and case when length(reserve_until) = 10 then reserve_until < $2 else reserve_until <= $1 end
   order by reserve_until, document_id limit $3`,
)

/** One, or those of an order. */
export function findDemands(
  db: Queryable,
  by: OrderName | { readonly documentId: string },
): Promise<readonly DemandRow[]> {
  return 'documentId' in by
    ? db.query<DemandRow>(byId, [by.documentId])
    : db.query<DemandRow>(byOrder, [by.source, by.orderNumber])
}

/** Where something is reserved for it, else its warehouse; nothing where it is not known. */
export async function findReservedPlaces(db: Queryable, documentId: string): Promise<readonly string[]> {
  return (await db.query<{ place: string }>(places, [documentId])).map(({ place }) => place)
}

/** Those whose orders want them reserved no longer, the oldest first. @param today the company's date */
export function findOverdue(
  db: Queryable,
  now: Date,
  today: string,
  most: number,
): Promise<readonly { readonly documentId: string; readonly reserveUntil: string }[]> {
  return db.query(overdue, [now.toISOString(), today, most])
}
