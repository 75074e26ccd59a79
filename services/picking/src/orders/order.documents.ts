/** What orders ask of the documents that they lead to, and what events tell of orders. */
import type { Event } from '@stockline/contracts/envelope'
import type { Change, Note } from '@stockline/documents'
import type { Outgoing, Wait } from '@stockline/service-kit'
import type { Reader, Tx } from '../database.ts'
import type { OrderedStore } from '../documents/document.actions.ts'
import type { ReceiptPlace, Warehouse } from '../locations/location.ts'
import type { ReferenceDataListener, Named } from '../products/product.actions.ts'
import type { ReferenceData } from '../products/product.ts'
import type { OrderDraft, OrderedDocument, OrderRules } from './order.follow.ts'
import type { OrderPart } from './order.quantities.ts'
import type { Order, OrderContent, OrderLine, IncomingOrderChange, IncomingContent } from './order.ts'

/** The warehouse that an order names, and the place at which it receives where that was asked for and is known. */
export type Home = Warehouse & { readonly receiptPlace?: ReceiptPlace | null }

/** An order that has just become known. It is saved and locked. */
export interface NewOrder {
  readonly order: Order
  readonly home: Home
  /** What told of it, for the events that follow from it. */
  readonly causedBy: Event
}

/** A change that an order's documents follow. The order is locked. */
export interface OrderChange extends Omit<NewOrder, 'home'> {
  /** Left out where nothing was asked for: of a cancellation, and of a change that waited for the ledger. */
  readonly home?: Home | undefined
  readonly reason: string | null
  /** What the documents followed until now; undefined where that is not known. */
  readonly before: readonly OrderLine[] | undefined
}

/** A change that is worked out, by the transaction's actor, or by nobody where the ledger's answer led to it. */
export interface FollowableChange extends OrderChange {
  readonly by?: null
  /** What documents left open that have just been posted, and stands on none yet. */
  readonly left?: readonly OrderPart[]
}

/**
 * Documents followed a change, and wait for a product or unit or for none; or the ledger is asked about one of them and the change is
 * remembered until it has answered.
 */
export type Followed = 'followed' | 'waits' | 'remembered'

/** The documents that orders of a kind lead to: receipts for purchases, deliveries for sales. */
export interface OrderDocuments {
  /** Where each such order is at home; or what it waits for before a document can be made of it, a warehouse say. */
  readonly homes: (tx: Tx, contents: readonly OrderContent[]) => Promise<readonly (Home | Wait)[]>
  /** Locks the documents that these orders have. */
  readonly lock: (tx: Tx, orderIds: readonly string[]) => Promise<unknown>
  /** Makes the documents of new orders. Gives the ids of those orders whose documents wait for a product or unit. */
  readonly create: (tx: Tx, orders: readonly NewOrder[]) => Promise<readonly string[]>
  /** Gives documents of an order that were restored without it what they lack: partner and date. */
  readonly complete: (tx: Tx, order: Order) => Promise<void>
  /** Changes or cancels the order's documents, or makes more. */
  readonly follow: (tx: Tx, change: OrderChange) => Promise<Followed>
  /** See {@link ReferenceDataListener}. */
  readonly unitNamed: ReferenceDataListener['unitNamed']
  /** The documents that these orders have, in the order in which they were made. */
  readonly read: (db: Reader, orderIds: readonly string[]) => Promise<readonly OrderDocument[]>
}

/** A kind of document that orders lead to: its rules, and how it is kept. The steps of an order's life are the same for all kinds. */
export interface OrderedKind<Document extends OrderedDocument, Draft extends OrderDraft> {
  readonly rules: OrderRules<Document, Draft>
  readonly store: OrderedStore<Document>
  /** Warehouses by code, with what new documents there have to know of them. */
  readonly homesOf: (tx: Tx, codes: readonly string[]) => Promise<ReadonlyMap<string, Home>>
  /** Writes changes, numbers and writes new documents, and tells others: once, and last. */
  readonly save: (tx: Tx, work: OrderWork<Document, Draft>) => Promise<unknown>
  readonly unitNamed: ReferenceDataListener['unitNamed']
}

/** What an order's change or the ledger's answers lead to, before it is written. */
export interface OrderWork<Document, Draft> {
  readonly changes?: readonly CausedChange<Document>[]
  readonly drafts?: readonly CausedDraft<Draft>[]
  /** Events besides those that the kind has to tell of any change. */
  readonly told?: readonly Outgoing[]
  /** By which quantities were computed, where they were. */
  readonly referenceData?: ReferenceData
  /** Where the drafts are at home, where that was read already. */
  readonly homes?: readonly Home[]
}

/** A change, and the event that led to it. */
export interface CausedChange<Document> extends Change<Document> {
  readonly causedBy?: Event | undefined
}

/** A document that is to be made, and the event that led to it. */
export interface CausedDraft<Draft> {
  readonly draft: Draft
  readonly note: Note
  readonly causedBy?: Event | undefined
}

/** A document of an order, for whoever asks about the order. */
export interface OrderDocument {
  readonly orderId: string
  readonly kind: 'receipt' | 'delivery'
  readonly id: string
  readonly number: string
  readonly status: string
  /** What has to be known for its parts. */
  readonly named: readonly Named[]
  readonly parts: (referenceData: ReferenceData) => readonly OrderPart[]
}

/** An event of an order, and what it says. */
export interface OrderMessage {
  readonly event: Event
  readonly incoming: IncomingOrderChange<IncomingContent>
}

/** What an event that was set aside says of an order; undefined where it does not fit its contract any more. */
export type IncomingOfKept = (text: string) => IncomingOrderChange<IncomingContent> | undefined
