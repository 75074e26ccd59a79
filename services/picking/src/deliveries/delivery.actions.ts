/** What all actions on deliveries share: locking, saving with history, numbering new ones, telling stock what they need. */
import { formatQuantity } from '@stockline/amounts'
import { pickingDeliveryAmended, pickingDeliveryCancelled, pickingDeliveryConfirmed } from '@stockline/contracts'
import type { Event } from '@stockline/contracts/envelope'
import {
  alone,
  event,
  publish,
  Refused,
  refuse,
  type Alone,
  type Origin,
  type Outgoing,
  type Refusal,
} from '@stockline/service-kit'
import type { Tx } from '../database.ts'
import { stepsOf } from '../history/history.actions.ts'
import type { Note, SignedNote } from '../history/history.ts'
import { takeNumbers } from '../numbers/number.actions.ts'
import { catalogAt, catalogForWaiting } from '../products/product.actions.ts'
import type { Catalog } from '../products/product.ts'
import type { Draft } from './delivery.order.ts'
import { storedDeliveries, type StoredDelivery } from './delivery.store.ts'
import type { Delivery } from './delivery.ts'

/** A delivery, what becomes of it, and what its history says about it. */
export interface DeliveryChange {
  readonly stored: StoredDelivery
  readonly after: Delivery
  readonly notes: readonly Note[]
  /** What led to it, where the transaction's origin does not say: an event, or somebody's request. */
  readonly causedBy?: Event | undefined
  readonly origin?: Origin | undefined
}

/** A delivery that is to be made. */
export interface NewDelivery {
  readonly draft: Draft
  readonly note: Note
  /** What led to it, where the transaction's origin does not say. */
  readonly causedBy?: Event | undefined
}

/** All that an action writes. */
export interface Work {
  readonly changes?: readonly DeliveryChange[]
  readonly drafts?: readonly NewDelivery[]
  /** Events besides those that tell stock what is needed. */
  readonly told?: readonly Outgoing[]
}

/** The delivery, locked. */
export async function lockDelivery(tx: Tx, id: string): Promise<StoredDelivery> {
  const [stored] = await storedDeliveries.lock(tx, [id])
  if (stored === undefined) throw new Refused(unknownDelivery())
  return stored
}

/** The delivery, locked, with what is known of its products and units. */
export async function lockToJudge(
  tx: Tx,
  id: string,
): Promise<{ readonly stored: StoredDelivery; readonly catalog: Catalog }> {
  const { documents: deliveries, stamp } = await storedDeliveries.lockWithStamp(tx, [id])
  const [stored] = deliveries
  if (stored === undefined) throw new Refused(unknownDelivery())
  return { stored, catalog: await catalogAt(tx, stamp, stored.delivery.lines) }
}

/** A request for a delivery, and the delivery. */
export interface Found<Asked> {
  readonly asked: Asked
  readonly stored: StoredDelivery
}

/** A change among those of others, and what others are told of it. */
interface OwnChange extends DeliveryChange {
  readonly notes: readonly SignedNote[]
  readonly origin: Origin
  readonly told?: readonly Outgoing[]
}

/** What a rule makes of a request: a change, the delivery as it is already, or no. */
export type Decided = OwnChange | StoredDelivery | Refusal

/**
 * Locks the deliveries of several requests, decides each by itself, saves all. What a decision cannot be made for is
 * refused if it was asked for alone; in company it is left to a transaction of its own, since somebody else may hold it.
 *
 * @param rule what else must be looked up for all of them, and then the rule for one request; it writes nothing
 */
export async function decideTogether<Asked extends { readonly id: string }>(
  tx: Tx,
  asked: readonly Asked[],
  rule: (found: readonly Found<Asked>[], catalog: Catalog) => Promise<(found: Found<Asked>) => Decided>,
): Promise<readonly (StoredDelivery | Refusal | Alone)[]> {
  const ids = asked.map(({ id }) => id)
  const { documents: deliveries, stamp } = await storedDeliveries.lockWithStamp(tx, ids)
  const catalog = await catalogAt(
    tx,
    stamp,
    deliveries.flatMap(({ delivery }) => delivery.lines),
  )
  const byId = new Map(deliveries.map((stored) => [stored.delivery.id, stored]))
  const found = asked.map((one) => {
    const stored = byId.get(one.id)
    return stored === undefined ? undefined : { asked: one, stored }
  })
  const decide = await rule(
    found.filter((one) => one !== undefined),
    catalog,
  )
  const missing = asked.length === 1 ? unknownDelivery() : alone
  const decided = found.map((one) => (one === undefined ? missing : decide(one)))
  const changes = decided.filter((one) => isChange(one))
  const { changed } = await save(tx, { changes, told: changes.flatMap(({ told = [] }) => told) })
  const after = new Map(changes.map((change, index) => [change, changed[index] ?? change.stored]))
  return decided.map((one) => (isChange(one) ? (after.get(one) ?? one.stored) : one))
}

