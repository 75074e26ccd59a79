/** What orders' systems may tell in one batch, made up by chance; and what came of it, without ids and times. */
import { createLogger, sql, wake, type IncomingMessage } from '@stockline/service-kit'
import { until } from '@stockline/test-kit'
import { openInbox, type Inbox } from '../../../packages/service-kit/src/messaging/inbox.ts'
import { reactions } from '../src/bus.ts'
import type { PrismaClient } from '../src/generated/client.ts'
import { cloudEvent, type Harness } from './harness.ts'

/** One event, before it has a sender. */
export interface Telling {
  readonly kind: 'purchase' | 'sale'
  readonly order: string
  readonly change: 'confirmed' | 'amended' | 'cancelled'
  readonly revision: number
  readonly warehouse: string
  readonly quantity: string
  readonly actor: string | undefined
}

/** An inbox on the floor's database, beside the service's own. What it warns of is added to `warnings`. */
export function inboxOn(harness: Harness, warnings: string[] = []): Inbox<PrismaClient> {
  const write = (line: string): void => void warnings.push((JSON.parse(line) as { msg: string }).msg)
  return openInbox(harness.service.db, reactions('USD'), createLogger('test', 'warn', { write }))
}

/** Chance that can be had again: a number below `below`. */
export function chanceOf(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296
    return Math.floor((state / 4_294_967_296) * below)
  }
}

/** Up to nine events of two orders, and those that came before them, if any. */
export function story(seed: number, far: string): { readonly before: Telling[]; readonly told: Telling[] } {
  const chance = chanceOf(seed)
  const one = <T>(...of: readonly [T, ...T[]]): T => of[chance(of.length)] ?? of[0]
  const kind = one('purchase', 'sale')
  const some = (count: number): Telling[] => Array.from({ length: count }, () => anything(kind, far, one))
  const told = some(2 + chance(8))
  if (chance(2) === 0) return { before: [], told }
  const plain = { kind, change: 'confirmed', revision: 1, warehouse: 'WH', quantity: '10', actor: undefined } as const
  return { before: [{ ...plain, order: 'O1' }, { ...plain, order: 'O2' }, ...some(1)], told }
}

function anything(kind: Telling['kind'], far: string, one: <T>(...of: readonly [T, ...T[]]) => T): Telling {
  return {
    kind,
    order: one('O1', 'O1', 'O2'),
    change: one('confirmed', 'confirmed', 'amended', 'amended', 'cancelled'),
    revision: one(1, 2, 3, 4),
    warehouse: one('WH', 'WH', far),
    quantity: one('10', '20'),
    actor: one(undefined, 'ann'),
  }
}

let offset = 0n

/** Events as messages of the bus, told by a system, and numbered on. */
export function messagesOf(source: string, told: readonly Telling[], from = 0): IncomingMessage[] {
  return told.map((one, index) => {
    const by = one.kind === 'purchase' ? 'purchasing' : 'sales'
    const partner = { code: 'ACME', name: 'Acme' }
    const line = { line: 1, sku: 'RM-A', quantity: one.quantity, unit: 'kg' }
    const content = {
      warehouse: one.warehouse,
      lines: [line],
      ...(one.kind === 'purchase' ? { vendor: partner } : { customer: partner }),
    }
    const data = {
      orderNumber: one.order,
      revision: one.revision,
      ...(one.change === 'cancelled' ? { reason: 'not wanted' } : content),
    }
    const actor = one.actor === undefined ? {} : { actor: { id: one.actor, name: one.actor } }
    const id = `e${String(from + index)}`
    const event = cloudEvent(`${by}.order-${one.change}.v1`, one.order, data, { source, id, ...actor })
    offset += 1n
    const value = Buffer.from(JSON.stringify(event))
    return { topic: `${by}.orders`, partition: 99, offset, key: one.order, value, headers: {} }
  })
}

const dueStatement = sql('select count(*)::int as due from kit.parked where resolved_at is null and due')

/** Until nothing that was set aside is being tried. */
export async function settled(harness: Harness): Promise<void> {
  await until('nothing is due', async () => {
    const [row] = await harness.service.db.query<{ due: number }>(dueStatement)
    return row?.due === 0
  })
}

const waitKeysStatement = sql(`
  select distinct wait_key as key from kit.parked where source = any($1::text[]) and state = 'waiting'`)

/** Has all that waits tried again: when it was tried last depends on the batches, and so may what it found. */
export async function triedAgain(harness: Harness, sources: readonly string[]): Promise<void> {
  const { db } = harness.service
  const keys = await db.query<{ key: string }>(waitKeysStatement, [sources])
  await db.transaction({ actor: null, correlationId: 'test' }, (tx) => wake(tx, ...keys.map(({ key }) => key)))
  await settled(harness)
}

const ordersStatement = sql(`
  select kind, order_number, revision, status, content ->> 'warehouse' as warehouse, content -> 'lines' as lines
  from orders where source = $1 order by kind, order_number`)
// States are published late, or not at all: what else was told is counted without them.
const documentsStatement = sql(`
  select o.order_number, d.warehouse, d.status, d.order_revision, d.problem, d.version, d.lines,
    (select json_agg(json_build_array(h.what, h.why, h.actor_id) order by h.id) from history h where h.document_id = d.id)
      as history,
    (select json_agg(json_build_array(out.type, out.sequence - (
        select count(*) from kit.outbox state where state.subject = out.subject and state.topic = out.topic
          and state.type = 'picking.receipt-expected.v1' and state.sequence < out.sequence),
        out.value::json ->> 'causationid') order by out.position)
      from kit.outbox out where out.subject = d.id::text and out.type <> 'picking.receipt-expected.v1') as told
  from orders o join (
    select id, order_id, warehouse, status, order_revision, problem, version, (select json_agg(json_build_array(
      l.line, l.sku, l.expected::text) order by l.line) from receipt_lines l where l.receipt_id = r.id) as lines
    from receipts r
    union all
    select id, order_id, warehouse, status, order_revision, problem, version, (select json_agg(json_build_array(
      l.line, l.sku, l.quantity::text) order by l.line) from delivery_lines l where l.delivery_id = r.id)
    from deliveries r
  ) as d on d.order_id = o.id where o.source = $1 order by o.order_number, d.id`)
const asideStatement = sql(`
  select state, event_id, wait_key, reason from kit.parked where source = $1 and resolved_at is null
  order by park_key, position`)
const outcomesStatement = sql('select id, outcome from kit.inbox where source = $1 order by id')

/** All that came of what a system told, without ids and times, and without the system's name. */
export async function whatCameOf(harness: Harness, source: string): Promise<unknown> {
  const of = (statement: ReturnType<typeof sql>) => harness.service.db.query(statement, [source])
  const came = {
    orders: await of(ordersStatement),
    documents: await of(documentsStatement),
    aside: await of(asideStatement),
    outcomes: await of(outcomesStatement),
  }
  return JSON.parse(JSON.stringify(came).replaceAll(source, 'SOURCE'))
}

/** `stock.location-changed`: a warehouse becomes known. */
export async function warehouseTold(harness: Harness, code: string): Promise<void> {
  await harness.publish({
    type: 'stock.location-changed.v1',
    topic: 'stock.locations',
    subject: code,
    data: { warehouse: { code, name: code, defaultReceiptLocation: `${code}/Stock`, active: true }, location: null },
  })
  await until(`${code} is known`, () =>
    harness.service.db.prisma.warehouse.findUnique({ where: { code } }).then(Boolean),
  )
}
