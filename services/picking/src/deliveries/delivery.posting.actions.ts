/** The ledger's answers: taken or refused, many at once. */
import type { Event } from '@stockline/contracts/envelope'
import type { Outgoing } from '@stockline/service-kit'
import { v7 as uuid } from 'uuid'
import type { Tx } from '../database.ts'
import type { Note } from '../history/history.ts'
import { lockOrders } from '../orders/order.actions.ts'
import type { Order } from '../orders/order.ts'
import {
  isRenumbered,
  refusalText,
  type PostedEvent,
  type PostingListener,
  type RefusedEvent,
} from '../postings/posting.ts'
import { catalogOf } from '../products/product.actions.ts'
import { catalogFor, save, type DeliveryChange, type NewDelivery } from './delivery.actions.ts'
import { amended, draftOf, tooLate } from './delivery.order.actions.ts'
import { amendDelivery, backorderDraft, wantedOf, type Draft } from './delivery.order.ts'
import { storedDeliveries, type StoredDelivery } from './delivery.store.ts'
import { isNeedRefusal, needRefused } from './delivery.reserve.ts'
import type { Delivery } from './delivery.ts'
import { isAnswerTo, postedDelivery, refusedDelivery, remainderOf, type BaseUnitOf } from './delivery.validate.ts'

/** What deliveries do with the ledger's answers. */
export const deliveryPostings: PostingListener = {
  kind: 'delivery',
  posted: deliveriesPosted,
  refused: deliveriesRefused,
}

/** The ledger took deliveries: they are done, and what was not shipped becomes backorders. */
async function deliveriesPosted(tx: Tx, events: readonly PostedEvent[]): Promise<void> {
  const answered = (await lockAnswered(tx, events)).flatMap(({ stored, order, answers }) => {
    const event = answers.find(
      ({ data }) => isAnswerTo(stored.delivery, data.attempt) || isRenumbered(stored.delivery, data),
    )
    return event === undefined ? [] : [{ stored, order, event }]
  })
  const units = await baseUnits(tx, answered)
  const changes: DeliveryChange[] = []
  const drafts: NewDelivery[] = []
  const told: Outgoing[] = []
  for (const { stored, event, order } of answered) {
    if (stored.delivery.status === 'done') {
      const why = `Ledger position ${event.data.position} in place of ${String(stored.delivery.position)}`
      const after = { ...stored.delivery, position: BigInt(event.data.position) }
      changes.push({ stored, after, notes: [{ what: 'posted', why, who: null }], causedBy: event })
      continue
    }
    const after = postedDelivery(stored.delivery, BigInt(event.data.position))
    const notes: Note[] = [{ what: 'posted', why: `Ledger position ${event.data.position}`, who: null }]
    const late = isPending(after, order) ? tooLate(after, order, event) : undefined
    if (late !== undefined) {
      told.push(late.told)
      notes.push({ ...late.note, who: null })
    }
    const draft = late === undefined ? plainBackorder(after, units, tx.now) : await changedBackorder(tx, after, order)
    const note = { what: 'created', why: `Backorder of ${after.number}`, who: null }
    if (draft !== undefined) drafts.push({ draft, note, causedBy: event })
    const followed = order === undefined ? after : { ...after, orderRevision: order.revision }
    changes.push({ stored, after: followed, notes, causedBy: event })
  }
  await save(tx, { changes, drafts: await notBackordered(tx, drafts), told })
}

/** Without those whose backorder was restored from what was told, after the database fell back. */
async function notBackordered(tx: Tx, made: readonly NewDelivery[]): Promise<readonly NewDelivery[]> {
  const there = await storedDeliveries.backordered(
    tx,
    made.flatMap(({ draft }) => draft.backorderOf ?? []),
  )
  return made.filter(({ draft }) => draft.backorderOf === null || !there.has(draft.backorderOf))
}

/**
 * The ledger refused deliveries: they go back to where they were, and follow orders that changed meanwhile. Where it
 * was a need that it refused, they wait and say so.
 */