function isChange(decided: Decided | Alone): decided is OwnChange {
  return decided !== alone && 'after' in decided
}

/** There is none, or none that the one who asks may know of. */
export function unknownDelivery(): Refusal {
  return refuse('delivery-unknown', 'unknown', 'There is no such delivery.')
}

/** What is known of the products and units on deliveries, and of what else is named, for those that may have to wait. */
export async function catalogFor(
  tx: Tx,
  deliveries: readonly Pick<Delivery, 'lines'>[],
  others: readonly { readonly sku: string; readonly unit?: string | undefined }[] = [],
): Promise<Catalog> {
  return catalogForWaiting(tx, [...deliveries.flatMap((delivery) => delivery.lines), ...others])
}

/**
 * Saves changes, numbers and saves new deliveries, and tells: stock of every need that is new, changed or ended, and
 * what else there is to tell. Numbers before the outbox, as everybody locks; so do it once, and last.
 */
export async function save(
  tx: Tx,
  { changes = [], drafts = [], told = [] }: Work,
): Promise<{ readonly changed: readonly StoredDelivery[]; readonly created: readonly StoredDelivery[] }> {
  const changed = await saveChanges(tx, changes)
  const created = await createDeliveries(tx, drafts)
  await publish(
    tx,
    ...told,
    ...changes.flatMap((change) => newsForStock(change.stored.delivery, change.after, by(change))),
    ...created.flatMap(({ delivery }, index) =>
      delivery.needRevision === 0 ? [] : [needOf(delivery, by(drafts[index]))],
    ),
  )
  return { changed, created }
}

/** Saves one change, and gives the delivery back as it is now. */
export async function saveOne(tx: Tx, change: DeliveryChange, told: readonly Outgoing[] = []): Promise<StoredDelivery> {
  const { changed } = await save(tx, { changes: [change], told })
  return changed[0] ?? change.stored
}

async function saveChanges(tx: Tx, changes: readonly DeliveryChange[]): Promise<readonly StoredDelivery[]> {
  if (changes.length === 0) return []
  const raised = changes.map(({ stored, after }) => ({
    before: stored.delivery,
    after: { ...after, version: stored.delivery.version + 1 },
  }))
  const steps = stepsOf(
    tx,
    changes.flatMap(({ after, notes }) => notes.map((note) => ({ documentId: after.id, note }))),
  )
  await storedDeliveries.update(tx, raised, steps)
  let next = 0
  return changes.map(({ stored, notes }, index) => {
    const added = steps.slice(next, (next += notes.length)).map((each) => each.step)
    return { delivery: raised[index]?.after ?? stored.delivery, history: [...stored.history, ...added] }
  })
}

async function createDeliveries(tx: Tx, drafts: readonly NewDelivery[]): Promise<readonly StoredDelivery[]> {
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
  const steps = stepsOf(
    tx,
    drafts.map(({ draft, note }) => ({ documentId: draft.id, note })),
  )
  await storedDeliveries.insert(tx, deliveries, steps)
  return deliveries.map((delivery, index) => ({
    delivery,
    history: steps.slice(index, index + 1).map((each) => each.step),
  }))
}

/**
 * What stock must hear of a change: the first need, another need, or that there will be none. A draft that waits for
 * a product keeps what it had, since stock takes nothing more of a need that has ended.
 */
function newsForStock(before: Delivery, after: Delivery, source: Source): readonly Outgoing[] {
  if (after.needRevision > before.needRevision) return [needOf(after, source)]
  if (after.status !== 'cancelled' || before.status === 'cancelled' || before.needRevision === 0) return []
  const { id: documentId, number, warehouse, needRevision: revision } = after
  const reason = 'The delivery was cancelled.'
  return [event(pickingDeliveryCancelled, documentId, { documentId, number, warehouse, revision, reason }, source)]
}

function needOf(delivery: Delivery, source: Source): Outgoing {
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
    source,
  )
}

/** What an event goes back to, where the transaction's origin does not say. */
type Source = Pick<DeliveryChange, 'causedBy' | 'origin'>

function by({ causedBy, origin }: Source = {}): Source {
  return { ...(causedBy === undefined ? {} : { causedBy }), ...(origin === undefined ? {} : { origin }) }
}
