/** Orders over HTTP: what became of them, for their systems and for people. */
import { formatQuantity, parseQuantity } from '@stockline/amounts'
import { values } from '@stockline/contracts'
import {
  decodeCursor,
  encodeCursor,
  listQuery,
  pageOf,
  query,
  refuse,
  type Actor,
  type Refusal,
} from '@stockline/service-kit'
import { z } from 'zod'
import type { Database, Route } from '../database.ts'
import { scopeOf } from '../locations/location.actions.ts'
import type { Scope } from '../locations/location.ts'
import { catalogOf } from '../products/product.actions.ts'
import type { OrderDocument, OrderDocuments } from './order.actions.ts'
import { listOrders, tooLateOf, type KeptLateLine, type ListedOrder } from './order.list.store.ts'
import { standingsOf } from './order.quantities.ts'
import type { OrderKind } from './order.ts'
import type { Catalog } from '../products/product.ts'

const kind = z.enum(['purchase', 'sale'])

const orderAnswer = z
  .object({
    kind,
    source: z.string().meta({ description: 'The system that the order is from, as its events name it.' }),
    orderNumber: values.orderNumber,
    revision: z.int().meta({ description: 'The last one that was taken.' }),
    status: z.enum(['open', 'cancelled']),
    warehouse: z.string(),
    partner: z.object({ code: z.string(), name: z.string() }),
    scheduledDate: values.date.nullable(),
    confirmedAt: z.iso.datetime(),
    changedAt: z.iso.datetime(),
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
          sku: values.sku,
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
  status: z.enum(['open', 'cancelled']).optional(),
  warehouse: z.string().optional(),
})

/** @param documents what orders of each kind lead to */
export function orderRoutes(documents: Readonly<Record<OrderKind, OrderDocuments>>): readonly Route[] {
  return [
    query({
      path: '/v1/orders',
      right: 'order.read',
      summary: 'Lists orders with their documents, what is done and open of each line, and what was asked for too late',
      description:
        'Newest first. People see orders of the warehouses that they are assigned to, service clients those of the source that they name. A page holds at most 5,000 lines of orders, and may be shorter than `limit`.',
      query: filters,
      answers: pageOf(orderAnswer),
      run: async (db: Database, { query: given, actor }) => {
        const scope = await seenBy(db, actor, given.source)
        if ('refused' in scope) return scope
        const after = decodeCursor(given.cursor, z.tuple([z.uuid()]))?.[0]
        const { orders, more } = await listOrders(db, given, { ...scope, after, limit: given.limit })
        const last = orders.at(-1)
        return {
          items: await shown(db, orders, documents),
          nextCursor: more && last !== undefined ? encodeCursor(last.id) : null,
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
  return orders.map((order) => viewOf(order, documentsOf.get(order.id) ?? [], late.get(order.id) ?? [], catalog))
}

function viewOf(
  order: ListedOrder,
  documents: readonly OrderDocument[],
  late: readonly KeptLateLine[],
  catalog: Catalog,
): OrderAnswer {
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
