/** Orders in lists: filtered, within the location scope, page by page. */
import type { LateLine } from '@stockline/contracts'
import { filtered, sql } from '@stockline/service-kit'
import type { Reader } from '../database.ts'
import type { LocationScope } from '@stockline/contracts/locations'
import { orderKey, type Order, type OrderKind } from './order.ts'

/** Which orders. */
export interface OrderFilters {
  readonly kind?: OrderKind | undefined
  readonly source?: string | undefined
  readonly orderNumber?: string | undefined
  readonly status?: Order['status'] | 'waiting' | undefined
  readonly warehouse?: string | undefined
}

/** Which page of them. */
export interface OrderPage {
  /** Seeing needs a location of the order's warehouse inside. */
  readonly scope: LocationScope
  /** What the page before ended with: an id, or of those that wait a position. */
  readonly after: string | undefined
  readonly limit: number
}

/** An order as lists show it. */
export type ListedOrder = Pick<
  Order,
  'id' | 'kind' | 'source' | 'orderNumber' | 'revision' | 'status' | 'content' | 'confirmedAt'
> & { readonly changedAt: Date }

/** What an order asked for too late, and when. */
export type TooLate = LateLine & {
  readonly orderId: string
  readonly revision: number
  readonly at: Date
}

/** An order of which nothing could be followed yet: the highest revision that waits. */
export interface WaitingOrder {
  readonly about: string
  readonly kind: OrderKind
  readonly source: string
  readonly position: bigint
  /** The CloudEvent as JSON. */
  readonly event: string
  readonly parkedAt: Date
}

/** An order has up to 1,000 lines: a page ends before it has more than this. */
const mostLines = 5000

const shownStatement = sql(`
  SELECT id, kind, source, order_number AS "orderNumber", revision, status, content, confirmed_at AS "confirmedAt",
    changed_at AS "changedAt"
  FROM orders WHERE id = ANY ($1::uuid[]) ORDER BY id DESC`)
const lateStatement = sql(`
  SELECT order_id AS "orderId", revision, line, sku, unit, trim_scale(wanted)::text AS wanted, trim_scale(done)::text AS done, at
  FROM order_changes_too_late WHERE order_id = ANY ($1::uuid[]) ORDER BY order_id, revision, line`)

/** One page, newest first, and whether another follows. It may be shorter than asked for where orders are long. */
export async function listOrders(
  db: Reader,
  filters: OrderFilters,
  page: OrderPage,
): Promise<{ readonly orders: readonly ListedOrder[]; readonly more: boolean }> {
  if (page.scope?.length === 0) return { orders: [], more: false }
  const { statement, values } = pageStatement(filters, page)
  const found = await db.query<{ id: string; lines: number }>(statement, values)
  let sum = 0
  const ids = found.slice(0, page.limit).flatMap(({ id, lines }, index) => {
    sum += lines
    return sum > mostLines && index > 0 ? [] : [id]
  })
  const orders = ids.length === 0 ? [] : await db.query<ListedOrder>(shownStatement, [ids])
  return { orders, more: found.length > ids.length }
}

/** What these orders asked for too late, in the order of revisions and lines. */
export async function tooLateOf(db: Reader, orderIds: readonly string[]): Promise<readonly TooLate[]> {
  return orderIds.length === 0 ? [] : db.query<TooLate>(lateStatement, [orderIds])
}

/** Orders that wait and are not known yet, newest first, and one more than `limit` where more follow. */
export async function listWaitingOrders(
  db: Reader,
  { kind, source, orderNumber, warehouse }: OrderFilters,
  { scope, after, limit }: OrderPage,
): Promise<readonly WaitingOrder[]> {
  if (scope?.length === 0) return []
  const kinds = kind === undefined ? (['purchase', 'sale'] as const) : [kind]
  const named =
    source === undefined || orderNumber === undefined ? undefined : kinds.map((of) => orderKey(of, source, orderNumber))
  const { statement, values } = filtered(
    ({ all, value, when }) => `
      SELECT about, kind, source, position, event, "parkedAt" FROM (
        SELECT DISTINCT ON (p.about) p.about, p.source, p.position, p.event, p.parked_at AS "parkedAt",
          split_part(p.about, ':', 2) AS kind,
          substr(p.about, length('order:' || split_part(p.about, ':', 2) || ':' || p.source) + 2) AS order_number,
          p.event::json -> 'data' ->> 'warehouse' AS warehouse
        FROM kit.parked p WHERE ${all(
          `p.resolved_at IS NULL AND p.about IS NOT NULL AND p.state <> 'gap'`,
          when(source, (given) => `p.source = ${given}`),
          // So that a system that asks for one order does not have all that wait read.
          when(named, (given) => `p.about = ANY (${given}::text[])`),
        )}
        ORDER BY p.about, p.event::json -> 'data' ->> 'warehouse' IS NULL, p.revision DESC, p.position) AS w
      WHERE ${all(
        `NOT EXISTS (SELECT 1 FROM orders o
          WHERE o.kind = w.kind AND o.source = w.source AND o.order_number = w.order_number)`,
        when(kind, (given) => `w.kind = ${given}`),
        when(orderNumber, (given) => `w.order_number = ${given}`),
        when(warehouse, (given) => `w.warehouse = ${given}`),
        when(scope, (given) => within(given, 'w.warehouse')),
        when(after, (given) => `w.position < ${given}::bigint`),
      )}
      ORDER BY position DESC LIMIT ${value(limit + 1)}`,
  )
  return db.query<WaitingOrder>(statement, values)
}

function pageStatement({ kind, source, orderNumber, status, warehouse }: OrderFilters, page: OrderPage) {
  return filtered(({ all, value, when }) => {
    const conditions = all(
      // Both kinds by name, so that the index on (kind, source, number) serves.
      `o.kind = ANY (${value(kind === undefined ? ['purchase', 'sale'] : [kind])}::text[])`,
      when(source, (given) => `o.source = ${given}`),
      when(orderNumber, (given) => `o.order_number = ${given}`),
      when(status, (given) => `o.status = ${given}`),
      when(warehouse, (given) => `o.content ->> 'warehouse' = ${given}`),
      when(page.scope, (given) => within(given, `o.content ->> 'warehouse'`)),
      when(page.after, (given) => `o.id < ${given}::uuid`),
    )
    return `
      SELECT o.id, jsonb_array_length(o.content -> 'lines') AS lines
      FROM orders o WHERE ${conditions} ORDER BY o.id DESC LIMIT ${value(page.limit + 1)}`
  })
}

/** Somebody is assigned to the warehouse, or to a location of it. */
const within = (scope: string, warehouse: string) => `EXISTS (
  SELECT 1 FROM unnest(${scope}::text[]) AS inside (code)
  WHERE inside.code = ${warehouse} OR starts_with(inside.code, (${warehouse}) || '/'))`
