/**
 * The head of a document that may be of an order: how it begins, what it takes of its order, what its events publish of it, and how it
 * is made again from them. Each direction once, for all kinds. Pure.
 */
import { dueDateOf, detailsAfter, publishedDetails, type DocumentDetails } from './order.details.ts'
import type { Order } from './order.ts'

/** What is the same for every new document. */
export const newHead = {
  status: 'draft',
  problem: null,
  waitsFor: [],
  remainder: null,
  effectiveAt: null,
  attempt: 0,
  returnsTo: null,
  position: null,
  version: 1,
} as const

/** What a document has that is of no order. */
export const ofNoOrder = { orderId: null, orderSource: null, orderRevision: null, backorderOf: null } as const

/** A new document of an order, as far as that says of it. */
export function headOfOrder(
  order: Order,
  { id, at: createdAt, backorderOf }: { readonly id: string; readonly at: Date; readonly backorderOf: string | null },
) {
  const { id: orderId, source: orderSource, orderNumber: source, content } = order
  return {
    ...newHead,
    ...{ id, createdAt, backorderOf, orderId, orderSource, source },
    warehouse: content.warehouse,
    ...headAfter(order, null),
  }
}

/** What a document takes of each revision of its order. @param details what it kept before: the very same where that is said again */
export function headAfter({ revision: orderRevision, content }: Order, details: DocumentDetails | null) {
  return { orderRevision, scheduledDate: dueDateOf(content), details: detailsAfter(details, content) }
}

/** What goes on with a backorder: the document without what it has become by itself. */
export function headOfBackorder<Document extends { readonly id: string; readonly number: string }>(
  { number: _number, ...document }: Document,
  id: string,
  createdAt: Date,
) {
  return { ...document, ...newHead, id, createdAt, backorderOf: document.id }
}

/** What events of documents publish of every one. */
interface PublishedHead {
  readonly documentId: string
  readonly number: string
  readonly warehouse: string
  readonly order?: { readonly source: string; readonly orderNumber: string; readonly revision: number } | undefined
  readonly backorderOf?: string | undefined
}

/** The order and the document that a document goes back to. Absent where it is made by hand, and is no backorder. */
export function publishedOrigin(document: {
  readonly orderSource: string | null
  readonly orderRevision: number | null
  readonly source: string | null
  readonly backorderOf: string | null
}): Pick<PublishedHead, 'order' | 'backorderOf'> {
  const { orderSource: source, source: orderNumber, orderRevision: revision, backorderOf } = document
  return {
    ...(source === null || orderNumber === null || revision === null
      ? {}
      : { order: { source, orderNumber, revision } }),
    ...(backorderOf === null ? {} : { backorderOf }),
  }
}

/** What is known of a document that is made again, besides what its event says. */
export interface KnownOfLost {
  /** Undefined where it has none, or none that was published. */
  readonly order: Order | undefined
  readonly createdAt: Date
  /** What it is a backorder of, where the event itself does not say. */
  readonly backorderOf: string | null
}

/** A document that is made again, as far as its events publish it. Where they name no order, as before 0.2.0, the one whose event led to them counts. */
export function restoredHead(published: PublishedHead, { order, createdAt, backorderOf }: KnownOfLost) {
  const { documentId: id, number, warehouse, order: named } = published
  return {
    ...newHead,
    ...{ id, number, warehouse, createdAt },
    orderId: order?.id ?? null,
    orderSource: named?.source ?? order?.source ?? null,
    orderRevision: named?.revision ?? order?.revision ?? null,
    source: named?.orderNumber ?? order?.orderNumber ?? null,
    backorderOf: published.backorderOf ?? backorderOf,
  }
}

/** The partner of a restored order; null where nothing of it is known but its number. */
export function partnerOf(order: Order | undefined): Order['content']['partner'] | null {
  return order === undefined || order.content.partner.code === '' ? null : order.content.partner
}

/** What the ledger is asked to post, but for the lines. */
export function publishedPosting(document: {
  readonly id: string
  readonly number: string
  readonly warehouse: string
  readonly attempt: number
  readonly effectiveAt: Date | null
  readonly remainder: 'backorder' | 'close' | null
  readonly details: DocumentDetails | null
  readonly lines: readonly { readonly line: number; readonly orderLine: number | null }[]
}) {
  const { id: documentId, number, warehouse, attempt, effectiveAt, remainder } = document
  return {
    ...{ documentId, number, warehouse, attempt },
    ...(effectiveAt === null ? {} : { effectiveAt: effectiveAt.toISOString() }),
    ...publishedDetails(document),
    ...(remainder === 'close' ? { remainder } : {}),
  }
}

/** A document that waits for the ledger's answer, by what was published when it was asked. */
export function restoredPosting({
  attempt,
  effectiveAt,
  remainder = 'backorder',
}: {
  readonly attempt: number
  readonly effectiveAt?: string | undefined
  readonly remainder?: 'backorder' | 'close' | undefined
}) {
  return {
    ...({ status: 'posting', returnsTo: 'in_progress', problem: null, waitsFor: [] } as const),
    ...{ attempt, remainder },
    effectiveAt: effectiveAt === undefined ? null : new Date(effectiveAt),
  }
}

/** Those who worked on it, with one more; undefined is nobody. */
export function withPerson(people: readonly string[], id: string | undefined): readonly string[] {
  return id === undefined || people.includes(id) ? people : [...people, id]
}
