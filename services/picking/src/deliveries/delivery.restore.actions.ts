/** Deliveries that the database lacks, or knows in an older state, since it fell back: as they were told. */
import type { pickingDeliveryCancelled, pickingDeliveryConfirmed, pickingDeliveryValidated } from '@stockline/contracts'
import type { Event } from '@stockline/contracts/envelope'
import { v7 as uuid } from 'uuid'
import type { z } from 'zod'
import type { Tx } from '../database.ts'
import { putBack } from '../documents/document.restore.actions.ts'
import { numberParts } from '../numbers/number.ts'
import type { Order } from '../orders/order.ts'
import { catalogOf } from '../products/product.actions.ts'
import { givenTwice, listed, madeAt, restoredNote, secondsAmong, type ToldAt } from '../restoring/restore.ts'
import { save, type DeliveryChange } from './delivery.actions.ts'
import { cancelledDelivery, draftByHand, endedDelivery } from './delivery.order.ts'
import { deliveryOfNeed, deliveryShipped } from './delivery.restore.ts'
import { storedDeliveries } from './delivery.store.ts'
import { isBegun, isOpen, type Delivery } from './delivery.ts'

/** An event of a delivery, apart by what it says. */
export type ToldOfDelivery =
  | { readonly says: 'needed'; readonly event: Event<z.output<typeof pickingDeliveryConfirmed.data>> }
  | { readonly says: 'shipped'; readonly event: Event<z.output<typeof pickingDeliveryValidated.data>> }
  | { readonly says: 'cancelled'; readonly event: Event<z.output<typeof pickingDeliveryCancelled.data>> }

/** What was told of deliveries, in its order. */
export interface LostDeliveries {
  readonly told: readonly ToldOfDelivery[]
  /** Revisions of orders that came too late for documents, by document id. */
  readonly tooLate: ReadonlyMap<string, number>
  /** All that was told, of any delivery. */
  readonly toldNumbers: readonly string[]
  readonly orderOf: (event: Event) => Order | undefined
  /** What a delivery was a backorder of, by the event that led to it. */
  readonly backorderOf: (event: Event) => string | null
}

/** Brings deliveries to what was told of them; stock's answers follow when they are taken again. */
export async function restoreDeliveries(
  tx: Tx,
  lost: LostDeliveries,
): Promise<{ readonly done: readonly string[]; readonly open: readonly string[] }> {
  const told = Map.groupBy(lost.told, ({ event }) => event.data.documentId)
  const ids = [...new Set([...told.keys(), ...lost.tooLate.keys()])]
  const stored = new Map((await storedDeliveries.lock(tx, ids)).map((one) => [one.document.id, one]))
  const apply = await rulesFor(tx, lost)
  const changes: DeliveryChange[] = []
  const made: { document: Delivery; note: ReturnType<typeof restoredNote> }[] = []
  const open: string[] = []
  for (const id of ids) {
    const before = stored.get(id)
    const { delivery, last } = apply(before?.document, told.get(id) ?? [])
    if (delivery === undefined) {
      open.push(`Delivery ${id} is told of, and what it needs is not: look at its order.`)
      continue
    }
    const revision = lost.tooLate.get(id) ?? 0
    const late = delivery.status === 'done' && revision > (delivery.orderRevision ?? 0)
    const after = late ? { ...delivery, orderRevision: revision } : delivery
    if (after === before?.document) continue
    const note = restoredNote(last?.says ?? 'order-change-too-late', last ?? { time: '', actor: null })
    if (before === undefined) made.push({ document: after, note })
    else changes.push({ stored: before, after, notes: [note] })
  }
  const documents = made.map(({ document }) => document)
  const seconds = await cancelSeconds(tx, documents, new Set(ids))
  // What is restored was told before: stock hears of it no second time.
  await storedDeliveries.update(tx, changes)
  const { untold, renumbered } = await putBack(tx, storedDeliveries, {
    made,
    toldNumbers: lost.toldNumbers,
    placeholder: (number) => placeholder(number, tx.now),
    why: { what: 'cancelled', why: whyUntold, who: null },
  })
  await save(tx, { changes: seconds.changes })
  const names = (of: readonly { readonly number: string }[]) => listed(of.map(({ number }) => number))
  return {
    done: [
      ...(made.length === 0 ? [] : [`Deliveries made again as they were told: ${names(documents)}.`]),
      ...(changes.length === 0
        ? []
        : [`Deliveries brought to what was told of them: ${names(changes.map((one) => one.after))}.`]),
      ...(untold.length === 0
        ? []
        : [`Numbers of deliveries of which nothing was told, kept as cancelled ones: ${listed(untold)}.`]),
      ...seconds.done,
    ],
    open: [...open, ...seconds.open, ...renumbered.map((one) => givenTwice('delivery', one))],
  }
}

