/**
 * What orders say besides goods and quantities: where they go, when, by whom, notes and references. Read from an event, kept with the
 * order and with its documents, told by these. Orders that say nothing of it have null everywhere, and cost nothing. Pure.
 */
import type { LineDetails, OrderDetails, RemainingLife } from '@stockline/contracts'
import { lineDetailNames, orderDetailNames } from './order.fields.ts'
import type { OrderContent } from './order.ts'

/** What a document keeps of its order: of the whole, and of the order's lines by their numbers. */
export interface DocumentDetails {
  readonly order: OrderDetails
  readonly lines: Readonly<Record<string, LineDetails>>
}

/** What events and answers say of a document. */
export interface PublishedDetails extends OrderDetails {
  readonly lineDetails?: ({ documentLine: number } & LineDetails)[] | undefined
}

/** A document, as far as it says what its order says besides. */
interface OfOrder {
  readonly details: DocumentDetails | null
  readonly lines: readonly { readonly line: number; readonly orderLine: number | null }[]
}

/** What is said of a whole order; null where nothing is. */
export function orderDetailsIn(told: OrderDetails): OrderDetails | null {
  return picked(told, orderDetailNames) ?? null
}

/** What is said of a line; undefined where nothing is. */
export function lineDetailsIn(told: LineDetails): LineDetails | undefined {
  return picked(told, lineDetailNames)
}

/** What documents keep of an order; null where it says nothing besides. */
export function detailsOf({ details, lines }: Pick<OrderContent, 'details' | 'lines'>): DocumentDetails | null {
  const ofLines = lines.flatMap((line) => (line.details === undefined ? [] : [[line.line, line.details] as const]))
  const order = details ?? {}
  return isEmpty(order) && ofLines.length === 0 ? null : { order, lines: linesOf(ofLines) }
}

/** The same of a document that a person makes. */
export function detailsByHand(said: OrderDetails): DocumentDetails | null {
  const order = orderDetailsIn(said)
  return order === null ? null : { order, lines: {} }
}

/** What is kept after a revision: the very same where it says the same. */
export function detailsAfter(before: DocumentDetails | null, content: OrderContent): DocumentDetails | null {
  const now = detailsOf(content)
  return isSame(before, now) ? before : now
}

/** When the documents of an order are due: as it says, else with the earliest of its lines. */
export function dueDateOf({ scheduledDate, lines }: Pick<OrderContent, 'scheduledDate' | 'lines'>): string | null {
  if (scheduledDate !== null) return scheduledDate
  const dates = lines.flatMap(({ details }) => details?.scheduledDate ?? [])
  return dates.reduce<string | null>((first, date) => (first === null || date < first ? date : first), null)
}

/** What the order says of a document's line. */
export function detailsOfLine(details: DocumentDetails | null, orderLine: number | null): LineDetails | undefined {
  return orderLine === null ? undefined : details?.lines[String(orderLine)]
}

/** The lot that the order names for a document's line. */
export function lotOf(details: DocumentDetails | null, orderLine: number | null): string | null {
  return detailsOfLine(details, orderLine)?.lot ?? null
}

/** How much of a lot's life the order wants left for a document's line: its line's, else the whole order's; undefined where neither says. */
export function remainingLifeOf(details: DocumentDetails | null, orderLine: number | null): RemainingLife | undefined {
  return detailsOfLine(details, orderLine)?.minimumRemainingLife ?? details?.order.minimumRemainingLife
}

/** What a document's events tell of it. */
export function publishedDetails({ details, lines }: OfOrder): PublishedDetails {
  if (details === null) return nothingPublished
  const lineDetails = lines.flatMap(({ line: documentLine, orderLine }) => {
    const own = detailsOfLine(details, orderLine)
    return own === undefined ? [] : [{ documentLine, ...own }]
  })
  return lineDetails.length === 0 ? details.order : { ...details.order, lineDetails }
}

const nothingPublished: PublishedDetails = {}

/** What a document kept that told this, by its lines. */
export function restoredDetails(told: PublishedDetails, lines: OfOrder['lines']): DocumentDetails | null {
  const orderLines = new Map(lines.map(({ line, orderLine }) => [line, orderLine]))
  const order = orderDetailsIn(told) ?? {}
  const ofLines = (told.lineDetails ?? []).flatMap(({ documentLine, ...own }) => {
    const orderLine = orderLines.get(documentLine) ?? null
    return orderLine === null ? [] : [[orderLine, own] as const]
  })
  return isEmpty(order) && ofLines.length === 0 ? null : { order, lines: linesOf(ofLines) }
}

/**
 * Do two orders say the same besides?
 *
 * @param kept undefined at `details` where a version kept it that knew none of this
 */
export function saysTheSame(
  told: Pick<OrderContent, 'details' | 'lines'>,
  kept: Pick<OrderContent, 'details' | 'lines'>,
): boolean {
  return kept.details === undefined || isSame(detailsOf(told), detailsOf(kept))
}

/** What it weighs in memory, in rows of a document. */
export function rowsOfDetails(details: DocumentDetails | null): number {
  return details === null ? 0 : Math.ceil(JSON.stringify(details).length / bytesOfRow)
}

const bytesOfRow = 200

/** The fields that say something: empty ones, and those that hold nothing else, are left out. */
function picked<Of extends object>(value: Of, fields: readonly (keyof Of & string)[]): Of | undefined {
  let found: Record<string, unknown> | undefined
  for (const field of fields) {
    const said = saying(value[field])
    if (said !== undefined) (found ??= {})[field] = said
  }
  return found as Of | undefined
}

function saying(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.length === 0 ? undefined : value.map(saying)
  return picked(value as Record<string, unknown>, Object.keys(value))
}

function linesOf(said: readonly (readonly [orderLine: number, details: LineDetails])[]): DocumentDetails['lines'] {
  return Object.fromEntries(said.map(([orderLine, details]) => [String(orderLine), details]))
}

function isEmpty(value: object): boolean {
  return Object.keys(value).length === 0
}

function isSame(one: unknown, other: unknown): boolean {
  return one === other || textOf(one) === textOf(other)
}

/** The database keeps fields in an order of its own. */
function textOf(value: unknown): string {
  return JSON.stringify(value, (_name, item: unknown) =>
    typeof item === 'object' && item !== null && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  )
}
