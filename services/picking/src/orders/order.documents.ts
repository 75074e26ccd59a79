/** What orders ask of the documents that they lead to, and what events tell of orders. */
import type { Wait } from '@stockline/service-kit'
import type { Event } from '@stockline/contracts/envelope'
import type { Reader, Tx } from '../database.ts'
import type { CatalogListener } from '../products/product.actions.ts'
import type { OrderPart } from './order.quantities.ts'
import type { Order, OrderContent, OrderLine, OrderNews, ToldContent } from './order.ts'

/** An order that has just become known. It is saved and locked. */
export interface NewOrder {
  readonly order: Order
  /** What told of it, for the events that follow from it. */
  readonly causedBy: Event
}

/** A change that an order's documents follow. The order is locked. */
export interface OrderChange extends NewOrder {
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
  /** What each such order lacks before a document can be made of it, a warehouse say; undefined where nothing. */
  readonly lacks: (tx: Tx, contents: readonly OrderContent[]) => Promise<readonly (Wait | undefined)[]>
  /** Locks the documents that these orders have. */
  readonly lock: (tx: Tx, orderIds: readonly string[]) => Promise<unknown>
  /** Makes the documents of new orders. Gives the ids of those orders whose documents wait for a product or unit. */
  readonly create: (tx: Tx, orders: readonly NewOrder[]) => Promise<readonly string[]>
  /** Gives documents of an order that were restored without it what they lack: partner and date. */
  readonly complete: (tx: Tx, order: Order) => Promise<void>
  /** Changes or cancels the order's documents, or makes more. */
  readonly follow: (tx: Tx, change: OrderChange) => Promise<Followed>
  /** See {@link CatalogListener}. */
  readonly unitNamed: CatalogListener['unitNamed']
  /** The documents that these orders have, in the order in which they were made. */
  readonly read: (db: Reader, orderIds: readonly string[]) => Promise<readonly OrderDocument[]>
}

/** A document of an order, for whoever asks about the order. */
export interface OrderDocument {
  readonly orderId: string
  readonly kind: 'receipt' | 'delivery'
  readonly id: string
  readonly number: string
  readonly status: string
  readonly parts: readonly OrderPart[]
}

/** What an event tells of an order. */
export interface Told {
  readonly event: Event
  readonly news: OrderNews<ToldContent>
}

/** What an event that was set aside tells of an order; undefined where it does not fit its contract any more. */
export type NewsOfKept = (text: string) => OrderNews<ToldContent> | undefined
