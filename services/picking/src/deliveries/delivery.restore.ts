/** Deliveries made again from what was told of them, after the database fell back. Pure. */
import { parseQuantity, quantity } from '@stockline/amounts'
import type { pickingDeliveryConfirmed, pickingDeliveryValidated } from '@stockline/contracts'
import type { z } from 'zod'
import { detailsTold } from '../orders/order.details.ts'
import { demandFieldsOf } from '../orders/order.fields.ts'
import type { Order } from '../orders/order.ts'
import type { ReferenceData } from '../products/product.ts'
import { isFault, toBaseQuantity } from '../products/product.ts'
import {
  isBegun,
  isSamePick,
  nothing,
  pickedOf,
  type Delivery,
  type DeliveryLine,
  type DeliveryStatus,
  type Pick,
} from './delivery.ts'

/** What was told of a delivery's need, first or changed. */
export type ToldNeed = z.output<typeof pickingDeliveryConfirmed.data>
/** What was told when a delivery was shipped. */
export type ToldShipment = z.output<typeof pickingDeliveryValidated.data>

/** What else is known of a delivery that is restored. */
export interface Known {
  /** As it is in the database, or was made from what was told before; undefined where it is not there yet. */
  readonly delivery: Delivery | undefined
  /** Undefined where it has none, or none that was told. */
  readonly order: Order | undefined
  readonly createdAt: Date
  /** What it is a backorder of, where the event itself does not say. */
  readonly backorderOf: string | null
  readonly referenceData: ReferenceData
}

/** The delivery with the need that was told, waiting for stock; undefined where the database knows of it already. */
export function deliveryOfNeed(told: ToldNeed, known: Known): Delivery | undefined {
  const { delivery, order, referenceData } = known
  if (delivery !== undefined && delivery.needRevision >= told.revision) return saidBesides(told, delivery)
  const lines = told.lines.map((line) => lineOf(line, told, delivery?.lines ?? [], order, referenceData))
  const wanted = new Set(lines.map(({ line }) => line))
  // What was picked and is not wanted any more is still to be put back.
  const left = (delivery?.lines ?? []).flatMap((line) =>
    wanted.has(line.line) || pickedOf(line) === 0n
      ? []
      : [{ ...line, orderLine: null, quantity: nothing, needed: nothing, picks: kept(line.picks) }],
  )
  const all = [...lines, ...left].sort((a, b) => a.line - b.line)
  const nothingWanted = all.every(({ needed }) => needed === 0n)
  const status: DeliveryStatus = nothingWanted ? 'cancelled' : isBegun({ lines: all }) ? 'in_progress' : 'waiting'
  const need = {
    status,
    ...demandFieldsOf(told),
    needRevision: told.revision,
    problem: null,
    waitsFor: [],
    returnsTo: null,
    details: detailsTold(told, all),
    lines: all,
  }
  const dates = { scheduledDate: told.scheduledDate ?? null, orderedAt: new Date(told.orderedAt) }
  const orderRevision = told.order?.revision ?? delivery?.orderRevision ?? order?.revision ?? null
  if (delivery !== undefined) return { ...delivery, ...need, ...dates, orderRevision }
  const customer = order?.content.partner
  return {
    id: told.documentId,
    number: told.number,
    warehouse: told.warehouse,
    orderId: order?.id ?? null,
    orderSource: told.order?.source ?? order?.source ?? null,
    orderRevision,
    source: told.order?.orderNumber ?? order?.orderNumber ?? null,
    customer: customer === undefined || customer.code === '' ? null : customer,
    ...dates,
    pickedBy: [],
    scanLocation: null,
    remainder: null,
    effectiveAt: null,
    attempt: 0,
    backorderOf: told.backorderOf ?? known.backorderOf,
    position: null,
    version: 1,
    createdAt: known.createdAt,
    ...need,
  }
}

/** With the same need a later revision of the order may say something else besides. */
function saidBesides(told: ToldNeed, delivery: Delivery): Delivery | undefined {
  const { order } = told
  const isLater = order !== undefined && order.revision > (delivery.orderRevision ?? 0)
  if (!isLater || told.revision !== delivery.needRevision) return undefined
  return { ...delivery, orderRevision: order.revision, details: detailsTold(told, delivery.lines) }
}

