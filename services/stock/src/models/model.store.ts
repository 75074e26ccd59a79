/** Lines of adjustments, as the source document's model has them. */
import { type LocationScope, withinSql } from '@stockline/contracts/locations'
import { filtered } from '@stockline/service-kit'
import type { Adjustment } from '../adjustments/adjustment.ts'
import type { Database } from '../database.ts'

/** A line, with what says who may see what is expected, and what it is listed by. */
export interface AdjustmentLineRow extends Pick<Adjustment, 'id' | 'number' | 'status' | 'blind' | 'countedBy'> {
  readonly line: number
  readonly location: string
  readonly product: string
  readonly lot: string | null
  readonly expected: string
  readonly counted: string
  readonly difference: string
  readonly uom: string
  readonly sortedBy: string
}

interface LineFilter {
  readonly number?: string | undefined
  readonly product?: string | undefined
  readonly location?: string | undefined
  readonly lot?: string | undefined
  readonly status?: string | undefined
}

const below = (given: string) =>
  `(l.location = ${given} or (l.location > ${given} || '/' and l.location < ${given} || '0'))`

/** Lines at places within the scope, of the newest adjustment first; one more than the limit. */
export async function findAdjustmentLines(
  db: Database,
  { number, product, location, lot, status }: LineFilter,
  scope: LocationScope,
  after: readonly [sortedBy: string, id: string, line: number] | undefined,
  limit: number,
): Promise<AdjustmentLineRow[]> {
  if (scope?.length === 0) return []
  const { statement, values } = filtered(({ all, value, when }) => {
    const wanted = all(
      when(number, (given) => `a.number = ${given}`),
      when(product, (given) => `l.sku = ${given}`),
      when(location, below),
      when(lot, (given) => `l.lot = ${given}`),
      when(status, (given) => `a.status = ${given}`),
      when(scope, (given) => withinSql('l.location', given)),
      when(
        after?.[0],
        (given) =>
          `a.created_at <= ${given}::timestamptz and ((a.created_at, a.id) < (${given}::timestamptz, ${value(after?.[1])}::uuid)
            or (a.id = ${value(after?.[1])}::uuid and l.line > ${value(after?.[2])}::int))`,
      ),
    )
    return `
      select a.id, a.number, a.status, a.blind, a.counted_by as "countedBy", l.line, l.location, l.sku as product, l.lot,
        trim_scale(l.expected)::text as expected, trim_scale(l.counted)::text as counted,
        trim_scale(l.counted - l.expected)::text as difference, l.unit as uom, a.created_at::text as "sortedBy"
      from adjustments a join adjustment_lines l on l.adjustment_id = a.id
      where ${wanted}
      order by a.created_at desc, a.id desc, l.line limit ${value(limit + 1)}`
  })
  return db.query<AdjustmentLineRow>(statement, values)
}
