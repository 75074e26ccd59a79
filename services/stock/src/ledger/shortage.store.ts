/** Reads where stock lies that waiting deliveries cannot have. The number of rows is bounded, since it runs under the ledger's head. */
import { type AmountsAsText, storedQuantity, zero } from '@stockline/amounts'
import { type Queryable, sql, plainArray } from '@stockline/service-kit'
import { unreserved } from '../availability/available.ts'
import type { UnreservedStock, ReservedStock } from '../reservations/shortage.ts'
import type { LotLife } from './reference.ts'
import { lifeColumns, lifeFrom, type LocationRow, locationColumns, locationFrom } from './reference.store.ts'
import type { QuantRow } from './quants.store.ts'

/** At most so many balances, and reservations, are read for a product, over all warehouses. */
const mostLookedAt = 500

const unreservedOfProducts = sql(
  `select q.product_id as "productId", q.status, ${unreserved} as quantity, ${locationColumns},
     t.code as lot, t.expires_on as "expiresOn", t.hold_reason as held, ${lifeColumns('t')}
   from unnest($1::uuid[]) as s(product_id)
   cross join lateral (
     select * from quants where product_id = s.product_id and free limit ${String(mostLookedAt)}
   ) q
   join locations l on l.id = q.location_id
   left join lots t on t.id = q.lot_id`,
)
const reservedOfProducts = sql(
  `select s.product_id as "productId", s.warehouse, r.document_id as "documentId", n.number, t.code as lot,
     sum(r.quantity) as quantity
   from unnest($1::uuid[], $2::text[]) as s(product_id, warehouse)
   cross join lateral (
     select document_id, location_id, lot_id, quantity from reservations
     where product_id = s.product_id limit ${String(mostLookedAt)}
   ) r
   join locations l on l.id = r.location_id and l.warehouse = s.warehouse
   join needs n on n.document_id = r.document_id
   left join lots t on t.id = r.lot_id
   group by s.product_id, s.warehouse, r.document_id, n.number, t.code`,
)

type UnreservedRow = LocationRow &
  Pick<QuantRow, 'productId' | 'status' | 'lot' | 'expiresOn' | 'held'> &
  LotLife & { readonly quantity: string }
type ReservedRow = AmountsAsText<ReservedStock> & { readonly productId: string; readonly warehouse: string }

/** What is on hand and not reserved of these products, by product id, available or not, in all warehouses. */
export async function loadUnreservedStock(
  db: Queryable,
  productIds: readonly string[],
): Promise<ReadonlyMap<string, readonly UnreservedStock[]>> {
  const rows = await db.query<UnreservedRow>(unreservedOfProducts, [plainArray(productIds)])
  const stockOf = (row: UnreservedRow): UnreservedStock => ({
    location: locationFrom(row),
    lot:
      row.lot === null
        ? null
        : {
            id: '',
            productId: row.productId,
            code: row.lot,
            expiresOn: row.expiresOn,
            held: row.held,
            life: lifeFrom(row),
            onHand: zero.quantity,
          },
    status: row.status,
    quantity: storedQuantity(row.quantity),
  })
  return grouped(rows, (row) => row.productId, stockOf)
}

/** What is reserved of products in warehouses, by product id and warehouse. */
export async function loadReservedStock(
  db: Queryable,
  of: readonly { readonly productId: string; readonly warehouse: string }[],
): Promise<ReadonlyMap<string, readonly ReservedStock[]>> {
  const rows = await db.query<ReservedRow>(reservedOfProducts, [
    plainArray(of.map(({ productId }) => productId)),
    of.map(({ warehouse }) => warehouse),
  ])
  return grouped(
    rows,
    (row) => row.productId + row.warehouse,
    ({ documentId, number, lot, quantity }) => ({ documentId, number, lot, quantity: storedQuantity(quantity) }),
  )
}

function grouped<Row, Value>(
  rows: readonly Row[],
  keyOf: (row: Row) => string,
  valueOf: (row: Row) => Value,
): ReadonlyMap<string, readonly Value[]> {
  return new Map([...Map.groupBy(rows, keyOf)].map(([key, group]) => [key, group.map(valueOf)]))
}
