/** Receipts in lists: filtered, within the location scope, page by page. */
import { values } from '@stockline/contracts'
import { filtered, refuse, Refused, type Filtered } from '@stockline/service-kit'
import type { Reader } from '../database.ts'
import type { Scope } from '../locations/location.ts'
import type { Receipt } from './receipt.ts'

/** What a list can be ordered by. */
export const sortFields = ['createdAt', 'number', 'scheduledDate'] as const
export type SortField = (typeof sortFields)[number]

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

/** What a list is ordered by, before the id: ids are made in the order of time, and break ties. */
interface Order {
  readonly by: string
  /** The same as text, for the cursor. */
  readonly text: string
  /** As what the cursor's text is compared. */
  readonly type: 'text' | 'timestamptz'
}

const dueDate = `coalesce(to_char(r.scheduled_date, 'YYYY-MM-DD'), '9999-12-31') COLLATE "C"`
// The time with its microseconds, which a Date does not keep.
const createdAt = `to_char(r.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US')`
const orders: ReadonlyMap<string, Order> = new Map<SortField, Order>([
  ['createdAt', { by: 'r.created_at', text: createdAt, type: 'timestamptz' }],
  ['number', { by: 'r.number COLLATE "C"', text: 'r.number', type: 'text' }],
  ['scheduledDate', { by: dueDate, text: dueDate, type: 'text' }],
])

/** A cursor of another order may hold any text. */
function instantOf(text: string): string {
  const instant = values.instant.safeParse(`${text}Z`)
  if (instant.success) return instant.data
  throw new Refused(
    refuse('cursor-unreadable', 'content', 'The cursor is not one that this order gave out. Start without a cursor.', [
      { pointer: '?cursor', message: 'is not a cursor of this order' },
    ]),
  )
}

function listStatement(
  filters: ListFilters,
  scope: Scope,
  sort: SortField | `-${SortField}`,
  after: readonly [string, string] | undefined,
  limit: number,
): Filtered {
  const order = orders.get(sort.replace('-', ''))
  if (order === undefined) throw new Error(`Receipts cannot be ordered by ${sort}.`)
  const { by, text, type } = order
  const [direction, beyond] = sort.startsWith('-') ? ['DESC', '<'] : ['ASC', '>']
  const place = after !== undefined && type === 'timestamptz' ? instantOf(after[0]) : after?.[0]
  return filtered(({ all, value, when }) => {
    const equal = (column: string, wanted: string | undefined) => when(wanted, (given) => `r.${column} = ${given}`)
    const conditions = all(
      equal('number', filters.number),
      equal('source', filters.source),
      equal('status', filters.status),
      isOpen(filters.status) ? 'r.open' : undefined,
      equal('warehouse', filters.warehouse),
      equal('vendor_code', filters.vendor),
      equal('destination', filters.destination),
      equal('backorder_of', filters.backorderOf),
      when(scope, seen),
      when(place, (given) => `(${by}, r.id) ${beyond} (${given}::${type}, ${value(after?.[1])}::uuid)`),
    )
    return `
      SELECT r.id, r.number, r.status, r.warehouse, r.source, r.vendor_code AS "vendorCode",
        r.vendor_name AS "vendorName", r.scheduled_date AS "scheduledDate", r.destination, r.problem, r.version,
        r.created_at AS "createdAt", ${text} AS "sortedBy"
      FROM receipts r WHERE ${conditions}
      ORDER BY ${by} ${direction}, r.id ${direction} LIMIT ${value(limit + 1)}`
  })
}

/** Seeing needs one of the locations inside. */
const seen = (scope: string) => `EXISTS (
  SELECT 1 FROM unnest(r.locations) AS at (code), unnest(${scope}::text[]) AS inside (code)
  WHERE at.code = inside.code OR starts_with(at.code, inside.code || '/'))`

/** What is open has an index. A status has none, since it changes with each step. */
function isOpen(status: string | undefined): boolean {
  return status !== undefined && status !== 'done' && status !== 'cancelled'
}

/** One page, and one receipt more when there is another. */
export async function listReceipts(
  db: Reader,
  filters: ListFilters,
  scope: Scope,
  sort: SortField | `-${SortField}`,
  after: readonly [string, string] | undefined,
  limit: number,
): Promise<readonly ListedReceipt[]> {
  // Nothing is inside of nothing: that need not be looked for in all that there is.
  if (scope?.length === 0) return []
  const list = listStatement(filters, scope, sort, after, limit)
  const rows = await db.query<ListRow>(list.statement, list.values)
  return rows.map(({ vendorCode, vendorName, ...row }) => ({
    ...row,
    vendor: vendorCode === null ? null : { code: vendorCode, name: vendorName ?? '' },
  }))
}
