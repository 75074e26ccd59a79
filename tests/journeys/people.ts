/** What the journeys' people do, in one line each. */
import { randomUUID } from 'node:crypto'
import { expect } from '@jest/globals'
import { type Client, type Reply, until } from '@stockline/test-kit'
import { must, sendOrder } from '@stockline/test-kit/load/documents'
import type { System } from '@stockline/test-kit/load/system'

/** Parts of a receipt that the journeys look at. */
export interface Receipt {
  readonly id: string
  readonly number: string
  readonly status: string
  readonly source: string | null
  readonly vendor: { code: string; name: string } | null
  readonly scheduledDate: string | null
  readonly destination: string
  readonly version: number
  readonly problem: string | null
  readonly lines: readonly {
    line: number
    sku: string
    expected: string
    received: string | null
    unit: string
    flag: string | null
    entries: readonly { quantity: string; unit: string; lot: string | null; destination: string }[]
  }[]
  readonly history: readonly { what: string }[]
}

/** Parts of a delivery that the journeys look at. */
export interface Delivery {
  readonly id: string
  readonly number: string
  readonly status: string
  readonly source: string | null
  readonly problem: string | null
  readonly version: number
  readonly lines: readonly {
    line: number
    sku: string
    quantity: string
    unit: string
    picks: readonly { location: string; lot: string | null; quantity: string; picked: string | null }[]
  }[]
}

export interface Quant {
  readonly sku: string
  readonly location: string
  readonly lot: string | null
  readonly onHand: string
  readonly reserved: string | null
  readonly available: string | null
}

export interface Move {
  readonly position: string
  readonly document: string
  readonly sku: string
  readonly quantity: string
  readonly from: string
  readonly to: string
  readonly actor: unknown
}

export interface Entry {
  readonly number: string
  readonly document: string
  readonly lines: readonly { account: string; debit: string; credit: string; sku: string | null }[]
}

interface Page<Item> {
  readonly items: readonly Item[]
}

/** An order number, sku or name that no other journey uses. */
export function fresh(prefix: string): string {
  return `${prefix}-${randomUUID().slice(0, 8).toUpperCase()}`
}

export interface GoodsOptions {
  readonly sku?: string
  readonly unit?: string
  readonly tracking?: 'none' | 'lot' | 'serial'
  readonly type?: 'stockable' | 'consumable' | 'service'
  readonly category?: string
  readonly barcodes?: readonly string[]
}

/** A product of one's own, told by the product system: stock knows it at once, picking and valuation soon. */
export async function product(system: System, options: GoodsOptions = {}): Promise<string> {
  const { sku = fresh('SKU') } = options
  const data = {
    sku,
    name: `Product ${sku}`.slice(0, 200),
    type: options.type ?? 'stockable',
    unit: options.unit ?? 'unit',
    category: options.category ?? 'goods',
    barcodes: options.barcodes ?? [],
    tracking: options.tracking ?? 'none',
  }
  must(await tellProduct(system, data), 202)
  return sku
}

/** Says of a product, as the product system does, and gives the answer. */
export async function tellProduct(
  system: System,
  data: Readonly<Record<'sku' | 'name' | 'unit', string>>,
): Promise<Reply> {
  const type = 'catalog.product-upserted.v1'
  const body = { specversion: '1.0', id: randomUUID(), source: '/catalog', type, subject: data.sku, data }
  const headers = { 'content-type': 'application/cloudevents+json' }
  return (await system.erp()).send('POST', '/stock/v1/events', { body, headers })
}

export interface Wanted {
  readonly sku: string
  readonly quantity: string
  readonly unit?: string
  readonly unitPrice?: string
}

const numbered = (lines: readonly Wanted[]) => lines.map((line, index) => ({ line: index + 1, unit: 'unit', ...line }))

/** The purchase system confirms an order; the receipt that appears. */
export async function purchase(system: System, lines: readonly Wanted[], data: object = {}): Promise<Receipt> {
  const orderNumber = fresh('PO')
  const vendor = { code: 'ACME', name: 'Acme Supplies' }
  await sendOrder(await system.erp(), 'purchasing.order-confirmed.v1', orderNumber, {
    vendor,
    scheduledDate: '2026-04-23',
    currency: 'USD',
    lines: numbered(lines),
    ...data,
  })
  return receiptOf(system, orderNumber)
}

/** Waits for the one receipt of an order; of several, for the one that `wanted` picks. Never with a problem. */
export async function receiptOf(
  system: System,
  orderNumber: string,
  wanted: (receipt: Receipt) => boolean = (receipt) => receipt.problem === null,
): Promise<Receipt> {
  const manager = await system.login('manager')
  return until(`a receipt of ${orderNumber}`, async () => {
    const items = await receiptsOf(manager, orderNumber)
    return items.find(wanted)
  })
}

/** All receipts of an order, whole. */
export async function receiptsOf(client: Client, orderNumber: string): Promise<Receipt[]> {
  const page = must(await client.get<Page<{ id: string }>>(`/picking/v1/receipts?source=${orderNumber}`), 200)
  return Promise.all(
    page.items.map(async ({ id }) => must(await client.get<Receipt>(`/picking/v1/receipts/${id}`), 200)),
  )
}

/** The sales system confirms an order; the delivery that appears, once `wanted` holds. */
export async function sale(
  system: System,
  lines: readonly Wanted[],
  data: object = {},
  wanted: (delivery: Delivery) => boolean = () => true,
): Promise<Delivery> {
  const orderNumber = fresh('SO')
  const customer = { code: 'BETA', name: 'Beta Stores' }
  await sendOrder(await system.erp(), 'sales.order-confirmed.v1', orderNumber, {
    customer,
    lines: numbered(lines),
    ...data,
  })
  return deliveryOf(system, orderNumber, wanted)
}

