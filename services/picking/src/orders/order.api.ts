/** Orders over HTTP: what became of them, for their systems and for people. */
import {
  decodeCursor,
  encodeCursor,
  isRefusal,
  ownSource,
  page,
  pageOf,
  query,
  parkedRevisions,
  type Actor,
  type Refusal,
} from '@stockline/service-kit'
import { z } from 'zod'
import type { Database, Route } from '../database.ts'
import { scopeOf } from '../locations/location.actions.ts'
import type { LocationScope } from '@stockline/contracts/locations'
import { referenceDataOf } from '../products/product.actions.ts'
import type { IncomingOfKept, OrderDocuments } from './order.documents.ts'
import { listOrders, listWaitingOrders, tooLateOf, type ListedOrder } from './order.list.store.ts'
import { filters, orderAnswer, type OrderAnswer } from './order.shapes.api.ts'
import { orderKey, type OrderKind } from './order.ts'
import { viewOf, waitingView } from './order.view.ts'

/** Where a page ended: among those that wait, which come first, or among the others. */
const cursor = z.union([
  z.tuple([z.literal('waiting'), z.string().regex(/^[1-9]\d{0,17}$/)]),
  z.tuple([z.literal('order'), z.uuid()]),
])
/** Every id is before this one. */
const lastId = 'ffffffff-ffff-7fff-bfff-ffffffffffff'

/**
 * @param documents what orders of each kind lead to
 * @param incomingOfKept reads what was set aside
 */
export function orderRoutes(
  documents: Readonly<Record<OrderKind, OrderDocuments>>,
  incomingOfKept: IncomingOfKept,
): readonly Route[] {
  return [
    query({
      path: '/v1/orders',
      right: 'order.read',
      summary: 'Lists orders with their documents, what is done and open of each line, and what was asked for too late',
      description:
        'Newest first, and before them those that wait and are not known yet. People see orders of the warehouses that they are assigned to, service clients those of the source that they name, which must be one of theirs where they have sources of their own. A page holds at most 5,000 lines of orders, and may be shorter than `limit`.',
      query: filters,
      answers: pageOf(orderAnswer),
      run: async (db: Database, { query: asked, actor }) => {
        const seen = await seenBy(db, actor, asked.source)
        if (isRefusal(seen)) return seen
        const [{ scope }, given] = [seen, { ...asked, source: seen.source }]
        const after = decodeCursor(given.cursor, cursor)
        const waiting = await waitingPage(db, given, { scope, after, incomingOfKept })
        if (waiting.nextCursor !== null || given.status === 'waiting') return waiting
        const place = after?.[0] === 'order' ? after[1] : undefined
        const limit = given.limit - waiting.items.length
        const { orders, more } = await listOrders(
          db,
          { ...given, status: given.status },
          { scope, after: place, limit },
        )
        const last = orders.at(-1)?.id ?? place
        return {
          items: [...waiting.items, ...(await shown(db, orders, documents))],
          nextCursor: more ? encodeCursor('order', last ?? lastId) : null,
        }
      },
    }),
  ]
}

/** Service clients are assigned to no location: they ask for the orders of a system that they speak for, and need not name an only one. */
async function seenBy(
  db: Database,
  actor: Actor,
  source: string | undefined,
): Promise<{ readonly scope: LocationScope; readonly source: string | undefined } | Refusal> {
  if (actor.kind === 'user') return { scope: await scopeOf(db, actor), source }
  const own = ownSource(actor, { name: 'source', given: source })
  return typeof own === 'string' ? { scope: null, source: own } : own
}

type Filters = z.output<typeof filters>

/** Orders that are not known yet: those that wait for a warehouse, or were changed before they were confirmed. */
async function waitingPage(
  db: Database,
  given: Filters,
  {
    scope,
    after,
    incomingOfKept,
  }: {
    readonly scope: LocationScope
    readonly after: z.output<typeof cursor> | undefined
    readonly incomingOfKept: IncomingOfKept
  },
): Promise<{ readonly items: OrderAnswer[]; readonly nextCursor: string | null }> {
  if (after?.[0] === 'order' || (given.status !== undefined && given.status !== 'waiting'))
    return { items: [], nextCursor: null }
  const rows = await listWaitingOrders(db, given, { scope, after: after?.[1], limit: given.limit })
  const { items, nextCursor } = page(rows, given.limit, ({ position }) => encodeCursor('waiting', position))
  const asideOf = await asideBy(db, items)
  return { items: items.flatMap((row) => waitingView(row, asideOf(row.about), incomingOfKept) ?? []), nextCursor }
}

/** What of these is or was set aside, by what it is about. */
async function asideBy(
  db: Database,
  orders: readonly { readonly about: string }[],
): Promise<(about: string) => OrderAnswer['aside']> {
  const rows = await parkedRevisions(
    db,
    orders.map(({ about }) => about),
  )
  const found = Map.groupBy(rows, ({ about }) => about)
  return (about) =>
    (found.get(about) ?? []).map((row) => ({
      revision: row.revision,
      event: row.eventId,
      type: row.type,
      state: row.state,
      reason: row.reason,
      at: row.parkedAt.toISOString(),
      endedAt: row.resolvedAt?.toISOString() ?? null,
      endedBy: row.resolvedBy,
      endedWhy: row.resolvedWhy,
    }))
}

async function shown(
  db: Database,
  orders: readonly ListedOrder[],
  documents: Readonly<Record<OrderKind, OrderDocuments>>,
): Promise<OrderAnswer[]> {
  const idsOf = (of: OrderKind) => orders.filter((order) => order.kind === of).map(({ id }) => id)
  const found = [
    ...(await documents.purchase.read(db, idsOf('purchase'))),
    ...(await documents.sale.read(db, idsOf('sale'))),
  ]
  const late = Map.groupBy(
    await tooLateOf(
      db,
      orders.map(({ id }) => id),
    ),
    ({ orderId }) => orderId,
  )
  const referenceData = await referenceDataOf(db, [
    ...orders.flatMap(({ content }) => content.lines),
    ...found.flatMap(({ named }) => named),
  ])
  const documentsOf = Map.groupBy(found, ({ orderId }) => orderId)
  const aboutOf = (order: ListedOrder) => orderKey(order.kind, order.source, order.orderNumber)
  const asideOf = await asideBy(
    db,
    orders.map((order) => ({ about: aboutOf(order) })),
  )
  return orders.map((order) => ({
    ...viewOf(order, documentsOf.get(order.id) ?? [], late.get(order.id) ?? [], referenceData),
    aside: asideOf(aboutOf(order)),
  }))
}
