/** Documents follow their orders: made, changed, cancelled, or too late to be. */
import type { Note, Stored } from '@stockline/documents'
import { waitFor, type Outgoing, type Wait } from '@stockline/service-kit'
import { v7 as uuid } from 'uuid'
import type { Reader, Tx } from '../database.ts'
import { warehouseKey } from '../locations/location.actions.ts'
import { locationOfKey } from '../locations/location.ts'
import { referenceDataForWaiting } from '../products/product.actions.ts'
import type { ReferenceData } from '../products/product.ts'
import type {
  CausedChange,
  CausedDraft,
  FollowableChange,
  Followed,
  Home,
  NewOrder,
  OrderChange,
  OrderDocument,
  OrderDocuments,
  OrderedKind,
} from './order.documents.ts'
import { followed, wantedOf, type OrderDraft, type OrderedDocument } from './order.follow.ts'
import { tellTooLate } from './order.late.actions.ts'
import type { Wanted } from './order.quantities.ts'
import { whyChanged, whyMade, type Order, type OrderContent } from './order.ts'

/** How orders lead to documents of a kind. */
export function documentsOf<Document extends OrderedDocument, Draft extends OrderDraft>(
  kind: OrderedKind<Document, Draft>,
): OrderDocuments {
  return {
    homes: (tx, contents) => homesFor(tx, kind, contents),
    lock: (tx, orderIds) => kind.store.lockAllOfOrders(tx, orderIds),
    create: (tx, orders) => create(tx, kind, orders),
    complete: (tx, order) => complete(tx, kind, order),
    follow: (tx, change) => follow(tx, kind, change),
    unitNamed: kind.unitNamed,
    read: (db, orderIds) => read(db, kind, orderIds),
  }
}

async function homesFor<Document extends OrderedDocument, Draft extends OrderDraft>(
  tx: Tx,
  { rules, homesOf }: OrderedKind<Document, Draft>,
  contents: readonly OrderContent[],
): Promise<readonly (Home | Wait)[]> {
  const codes = contents.map(({ warehouse }) => warehouse)
  const homes = await homesOf(tx, codes)
  return codes.map((code) => {
    const home = homes.get(code)
    const lack = home?.active === true ? rules.lackOf(home) : 'is not known'
    return home === undefined || lack !== undefined
      ? waitFor(`Warehouse "${code}" ${lack ?? ''}.`, warehouseKey(code))
      : home
  })
}

async function create<Document extends OrderedDocument, Draft extends OrderDraft>(
  tx: Tx,
  { rules, save }: OrderedKind<Document, Draft>,
  orders: readonly NewOrder[],
): Promise<readonly string[]> {
  const referenceData = await referenceDataForWaiting(
    tx,
    orders.flatMap(({ order }) => order.content.lines),
  )
  const drafts = orders.flatMap(({ order, home, causedBy }): readonly CausedDraft<Draft>[] => {
    const given = { id: uuid(), at: tx.now, home, backorderOf: null }
    const draft = rules.draft(order, wantedOf(rules, order, [], referenceData), given, referenceData)
    return draft === undefined ? [] : [{ draft, note: noteOfOrder(order, causedBy.actor ?? null), causedBy }]
  })
  await save(tx, { drafts, referenceData, homes: orders.map(({ home }) => home) })
  return drafts.flatMap(({ draft: { waitsFor, orderId } }) => (waitsFor.length > 0 ? (orderId ?? []) : []))
}

async function follow<Document extends OrderedDocument, Draft extends OrderDraft>(
  tx: Tx,
  kind: OrderedKind<Document, Draft>,
  change: OrderChange,
): Promise<Followed> {
  const all = await kind.store.lockOfOrder(tx, change.order.id)
  const posting = all.find(({ document }) => document.status === 'posting')
  if (posting !== undefined) {
    // The order is saved with its new revision; what the ledger answers decides whether it can still be followed.
    const note = { what: 'order-change-waits', why: whyItWaits(change.order) }
    await kind.save(tx, { changes: [{ stored: posting, after: posting.document, notes: [note] }] })
    return 'remembered'
  }
  const work = await followedBy(tx, kind, change, all)
  await kind.save(tx, work)
  const now = [...work.changes.map(({ after }) => after), ...work.drafts.map(({ draft }) => draft)]
  return now.some(({ waitsFor }) => waitsFor.some(isOfGoods)) ? 'waits' : 'followed'
}

/** Is it a product or unit that is waited for? */
function isOfGoods(key: string): boolean {
  return locationOfKey(key) === undefined
}

/** All that an order's change leads to. */
interface FollowedWork<Document, Draft> {
  readonly changes: readonly CausedChange<Document>[]
  readonly drafts: readonly CausedDraft<Draft>[]
  readonly told: readonly Outgoing[]
  readonly referenceData: ReferenceData
}

