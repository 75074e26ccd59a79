/** How documents are made again from their events after the database fell back, and what kinds have alike there. Pure. */
import type { Home } from '../orders/order.documents.ts'
import type { KnownOfLost } from '../orders/order.head.ts'
import type { Order } from '../orders/order.ts'
import type { Named } from '../products/product.actions.ts'
import type { ReferenceData } from '../products/product.ts'

/** What a kind publishes of a document: the name of its contract there, and its data. */
export interface DocumentEvent {
  readonly type: string
  readonly data: { readonly documentId: string; readonly number: string; readonly warehouse: string }
}

/** What is known when an event is applied, besides its data. */
export interface KnownOfEvent<Document> extends KnownOfLost {
  /** As it is in the database, or was made from events before this one; undefined where it is not there yet. */
  readonly before: Document | undefined
  /** Who acted. */
  readonly by: string | undefined
  /** The warehouse, where it is known. */
  readonly home: Home | undefined
  readonly referenceData: ReferenceData
}

/** How documents of a kind are made again. All of it is pure. */
export interface RestorableKind<Document, Published extends DocumentEvent> {
  /** The products and units that must be known to apply an event. */
  readonly names: (published: Published, order: Order | undefined) => readonly Named[]
  /** The step of the history that stands for an event, by its type. */
  readonly steps: Readonly<Record<Published['type'], string>>
  /** The document after it; undefined where the database knows of it already, or it says nothing of one that is not there. */
  readonly apply: (published: Published, known: KnownOfEvent<Document>) => Document | undefined
  /** Stands for a document of which nothing was published, so that its number is not given to another one. */
  readonly placeholder: (given: PlaceholderGiven) => Document
  readonly says: Sayings<Published>
  /** Where orders lead to them. */
  readonly ofOrders?: RestorableOfOrders<Document>
}

/** What is said and done of documents that an order may have led to a second time. */
export interface RestorableOfOrders<Document> {
  readonly cancel: (document: Document) => Document
  /** Of a document of which only a change that came too late was published: what is not known. */
  readonly unknown: (id: string) => string
  /** Of a second document for the same goods that cannot be cancelled any more. */
  readonly posted: (second: string, restored: string) => string
  /** Why a second one is cancelled: `is validated`. */
  readonly because: string
  /** Of one that is cancelled and that somebody had begun with; undefined where nobody had. */
  readonly begun: (second: Document) => string | undefined
}

/** What is known of a document of which nothing was published. */
export interface PlaceholderGiven {
  readonly id: string
  readonly number: string
  readonly warehouse: string
  readonly createdAt: Date
}

/** The sentences in which kinds differ. */
interface Sayings<Published> {
  /** `Receipts made again as they were validated` */
  readonly made: string
  /** `Receipts brought to what was told of them` */
  readonly changed: string
  /** `Numbers of receipts that were never validated, kept as cancelled ones` */
  readonly untold: string
  /** What else a person has to know of one that was made again, by its last event. */
  readonly besides: (last: Published) => readonly string[]
}

/** A document of an order, as far as it says whether another one is for the same goods. */
export interface OfOrder {
  readonly id: string
  readonly status: string
  readonly orderId?: string | null
  readonly backorderOf?: string | null
}

/** A document that was made anew for what a restored one is for, since the database fell back. */
export interface Second<Document> {
  readonly restored: Document
  readonly second: Document
}

/**
 * Documents that were made anew for the goods of restored ones.
 *
 * @param others documents of the same orders
 * @param published ids of all documents of which something was published: none of them was made anew
 */
export function secondsAmong<Document extends OfOrder>(
  made: readonly Document[],
  others: readonly Document[],
  published: ReadonlySet<string>,
): readonly Second<Document>[] {
  const ofOrder = Map.groupBy(
    others.filter(({ id, status }) => !published.has(id) && status !== 'cancelled'),
    ({ orderId }) => orderId,
  )
  return made
    .filter(({ orderId, status }) => typeof orderId === 'string' && status !== 'cancelled')
    .flatMap((restored) =>
      (ofOrder.get(restored.orderId) ?? [])
        .filter(({ backorderOf }) => restored.backorderOf === null || backorderOf === restored.backorderOf)
        .map((second) => ({ restored, second })),
    )
}
