/** Deliveries follow their orders: made, changed, cancelled, or too late to be; and are made by hand. */
import { parseQuantity } from '@stockline/amounts'
import { pickingOrderChangeTooLate } from '@stockline/contracts'
import type { Event } from '@stockline/contracts/envelope'
import {
  event,
  refuse,
  waitFor,
  type Actor,
  type FieldFault,
  type Outgoing,
  type Refusal,
  type Wait,
} from '@stockline/service-kit'
import { v7 as uuid } from 'uuid'
import type { Tx } from '../database.ts'
import type { Note } from '../history/history.ts'
import { scopeOf, warehouseKey, warehouseOf, warehousesOf } from '../locations/location.actions.ts'
import { isWithin } from '../locations/location.ts'
import type { NewOrder, OrderChange, OrderDocuments } from '../orders/order.actions.ts'
import type { Order, OrderContent } from '../orders/order.ts'
import { catalogOf } from '../products/product.actions.ts'
import { isFault, toBaseQuantity, type Catalog } from '../products/product.ts'
import { catalogFor, save, saveOne, type DeliveryChange } from './delivery.actions.ts'
import {
  amendDelivery,
  draftByHand,
  draftForOrder,
  reconsiderDelivery,
  wantedOf,
  type Draft,
  type Wanted,
} from './delivery.order.ts'
import { storedDeliveries, type StoredDelivery } from './delivery.store.ts'
import { isOpen, type Delivery } from './delivery.ts'

/** How sales orders lead to deliveries. */
export const deliveriesOfOrders: OrderDocuments = {
  lacks: lackingForDeliveries,
  lock: (tx, ids) => storedDeliveries.lockAllOfOrders(tx, ids),
  create: createForAll,
  complete: completeAll,
  follow: followOrder,
}

/** A delivery as a person asks for it. */
export interface HandDelivery {
  readonly customer?: { readonly code: string; readonly name: string } | undefined
  readonly warehouse: string
  readonly source?: string | undefined
  readonly scheduledDate?: string | undefined
  readonly priority: number
  readonly allowPartial: boolean
  readonly lines: readonly { readonly sku: string; readonly quantity: string; readonly unit?: string | undefined }[]
}

/** Makes a delivery without an order. */
export async function createByHand(tx: Tx, given: HandDelivery, actor: Actor): Promise<StoredDelivery | Refusal> {
  const warehouse = await warehouseOf(tx, given.warehouse)
  if (warehouse?.active !== true)
    return refuse('warehouse-unknown', 'content', `Warehouse "${given.warehouse}" is not known.`, [
      { pointer: '/warehouse', message: 'is not known' },
    ])
  if (!isWithin(await scopeOf(tx, actor), given.warehouse))
    return refuse('location-unknown', 'unknown', 'The warehouse is not among your locations.')
  const catalog = await catalogOf(tx, given.lines)
  const faults = given.lines.flatMap((line, index) => lineFaults(line, `/lines/${index}`, catalog))
  if (faults.length > 0) return refuse('lines-wrong', 'content', 'Some lines are wrong.', faults)
  const wanted = given.lines.map((line): Wanted => {
    const unit = line.unit ?? catalog.products.get(line.sku)?.unit ?? ''
    return { orderLine: null, sku: line.sku, quantity: parseQuantity(line.quantity), unit }
  })
  const head = {
    id: uuid(),
    warehouse: given.warehouse,
    source: given.source ?? null,
    customer: given.customer ?? null,
    scheduledDate: given.scheduledDate ?? null,
    priority: given.priority,
    allowPartial: given.allowPartial,
    createdAt: tx.now,
  }
  const draft = draftByHand(head, wanted, catalog)
  const { created } = await save(tx, { drafts: [{ draft, note: { what: 'created', why: null } }] })
  const [stored] = created
  if (stored === undefined) throw new Error('A delivery was made and is not there.')
  return stored
}

