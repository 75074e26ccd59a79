/** Orders over HTTP: what became of them, for their systems and for people. */
import { formatQuantity, parseQuantity } from '@stockline/amounts'
import { values } from '@stockline/contracts'
import {
  decodeCursor,
  encodeCursor,
  listQuery,
  page,
  pageOf,
  query,
  refuse,
  revisionsAside,
  type Actor,
  type Refusal,
} from '@stockline/service-kit'
import { z } from 'zod'
import type { Database, Route } from '../database.ts'
import { scopeOf } from '../locations/location.actions.ts'
import type { Scope } from '../locations/location.ts'
import { catalogOf } from '../products/product.actions.ts'
import type { NewsOfKept, OrderDocument, OrderDocuments } from './order.actions.ts'
import {
  listOrders,
  listWaitingOrders,
  tooLateOf,
  type KeptLateLine,
  type ListedOrder,
  type WaitingOrder,
} from './order.list.store.ts'
import { standingsOf } from './order.quantities.ts'
import { orderKey, type OrderKind } from './order.ts'
import type { Catalog } from '../products/product.ts'

const kind = z.enum(['purchase', 'sale'])
const itemNames = {
  gtin: z.string().optional(),
  buyerItem: z.string().optional(),
  sellerItem: z.string().optional(),
}

const orderAnswer = z
  .object({
    kind,
    source: z.string().meta({ description: 'The system that the order is from, as its events name it.' }),
    orderNumber: values.orderNumber,
    revision: z.int().meta({ description: 'The last one that was taken.' }),
    status: z
      .enum(['waiting', 'open', 'cancelled'])
      .meta({ description: '`waiting`: nothing of it could be followed yet; `aside` says why.' }),
    warehouse: z.string(),
    partner: z.object({ code: z.string(), name: z.string() }),
    scheduledDate: values.date.nullable(),
    confirmedAt: z.iso.datetime(),
    changedAt: z.iso.datetime(),
    unknownFields: z
      .array(z.string())
      .meta({ description: 'What its last event said besides, and nobody here knows: misspelled, perhaps.' }),
    documents: z.array(
      z.object({
        kind: z.enum(['receipt', 'delivery']),
        id: values.id,
        number: values.documentNumber,
        status: z.string(),
      }),
    ),
    lines: z
      .array(
        z.object({
          line: values.lineNumber,
          sku: values.sku
            .nullable()
            .meta({ description: 'Null where no product is known yet by what the order names it.' }),
          named: z
            .object(itemNames)
            .optional()
            .meta({ description: 'How an order that waits names the item in place of a SKU.' }),
          unit: z.string(),
          ordered: z.string().meta({ description: '"0" where the order does not ask for it any more.' }),
          done: z.string().meta({ description: 'Came or went, and is posted.' }),
          open: z.string().meta({ description: 'A document waits for it.' }),
        }),
      )
      .meta({ description: 'In the unit of the order. What is neither done nor open was closed, or is of a service.' }),
    tooLate: z
      .array(
        z.object({
          revision: z.int(),
          line: values.lineNumber,
          sku: values.sku,
          unit: z.string(),
          wanted: z.string(),
          done: z.string().meta({ description: 'What had come or gone by then.' }),
          at: z.iso.datetime(),
        }),
      )
      .meta({ description: 'What revisions asked for that could not be followed: less than had come or gone.' }),
    aside: z
      .array(
        z.object({
          revision: z.int(),
          event: z.string().meta({ description: 'Its id.' }),
          type: z.string(),
          state: z
            .string()
            .meta({ description: 'As in `GET /v1/parked`; `superseded`: a later revision was followed.' }),
          reason: z.string(),
          at: z.iso.datetime(),
          endedAt: z.iso.datetime().nullable(),
          endedBy: z.object({ id: z.string(), name: z.string() }).nullable(),
          endedWhy: z.string().nullable(),
        }),
      )
      .meta({ description: 'Revisions that could not be followed when they came, and what became of them.' }),
  })
  .meta({ id: 'Order' })
type OrderAnswer = z.output<typeof orderAnswer>

const filters = listQuery({
  kind: kind.optional(),
  source: z
    .string()
    .optional()
    .meta({ description: 'The system that the order is from. Service clients must name theirs.' }),
  orderNumber: z.string().optional(),
  status: z.enum(['waiting', 'open', 'cancelled']).optional(),
  warehouse: z.string().optional(),
})

/** Where a page ended: among those that wait, which come first, or among the others. */
const cursor = z.union([
  z.tuple([z.literal('waiting'), z.string().regex(/^[1-9]\d{0,17}$/)]),
  z.tuple([z.literal('order'), z.uuid()]),
])
/** Every id is before this one. */
const lastId = 'ffffffff-ffff-7fff-bfff-ffffffffffff'

/**
 * @param documents what orders of each kind lead to
 * @param newsOfKept reads what was set aside
 */