/** The delivery as it waits for the ledger's answer; undefined where the database knows of this try already. */
export function deliveryShipped(told: ToldShipment, delivery: Delivery, by: string | undefined): Delivery | undefined {
  if (delivery.attempt >= told.attempt) return undefined
  const picked = Map.groupBy(told.lines, ({ documentLine }) => documentLine)
  return {
    ...delivery,
    status: 'posting',
    returnsTo: 'in_progress',
    attempt: told.attempt,
    remainder: told.remainder ?? 'backorder',
    effectiveAt: told.effectiveAt === undefined ? null : new Date(told.effectiveAt),
    pickedBy: [...new Set([...delivery.pickedBy, ...(by === undefined ? [] : [by])])],
    scanLocation: null,
    problem: null,
    waitsFor: [],
    details: detailsTold(told, delivery.lines) ?? delivery.details,
    lines: delivery.lines.map((line) => ({ ...line, picks: shippedPicks(line.picks, picked.get(line.line) ?? []) })),
  }
}

/** A line as it is needed; in the order's unit where that is the same quantity, else in the base unit. */
function lineOf(
  { line, sku, quantity: text, wanted, picked, orderLine: told }: ToldNeed['lines'][number],
  { order: reference }: ToldNeed,
  before: readonly DeliveryLine[],
  order: Order | undefined,
  referenceData: ReferenceData,
): DeliveryLine {
  const needed = parseQuantity(wanted ?? text)
  const same = before.find((one) => one.line === line && one.sku === sku)
  const hasOrder = reference !== undefined || order !== undefined
  const orderLine = told === undefined ? (hasOrder ? line : (same?.orderLine ?? null)) : told
  const product = referenceData.products.get(sku)
  const picks = picked === undefined ? kept(same?.picks ?? []) : toldPicks(picked, same?.picks ?? [])
  const ordered = order?.content.lines.find((one) => one.line === orderLine && one.sku === sku)
  if (ordered !== undefined && product !== undefined) {
    const asked = parseQuantity(ordered.quantity)
    const base = toBaseQuantity(product, asked, ordered.unit, referenceData.units)
    if (!isFault(base) && base === needed)
      return { line, sku, orderLine, quantity: asked, unit: ordered.unit, needed, picks }
  }
  const unit = product?.unit ?? same?.unit ?? ordered?.unit ?? ''
  return { line, sku, orderLine, quantity: needed, unit, needed, picks }
}

/** What was picked as it was told. */
function toldPicks(told: NonNullable<ToldNeed['lines'][number]['picked']>, before: readonly Pick[]): readonly Pick[] {
  return told.map(({ location, lot = null, quantity: amount }): Pick => {
    const same = before.find((pick) => isSamePick(pick, { location, lot }))
    const { expiresOn, pickSequence } = same ?? { expiresOn: null, pickSequence: 0 }
    return { location, lot, expiresOn, pickSequence, quantity: nothing, picked: parseQuantity(amount) }
  })
}

/** What was picked stays picked; what was reserved is told again by stock. */
function kept(picks: readonly Pick[]): readonly Pick[] {
  return picks.filter((pick) => (pick.picked ?? nothing) > 0n).map((pick) => ({ ...pick, quantity: quantity(0n) }))
}

/** What was taken from each place, as told; nothing was taken from others. */
function shippedPicks(picks: readonly Pick[], told: ToldShipment['lines']): readonly Pick[] {
  const taken = told.map((line): Pick => {
    const place = { location: line.location, lot: line.lot ?? null }
    const same = picks.find((pick) => isSamePick(pick, place))
    const other = { ...place, expiresOn: null, pickSequence: 0, quantity: nothing }
    return { ...(same ?? other), picked: parseQuantity(line.quantity) }
  })
  const others = picks.filter((pick) => pick.quantity > 0n && !taken.some((one) => isSamePick(one, pick)))
  return [...taken, ...others.map((pick) => ({ ...pick, picked: null }))]
}