/** Looks again at drafts that wait for one of these products or units. */
export async function deliveriesBecameKnown(tx: Tx, keys: readonly string[]): Promise<void> {
  const ids = await storedDeliveries.waitingIds(tx, keys)
  if (ids.length === 0) return
  const waiting = (await storedDeliveries.lock(tx, ids)).filter(({ delivery }) => delivery.status === 'draft')
  const catalog = await catalogFor(
    tx,
    waiting.map(({ delivery }) => delivery),
  )
  const changes = waiting.flatMap((stored): readonly DeliveryChange[] => {
    const after = reconsiderDelivery(stored.delivery, catalog)
    const waitsAsBefore = after.status === 'draft' && after.problem === stored.delivery.problem
    return waitsAsBefore ? [] : [{ stored, after, notes: [noteOfArrival(after)] }]
  })
  await save(tx, { changes })
}

/** What an order's change does to one open delivery, with its note. */
export function amended(stored: StoredDelivery, after: Delivery, order: Order, reason: string | null): DeliveryChange {
  const what = after.status === 'cancelled' ? 'cancelled' : 'order-changed'
  const change = order.status === 'cancelled' ? 'was cancelled' : 'was amended'
  const why = `Order ${order.orderNumber} ${change} (revision ${order.revision})${reason === null ? '' : `: ${reason}`}`
  return { stored, after, notes: [{ what, why }] }
}

/** The answer to an order's change that came after the delivery was posted: the event, and what history says. */
export function tooLate(
  delivery: Delivery,
  order: Order,
  causedBy: Event | undefined,
): { readonly told: Outgoing; readonly note: Note } {
  const change = order.status === 'cancelled' ? 'cancelled' : 'amended'
  const detail = `Order ${order.orderNumber} was ${change} (revision ${order.revision}) when ${delivery.number} was ${delivery.status} already.`
  const data = {
    documentId: delivery.id,
    number: delivery.number,
    warehouse: delivery.warehouse,
    kind: 'delivery',
    orderSource: order.source,
    orderNumber: order.orderNumber,
    revision: order.revision,
    change,
    detail,
  } as const
  const told = event(pickingOrderChangeTooLate, delivery.id, data, causedBy === undefined ? {} : { causedBy })
  return { told, note: { what: 'order-change-too-late', why: detail } }
}

/** A draft for what is still wanted of an order, in the warehouse that the order names now. */
export async function draftOf(
  tx: Tx,
  order: Order,
  deliveries: readonly Delivery[],
  backorderOf: string | null,
): Promise<Draft | undefined> {
  const catalog = await catalogFor(tx, deliveries, order.content.lines)
  const wanted = wantedOf(order, deliveries, catalog)
  return draftForOrder(order, wanted, { id: uuid(), at: tx.now, backorderOf }, catalog)
}

async function lackingForDeliveries(tx: Tx, contents: readonly OrderContent[]): Promise<readonly (Wait | undefined)[]> {
  const codes = contents.map((content) => content.warehouse)
  const warehouses = await warehousesOf(tx, codes)
  return codes.map((code) =>
    warehouses.get(code)?.active === true
      ? undefined
      : waitFor(`Warehouse "${code}" is not known.`, warehouseKey(code)),
  )
}

async function createForAll(tx: Tx, orders: readonly NewOrder[]): Promise<void> {
  const lines = orders.flatMap(({ order }) => order.content.lines)
  const catalog = await catalogFor(tx, [], lines)
  const drafts = orders.flatMap(({ order, causedBy }) => {
    const given = { id: uuid(), at: tx.now, backorderOf: null }
    const draft = draftForOrder(order, wantedOf(order, [], catalog), given, catalog)
    return draft === undefined
      ? []
      : [{ draft, note: { ...noteOfOrder(order), who: causedBy.actor ?? null }, causedBy }]
  })
  await save(tx, { drafts })
}

async function completeAll(tx: Tx, { id, orderNumber, content }: Order): Promise<void> {
  const { partner: customer } = content
  const note = { what: 'order-told-again', why: `Order ${orderNumber}` }
  const restored = (await storedDeliveries.lockOfOrder(tx, id)).filter(({ delivery }) => delivery.customer === null)
  await storedDeliveries.update(
    tx,
    restored.map((stored) => ({ stored, after: { ...stored.delivery, customer }, notes: [note] })),
  )
}

