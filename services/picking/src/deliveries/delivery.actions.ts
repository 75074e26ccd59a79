/** What all actions on deliveries share: locking, saving, telling stock what they need. */
import { formatQuantity } from '@stockline/amounts'
import { pickingDeliveryAmended, pickingDeliveryCancelled, pickingDeliveryConfirmed } from '@stockline/contracts'
import type { Event } from '@stockline/contracts/envelope'
import {
  event,
  publish,
  Refused,
  refuse,
  type Alone,
  type Origin,
  type Outgoing,
  type Refusal,
} from '@stockline/service-kit'
import type { z } from 'zod'
import type { Tx } from '../database.ts'
import type { Change, NewDocument, Stored } from '../documents/document.ts'
import { decideEach } from '../documents/document.together.actions.ts'
import type { SignedNote } from '../history/history.ts'
import { lotOf, toldDetails } from '../orders/order.details.ts'
import { originOf } from '../orders/order.ts'
import { catalogAt, catalogForWaiting } from '../products/product.actions.ts'
import type { Catalog } from '../products/product.ts'
import { storedDeliveries } from './delivery.store.ts'
import { stillWanted } from './delivery.order.ts'
import { nothing, pickedOf, type Delivery } from './delivery.ts'

/** What becomes of a delivery. */
export interface DeliveryChange extends Change<Delivery> {
  /** What led to it, where the transaction's origin does not say: an event, or somebody's request. */
  readonly causedBy?: Event | undefined
  readonly origin?: Origin | undefined
}

/** A delivery that is to be made. */
export interface NewDelivery extends NewDocument<Delivery> {
  /** What led to it, where the transaction's origin does not say. */
  readonly causedBy?: Event | undefined
}

/** All that an action writes. */
export interface Work {
  readonly changes?: readonly DeliveryChange[]
  readonly drafts?: readonly NewDelivery[]
  /** By which new needs were computed: stock is told in which unit. Left out where the products have moved: their units stay. */
  readonly catalog?: Catalog
  /** Events besides those that tell stock what is needed. */
  readonly told?: readonly Outgoing[]
}

/** The delivery, locked. */
export async function lockDelivery(tx: Tx, id: string): Promise<Stored<Delivery>> {
  const [stored] = await storedDeliveries.lock(tx, [id])
  if (stored === undefined) throw new Refused(unknownDelivery())
  return stored
}

/** The delivery, locked, with what is known of its products and units. */
export async function lockToJudge(
  tx: Tx,
  id: string,
): Promise<{ readonly stored: Stored<Delivery>; readonly catalog: Catalog }> {
  const { documents, stamp } = await storedDeliveries.lockWithStamp(tx, [id])
  const stored = documents.get(id)
  if (stored === undefined) throw new Refused(unknownDelivery())
  return { stored, catalog: await catalogAt(tx, stamp, stored.document.lines) }
}

/** A request for a delivery, and the delivery. */
export interface Found<Asked> {
  readonly asked: Asked
  readonly stored: Stored<Delivery>
}

/** A change among those of others, and what others are told of it. */
interface OwnChange extends DeliveryChange {
  readonly notes: readonly SignedNote[]
  readonly origin: Origin
  readonly told?: readonly Outgoing[]
}

/** What a rule makes of a request: a change, the delivery as it is already, or no. */
export type Decided = OwnChange | Stored<Delivery> | Refusal

/**
 * Locks the deliveries of several requests, decides each by itself, saves all.
 *
 * @param rule what else must be looked up for all of them, and then the rule for one request; it writes nothing
 */
export async function decideTogether<Asked extends { readonly id: string }>(
  tx: Tx,
  asked: readonly Asked[],
  rule: (found: readonly Found<Asked>[], catalog: Catalog) => Promise<(found: Found<Asked>) => Decided>,
): Promise<readonly (Stored<Delivery> | Refusal | Alone)[]> {
  const { documents, stamp } = await storedDeliveries.lockWithStamp(
    tx,
    asked.map(({ id }) => id),
  )
  const lines = [...documents.values()].flatMap(({ document }) => document.lines)
  const catalog = await catalogAt(tx, stamp, lines)
  const found = asked.flatMap((one) => {
    const stored = documents.get(one.id)
    return stored === undefined ? [] : [{ asked: one, stored }]
  })
  const decide = await rule(found, catalog)
  return decideEach<Asked, Delivery, OwnChange>(asked, {
    documents,
    unknown: unknownDelivery,
    decide: (stored, one) => decide({ asked: one, stored }),
    save: async (changes) => (await save(tx, { changes, told: changes.flatMap(({ told = [] }) => told) })).changed,
  })
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
  { changes = [], drafts = [], told = [], catalog }: Work,
): Promise<{ readonly changed: readonly Stored<Delivery>[]; readonly created: readonly Stored<Delivery>[] }> {
  const changed = await storedDeliveries.update(tx, changes)
  const created = await storedDeliveries.create(tx, drafts)
  await publish(
    tx,
    ...told,
    ...changes.flatMap((change) => newsForStock(change.stored.document, change.after, by(change), catalog)),
    ...created.flatMap(({ document: delivery }, index) =>
      delivery.needRevision === 0 ? [] : [needOf(delivery, by(drafts[index]), neededLines(delivery, catalog))],
    ),
  )
  return { changed, created }
}

