/** How deliveries that the database lost are made again from what was published of them: demanded, shipped, cancelled. Pure. */
import { parseQuantity } from '@stockline/amounts'
import type { DeliveryDemand, DeliveryValidated } from '@stockline/contracts'
import { restoredDetails } from '../orders/order.details.ts'
import { demandFieldsOf } from '../orders/order.fields.ts'
import { partnerOf, restoredHead, restoredPosting, withPerson } from '../orders/order.head.ts'
import { asked, type Order } from '../orders/order.ts'
import { isFault, toBaseQuantity, type ReferenceData } from '../products/product.ts'
import type { KnownOfEvent, RestorableKind } from '../restoring/restore.ts'
import type { DeliveryEvent } from './delivery.events.ts'
import { cancelledDelivery, endedDelivery, newDelivery } from './delivery.order.ts'
import {
  isBegun,
  isPicked,
  isSamePick,
  nothing,
  pickedOf,
  type Delivery,
  type DeliveryLine,
  type Pick,
} from './delivery.ts'

/** How deliveries are made again. */
export const restorableDeliveries: RestorableKind<Delivery, DeliveryEvent> = {
  names: ({ data }, order) => ('lines' in data ? [...data.lines, ...(order?.content.lines ?? [])] : []),
  steps: { confirmed: 'order-changed', amended: 'order-changed', validated: 'validated', cancelled: 'cancelled' },
  apply: ({ type, data }, known) => {
    if (type === 'confirmed' || type === 'amended') return demandedDelivery(data, known)
    const { before, by } = known
    if (before === undefined) return undefined
    if (type === 'validated') return shippedDelivery(data, before, by)
    return before.status === 'done' || before.status === 'posting' ? undefined : endedDelivery(before)
  },
  placeholder: ({ number, ...given }) => {
    const nothingSaid = { source: null, customer: null, scheduledDate: null, details: null, ...demandFieldsOf({}) }
    const draft = newDelivery({ ...given, ...nothingSaid }, [], { products: new Map(), units: new Map() })
    return cancelledDelivery({ ...draft, needRevision: 0, number })
  },
  says: {
    made: 'Deliveries made again as they were told',
    changed: 'Deliveries brought to what was told of them',
    untold: 'Numbers of deliveries of which nothing was told, kept as cancelled ones',
    besides: () => [],
  },
  ofOrders: {
    cancel: cancelledDelivery,
    unknown: (id) => `Delivery ${id} is told of, and what it needs is not: look at its order.`,
    posted: (second, restored) =>
      `${second} and ${restored} are for the same goods, and ${second} is posted: look at both.`,
    because: 'was told before',
    begun: (second) =>
      isBegun(second) ? `${second.number} was picked before it was cancelled: put back what was picked.` : undefined,
  },
}

/** The delivery with the demand that was published, waiting for stock; undefined where the database knows of it already. */
export function demandedDelivery(data: DeliveryDemand, known: KnownOfEvent<Delivery>): Delivery | undefined {
  const { before, order, referenceData } = known
  if (before !== undefined && before.needRevision >= data.revision) return withDetails(data, before)
  const lines = data.lines.map((line) => lineOf(line, data, before?.lines ?? [], order, referenceData))
  const wanted = new Set(lines.map(({ line }) => line))
  // What was picked and is not wanted any more is still to be put back.
  const left = (before?.lines ?? []).flatMap((line) =>
    wanted.has(line.line) || pickedOf(line) === 0n
      ? []
      : [{ ...line, orderLine: null, quantity: nothing, needed: nothing, picks: kept(line.picks) }],
  )
  const all = [...lines, ...left].sort((a, b) => a.line - b.line)
  const nothingWanted = all.every(({ needed }) => needed === 0n)
  const made = before ?? {
    ...restoredHead(data, known),
    ...{ customer: partnerOf(order), held: null, pickedBy: [], packed: false, scanLocation: null },
  }
  return {
    ...made,
    ...demandFieldsOf(data),
    status: nothingWanted ? 'cancelled' : isBegun({ lines: all }) ? 'in_progress' : 'waiting',
    ...{ problem: null, waitsFor: [], returnsTo: null },
    scheduledDate: data.scheduledDate ?? null,
    orderedAt: new Date(data.orderedAt),
    orderRevision: data.order?.revision ?? made.orderRevision ?? order?.revision ?? null,
    needRevision: data.revision,
    held: data.held ?? null,
    details: restoredDetails(data, all),
    lines: all,
  }
}

