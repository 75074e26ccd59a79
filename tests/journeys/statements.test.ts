/**
 * How many SQL statements one receipt and one delivery cost, from the order's event to the journal entry: three services on the
 * embedded bus, warm, one document at a time. A bound is what it costs today: whoever needs a statement more raises it, and says why.
 */
import { afterAll, beforeAll, test } from '@jest/globals'
import { randomUUID } from 'node:crypto'
import { groups } from '@stockline/contracts'
import { startService, type ServiceOptions } from '@stockline/service-kit'
import { clientFor, startPostgres, until, type Client, type PostgresServer } from '@stockline/test-kit'
import pg from 'pg'
import { picking } from '../../services/picking/src/app.ts'
import { stock } from '../../services/stock/src/app.ts'
import { valuation } from '../../services/valuation/src/app.ts'
import { must } from '@stockline/test-kit/load/documents'
import { keySource, tokenOf } from '@stockline/test-kit/service'
import { stockSteps } from '../../tools/start/seed.ts'

const databases = ['picking', 'stock', 'valuation', 'bus'] as const
type Counts = Readonly<Record<(typeof databases)[number], number>>

/**
 * By database, transaction control included. What polls, timers and looks at documents call as well is not counted. Six of stock's take the
 * journal entry, whose unit cost the limits of adjustments need: a batch of entries costs them once.
 */
const bounds: Readonly<Record<'receipt' | 'delivery', Counts>> = {
  receipt: { picking: 38, stock: 21, valuation: 14, bus: 3 },
  delivery: { picking: 46, stock: 46, valuation: 14, bus: 5 },
}
const warmUp = 3
const measured = 5

let server: PostgresServer
let admin: pg.Client
const stops: (() => Promise<void>)[] = []
const people = {} as { picking: Client; stock: Client; valuation: Client; erp: Client }

beforeAll(async () => {
  server = await startPostgres({ settings: ['shared_preload_libraries=pg_stat_statements'] })
  admin = new pg.Client({ connectionString: server.url })
  await admin.connect()
  await admin.query('create extension pg_stat_statements')
  for (const name of databases) await admin.query(`create database ${name}`)
  const [stockUrl, pickingUrl, valuationUrl] = [await start(stock), await start(picking), await start(valuation)]
  const manager = tokenOf({ sub: randomUUID(), name: 'Manager', groups: [groups.manager], sid: randomUUID() })
  const erp = tokenOf({ sub: 'erp', name: 'ERP', scope: 'orders:publish' })
  Object.assign(people, {
    stock: clientFor(stockUrl, manager),
    picking: clientFor(pickingUrl, manager),
    valuation: clientFor(valuationUrl, manager),
    erp: clientFor(pickingUrl, erp),
  })
  for (const group of stockSteps)
    for (const { method, path, body } of group)
      must(await people.stock.send(method, path.replace('/stock', ''), { body: body as object }), 201)
  const lines = [{ sku: 'RM-A', location: place, quantity: '1000', unitCost: '2.00' }]
  must(await people.stock.send('POST', '/v1/opening-stock', { body: { lines } }), 201)
})

afterAll(async () => {
  for (const stop of stops) await stop()
  await admin.end()
  await server.stop()
})

test.each(['receipt', 'delivery'] as const)('a %s costs no statement more', async (kind) => {
  const walk = kind === 'receipt' ? receive : ship
  for (let n = 0; n < warmUp; n += 1) await walk(`${kind}-warm-${String(n)}`)
  const idle = await statementsOfNobody()
  const each: ReadonlyMap<string, number>[] = []
  for (let n = 0; n < measured; n += 1) {
    const before = await atRest(idle)
    await walk(`${kind}-${String(n)}`)
    each.push(difference(before, await atRest(idle), idle))
  }
  // What comes now and then, such as a vacuum of the inbox, adds to some of them; none costs less than it needs.
  const costs = each.map(countsOf)
  const least = (name: keyof Counts) => Math.min(...costs.map((cost) => cost[name]))
  const over = databases.filter((name) => least(name) > bounds[kind][name])
  const told = over.map((name) => `${name}: ${String(least(name))} for ${String(bounds[kind][name])}`).join(', ')
  if (over.length > 0) throw new Error(`A ${kind} costs more statements.\n${told}\n${await textsOf(each, over)}`)
})

