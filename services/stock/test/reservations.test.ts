/** Who holds what is reserved: for people within their locations, for ordering systems of their own orders. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { randomUUID } from 'node:crypto'
import { sql } from '@stockline/service-kit'
import { until, type Client } from '@stockline/test-kit'
import { invariants } from '../src/invariants.ts'
import { type Body, type RunningStock, people, pointers, product, runStock } from './running.ts'

let stock: RunningStock
/** A service client of one source, one of two, and one of all. */
let shop: Client
let both: Client
let all: Client
beforeAll(async () => {
  stock = await runStock()
  const client = (sources?: readonly string[]) =>
    stock.as({ sub: randomUUID(), name: 'Shop', scope: 'reservations:manage', ...(sources && { sources }) })
  ;[shop, both, all] = [client(['/shop']), client(['/shop', '/erp']), client()]
  for (const sku of ['PX', 'PY', 'PZ']) await stock.made('/v1/products', product(sku, { unit: 'unit' }))
  await stock.made('/v1/products', product('ML', { unit: 'unit', tracking: 'lot' }))
  await stock.manager.send('PUT', `/v1/users/${people.user}/locations`, { body: { locations: ['WH/Stock/A1-03'] } })
  await stock.manager.send('PUT', `/v1/users/${people.supervisor}/locations`, { body: { locations: ['WH'] } })
})
afterAll(async () => {
  for (const { name, statement } of invariants)
    expect({ name, rows: await stock.service.db.query(statement) }).toEqual({ name, rows: [] })
  await stock.stop()
})

type Line = readonly [sku: string, quantity: string, location: string, lot?: string]
const shelve = (...lines: readonly Line[]) =>
  stock.made('/v1/opening-stock', {
    lines: lines.map(([sku, quantity, location, lot]) => ({
      ...{ sku, quantity, location, unitCost: '1' },
      ...(lot === undefined ? {} : { lot }),
    })),
  })

interface Order {
  readonly source: string
  readonly orderNumber: string
}
let deliveries = 0
/** A delivery that asks for these, once stock has decided. */
async function asks(lines: readonly (readonly [string, string])[], order?: Order, more: object = {}): Promise<string> {
  const documentId = randomUUID()
  await stock.publish('picking.deliveries', 'picking.delivery-confirmed.v1', documentId, {
    ...{ documentId, number: `WH/OUT/${String((deliveries += 1))}`, warehouse: 'WH', revision: 1, priority: 5 },
    ...{ orderedAt: '2026-04-20T08:00:00Z', allowPartial: false, ...(order && { order: { ...order, revision: 1 } }) },
    lines: lines.map(([sku, quantity], index) => ({ line: index + 1, sku, quantity })),
    ...more,
  })
  await until('it is decided', async () => (await stock.said('stock.stock-reserved.v1', documentId)).length > 0)
  return documentId
}
const lists = async (query: string, client = stock.manager) =>
  (await client.get<Body>(`/v1/reservations?${query}`)).body.items
const numbersIn = async (query: string, client?: Client) =>
  (await lists(query, client)).map(
    ({ sku, quantity, location }) => `${String(sku)} ${String(quantity)} ${String(location)}`,
  )

