/**
 * The two main paths, as an ordering system and an operator walk them over HTTP: order event to journal entry. And goods moved inside:
 * transfers, which are posted twice, and relocations.
 */
import { randomUUID } from 'node:crypto'
import type { Client, Reply } from '../client.ts'

/** Where stock is put for loads. */
export const stockedAt = 'WH/Stock/A1-03'

/** Who walks: the ordering system, somebody on the floor, somebody who may see the books. */
export interface Walkers {
  readonly erp: Client
  readonly harness: Client
  readonly books: Client
}

export interface OrderLine {
  readonly line: number
  readonly sku: string
  readonly quantity: string
  readonly unit: string
}

/** What one walk took, in milliseconds. */
export interface Walk {
  readonly documentId: string
  readonly number: string
  /** Order event sent until the journal entry is seen; of what moves inside until it is done: most of it has no entry. */
  readonly wholeMs: number
  /** Validate sent until the ledger has answered. */
  readonly postedMs: number
  /** Validate sent until the journal entry is seen; of what moves inside as `postedMs`. */
  readonly valuedMs: number
  readonly errors: number
}

interface Document {
  readonly id: string
  readonly number: string
  readonly status: string
  readonly version: number
  readonly lines: readonly {
    line: number
    expected: string
    unit: string
    picks?: readonly { location: string; lot: string | null; quantity: string }[]
  }[]
}

/** Between which locations goods are moved: the first is where loads keep their stock. */
const ends = { source: stockedAt, destination: 'WH/Stock/B2-01' } as const
/** Seconds that a look may be held back until there is something to see, where the server offers that. */
const longPollSeconds = 5
/** Between two looks: short at first, longer while nothing comes. */
const firstPauseMs = 5
const longestPauseMs = 40
/** A document that is not there by then is lost. */
const patienceMs = 60_000

/** Order event → receipt → entries → validated → posted → journal entry. */
export async function walkReceipt(walkers: Walkers, orderNumber: string, lines: readonly OrderLine[]): Promise<Walk> {
  const started = performance.now()
  await sendOrder(walkers.erp, 'purchasing.order-confirmed.v1', orderNumber, {
    vendor: { code: 'ACME', name: 'Acme Supplies' },
    lines: lines.map((line) => ({ ...line, unitPrice: '2.50' })),
  })
  const found = await find(walkers.harness, '/picking/v1/receipts', orderNumber, () => true)
  const entries = lines.map((line) => ({ line: line.line, quantity: line.quantity, unit: line.unit }))
  const counted = must(
    await walkers.harness.send<Document>('PATCH', `/picking/v1/receipts/${found.id}/lines`, {
      version: found.version,
      body: { entries },
    }),
    200,
  )
  return finish(walkers, 'receipts', counted, started)
}

/** Order event → delivery → reserved → picked → shipped → posted → journal entry. */
export async function walkDelivery(walkers: Walkers, orderNumber: string, lines: readonly OrderLine[]): Promise<Walk> {
  const started = performance.now()
  await sendOrder(walkers.erp, 'sales.order-confirmed.v1', orderNumber, {
    customer: { code: 'BETA', name: 'Beta Stores' },
    lines,
  })
  const found = await find(
    walkers.harness,
    '/picking/v1/deliveries',
    orderNumber,
    (document) => document.status === 'ready',
  )
  const picks = found.lines.flatMap((line) =>
    (line.picks ?? []).map((pick) => ({
      line: line.line,
      location: pick.location,
      ...(pick.lot === null ? {} : { lot: pick.lot }),
      picked: pick.quantity,
    })),
  )
  const picked = must(
    await walkers.harness.send<Document>('PATCH', `/picking/v1/deliveries/${found.id}/picks`, {
      version: found.version,
      body: { picks },
    }),
    200,
  )
  return finish(walkers, 'deliveries', picked, started)
}

/** Draft by hand → confirmed, and posted into transit → validated, and posted at its destination. Two postings. */
export async function walkTransfer({ harness }: Walkers, note: string, lines: readonly OrderLine[]): Promise<Walk> {
  const started = performance.now()
  const body = { ...ends, note, lines }
  const draft = must(await harness.send<Document>('POST', '/picking/v1/transfers', { body }), 201)
  const sent = await step(harness, draft, 'confirm', 'in_transit')
  const validated = performance.now()
  const done = await step(harness, sent, 'validate', 'done')
  return walkedInside(done, started, validated)
}