const place = 'WH/Stock/A1-03'
const line = { line: 1, sku: 'RM-A', quantity: '1', unit: 'kg' }

/** Order, count, validate, until it is in the books. */
async function receive(orderNumber: string): Promise<void> {
  await send('purchasing.order-confirmed.v1', orderNumber, {
    vendor: { code: 'ACME', name: 'Acme Supplies' },
    lines: [{ ...line, unitPrice: '2.50' }],
  })
  const draft = await find('receipts', orderNumber, () => true)
  const entries = [{ line: 1, quantity: '1' }]
  await finish('receipts', must(await act('PATCH', `receipts/${draft.id}/lines`, draft, { entries }), 200))
}

/** Order, pick, ship, until it is in the books. */
async function ship(orderNumber: string): Promise<void> {
  const customer = { code: 'BETA', name: 'Beta Stores' }
  await send('sales.order-confirmed.v1', orderNumber, { customer, lines: [line] })
  const ready = await find('deliveries', orderNumber, ({ status }) => status === 'ready')
  const picks = [{ line: 1, location: place, picked: '1' }]
  await finish('deliveries', must(await act('PATCH', `deliveries/${ready.id}/picks`, ready, { picks }), 200))
}

interface Document {
  readonly id: string
  readonly number: string
  readonly status: string
  readonly version: number
}

const act = (method: string, path: string, { version }: Document, body: object) =>
  people.picking.send<Document>(method, `/v1/${path}`, { version, body })

async function finish(kind: string, document: Document): Promise<void> {
  must(await act('POST', `${kind}/${document.id}/validate`, document, {}), 200)
  await until(`${document.number} is done`, async () => (await read(kind, document.id)).status === 'done')
  await until(`${document.number} is in the books`, async () => (await entriesOf(document.number)).length > 0)
}

async function find(kind: string, source: string, wanted: (document: Document) => boolean): Promise<Document> {
  return until(`a document of ${source}`, async () => {
    const id = (await listed(kind, source)).find(wanted)?.id
    return id === undefined ? undefined : read(kind, id)
  })
}

const listed = async (kind: string, source: string) =>
  must(await people.picking.get<{ items: Document[] }>(`/v1/${kind}?source=${source}`), 200).items
const read = async (kind: string, id: string) => must(await people.picking.get<Document>(`/v1/${kind}/${id}`), 200)
const entriesOf = async (number: string) =>
  must(
    await people.valuation.get<{ items: { id: string }[] }>(
      `/v1/journal-entries?document=${encodeURIComponent(number)}`,
    ),
    200,
  ).items

async function send(type: string, orderNumber: string, data: object): Promise<void> {
  const about = { specversion: '1.0', id: randomUUID(), source: '/erp', type, subject: orderNumber }
  const body = { ...about, datacontenttype: 'application/json', data: { orderNumber, warehouse: 'WH', ...data } }
  const headers = { 'content-type': 'application/cloudevents+json' }
  must(await people.erp.send('POST', '/v1/events', { body, headers }), 202)
}

type Calls = ReadonlyMap<string, { readonly database: string; readonly calls: number }>

/**
 * A look at one document by its id, from memory or from its rows. Whoever waits for a document looks as often as time goes by; which
 * of the two it is depends on whether the process has seen the commit already.
 */
const look = '(receipts|deliveries)( d)? where (d.)?id = \\$1\\s*$'

