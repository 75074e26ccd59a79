/** Deliveries in lists: filtered, within the location scope, page by page. */
import { values } from '@stockline/contracts'
import { filtered, refuse, Refused, type Filtered } from '@stockline/service-kit'
import type { Reader } from '../database.ts'
import type { Scope } from '../locations/location.ts'
import type { Delivery } from './delivery.ts'

/** What a list can be ordered by. */
export const sortFields = ['createdAt', 'number', 'scheduledDate'] as const
export type SortField = (typeof sortFields)[number]

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
> & {
  /** What the list is ordered by, as text: the first part of the cursor. */
  readonly sortedBy: string
}

interface ListRow extends Omit<ListedDelivery, 'customer'> {
  readonly customerCode: string | null
  readonly customerName: string | null
}

/** What a list is ordered by, before the id: ids are made in the order of time, and break ties. */
interface Order {
  readonly by: string
  /** The same as text, for the cursor. */
  readonly text: string
  /** As what the cursor's text is compared. */
  readonly type: 'text' | 'timestamptz'
}

const dueDate = `coalesce(to_char(d.scheduled_date, 'YYYY-MM-DD'), '9999-12-31') COLLATE "C"`
// The time with its microseconds, which a Date does not keep.
const createdAt = `to_char(d.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US')`
const orders: ReadonlyMap<string, Order> = new Map<SortField, Order>([
  ['createdAt', { by: 'd.created_at', text: createdAt, type: 'timestamptz' }],
  ['number', { by: 'd.number COLLATE "C"', text: 'd.number', type: 'text' }],
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
  if (order === undefined) throw new Error(`Deliveries cannot be ordered by ${sort}.`)
  const { by, text, type } = order
  const [direction, beyond] = sort.startsWith('-') ? ['DESC', '<'] : ['ASC', '>']
  const place = after !== undefined && type === 'timestamptz' ? instantOf(after[0]) : after?.[0]
  return filtered(({ all, value, when }) => {
    const equal = (column: string, wanted: string | undefined) => when(wanted, (given) => `d.${column} = ${given}`)
    const conditions = all(
      equal('number', filters.number),
      equal('source', filters.source),
      equal('status', filters.status),
      isOpen(filters.status) ? 'd.open' : undefined,
      equal('warehouse', filters.warehouse),
      equal('customer_code', filters.customer),
      equal('backorder_of', filters.backorderOf),
      when(scope, seen),
      when(place, (given) => `(${by}, d.id) ${beyond} (${given}::${type}, ${value(after?.[1])}::uuid)`),
    )
    return `
      SELECT d.id, d.number, d.status, d.warehouse, d.source, d.customer_code AS "customerCode",
        d.customer_name AS "customerName", d.scheduled_date AS "scheduledDate", d.priority, d.problem, d.version,
        d.created_at AS "createdAt", ${text} AS "sortedBy"
      FROM deliveries d WHERE ${conditions}
      ORDER BY ${by} ${direction}, d.id ${direction} LIMIT ${value(limit + 1)}`
  })
}

/** Seeing needs one of the locations inside. */
const seen = (scope: string) => `EXISTS (
  SELECT 1 FROM unnest(d.locations) AS at (code), unnest(${scope}::text[]) AS inside (code)
  WHERE at.code = inside.code OR starts_with(at.code, inside.code || '/'))`

/** What is open has an index. A status has none, since it changes with each step. */
function isOpen(status: string | undefined): boolean {
  return status !== undefined && status !== 'done' && status !== 'cancelled'
}

/** One page, and one delivery more when there is another. */
export async function listDeliveries(
  db: Reader,
  filters: ListFilters,
  scope: Scope,
  sort: SortField | `-${SortField}`,
  after: readonly [string, string] | undefined,
  limit: number,
): Promise<readonly ListedDelivery[]> {
  // Nothing is inside of nothing: that need not be looked for in all that there is.
  if (scope?.length === 0) return []
  const list = listStatement(filters, scope, sort, after, limit)
  const rows = await db.query<ListRow>(list.statement, list.values)
  return rows.map(({ customerCode, customerName, ...row }) => ({
    ...row,
    customer: customerCode === null ? null : { code: customerCode, name: customerName ?? '' },
  }))
}