const whyUntold =
  'The database fell back, and nothing was told of the delivery that had this number. If it was made of an order, the order ' +
  'makes it again under another number.'

/** Applies what was told of one delivery, in order. */
async function rulesFor(tx: Tx, { told, orderOf, backorderOf }: LostDeliveries) {
  const needs = told.flatMap((one) => (one.says === 'needed' ? [one.event] : []))
  const named = needs.flatMap((event) => [...event.data.lines, ...(orderOf(event)?.content.lines ?? [])])
  const catalog = await catalogOf(tx, named)
  return (before: Delivery | undefined, events: readonly ToldOfDelivery[]) => {
    let delivery = before
    let last: (ToldAt & { says: string }) | undefined
    for (const one of events) {
      const { event } = one
      const at = { time: event.time ?? '', actor: event.actor ?? null }
      let after: Delivery | undefined
      if (one.says === 'needed') {
        const made = { createdAt: madeAt(event.data.documentId, at), backorderOf: backorderOf(event) }
        after = deliveryOfNeed(one.event.data, { delivery, order: orderOf(event), ...made, catalog })
      } else if (delivery === undefined) continue
      else if (one.says === 'shipped') after = deliveryShipped(one.event.data, delivery, event.actor?.id)
      else after = delivery.status === 'done' || delivery.status === 'posting' ? undefined : endedDelivery(delivery)
      if (after === undefined) continue
      delivery = after
      last = {
        ...at,
        says: one.says === 'needed' ? 'order-changed' : one.says === 'shipped' ? 'validated' : 'cancelled',
      }
    }
    return { delivery, last }
  }
}

/** Deliveries that were made anew for the same goods are cancelled; of one that was posted a person must decide. */
async function cancelSeconds(
  tx: Tx,
  made: readonly Delivery[],
  told: ReadonlySet<string>,
): Promise<{ readonly changes: readonly DeliveryChange[]; readonly done: string[]; readonly open: string[] }> {
  const [done, open]: [string[], string[]] = [[], []]
  const changes = new Map<string, DeliveryChange>()
  const orders = made.flatMap(({ orderId }) => orderId ?? [])
  const ids = orders.length === 0 ? [] : await storedDeliveries.lockAllOfOrders(tx, orders)
  const others = new Map((await storedDeliveries.lock(tx, ids)).map((one) => [one.document, one]))
  for (const { restored, second } of secondsAmong(made, [...others.keys()], told)) {
    const { id, number, status } = second
    const stored = others.get(second)
    if (stored === undefined || !isOpen(status)) {
      open.push(`${number} and ${restored.number} are for the same goods, and ${number} is posted: look at both.`)
      continue
    }
    const why = `${restored.number}, restored after the database fell back, is for the same goods.`
    changes.set(id, { stored, after: cancelledDelivery(second), notes: [{ what: 'cancelled', why, who: null }] })
    done.push(`${number} is cancelled: ${restored.number} is for the same goods, and was told before.`)
    if (isBegun(second)) open.push(`${number} was picked before it was cancelled: put back what was picked.`)
  }
  return { changes: [...changes.values()], done, open }
}

/** Stands for a delivery of which nothing was told, so that its number is not given to another one. */
function placeholder(number: string, createdAt: Date): Delivery {
  const warehouse = numberParts(number)?.warehouse ?? ''
  const given = {
    source: null,
    customer: null,
    scheduledDate: null,
    priority: 5,
    allowPartial: false,
    details: null,
    createdAt,
  }
  const draft = draftByHand({ id: uuid(), warehouse, ...given }, [], { products: new Map(), units: new Map() })
  return cancelledDelivery({ ...draft, needRevision: 0, number })
}
