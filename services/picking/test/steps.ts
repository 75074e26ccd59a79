/** Steps that tests of picking take over HTTP, and what they look at. */
import { sql } from '@stockline/service-kit'
import { until, type Client, type Reply } from '@stockline/test-kit'
import type { Reader } from '../src/database.ts'
import { cloudEvent, type Harness } from './harness.ts'

const waitingForLocks = sql(`select count(*)::int as count from pg_stat_activity
  where datname = current_database() and wait_event_type = 'Lock'`)

/** Waits until one waits for what somebody holds. */
export async function untilOneWaits({ service }: Harness, what: string): Promise<void> {
  const oneWaits = async () => (await service.db.query<{ count: number }>(waitingForLocks))[0]?.count === 1
  await until(what, oneWaits, 15_000, 2)
}

/** The database, and how many statements it was asked. */
export function counting(db: Reader): { readonly db: Reader; readonly asked: () => number } {
  let asked = 0
  const query: Reader['query'] = (statement, values) => {
    asked += 1
    return db.query(statement, values)
  }
  return { db: { ...db, query }, asked: () => asked }
}

const askedStatement = sql(`select value from kit.outbox
  where subject = any($1::text[]) and type = $2 order by position`)

/** Sends an event from outside by HTTP. */
export function tell(harness: Harness, event: object | string): Promise<Reply<Problem>> {
  return harness.erp.send('POST', '/v1/events', {
    body: event,
    headers: { 'content-type': 'application/cloudevents+json' },
  })
}

/** What errors look like. */
export interface Problem {
  readonly type: string
  readonly status: number
  readonly detail: string
  readonly errors?: readonly { readonly pointer: string; readonly message: string }[]
}

/** A receipt as it is answered. */
export interface ShownReceipt {
  readonly id: string
  readonly number: string
  readonly status: string
  readonly source: string | null
  readonly version: number
  readonly problem: string | null
  readonly destination: string
  readonly backorderOf: string | null
  readonly scheduledDate: string | null
  readonly vendor: { readonly code: string; readonly name: string } | null
  readonly lines: readonly {
    readonly line: number
    readonly sku: string
    readonly expected: string
    readonly received: string | null
    readonly flag: string | null
    readonly unit: string
    readonly unitPrice?: string | null
    readonly entries: readonly Readonly<Record<string, unknown>>[]
  }[]
  readonly history: readonly {
    readonly what: string
    readonly why: string | null
    readonly who: { readonly name: string } | null
  }[]
}

/** The receipts of an order, oldest first, once there are `count` of them. */
export async function receiptsOf(harness: Harness, source: string, count = 1): Promise<readonly ShownReceipt[]> {
  return until(`${count} receipts of ${source}`, async () => {
    const list = await harness.manager.get<{ items: { id: string }[] }>(`/v1/receipts?source=${source}&sort=createdAt`)
    if (list.body.items.length < count) return undefined
    return Promise.all(list.body.items.map(({ id }) => read(harness, id)))
  })
}

/** The one receipt of an order. */
export async function receiptOf(harness: Harness, source: string): Promise<ShownReceipt> {
  const [first] = await receiptsOf(harness, source)
  if (first === undefined) throw new Error(`No receipt of ${source}.`)
  return first
}

/** A receipt as a manager sees it. */
export async function read(harness: Harness, id: string): Promise<ShownReceipt> {
  return (await harness.manager.get<ShownReceipt>(`/v1/receipts/${id}`)).body
}

/** The receipt once it is as the test wants it. */
export function eventually(
  harness: Harness,
  id: string,
  what: string,
  is: (receipt: ShownReceipt) => boolean,
): Promise<ShownReceipt> {
  return until(what, async () => {
    const receipt = await read(harness, id)
    return is(receipt) ? receipt : undefined
  })
}

/** A purchase order of those lines, by HTTP. */
export function purchaseOrder(
  change: 'confirmed' | 'amended',
  orderNumber: string,
  lines: readonly object[],
  over: object = {},
): object {
  return cloudEvent(`purchasing.order-${change}.v1`, orderNumber, {
    orderNumber,
    warehouse: 'WH',
    vendor: { code: 'ACME', name: 'Acme Supplies' },
    scheduledDate: '2026-04-23',
    currency: 'USD',
    lines,
    ...over,
  })
}

/** `purchasing.order-cancelled`. */
export function purchaseCancelled(orderNumber: string, revision: number, reason = 'not wanted'): object {
  return cloudEvent('purchasing.order-cancelled.v1', orderNumber, { orderNumber, revision, reason })
}

export const lineA = { line: 1, sku: 'RM-A', quantity: '100', unit: 'kg', unitPrice: '2.50' }
export const lineB = { line: 2, sku: 'RM-B', quantity: '50', unit: 'kg', unitPrice: '4.00' }

/** The draft of a new order for 100 kg of RM-A and 50 kg of RM-B. */
export async function ordered(
  harness: Harness,
  orderNumber: string,
  lines: readonly object[] = [lineA, lineB],
): Promise<ShownReceipt> {
  const answer = await tell(harness, purchaseOrder('confirmed', orderNumber, lines))
  if (answer.status !== 202) throw new Error(JSON.stringify(answer.body))
  return receiptOf(harness, orderNumber)
}

/** Enters what came, as the user unless somebody else is named. */
export async function count(
  harness: Harness,
  receipt: ShownReceipt,
  entries: readonly object[],
  who: Client = harness.user,
): Promise<ShownReceipt> {
  const answer = await act<ShownReceipt>(who, 'PATCH', receipt, 'lines', { entries })
  if (answer.status !== 200) throw new Error(JSON.stringify(answer.body))
  return answer.body
}

/** A step on a receipt, with the version that was read. */
export function act<Body = ShownReceipt & Problem>(
  who: Client,
  method: string,
  receipt: ShownReceipt,
  step: string,
  body: object = {},
): Promise<Reply<Body>> {
  return who.send<Body>(method, `/v1/receipts/${receipt.id}/${step}`, { body, version: receipt.version })
}

/** An order counted in full and validated by its operator: it waits for the ledger. */
export async function posting(harness: Harness, orderNumber: string): Promise<ShownReceipt> {
  const draft = await ordered(harness, orderNumber)
  const counted = await count(harness, draft, [
    { line: 1, quantity: '100' },
    { line: 2, quantity: '50' },
  ])
  return (await act<ShownReceipt>(harness.user, 'POST', counted, 'validate')).body
}

/** What history says, word by word. */
export function words(receipt: ShownReceipt): readonly string[] {
  return receipt.history.map((step) => step.what)
}

/** What the ledger was asked about documents: by whom, and for which request. */
export async function askedOfLedger(harness: Harness, type: string, documents: readonly { readonly id: string }[]) {
  const rows = await harness.service.db.query<{ value: string }>(askedStatement, [documents.map(({ id }) => id), type])
  return rows.map(({ value }) => {
    const event = JSON.parse(value) as { subject: string; actor: string; correlationid: string }
    return { id: event.subject, by: (JSON.parse(event.actor) as { name: string }).name, trace: event.correlationid }
  })
}

/** The last step of an answered document's history, and who took it. */
export function lastStep({ body }: { readonly body: Pick<ShownReceipt, 'history'> }): string {
  const step = body.history.at(-1)
  return `${step?.what ?? 'nothing'} by ${step?.who?.name ?? 'nobody'}`
}
