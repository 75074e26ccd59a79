/** The ledger's answers to documents that orders lead to, many at once; and orders that changed while it was asked. */
import type { Event } from '@stockline/contracts/envelope'
import type { Note, Stored } from '@stockline/documents'
import type { Outgoing } from '@stockline/service-kit'
import { v7 as uuid } from 'uuid'
import type { Tx } from '../database.ts'
import {
  isAnswerTo,
  isRenumbered,
  postedDocument,
  type PostedEvent,
  type PostingListener,
  type RefusedEvent,
} from '../postings/posting.ts'
import { referenceDataOf } from '../products/product.actions.ts'
import type { ReferenceData } from '../products/product.ts'
import { changeFollowed, lockOrders } from './order.actions.ts'
import type { CausedChange, CausedDraft, OrderedKind } from './order.documents.ts'
import { followedBy } from './order.follow.actions.ts'
import type { OrderDraft, OrderedDocument } from './order.follow.ts'
import type { Order } from './order.ts'
import { orderWithUnitsNamed } from './order.units.actions.ts'

/** What documents of a kind do with the ledger's answers. */
export function answersTo<Document extends OrderedDocument, Draft extends OrderDraft>(
  kind: OrderedKind<Document, Draft>,
): PostingListener {
  return {
    kind: kind.rules.kind,
    posted: (tx, events) => takePosted(tx, kind, events),
    refused: (tx, events) => takeRefused(tx, kind, events),
  }
}

/** The ledger took documents: they are done, and what they left open becomes backorders. */
async function takePosted<Document extends OrderedDocument, Draft extends OrderDraft>(
  tx: Tx,
  kind: OrderedKind<Document, Draft>,
  events: readonly PostedEvent[],
): Promise<void> {
  const { rules, store } = kind
  const answered = await lockAnswered(tx, kind, events)
  const referenceData = await referenceDataOfLeft(tx, kind, answered)
  const work = unitOfWork<Document, Draft>()
  for (const { stored, order, answer } of answered) {
    const before = work.now(stored)
    const { attempt, position } = answer.data
    const place = `Ledger position ${position}`
    if (isRenumbered(before, answer.data)) {
      const notes = bySystem('posted', `${place} in place of ${String(before.position)}`)
      work.add({ stored, after: { ...before, position: BigInt(position) }, notes, causedBy: answer })
    }
    if (!isAnswerTo(before, attempt)) continue
    const after = postedDocument(before, BigInt(position))
    work.add({ stored, after, notes: bySystem('posted', place), causedBy: answer })
    const draft = rules.backorder(after, { id: uuid(), at: tx.now }, referenceData)
    const [note] = bySystem('created', `Backorder of ${after.number}`)
    if (draft !== undefined) work.backorders.push({ draft, note, causedBy: answer })
    if (isPending(after, order)) await followLate(tx, kind, { order, causedBy: answer, referenceData }, work)
  }
  // A backorder may be there already: restored from what was told, after the database fell back.
  const there = await store.backordered(
    tx,
    work.backorders.flatMap(({ draft }) => draft.backorderOf ?? []),
  )
  const fresh = work.backorders.filter(({ draft }) => draft.backorderOf === null || !there.has(draft.backorderOf))
  await kind.save(tx, { changes: work.changes(), drafts: [...fresh, ...work.drafts], told: work.told })
}

/** The ledger refused documents: they go back to where they were, and follow orders that changed meanwhile. */
async function takeRefused<Document extends OrderedDocument, Draft extends OrderDraft>(
  tx: Tx,
  kind: OrderedKind<Document, Draft>,
  events: readonly RefusedEvent[],
): Promise<void> {
  const work = unitOfWork<Document, Draft>()
  for (const { stored, order, answer } of await lockAnswered(tx, kind, events)) {
    const before = work.now(stored)
    const after = kind.rules.refused(before, answer.data)
    if (after === undefined) continue
    work.add({ stored, after, notes: bySystem('refused', after.problem), causedBy: answer })
    if (before.status === 'posting' && isPending(after, order))
      await followLate(tx, kind, { order, causedBy: answer, referenceData: nothingKnown }, work)
  }
  await kind.save(tx, { changes: work.changes(), drafts: work.drafts, told: work.told })
}

/** Has the order changed while the ledger was asked? */
function isPending(document: OrderedDocument, order: Order | undefined): order is Order {
  return order !== undefined && order.revision > (document.orderRevision ?? 0)
}

interface Answered<Document, Answer> {
  readonly stored: Stored<Document>
  readonly order: Order | undefined
  readonly answer: Answer
}

/**
 * Documents that these events answer, locked after their orders, as everybody does. Of several answers for one each is given, in
 * order: what it means depends on what the one before it did.
 */
