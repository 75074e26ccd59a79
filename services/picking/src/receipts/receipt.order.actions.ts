/** Receipts follow their orders: made, changed, cancelled, or too late to be. */
import { pickingOrderChangeTooLate } from '@stockline/contracts'
import type { Event } from '@stockline/contracts/envelope'
import { event, publish, waitFor, type Outgoing, type Wait } from '@stockline/service-kit'
import { v7 as uuid } from 'uuid'
import type { Tx } from '../database.ts'
import type { Note } from '../history/history.ts'
import { warehouseKey, warehouseOf, warehousesOf } from '../locations/location.actions.ts'
import type { Warehouse } from '../locations/location.ts'
import type { NewOrder, OrderChange, OrderDocuments } from '../orders/order.actions.ts'
import type { Order, OrderContent } from '../orders/order.ts'
import { catalogFor, type ReceiptChange } from './receipt.actions.ts'
import { amendReceipt, draftForOrder, reconsiderReceipt, wantedOf, type Draft } from './receipt.amend.ts'
import { storedReceipts, type StoredReceipt } from './receipt.store.ts'
import { isOpen, type Receipt } from './receipt.ts'

/** How purchase orders lead to receipts. */
export function receiptsOfOrders(companyCurrency: string): OrderDocuments {
  return {
    lacks: lackingForReceipts,
    lock: (tx, ids) => storedReceipts.lockAllOfOrders(tx, ids),
    create: (tx, orders) => createForAll(tx, orders, companyCurrency),
    complete: completeAll,
    follow: (tx, change) => followOrder(tx, change, companyCurrency),
  }
}

/** Looks again at open receipts that wait for one of these products or units. */
export async function receiptsBecameKnown(tx: Tx, keys: readonly string[]): Promise<void> {
  const ids = await storedReceipts.waitingIds(tx, keys)
  if (ids.length === 0) return
  const waiting = (await storedReceipts.lock(tx, ids)).filter(({ receipt }) => isOpen(receipt.status))
  const catalog = await catalogFor(
    tx,
    waiting.map(({ receipt }) => receipt),
  )
  await storedReceipts.update(
    tx,
    waiting.flatMap((stored): readonly ReceiptChange[] => {
      const after = reconsiderReceipt(stored.receipt, catalog)
      return isAsBefore(stored.receipt, after) ? [] : [{ stored, after, notes: [noteOfArrival(after)] }]
    }),
  )
}

/** What an order's change does to one open receipt, with its note. */
export function amended(
  stored: StoredReceipt,
  after: Receipt,
  order: Order,
  reason: string | null,
  by: Note['who'],
): ReceiptChange {
  const what = after.status === 'cancelled' ? 'cancelled' : 'order-changed'
  const change = order.status === 'cancelled' ? 'was cancelled' : 'was amended'
  const why = `Order ${order.orderNumber} ${change} (revision ${order.revision})${reason === null ? '' : `: ${reason}`}`
  return { stored, after, notes: [by === undefined ? { what, why } : { what, why, who: by }] }
}

/** The answer to an order's change that came after the receipt was posted: the event, and what history says. */
export function tooLate(receipt: Receipt, order: Order, causedBy: Event | undefined): { told: Outgoing; note: Note } {
  const change = order.status === 'cancelled' ? 'cancelled' : 'amended'
  const detail = `Order ${order.orderNumber} was ${change} (revision ${order.revision}) when ${receipt.number} was ${receipt.status} already.`
  const data = {
    documentId: receipt.id,
    number: receipt.number,
    warehouse: receipt.warehouse,
    kind: 'receipt',
    orderSource: order.source,
    orderNumber: order.orderNumber,
    revision: order.revision,
    change,
    detail,
  } as const
  const told = event(pickingOrderChangeTooLate, receipt.id, data, causedBy === undefined ? {} : { causedBy })
  return { told, note: { what: 'order-change-too-late', why: detail } }
}

/** A draft for what is still wanted of an order, in the warehouse that the order names now. */
export async function draftOf(
  tx: Tx,
  order: Order,
  receipts: readonly Receipt[],
  companyCurrency: string,
  backorderOf: string | null,
): Promise<Draft | undefined> {
  const known = homes.get(order.content) ?? (await warehouseOf(tx, order.content.warehouse))
  const destination = destinationOf(order, known)
  const catalog = await catalogFor(tx, receipts, order.content.lines)
  const wanted = wantedOf(order, receipts, catalog)
  return draftForOrder(order, wanted, { id: uuid(), destination, companyCurrency, at: tx.now, backorderOf }, catalog)
}

/** Warehouses that `lacks` has read, for what follows in the same transaction: it is given the same content. */
const homes = new WeakMap<OrderContent, Warehouse>()

async function lackingForReceipts(tx: Tx, contents: readonly OrderContent[]): Promise<readonly (Wait | undefined)[]> {
  const warehouses = await warehousesOf(
    tx,
    contents.map((content) => content.warehouse),
  )
  return contents.map((content) => {
    const warehouse = warehouses.get(content.warehouse)
    const key = warehouseKey(content.warehouse)
    if (warehouse?.active !== true) return waitFor(`Warehouse "${content.warehouse}" is not known.`, key)
    if (warehouse.defaultReceiptLocation === null)
      return waitFor(`Warehouse "${content.warehouse}" has no default receipt location.`, key)
    homes.set(content, warehouse)
    return undefined
  })
}

