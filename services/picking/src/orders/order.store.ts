/** Orders: rows in and out. */
import { sql } from '@stockline/service-kit'
import type { Tx } from '../database.ts'
import type { Order, OrderKind } from './order.ts'

const columns = `id, kind, source, order_number AS "orderNumber", revision, fingerprint, status, content,
  confirmed_at AS "confirmedAt"`

const lockStatement = sql(
  `SELECT ${columns} FROM orders WHERE kind = $1 AND source = $2 AND order_number = $3 FOR UPDATE`,
)
const lockManyStatement = sql(`SELECT ${columns} FROM orders WHERE id = ANY ($1::uuid[]) ORDER BY id FOR UPDATE`)
const insertStatement = sql(`
  INSERT INTO orders
    (id, kind, source, order_number, revision, fingerprint, status, content, confirmed_at, changed_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`)
const updateStatement = sql(`
  UPDATE orders SET revision = $2, fingerprint = $3, status = $4, content = $5, changed_at = $6 WHERE id = $1`)

/** The order, locked; undefined when it was never confirmed. */
export async function lockOrder(
  tx: Tx,
  kind: OrderKind,
  source: string,
  orderNumber: string,
): Promise<Order | undefined> {
  const [row] = await tx.query<Order>(lockStatement, [kind, source, orderNumber])
  return row
}

/** Orders by id, locked in the order of their ids. */
export async function lockOrdersById(tx: Tx, ids: readonly string[]): Promise<readonly Order[]> {
  return tx.query<Order>(lockManyStatement, [ids])
}

/** Writes a new order. Two first confirmations at once: one of them fails and is tried again. */
export async function insertOrder(tx: Tx, order: Order): Promise<void> {
  await tx.query(insertStatement, [
    order.id,
    order.kind,
    order.source,
    order.orderNumber,
    order.revision,
    order.fingerprint,
    order.status,
    JSON.stringify(order.content),
    order.confirmedAt,
    tx.now,
  ])
}

/** Writes what a later revision changed. */
export async function updateOrder(tx: Tx, order: Order): Promise<void> {
  await tx.query(updateStatement, [
    order.id,
    order.revision,
    order.fingerprint,
    order.status,
    JSON.stringify(order.content),
    tx.now,
  ])
}
