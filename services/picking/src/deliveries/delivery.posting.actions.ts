/** The ledger's answers: taken or refused, many at once. */
import type { Event } from '@stockline/contracts/envelope'
import { v7 as uuid } from 'uuid'
import type { Tx } from '../database.ts'
import type { Stored } from '../documents/document.ts'
import { followLate, unitOfWork, isPending, type LateFollowing } from '../documents/document.late.actions.ts'
import { lockOrders } from '../orders/order.actions.ts'
import type { OrderPart } from '../orders/order.quantities.ts'
import type { Order } from '../orders/order.ts'
import {
  isRenumbered,
  refusalText,
  type PostedEvent,
  type PostingListener,
  type RefusedEvent,
} from '../postings/posting.ts'
import { catalogOf } from '../products/product.actions.ts'
import { save, type DeliveryChange, type NewDelivery } from './delivery.actions.ts'
import { followedBy } from './delivery.order.actions.ts'
import { backorderDraft, type Draft } from './delivery.order.ts'
import { storedDeliveries } from './delivery.store.ts'
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
      ({ data }) => isAnswerTo(stored.document, data.attempt) || isRenumbered(stored.document, data),
    )
    return event === undefined ? [] : [{ stored, order, event }]
  })
  const units = await baseUnits(tx, answered)
  const work = unitOfWork<DeliveryChange, NewDelivery>()
  for (const { stored, event, order } of answered) {
    if (stored.document.status === 'done') {
      const why = `Ledger position ${event.data.position} in place of ${String(stored.document.position)}`
      const after = { ...stored.document, position: BigInt(event.data.position) }
      work.change({ stored, after, notes: [{ what: 'posted', why, who: null }], causedBy: event })
      continue
    }
    const after = postedDelivery(stored.document, BigInt(event.data.position))
    const why = `Ledger position ${event.data.position}`
    work.change({ stored, after, notes: [{ what: 'posted', why, who: null }], causedBy: event })
    if (isPending(after, order)) {
      await followLate(tx, { order, causedBy: event, left: leftBy(after, units) }, work, following)
      continue
    }
    const draft = plainBackorder(after, units, tx.now)
    const note = { what: 'created', why: `Backorder of ${after.number}`, who: null }
    if (draft !== undefined) work.drafts.push({ draft, note, causedBy: event })
  }
  await save(tx, { ...work, changes: [...work.changes.values()], drafts: await notBackordered(tx, work.drafts) })
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
  const work = unitOfWork<DeliveryChange, NewDelivery>()
  for (const { stored, order, answers } of await lockAnswered(tx, events)) {
    // What an answer means depends on what the one before it did.
    for (const event of answers) {
      const before = work.changes.get(stored.document.id)?.after ?? stored.document
      const after = refusedBy(before, event.data)
      if (after === undefined) continue
      work.change({ stored, after, notes: [{ what: 'refused', why: after.problem, who: null }], causedBy: event })
      if (before.status === 'posting' && isPending(after, order))
        await followLate(tx, { order, causedBy: event }, work, following)
    }
  }
  await save(tx, { ...work, changes: [...work.changes.values()] })
}

/** The delivery after a refusal, of a need or of a posting; undefined when it is not for the delivery as it is. */
function refusedBy(delivery: Delivery, data: RefusedEvent['data']): Delivery | undefined {
  const { about = 'posting', attempt } = data
  if (about === 'need') return isNeedRefusal(delivery, attempt) ? needRefused(delivery, refusalText(data)) : undefined
  return isAnswerTo(delivery, attempt) ? refusedDelivery(delivery, refusalText(data)) : undefined
}

const following: LateFollowing<Delivery, DeliveryChange, NewDelivery> = {
  lockOfOrder: storedDeliveries.lockOfOrder,
  followedBy,
}

interface Answered<Answer> {
  readonly stored: Stored<Delivery>
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
    const { id, orderId } = stored.document
    return { stored, order: orderId === null ? undefined : orders.get(orderId), answers: byId.get(id) ?? [] }
  })
}

/** Base units of what backorders will be made of. Mostly there is none, and nothing to ask. */
async function baseUnits(tx: Tx, answered: readonly { readonly stored: Stored<Delivery> }[]): Promise<BaseUnitOf> {
  const left = answered.flatMap(({ stored }) => remainderOf(stored.document, () => undefined))
  const catalog = left.length === 0 ? undefined : await catalogOf(tx, left)
  return (sku) => catalog?.products.get(sku)?.unit
}

/** What a delivery leaves open for its order. */
function leftBy(delivery: Delivery, units: BaseUnitOf): readonly OrderPart[] {
  return remainderOf(delivery, units).flatMap(({ orderLine, sku, unit, quantity }) =>
    orderLine === null ? [] : [{ orderLine, sku, unit, quantity, state: 'open' }],
  )
}

function plainBackorder(delivery: Delivery, units: BaseUnitOf, at: Date): Draft | undefined {
  const lines = remainderOf(delivery, units)
  return lines.length === 0 ? undefined : backorderDraft(delivery, lines, uuid(), at)
}
