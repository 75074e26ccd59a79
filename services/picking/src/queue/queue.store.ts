/** The queue: open work of all kinds, within a user's locations. */
import { filtered, type Filtered } from '@stockline/service-kit'
import type { Reader } from '../database.ts'
import { type LocationScope, withinSql } from '@stockline/contracts/locations'

/** One thing to do. */
export interface QueueItem {
  readonly document: 'receipt' | 'delivery' | 'transfer' | 'count-sheet'
  /** The next step. */
  readonly task: 'count' | 'assign' | 'review' | 'pick' | 'put-back' | 'ship' | 'receive' | 'blocked'
  readonly id: string
  readonly number: string
  readonly status: string
  readonly source: string | null
  /** Vendor of a receipt, customer of a delivery. */
  readonly partner: { readonly code: string; readonly name: string } | null
  readonly scheduledDate: string | null
  readonly location: string
  readonly problem: string | null
  readonly version: number
}

/** An item and what the queue is ordered by. */
export interface QueuedItem extends QueueItem {
  readonly dueAt: string
}

interface QueueRow extends Omit<QueuedItem, 'partner'> {
  readonly partnerCode: string | null
  readonly partnerName: string | null
}

/** The user who reads the queue, with their rights. */
export interface Worker {
  readonly id: string
  readonly mayReview: boolean
  /** May give count sheets to people. */
  readonly mayAssign: boolean
  /** May approve what counts found. */
  readonly mayApprove: boolean
  readonly scope: LocationScope
}

function queueStatement(worker: Worker, after: readonly [string, string] | undefined, limit: number): Filtered {
  return filtered(
    ({ all, value, when }) => `
  SELECT document, task, id, number, status, source, "partnerCode", "partnerName", "scheduledDate", location, problem,
    version, "dueAt"
  FROM (
    SELECT 'receipt' AS document, CASE WHEN r.status = 'in_review' THEN 'review' WHEN r.waits_for <> '{}' THEN 'blocked' ELSE 'count' END AS task,
      r.id, r.number, r.status, r.source, r.vendor_code AS "partnerCode", r.vendor_name AS "partnerName",
      r.scheduled_date AS "scheduledDate", r.destination AS location, r.problem, r.version,
      coalesce(to_char(r.scheduled_date, 'YYYY-MM-DD'), '9999-12-31') COLLATE "C" AS "dueAt", r.locations
    FROM receipts r
    WHERE r.open AND (
      r.status IN ('draft', 'in_progress')
      ${worker.mayReview ? `OR (r.status = 'in_review' AND NOT ${value(worker.id)} = ANY (r.counted_by))` : ''})
    UNION ALL
    SELECT 'delivery', 'pick', d.id, d.number, d.status, d.source, d.customer_code, d.customer_name, d.scheduled_date,
      d.locations[1], d.problem, d.version,
      coalesce(to_char(d.scheduled_date, 'YYYY-MM-DD'), '9999-12-31') COLLATE "C", d.locations
    FROM deliveries d WHERE d.open AND d.status IN ('ready', 'in_progress') AND NOT d.puts_back
    UNION ALL
    SELECT 'delivery', 'put-back', d.id, d.number, d.status, d.source, d.customer_code, d.customer_name, d.scheduled_date,
      d.locations[1], d.problem, d.version,
      coalesce(to_char(d.scheduled_date, 'YYYY-MM-DD'), '9999-12-31') COLLATE "C", d.locations
    FROM deliveries d WHERE d.puts_back
    UNION ALL
    SELECT 'transfer', CASE t.status WHEN 'draft' THEN 'ship' ELSE 'receive' END, t.id, t.number, t.status, NULL, NULL, NULL,
      t.scheduled_date, CASE t.status WHEN 'draft' THEN t.source ELSE t.destination END, t.problem, t.version,
      coalesce(to_char(t.scheduled_date, 'YYYY-MM-DD'), '9999-12-31') COLLATE "C",
      ARRAY[CASE t.status WHEN 'draft' THEN t.source ELSE t.destination END]
    FROM transfers t WHERE t.open AND t.status IN ('draft', 'in_transit')
    UNION ALL
    ${countSheets(worker, value(worker.id))}
  ) AS work
  WHERE ${all(
    when(worker.scope, (given) => allWithin('work.locations', given)),
    when(after?.[0], (given) => `("dueAt", id) > (${given}, ${value(after?.[1])}::uuid)`),
  )}
  ORDER BY "dueAt", id LIMIT ${value(limit + 1)}`,
  )
}

/** Count sheets: mine to count; of nobody who can count what is left; or counted, and not by me. */
const countSheets = ({ mayAssign, mayApprove }: Worker, me: string) => `
    SELECT 'count-sheet', CASE WHEN c.status = 'submitted' THEN 'review' WHEN ${isMine(me)} THEN 'count' ELSE 'assign' END,
      c.id, c.number, c.status, NULL, NULL, NULL, c.due_on, c.zone,
      CASE WHEN c.status <> 'submitted' AND c.assignee = ANY (c.not_for) THEN 'Another person must count again.' END, c.version,
      coalesce(to_char(c.due_on, 'YYYY-MM-DD'), '9999-12-31') COLLATE "C", ARRAY[c.zone]
    FROM count_sheets c
    WHERE CASE WHEN c.status = 'submitted' THEN ${mayApprove ? `NOT ${me} = ANY (c.worked_on_by)` : 'false'}
      ELSE ${isMine(me)}${mayAssign ? ' OR c.assignee IS NULL OR c.assignee = ANY (c.not_for)' : ''} END`

const isMine = (me: string) => `coalesce(c.assignee = ${me} AND NOT ${me} = ANY (c.not_for), false)`

/** All of the locations must be inside the scope. */
const allWithin = (locations: string, scope: string) => `NOT EXISTS (
  SELECT 1 FROM unnest(${locations}) AS at (code)
  WHERE NOT ${withinSql('at.code', scope)})`

/** One page of the queue, most urgent first, and one item more when there is another. */
export async function readQueue(
  db: Reader,
  worker: Worker,
  after: readonly [string, string] | undefined,
  limit: number,
): Promise<readonly QueuedItem[]> {
  const { statement, values } = queueStatement(worker, after, limit)
  const rows = await db.query<QueueRow>(statement, values)
  return rows.map(({ partnerCode, partnerName, ...row }) => ({
    ...row,
    partner: partnerCode === null ? null : { code: partnerCode, name: partnerName ?? '' },
  }))
}