/** With the same demand a later revision of the order may say something else besides. */
function withDetails(data: DeliveryDemand, delivery: Delivery): Delivery | undefined {
  const { order } = data
  const isLater = order !== undefined && order.revision > (delivery.orderRevision ?? 0)
  if (!isLater || data.revision !== delivery.needRevision) return undefined
  return { ...delivery, orderRevision: order.revision, details: restoredDetails(data, delivery.lines) }
}

/** The delivery as it waits for the ledger's answer; undefined where the database knows of this attempt already. */
export function shippedDelivery(
  data: DeliveryValidated,
  delivery: Delivery,
  by: string | undefined,
): Delivery | undefined {
  if (delivery.attempt >= data.attempt) return undefined
  const picked = Map.groupBy(data.lines, ({ documentLine }) => documentLine)
  return {
    ...delivery,
    ...restoredPosting(data),
    pickedBy: withPerson(delivery.pickedBy, by),
    scanLocation: null,
    details: restoredDetails(data, delivery.lines) ?? delivery.details,
    lines: delivery.lines.map((line) => ({ ...line, picks: shippedPicks(line.picks, picked.get(line.line) ?? []) })),
  }
}

/** A line as it is needed; in the order's unit where that is the same quantity, else in the base unit. */
function lineOf(
  { line, sku, quantity: text, wanted, picked, orderLine: named }: DeliveryDemand['lines'][number],
  { order: reference }: DeliveryDemand,
  before: readonly DeliveryLine[],
  order: Order | undefined,
  referenceData: ReferenceData,
): DeliveryLine {
  const needed = parseQuantity(wanted ?? text)
  const same = before.find((one) => one.line === line && one.sku === sku)
  const hasOrder = reference !== undefined || order !== undefined
  const orderLine = named === undefined ? (hasOrder ? line : (same?.orderLine ?? null)) : named
  const product = referenceData.products.get(sku)
  const picks = picked === undefined ? kept(same?.picks ?? []) : publishedPicks(picked, same?.picks ?? [])
  const ordered = order?.content.lines.find((one) => one.line === orderLine && one.sku === sku)
  if (ordered !== undefined && product !== undefined) {
    const { quantity, unit } = asked(ordered)
    const base = toBaseQuantity(product, quantity, unit, referenceData.units)
    if (!isFault(base) && base === needed) return { line, sku, orderLine, quantity, unit, needed, picks }
  }
  const unit = product?.unit ?? same?.unit ?? ordered?.unit ?? ''
  return { line, sku, orderLine, quantity: needed, unit, needed, picks }
}

/** What was picked as it was published. */
function publishedPicks(
  told: NonNullable<DeliveryDemand['lines'][number]['picked']>,
  before: readonly Pick[],
): readonly Pick[] {
  return told.map(({ location, lot = null, quantity: amount }): Pick => {
    const same = before.find((pick) => isSamePick(pick, { location, lot }))
    const { expiresOn, pickSequence } = same ?? { expiresOn: null, pickSequence: 0 }
    return { location, lot, expiresOn, pickSequence, quantity: nothing, picked: parseQuantity(amount) }
  })
}

/** What was picked stays picked; what was reserved stock says again. */
function kept(picks: readonly Pick[]): readonly Pick[] {
  return picks.filter(isPicked).map((pick) => ({ ...pick, quantity: nothing }))
}

/** What was taken from each place, as published; nothing was taken from others. */
function shippedPicks(picks: readonly Pick[], told: DeliveryValidated['lines']): readonly Pick[] {
  const taken = told.map((line): Pick => {
    const place = { location: line.location, lot: line.lot ?? null }
    const same = picks.find((pick) => isSamePick(pick, place))
    const other = { ...place, expiresOn: null, pickSequence: 0, quantity: nothing }
    return { ...(same ?? other), picked: parseQuantity(line.quantity) }
  })
  const others = picks.filter((pick) => pick.quantity > 0n && !taken.some((one) => isSamePick(one, pick)))
  return [...taken, ...others.map((pick) => ({ ...pick, picked: null }))]
}
