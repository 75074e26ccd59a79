/** Deliveries: rows in and out, in few statements, whatever their number. */
import { assignments, columnNames, sql } from '@stockline/service-kit'
import type { Reader, Tx } from '../database.ts'
import { addStepsSql, historyJson, stepsText, type NewStep } from '../history/history.actions.ts'
import type { HistoryStep } from '../history/history.ts'
import { assignedSql } from '../locations/location.actions.ts'
import { catalogStamp } from '../products/product.actions.ts'
import { headOf, lineOf, toDelivery, type HeadRow, type LineJson } from './delivery.rows.store.ts'
import type { Delivery } from './delivery.ts'

interface PartsRow {
  id: string
  lines: LineJson[]
  history: HistoryStep[]
}

const headColumns = `id, number, warehouse, status, order_id, order_revision, source, customer_code, customer_name,
  scheduled_date, priority, allow_partial, ordered_at, problem, waits_for, picked_by, scan_location, need_revision,
  remainder, effective_at, attempt, returns_to, backorder_of, position, version, created_at`

// Amounts travel as text inside JSON, which would make floats of them.
const linesJson = `(SELECT coalesce(json_agg(json_build_object('line', l.line, 'sku', l.sku,
    'order_line', l.order_line, 'quantity', l.quantity::text, 'unit', l.unit, 'needed', l.needed::text,
    'picks', l.picks) ORDER BY l.line), '[]')
  FROM delivery_lines l WHERE l.delivery_id = d.id)`

// Of one row and of many: a plan that is kept is made for the one or for the other.
const lockOneStatement = sql(`SELECT ${headColumns} FROM deliveries WHERE id = $1 FOR UPDATE`)
const lockStatement = sql(`SELECT ${headColumns} FROM deliveries WHERE id = ANY ($1::uuid[]) ORDER BY id FOR UPDATE`)
// Those that nobody else holds: who takes many at once waits for none of them.
const lockFreeStatement = sql(
  `SELECT ${headColumns} FROM deliveries WHERE id = ANY ($1::uuid[]) ORDER BY id FOR UPDATE SKIP LOCKED`,
)
const lockOfOrderStatement = sql(`SELECT ${headColumns} FROM deliveries WHERE order_id = $1 ORDER BY id FOR UPDATE`)
const lockOfOrdersStatement = sql(`SELECT id FROM deliveries WHERE order_id = ANY ($1::uuid[]) ORDER BY id FOR UPDATE`)
// The lines are read after the lock was given, by a statement of its own: one statement would show old lines
// beside a head that somebody else has changed meanwhile.
const partsStatement = sql(`
  SELECT d.id, ${linesJson} AS lines, ${historyJson('d.id')} AS history FROM unnest($1::uuid[]) AS d (id)`)
const wholeDeliveries = `SELECT ${headColumns}, ${linesJson} AS lines, ${historyJson('d.id')} AS history FROM deliveries d`
const readOneStatement = sql(`${wholeDeliveries} WHERE d.id = $1`)
const readStatement = sql(`${wholeDeliveries} WHERE d.id = ANY ($1::uuid[])`)
const answeredStatement = sql(`SELECT id FROM deliveries WHERE id = ANY ($1::uuid[]) AND status <> 'posting'`)
const orderIdsStatement = sql(
  'SELECT DISTINCT order_id AS "orderId" FROM deliveries WHERE id = ANY ($1::uuid[]) AND order_id IS NOT NULL',
)
const waitingStatement = sql(`
  SELECT id FROM deliveries WHERE waits_for <> '{}' AND waits_for && $1::text[] AND status = 'draft' ORDER BY id`)
const placesStatement = sql(`SELECT locations, ${assignedSql('$2')} AS assigned FROM deliveries WHERE id = $1`)

// What a document keeps from its beginning, and what its steps change.
const fixedRecord = `id uuid, number text, warehouse text, order_id uuid, source text, ordered_at timestamptz,
  backorder_of uuid, created_at timestamptz`
