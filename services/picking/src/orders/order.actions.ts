/** Takes orders in: remembers each revision once, and lets the order's documents follow. */
import { createHash } from 'node:crypto'
import {
  actingFor,
  isWait,
  refuse,
  parkedRevisions,
  supersede,
  superseded,
  waitFor,
  wake,
  type Refusal,
  type Superseded,
  type Superseding,
  type Wait,
} from '@stockline/service-kit'
import { v7 as uuid } from 'uuid'
import type { Event } from '@stockline/contracts/envelope'
import type { Tx } from '../database.ts'
import { contentOf, contentsOf, readableContent } from './order.content.actions.ts'
import type { NewOrder, IncomingOfKept, OrderDocuments, OrderMessage } from './order.documents.ts'
import {
  asksTheSame,
  orderAfter,
  orderKey,
  standingOf,
  unknownFingerprint,
  type Order,
  type OrderContent,
  type OrderKind,
  type OrderLine,
  type IncomingOrderChange,
  type IncomingContent,
} from './order.ts'
import { linesOf } from './order.quantities.ts'
import { nameUnitsSaidMeanwhile } from './order.units.actions.ts'
import { followedNow, insertOrders, lockOrdersById, lockOrdersByNumber, updateOrder } from './order.store.ts'

/** What was made of the events of one call so far. */
interface Taking {
  readonly tx: Tx
  readonly kind: OrderKind
  readonly documents: OrderDocuments
  readonly told: readonly OrderMessage[]
  readonly incomingOfKept: IncomingOfKept
  /** By {@link orderName}. */
  readonly known: Map<string, Order>
  readonly came: Map<OrderMessage, Refusal | Wait | undefined>
  /** Those that made an order what it is. */
  readonly applied: Set<OrderMessage>
  /** Ids of orders whose documents wait for a product or unit. */
  readonly waiting: Set<string>
}

/**
 * Applies what events tell of orders of a kind, each by what is known then. Order rows first, then their documents,
 * then the counter of document numbers: everybody locks in this order. New orders are taken all at once, before
 * changes, which are taken one by one. What waits is superseded where a higher revision of its order was applied.
 */
export async function takeOrders(
  tx: Tx,
  kind: OrderKind,
  told: readonly OrderMessage[],
  documents: OrderDocuments,
  incomingOfKept: IncomingOfKept,
): Promise<readonly (Refusal | Wait | Superseded | undefined)[]> {
  const named = [...Map.groupBy(told, nameOf).values()].flatMap(([first]) => first ?? [])
  const found = await lockOrdersByNumber(
    tx,
    kind,
    named.map(({ event, incoming }) => ({ source: event.source, orderNumber: incoming.orderNumber })),
  )
  // What is told of one may take a number before the next one's documents are asked for.
  if (found.length > 0 && named.length > 1)
    await documents.lock(
      tx,
      found.map(({ id }) => id),
    )
  const known = new Map(found.map((order) => [orderName(order), order]))
  const taking: Taking = {
    tx,
    kind,
    documents,
    told,
    incomingOfKept,
    known,
    came: new Map(),
    applied: new Set(),
    waiting: new Set(),
  }
  const confirmations = told.filter((one) => one.incoming.change === 'confirmed' && !known.has(nameOf(one)))
  const fresh = [...Map.groupBy(confirmations, nameOf).values()].flatMap(([first]) => first ?? [])
  await takeNew(taking, fresh)
  for (const one of told)
    if (!taking.came.has(one)) taking.came.set(one, await takeChange({ ...taking, tx: actingFor(tx, one.event) }, one))
  const waiting = [...known.values()].filter(({ id }) => taking.waiting.has(id))
  await nameUnitsSaidMeanwhile(tx, waiting, documents.unitNamed)
  const highest = await supersedeAside(taking)
  return told.map((one) => {
    const result = taking.came.get(one)
    const later = highest.get(nameOf(one))
    const isOver = isWait(result) && later !== undefined && later.incoming.revision > one.incoming.revision
    return isOver ? superseded(endedBy(later)) : result
  })
}

