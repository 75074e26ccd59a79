/** What must be known of who loses goods in transit, and of the goods. */
import { sql, type Queryable } from '@stockline/service-kit'

const groupsOf = sql('select groups from users where id::text = $1')
const inTransit = sql(`
  select p.sku, trim_scale(sum(t.quantity))::text as quantity
  from in_transit t join products p on p.id = t.product_id
  where t.document_id = $1 group by p.sku`)

/** A user's groups; undefined of somebody who is not known. */
export async function findGroups(db: Queryable, id: string): Promise<readonly string[] | undefined> {
  const [row] = await db.query<{ groups: string[] }>(groupsOf, [id])
  return row?.groups
}

/** What a transfer has in transit, by product. */
export function findInTransit(
  db: Queryable,
  documentId: string,
): Promise<{ readonly sku: string; readonly quantity: string }[]> {
  return db.query(inTransit, [documentId])
}
