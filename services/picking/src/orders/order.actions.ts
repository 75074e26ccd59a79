/** Takes orders in: remembers each revision once, and lets the order's documents follow. */
import { createHash } from 'node:crypto'
import { actingFor, isRefusal, refuse, waitFor, wake, type Refusal, type Wait } from '@stockline/service-kit'
import { v7 as uuid } from 'uuid'
import type { Event } from '@stockline/contracts/envelope'
import type { Reader, Tx } from '../database.ts'
import {
  orderAfter,
  orderKey,
  standingOf,
  untoldFingerprint,
  type Order,
  type OrderContent,
  type OrderKind,
  type OrderLine,
  type OrderNews,
} from './order.ts'
import { linesOf, type OrderPart } from './order.quantities.ts'
import { followedNow, insertOrders, lockOrdersById, lockOrdersByNumber, updateOrder } from './order.store.ts'

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

/** Documents followed a change, or the ledger is asked about one of them and the change is remembered until it has answered. */
export type Followed = 'followed' | 'remembered'

/** The documents that orders of a kind lead to: receipts for purchases, deliveries for sales. */
export interface OrderDocuments {
  /** What each such order lacks before a document can be made of it, a warehouse say; undefined where nothing. */
  readonly lacks: (tx: Tx, contents: readonly OrderContent[]) => Promise<readonly (Wait | undefined)[]>
  /** Locks the documents that these orders have. */
  readonly lock: (tx: Tx, orderIds: readonly string[]) => Promise<unknown>
  /** Makes the documents of new orders. */
  readonly create: (tx: Tx, orders: readonly NewOrder[]) => Promise<void>
  /** Gives documents of an order that were restored without it what they lack: partner and date. */
  readonly complete: (tx: Tx, order: Order) => Promise<void>
  /** Changes or cancels the order's documents, or makes more. */
  readonly follow: (tx: Tx, change: OrderChange) => Promise<Followed>
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
  readonly news: OrderNews
  /** Behind one that waits, those of its lane wait too. */
  readonly lane: string
}

/**
 * Applies what events tell of orders of a kind, each by what is known then. Order rows first, then their documents,
 * then the counter of document numbers: everybody locks in this order. New orders are taken all at once, before
 * changes, which are taken one by one.
 */
export async function takeOrders(
  tx: Tx,
  kind: OrderKind,
  told: readonly Told[],
  documents: OrderDocuments,
): Promise<readonly (Refusal | Wait | undefined)[]> {
  const named = [...Map.groupBy(told, nameOf).values()].flatMap(([first]) => first ?? [])
  const found = await lockOrdersByNumber(
    tx,
    kind,
    named.map(({ event, news }) => ({ source: event.source, orderNumber: news.orderNumber })),
  )
  // What is told of one may take a number before the next one's documents are asked for.
  if (found.length > 0 && named.length > 1)
    await documents.lock(
      tx,
      found.map(({ id }) => id),
    )
  const known = new Map(found.map((order) => [orderName(order), order]))
  const confirmations = told.filter((one) => one.news.change === 'confirmed' && !known.has(nameOf(one)))
  const fresh = [...Map.groupBy(confirmations, nameOf).values()].flatMap(([first]) => first ?? [])
  const taken = await takeNew(tx, kind, fresh, documents, known)
  const waiting = new Map<string, Wait>()
  const came: (Refusal | Wait | undefined)[] = []
  for (const one of told) {
    const take = () => takeChange(actingFor(tx, one.event), kind, one, documents, known)
    const result = waiting.get(one.lane) ?? (taken.has(one) ? taken.get(one) : await take())
    if (result !== undefined && !isRefusal(result)) waiting.set(one.lane, result)
    came.push(result)
  }
  return came
}

function nameOf({ event, news }: Told): string {
  return orderName({ source: event.source, orderNumber: news.orderNumber })
}

/** Names an order of a kind: no number holds a line's end. */
function orderName({ source, orderNumber }: Pick<Order, 'source' | 'orderNumber'>): string {
  return `${source}\n${orderNumber}`
}

