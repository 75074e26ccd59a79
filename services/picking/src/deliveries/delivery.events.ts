/** What is published of deliveries: what stock must reserve for them, and what the ledger is asked to ship. Pure. */
import { atLeastZero, formatQuantity, minus, plus } from '@stockline/amounts'
import type { DeliveryDemand, DeliveryValidated, pickingDeliveryCancelled } from '@stockline/contracts'
import type { z } from 'zod'
import { lotOf, publishedDetails, remainingLifeOf } from '../orders/order.details.ts'
import { publishedDemandFields } from '../orders/order.fields.ts'
import { publishedOrigin, publishedPosting } from '../orders/order.head.ts'
import { publishedPackages } from '../packages/package.events.ts'
import type { Package } from '../packages/package.ts'
import type { ReferenceData } from '../products/product.ts'
import { stillWanted } from './delivery.order.ts'
import { isPicked, nothing, pickedOf, type Delivery } from './delivery.ts'

/** What is published of deliveries. */
export type DeliveryEvent =
  | { readonly type: 'confirmed' | 'amended'; readonly data: DeliveryDemand }
  | { readonly type: 'cancelled'; readonly data: z.output<typeof pickingDeliveryCancelled.data> }
  | { readonly type: 'validated'; readonly data: DeliveryValidated }

/** The ledger is asked to ship it. @param packages of it, where it has any */
export function deliveryValidated(
  delivery: Delivery,
  lines: DeliveryValidated['lines'],
  packages: readonly Package[] = [],
): DeliveryEvent {
  const { customer } = delivery
  const packed = publishedPackages(packages)
  const head = { ...publishedPosting(delivery), ...publishedOrigin(delivery) }
  return {
    type: 'validated',
    data: { ...head, ...(customer === null ? {} : { customer }), lines, ...(packed && { packages: packed }) },
  }
}

/**
 * The events of a change: the first demand, another one, or that there will be none. A cancelled delivery demands what is picked until
 * that is put back. A draft demands what it still wants of what it had: stock reserves no more for it until all is known. Where only
 * what the order says besides is another, the demand is published again with the same revision, and stock changes nothing.
 *
 * @param before undefined of a new one
 * @param referenceData by which new demands were computed: the event names their unit
 */
export function demandEvents(
  before: Delivery | undefined,
  after: Delivery,
  referenceData: ReferenceData | undefined,
): readonly DeliveryEvent[] {
  const had = before?.needRevision ?? 0
  if (after.needRevision > had) {
    const lines = demandLines(after, referenceData, after.status === 'draft' ? before : undefined)
    return [
      lines.length === 0 ? endEvent(after) : demandEvent(after, lines, { asks: had === 0 || asksAgain(before, after) }),
    ]
  }
  if (before === undefined || had === 0) return []
  if (after.status === 'cancelled') return before.status === 'cancelled' ? [] : [endEvent(after)]
  return after.details === before.details
    ? []
    : [demandEvent(after, demandLines(after, referenceData), { isFirst: false })]
}

/** A person has asked for it again, or its order has changed: that ends a hold, also one of which nothing is known here yet. */
function asksAgain(before: Delivery | undefined, { held, orderRevision }: Delivery): boolean {
  return before === undefined || (before.held !== null && held === null) || before.orderRevision !== orderRevision
}

function endEvent({ id: documentId, number, warehouse, needRevision: revision }: Delivery): DeliveryEvent {
  const reason = 'The delivery was cancelled.'
  return { type: 'cancelled', data: { documentId, number, warehouse, revision, reason } }
}

/**
 * What is wanted of each line, and what is picked where that is more: it is reserved until it is put back.
 *
 * @param atMost of a draft: as it was before, of which it wants no more
 */
function demandLines(
  delivery: Delivery,
  referenceData: ReferenceData | undefined,
  atMost?: Delivery,
): DeliveryDemand['lines'] {
  return delivery.lines.flatMap((line): DeliveryDemand['lines'] => {
    const needed = delivery.status === 'cancelled' ? nothing : (line.needed ?? nothing)
    const wanted = atMost === undefined ? needed : stillWanted(atMost, line)
    const picks = delivery.needRevision === 1 ? [] : line.picks.filter(isPicked)
    const held = pickedOf({ ...line, picks })
    const reserved = plus(wanted, atLeastZero(minus(held, wanted)))
    if (reserved === 0n) return []
    const asOrdered = delivery.orderId === null || line.orderLine === line.line
    const unit = referenceData?.products.get(line.sku)?.unit
    const lotAsked = lotOf(delivery.details, line.orderLine)
    const life = remainingLifeOf(delivery.details, line.orderLine)
    const picked = picks.map(({ location, lot, picked: amount }) => ({
      location,
      ...(lot === null ? {} : { lot }),
      quantity: formatQuantity(amount),
    }))
    return [
      {
        line: line.line,
        sku: line.sku,
        quantity: formatQuantity(reserved),
        ...(unit === undefined ? {} : { unit }),
        ...(lotAsked === null ? {} : { lot: lotAsked }),
        ...(life === undefined || wanted === 0n ? {} : { minimumRemainingLife: life }),
        ...(asOrdered ? {} : { orderLine: line.orderLine }),
        ...(reserved === wanted ? {} : { wanted: formatQuantity(wanted) }),
        ...(picked.length === 0 ? {} : { picked }),
      },
    ]
  })
}

function demandEvent(
  delivery: Delivery,
  lines: DeliveryDemand['lines'],
  { isFirst = delivery.needRevision === 1, asks = true }: { readonly isFirst?: boolean; readonly asks?: boolean },
): DeliveryEvent {
  const data = {
    documentId: delivery.id,
    number: delivery.number,
    warehouse: delivery.warehouse,
    ...publishedOrigin(delivery),
    ...publishedDetails(delivery),
    revision: delivery.needRevision,
    ...publishedDemandFields(delivery),
    ...(delivery.scheduledDate === null ? {} : { scheduledDate: delivery.scheduledDate }),
    orderedAt: delivery.orderedAt.toISOString(),
    ...(delivery.held === null ? {} : { held: delivery.held }),
    ...(asks || delivery.held !== null ? {} : { asks }),
    lines,
  }
  return { type: isFirst ? 'confirmed' : 'amended', data }
}
