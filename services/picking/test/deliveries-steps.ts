/** Steps that tests of deliveries take over HTTP and the bus, with stock's answers told by the test. */
import { until, type Client, type Reply } from '@stockline/test-kit'
import type { Published } from '@stockline/test-kit/service'
import { cloudEvent, type Harness } from './harness.ts'
import { tell, type Problem } from './steps.ts'

/** A delivery as it is answered. */
export interface ShownDelivery {
  readonly id: string
  readonly number: string
  readonly status: string
  readonly version: number
  readonly problem: string | null
  readonly priority: number
  readonly backorderOf: string | null
  readonly position: string | null
  readonly scanLocation: string | null
  readonly lines: readonly {
    readonly line: number
    readonly sku: string
    readonly quantity: string
    readonly unit: string
    readonly picks: readonly ShownPick[]
  }[]
  readonly history: readonly {
    readonly what: string
    readonly why: string | null
    readonly who: { readonly id: string; readonly name: string } | null
  }[]
}

export interface ShownPick {
  readonly location: string
  readonly lot: string | null
  readonly quantity: string
  readonly picked: string
}

export const a103 = 'WH/Stock/A1-03'
export const lineX = { line: 1, sku: 'PX', quantity: '10', unit: 'unit' }
export const lineA = { line: 2, sku: 'RM-A', quantity: '5', unit: 'kg' }

/** A sales order of those lines. */
export function salesOrder(
  change: 'confirmed' | 'amended',
  orderNumber: string,
  lines: readonly object[],
  over: object = {},
): object {
  return cloudEvent(
    `sales.order-${change}.v1`,
    orderNumber,
    {
      orderNumber,
      warehouse: 'WH',
      customer: { code: 'BIG', name: 'Big Buyer' },
      scheduledDate: '2026-04-23',
      lines,
      ...over,
    },
    { source: '/erp/sales' },
  )
}

/** `sales.order-cancelled`. */
export function salesCancelled(orderNumber: string, revision: number): object {
  const data = { orderNumber, revision, reason: 'not wanted' }
  return cloudEvent('sales.order-cancelled.v1', orderNumber, data, { source: '/erp/sales' })
}

/** Tells an order by HTTP; it must be taken. */
export async function told(harness: Harness, event: object): Promise<void> {
  const answer = await tell(harness, event)
  if (answer.status !== 202) throw new Error(JSON.stringify(answer.body))
}

/** The deliveries of an order, oldest first, once there are `count` of them. */
export async function deliveriesOf(harness: Harness, source: string, count = 1): Promise<readonly ShownDelivery[]> {
  return until(`${count} deliveries of ${source}`, async () => {
    const path = `/v1/deliveries?source=${source}&sort=createdAt`
    const { items } = (await harness.manager.get<{ items: { id: string }[] }>(path)).body
    return items.length < count ? undefined : Promise.all(items.map(({ id }) => show(harness, id)))
  })
}

/** A delivery as a manager sees it. */
export async function show(harness: Harness, id: string): Promise<ShownDelivery> {
  return (await harness.manager.get<ShownDelivery>(`/v1/deliveries/${id}`)).body
}

/** The delivery once it has the status. */
export function becomes(harness: Harness, id: string, status: string): Promise<ShownDelivery> {
  return until(`delivery is ${status}`, async () => {
    const now = await show(harness, id)
    return now.status === status ? now : undefined
  })
}

/** The delivery of a new order for 10 PX and 5 kg of RM-A, which waits for stock. */
export async function sold(harness: Harness, orderNumber: string, lines: readonly object[] = [lineX, lineA]) {
  await told(harness, salesOrder('confirmed', orderNumber, lines))
  const [first] = await deliveriesOf(harness, orderNumber)
  if (first === undefined) throw new Error(`No delivery of ${orderNumber}.`)
  return first
}