/** Takes orders that nobody has told of before. Adds those that lack nothing to what is known. */
async function takeNew(
  tx: Tx,
  kind: OrderKind,
  told: readonly Told[],
  documents: OrderDocuments,
  known: Map<string, Order>,
): Promise<Map<Told, Refusal | Wait | undefined>> {
  const came = new Map<Told, Refusal | Wait | undefined>()
  if (told.length === 0) return came
  const contents = told.map(({ news }) => news.content ?? nothingOrdered(news))
  const lacking = await documents.lacks(tx, contents)
  const taken = told.flatMap((one, index): NewOrder[] => {
    came.set(one, lacking[index])
    if (lacking[index] !== undefined) return []
    const { event, news } = one
    const given = { id: uuid(), kind, source: event.source, fingerprint: fingerprintOf(event), confirmedAt: tx.now }
    return [{ order: orderAfter(undefined, news, given), causedBy: event }]
  })
  if (taken.length === 0) return came
  const orders = taken.map(({ order }) => order)
  for (const order of orders) known.set(orderName(order), order)
  await insertOrders(tx, orders)
  await documents.create(tx, taken)
  await wake(tx, ...orders.map((order) => orderKey(kind, order.source, order.orderNumber)))
  return came
}

/** Takes what is told of an order that is known, or of one whose confirmation has not come. */
async function takeChange(
  tx: Tx,
  kind: OrderKind,
  told: Told,
  documents: OrderDocuments,
  known: Map<string, Order>,
): Promise<Refusal | Wait | undefined> {
  const { event, news } = told
  const fingerprint = fingerprintOf(event)
  const before = known.get(nameOf(told))
  switch (standingOf(before, news, fingerprint)) {
    case 'repeated':
      return undefined
    case 'older':
      return refuse(
        'order-revision-old',
        'state',
        `Order ${news.orderNumber} is at revision ${before?.revision ?? 0}; revision ${news.revision} came too late and changes nothing.`,
      )
    case 'contradicting':
      return refuse(
        'order-revision-contradicts',
        'content',
        `Revision ${news.revision} of order ${news.orderNumber} was told before with other content.`,
      )
    case 'new':
      throw new Error(`Order ${news.orderNumber} is new, and was not taken with the others that are.`)
    case 'early':
      return waitFor(
        `Order "${news.orderNumber}" of ${event.source} is not confirmed yet.`,
        orderKey(kind, event.source, news.orderNumber),
      )
    case 'untold': {
      // Its documents were restored as they were, and are all that it led to.
      const given = { id: uuid(), kind, source: event.source, fingerprint, confirmedAt: tx.now }
      const order = orderAfter(before, news, given)
      known.set(orderName(order), order)
      await updateOrder(tx, order)
      await documents.complete(tx, order)
      return undefined
    }
    case 'newer': {
      const [lacking] = news.content === null ? [] : await documents.lacks(tx, [news.content])
      if (lacking !== undefined) return lacking
      const given = { id: uuid(), kind, source: event.source, fingerprint, confirmedAt: tx.now }
      const order = orderAfter(before, news, given)
      const lines = followedLines(before)
      const came = await documents.follow(tx, { order, reason: news.reason, before: lines, causedBy: event })
      const saved = { ...order, followed: came === 'remembered' ? (lines ?? null) : null }
      known.set(orderName(order), saved)
      await updateOrder(tx, saved)
      return undefined
    }
  }
}

/** What an order's documents follow; undefined where only they tell of it. */
function followedLines(order: Order | undefined): readonly OrderLine[] | undefined {
  if (order === undefined) return undefined
  return order.followed ?? (order.fingerprint === untoldFingerprint ? undefined : linesOf(order))
}

function nothingOrdered(news: OrderNews): never {
  throw new Error(`Order ${news.orderNumber} was confirmed without content.`)
}

/** Locks orders, in the order of their ids, for those who are about to lock documents of them. */
export async function lockOrders(tx: Tx, ids: readonly string[]): Promise<ReadonlyMap<string, Order>> {
  if (ids.length === 0) return new Map()
  const orders = await lockOrdersById(tx, [...new Set(ids)])
  return new Map(orders.map((order) => [order.id, order]))
}

/** A change that was remembered is followed now. */
export async function changeFollowed(tx: Tx, order: Order): Promise<void> {
  if (order.followed !== null) await followedNow(tx, order.id)
}

/** The contract's shape fixes the order of fields, so that equal content has equal text. */
export function fingerprintOf(event: Event): string {
  return createHash('sha256')
    .update(JSON.stringify([event.type, event.data]))
    .digest('base64')
}
