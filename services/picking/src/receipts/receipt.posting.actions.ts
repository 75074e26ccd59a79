/** The ledger's answers: taken or refused, many at once. */
import type { Event } from '@stockline/contracts/envelope'
import { publish, type Outgoing } from '@stockline/service-kit'
import { v7 as uuid } from 'uuid'
import type { Tx } from '../database.ts'
import type { Note } from '../history/history.ts'
import { lockOrders } from '../orders/order.actions.ts'
import type { Order } from '../orders/order.ts'
import {
  isRenumbered,
  refusalText,
  type PostedEvent,
  type PostingListener,
  type RefusedEvent,
} from '../postings/posting.ts'
import { catalogFor, type ReceiptChange } from './receipt.actions.ts'
import { amendReceipt, backorderDraft, wantedOf, type Draft } from './receipt.amend.ts'
import { amended, draftOf, tooLate } from './receipt.order.actions.ts'
import { storedReceipts, type StoredReceipt } from './receipt.store.ts'
import type { Receipt } from './receipt.ts'
import { isAnswerTo, postedReceipt, refusedReceipt, remainderOf } from './receipt.validate.ts'

/** What receipts do with the ledger's answers. */
export function receiptPostings(companyCurrency: string): PostingListener {
  return {
    kind: 'receipt',
    posted: (tx, events) => receiptsPosted(tx, events, companyCurrency),
    refused: (tx, events) => receiptsRefused(tx, events, companyCurrency),
  }
}

/** The ledger took receipts: they are done, and what did not come becomes backorders. */
async function receiptsPosted(tx: Tx, events: readonly PostedEvent[], companyCurrency: string): Promise<void> {
  const answered = await lockAnswered(tx, events, ({ receipt }, { data }) => isRenumbered(receipt, data))
  const changes: ReceiptChange[] = []
  const drafts: { draft: Draft; note: Note }[] = []
  const told: Outgoing[] = []
  for (const { stored, event, order } of answered) {
    if (stored.receipt.status === 'done') {
      changes.push({ stored, ...renumbered(stored.receipt, event) })
      continue
    }
    const after = postedReceipt(stored.receipt, BigInt(event.data.position))
    const notes: Note[] = [{ what: 'posted', why: `Ledger position ${event.data.position}`, who: null }]
    const late = isPending(after, order) ? tooLate(after, order, event) : undefined
    if (late !== undefined) {
      told.push(late.told)
      notes.push({ ...late.note, who: null })
    }
    const draft =
      late === undefined ? plainBackorder(after, tx.now) : await changedBackorder(tx, after, order, companyCurrency)
    if (draft !== undefined)
      drafts.push({ draft, note: { what: 'created', why: `Backorder of ${after.number}`, who: null } })
    changes.push({ stored, after: order === undefined ? after : { ...after, orderRevision: order.revision }, notes })
  }
  await storedReceipts.update(tx, changes)
  await storedReceipts.create(tx, await notBackordered(tx, drafts))
  if (told.length > 0) await publish(tx, ...told)
}

/** Without those whose backorder was restored from what was told, after the database fell back. */
async function notBackordered<Made extends { readonly draft: Draft }>(tx: Tx, made: readonly Made[]): Promise<Made[]> {
  const there = await storedReceipts.backordered(
    tx,
    made.flatMap(({ draft }) => draft.backorderOf ?? []),
  )
  return made.filter(({ draft }) => draft.backorderOf === null || !there.has(draft.backorderOf))
}