async function lockAnswered<Document extends OrderedDocument, Answer extends Event<{ documentId: string }>>(
  tx: Tx,
  { store }: Pick<OrderedKind<Document, never>, 'store'>,
  events: readonly Answer[],
): Promise<readonly Answered<Document, Answer>[]> {
  const byId = Map.groupBy(events, (event) => event.data.documentId)
  const ids = [...byId.keys()]
  const orders = await lockOrders(tx, await store.orderIdsOf(tx, ids))
  return (await store.lock(tx, ids)).flatMap((stored) => {
    const { id, orderId } = stored.document
    const order = orderId === null ? undefined : orders.get(orderId)
    return (byId.get(id) ?? []).map((answer) => ({ stored, order, answer }))
  })
}

/** What has to be known for backorders. Mostly there is none, and nothing to ask. */
async function referenceDataOfLeft<Document extends OrderedDocument, Draft extends OrderDraft>(
  tx: Tx,
  { rules }: OrderedKind<Document, Draft>,
  answered: readonly { readonly stored: Stored<Document> }[],
): Promise<ReferenceData> {
  const posting = answered.filter(({ stored }) => stored.document.status === 'posting')
  const left = posting.flatMap(({ stored }) => rules.leftOn(stored.document))
  return left.length === 0 ? nothingKnown : referenceDataOf(tx, left)
}

const nothingKnown: ReferenceData = { products: new Map(), units: new Map() }

/** All that the ledger's answers lead to, before it is written: of each document one change. */
interface UnitOfWork<Document, Draft> {
  /** The document as it is by what was added for it. */
  readonly now: (stored: Stored<Document>) => Document
  /** Adds a change; of a document that has one already, to its notes. */
  readonly add: (change: CausedChange<Document>) => void
  /** Gives changed documents of the order its revision. */
  readonly atRevision: (order: Order) => void
  readonly changes: () => readonly CausedChange<Document>[]
  /** For what documents left open that have just been posted. */
  readonly backorders: CausedDraft<Draft>[]
  /** For what changed orders want. */
  readonly drafts: CausedDraft<Draft>[]
  readonly told: Outgoing[]
}

function unitOfWork<Document extends OrderedDocument, Draft>(): UnitOfWork<Document, Draft> {
  const changes = new Map<string, CausedChange<Document>>()
  return {
    now: ({ document }) => changes.get(document.id)?.after ?? document,
    add: (change) => {
      const { stored = change.stored, notes = [] } = changes.get(change.after.id) ?? {}
      changes.set(change.after.id, { ...change, stored, notes: [...notes, ...change.notes] })
    },
    atRevision: ({ id: orderId, revision: orderRevision }) => {
      for (const [id, one] of changes)
        if (one.after.orderId === orderId) changes.set(id, { ...one, after: { ...one.after, orderRevision } })
    },
    changes: () => [...changes.values()],
    backorders: [],
    drafts: [],
    told: [],
  }
}

function bySystem(what: string, why: string | null): readonly [Note] {
  return [{ what, why, who: null }]
}

/** An order that changed while the ledger was asked, and what told of the answer. */
interface WaitingChange {
  readonly order: Order
  readonly causedBy: Event
  /** By which backorders were drafted. */
  readonly referenceData: ReferenceData
}

/**
 * The change that waited for the ledger, once it has answered for all documents of the order. Until then what some of them left is on
 * backorders, and in the end it is a part of what the order wants. Rare, so that queries of its own do no harm.
 */
async function followLate<Document extends OrderedDocument, Draft extends OrderDraft>(
  tx: Tx,
  kind: OrderedKind<Document, Draft>,
  { order, causedBy, referenceData }: WaitingChange,
  work: UnitOfWork<Document, Draft>,
): Promise<void> {
  const all = (await kind.store.lockOfOrder(tx, order.id)).map((stored) => ({ ...stored, document: work.now(stored) }))
  if (all.some(({ document }) => document.status === 'posting')) return
  const named = await orderWithUnitsNamed(tx, order)
  const own = work.backorders.filter(({ draft }) => draft.orderId === order.id)
  for (const one of own) work.backorders.splice(work.backorders.indexOf(one), 1)
  const left = own.flatMap(({ draft }) => kind.rules.parts(draft, referenceData))
  const change = { order: named, before: named.followed ?? undefined, left, reason: null, causedBy, by: null }
  const { changes, drafts, told } = await followedBy(tx, kind, change, all)
  changes.forEach(work.add)
  work.drafts.push(...drafts)
  work.told.push(...told)
  work.atRevision(order)
  await changeFollowed(tx, order)
}