/** Waits for a delivery of an order that is as `wanted`. */
export async function deliveryOf<As extends Delivery = Delivery>(
  system: System,
  orderNumber: string,
  wanted: ((delivery: Delivery) => delivery is As) | ((delivery: Delivery) => boolean) = () => true,
): Promise<As> {
  const manager = await system.login('manager')
  return until(`a delivery of ${orderNumber}`, async () => {
    const page = must(await manager.get<Page<{ id: string }>>(`/picking/v1/deliveries?source=${orderNumber}`), 200)
    const all = await Promise.all(
      page.items.map(async ({ id }) => must(await manager.get<Delivery>(`/picking/v1/deliveries/${id}`), 200)),
    )
    return all.find((one): one is As => wanted(one))
  })
}

/** The operator enters what came. */
export function count(client: Client, receipt: Receipt, entries: readonly object[]): Promise<Reply<Receipt>> {
  return client.send<Receipt>('PATCH', `/picking/v1/receipts/${receipt.id}/lines`, {
    version: receipt.version,
    body: { entries },
  })
}

/** A step of a receipt or delivery: validate, approve, cancel… It waits for the ledger. */
export function step<Document extends { id: string; version: number }>(
  client: Client,
  kind: 'receipts' | 'deliveries',
  document: Document,
  name: string,
  body: object = {},
): Promise<Reply<Document>> {
  return client.send<Document>('POST', `/picking/v1/${kind}/${document.id}/${name}`, {
    version: document.version,
    body,
    wait: 10,
  })
}

/** Receives everything that was ordered, as the manager; the receipt when it is done. */
export async function receiveAll(system: System, receipt: Receipt, lot?: string): Promise<Receipt> {
  const manager = await system.login('manager')
  const entries = receipt.lines.map((line) => ({
    line: line.line,
    quantity: line.expected,
    unit: line.unit,
    ...(lot === undefined ? {} : { lot }),
  }))
  const counted = must(await count(manager, receipt, entries), 200)
  const done = must(await step(manager, 'receipts', counted, 'validate'), 200)
  expect(done.status).toBe('done')
  return done
}

/** Puts goods on the shelf by the manager's opening stock. */
export async function shelve(
  system: System,
  lines: readonly {
    sku: string
    quantity: string
    location?: string
    lot?: string
    expiresOn?: string
    unitCost?: string
  }[],
): Promise<void> {
  const manager = await system.login('manager')
  const body = { lines: lines.map((line) => ({ location: 'WH/Stock/A1-03', unitCost: '2.00', ...line })) }
  const reply = await manager.send('POST', '/stock/v1/opening-stock', { body })
  expect({ status: reply.status < 300, body: reply.body }).toMatchObject({ status: true })
}

/** Picks everything as suggested and ships; the delivery when it is done. */
export async function shipAll(system: System, delivery: Delivery, client?: Client): Promise<Delivery> {
  const who = client ?? (await system.login('manager'))
  const picks = delivery.lines.flatMap((line) =>
    line.picks.map((pick) => ({
      line: line.line,
      location: pick.location,
      ...(pick.lot === null ? {} : { lot: pick.lot }),
      picked: pick.quantity,
    })),
  )
  const picked = must(
    await who.send<Delivery>('PATCH', `/picking/v1/deliveries/${delivery.id}/picks`, {
      version: delivery.version,
      body: { picks },
    }),
    200,
  )
  const done = must(await step(who, 'deliveries', picked, 'validate'), 200)
  expect(done.status).toBe('done')
  return done
}

/** Σ on hand and reserved of a product below a location. */
export async function onHand(system: System, sku: string, location = 'WH'): Promise<readonly Quant[]> {
  const manager = await system.login('manager')
  return must(
    await manager.get<Page<Quant>>(`/stock/v1/quants?sku=${sku}&location=${encodeURIComponent(location)}`),
    200,
  ).items
}

/** A document's moves. */
export async function movesOf(system: System, number: string): Promise<readonly Move[]> {
  const manager = await system.login('manager')
  return must(await manager.get<Page<Move>>(`/stock/v1/moves?document=${encodeURIComponent(number)}&limit=200`), 200)
    .items
}

/** A document's journal entries, once there is one. */
export async function entriesOf(system: System, number: string): Promise<readonly Entry[]> {
  const books = await system.login('supervisor')
  return until(`the journal entry of ${number}`, async () => {
    const page = must(
      await books.get<Page<Entry>>(`/valuation/v1/journal-entries?document=${encodeURIComponent(number)}`),
      200,
    )
    return page.items.length > 0 && page.items
  })
}

/** Debits and credits of an entry by account, as `Dr 1400 442.00`, sorted. */
export function booked(entry: Entry | undefined): string[] {
  const side = (name: 'debit' | 'credit', label: string) => {
    const sums = new Map<string, bigint>()
    for (const line of entry?.lines ?? []) {
      const cents = BigInt(line[name].replace('.', ''))
      if (cents !== 0n) sums.set(line.account, (sums.get(line.account) ?? 0n) + cents)
    }
    return [...sums].map(
      ([account, cents]) => `${label} ${account} ${String(cents / 100n)}.${String(cents % 100n).padStart(2, '0')}`,
    )
  }
  return [...side('debit', 'Dr'), ...side('credit', 'Cr')].sort()
}