/** `stock.stock-reserved`: all of every line at A1-03, unless somebody says what. */
export function reserved(
  delivery: ShownDelivery,
  revision = 1,
  picks: (line: ShownDelivery['lines'][number]) => readonly object[] = ({ quantity }) => [place(a103, quantity)],
): Published {
  return {
    type: 'stock.stock-reserved.v1',
    topic: 'stock.reservations',
    subject: delivery.id,
    data: {
      documentId: delivery.id,
      number: delivery.number,
      revision,
      complete: true,
      lines: delivery.lines.map((line) => ({
        line: line.line,
        sku: line.sku,
        quantity: line.quantity,
        picks: picks(line),
      })),
    },
  }
}

/** A pick as stock tells it. */
export function place(location: string, quantity: string, lot: string | null = null, expiresOn: string | null = null) {
  return { location, lot, expiresOn, quantity, pickSequence: location === a103 ? 2 : 1 }
}

/** `stock.reservation-released`. */
export function released(delivery: ShownDelivery, detail: string, revision = 1): Published {
  const { id: documentId, number } = delivery
  return {
    type: 'stock.reservation-released.v1',
    topic: 'stock.reservations',
    subject: documentId,
    data: { documentId, number, revision, code: 'stock-gone', detail },
  }
}

let position = 0

/** The ledger's answer to a delivery's try. */
export function ledgerAnswer(delivery: ShownDelivery, attempt = 1, refusal?: string): Published {
  const { id: documentId, number } = delivery
  const asked = { documentId, number, kind: 'delivery', attempt }
  if (refusal !== undefined)
    return {
      type: 'stock.document-refused.v1',
      topic: 'stock.refusals',
      subject: documentId,
      data: { ...asked, code: 'test', detail: refusal, errors: [] },
    }
  const at = new Date().toISOString()
  position += 1
  const taken = { position: String(position), warehouse: 'WH', recordedAt: at, effectiveAt: at, lines: [] }
  return {
    type: 'stock.document-posted.v1',
    topic: 'stock.ledger',
    subject: 'DEMO',
    data: { ...asked, ...taken },
  }
}

/** A new order's delivery with everything reserved at A1-03. */
export async function readied(
  harness: Harness,
  orderNumber: string,
  lines?: readonly object[],
): Promise<ShownDelivery> {
  const delivery = await sold(harness, orderNumber, lines)
  await harness.publish(reserved(delivery))
  return becomes(harness, delivery.id, 'ready')
}

/** A step on a delivery, with the version that was read. */
export function act<Body = ShownDelivery & Problem>(
  who: Client,
  method: string,
  delivery: ShownDelivery,
  step: string,
  body: object = {},
): Promise<Reply<Body>> {
  return who.send<Body>(method, `/v1/deliveries/${delivery.id}/${step}`, { body, version: delivery.version })
}

/** Enters what was taken from A1-03, by line. */
export async function take(
  harness: Harness,
  delivery: ShownDelivery,
  picked: Readonly<Record<number, string>>,
): Promise<ShownDelivery> {
  const picks = Object.entries(picked).map(([line, amount]) => ({
    line: Number(line),
    location: a103,
    picked: amount,
  }))
  const answer = await act(harness.user, 'PATCH', delivery, 'picks', { picks })
  if (answer.status !== 200) throw new Error(JSON.stringify(answer.body))
  return answer.body
}

/** Validated by its operator: it waits for the ledger. */
export async function shipping(
  harness: Harness,
  delivery: ShownDelivery,
  picked: Readonly<Record<number, string>> = { 1: '10', 2: '5' },
  body: object = {},
): Promise<ShownDelivery> {
  const answer = await act(harness.user, 'POST', await take(harness, delivery, picked), 'validate', body)
  if (answer.status !== 200) throw new Error(JSON.stringify(answer.body))
  return answer.body
}

/** What was published about a delivery, in order; but for what stands on the floor, which is published when it may be. */
export async function outbox(harness: Harness, id: string) {
  const rows = await harness.service.db.prisma.$queryRaw<{ type: string; value: string }[]>`
    select type, value from kit.outbox
    where subject = ${id} and type <> 'picking.floor-changed.v1' order by position`
  return rows.map(({ type, value }) => ({
    type: type.replace('picking.', '').replace('.v1', ''),
    data: (JSON.parse(value) as { data: Record<string, unknown> }).data,
  }))
}