async function deliveriesRefused(tx: Tx, events: readonly RefusedEvent[]): Promise<void> {
  const answered = await lockAnswered(tx, events)
  const changes: DeliveryChange[] = []
  const drafts: NewDelivery[] = []
  for (const { stored, order, answers } of answered) {
    const notes: Note[] = []
    let now = stored.delivery
    // What an answer means depends on what the one before it did.
    for (const event of answers) {
      const refused = refusedBy(now, event.data)
      if (refused === undefined) continue
      const wasPosting = now.status === 'posting'
      now = refused
      notes.push({ what: 'refused', why: now.problem, who: null })
      if (!wasPosting || !isPending(now, order)) continue
      const { after, elsewhere } = await followLate(tx, now, order)
      notes.push(...amended(stored, after, order, null).notes.map((note) => ({ ...note, who: null })))
      const note = { what: 'created', why: `Order ${order.orderNumber}`, who: null }
      if (elsewhere !== undefined) drafts.push({ draft: elsewhere, note, causedBy: event })
      now = after
    }
    if (now !== stored.delivery) changes.push({ stored, after: now, notes, causedBy: answers.at(-1) })
  }
  await save(tx, { changes, drafts })
}

/** The delivery after a refusal, of a need or of a posting; undefined when it is not for the delivery as it is. */
function refusedBy(delivery: Delivery, data: RefusedEvent['data']): Delivery | undefined {
  const { about = 'posting', attempt } = data
  if (about === 'need') return isNeedRefusal(delivery, attempt) ? needRefused(delivery, refusalText(data)) : undefined
  return isAnswerTo(delivery, attempt) ? refusedDelivery(delivery, refusalText(data)) : undefined
}

/** The change that waited for the ledger. An order that has moved to another warehouse wants its goods from there. */
async function followLate(
  tx: Tx,
  back: Delivery,
  order: Order,
): Promise<{ readonly after: Delivery; readonly elsewhere: Draft | undefined }> {
  const all = (await storedDeliveries.lockOfOrder(tx, order.id)).map(({ delivery }) => delivery)
  const catalog = await catalogFor(tx, all, order.content.lines)
  const stays = order.content.warehouse === back.warehouse
  const after = amendDelivery(back, order, stays ? wantedOf(order, all, catalog) : [], catalog)
  return { after, elsewhere: stays ? undefined : await draftOf(tx, order, all, null) }
}

interface Answered<Answer> {
  readonly stored: StoredDelivery
  readonly order: Order | undefined
  /** In their order; twins and late ones among them. */
  readonly answers: readonly Answer[]
}

/** Deliveries that these events answer, locked after their orders, as everybody does. */
async function lockAnswered<Answer extends Event<{ documentId: string }>>(
  tx: Tx,
  events: readonly Answer[],
): Promise<readonly Answered<Answer>[]> {
  const byId = Map.groupBy(events, (event) => event.data.documentId)
  const ids = [...byId.keys()]
  const orders = await lockOrders(tx, await storedDeliveries.orderIdsOf(tx, ids))
  return (await storedDeliveries.lock(tx, ids)).map((stored) => {
    const { id, orderId } = stored.delivery
    return { stored, order: orderId === null ? undefined : orders.get(orderId), answers: byId.get(id) ?? [] }
  })
}

/** Has the order changed while the ledger was asked? */
function isPending(delivery: Delivery, order: Order | undefined): order is Order {
  return order !== undefined && order.revision > (delivery.orderRevision ?? 0)
}

/** Base units of what backorders will be made of. Mostly there is none, and nothing to ask. */
async function baseUnits(tx: Tx, answered: readonly { readonly stored: StoredDelivery }[]): Promise<BaseUnitOf> {
  const left = answered.flatMap(({ stored }) => remainderOf(stored.delivery, () => undefined))
  const catalog = left.length === 0 ? undefined : await catalogOf(tx, left)
  return (sku) => catalog?.products.get(sku)?.unit
}

function plainBackorder(delivery: Delivery, units: BaseUnitOf, at: Date): Draft | undefined {
  const lines = remainderOf(delivery, units)
  return lines.length === 0 ? undefined : backorderDraft(delivery, lines, uuid(), at)
}

/** What was not shipped, as the changed order wants it now. Rare, so that a query of its own does no harm. */
async function changedBackorder(tx: Tx, delivery: Delivery, order: Order | undefined): Promise<Draft | undefined> {
  if (order === undefined || order.status === 'cancelled') return undefined
  if (remainderOf(delivery, () => undefined).length === 0) return undefined
  const others = (await storedDeliveries.lockOfOrder(tx, order.id)).map((each) => each.delivery)
  const all = others.map((each) => (each.id === delivery.id ? delivery : each))
  return draftOf(tx, order, all, delivery.id)
}