/** The same goods from bin to bin in one request, until they are posted. */
export async function walkRelocation({ harness }: Walkers, note: string, lines: readonly OrderLine[]): Promise<Walk> {
  const started = performance.now()
  const bins = { from: ends.source, to: ends.destination }
  const moved = lines.map(({ sku, quantity, unit }) => ({ sku, quantity, unit, ...bins }))
  const body = { warehouse: 'WH', note, lines: moved }
  const done = must(await harness.send<Document>('POST', '/picking/v1/relocations', { body, wait: 10 }), 201)
  if (done.status !== 'done') throw new Error(`${done.number} is ${done.status}: ${JSON.stringify(done)}`)
  return walkedInside(done, started, started)
}

/** Does this system know transfers and relocations? */
export async function servesTransfers(harness: Client): Promise<boolean> {
  return (await harness.get('/picking/v1/transfers?limit=1')).status === 200
}

async function step(harness: Client, { id, version }: Document, name: string, status: string): Promise<Document> {
  const path = `/picking/v1/transfers/${id}/${name}`
  const after = must(await harness.send<Document>('POST', path, { version, wait: 10, body: {} }), 200)
  if (after.status !== status) throw new Error(`${after.number} is ${after.status}: ${JSON.stringify(after)}`)
  return after
}

function walkedInside({ id: documentId, number }: Document, started: number, validated: number): Walk {
  const end = performance.now()
  const postedMs = end - validated
  return { documentId, number, wholeMs: end - started, postedMs, valuedMs: postedMs, errors: 0 }
}

async function finish(walkers: Walkers, kind: string, document: Document, started: number): Promise<Walk> {
  const validated = performance.now()
  const done = must(
    await walkers.harness.send<Document>('POST', `/picking/v1/${kind}/${document.id}/validate`, {
      version: document.version,
      wait: 10,
      body: {},
    }),
    200,
  )
  if (done.status !== 'done') throw new Error(`${done.number} is ${done.status}: ${JSON.stringify(done)}`)
  const posted = performance.now()
  await awaitEntry(walkers.books, done.number)
  const end = performance.now()
  return {
    documentId: done.id,
    number: done.number,
    wholeMs: end - started,
    postedMs: posted - validated,
    valuedMs: end - validated,
    errors: 0,
  }
}

/** Waits until the document's journal entry is in the books. */
async function awaitEntry(books: Client, number: string): Promise<void> {
  for (let looks = 0, end = Date.now() + patienceMs; Date.now() < end; looks++) {
    const address = `/valuation/v1/journal-entries?document=${encodeURIComponent(number)}`
    const reply = await books.get<{ items: unknown[] }>(address, { wait: longPollSeconds })
    if (must(reply, 200).items.length > 0) return
    await pause(looks, reply)
  }
  throw new Error(`no journal entry of ${number} within 20 s`)
}

async function find(
  harness: Client,
  list: string,
  orderNumber: string,
  wanted: (document: Document) => boolean,
): Promise<Document> {
  for (let looks = 0, end = Date.now() + patienceMs; Date.now() < end; looks++) {
    const address = `${list}?source=${encodeURIComponent(orderNumber)}`
    const reply = await harness.get<{ items: Document[] }>(address, { wait: longPollSeconds })
    const id = must(reply, 200).items.find(wanted)?.id
    if (id !== undefined) return must(await harness.get<Document>(`${list}/${id}`), 200)
    await pause(looks, reply)
  }
  throw new Error(`no document of ${orderNumber} in ${list} within 20 s`)
}

/** Sends an order event as CloudEvent by HTTP. The event's id makes a repeat harmless. */
export async function sendOrder(
  erp: Client,
  type: string,
  orderNumber: string,
  data: object,
  id: string = randomUUID(),
): Promise<void> {
  const body = {
    specversion: '1.0',
    id,
    source: '/erp',
    type,
    subject: orderNumber,
    time: new Date().toISOString(),
    datacontenttype: 'application/json',
    data: { orderNumber, warehouse: 'WH', ...data },
  }
  must(
    await erp.send('POST', '/picking/v1/events', { body, headers: { 'content-type': 'application/cloudevents+json' } }),
    202,
  )
}

/** The body of a reply that must have this status. */
export function must<Body>(reply: Reply<Body>, status: number): Body {
  if (reply.status !== status)
    throw new Error(`expected ${String(status)}, got ${String(reply.status)}: ${JSON.stringify(reply.body)}`)
  return reply.body
}

/** A server that has held the look back, and says so, is asked again at once. */
function pause(looks: number, reply: Reply): Promise<void> {
  if (reply.headers['preference-applied'] !== undefined) return Promise.resolve()
  return new Promise((resolve) => setTimeout(resolve, Math.min(firstPauseMs * 2 ** looks, longestPauseMs)))
}
