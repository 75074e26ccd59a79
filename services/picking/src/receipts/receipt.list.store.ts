/** Receipts in lists: filtered, within the location scope, page by page. */
import type { Reader } from '../database.ts'
import { listDocuments, listedDetails, type ListPage } from '../lists/list.actions.ts'
import type { Receipt } from './receipt.ts'

export interface ListFilters {
  readonly number?: string | undefined
  readonly source?: string | undefined
  readonly status?: string | undefined
  readonly warehouse?: string | undefined
  readonly vendor?: string | undefined
  readonly destination?: string | undefined
  readonly backorderOf?: string | undefined
}

/** The part of a receipt that lists show. */
export type ListedReceipt = Pick<
  Receipt,
  | 'id'
  | 'number'
  | 'status'
  | 'warehouse'
  | 'source'
  | 'vendor'
  | 'scheduledDate'
  | 'destination'
  | 'problem'
  | 'version'
  | 'createdAt'
  | 'details'
> & {
  /** What the list is ordered by, as text: the first part of the cursor. */
  readonly sortedBy: string
}

interface ListRow extends Omit<ListedReceipt, 'vendor'> {
  readonly vendorCode: string | null
  readonly vendorName: string | null
}

/** One page, and one receipt more when there is another. */
export async function listReceipts(
  db: Reader,
  filters: ListFilters,
  page: ListPage,
): Promise<readonly ListedReceipt[]> {
  const asked = {
    table: 'receipts' as const,
    columns: `d.id, d.number, d.status, d.warehouse, d.source, d.vendor_code AS "vendorCode",
      d.vendor_name AS "vendorName", d.scheduled_date AS "scheduledDate", d.destination, d.problem, d.version,
      d.created_at AS "createdAt", ${listedDetails} AS details`,
    equal: {
      number: filters.number,
      source: filters.source,
      warehouse: filters.warehouse,
      vendor_code: filters.vendor,
      destination: filters.destination,
      backorder_of: filters.backorderOf,
    },
    status: filters.status,
  }
  const rows = await listDocuments<ListRow>(db, asked, page)
  return rows.map(({ vendorCode, vendorName, ...row }) => ({
    ...row,
    vendor: vendorCode === null ? null : { code: vendorCode, name: vendorName ?? '' },
  }))
}