describe('X2: who holds this unit', () => {
  const order = { source: '/shop', orderNumber: 'SO-1' }
  let first: string
  beforeAll(async () => {
    await shelve(['PX', '10', 'WH/Stock/A1-03'], ['PY', '4', 'WH/Stock/B2-01'], ['ML', '3', 'WH/Stock/B2-01', 'L-1'])
    first = await asks(
      [
        ['PX', '4'],
        ['PY', '1'],
      ],
      order,
      { priority: 2, scheduledDate: '2026-05-01' },
    )
    await asks([['PX', '3']], { source: '/erp', orderNumber: 'SO-1' })
    await asks([['ML', '2']])
    await asks([['PX', '99']], { source: '/shop', orderNumber: 'SO-WAITS' })
  })

  test('each reserved quantity names its document, source system, order and age', async () => {
    const [held, ...others] = await lists('sku=PX&sourceSystem=%2Fshop')
    expect(others).toEqual([])
    expect(held).toEqual({
      ...{ documentId: first, document: 'WH/OUT/1', sourceSystem: '/shop', orderNumber: 'SO-1', warehouse: 'WH' },
      ...{ priority: 2, scheduledDate: '2026-05-01', orderedAt: '2026-04-20T08:00:00.000Z', line: 1, sku: 'PX' },
      ...{ location: 'WH/Stock/A1-03', lot: null, status: 'available', package: null, quantity: '4', unit: 'unit' },
      since: expect.stringMatching(/^\d{4}-.*Z$/),
    })
    expect(Math.abs(Date.now() - Date.parse(String(held?.['since'])))).toBeLessThan(600_000)
  })

  test.each([
    ['a product', 'sku=PX', ['PX 4 WH/Stock/A1-03', 'PX 3 WH/Stock/A1-03']],
    ['a place with all below it', 'location=WH/Stock/B2-01', ['PY 1 WH/Stock/B2-01', 'ML 2 WH/Stock/B2-01']],
    ['a lot', 'lot=L-1', ['ML 2 WH/Stock/B2-01']],
    ['a document', 'document=WH/OUT/2', ['PX 3 WH/Stock/A1-03']],
    ['an order, of whatever system', 'orderNumber=SO-1&sku=PX', ['PX 4 WH/Stock/A1-03', 'PX 3 WH/Stock/A1-03']],
    ['an order of one system', 'orderNumber=SO-1&sourceSystem=/erp', ['PX 3 WH/Stock/A1-03']],
    ['its age', 'reservedBefore=2026-01-01', []],
    ['a delivery that waits', 'orderNumber=SO-WAITS', []],
  ])('by %s', async (_what, query, expected) => {
    expect((await numbersIn(query)).sort()).toEqual([...expected].sort())
  })

  test('page by page nothing is left out and nothing comes twice', async () => {
    const seen: unknown[] = []
    for (let cursor: string | null = ''; cursor !== null;) {
      const { body }: { body: Body } = await stock.manager.get<Body>(`/v1/reservations?limit=1${cursor}`)
      seen.push(...body.items)
      cursor = body.nextCursor === null ? null : `&cursor=${body.nextCursor}`
    }
    expect(seen).toEqual(await lists('limit=200'))
    expect(seen).toHaveLength(4)
  })

  test.each<[who: string, client: () => Client, query: string, expected: string[] | [number, string, string]]>([
    ['a user', () => stock.user, '', ['PX 4 WH/Stock/A1-03', 'PX 3 WH/Stock/A1-03']],
    ['a client of one source', () => shop, '', ['PX 4 WH/Stock/A1-03', 'PY 1 WH/Stock/B2-01']],
    ['a client of two', () => both, 'sourceSystem=/erp', ['PX 3 WH/Stock/A1-03']],
    ['a client of two that names none', () => both, '', [422, 'source-missing', '?sourceSystem']],
    ['a client of all that names none', () => all, '', [422, 'source-missing', '?sourceSystem']],
    ['a client of all', () => all, 'sourceSystem=/erp', ['PX 3 WH/Stock/A1-03']],
    ['a client of others', () => shop, 'sourceSystem=/erp', [403, 'source-forbidden', '?sourceSystem']],
    ['a cursor of another list', () => stock.manager, 'cursor=abc', [422, 'cursor-unreadable', '?cursor']],
    ['a place that is none', () => stock.manager, 'location=%20', [422, 'fields-wrong', '?location']],
  ])('%s sees its own alone', async (_who, client, query, expected) => {
    const reply = await client().get<Body>(`/v1/reservations?${query}`)
    if (typeof expected[0] === 'number') expect([reply.status, reply.body.type, ...pointers(reply)]).toEqual(expected)
    else expect((await numbersIn(query, client())).sort()).toEqual([...expected].sort())
  })

  test('the age counts from when something is reserved without a break; an amendment names the order anew', async () => {
    const since = sql('select reserved_since as since, order_source as source from needs where document_id = $1')
    const read = async () =>
      (await stock.service.db.query<{ since: Date | null; source: string | null }>(since, [first]))[0]
    const before = await read()
    const amended = { documentId: first, number: 'WH/OUT/1', warehouse: 'WH', priority: 2, allowPartial: false }
    const amend = async (revision: number, quantity: string) => {
      await stock.publish('picking.deliveries', 'picking.delivery-amended.v1', first, {
        ...{ ...amended, revision, orderedAt: '2026-04-20T08:00:00Z', order: { ...order, revision } },
        lines: [{ line: 1, sku: 'PX', quantity }],
      })
      await until('it is decided', async () =>
        (await stock.said<{ revision: number }>('stock.stock-reserved.v1', first)).some(
          (one) => one.revision === revision,
        ),
      )
    }
    await amend(2, '5')
    expect(await read()).toEqual({ ...before, source: '/shop' })
    await amend(3, '99')
    expect(await read()).toEqual({ since: null, source: '/shop' })
    await amend(4, '4')
    expect((await read())?.since?.getTime()).toBeGreaterThan(before?.since?.getTime() ?? Infinity)
  })
})
