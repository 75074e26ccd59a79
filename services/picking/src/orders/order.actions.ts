/** Takes orders in: remembers each revision once, and lets the order's documents follow. */
import { createHash } from 'node:crypto'
import { refuse, waitFor, wake, type Refusal, type Wait } from '@stockline/service-kit'
import { v7 as uuid } from 'uuid'
import type { Event } from '@stockline/contracts/envelope'
import type { Tx } from '../database.ts'
import {
  orderAfter,
  orderKey,
  standingOf,
  type Order,
  type OrderContent,
  type OrderKind,
  type OrderNews,
} from './order.ts'
import { insertOrder, lockOrder, lockOrdersById, updateOrder } from './order.store.ts'

/** A change that an order's documents follow. The order is saved and locked. */
export interface OrderChange {
  readonly order: Order
  readonly change: OrderNews['change']
  readonly reason: string | null
  /** It was cancelled before, and is wanted again. */
  readonly reopened: boolean
  /** What caused it, for the events that follow from it. */
  readonly causedBy: Event
}

/** The documents that orders of a kind lead to: receipts for purchases, deliveries for sales. */
export interface OrderDocuments {
  /** What such an order lacks before a document can be made of it, a warehouse say; undefined when nothing. */
  readonly lacks: (tx: Tx, content: OrderContent) => Promise<Wait | undefined>
  /** Makes, changes or cancels the order's documents. */
  readonly follow: (tx: Tx, change: OrderChange) => Promise<void>
}

/** Applies what an event tells of an order. Order row first, then its documents: everybody locks in this order. */
export async function takeOrder(
  tx: Tx,
  kind: OrderKind,
  event: Event,
  news: OrderNews,
  documents: OrderDocuments,
): Promise<Refusal | Wait | undefined> {
  const fingerprint = fingerprintOf(event)
  const known = await lockOrder(tx, kind, event.source, news.orderNumber)
  const standing = standingOf(known, news, fingerprint)
  const key = orderKey(kind, event.source, news.orderNumber)
  switch (standing) {
    case 'repeated':
      return undefined
    case 'older':
      return refuse(
        'order-revision-old',
        'state',
        `Order ${news.orderNumber} is at revision ${known?.revision ?? 0}; revision ${news.revision} came too late and changes nothing.`,
      )
    case 'contradicting':
      return refuse(
        'order-revision-contradicts',
        'content',
        `Revision ${news.revision} of order ${news.orderNumber} was told before with other content.`,
      )
    case 'early':
      return waitFor(`Order "${news.orderNumber}" of ${event.source} is not confirmed yet.`, key)
    case 'new':
    case 'newer': {
      const lacking = news.content === null ? undefined : await documents.lacks(tx, news.content)
      if (lacking !== undefined) return lacking
      const told = { id: uuid(), kind, source: event.source, fingerprint, confirmedAt: tx.now }
      const order = orderAfter(known, news, told)
      await (known === undefined ? insertOrder(tx, order) : updateOrder(tx, order))
      const reopened = known?.status === 'cancelled' && order.status === 'open'
      await documents.follow(tx, { order, change: news.change, reason: news.reason, reopened, causedBy: event })
      if (known === undefined) await wake(tx, key)
      return undefined
    }
  }
}

/** Locks orders, in the order of their ids, for those who are about to lock documents of them. */
export async function lockOrders(tx: Tx, ids: readonly string[]): Promise<ReadonlyMap<string, Order>> {
  if (ids.length === 0) return new Map()
  const orders = await lockOrdersById(tx, [...new Set(ids)])
  return new Map(orders.map((order) => [order.id, order]))
}

/** The contract's shape fixes the order of fields, so that equal content has equal text. */
function fingerprintOf(event: Event): string {
  return createHash('sha256')
    .update(JSON.stringify([event.type, event.data]))
    .digest('base64')
}