/** The ledger refused receipts: they go back to where they were, and follow orders that changed meanwhile. */
async function receiptsRefused(tx: Tx, events: readonly RefusedEvent[], companyCurrency: string): Promise<void> {
  const answered = await lockAnswered(tx, events)
  const changes: ReceiptChange[] = []
  const drafts: { draft: Draft; note: Note }[] = []
  for (const { stored, event, order } of answered) {
    const back = refusedReceipt(stored.receipt, refusalText(event.data))
    const notes: Note[] = [{ what: 'refused', why: back.problem, who: null }]
    if (!isPending(back, order)) {
      changes.push({ stored, after: back, notes })
      continue
    }
    const { after, elsewhere } = await followLate(tx, back, order, companyCurrency)
    changes.push({ stored, after, notes: [...notes, ...amended(stored, after, order, null, null).notes] })
    if (elsewhere !== undefined)
      drafts.push({ draft: elsewhere, note: { what: 'created', why: `Order ${order.orderNumber}`, who: null } })
  }
  await storedReceipts.update(tx, changes)
  await storedReceipts.create(tx, drafts)
}

/** The change that waited for the ledger. An order that has moved to another warehouse wants its goods there. */
async function followLate(
  tx: Tx,
  back: Receipt,
  order: Order,
  companyCurrency: string,
): Promise<{ readonly after: Receipt; readonly elsewhere: Draft | undefined }> {
  const all = (await storedReceipts.lockOfOrder(tx, order.id)).map(({ receipt }) => receipt)
  const catalog = await catalogFor(tx, all, order.content.lines)
  const stays = order.content.warehouse === back.warehouse
  const wanted = stays ? wantedOf(order, all, catalog) : []
  const after = amendReceipt(back, order, wanted, companyCurrency, catalog)
  return { after, elsewhere: stays ? undefined : await draftOf(tx, order, all, companyCurrency, null) }
}

function renumbered(receipt: Receipt, { data }: PostedEvent): { readonly after: Receipt; readonly notes: Note[] } {
  const why = `Ledger position ${data.position} in place of ${String(receipt.position)}`
  return { after: { ...receipt, position: BigInt(data.position) }, notes: [{ what: 'posted', why, who: null }] }
}

interface Answered<Answer> {
  readonly stored: StoredReceipt
  readonly event: Answer
  readonly order: Order | undefined
}

/** Receipts that these events answer, locked after their orders, as everybody does. Late twins are left out. */
async function lockAnswered<Answer extends Event<{ documentId: string; attempt: number }>>(
  tx: Tx,
  events: readonly Answer[],
  isForToo: (stored: StoredReceipt, event: Answer) => boolean = () => false,
): Promise<readonly Answered<Answer>[]> {
  if (events.length === 0) return []
  const byId = Map.groupBy(events, (event) => event.data.documentId)
  const ids = [...byId.keys()]
  const orders = await lockOrders(tx, await storedReceipts.orderIdsOf(tx, ids))
  const receipts = await storedReceipts.lock(tx, ids)
  return receipts.flatMap((stored) => {
    const { receipt } = stored
    const event = byId.get(receipt.id)?.find((each) => isAnswerTo(receipt, each.data.attempt) || isForToo(stored, each))
    if (event === undefined) return []
    return [{ stored, event, order: receipt.orderId === null ? undefined : orders.get(receipt.orderId) }]
  })
}

/** Has the order changed while the ledger was asked? */
function isPending(receipt: Receipt, order: Order | undefined): order is Order {
  return order !== undefined && order.revision > (receipt.orderRevision ?? 0)
}

function plainBackorder(receipt: Receipt, at: Date): Draft | undefined {
  const lines = remainderOf(receipt)
  return lines.length === 0 ? undefined : backorderDraft(receipt, lines, uuid(), at)
}

/** What did not come, as the changed order wants it now. Rare, so that a query of its own does no harm. */
async function changedBackorder(
  tx: Tx,
  receipt: Receipt,
  order: Order | undefined,
  companyCurrency: string,
): Promise<Draft | undefined> {
  if (order === undefined || order.status === 'cancelled' || remainderOf(receipt).length === 0) return undefined
  const others = (await storedReceipts.lockOfOrder(tx, order.id)).map((each) => each.receipt)
  const all = others.map((each) => (each.id === receipt.id ? receipt : each))
  return draftOf(tx, order, all, companyCurrency, receipt.id)
}
