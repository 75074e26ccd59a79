/** Deliveries in lists: filtered, within the location scope, page by page. */
import { sql, type Statement } from '@stockline/service-kit'
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

// Ids are made in the order of time, and break ties.
const sortExpressions: Record<SortField, string> = {
  createdAt: `to_char(d.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US')`,
  number: 'd.number',
  scheduledDate: `coalesce(to_char(d.scheduled_date, 'YYYY-MM-DD'), '9999-12-31')`,
}

function listStatement(field: SortField, descending: boolean): Statement {
  const expression = `(${sortExpressions[field]}) COLLATE "C"`
  const direction = descending ? 'DESC' : 'ASC'
  return sql(`
    SELECT d.id, d.number, d.status, d.warehouse, d.source, d.customer_code AS "customerCode",
      d.customer_name AS "customerName", d.scheduled_date AS "scheduledDate", d.priority, d.problem, d.version,
      d.created_at AS "createdAt", ${expression} AS "sortedBy"
    FROM deliveries d
    WHERE ($1::text IS NULL OR d.number = $1) AND ($2::text IS NULL OR d.source = $2)
      AND ($3::text IS NULL OR d.status = $3) AND ($4::text IS NULL OR d.warehouse = $4)
      AND ($5::text IS NULL OR d.customer_code = $5) AND ($6::uuid IS NULL OR d.backorder_of = $6)
      AND ($7::text[] IS NULL OR EXISTS (
        SELECT 1 FROM unnest(d.locations) AS at (code), unnest($7::text[]) AS inside (code)
        WHERE at.code = inside.code OR starts_with(at.code, inside.code || '/')))
      AND ($8::text IS NULL OR (${expression}, d.id) ${descending ? '<' : '>'} ($8, $9::uuid))
    ORDER BY ${expression} ${direction}, d.id ${direction} LIMIT $10`)
}

const statements: ReadonlyMap<string, Statement> = new Map<string, Statement>(
  sortFields.flatMap((field) => [
    [field, listStatement(field, false)] as const,
    [`-${field}`, listStatement(field, true)] as const,
  ]),
)

/** One page, and one delivery more when there is another. */
export async function listDeliveries(
  db: Reader,
  filters: ListFilters,
  scope: Scope,
  sort: SortField | `-${SortField}`,
  after: readonly [string, string] | undefined,
  limit: number,
): Promise<readonly ListedDelivery[]> {
  const statement = statements.get(sort)
  if (statement === undefined) throw new Error(`Deliveries cannot be ordered by ${sort}.`)
  const rows = await db.query<ListRow>(statement, [
    filters.number ?? null,
    filters.source ?? null,
    filters.status ?? null,
    filters.warehouse ?? null,
    filters.customer ?? null,
    filters.backorderOf ?? null,
    scope,
    after?.[0] ?? null,
    after?.[1] ?? null,
    limit + 1,
  ])
  return rows.map(({ customerCode, customerName, ...row }) => ({
    ...row,
    customer: customerCode === null ? null : { code: customerCode, name: customerName ?? '' },
  }))
}
