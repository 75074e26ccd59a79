/** The ledger's answers: taken or refused, many at once. */
import type { Event } from '@stockline/contracts/envelope'
import { publish } from '@stockline/service-kit'
import { v7 as uuid } from 'uuid'
import type { Tx } from '../database.ts'
import {
  followLate,
  unitOfWork,
  isPending,
  type UnitOfWork,
  type LateFollowing,
} from '../documents/document.late.actions.ts'
import type { NewDocument, Stored } from '../documents/document.ts'
import type { Note } from '../history/history.ts'
import { lockOrders } from '../orders/order.actions.ts'
import type { OrderPart } from '../orders/order.quantities.ts'
import type { Order } from '../orders/order.ts'
import {
  isRenumbered,
  refusalText,
  type PostedEvent,
  type PostingListener,
  type RefusedEvent,
} from '../postings/posting.ts'
import type { ReceiptChange } from './receipt.actions.ts'
import { backorderDraft, type Draft } from './receipt.amend.ts'
import { followedBy } from './receipt.order.actions.ts'
import { withPlacesJudged } from './receipt.places.actions.ts'
import { storedReceipts } from './receipt.store.ts'
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
  const answered = await lockAnswered(tx, events, ({ document }, { data }) => isRenumbered(document, data))
  const work = unitOfWork<ReceiptChange, NewDocument<Receipt>>()
  for (const one of answered) {
    const { stored, event, order } = one
    if (stored.document.status === 'done') {
      work.change({ stored, ...renumbered(stored.document, event) })
      continue
    }
    const after = postedReceipt(stored.document, BigInt(event.data.position))
    work.change({
      stored,
      after,
      notes: [{ what: 'posted', why: `Ledger position ${event.data.position}`, who: null }],
    })
    if (isPending(after, order))
      await followLate(tx, { order, causedBy: event, left: leftBy(after) }, work, following(companyCurrency))
    else {
      const draft = plainBackorder(after, tx.now)
      const note = { what: 'created', why: `Backorder of ${after.number}`, who: null }
      if (draft !== undefined) work.drafts.push({ draft, note })
    }
  }
  await save(tx, work)
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
  const work = unitOfWork<ReceiptChange, NewDocument<Receipt>>()
  for (const one of answered) {
    const { stored, event, order } = one
    const back = refusedReceipt(stored.document, refusalText(event.data))
    work.change({ stored, after: back, notes: [{ what: 'refused', why: back.problem, who: null }] })
    if (isPending(back, order)) await followLate(tx, { order, causedBy: event }, work, following(companyCurrency))
  }
  await save(tx, work)
}

type Work = UnitOfWork<ReceiptChange, NewDocument<Receipt>>

async function save(tx: Tx, { changes, drafts, told }: Work): Promise<void> {
  await storedReceipts.update(tx, [...changes.values()])
  await storedReceipts.create(tx, await withPlacesJudged(tx, await notBackordered(tx, drafts)))
  if (told.length > 0) await publish(tx, ...told)
}

function following(companyCurrency: string): LateFollowing<Receipt, ReceiptChange, NewDocument<Receipt>> {
  return {
    lockOfOrder: storedReceipts.lockOfOrder,
    followedBy: (tx, change, all) => followedBy(tx, change, all, companyCurrency),
  }
}

function renumbered(receipt: Receipt, { data }: PostedEvent): { readonly after: Receipt; readonly notes: Note[] } {
  const why = `Ledger position ${data.position} in place of ${String(receipt.position)}`
  return { after: { ...receipt, position: BigInt(data.position) }, notes: [{ what: 'posted', why, who: null }] }
}

interface Answered<Answer> {
  readonly stored: Stored<Receipt>
  readonly event: Answer
  readonly order: Order | undefined
}

/** Receipts that these events answer, locked after their orders, as everybody does. Late twins are left out. */
async function lockAnswered<Answer extends Event<{ documentId: string; attempt: number }>>(
  tx: Tx,
  events: readonly Answer[],
  isForToo: (stored: Stored<Receipt>, event: Answer) => boolean = () => false,
): Promise<readonly Answered<Answer>[]> {
  if (events.length === 0) return []
  const byId = Map.groupBy(events, (event) => event.data.documentId)
  const ids = [...byId.keys()]
  const orders = await lockOrders(tx, await storedReceipts.orderIdsOf(tx, ids))
  const receipts = await storedReceipts.lock(tx, ids)
  return receipts.flatMap((stored) => {
    const { document: receipt } = stored
    const event = byId.get(receipt.id)?.find((each) => isAnswerTo(receipt, each.data.attempt) || isForToo(stored, each))
    if (event === undefined) return []
    return [{ stored, event, order: receipt.orderId === null ? undefined : orders.get(receipt.orderId) }]
  })
}

/** What a receipt leaves open for its order. */
function leftBy(receipt: Receipt): readonly OrderPart[] {
  return remainderOf(receipt).flatMap(({ orderLine, sku, unit, expected }) =>
    orderLine === null ? [] : [{ orderLine, sku, unit, quantity: expected, state: 'open' }],
  )
}

function plainBackorder(receipt: Receipt, at: Date): Draft | undefined {
  const lines = remainderOf(receipt)
  return lines.length === 0 ? undefined : backorderDraft(receipt, lines, uuid(), at)
}