function nameOf({ event, incoming }: OrderMessage): string {
  return orderName({ source: event.source, orderNumber: incoming.orderNumber })
}

/** Names an order of a kind: no number holds a line's end. */
function orderName({ source, orderNumber }: Pick<Order, 'source' | 'orderNumber'>): string {
  return `${source}\n${orderNumber}`
}

/** Ends what waits of lower revisions than were applied. Gives the highest that was, of each order. */
async function supersedeAside({ tx, kind, applied }: Taking): Promise<ReadonlyMap<string, OrderMessage>> {
  const highest = new Map<string, OrderMessage>()
  for (const one of applied) {
    const before = highest.get(nameOf(one))
    if (before === undefined || before.incoming.revision < one.incoming.revision) highest.set(nameOf(one), one)
  }
  // Nothing is lower than the first.
  const later = [...highest.values()].filter(({ incoming }) => incoming.revision > 1)
  await supersede(
    tx,
    later.map((one) => ({ about: keyOf(kind, one), revision: one.incoming.revision, ...endedBy(one) })),
  )
  return highest
}

/** How a revision that was applied ends those below it. Who sent it is its actor, else its system. */
function endedBy({ event, incoming }: OrderMessage): Superseding {
  const { id, name } = event.actor ?? { id: event.source, name: event.source }
  const why = `Superseded by revision ${incoming.revision} of order ${incoming.orderNumber}, event "${event.id}".`
  return { by: { id, name }, why, code: 'order-revision-old' }
}

function keyOf(kind: OrderKind, { event, incoming }: OrderMessage): string {
  return orderKey(kind, event.source, incoming.orderNumber)
}

/** Takes orders that nobody has told of before, each by one event that says all of it. Those that lack something wait. */
async function takeNew(
  { tx, kind, documents, known, came, applied, waiting }: Taking,
  told: readonly OrderMessage[],
): Promise<void> {
  if (told.length === 0) return
  const contents = await contentsOf(tx, kind, told, documents)
  const taken = told.flatMap((one, index): NewOrder[] => {
    const placed = contents[index]
    came.set(one, isWait(placed) ? placed : undefined)
    if (placed === undefined || isWait(placed)) return []
    applied.add(one)
    return [{ order: firstOf(tx, kind, one, placed.content), home: placed.home, causedBy: one.event }]
  })
  const orders = taken.map(({ order }) => order)
  for (const order of orders) known.set(orderName(order), order)
  if (orders.length > 0) {
    await insertOrders(tx, orders)
    for (const id of await documents.create(tx, taken)) waiting.add(id)
  }
  // A change that came before its confirmation can be followed now, whether the confirmation can or not.
  await wake(tx, ...told.map((one) => keyOf(kind, one)))
}

function firstOf(tx: Tx, kind: OrderKind, { event, incoming }: OrderMessage, content: OrderContent | null): Order {
  const given = { id: uuid(), kind, source: event.source, fingerprint: fingerprintOf(event), confirmedAt: tx.now }
  return orderAfter(undefined, { ...incoming, content }, given)
}

/**
 * Takes a change of an order that cannot be followed yet: one that was never confirmed waits. Where its confirmation waits for
 * something, a warehouse say, the change is taken in its place.
 */
async function takeEarly(taking: Taking, told: OrderMessage): Promise<Refusal | Wait | undefined> {
  const { tx, kind, known, applied } = taking
  const { event, incoming } = told
  const below = await waitingIncoming(taking, told)
  if (!below.some(({ change }) => change === 'confirmed'))
    return waitFor(`Order "${incoming.orderNumber}" of ${event.source} is not confirmed yet.`, keyOf(kind, told))
  if (incoming.content !== null) {
    await takeNew(taking, [told])
    return taking.came.get(told)
  }
  const whole = below.filter(({ content }) => content !== null)
  const last = whole.reduce((latest, one) => (one.revision > latest.revision ? one : latest), whole[0] ?? incoming)
  const order = firstOf(tx, kind, told, last.content && (await readableContent(tx, kind, event.source, last.content)))
  await insertOrders(tx, [order])
  known.set(orderName(order), order)
  applied.add(told)
  await wake(tx, keyOf(kind, told))
  return undefined
}

