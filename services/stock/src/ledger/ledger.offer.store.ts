/** What becomes available with a changed location or lot, and who has reserved of a lot. */
import { plainArray, type Queryable, sql } from '@stockline/service-kit'
import { isAvailable, mayBeTransferred } from '../availability/available.ts'

const availableAtLocation = sql(
  `select l.warehouse, array_agg(distinct p.sku) as skus
   from quants q join locations l on l.id = q.location_id join products p on p.id = q.product_id
   left join lots t on t.id = q.lot_id
   where q.location_id = $1 and q.free and ${isAvailable('$2')} group by l.warehouse`,
)
const availableOfLots = sql(
  `select l.warehouse, array_agg(distinct p.sku) as skus
   from lots t join quants q on q.product_id = t.product_id and q.lot_id = t.id and q.free
   join locations l on l.id = q.location_id join products p on p.id = q.product_id
   where t.id = any($1::uuid[]) and ${mayBeTransferred('$2')} group by l.warehouse`,
)
const holdersOfLots = sql(
  `select distinct r.document_id as "documentId" from lots t
   join reservations r on r.product_id = t.product_id and r.lot_id = t.id where t.id = any($1::uuid[])`,
)

/** Products of which something is available, by warehouse. */
export interface AvailableProducts {
  readonly warehouse: string
  readonly skus: readonly string[]
}

export function findAvailableAt(db: Queryable, locationId: string, today: string): Promise<AvailableProducts[]> {
  return db.query<AvailableProducts>(availableAtLocation, [locationId, today])
}

/** Of lots, also where transfers alone may take it. */
export function findAvailableOf(db: Queryable, lotIds: readonly string[], today: string): Promise<AvailableProducts[]> {
  return db.query<AvailableProducts>(availableOfLots, [plainArray(lotIds), today])
}

export async function findHoldersOfLots(db: Queryable, lotIds: readonly string[]): Promise<string[]> {
  const rows = await db.query<{ documentId: string }>(holdersOfLots, [plainArray(lotIds)])
  return rows.map((row) => row.documentId)
}
