/** Receipts in lists: filtered, within the location scope, page by page. */
import { sql, type Statement } from '@stockline/service-kit'
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

// Ids are made in the order of time, and break ties.
const sortExpressions: Record<SortField, string> = {
  createdAt: `to_char(r.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US')`,
  number: 'r.number',
  scheduledDate: `coalesce(to_char(r.scheduled_date, 'YYYY-MM-DD'), '9999-12-31')`,
}

function listStatement(field: SortField, descending: boolean): Statement {
  const expression = `(${sortExpressions[field]}) COLLATE "C"`
  const direction = descending ? 'DESC' : 'ASC'
  return sql(`
    SELECT r.id, r.number, r.status, r.warehouse, r.source, r.vendor_code AS "vendorCode",
      r.vendor_name AS "vendorName", r.scheduled_date AS "scheduledDate", r.destination, r.problem, r.version,
      r.created_at AS "createdAt", ${expression} AS "sortedBy"
    FROM receipts r
    WHERE ($1::text IS NULL OR r.number = $1) AND ($2::text IS NULL OR r.source = $2)
      AND ($3::text IS NULL OR r.status = $3) AND ($4::text IS NULL OR r.warehouse = $4)
      AND ($5::text IS NULL OR r.vendor_code = $5) AND ($6::text IS NULL OR r.destination = $6)
      AND ($7::uuid IS NULL OR r.backorder_of = $7)
      AND ($8::text[] IS NULL OR EXISTS (
        SELECT 1 FROM unnest(r.locations) AS at (code), unnest($8::text[]) AS inside (code)
        WHERE at.code = inside.code OR starts_with(at.code, inside.code || '/')))
      AND ($9::text IS NULL OR (${expression}, r.id) ${descending ? '<' : '>'} ($9, $10::uuid))
    ORDER BY ${expression} ${direction}, r.id ${direction} LIMIT $11`)
}

const statements: ReadonlyMap<string, Statement> = new Map(
  sortFields.flatMap((field) => [
    [field, listStatement(field, false)] as const,
    [`-${field}`, listStatement(field, true)] as const,
  ]),
)

/** One page, and one receipt more when there is another. */
export async function listReceipts(
  db: Reader,
  filters: ListFilters,
  scope: Scope,
  sort: SortField | `-${SortField}`,
  after: readonly [string, string] | undefined,
  limit: number,
): Promise<readonly ListedReceipt[]> {
  const statement = statements.get(sort)
  if (statement === undefined) throw new Error(`Receipts cannot be ordered by ${sort}.`)
  const rows = await db.query<ListRow>(statement, [
    filters.number ?? null,
    filters.source ?? null,
    filters.status ?? null,
    filters.warehouse ?? null,
    filters.vendor ?? null,
    filters.destination ?? null,
    filters.backorderOf ?? null,
    scope,
    after?.[0] ?? null,
    after?.[1] ?? null,
    limit + 1,
  ])
  return rows.map(({ vendorCode, vendorName, ...row }) => ({
    ...row,
    vendor: vendorCode === null ? null : { code: vendorCode, name: vendorName ?? '' },
  }))
}
