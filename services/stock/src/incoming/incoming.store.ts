/** Reads what is on its way. */
import { type LocationScope, withinSql } from '@stockline/contracts/locations'
import { filtered } from '@stockline/service-kit'
import type { Database } from '../database.ts'
import { isPosted } from '../ledger/ledger.read.actions.ts'
import type { Incoming, IncomingFilter } from './incoming.api.ts'

/** What is on its way, as its row has it. */
export type IncomingRow = Omit<Incoming, 'since'> & { readonly since: Date }

/** The key by which it is listed. */
export type IncomingKey = readonly [expectedOn: string, document: string, sku: string, location: string]

/** What transfers have in transit, by where they go: few rows, since what has arrived has none. */
const inTransit = `
  select p.sku, t.destination as location, sum(i.quantity) as quantity, p.unit, t.number as document, 'transfer' as kind,
    null as "sourceSystem", null as "orderNumber", t.scheduled_date as "expectedOn", min(i.since) as since
  from in_transit i join transfers t using (document_id) join products p on p.id = i.product_id
  group by p.sku, p.unit, t.destination, t.number, t.scheduled_date`

/** What receipts still bring that are not posted. */
const expected = `
  select p.sku, e.location, sum(e.quantity) as quantity, p.unit, e.number as document, 'receipt' as kind,
    e.source_system as "sourceSystem", e.order_number as "orderNumber", e.expected_on as "expectedOn", min(e.since) as since
  from expected_lines e join products p on p.sku = e.sku
  where not ${isPosted('e.document_id')}
  group by p.sku, p.unit, e.location, e.number, e.source_system, e.order_number, e.expected_on`

/** What is on its way, by when it is expected, document, product and location; one more than the limit. */
export async function findIncoming(
  db: Database,
  { sku, location }: IncomingFilter,
  scope: LocationScope,
  after: IncomingKey | undefined,
  limit: number,
): Promise<IncomingRow[]> {
  if (scope?.length === 0) return []
  const { statement, values } = filtered(({ all, value, when }) => {
    const wanted = all(
      when(sku, (given) => `sku = ${given}`),
      when(location, (given) => `(location = ${given} or starts_with(location, ${given} || '/'))`),
      when(scope, (given) => withinSql('location', given)),
      when(
        after?.[0],
        (given) => `(coalesce("expectedOn", 'infinity'), document, sku, location) >
          (${given}::date, ${value(after?.[1])}, ${value(after?.[2])}, ${value(after?.[3])})`,
      ),
    )
    return `select sku, location, trim_scale(quantity)::text as quantity, unit, document, kind, "sourceSystem", "orderNumber",
        "expectedOn", since
      from (${inTransit} union all ${expected}) incoming where ${wanted}
      order by coalesce("expectedOn", 'infinity'), document, sku, location limit ${value(limit + 1)}`
  })
  return db.query<IncomingRow>(statement, values)
}