async function createForAll(tx: Tx, orders: readonly NewOrder[], companyCurrency: string): Promise<void> {
  const lines = orders.flatMap(({ order }) => order.content.lines)
  const catalog = await catalogFor(tx, [], lines)
  const drafts = orders.flatMap(({ order, causedBy }) => {
    const destination = destinationOf(order, homes.get(order.content))
    const wanted = wantedOf(order, [], catalog)
    const given = { id: uuid(), destination, companyCurrency, at: tx.now, backorderOf: null }
    const draft = draftForOrder(order, wanted, given, catalog)
    if (draft === undefined) return []
    return [{ draft, note: { what: 'created', why: `Order ${order.orderNumber}`, who: causedBy.actor ?? null } }]
  })
  await storedReceipts.create(tx, drafts)
}

function destinationOf(order: Order, warehouse: Warehouse | undefined): string {
  const destination = warehouse?.defaultReceiptLocation
  if (destination === null || destination === undefined)
    throw new Error(`Warehouse ${order.content.warehouse} has no default receipt location.`)
  return destination
}

async function followOrder(tx: Tx, change: OrderChange, companyCurrency: string): Promise<void> {
  const { order, causedBy, reason } = change
  const all = await storedReceipts.lockOfOrder(tx, order.id)
  const receipts = all.map(({ receipt }) => receipt)
  const open = all.filter(({ receipt }) => isOpen(receipt.status))
  const posting = all.find(({ receipt }) => receipt.status === 'posting')
  if (posting !== undefined) return rememberChange(tx, posting, order)
  if (open.length > 0) return amendOpen(tx, order, all, open, reason, companyCurrency)
  const untouched = receipts.every(({ status }) => status === 'cancelled')
  const last = all.at(-1)
  if (last === undefined || (untouched && change.reopened)) return createFor(tx, order, receipts, companyCurrency)
  if (order.status === 'cancelled' && untouched) return
  const { told, note } = tooLate(last.receipt, order, causedBy)
  await publish(tx, told)
  await storedReceipts.update(tx, [
    { stored: last, after: { ...last.receipt, orderRevision: order.revision }, notes: [note] },
  ])
}

async function completeAll(tx: Tx, { id, orderNumber, content }: Order): Promise<void> {
  const { partner: vendor, scheduledDate } = content
  const note = { what: 'order-told-again', why: `Order ${orderNumber}` }
  const restored = (await storedReceipts.lockOfOrder(tx, id)).filter(({ receipt }) => receipt.vendor === null)
  await storedReceipts.update(
    tx,
    restored.map((stored) => ({ stored, after: { ...stored.receipt, vendor, scheduledDate }, notes: [note] })),
  )
}

async function createFor(tx: Tx, order: Order, receipts: readonly Receipt[], companyCurrency: string): Promise<void> {
  const draft = await draftOf(tx, order, receipts, companyCurrency, null)
  if (draft === undefined) return
  await storedReceipts.create(tx, [{ draft, note: { what: 'created', why: `Order ${order.orderNumber}` } }])
}

/** The order is saved with its new revision; what the ledger answers decides whether it can still be followed. */
async function rememberChange(tx: Tx, stored: StoredReceipt, order: Order): Promise<void> {
  const change = order.status === 'cancelled' ? 'cancelled' : 'amended'
  const why = `Order ${order.orderNumber} was ${change} (revision ${order.revision}) while the ledger was asked.`
  await storedReceipts.update(tx, [{ stored, after: stored.receipt, notes: [{ what: 'order-change-waits', why }] }])
}

/** The receipt in the order's warehouse follows; one elsewhere, left from before the order moved, loses its lines. */
async function amendOpen(
  tx: Tx,
  order: Order,
  all: readonly StoredReceipt[],
  open: readonly StoredReceipt[],
  reason: string | null,
  companyCurrency: string,
): Promise<void> {
  const receipts = all.map(({ receipt }) => receipt)
  const catalog = await catalogFor(tx, receipts, order.content.lines)
  const wanted = wantedOf(order, receipts, catalog)
  const home = open.findLast(({ receipt }) => receipt.warehouse === order.content.warehouse)
  const changes = open.map((stored) => {
    const after = amendReceipt(stored.receipt, order, stored === home ? wanted : [], companyCurrency, catalog)
    return amended(stored, after, order, reason, undefined)
  })
  await storedReceipts.update(tx, changes)
  if (home === undefined) await createFor(tx, order, receipts, companyCurrency)
}

/** Does it still wait for the same, with the same lines? */
function isAsBefore(before: Receipt, after: Receipt): boolean {
  const sameLines =
    after.lines.length === before.lines.length && after.lines.every((line) => before.lines.includes(line))
  return (
    sameLines &&
    after.status === before.status &&
    after.problem === before.problem &&
    isEqual(before.waitsFor, after.waitsFor)
  )
}

function isEqual(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((each, index) => each === other[index])
}

function noteOfArrival(after: Receipt): Note {
  if (after.status === 'cancelled') return { what: 'cancelled', why: 'Only services are left.', who: null }
  if (after.waitsFor.length > 0) return { what: 'still-waits', why: after.problem, who: null }
  return { what: 'problem-solved', why: 'All products and units are known.', who: null }
}