const changingRecord = `status text, order_revision int, customer_code text, customer_name text, scheduled_date date,
  priority int, allow_partial boolean, locations text[], problem text, waits_for text[], picked_by text[],
  scan_location text, need_revision int, remainder text, effective_at timestamptz, attempt int, returns_to text,
  position bigint, version int`
const headRecord = `${fixedRecord}, ${changingRecord}`
const headNames = columnNames(headRecord)
const lineRecord = `delivery_id uuid, line int, sku text, order_line int, quantity numeric, unit text, needed numeric,
  picks jsonb`
const lineNames = columnNames(lineRecord)
const saveLines = `
  INSERT INTO delivery_lines (${lineNames})
  SELECT ${lineNames} FROM json_to_recordset($2::json) AS l (${lineRecord})`

const insertStatement = sql(`
  WITH head AS (
    INSERT INTO deliveries (${headNames}, changed_at)
    SELECT ${headNames}, created_at FROM json_to_recordset($1::json) AS h (${headRecord})),
  steps AS (${addStepsSql('$3')})
  ${saveLines}`)
const updateHeadsSql = (now: string) => `
  UPDATE deliveries d SET ${assignments(changingRecord, 'h')}, changed_at = ${now}
  FROM json_to_recordset($1::json) AS h (id uuid, ${changingRecord}) WHERE d.id = h.id`
// Most steps leave the lines as they are.
const updateHeadsStatement = sql(`WITH head AS (${updateHeadsSql('$2')}) ${addStepsSql('$3')}`)
const updateStatement = sql(`
  WITH head AS (${updateHeadsSql('$4')}),
  removed AS (
    DELETE FROM delivery_lines l USING json_to_recordset($3::json) AS gone (delivery_id uuid, line int)
    WHERE l.delivery_id = gone.delivery_id AND l.line = gone.line),
  steps AS (${addStepsSql('$5')})
  ${saveLines}
  ON CONFLICT (delivery_id, line) DO UPDATE SET sku = excluded.sku, order_line = excluded.order_line,
    quantity = excluded.quantity, unit = excluded.unit, needed = excluded.needed, picks = excluded.picks`)

/** A delivery and what happened to it. */
export interface StoredDelivery {
  readonly delivery: Delivery
  readonly history: readonly HistoryStep[]
}

/** Deliveries by id, locked in the order of their ids. Those that do not exist are left out. */
export async function lockDeliveries(tx: Tx, ids: readonly string[]): Promise<readonly StoredDelivery[]> {
  const lock = ids.length === 1 ? tx.query<HeadRow>(lockOneStatement, ids) : tx.query<HeadRow>(lockStatement, [ids])
  return whole(...(await Promise.all([lock, readParts(tx, ids)])))
}

/**
 * Deliveries, locked, with the stamp of the catalog to judge them by. One is waited for; of several those that somebody
 * else holds are left out, as are those that do not exist.
 */
export async function lockWithStamp(
  tx: Tx,
  ids: readonly string[],
): Promise<{ readonly deliveries: readonly StoredDelivery[]; readonly stamp: string }> {
  const lock = ids.length === 1 ? tx.query<HeadRow>(lockOneStatement, ids) : tx.query<HeadRow>(lockFreeStatement, [ids])
  const [heads, parts, stamp] = await Promise.all([lock, readParts(tx, ids), catalogStamp(tx)])
  return { deliveries: whole(heads, parts), stamp }
}

/** All deliveries of an order, locked, oldest first. Lock the order before. */
export async function lockDeliveriesOfOrder(tx: Tx, orderId: string): Promise<readonly StoredDelivery[]> {
  const heads = await tx.query<HeadRow>(lockOfOrderStatement, [orderId])
  const ids = heads.map((head) => head.id)
  return ids.length === 0 ? [] : whole(heads, await readParts(tx, ids))
}

/** Locks all deliveries of several orders, for those who change them one after the other. Lock the orders before. */
export async function lockAllOfOrders(tx: Tx, orderIds: readonly string[]): Promise<void> {
  await tx.query(lockOfOrdersStatement, [orderIds])
}

