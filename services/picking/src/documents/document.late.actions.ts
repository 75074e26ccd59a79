/** The unit of work that the ledger's answers lead to; and orders that changed while it was asked. */
import type { Event } from '@stockline/contracts/envelope'
import type { Outgoing } from '@stockline/service-kit'
import type { Tx } from '../database.ts'
import { changeFollowed } from '../orders/order.actions.ts'
import type { FollowableChange } from '../orders/order.documents.ts'
import type { OrderPart } from '../orders/order.quantities.ts'
import type { Order } from '../orders/order.ts'
import { orderWithUnitsNamed } from '../orders/order.units.actions.ts'
import type { AnyDocument, Change, Stored } from './document.ts'

/** A document that may be of an order. */
interface OfOrder extends AnyDocument {
  readonly orderId: string | null
  readonly orderRevision: number | null
}

/** All that the ledger's answers lead to, before it is written: of each document one change. */
export interface UnitOfWork<Changed extends Change<OfOrder>, Drafted> {
  readonly changes: Map<string, Changed>
  readonly drafts: Drafted[]
  readonly told: Outgoing[]
  /** Adds a change; of a document that has one already, to its notes. */
  readonly change: (change: Changed) => void
}

/** An empty one. */
export function unitOfWork<Changed extends Change<OfOrder>, Drafted>(): UnitOfWork<Changed, Drafted> {
  const changes = new Map<string, Changed>()
  return {
    changes,
    drafts: [],
    told: [],
    change: (change) => {
      const earlier = changes.get(change.after.id)?.notes ?? []
      changes.set(change.after.id, { ...change, notes: [...earlier, ...change.notes] })
    },
  }
}

/** What a kind of document does with a change of its order. */
export interface LateFollowing<Document, Changed, Drafted> {
  readonly lockOfOrder: (tx: Tx, orderId: string) => Promise<readonly Stored<Document>[]>
  readonly followedBy: (
    tx: Tx,
    change: FollowableChange,
    all: readonly Stored<Document>[],
  ) => Promise<{
    readonly changes: readonly Changed[]
    readonly drafts: readonly Drafted[]
    readonly told: readonly Outgoing[]
  }>
}

/** An order that changed while the ledger was asked, and what told of the answer. */
export interface LateChange {
  readonly order: Order
  readonly causedBy: Event
  /** What was left open by documents that have just been posted. */
  readonly left?: readonly OrderPart[]
}

/**
 * The change that waited for the ledger, once it has answered for all documents of the order. Rare, so that queries of its own do
 * no harm.
 */
export async function followLate<Document extends OfOrder, Changed extends Change<Document>, Drafted>(
  tx: Tx,
  { order, causedBy, left = [] }: LateChange,
  work: UnitOfWork<Changed, Drafted>,
  { lockOfOrder, followedBy }: LateFollowing<Document, Changed, Drafted>,
): Promise<void> {
  const originals = await lockOfOrder(tx, order.id)
  const storedOf = new Map(originals.map((stored) => [stored.document.id, stored]))
  const all = originals.map(({ document, history }) => ({
    document: work.changes.get(document.id)?.after ?? document,
    history,
  }))
  if (all.some(({ document }) => document.status === 'posting')) return
  const named = await orderWithUnitsNamed(tx, order)
  const change = { order: named, before: named.followed ?? undefined, left, reason: null, causedBy, by: null }
  const { changes, drafts, told } = await followedBy(tx, change, all)
  for (const one of changes) work.change({ ...one, stored: storedOf.get(one.after.id) ?? one.stored })
  work.drafts.push(...drafts)
  work.told.push(...told)
  for (const [id, one] of work.changes)
    if (one.after.orderId === order.id)
      work.changes.set(id, { ...one, after: { ...one.after, orderRevision: order.revision } })
  await changeFollowed(tx, order)
}

/** Has the order changed while the ledger was asked? */
export function isPending(document: OfOrder, order: Order | undefined): order is Order {
  return order !== undefined && order.revision > (document.orderRevision ?? 0)
}
