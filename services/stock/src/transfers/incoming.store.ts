/** Reads what is on its way. */
import { type LocationScope, withinSql } from '@stockline/contracts/locations'
import { filtered } from '@stockline/service-kit'
import type { Database } from '../database.ts'
import type { Incoming, IncomingFilter } from './incoming.api.ts'

/** What is on its way, as its row has it. */
export type IncomingRow = Omit<Incoming, 'since'> & { readonly since: Date }

/** The key by which it is listed. */
export type IncomingKey = readonly [sku: string, location: string, document: string]

/** What transfers have in transit, by where they go: few rows, since what has arrived has none. */
const inTransit = `
  select p.sku, t.destination as location, sum(i.quantity) as quantity, p.unit, t.number as document, 'transfer' as kind,
    t.scheduled_date as "expectedOn", min(i.since) as since
  from in_transit i join transfers t using (document_id) join products p on p.id = i.product_id
  group by p.sku, p.unit, t.destination, t.number, t.scheduled_date`

/** What is on its way, by product, location and document; one more than the limit. */
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
      when(after?.[0], (given) => `(sku, location, document) > (${given}, ${value(after?.[1])}, ${value(after?.[2])})`),
    )
    return `select sku, location, trim_scale(quantity)::text as quantity, unit, document, kind, "expectedOn", since
      from (${inTransit}) incoming where ${wanted} order by sku, location, document limit ${value(limit + 1)}`
  })
  return db.query<IncomingRow>(statement, values)
}