/** Deliveries by id, for showing. */
export async function readDeliveries(db: Reader, ids: readonly string[]): Promise<readonly StoredDelivery[]> {
  type Row = HeadRow & PartsRow
  const rows = await (ids.length === 1 ? db.query<Row>(readOneStatement, ids) : db.query<Row>(readStatement, [ids]))
  return rows.map((row) => ({ delivery: toDelivery(row, row.lines), history: row.history }))
}

/** Those of the deliveries that the ledger has answered: cheap, since whoever waits asks many times a second. */
export async function answeredIds(db: Reader, ids: readonly string[]): Promise<readonly string[]> {
  const rows = await db.query<{ id: string }>(answeredStatement, [ids])
  return rows.map((row) => row.id)
}

/** The orders behind deliveries. */
export async function orderIdsOf(tx: Tx, deliveryIds: readonly string[]): Promise<readonly string[]> {
  const rows = await tx.query<{ orderId: string }>(orderIdsStatement, [deliveryIds])
  return rows.map((row) => row.orderId)
}

/** Drafts that wait for one of the keys. */
export async function waitingDeliveryIds(tx: Tx, keys: readonly string[]): Promise<readonly string[]> {
  const rows = await tx.query<{ id: string }>(waitingStatement, [keys])
  return rows.map((row) => row.id)
}

/** Where the delivery takes place, and the user's own locations; undefined when there is no such delivery. */
export async function placesAndAssigned(
  db: Reader,
  id: string,
  userId: string,
): Promise<{ readonly locations: readonly string[]; readonly assigned: readonly string[] } | undefined> {
  const [row] = await db.query<{ locations: string[]; assigned: string[] }>(placesStatement, [id, userId])
  return row
}

/** Writes new deliveries with their lines and first steps, one statement for all. */
export async function insertDeliveries(
  tx: Tx,
  deliveries: readonly Delivery[],
  steps: readonly NewStep[],
): Promise<void> {
  if (deliveries.length === 0) return
  const lines = deliveries.flatMap((delivery) => delivery.lines.map((line) => lineOf(delivery.id, line)))
  await tx.query(insertStatement, [JSON.stringify(deliveries.map(headOf)), JSON.stringify(lines), stepsText(steps)])
}

/** Writes what has changed, one statement for all deliveries. Only lines that are not the same object are written. */
export async function updateDeliveries(
  tx: Tx,
  changes: readonly { readonly before: Delivery; readonly after: Delivery }[],
  steps: readonly NewStep[],
): Promise<void> {
  if (changes.length === 0) return
  const changed = changes.flatMap(({ before, after }) => {
    const same = new Set(before.lines)
    return after.lines.filter((line) => !same.has(line)).map((line) => lineOf(after.id, line))
  })
  const gone = changes.flatMap(({ before, after }) => {
    const stay = new Set(after.lines.map((line) => line.line))
    return before.lines.filter((line) => !stay.has(line.line)).map(({ line }) => ({ delivery_id: after.id, line }))
  })
  const heads = JSON.stringify(changes.map(({ after }) => headOf(after)))
  if (changed.length + gone.length === 0) await tx.query(updateHeadsStatement, [heads, tx.now, stepsText(steps)])
  else await tx.query(updateStatement, [heads, JSON.stringify(changed), JSON.stringify(gone), tx.now, stepsText(steps)])
}

/** Sent together with the statement that locks: it runs when the lock was given. */
function readParts(tx: Tx, ids: readonly string[]): Promise<readonly PartsRow[]> {
  return tx.query<PartsRow>(partsStatement, [ids])
}

function whole(heads: readonly HeadRow[], rows: readonly PartsRow[]): readonly StoredDelivery[] {
  const parts = new Map(rows.map((row) => [row.id, row]))
  return heads.map((head) => {
    const { lines, history } = parts.get(head.id) ?? { lines: [], history: [] }
    return { delivery: toDelivery(head, lines), history }
  })
}