async function followOrder(tx: Tx, change: OrderChange): Promise<void> {
  const { order, causedBy, reason } = change
  const all = await storedDeliveries.lockOfOrder(tx, order.id)
  const deliveries = all.map(({ delivery }) => delivery)
  const open = all.filter(({ delivery }) => isOpen(delivery.status))
  const posting = all.find(({ delivery }) => delivery.status === 'posting')
  if (posting !== undefined) return rememberChange(tx, posting, order)
  if (open.length > 0) return amendOpen(tx, order, all, open, reason)
  const untouched = deliveries.every(({ status }) => status === 'cancelled')
  const last = all.at(-1)
  if (last === undefined || (untouched && change.reopened)) return createFor(tx, order, deliveries)
  if (order.status === 'cancelled' && untouched) return
  const { told, note } = tooLate(last.delivery, order, causedBy)
  const after = { ...last.delivery, orderRevision: order.revision }
  await saveOne(tx, { stored: last, after, notes: [note] }, [told])
}

async function createFor(tx: Tx, order: Order, deliveries: readonly Delivery[]): Promise<void> {
  const draft = await draftOf(tx, order, deliveries, null)
  if (draft === undefined) return
  await save(tx, { drafts: [{ draft, note: noteOfOrder(order) }] })
}

/** The order is saved with its new revision; what the ledger answers decides whether it can still be followed. */
async function rememberChange(tx: Tx, stored: StoredDelivery, order: Order): Promise<void> {
  const change = order.status === 'cancelled' ? 'cancelled' : 'amended'
  const why = `Order ${order.orderNumber} was ${change} (revision ${order.revision}) while the ledger was asked.`
  await saveOne(tx, { stored, after: stored.delivery, notes: [{ what: 'order-change-waits', why }] })
}

/** The delivery in the order's warehouse follows; one elsewhere, left from before the order moved, is cancelled. */
async function amendOpen(
  tx: Tx,
  order: Order,
  all: readonly StoredDelivery[],
  open: readonly StoredDelivery[],
  reason: string | null,
): Promise<void> {
  const deliveries = all.map(({ delivery }) => delivery)
  const catalog = await catalogFor(tx, deliveries, order.content.lines)
  const wanted = wantedOf(order, deliveries, catalog)
  const home = open.findLast(({ delivery }) => delivery.warehouse === order.content.warehouse)
  const changes = open.map((stored) =>
    amended(stored, amendDelivery(stored.delivery, order, stored === home ? wanted : [], catalog), order, reason),
  )
  const given = { id: uuid(), at: tx.now, backorderOf: null }
  const draft = home === undefined ? draftForOrder(order, wanted, given, catalog) : undefined
  await save(tx, { changes, drafts: draft === undefined ? [] : [{ draft, note: noteOfOrder(order) }] })
}

function lineFaults(line: HandDelivery['lines'][number], at: string, catalog: Catalog): readonly FieldFault[] {
  const product = catalog.products.get(line.sku)
  if (product === undefined) return [{ pointer: `${at}/sku`, message: `product "${line.sku}" is not known` }]
  if (product.type === 'service')
    return [{ pointer: `${at}/sku`, message: `${line.sku} is a service: there is nothing to deliver` }]
  const base = toBaseQuantity(product, parseQuantity(line.quantity), line.unit ?? product.unit, catalog.units)
  if (!isFault(base)) return []
  return [{ pointer: base.fault.startsWith(product.sku) ? `${at}/unit` : `${at}/quantity`, message: base.fault }]
}

function noteOfOrder(order: Order): Note {
  return { what: 'created', why: `Order ${order.orderNumber}` }
}

function noteOfArrival(after: Delivery): Note {
  if (after.status === 'cancelled') return { what: 'cancelled', why: 'Only services are left.', who: null }
  if (after.status === 'draft') return { what: 'still-waits', why: after.problem, who: null }
  return { what: 'problem-solved', why: 'All products and units are known.', who: null }
}
