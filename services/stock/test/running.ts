/** A running stock service on databases of its own, with clients of the groups and a publisher of events. */
import { randomUUID } from 'node:crypto'
import { groups } from '@stockline/contracts'
import { sql, type RunningService } from '@stockline/service-kit'
import { until, type Client, type Reply } from '@stockline/test-kit'
import { openService, type Published, type ServiceDatabases } from '@stockline/test-kit/service'
import { stock as app } from '../src/app.ts'
import type { PrismaClient } from '../src/generated/client.ts'

/** What is answered here: a document, a page, or a problem. */
export interface Body {
  readonly id: string
  readonly version: number
  readonly type: string
  readonly detail: string
  readonly errors?: readonly { readonly pointer: string; readonly message: string }[]
  readonly items: readonly Record<string, unknown>[]
  readonly nextCursor: string | null
}

/** Fields that a problem names, in order. */
export function pointers(reply: { readonly body: Body }): string[] {
  return (reply.body.errors ?? []).map((fault) => fault.pointer).sort()
}

/** A product's body with what must be there. */
export function product(sku: string, more: object = {}): object {
  return { sku, name: sku, unit: 'kg', category: 'Goods', ...more }
}

/** Ids of the users. */
export const people = {
  manager: '00000000-0000-7000-8000-000000000001',
  supervisor: '00000000-0000-7000-8000-000000000002',
  user: '00000000-0000-7000-8000-000000000003',
  administrator: '00000000-0000-7000-8000-000000000004',
} as const

export interface RunningStock {
  readonly service: RunningService<PrismaClient>
  readonly manager: Client
  readonly supervisor: Client
  readonly user: Client
  readonly administrator: Client
  /** A new user, to whom nothing is assigned. */
  someone(): Client
  /** A service client that publishes products. */
  readonly erp: Client
  /** Somebody with these claims. */
  readonly as: (claims: object) => Client
  /** Publishes as another service would. */
  publish(topic: string, type: string, subject: string, data: unknown, actor?: Published['actor']): Promise<void>
  /** Data of the events that this service has published, of one type and subject, in order. */
  said<Data>(type: string, subject: string): Promise<Data[]>
  /** Sends a request, by default as the manager. */
  post(path: string, body: object, as?: Client): Promise<Reply<Body>>
  patch(path: string, body: object, version: number, as?: Client): Promise<Reply<Body>>
  /** Makes something as the manager, who must succeed. */
  made(path: string, body: object): Promise<Body & Record<string, unknown>>
  /** As if the ledger had moved a product, and left so much of it at a location. */
  move(productId: string, locationId?: string, onHand?: number): Promise<void>
  stop(): Promise<void>
}

/** Starts it with all users known and no locations assigned, units, and a warehouse with some locations. */
export async function runStock(databases?: ServiceDatabases): Promise<RunningStock> {
  const stock = await openStock(databases)
  for (const [username, userId] of Object.entries(people)) {
    const group = groups[username as keyof typeof people]
    const data = { userId, username, name: username, active: true, groups: [group] }
    await stock.publish('identity.users', 'identity.user-changed.v1', userId, data)
  }
  await stock.made('/v1/units', { code: 'kg', name: 'Kilogram', decimals: 3 })
  await stock.made('/v1/units', { code: 'unit', decimals: 0 })
  await stock.made('/v1/warehouses', { code: 'WH', name: 'Main', defaultReceiptLocation: 'WH/Stock' })
  for (const code of ['WH/Stock', 'WH/Stock/A1-03', 'WH/Stock/B2-01', 'WH/Input'])
    await stock.made('/v1/locations', { code })
  return stock
}

/** Starts it on databases as they are. */
export async function openStock(databases?: ServiceDatabases): Promise<RunningStock> {
  const { as, person, service, stop, ...open } = await openService(app, { databases })
  const publish: RunningStock['publish'] = (topic, type, subject, data, actor) =>
    open.publish({ topic, type, subject, data, ...(actor && { actor }) })
  const stock: RunningStock = {
    service,
    manager: person(groups.manager, people.manager),
    supervisor: person(groups.supervisor, people.supervisor),
    user: person(groups.user, people.user),
    administrator: person(groups.administrator, people.administrator),
    someone: () => person(groups.user),
    as,
    erp: as({ sub: 'erp', name: 'ERP', scope: 'products:publish' }),
    publish,
    said: async (type, subject) => {
      const text = 'select value::text from kit.outbox where type = $1 and subject = $2 order by position'
      const rows = await service.db.query<{ value: string }>({ name: 'said', text }, [type, subject])
      return rows.map((row) => (JSON.parse(row.value) as { data: never }).data)
    },
    post: (path, body, who = stock.manager) => who.send('POST', path, { body }),
    patch: (path, body, version, who = stock.manager) => who.send('PATCH', path, { body, version }),
    made: async (path, body) => {
      const reply = await stock.manager.send<Body & Record<string, unknown>>('POST', path, { body })
      if (reply.status !== 201) throw new Error(`${path} answered ${reply.status}: ${JSON.stringify(reply.body)}`)
      return reply.body
    },
    move: (productId, locationId, onHand = 0) => move(service, productId, locationId, onHand),
    stop,
  }
  return stock
}

/** A delivery that needs two of a product. */
export async function neededBy(stock: RunningStock, sku: string, number: string): Promise<string> {
  const documentId = randomUUID()
  await stock.publish('picking.deliveries', 'picking.delivery-confirmed.v1', documentId, {
    ...{ documentId, number, warehouse: 'WH', revision: 1, priority: 5, orderedAt: '2026-04-20T08:00:00Z' },
    ...{ allowPartial: true, lines: [{ line: 1, sku, quantity: '2' }] },
  })
  await until(`${number} has asked`, async () => {
    const rows = await stock.service.db.query(sql('select from needs where number = $1'), [number])
    return rows.length === 1
  })
  return documentId
}

async function move(
  { db }: RunningService<PrismaClient>,
  productId: string,
  locationId: string | undefined,
  onHand: number,
): Promise<void> {
  const none = '00000000-0000-0000-0000-000000000000'
  await db.prisma.$executeRawUnsafe(
    `insert into moves (position, line, product_id, lot_id, status, package_id, quantity, from_location_id, to_location_id)
     select coalesce(max(position), 0) + 1, 1, '${productId}', '${none}', 'available', '${none}', 1,
       '019a0000-0000-7000-8000-000000000001', '019a0000-0000-7000-8000-000000000002' from moves`,
  )
  if (locationId === undefined) return
  await db.prisma.$executeRawUnsafe(
    `insert into quants (product_id, lot_id, location_id, status, package_id, internal, may_be_negative,
       quantity_on_hand, quantity_reserved)
     values ('${productId}', '${none}', '${locationId}', 'available', '${none}', true, true, ${onHand}, 0)`,
  )
}
