/** Documents in lists: filtered, within the location scope, page by page. What receipts and deliveries have in common. */
import { values } from '@stockline/contracts'
import { filtered, refuse, Refused, type Filtered } from '@stockline/service-kit'
import { z } from 'zod'
import type { Reader } from '../database.ts'
import type { Scope } from '../locations/location.ts'

/** What a list can be ordered by: receipts have no priority. */
const receiptFields = ['createdAt', 'number', 'scheduledDate', 'status'] as const
const deliveryFields = [...receiptFields, 'priority'] as const
type SortField = (typeof deliveryFields)[number]
export type Sort = SortField | `-${SortField}`

/** The order in which each may be asked for, for the shape of a query. */
export const receiptSorts = receiptFields.flatMap((field) => [field, `-${field}`] as const)
export const deliverySorts = deliveryFields.flatMap((field) => [field, `-${field}`] as const)

/** Which documents. */
export interface ListAsked {
  readonly table: 'receipts' | 'deliveries'
  /** Columns of the table `d` that are shown. `sortedBy` is added: the first part of the cursor. */
  readonly columns: string
  /** Columns and what they must be equal to; those that are undefined are not asked. */
  readonly equal: Readonly<Record<string, string | undefined>>
  readonly status: string | undefined
}

/** Which page of them. */
export interface ListPage {
  /** Seeing needs one of the document's locations inside. */
  readonly scope: Scope
  readonly sort: Sort
  /** What the page before ended with: what it is ordered by, and the id. */
  readonly after: readonly [string, string] | undefined
  readonly limit: number
}

/** What a cursor of each type may say: one of another order may hold any text. */
const cursorTexts = {
  text: z.string(),
  timestamptz: z
    .string()
    .transform((text) => `${text}Z`)
    .pipe(values.instant),
  int: z.string().regex(/^\d{1,9}$/),
}

/** What a list is sorted by, before the id: ids are made in the order of time, and break ties. */
interface Sorting {
  readonly by: string
  /** The same as text, for the cursor. */
  readonly text: string
  /** As what the cursor's text is compared. */
  readonly type: keyof typeof cursorTexts
}

/** What orders say besides, but for what is long: lists sort and filter by none of it, and floors look for it. */
export const listedDetails = `CASE WHEN d.details IS NOT NULL THEN
  jsonb_build_object('order', (d.details -> 'order') - '{note,references,terms}'::text[], 'lines', '{}'::jsonb) END`

const dueDate = `coalesce(to_char(d.scheduled_date, 'YYYY-MM-DD'), '9999-12-31') COLLATE "C"`
// The time with its microseconds, which a Date does not keep.
const createdAt = `to_char(d.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US')`
// As documents live, from the first status to the last.
const statusRank = `array_position(
  '{draft,waiting,ready,in_progress,in_review,posting,done,cancelled}'::text[], d.status)`
const sortings: ReadonlyMap<string, Sorting> = new Map<SortField, Sorting>([
  ['createdAt', { by: 'd.created_at', text: createdAt, type: 'timestamptz' }],
  ['number', { by: 'd.number COLLATE "C"', text: 'd.number', type: 'text' }],
  ['scheduledDate', { by: dueDate, text: dueDate, type: 'text' }],
  ['status', { by: statusRank, text: `${statusRank}::text`, type: 'int' }],
  ['priority', { by: 'd.priority', text: 'd.priority::text', type: 'int' }],
])

/** One page, and one document more when there is another. */
export async function listDocuments<Row>(db: Reader, asked: ListAsked, page: ListPage): Promise<Row[]> {
  // Nothing is inside of nothing: that need not be looked for in all that there is.
  if (page.scope?.length === 0) return []
  const { statement, values: given } = pageStatement(asked, page)
  return db.query<Row>(statement, given)
}

function pageStatement(asked: ListAsked, { scope, sort, after, limit }: ListPage): Filtered {
  const sorting = sortings.get(sort.replace('-', ''))
  if (sorting === undefined) throw new Error(`Documents cannot be sorted by ${sort}.`)
  const { by, text, type } = sorting
  const [direction, beyond] = sort.startsWith('-') ? ['DESC', '<'] : ['ASC', '>']
  const place = after === undefined ? undefined : placeOf(after[0], type)
  return filtered(({ all, value, when }) => {
    const equal = (column: string, wanted: string | undefined) => when(wanted, (given) => `d.${column} = ${given}`)
    const conditions = all(
      ...Object.entries(asked.equal).map(([column, wanted]) => equal(column, wanted)),
      equal('status', asked.status),
      isOpen(asked.status) ? 'd.open' : undefined,
      when(scope, seen),
      when(place, (given) => `(${by}, d.id) ${beyond} (${given}::${type}, ${value(after?.[1])}::uuid)`),
    )
    return `
      SELECT ${asked.columns}, ${text} AS "sortedBy"
      FROM ${asked.table} d WHERE ${conditions}
      ORDER BY ${by} ${direction}, d.id ${direction} LIMIT ${value(limit + 1)}`
  })
}

const seen = (scope: string) => `EXISTS (
  SELECT 1 FROM unnest(d.locations) AS at (code), unnest(${scope}::text[]) AS inside (code)
  WHERE at.code = inside.code OR starts_with(at.code, inside.code || '/'))`

/** What is open has an index. A status has none, since it changes with each step. */
function isOpen(status: string | undefined): boolean {
  return status !== undefined && status !== 'done' && status !== 'cancelled'
}

function placeOf(text: string, type: Sorting['type']): string {
  const place = cursorTexts[type].safeParse(text)
  if (place.success) return place.data
  throw new Refused(
    refuse('cursor-unreadable', 'content', 'The cursor is not one that this order gave out. Start without a cursor.', [
      { pointer: '?cursor', message: 'is not a cursor of this order' },
    ]),
  )
}
