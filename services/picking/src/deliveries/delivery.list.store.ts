/** Deliveries in lists: filtered, within the location scope, page by page. */
import type { Reader } from '../database.ts'
import { listDocuments, listedDetails, type ListPage } from '../lists/list.actions.ts'
import type { Delivery } from './delivery.ts'

export interface ListFilters {
  readonly number?: string | undefined
  readonly source?: string | undefined
  readonly status?: string | undefined
  readonly warehouse?: string | undefined
  readonly customer?: string | undefined
  readonly backorderOf?: string | undefined
}

/** The part of a delivery that lists show. */
export type ListedDelivery = Pick<
  Delivery,
  | 'id'
  | 'number'
  | 'status'
  | 'warehouse'
  | 'source'
  | 'customer'
  | 'scheduledDate'
  | 'priority'
  | 'problem'
  | 'version'
  | 'createdAt'
  | 'details'
> & {
  /** What the list is ordered by, as text: the first part of the cursor. */
  readonly sortedBy: string
}

interface ListRow extends Omit<ListedDelivery, 'customer'> {
  readonly customerCode: string | null
  readonly customerName: string | null
}

/** One page, and one delivery more when there is another. */
export async function listDeliveries(
  db: Reader,
  filters: ListFilters,
  page: ListPage,
): Promise<readonly ListedDelivery[]> {
  const asked = {
    table: 'deliveries' as const,
    columns: `d.id, d.number, d.status, d.warehouse, d.source, d.customer_code AS "customerCode",
      d.customer_name AS "customerName", d.scheduled_date AS "scheduledDate", d.priority, d.problem, d.version,
      d.created_at AS "createdAt", ${listedDetails} AS details`,
    equal: {
      number: filters.number,
      source: filters.source,
      warehouse: filters.warehouse,
      customer_code: filters.customer,
      backorder_of: filters.backorderOf,
    },
    status: filters.status,
  }
  const rows = await listDocuments<ListRow>(db, asked, page)
  return rows.map(({ customerCode, customerName, ...row }) => ({
    ...row,
    customer: customerCode === null ? null : { code: customerCode, name: customerName ?? '' },
  }))
}