/**
 * Works out what an order's change leads to: changed documents, one for what none is for yet, and what came too late. None of its
 * documents may be `posting`.
 *
 * @param all its documents, locked
 */
export async function followedBy<Document extends OrderedDocument, Draft extends OrderDraft>(
  tx: Tx,
  kind: OrderedKind<Document, Draft>,
  change: FollowableChange,
  all: readonly Stored<Document>[],
): Promise<FollowedWork<Document, Draft>> {
  const { rules } = kind
  const { order, before, reason, causedBy, by } = change
  const documents = all.map(({ document }) => document)
  const named = [...documents.flatMap(rules.named), ...order.content.lines, ...(before ?? [])]
  const referenceData = await referenceDataForWaiting(tx, named)
  const { amendments, missing, late, lateOn, furtherOf } = followed(rules, order, change, documents, referenceData)
  const storedOf = new Map(all.map((stored) => [stored.document, stored]))
  const signed = (note: Note): Note => (by === undefined ? note : { ...note, who: by })
  const changed = (document: Document, after: Document, note: Note): readonly CausedChange<Document>[] => {
    const stored = storedOf.get(document)
    return stored === undefined ? [] : [{ stored, after, notes: [signed(note)], causedBy }]
  }
  const changes = amendments.flatMap(({ document, after }) =>
    changed(document, after, noteOfChange(after, order, reason)),
  )
  const draft =
    missing.length === 0 ? undefined : await further(tx, kind, change, { missing, furtherOf, referenceData })
  const drafts = draft === undefined ? [] : [{ draft, note: signed(noteOfOrder(order)), causedBy }]
  if (lateOn === undefined) return { changes, drafts, told: [], referenceData }
  const { told, note } = await tellTooLate(tx, { kind: rules.kind, order, lines: late, causedBy }, lateOn)
  const after = { ...lateOn, orderRevision: order.revision }
  return { changes: [...changes, ...changed(lateOn, after, note)], drafts, told: [told], referenceData }
}

/** What no document is for yet, and after which one its document comes. */
interface Further {
  readonly missing: readonly Wanted[]
  readonly furtherOf: string | null
  readonly referenceData: ReferenceData
}

/** A draft for what is wanted of an order and on no document yet, in the warehouse that the order names now. */
async function further<Document extends OrderedDocument, Draft extends OrderDraft>(
  tx: Tx,
  { rules, homesOf }: OrderedKind<Document, Draft>,
  { order, home: known }: FollowableChange,
  { missing, furtherOf, referenceData }: Further,
): Promise<Draft | undefined> {
  const code = order.content.warehouse
  const home = known ?? (await homesOf(tx, [code])).get(code)
  if (home === undefined) throw new Error(`Warehouse ${code} is not known any more.`)
  return rules.draft(order, missing, { id: uuid(), at: tx.now, home, backorderOf: furtherOf }, referenceData)
}

async function complete<Document extends OrderedDocument, Draft extends OrderDraft>(
  tx: Tx,
  { rules, store }: OrderedKind<Document, Draft>,
  { id, orderNumber, content }: Order,
): Promise<void> {
  const note = { what: 'order-told-again', why: `Order ${orderNumber}` }
  const changes = (await store.lockOfOrder(tx, id)).flatMap((stored) => {
    const after = rules.complete(stored.document, content)
    return after === undefined ? [] : [{ stored, after, notes: [note] }]
  })
  // Others were told of these documents before.
  await store.update(tx, changes)
}

async function read<Document extends OrderedDocument, Draft extends OrderDraft>(
  db: Reader,
  { rules, store }: OrderedKind<Document, Draft>,
  orderIds: readonly string[],
): Promise<readonly OrderDocument[]> {
  return (await store.readOfOrders(db, orderIds)).flatMap(({ document }): readonly OrderDocument[] => {
    const { orderId, id, number, status } = document
    if (orderId === null) return []
    const parts = (referenceData: ReferenceData) => rules.parts(document, referenceData)
    return [{ orderId, kind: rules.kind, id, number, status, named: rules.named(document), parts }]
  })
}

function noteOfOrder(order: Order, who?: Note['who']): Note {
  return { what: 'created', why: whyMade(order), ...(who === undefined ? {} : { who }) }
}

/** What an order's change did to an open document. */
function noteOfChange({ status }: OrderedDocument, order: Order, reason: string | null): Note {
  return { what: status === 'cancelled' ? 'cancelled' : 'order-changed', why: whyChanged(order, reason) }
}

function whyItWaits({ orderNumber, revision, status }: Order): string {
  const change = status === 'cancelled' ? 'cancelled' : 'amended'
  return `Order ${orderNumber} was ${change} (revision ${revision}) while the ledger was asked.`
}
