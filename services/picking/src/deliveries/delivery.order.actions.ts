/** Deliveries follow their orders: made, changed, cancelled, or too late to be; and are made by hand. */
import { parseQuantity } from '@stockline/amounts'
import type { OrderDetails } from '@stockline/contracts'
import { refuse, waitFor, type Actor, type FieldFault, type Refusal, type Wait } from '@stockline/service-kit'
import { v7 as uuid } from 'uuid'
import type { Reader, Tx } from '../database.ts'
import type { Stored } from '../documents/document.ts'
import type { Note } from '../history/history.ts'
import { scopeOf, warehouseKey, warehouseOf, warehousesOf } from '../locations/location.actions.ts'
import { isWithin } from '../locations/location.ts'
import { detailsByHand, detailsOf } from '../orders/order.details.ts'
import type {
  FollowableChange,
  Followed,
  NewOrder,
  OrderChange,
  OrderDocument,
  OrderDocuments,
} from '../orders/order.documents.ts'
import { tellTooLate } from '../orders/order.late.actions.ts'
import { whyChanged, whyMade, type Order, type OrderContent } from '../orders/order.ts'
import { catalogOf } from '../products/product.actions.ts'
import { isFault, toBaseQuantity, type Catalog } from '../products/product.ts'
import { catalogFor, save, saveOne, type DeliveryChange, type Work } from './delivery.actions.ts'
import { followed } from './delivery.follow.ts'
import {
  deliveryParts,
  draftByHand,
  draftForOrder,
  reconsiderDelivery,
  wantedOf,
  type Wanted,
} from './delivery.order.ts'
import { unitNamedOnDeliveries } from './delivery.products.actions.ts'
import { storedDeliveries } from './delivery.store.ts'
import type { Delivery } from './delivery.ts'

/** How sales orders lead to deliveries. */
export const deliveriesOfOrders: OrderDocuments = {
  lacks: lackingForDeliveries,
  lock: (tx, ids) => storedDeliveries.lockAllOfOrders(tx, ids),
  create: createForAll,
  complete: completeAll,
  follow: followOrder,
  unitNamed: unitNamedOnDeliveries,
  read: readForOrders,
}

async function readForOrders(db: Reader, orderIds: readonly string[]): Promise<readonly OrderDocument[]> {
  const found = await storedDeliveries.readOfOrders(db, orderIds)
  const catalog = await catalogOf(
    db,
    found.flatMap(({ document }) => document.lines),
  )
  return found.flatMap(({ document: delivery }) => {
    const { orderId, id, number, status } = delivery
    if (orderId === null) return []
    return [{ orderId, kind: 'delivery', id, number, status, parts: deliveryParts(delivery, catalog) }]
  })
}

/** A delivery as a person asks for it. */
export interface HandDelivery {
  readonly customer?: { readonly code: string; readonly name: string } | undefined
  readonly warehouse: string
  readonly source?: string | undefined
  readonly scheduledDate?: string | undefined
  readonly priority: number
  readonly allowPartial: boolean
  readonly note?: string | undefined
  readonly references?: OrderDetails['references']
  readonly lines: readonly { readonly sku: string; readonly quantity: string; readonly unit?: string | undefined }[]
}

/** Makes a delivery without an order. */
export async function createByHand(tx: Tx, given: HandDelivery, actor: Actor): Promise<Stored<Delivery> | Refusal> {
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
    details: detailsByHand(given),
    createdAt: tx.now,
  }
  const draft = draftByHand(head, wanted, catalog)
  const { created } = await save(tx, { drafts: [{ draft, note: { what: 'created', why: null } }], catalog })
  const [stored] = created
  if (stored === undefined) throw new Error('A delivery was made and is not there.')
  return stored
}

