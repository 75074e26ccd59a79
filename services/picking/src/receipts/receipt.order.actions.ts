/** Receipts follow their orders: made, changed, cancelled, or too late to be. */
import { publish, waitFor, type Outgoing, type Wait } from '@stockline/service-kit'
import { v7 as uuid } from 'uuid'
import type { Reader, Tx } from '../database.ts'
import type { NewDocument, Stored } from '../documents/document.ts'
import type { Note } from '../history/history.ts'
import { receivingWarehousesOf, warehouseKey, warehouseOf } from '../locations/location.actions.ts'
import type { ReceiptPlace, ReceivingWarehouse, Warehouse } from '../locations/location.ts'
import { detailsOf, dueDateOf } from '../orders/order.details.ts'
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
import type { Catalog } from '../products/product.ts'
import { catalogFor, type ReceiptChange } from './receipt.actions.ts'
import { draftForOrder, receiptParts, reconsiderReceipt, wantedOf, type Draft, type Wanted } from './receipt.amend.ts'
import { followed } from './receipt.follow.ts'
import { unitNamedOnReceipts } from './receipt.products.actions.ts'
import { withPlacesJudged } from './receipt.places.actions.ts'
import { withoutPlaces } from './receipt.places.ts'
import { storedReceipts } from './receipt.store.ts'
import { isOpen, type Receipt } from './receipt.ts'

/** How purchase orders lead to receipts. */
export function receiptsOfOrders(companyCurrency: string): OrderDocuments {
  return {
    lacks: lackingForReceipts,
    lock: (tx, ids) => storedReceipts.lockAllOfOrders(tx, ids),
    create: (tx, orders) => createForAll(tx, orders, companyCurrency),
    complete: completeAll,
    follow: (tx, change) => followOrder(tx, change, companyCurrency),
    unitNamed: unitNamedOnReceipts,
    read: readForOrders,
  }
}

async function readForOrders(db: Reader, orderIds: readonly string[]): Promise<readonly OrderDocument[]> {
  const found = await storedReceipts.readOfOrders(db, orderIds)
  return found.flatMap(({ document: receipt }) => {
    const { orderId, id, number, status } = receipt
    return orderId === null ? [] : [{ orderId, kind: 'receipt', id, number, status, parts: receiptParts(receipt) }]
  })
}

/** Looks again at open receipts that wait for one of these products or units. */
export async function receiptsBecameKnown(tx: Tx, keys: readonly string[]): Promise<void> {
  const ids = await storedReceipts.waitingIds(tx, keys)
  if (ids.length === 0) return
  const waiting = (await storedReceipts.lock(tx, ids)).filter(({ document }) => isOpen(document.status))
  const catalog = await catalogFor(
    tx,
    waiting.map(({ document }) => document),
  )
  await storedReceipts.update(
    tx,
    waiting.flatMap((stored): readonly ReceiptChange[] => {
      const after = reconsiderReceipt(stored.document, catalog)
      return isAsBefore(stored.document, after) ? [] : [{ stored, after, notes: [noteOfArrival(after)] }]
    }),
  )
}

/** What an order's change does to one open receipt, with its note. */
function amended(
  stored: Stored<Receipt>,
  after: Receipt,
  order: Order,
  reason: string | null,
  by: Note['who'],
): ReceiptChange {
  const what = after.status === 'cancelled' ? 'cancelled' : 'order-changed'
  const why = whyChanged(order, reason)
  return { stored, after, notes: [by === undefined ? { what, why } : { what, why, who: by }] }
}

/** Warehouses that `lacks` has read, for what follows in the same transaction: it is given the same content. */
const homes = new WeakMap<OrderContent, ReceivingWarehouse>()

