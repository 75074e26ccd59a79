/** Orders: rows in and out. */
import type { LateLine } from '@stockline/contracts'
import { sql } from '@stockline/service-kit'
import type { Tx } from '../database.ts'
import type { Order, OrderKind } from './order.ts'

const columns = `o.id, o.kind, o.source, o.order_number AS "orderNumber", o.revision, o.fingerprint, o.status, o.content,
  o.confirmed_at AS "confirmedAt", o.followed`

// Everybody locks orders in the order of their ids.
const lockStatement = sql(`
  SELECT ${columns} FROM unnest($2::text[], $3::text[]) AS named (source, order_number)
  JOIN orders o ON o.kind = $1 AND o.source = named.source AND o.order_number = named.order_number
  ORDER BY o.id FOR UPDATE OF o`)
const lockManyStatement = sql(`SELECT ${columns} FROM orders o WHERE o.id = ANY ($1::uuid[]) ORDER BY o.id FOR UPDATE`)
// In one order, so that two who tell of the same new orders wait for each other and not in a circle.
const insertStatement = sql(`
  INSERT INTO orders
    (id, kind, source, order_number, revision, fingerprint, status, content, confirmed_at, changed_at)
  SELECT id, kind, source, "orderNumber", revision, fingerprint, status, content, "confirmedAt", $2
  FROM json_to_recordset($1::json) AS o (id uuid, kind text, source text, "orderNumber" text, revision int,
    fingerprint text, status text, content jsonb, "confirmedAt" timestamptz)
  ORDER BY source, "orderNumber"`)
const updateStatement = sql(`
  UPDATE orders SET revision = $2, fingerprint = $3, status = $4, content = $5, changed_at = $6, followed = $7 WHERE id = $1`)
const followedStatement = sql(`UPDATE orders SET followed = NULL WHERE id = $1 AND followed IS NOT NULL`)
const insertTooLateStatement = sql(`
  INSERT INTO order_changes_too_late (order_id, revision, line, sku, unit, wanted, done, at)
  SELECT $1, $2, line, sku, unit, wanted, done, $4
  FROM json_to_recordset($3::json) AS late (line int, sku text, unit text, wanted numeric, done numeric)
  ON CONFLICT DO NOTHING`)

/** Orders of a kind by system and number, all different, locked. Those that were never confirmed are left out. */
export async function lockOrdersByNumber(
  tx: Tx,
  kind: OrderKind,
  named: readonly { readonly source: string; readonly orderNumber: string }[],
): Promise<readonly Order[]> {
  return tx.query<Order>(lockStatement, [
    kind,
    named.map(({ source }) => source),
    named.map(({ orderNumber }) => orderNumber),
  ])
}

/** Orders by id, locked in the order of their ids. */
export async function lockOrdersById(tx: Tx, ids: readonly string[]): Promise<readonly Order[]> {
  return tx.query<Order>(lockManyStatement, [ids])
}

/** Writes new orders. Two first confirmations at once: one of them fails and is tried again. */
export async function insertOrders(tx: Tx, orders: readonly Order[]): Promise<void> {
  await tx.query(insertStatement, [JSON.stringify(orders), tx.now])
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
    order.followed === null ? null : JSON.stringify(order.followed),
  ])
}

/** Its documents follow the order as it is now. */
export async function followedNow(tx: Tx, orderId: string): Promise<void> {
  await tx.query(followedStatement, [orderId])
}

/** Keeps lines that were told too late. What is kept already stays as it is. */
export async function insertTooLate(
  tx: Tx,
  { id, revision }: Pick<Order, 'id' | 'revision'>,
  lines: readonly LateLine[],
  at = tx.now,
): Promise<void> {
  await tx.query(insertTooLateStatement, [id, revision, JSON.stringify(lines), at])
}