/** Looks again at drafts that wait for one of these products or units. */
export async function deliveriesBecameKnown(tx: Tx, keys: readonly string[]): Promise<void> {
  const ids = await storedDeliveries.waitingIds(tx, keys)
  if (ids.length === 0) return
  const waiting = (await storedDeliveries.lock(tx, ids)).filter(({ document }) => document.status === 'draft')
  const catalog = await catalogFor(
    tx,
    waiting.map(({ document }) => document),
  )
  const changes = waiting.flatMap((stored): readonly DeliveryChange[] => {
    const after = reconsiderDelivery(stored.document, catalog)
    const waitsAsBefore = after.status === 'draft' && after.problem === stored.document.problem
    return waitsAsBefore ? [] : [{ stored, after, notes: [noteOfArrival(after)] }]
  })
  await save(tx, { changes, catalog })
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

async function createForAll(tx: Tx, orders: readonly NewOrder[]): Promise<readonly string[]> {
  const lines = orders.flatMap(({ order }) => order.content.lines)
  const catalog = await catalogFor(tx, [], lines)
  const drafts = orders.flatMap(({ order, causedBy }) => {
    const given = { id: uuid(), at: tx.now, backorderOf: null }
    const draft = draftForOrder(order, wantedOf(order, [], catalog), given, catalog)
    return draft === undefined
      ? []
      : [{ draft, note: { ...noteOfOrder(order), who: causedBy.actor ?? null }, causedBy }]
  })
  await save(tx, { drafts, catalog })
  return drafts.flatMap(({ draft: { waitsFor, orderId } }) => (waitsFor.length > 0 ? (orderId ?? []) : []))
}

async function completeAll(tx: Tx, { id, orderNumber, content }: Order): Promise<void> {
  const { partner: customer } = content
  const note = { what: 'order-told-again', why: `Order ${orderNumber}` }
  const restored = (await storedDeliveries.lockOfOrder(tx, id)).filter(({ document }) => document.customer === null)
  await storedDeliveries.update(
    tx,
    restored.map((stored) => ({
      stored,
      after: { ...stored.document, customer, details: stored.document.details ?? detailsOf(content) },
      notes: [note],
    })),
  )
}

async function followOrder(tx: Tx, change: OrderChange): Promise<Followed> {
  const all = await storedDeliveries.lockOfOrder(tx, change.order.id)
  const posting = all.find(({ document }) => document.status === 'posting')
  if (posting !== undefined) {
    await rememberChange(tx, posting, change.order)
    return 'remembered'
  }
  const work = await followedBy(tx, change, all)
  await save(tx, work)
  const waits = [...work.changes.map(({ after }) => after), ...work.drafts.map(({ draft }) => draft)]
  return waits.some(({ waitsFor }) => waitsFor.length > 0) ? 'waits' : 'followed'
}

/**
 * Works out what an order's change leads to: changed deliveries, one for what none takes yet, and what came too late. None of its
 * deliveries may be `posting`.
 *
 * @param all its deliveries, locked
 */
export async function followedBy(
  tx: Tx,
  { order, before, left = [], reason, causedBy, by }: FollowableChange,
  all: readonly Stored<Delivery>[],
): Promise<Required<Work>> {
  const deliveries = all.map(({ document }) => document)
  const catalog = await catalogFor(tx, deliveries, [...order.content.lines, ...(before ?? [])])
  const { amendments, missing, late, lateOn, furtherOf } = followed(order, before, left, deliveries, catalog)
  const storedOf = new Map(all.map((stored) => [stored.document, stored]))
  const signed = (note: Note): Note => (by === undefined ? note : { ...note, who: by })
  const changes = amendments.flatMap(({ delivery, after }): readonly DeliveryChange[] => {
    const stored = storedOf.get(delivery)
    return stored === undefined
      ? []
      : [{ stored, after, notes: [signed(noteOfChange(after, order, reason))], causedBy }]
  })
  const draft = draftForOrder(order, missing, { id: uuid(), at: tx.now, backorderOf: furtherOf }, catalog)
  const drafts = draft === undefined ? [] : [{ draft, note: signed(noteOfOrder(order)), causedBy }]
  const stored = lateOn === undefined ? undefined : storedOf.get(lateOn)
  if (stored === undefined) return { changes, drafts, told: [], catalog }
  const { told, note } = await tellTooLate(tx, { kind: 'delivery', order, lines: late, causedBy }, stored.document)
  const after = { ...stored.document, orderRevision: order.revision }
  return { changes: [...changes, { stored, after, notes: [signed(note)], causedBy }], drafts, told: [told], catalog }
}

/** The order is saved with its new revision; what the ledger answers decides whether it can still be followed. */
async function rememberChange(tx: Tx, stored: Stored<Delivery>, order: Order): Promise<void> {
  const change = order.status === 'cancelled' ? 'cancelled' : 'amended'
  const why = `Order ${order.orderNumber} was ${change} (revision ${order.revision}) while the ledger was asked.`
  await saveOne(tx, { stored, after: stored.document, notes: [{ what: 'order-change-waits', why }] })
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
  return { what: 'created', why: whyMade(order) }
}

/** What an order's change did to an open delivery. */
function noteOfChange(after: Delivery, order: Order, reason: string | null): Note {
  const what = after.status === 'cancelled' ? 'cancelled' : 'order-changed'
  return { what, why: whyChanged(order, reason) }
}

function noteOfArrival(after: Delivery): Note {
  if (after.status === 'cancelled') return { what: 'cancelled', why: 'Only services are left.', who: null }
  if (after.status === 'draft') return { what: 'still-waits', why: after.problem, who: null }
  return { what: 'problem-solved', why: 'All products and units are known.', who: null }
}