async function lackingForReceipts(tx: Tx, contents: readonly OrderContent[]): Promise<readonly (Wait | undefined)[]> {
  const warehouses = await receivingWarehousesOf(
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

async function createForAll(tx: Tx, orders: readonly NewOrder[], companyCurrency: string): Promise<readonly string[]> {
  const lines = orders.flatMap(({ order }) => order.content.lines)
  const catalog = await catalogFor(tx, [], lines)
  const drafts = orders.flatMap(({ order, causedBy }) => {
    const destination = destinationOf(order, homes.get(order.content))
    const wanted = wantedOf(order, [], catalog)
    const given = { id: uuid(), destination, companyCurrency, at: tx.now, backorderOf: null }
    const draft = draftForOrder(order, wanted, given, catalog)
    if (draft === undefined) return []
    return [{ draft, note: { what: 'created', why: whyMade(order), who: causedBy.actor ?? null } }]
  })
  await storedReceipts.create(tx, await withPlacesJudged(tx, drafts, receiptPlacesOf(orders)))
  return drafts.flatMap(({ draft: { waitsFor, orderId } }) => (waitsFor.length > 0 ? (orderId ?? []) : []))
}

/** The places that their warehouses receive at, where they are known. */
function receiptPlacesOf(orders: readonly NewOrder[]): ReadonlyMap<string, ReceiptPlace> {
  const places = new Map<string, ReceiptPlace>()
  for (const { order } of orders) {
    const { defaultReceiptLocation: code, receiptPlace } = homes.get(order.content) ?? {}
    if (code && receiptPlace) places.set(code, receiptPlace)
  }
  return places
}

function destinationOf(order: Order, warehouse: Warehouse | undefined): string {
  const destination = warehouse?.defaultReceiptLocation
  if (destination === null || destination === undefined)
    throw new Error(`Warehouse ${order.content.warehouse} has no default receipt location.`)
  return destination
}

async function followOrder(tx: Tx, change: OrderChange, companyCurrency: string): Promise<Followed> {
  const all = await storedReceipts.lockOfOrder(tx, change.order.id)
  const posting = all.find(({ document }) => document.status === 'posting')
  if (posting !== undefined) {
    await rememberChange(tx, posting, change.order)
    return 'remembered'
  }
  const { changes, drafts, told } = await followedBy(tx, change, all, companyCurrency)
  await storedReceipts.update(tx, changes)
  await storedReceipts.create(tx, await withPlacesJudged(tx, drafts))
  await publish(tx, ...told)
  const waits = [...changes.map(({ after }) => after), ...drafts.map(({ draft }) => draft)]
  return waits.some((one) => withoutPlaces(one).waitsFor.length > 0) ? 'waits' : 'followed'
}

/** What an order's change leads to: changed receipts, one for what none expects yet, and what came too late. */
export interface FollowedReceipts {
  readonly changes: readonly ReceiptChange[]
  readonly drafts: readonly NewDocument<Receipt>[]
  readonly told: readonly Outgoing[]
}

/**
 * Works out what an order's change leads to. None of its receipts may be `posting`.
 *
 * @param all its receipts, locked
 */
export async function followedBy(
  tx: Tx,
  { order, before, left = [], reason, causedBy, by }: FollowableChange,
  all: readonly Stored<Receipt>[],
  companyCurrency: string,
): Promise<FollowedReceipts> {
  const receipts = all.map(({ document }) => document)
  const catalog = await catalogFor(tx, receipts, [...order.content.lines, ...(before ?? [])])
  const { amendments, missing, late, lateOn, furtherOf } = followed(
    order,
    before,
    left,
    receipts,
    companyCurrency,
    catalog,
  )
  const storedOf = new Map(all.map((stored) => [stored.document, stored]))
  const changes = amendments.flatMap(({ receipt, after }) => {
    const stored = storedOf.get(receipt)
    return stored === undefined ? [] : [amended(stored, after, order, reason, by)]
  })
  const draft =
    missing.length === 0 ? undefined : await draftOf(tx, order, missing, furtherOf, companyCurrency, catalog)
  const note = { what: 'created', why: whyMade(order), ...(by === undefined ? {} : { who: by }) }
  const drafts = draft === undefined ? [] : [{ draft, note }]
  const stored = lateOn === undefined ? undefined : storedOf.get(lateOn)
  if (stored === undefined) return { changes, drafts, told: [] }
  const { told, note: lateNote } = await tellTooLate(
    tx,
    { kind: 'receipt', order, lines: late, causedBy },
    stored.document,
  )
  const after = { ...stored.document, orderRevision: order.revision }
  const notes = [by === undefined ? lateNote : { ...lateNote, who: by }]
  return { changes: [...changes, { stored, after, notes }], drafts, told: [told] }
}

async function completeAll(tx: Tx, { id, orderNumber, content }: Order): Promise<void> {
  const vendor = content.partner
  const scheduledDate = dueDateOf(content)
  const note = { what: 'order-told-again', why: `Order ${orderNumber}` }
  const restored = (await storedReceipts.lockOfOrder(tx, id)).filter(({ document }) => document.vendor === null)
  await storedReceipts.update(
    tx,
    restored.map((stored) => {
      const details = stored.document.details ?? detailsOf(content)
      return { stored, after: { ...stored.document, vendor, scheduledDate, details }, notes: [note] }
    }),
  )
}

/** A draft for what is wanted of an order and not expected yet, in the warehouse that the order names now. */
async function draftOf(
  tx: Tx,
  order: Order,
  wanted: readonly Wanted[],
  backorderOf: string | null,
  companyCurrency: string,
  catalog: Catalog,
): Promise<Draft | undefined> {
  const known = homes.get(order.content) ?? (await warehouseOf(tx, order.content.warehouse))
  const destination = destinationOf(order, known)
  return draftForOrder(order, wanted, { id: uuid(), destination, companyCurrency, at: tx.now, backorderOf }, catalog)
}

/** The order is saved with its new revision; what the ledger answers decides whether it can still be followed. */
async function rememberChange(tx: Tx, stored: Stored<Receipt>, order: Order): Promise<void> {
  const change = order.status === 'cancelled' ? 'cancelled' : 'amended'
  const why = `Order ${order.orderNumber} was ${change} (revision ${order.revision}) while the ledger was asked.`
  await storedReceipts.update(tx, [{ stored, after: stored.document, notes: [{ what: 'order-change-waits', why }] }])
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