export function orderRoutes(
  documents: Readonly<Record<OrderKind, OrderDocuments>>,
  newsOfKept: NewsOfKept,
): readonly Route[] {
  return [
    query({
      path: '/v1/orders',
      right: 'order.read',
      summary: 'Lists orders with their documents, what is done and open of each line, and what was asked for too late',
      description:
        'Newest first, and before them those that wait and are not known yet. People see orders of the warehouses that they are assigned to, service clients those of the source that they name. A page holds at most 5,000 lines of orders, and may be shorter than `limit`.',
      query: filters,
      answers: pageOf(orderAnswer),
      run: async (db: Database, { query: given, actor }) => {
        const scope = await seenBy(db, actor, given.source)
        if ('refused' in scope) return scope
        const after = decodeCursor(given.cursor, cursor)
        const waiting = await waitingPage(db, given, { ...scope, after, newsOfKept })
        if (waiting.nextCursor !== null || given.status === 'waiting') return waiting
        const place = after?.[0] === 'order' ? after[1] : undefined
        const limit = given.limit - waiting.items.length
        const { orders, more } = await listOrders(
          db,
          { ...given, status: given.status },
          { ...scope, after: place, limit },
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

/** Service clients are assigned to no location: they ask for the orders of a system. */
async function seenBy(
  db: Database,
  actor: Actor,
  source: string | undefined,
): Promise<{ readonly scope: Scope } | Refusal> {
  if (actor.kind === 'user') return { scope: await scopeOf(db, actor) }
  if (source !== undefined) return { scope: null }
  return refuse(
    'source-missing',
    'content',
    'Name the source of your orders, as your events do: ?source=/erp/purchase.',
    [{ pointer: '?source', message: 'is required of service clients' }],
  )
}

type Filters = z.output<typeof filters>

/** Orders that are not known yet: those that wait for a warehouse, or were changed before they were confirmed. */
async function waitingPage(
  db: Database,
  given: Filters,
  {
    scope,
    after,
    newsOfKept,
  }: { readonly scope: Scope; readonly after: z.output<typeof cursor> | undefined; readonly newsOfKept: NewsOfKept },
): Promise<{ readonly items: OrderAnswer[]; readonly nextCursor: string | null }> {
  if (after?.[0] === 'order' || (given.status !== undefined && given.status !== 'waiting'))
    return { items: [], nextCursor: null }
  const rows = await listWaitingOrders(db, given, { scope, after: after?.[1], limit: given.limit })
  const { items, nextCursor } = page(rows, given.limit, ({ position }) => encodeCursor('waiting', position))
  const asideOf = await asideBy(db, items)
  return { items: items.flatMap((row) => waitingView(row, asideOf(row.about), newsOfKept) ?? []), nextCursor }
}

function waitingView(row: WaitingOrder, aside: OrderAnswer['aside'], newsOfKept: NewsOfKept): OrderAnswer | undefined {
  const news = newsOfKept(row.event)
  if (news === undefined) return undefined
  const at = row.parkedAt.toISOString()
  return {
    kind: kind.parse(row.about.split(':')[1]),
    source: row.source,
    orderNumber: news.orderNumber,
    revision: news.revision,
    status: 'waiting',
    warehouse: news.content?.warehouse ?? '',
    partner: news.content?.partner ?? { code: '', name: '' },
    scheduledDate: news.content?.scheduledDate ?? null,
    confirmedAt: at,
    changedAt: at,
    unknownFields: [...(news.content?.unknownFields ?? [])],
    documents: [],
    lines: (news.content?.lines ?? []).map(({ line, sku, gtin, buyerItem, sellerItem, unit, quantity }) => ({
      line,
      sku: sku ?? null,
      ...(sku === undefined ? { named: { gtin, buyerItem, sellerItem } } : {}),
      unit,
      ordered: quantity,
      done: '0',
      open: '0',
    })),
    tooLate: [],
    aside,
  }
}

/** What of these is or was set aside, by what it is about. */
async function asideBy(
  db: Database,
  orders: readonly { readonly about: string }[],
): Promise<(about: string) => OrderAnswer['aside']> {
  const rows = await revisionsAside(
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
  const catalog = await catalogOf(db, [
    ...orders.flatMap(({ content }) => content.lines),
    ...found.flatMap(({ parts }) => parts),
  ])
  const documentsOf = Map.groupBy(found, ({ orderId }) => orderId)
  const aboutOf = (order: ListedOrder) => orderKey(order.kind, order.source, order.orderNumber)
  const asideOf = await asideBy(
    db,
    orders.map((order) => ({ about: aboutOf(order) })),
  )
  return orders.map((order) => ({
    ...viewOf(order, documentsOf.get(order.id) ?? [], late.get(order.id) ?? [], catalog),
    aside: asideOf(aboutOf(order)),
  }))
}

function viewOf(
  order: ListedOrder,
  documents: readonly OrderDocument[],
  late: readonly KeptLateLine[],
  catalog: Catalog,
): Omit<OrderAnswer, 'aside'> {
  const { content } = order
  const parts = documents.flatMap((document) => document.parts)
  const standings = standingsOf(order, undefined, parts, catalog)
  return {
    kind: order.kind,
    source: order.source,
    orderNumber: order.orderNumber,
    revision: order.revision,
    status: order.status,
    warehouse: content.warehouse,
    partner: content.partner,
    scheduledDate: content.scheduledDate,
    confirmedAt: order.confirmedAt.toISOString(),
    changedAt: order.changedAt.toISOString(),
    unknownFields: [...(content.unknownFields ?? [])],
    documents: documents.map(({ kind: of, id, number, status }) => ({ kind: of, id, number, status })),
    lines: standings
      .toSorted((a, b) => a.line - b.line)
      .map(({ line, sku, unit, ordered, done, open }) => ({
        line,
        sku,
        unit,
        ordered: formatQuantity(ordered),
        done: formatQuantity(done),
        open: formatQuantity(open),
      })),
    tooLate: late.map(({ orderId: _orderId, at, ...each }) => ({
      ...each,
      wanted: plain(each.wanted),
      done: plain(each.done),
      at: at.toISOString(),
    })),
  }
}

/** The database writes six decimals. */
function plain(amount: string): string {
  return formatQuantity(parseQuantity(amount))
}
