import { sql } from '@stockline/service-kit'
import type { Database } from '../database.ts'

// By the index of codes. Of one number there may be a piece of several products.
const serialsByCode = sql(
  `select t.id, p.sku, t.code, t.expires_on as "expiresOn", t.hold_reason as held
   from lots t join products p on p.id = t.product_id and p.tracking = 'serial'
   where t.code = $1 order by p.sku limit 100`,
)

/** A serial number of a product. */
export interface SerialRow {
  readonly id: string
  readonly sku: string
  readonly code: string
  readonly expiresOn: string | null
  readonly held: string | null
}

export function findSerials(db: Database, code: string): Promise<SerialRow[]> {
  return db.query<SerialRow>(serialsByCode, [code])
}