/** What is told of the same order and waits: in this call, and set aside before. */
async function waitingIncoming(
  { tx, kind, told, came, incomingOfKept }: Taking,
  of: OrderMessage,
): Promise<readonly IncomingOrderChange<IncomingContent>[]> {
  const name = nameOf(of)
  const here = told.filter((one) => one !== of && nameOf(one) === name && isWait(came.get(one)))
  const aside = await parkedRevisions(tx, [keyOf(kind, of)])
  return [
    ...here.map(({ incoming }) => incoming),
    ...aside.flatMap(({ resolvedAt, event }) => (resolvedAt === null ? (incomingOfKept(event) ?? []) : [])),
  ]
}

/** Takes what is told of an order that is known, or of one whose confirmation has not come. */
async function takeChange(taking: Taking, told: OrderMessage): Promise<Refusal | Wait | undefined> {
  const { tx, kind, documents, known, applied } = taking
  const { event, incoming } = told
  const fingerprint = fingerprintOf(event)
  const before = known.get(nameOf(told))
  switch (standingOf(before, incoming, fingerprint)) {
    case 'repeated':
      return undefined
    case 'older':
      return refuse(
        'order-revision-old',
        'state',
        `Order ${incoming.orderNumber} is at revision ${before?.revision ?? 0}; revision ${incoming.revision} came too late and changes nothing.`,
      )
    case 'contradicting':
      if (before !== undefined && (await isAsKept(tx, told, before))) return undefined
      return refuse(
        'order-revision-contradicts',
        'content',
        `Revision ${incoming.revision} of order ${incoming.orderNumber} was told before with other content.`,
      )
    case 'new':
      // Another confirmation of the same order lacks something.
      await takeNew(taking, [told])
      return taking.came.get(told)
    case 'early':
      return takeEarly(taking, told)
    case 'untold': {
      // Its documents were restored as they were, and are all that it led to.
      const given = { id: uuid(), kind, source: event.source, fingerprint, confirmedAt: tx.now }
      const placed = await contentOf(tx, kind, told, documents)
      if (isWait(placed)) return placed
      const order = orderAfter(before, { ...incoming, content: placed?.content ?? null }, given)
      known.set(orderName(order), order)
      await updateOrder(tx, order)
      await documents.complete(tx, order)
      return undefined
    }
    case 'newer': {
      const placed = await contentOf(tx, kind, told, documents)
      if (isWait(placed)) return placed
      const given = { id: uuid(), kind, source: event.source, fingerprint, confirmedAt: tx.now }
      const order = orderAfter(before, { ...incoming, content: placed?.content ?? null }, given)
      const [lines, home] = [followedLines(before), placed?.home]
      const came = await documents.follow(tx, { order, home, reason: incoming.reason, before: lines, causedBy: event })
      const saved = { ...order, followed: came === 'remembered' ? (lines ?? null) : null }
      known.set(orderName(order), saved)
      await updateOrder(tx, saved)
      applied.add(told)
      if (came === 'waits') taking.waiting.add(order.id)
      return undefined
    }
  }
}

/** Is what is told what the order holds already? Its fingerprint may be of a version that took decimals as they were written. */
async function isAsKept(
  tx: Tx,
  { event: { source }, incoming }: OrderMessage,
  { kind, status, content }: Order,
): Promise<boolean> {
  if (incoming.content === null || status === 'cancelled') return false
  const told = await readableContent(tx, kind, source, incoming.content)
  return told !== null && asksTheSame(told, content)
}

/** What an order's documents follow; undefined where only they tell of it. */
function followedLines(order: Order | undefined): readonly OrderLine[] | undefined {
  if (order === undefined) return undefined
  return order.followed ?? (order.fingerprint === unknownFingerprint ? undefined : linesOf(order))
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
