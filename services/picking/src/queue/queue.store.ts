/** The queue: open work of all kinds, within somebody's locations. */
import { sql } from '@stockline/service-kit'
import type { Reader } from '../database.ts'
import type { Scope } from '../locations/location.ts'

/** One thing to do. */
export interface QueueItem {
  readonly document: 'receipt' | 'delivery'
  /** What is to be done with it next. */
  readonly task: 'count' | 'review' | 'pick' | 'blocked'
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

// Every row acts on all its locations, since acting needs all of them inside.
const queueStatement = sql(`
  SELECT document, task, id, number, status, source, "partnerCode", "partnerName", "scheduledDate", location, problem,
    version, "dueAt"
  FROM (
    SELECT 'receipt' AS document, CASE WHEN r.status = 'in_review' THEN 'review' WHEN r.waits_for <> '{}' THEN 'blocked' ELSE 'count' END AS task,
      r.id, r.number, r.status, r.source, r.vendor_code AS "partnerCode", r.vendor_name AS "partnerName",
      r.scheduled_date AS "scheduledDate", r.destination AS location, r.problem, r.version,
      coalesce(to_char(r.scheduled_date, 'YYYY-MM-DD'), '9999-12-31') COLLATE "C" AS "dueAt", r.locations
    FROM receipts r
    WHERE r.open AND (
      r.status IN ('draft', 'in_progress') OR (r.status = 'in_review' AND $1 AND NOT $2 = ANY (r.counted_by)))
    UNION ALL
    SELECT 'delivery', 'pick', d.id, d.number, d.status, d.source, d.customer_code, d.customer_name, d.scheduled_date,
      d.locations[1], d.problem, d.version,
      coalesce(to_char(d.scheduled_date, 'YYYY-MM-DD'), '9999-12-31') COLLATE "C", d.locations
    FROM deliveries d WHERE d.open AND d.status IN ('ready', 'in_progress')
  ) AS work
  WHERE ($3::text[] IS NULL OR NOT EXISTS (
      SELECT 1 FROM unnest(work.locations) AS at (code)
      WHERE NOT EXISTS (
        SELECT 1 FROM unnest($3::text[]) AS inside (code)
        WHERE at.code = inside.code OR starts_with(at.code, inside.code || '/'))))
    AND ($4::text IS NULL OR ("dueAt", id) > ($4, $5::uuid))
  ORDER BY "dueAt", id LIMIT $6`)

/** Who asks, and what they may do. */
export interface Worker {
  readonly id: string
  readonly mayReview: boolean
  readonly scope: Scope
}

/** One page of the queue, most urgent first, and one item more when there is another. */
export async function readQueue(
  db: Reader,
  worker: Worker,
  after: readonly [string, string] | undefined,
  limit: number,
): Promise<readonly QueuedItem[]> {
  const rows = await db.query<QueueRow>(queueStatement, [
    worker.mayReview,
    worker.id,
    worker.scope,
    after?.[0] ?? null,
    after?.[1] ?? null,
    limit + 1,
  ])
  return rows.map(({ partnerCode, partnerName, ...row }) => ({
    ...row,
    partner: partnerCode === null ? null : { code: partnerCode, name: partnerName ?? '' },
  }))
}
