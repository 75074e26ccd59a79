/** The ledger's answers: taken or refused, many at once. */
import type { Event } from '@stockline/contracts/envelope'
import { publish, type Outgoing } from '@stockline/service-kit'
import { v7 as uuid } from 'uuid'
import type { Tx } from '../database.ts'
import type { NewDocument } from '../documents/document.ts'
import type { Note } from '../history/history.ts'
import { changeFollowed, lockOrders } from '../orders/order.actions.ts'
import type { OrderPart } from '../orders/order.quantities.ts'
import { orderWithUnitsNamed } from '../orders/order.units.actions.ts'
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
  const work = openWork()
  for (const one of answered) {
    const { stored, event, order } = one
    if (stored.receipt.status === 'done') {
      work.change({ stored, ...renumbered(stored.receipt, event) })
      continue
    }
    const after = postedReceipt(stored.receipt, BigInt(event.data.position))
    work.change({
      stored,
      after,
      notes: [{ what: 'posted', why: `Ledger position ${event.data.position}`, who: null }],
    })
    if (isPending(after, order)) await followLate(tx, { ...one, order, left: leftBy(after) }, work, companyCurrency)
    else work.draft(plainBackorder(after, tx.now), `Backorder of ${after.number}`)
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
  const work = openWork()
  for (const one of answered) {
    const { stored, event, order } = one
    const back = refusedReceipt(stored.receipt, refusalText(event.data))
    work.change({ stored, after: back, notes: [{ what: 'refused', why: back.problem, who: null }] })
    if (isPending(back, order)) await followLate(tx, { ...one, order }, work, companyCurrency)
  }
  await save(tx, work)
}

/** All that the ledger's answers lead to, gathered before it is written: of each receipt one change. */
interface Work {
  readonly changes: Map<string, ReceiptChange>
  readonly drafts: NewDocument<Receipt>[]
  readonly told: Outgoing[]
  readonly change: (change: ReceiptChange) => void
  readonly draft: (draft: Draft | undefined, why: string) => void
}

function openWork(): Work {
  const [changes, drafts, told] = [new Map<string, ReceiptChange>(), [] as NewDocument<Receipt>[], [] as Outgoing[]]
  return {
    changes,
    drafts,
    told,
    change: ({ stored, after, notes }) => {
      const earlier = changes.get(after.id)?.notes ?? []
      changes.set(after.id, { stored, after, notes: [...earlier, ...notes] })
    },
    draft: (draft, why) => {
      if (draft !== undefined) drafts.push({ draft, note: { what: 'created', why, who: null } })
    },
  }
}

async function save(tx: Tx, { changes, drafts, told }: Work): Promise<void> {
  await storedReceipts.update(tx, [...changes.values()])
  await storedReceipts.create(tx, await notBackordered(tx, drafts))
  if (told.length > 0) await publish(tx, ...told)
}

/**
 * The change that waited for the ledger, once it has answered for all receipts of the order. Rare, so that queries of its own do
 * no harm.
 */
async function followLate(
  tx: Tx,
  { event, order, left = [] }: { readonly event: Event; readonly order: Order; readonly left?: readonly OrderPart[] },
  work: Work,
  companyCurrency: string,
): Promise<void> {
  const originals = await storedReceipts.lockOfOrder(tx, order.id)
  const storedOf = new Map(originals.map((stored) => [stored.receipt.id, stored]))
  const all = originals.map((stored) => ({
    ...stored,
    receipt: work.changes.get(stored.receipt.id)?.after ?? stored.receipt,
  }))
  if (all.some(({ receipt }) => receipt.status === 'posting')) return
  const named = await orderWithUnitsNamed(tx, order)
  const change = {
    order: named,
    before: named.followed ?? undefined,
    left,
    reason: null,
    causedBy: event,
    by: null,
  }
  const { changes, drafts, told } = await followedBy(tx, change, all, companyCurrency)
  for (const { stored, after, notes } of changes)
    work.change({ stored: storedOf.get(after.id) ?? stored, after, notes })
  work.drafts.push(...drafts)
  work.told.push(...told)
  for (const [id, one] of work.changes)
    if (one.after.orderId === order.id)
      work.changes.set(id, { ...one, after: { ...one.after, orderRevision: order.revision } })
  await changeFollowed(tx, order)
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
