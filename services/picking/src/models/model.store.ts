/** Documents of all kinds in one list, as the source document's model has them. */
import { type LocationScope, withinSql } from '@stockline/contracts/locations'
import { filtered, type Filters } from '@stockline/service-kit'
import type { Reader } from '../database.ts'

type PickingKind = 'receipt' | 'delivery' | 'transfer'

/** One document, and what it is listed by. */
export interface PickingRow {
  readonly id: string
  readonly kind: PickingKind
  readonly number: string
  readonly source: string | null
  readonly partner: string | null
  readonly scheduled: string | null
  readonly status: string
  readonly sortedBy: string
}

interface PickingFilter {
  readonly kind?: PickingKind | undefined
  readonly number?: string | undefined
  readonly source?: string | undefined
  readonly partner?: string | undefined
  readonly status?: string | undefined
}

/** Each kind by its table, with what it has for order, and for code and name of its partner. */
const kinds: readonly (readonly [kind: PickingKind, table: string, columns: Columns])[] = [
  ['receipt', 'receipts', { source: 'd.source', code: 'd.vendor_code', name: 'd.vendor_name' }],
  ['delivery', 'deliveries', { source: 'd.source', code: 'd.customer_code', name: 'd.customer_name' }],
  // Of a transfer `source` is a place.
  ['transfer', 'transfers', { source: 'NULL::text', code: 'NULL::text', name: 'NULL::text' }],
]
type Columns = Readonly<Record<'source' | 'code' | 'name', string>>

/** Documents of which one location is within the scope, the newest first; one more than the limit. */
export async function findPickings(
  db: Reader,
  filter: PickingFilter,
  scope: LocationScope,
  after: readonly [sortedBy: string, id: string] | undefined,
  limit: number,
): Promise<readonly PickingRow[]> {
  if (scope?.length === 0) return []
  const { statement, values } = filtered((given) => {
    const asked = kinds.filter(([kind]) => filter.kind === undefined || filter.kind === kind)
    // Each by its own index: of none more is read than the page may show.
    const each = asked.map(
      ([kind, table, columns]) => `(
      SELECT d.id, '${kind}' AS kind, d.number, ${columns.source} AS source, ${columns.name} AS partner, d.scheduled_date AS scheduled, d.status,
        d.created_at
      FROM ${table} d WHERE ${wanted(given, filter, columns, scope, after)}
      ORDER BY d.created_at DESC, d.id DESC LIMIT ${given.value(limit + 1)})`,
    )
    return `
      SELECT id, kind, number, source, partner, to_char(scheduled, 'YYYY-MM-DD') AS scheduled, status,
        created_at::text AS "sortedBy"
      FROM (${each.join(' UNION ALL ')}) AS documents
      ORDER BY created_at DESC, id DESC LIMIT ${given.value(limit + 1)}`
  })
  return db.query<PickingRow>(statement, values)
}

function wanted(
  { all, value, when }: Filters,
  { number, source, partner, status }: PickingFilter,
  columns: Columns,
  scope: LocationScope,
  after: readonly [sortedBy: string, id: string] | undefined,
): string {
  return all(
    when(number, (given) => `d.number = ${given}`),
    when(source, (given) => `${columns.source} = ${given}`),
    when(partner, (given) => `${columns.code} = ${given}`),
    when(status, (given) => `d.status = ${given}`),
    when(
      scope,
      (given) => `EXISTS (SELECT 1 FROM unnest(d.locations) AS at (code) WHERE ${withinSql('at.code', given)})`,
    ),
    when(after?.[0], (given) => `(d.created_at, d.id) < (${given}::timestamptz, ${value(after?.[1])}::uuid)`),
  )
}
