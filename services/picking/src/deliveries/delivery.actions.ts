/** What all actions on deliveries share: locking, saving with history, numbering new ones, telling stock what they need. */
import { formatQuantity } from '@stockline/amounts'
import { pickingDeliveryAmended, pickingDeliveryCancelled, pickingDeliveryConfirmed } from '@stockline/contracts'
import type { Event } from '@stockline/contracts/envelope'
import { event, publish, Refused, refuse, type Outgoing } from '@stockline/service-kit'
import type { Tx } from '../database.ts'
import { remember } from '../history/history.actions.ts'
import type { HistoryStep, Note } from '../history/history.ts'
import { takeNumbers } from '../numbers/number.actions.ts'
import { catalogForWaiting } from '../products/product.actions.ts'
import type { Catalog } from '../products/product.ts'
import type { Draft } from './delivery.order.ts'
import { insertDeliveries, lockDeliveries, updateDeliveries, type StoredDelivery } from './delivery.store.ts'
import type { Delivery } from './delivery.ts'

/** A delivery, what becomes of it, and what its history says about it. */
export interface DeliveryChange {
  readonly stored: StoredDelivery
  readonly after: Delivery
  readonly notes: readonly Note[]
  /** What led to it, where the transaction's origin does not say. */
  readonly causedBy?: Event | undefined
}

/** The delivery, locked. */
export async function lockDelivery(tx: Tx, id: string): Promise<StoredDelivery> {
  const [stored] = await lockDeliveries(tx, [id])
  if (stored === undefined) throw new Refused(refuse('delivery-unknown', 'unknown', 'There is no such delivery.'))
  return stored
}

/** What is known of the products and units on deliveries, and of what else is named. */
export async function catalogFor(
  tx: Tx,
  deliveries: readonly Pick<Delivery, 'lines'>[],
  others: readonly { readonly sku: string; readonly unit?: string | undefined }[] = [],
): Promise<Catalog> {
  return catalogForWaiting(tx, [...deliveries.flatMap((delivery) => delivery.lines), ...others])
}

/**
 * Saves changes of any number of deliveries, tells stock where their needs changed or ended, and gives them back as
 * they are now.
 */
export async function saveChanges(tx: Tx, changes: readonly DeliveryChange[]): Promise<readonly StoredDelivery[]> {
  const raised = changes.map(({ stored, after }) => ({
    before: stored.delivery,
    after: { ...after, version: stored.delivery.version + 1 },
  }))
  await updateDeliveries(tx, raised)
  const steps = await remember(
    tx,
    changes.flatMap(({ after, notes }) => notes.map((note) => ({ documentId: after.id, note }))),
  )
  const told = changes.flatMap(({ stored, after, causedBy }) => newsForStock(stored.delivery, after, causedBy))
  if (told.length > 0) await publish(tx, ...told)
  let next = 0
  return changes.map(({ stored, notes }, index) => {
    const added: readonly HistoryStep[] = steps.slice(next, (next += notes.length))
    return { delivery: raised[index]?.after ?? stored.delivery, history: [...stored.history, ...added] }
  })
}

/** Gives drafts their numbers, saves them, and tells stock what they need. Do it last in a transaction. */
export async function createDeliveries(
  tx: Tx,
  drafts: readonly { readonly draft: Draft; readonly note: Note; readonly causedBy?: Event | undefined }[],
): Promise<readonly StoredDelivery[]> {
  if (drafts.length === 0) return []
  const numbers = new Map<string, string[]>()
  for (const warehouse of [...new Set(drafts.map(({ draft }) => draft.warehouse))].sort()) {
    const count = drafts.filter(({ draft }) => draft.warehouse === warehouse).length
    numbers.set(warehouse, [...(await takeNumbers(tx, warehouse, 'OUT', count))])
  }
  const deliveries = drafts.map(({ draft }): Delivery => {
    const number = numbers.get(draft.warehouse)?.shift()
    if (number === undefined) throw new Error(`No number was taken for a delivery in ${draft.warehouse}.`)
    return { ...draft, number }
  })
  await insertDeliveries(tx, deliveries)
  const steps = await remember(
    tx,
    drafts.map(({ draft, note }) => ({ documentId: draft.id, note })),
  )
  const told = deliveries.flatMap((delivery, index) =>
    delivery.needRevision === 0 ? [] : [needOf(delivery, drafts[index]?.causedBy)],
  )
  if (told.length > 0) await publish(tx, ...told)
  return deliveries.map((delivery, index) => ({ delivery, history: steps.slice(index, index + 1) }))
}

/** What stock must hear of a change: the first need, another need, or none any more. */
function newsForStock(before: Delivery, after: Delivery, causedBy: Event | undefined): readonly Outgoing[] {
  if (after.needRevision > before.needRevision) return [needOf(after, causedBy)]
  const ended = after.status === 'cancelled' || after.status === 'draft'
  if (!ended || before.status === after.status || before.needRevision === 0) return []
  const { id: documentId, number, warehouse, needRevision: revision } = after
  const reason =
    after.status === 'draft' ? 'It waits for a product or unit to become known.' : 'The delivery was cancelled.'
  return [
    event(pickingDeliveryCancelled, documentId, { documentId, number, warehouse, revision, reason }, by(causedBy)),
  ]
}

function needOf(delivery: Delivery, causedBy: Event | undefined): Outgoing {
  const contract = delivery.needRevision === 1 ? pickingDeliveryConfirmed : pickingDeliveryAmended
  return event(
    contract,
    delivery.id,
    {
      documentId: delivery.id,
      number: delivery.number,
      warehouse: delivery.warehouse,
      revision: delivery.needRevision,
      priority: delivery.priority,
      ...(delivery.scheduledDate === null ? {} : { scheduledDate: delivery.scheduledDate }),
      orderedAt: delivery.orderedAt.toISOString(),
      allowPartial: delivery.allowPartial,
      lines: delivery.lines.flatMap(({ line, sku, needed }) =>
        needed === null || needed === 0n ? [] : [{ line, sku, quantity: formatQuantity(needed) }],
      ),
    },
    by(causedBy),
  )
}

function by(causedBy: Event | undefined): { causedBy?: Event } {
  return causedBy === undefined ? {} : { causedBy }
}
