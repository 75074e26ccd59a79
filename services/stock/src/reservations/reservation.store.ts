/** Who holds stock, to read: reservations with the document, order and age of each. */
import { type LocationScope, withinSql } from '@stockline/contracts/locations'
import { filtered } from '@stockline/service-kit'
import type { Database } from '../database.ts'
import { none } from '../ledger/quant.ts'
import type { ReservationAnswer, ReservationFilter } from './reservation.api.ts'

/** A reservation as its row has it: the answer, but for times, and what it is listed by. */
export type ReservationRow = Omit<ReservationAnswer, 'since' | 'orderedAt' | 'minimumRemainingLife'> & {
  readonly since: Date | null
  readonly orderedAt: Date
  readonly sortedBy: string
  readonly lifeDays: number | null
  readonly lifePercent: string | null
}

/** What a reservation is listed by: age, document, line, and where it is. */
export type ReservationKey = readonly [
  since: string,
  documentId: string,
  line: number,
  lot: string,
  location: string,
  status: string,
  packageId: string,
]

/** Of those that were there before an upgrade it is not known since when: they are the oldest. */
const age = `coalesce(n.reserved_since, 'epoch')`
const key = `${age}, r.document_id, r.line, coalesce(t.code, ''), l.code, r.status, r.package_id`
const below = (given: string) => `(l.code = ${given} or (l.code > ${given} || '/' and l.code < ${given} || '0'))`

/** Reservations, the oldest first; one more than the limit. */
export async function findReservations(
  db: Database,
  { sku, location, lot, document, sourceSystem, orderNumber, reservedBefore }: ReservationFilter,
  scope: LocationScope,
  after: ReservationKey | undefined,
  limit: number,
): Promise<ReservationRow[]> {
  // Without any location in scope the answer is empty.
  if (scope?.length === 0) return []
  const { statement, values } = filtered(({ all, value, when }) => {
    const [since, ...rest] = after ?? []
    const wanted = all(
      when(sku, (given) => `r.product_id = (select id from products where sku = ${given})`),
      when(location, below),
      when(lot, (given) => `t.code = ${given}`),
      when(document, (given) => `n.number = ${given}`),
      when(sourceSystem, (given) => `n.order_source = ${given}`),
      when(orderNumber, (given) => `n.order_number = ${given}`),
      when(reservedBefore, (given) => `${age} < ${given}::timestamptz`),
      when(scope, (given) => withinSql('l.code', given)),
      when(since, (given) => {
        const [documentId, line, lotCode, at, status, packageId] = rest.map(value)
        return `(${key}) > (${given}::timestamptz, ${documentId ?? ''}::uuid, ${line ?? ''}::int, ${lotCode ?? ''},
          ${at ?? ''}, ${status ?? ''}, ${packageId ?? ''}::uuid)`
      }),
    )
    return `
      select n.document_id as "documentId", n.number as document, n.order_source as "sourceSystem",
        n.order_number as "orderNumber", n.warehouse, n.priority, n.scheduled_date as "scheduledDate",
        n.ordered_at as "orderedAt", n.reserved_since as since, n.reserve_until as "reserveUntil", r.line, p.sku, l.code as location, t.code as lot, r.status,
        nullif(r.package_id, '${none}') as package, trim_scale(r.quantity)::text as quantity, p.unit,
        (${age})::text as "sortedBy", k.life_days as "lifeDays", k.life_percent as "lifePercent"
      from reservations r
      join needs n on n.document_id = r.document_id
      join products p on p.id = r.product_id
      join locations l on l.id = r.location_id
      left join lots t on t.id = r.lot_id
      left join need_lines k on k.document_id = r.document_id and k.line = r.line
      where n.status = 'open' and ${wanted}
      order by ${key} limit ${value(limit + 1)}`
  })
  return db.query<ReservationRow>(statement, values)
}
