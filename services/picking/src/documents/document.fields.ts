/** What documents of orders have besides what every document has. */
import { values } from '@stockline/contracts'
import {
  choice,
  day,
  fixed,
  headFields,
  inAnswers,
  inLists,
  integer,
  json,
  ledgerFields,
  nullable,
  readAs,
  text,
  uuid,
  waitingFields,
} from '@stockline/documents/declaration'
import type { DocumentDetails } from '../orders/order.details.ts'

export { mostLines } from '@stockline/documents/declaration'

/** The order's other fields, but for those that are long. No list is sorted or filtered by one of them. */
const listedDetails = `CASE WHEN d.details IS NOT NULL THEN
  jsonb_build_object('order', (d.details -> 'order') - '{note,references,terms}'::text[], 'lines', '{}'::jsonb) END`

/** Is a document of the kind open: do its order, products, units and locations still change it? */
export const openWhile =
  ({ openWhile: statuses }: { readonly openWhile: readonly string[] }) =>
  ({ status }: { readonly status: string }): boolean =>
    statuses.includes(status)

/** What becomes of what did not come, or was not shipped. */
export const remainders = ['backorder', 'close'] as const

/** The head of a document that may be of an order. @param number an example, for those who read the API's documents */
export function orderedHead<const Status extends string>(number: string, ...statuses: readonly [Status, ...Status[]]) {
  return {
    ...headFields(number, ...statuses),
    ...waitingFields,
    ...ledgerFields,
    orderId: fixed(nullable(uuid())),
    /** The system that the order is from; null where the document was made before 0.2.0. */
    orderSource: fixed(nullable(text())),
    /** Revision of the order that the lines show; a higher one at the order is a change that waits. */
    orderRevision: nullable(integer()),
    source: fixed(inLists(nullable(text()), "The order's number, or what a person wrote.")),
    scheduledDate: inLists(nullable(day(values.date))),
    remainder: inAnswers(nullable(choice(...remainders))),
    backorderOf: fixed(inAnswers(nullable(uuid()))),
    /** What its order says besides; null where that says nothing. */
    details: readAs(nullable(json<DocumentDetails>()), listedDetails),
  }
}

/** A line that may be of an order's line. */
export const orderedLine = {
  sku: inAnswers(text(values.sku)),
  /** The line of the order that asks for it; null on documents made by hand and for what nobody ordered. */
  orderLine: nullable(integer()),
}

/** What lists of them can be sorted by. */
export const orderedSorts = ['createdAt', 'number', 'scheduledDate', 'status'] as const
