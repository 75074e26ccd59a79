/** Documents that may be of an order, in the database: what their orders, products and units read and lock besides. */
import {
  idsOf,
  type DocumentFields,
  type DocumentKind,
  type DocumentOf,
  type ListRow,
  type Stored,
} from '@stockline/documents'
import { sql } from '@stockline/service-kit'
import type { Reader, Tx } from '../database.ts'
import type { orderedHead, orderedLine } from './document.fields.ts'
import { storedDocuments, type JudgedStore } from './document.stored.actions.ts'

/** Fields of a kind of document that may be of an order. */
interface OrderedFields extends DocumentFields {
  readonly head: DocumentFields['head'] & Pick<ReturnType<typeof orderedHead<string>>, 'orderId' | 'backorderOf'>
  readonly line: DocumentFields['line'] & typeof orderedLine
}

/** What can be done with stored documents that may be of an order. */
export interface OrderedStore<Document, Row = object> extends JudgedStore<Document, Row> {
  /** All of an order, locked, oldest first. Lock the order before. */
  readonly lockOfOrder: (tx: Tx, orderId: string) => Promise<readonly Stored<Document>[]>
  /** Locks all of several orders, for those who change them one after the other, and gives their ids. Lock the orders before. */
  readonly lockAllOfOrders: (tx: Tx, orderIds: readonly string[]) => Promise<readonly string[]>
  /** All of several orders, for showing, in the order of their ids. */
  readonly readOfOrders: (db: Reader, orderIds: readonly string[]) => Promise<readonly Stored<Document>[]>
  /** The orders behind them. */
  readonly orderIdsOf: (tx: Tx, ids: readonly string[]) => Promise<readonly string[]>
  /** Those of which there is a backorder. */
  readonly backordered: (tx: Tx, ids: readonly string[]) => Promise<ReadonlySet<string>>
  /** Open ones with a line of the product, or with one that the unit's factor counts for. */
  readonly idsNaming: (
    tx: Tx,
    named: { readonly sku: string } | { readonly unit: string },
  ) => Promise<readonly string[]>
}

/** The store of a kind. Make it once, as a constant: each has statements and a cache of its own. */
export function orderedDocuments<Of extends OrderedFields>(
  kind: DocumentKind<Of>,
): OrderedStore<DocumentOf<Of>, ListRow<Of>> {
  const store = storedDocuments(kind)
  const { heads, lines, parent } = store.tables
  const lockByOrder = store.lockWhere('d.order_id = $1')
  const lockOfOrders = sql(`SELECT id FROM ${heads} WHERE order_id = ANY ($1::uuid[]) ORDER BY id FOR UPDATE`)
  const idsOfOrders = sql(`SELECT id FROM ${heads} WHERE order_id = ANY ($1::uuid[]) ORDER BY id`)
  const orderIds = sql(
    `SELECT DISTINCT order_id AS id FROM ${heads} WHERE id = ANY ($1::uuid[]) AND order_id IS NOT NULL`,
  )
  const backordered = sql(`SELECT DISTINCT backorder_of AS id FROM ${heads} WHERE backorder_of = ANY ($1::uuid[])`)
  // Products and units change seldom in what is counted, so that no index is kept for it: all open lines are read.
  const namingProduct = sql(`
    SELECT DISTINCT d.id FROM ${heads} d JOIN ${lines} l ON l.${parent} = d.id
    WHERE d.status = ANY ($2::text[]) AND l.sku = $1 ORDER BY d.id`)
  // By its code or another name. What a product is kept in counts as it did, however its unit stands to others.
  const namingUnit = sql(`
    SELECT DISTINCT d.id FROM ${heads} d JOIN ${lines} l ON l.${parent} = d.id LEFT JOIN products p ON p.sku = l.sku
    WHERE d.status = ANY ($2::text[])
      AND (l.unit = $1 OR l.unit IN (SELECT alias FROM unit_aliases WHERE source = '' AND unit = $1))
        <> (p.unit IS NOT DISTINCT FROM $1)
    ORDER BY d.id`)

  return {
    ...store,
    lockOfOrder: (tx, orderId) => lockByOrder(tx, [orderId]),
    lockAllOfOrders: async (tx, orders) => idsOf(await tx.query(lockOfOrders, [orders])),
    readOfOrders: async (db, orders) => {
      const ids = orders.length === 0 ? [] : idsOf(await db.query(idsOfOrders, [orders]))
      if (ids.length === 0) return []
      const found = new Map((await store.read(db, ids)).map((stored) => [stored.document.id, stored]))
      return ids.flatMap((id) => found.get(id) ?? [])
    },
    orderIdsOf: async (tx, ids) => idsOf(await tx.query(orderIds, [ids])),
    backordered: async (tx, ids) => new Set(ids.length === 0 ? [] : idsOf(await tx.query(backordered, [ids]))),
    idsNaming: async (tx, named) =>
      'sku' in named
        ? idsOf(await tx.query(namingProduct, [named.sku, kind.openWhile]))
        : idsOf(await tx.query(namingUnit, [named.unit, kind.openWhile])),
  }
}