/** Saves one change, and gives the delivery back as it is now. */
export async function saveOne(
  tx: Tx,
  change: DeliveryChange,
  told: readonly Outgoing[] = [],
): Promise<Stored<Delivery>> {
  const { changed } = await save(tx, { changes: [change], told })
  return changed[0] ?? change.stored
}

/**
 * What stock must hear of a change: the first need, another need, or that there will be none. A cancelled delivery needs what is
 * picked until that is put back. A draft needs what it still wants of what it had: stock reserves no more for it until all is known.
 * Where the order says something else besides and the need is the same, others hear of it, and stock finds nothing new.
 */
function newsForStock(
  before: Delivery,
  after: Delivery,
  source: Source,
  catalog: Catalog | undefined,
): readonly Outgoing[] {
  if (after.needRevision > before.needRevision) {
    const lines = neededLines(after, catalog, after.status === 'draft' ? before : undefined)
    return [lines.length === 0 ? endOf(after, source) : needOf(after, source, lines)]
  }
  if (before.needRevision === 0) return []
  if (after.status === 'cancelled') return before.status === 'cancelled' ? [] : [endOf(after, source)]
  return after.details === before.details ? [] : [needOf(after, source, neededLines(after, catalog), false)]
}

function endOf({ id: documentId, number, warehouse, needRevision: revision }: Delivery, source: Source): Outgoing {
  const reason = 'The delivery was cancelled.'
  return event(pickingDeliveryCancelled, documentId, { documentId, number, warehouse, revision, reason }, source)
}

type NeededLine = z.output<typeof pickingDeliveryAmended.data>['lines'][number]

/**
 * What is wanted of each line, and what is picked where that is more: it is reserved until it is put back.
 *
 * @param atMost of a draft: as it was before, of which it wants no more
 */
function neededLines(delivery: Delivery, catalog: Catalog | undefined, atMost?: Delivery): NeededLine[] {
  return delivery.lines.flatMap((line): NeededLine[] => {
    const needed = delivery.status === 'cancelled' ? nothing : (line.needed ?? nothing)
    const wanted = atMost === undefined ? needed : stillWanted(atMost, line)
    const picks = delivery.needRevision === 1 ? [] : line.picks.filter(({ picked }) => (picked ?? 0n) > 0n)
    const held = pickedOf({ ...line, picks })
    const reserved = held > wanted ? held : wanted
    if (reserved === 0n) return []
    const asOrdered = delivery.orderId === null || line.orderLine === line.line
    const unit = catalog?.products.get(line.sku)?.unit
    const lotAsked = lotOf(delivery.details, line.orderLine)
    const picked = picks.map(({ location, lot, picked: amount }) => ({
      location,
      ...(lot === null ? {} : { lot }),
      quantity: formatQuantity(amount ?? nothing),
    }))
    return [
      {
        line: line.line,
        sku: line.sku,
        quantity: formatQuantity(reserved),
        ...(unit === undefined ? {} : { unit }),
        ...(lotAsked === null ? {} : { lot: lotAsked }),
        ...(asOrdered ? {} : { orderLine: line.orderLine }),
        ...(reserved === wanted ? {} : { wanted: formatQuantity(wanted) }),
        ...(picked.length === 0 ? {} : { picked }),
      },
    ]
  })
}

function needOf(
  delivery: Delivery,
  source: Source,
  lines: NeededLine[],
  isFirst = delivery.needRevision === 1,
): Outgoing {
  const contract = isFirst ? pickingDeliveryConfirmed : pickingDeliveryAmended
  return event(
    contract,
    delivery.id,
    {
      documentId: delivery.id,
      number: delivery.number,
      warehouse: delivery.warehouse,
      ...originOf(delivery),
      ...toldDetails(delivery),
      revision: delivery.needRevision,
      priority: delivery.priority,
      ...(delivery.scheduledDate === null ? {} : { scheduledDate: delivery.scheduledDate }),
      orderedAt: delivery.orderedAt.toISOString(),
      allowPartial: delivery.allowPartial,
      lines,
    },
    source,
  )
}

/** What an event goes back to, where the transaction's origin does not say. */
type Source = Pick<DeliveryChange, 'causedBy' | 'origin'>

function by({ causedBy, origin }: Source = {}): Source {
  return { ...(causedBy === undefined ? {} : { causedBy }), ...(origin === undefined ? {} : { origin }) }
}