/** By statement and database: how often it was called until now, but for looks. */
async function calls(): Promise<Calls> {
  const { rows } = await admin.query<{ key: string; database: string; calls: string }>(
    `select d.datname || ' ' || s.queryid as key, d.datname as database, sum(s.calls)::text as calls
     from pg_stat_statements s join pg_database d on d.oid = s.dbid where d.datname = any($1) and s.query !~* $2
     group by 1, 2`,
    [databases, look],
  )
  return new Map(rows.map((row) => [row.key, { database: row.database, calls: Number(row.calls) }]))
}

/** What is called while nothing happens but looks at documents: timers, polls, and reads of whoever watches. */
async function statementsOfNobody(): Promise<ReadonlySet<string>> {
  const before = await calls()
  const endsAt = performance.now() + 1500
  const [receipt] = await listed('receipts', 'receipt-warm-0')
  const [delivery] = await listed('deliveries', 'delivery-warm-0')
  // A machine that is busy may take long for the first look: some rounds there are always.
  for (let round = 0; round < 8 || performance.now() < endsAt; round += 1) {
    for (const kind of ['receipts', 'deliveries']) await listed(kind, 'nobody')
    if (receipt !== undefined) await read('receipts', receipt.id)
    if (delivery !== undefined) await read('deliveries', delivery.id)
    await entriesOf('nobody')
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  return new Set(difference(before, await calls(), new Set()).keys())
}

/** The counts once nothing but polls has been called for a while: what a document sets off may end after it is seen. */
async function atRest(idle: ReadonlySet<string>): Promise<Calls> {
  let last = await calls()
  for (let still = 0; still < 4;) {
    await new Promise((resolve) => setTimeout(resolve, 50))
    const now = await calls()
    still = difference(last, now, idle).size === 0 ? still + 1 : 0
    last = now
  }
  return last
}

function difference(before: Calls, after: Calls, without: ReadonlySet<string>): ReadonlyMap<string, number> {
  const found = new Map<string, number>()
  for (const [key, { calls: now }] of after) {
    const more = now - (before.get(key)?.calls ?? 0)
    if (more > 0 && !without.has(key)) found.set(key, more)
  }
  return found
}

function countsOf(found: ReadonlyMap<string, number>): Counts {
  const sum = (name: string) =>
    [...found].reduce((all, [key, more]) => all + (key.startsWith(`${name} `) ? more : 0), 0)
  return { picking: sum('picking'), stock: sum('stock'), valuation: sum('valuation'), bus: sum('bus') }
}

/** What was called in these databases, for whoever looks why it is more: how often by each document, and the statement. */
async function textsOf(each: readonly ReadonlyMap<string, number>[], among: readonly string[]): Promise<string> {
  const { rows } = await admin.query<{ key: string; query: string }>(
    `select distinct on (1) d.datname || ' ' || s.queryid as key, s.query
     from pg_stat_statements s join pg_database d on d.oid = s.dbid where d.datname = any($1)`,
    [among],
  )
  return rows
    .map(({ key, query }) => [each.map((one) => one.get(key) ?? 0), key, query] as const)
    .filter(([counts]) => counts.some((count) => count > 0))
    .map(
      ([counts, key, query]) =>
        `${counts.join(' ')} ${key.split(' ')[0] ?? ''} ${query.replaceAll(/\s+/g, ' ').slice(0, 160)}`,
    )
    .join('\n')
}

async function start<P>(service: ServiceOptions<P>): Promise<string> {
  const url = (name: string) => server.url.replace(/postgres$/, name)
  const running = await startService(
    { ...service, keys: () => keySource },
    {
      PORT: '0',
      [`${service.name.toUpperCase()}_DATABASE_URL`]: url(service.name),
      BUS_DATABASE_URL: url('bus'),
      LOG_LEVEL: process.env['TEST_LOG_LEVEL'] ?? 'silent',
    },
  )
  stops.unshift(() => running.stop())
  return running.url
}
