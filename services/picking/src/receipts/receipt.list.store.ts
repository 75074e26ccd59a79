/** Receipts in lists: filtered, within the location scope, page by page. */
import type { Reader } from '../database.ts'
import { documentList, type Sort } from '../lists/list.actions.ts'
import type { Scope } from '../locations/location.ts'
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
  scope: Scope,
  sort: Sort,
  after: readonly [string, string] | undefined,
  limit: number,
): Promise<readonly ListedReceipt[]> {
  // Nothing is inside of nothing: that need not be looked for in all that there is.
  if (scope?.length === 0) return []
  const list = documentList({
    table: 'receipts',
    columns: `d.id, d.number, d.status, d.warehouse, d.source, d.vendor_code AS "vendorCode",
      d.vendor_name AS "vendorName", d.scheduled_date AS "scheduledDate", d.destination, d.problem, d.version,
      d.created_at AS "createdAt"`,
    equal: {
      number: filters.number,
      source: filters.source,
      warehouse: filters.warehouse,
      vendor_code: filters.vendor,
      destination: filters.destination,
      backorder_of: filters.backorderOf,
    },
    status: filters.status,
    scope,
    sort,
    after,
    limit,
  })
  const rows = await db.query<ListRow>(list.statement, list.values)
  return rows.map(({ vendorCode, vendorName, ...row }) => ({
    ...row,
    vendor: vendorCode === null ? null : { code: vendorCode, name: vendorName ?? '' },
  }))
}
