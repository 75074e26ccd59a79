/** Who holds what is reserved: for people within their locations, for ordering systems of their own orders. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { randomUUID } from 'node:crypto'
import { sql } from '@stockline/service-kit'
import { until, type Client } from '@stockline/test-kit'
import { groups } from '@stockline/contracts'
import { invariants } from '../src/invariants.ts'
import { releaseOverdue } from '../src/reservations/hold.actions.ts'
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
      reserveUntil: null,
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

interface Released {
  readonly code: string
  readonly detail: string
  readonly revision: number
  readonly held?: { readonly code: string; readonly reason: string }
}
const releasedOf = (id: string) => stock.said<Released>('stock.reservation-released.v1', id)
const reservedOf = async (id: string) => (await lists('limit=200')).filter(({ documentId }) => documentId === id)
const release = (id: string, body: object = { reason: 'Not paid.' }, client = stock.supervisor) =>
  client.send<Body & { held: string }>('POST', `/v1/reservations/${id}/release`, { body })
const end = (query: string, client = shop) =>
  client.send<Body & { items: { held: string }[] }>('DELETE', `/v1/reservations?${query}`)
/** A product with so much of it at one place. */
async function stocked(quantity: string, location = 'WH/Stock/A1-03'): Promise<string> {
  const sku = `P-${randomUUID().slice(0, 8)}`
  await stock.made('/v1/products', product(sku, { unit: 'unit' }))
  await shelve([sku, quantity, location])
  return sku
}

describe('D5: a supervisor releases what is stuck', () => {
  test('it is offered to others in demand order, who released it and why is told, and it stays out until its demand is told again', async () => {
    const sku = await stocked('6')
    const holder = await asks([[sku, '6']])
    const later = await asks([[sku, '6']])
    const urgent = await asks([[sku, '6']], undefined, { priority: 0 })
    const reply = await release(holder)
    expect([reply.status, reply.body]).toMatchObject([200, { documentId: holder, held: 'Not paid.' }])
    expect(await releasedOf(holder)).toEqual([
      expect.objectContaining({
        ...{ revision: 1, code: 'amended', held: { code: 'released', reason: 'Not paid.' } },
        detail: expect.stringMatching(/supervisor.* released what was reserved: Not paid\.$/),
      }),
    ])
    expect((await releasedOf(holder))[0]).not.toHaveProperty('shortages')
    expect([await reservedOf(holder), (await reservedOf(urgent)).length, await reservedOf(later)]).toEqual([[], 1, []])
    await shelve([sku, '6', 'WH/Stock/B2-01'])
    expect([await reservedOf(holder), (await reservedOf(later)).length]).toEqual([[], 1])
    expect((await release(holder, { reason: 'Again.' })).body).toMatchObject({ held: 'Not paid.' })
    expect(await releasedOf(holder)).toHaveLength(1)
    await shelve([sku, '6', 'WH/Stock/B2-01'])
    await stock.publish('picking.deliveries', 'picking.delivery-amended.v1', holder, {
      ...{ documentId: holder, number: 'WH/OUT/AGAIN', warehouse: 'WH', revision: 2, priority: 5 },
      ...{ orderedAt: '2026-04-20T08:00:00Z', allowPartial: false, lines: [{ line: 1, sku, quantity: '6' }] },
    })
    await until('it is reserved again', async () => (await reservedOf(holder)).length === 1)
  })

  test.each<[what: string, client: () => Client, body: object, expected: [number, string, ...string[]]]>([
    ['a user', () => stock.user, { reason: 'x' }, [403, 'right-missing']],
    ['an administrator', () => stock.administrator, { reason: 'x' }, [403, 'right-missing']],
    ['a service client', () => all, { reason: 'x' }, [403, 'right-missing']],
    ['nobody without a reason', () => stock.supervisor, {}, [422, 'fields-wrong', '/reason']],
    ['nobody with an empty one', () => stock.supervisor, { reason: '' }, [422, 'fields-wrong', '/reason']],
    [
      'nobody with a field that is none',
      () => stock.supervisor,
      { reason: 'x', force: true },
      [422, 'fields-wrong', '/force'],
    ],
  ])('%s releases it', async (_what, client, body, [status, type, ...fields]) => {
    const holder = await asks([[await stocked('1'), '1']])
    const reply = await release(holder, body, client())
    expect([reply.status, reply.body.type, ...pointers(reply)]).toEqual([status, type, ...fields])
    expect(await reservedOf(holder)).toHaveLength(1)
  })

  test('one that touches a place outside the scope is not there; what is closed cannot be released', async () => {
    const sku = await stocked('3')
    await shelve([sku, '3', 'WH/Stock/B2-01'])
    const holder = await asks([[sku, '6']])
    const clerk = '00000000-0000-7000-8000-0000000000c1'
    const data = { userId: clerk, username: 'clerk', name: 'Clerk', active: true, groups: [groups.supervisor] }
    await stock.publish('identity.users', 'identity.user-changed.v1', clerk, data)
    const assign = (location: string, version?: number) =>
      stock.manager.send('PUT', `/v1/users/${clerk}/locations`, {
        body: { locations: [location] },
        ...(version === undefined ? {} : { version }),
      })
    await until('the user is known', async () => (await assign('WH/Stock/A1-03')).status === 200)
    const other = stock.as({ sub: clerk, name: 'Clerk', groups: [groups.supervisor], sid: randomUUID() })
    expect((await release(holder, { reason: 'x' }, other)).status).toBe(404)
    expect((await release(randomUUID(), { reason: 'x' })).status).toBe(404)
    await assign('WH/Stock', 1)
    expect((await release(holder, { reason: 'x' }, other)).status).toBe(200)
    await stock.publish('picking.deliveries', 'picking.delivery-cancelled.v1', holder, {
      ...{ documentId: holder, number: 'n', warehouse: 'WH', revision: 1, reason: 'x' },
    })
    await until('it is closed', async () => (await release(holder)).status === 409)
    expect((await release(holder)).body).toMatchObject({ type: 'delivery-closed' })
  })
})

describe('D5: an ordering system ends its own', () => {
  const orderOf = (source: string) => ({ source, orderNumber: `SO-${randomUUID().slice(0, 8)}` })

  test('all open deliveries of the order are held, and a repeat changes nothing', async () => {
    const sku = await stocked('9')
    const order = orderOf('/shop')
    const holders = [await asks([[sku, '2']], order), await asks([[sku, '3']], order), await asks([[sku, '99']], order)]
    const others = await asks([[sku, '1']], { ...order, source: '/erp' })
    for (const reason of ['Web shop is closed.', 'Again.']) {
      const reply = await end(`orderNumber=${order.orderNumber}&reason=${encodeURIComponent(reason)}`)
      expect(reply.status).toBe(200)
      expect(reply.body.items.map(({ held }) => held)).toEqual(holders.map(() => 'Web shop is closed.'))
    }
    for (const id of holders)
      expect(await releasedOf(id)).toMatchObject([{ held: { code: 'ended', reason: 'Web shop is closed.' } }])
    expect((await lists('', shop)).filter(({ orderNumber }) => orderNumber === order.orderNumber)).toEqual([])
    expect(await reservedOf(others)).toHaveLength(1)
  })

  test.each<[string, () => Client, string, [number, string, ...string[]]]>([
    ['of another source', () => shop, 'orderNumber=SO-1&sourceSystem=/erp', [403, 'source-forbidden', '?sourceSystem']],
    ['of two sources that names none', () => both, 'orderNumber=SO-1', [422, 'source-missing', '?sourceSystem']],
    ['that names no order', () => shop, '', [422, 'fields-wrong', '?orderNumber']],
    ['that names an unknown order', () => shop, 'orderNumber=NO', [404, 'order-unknown']],
    ['that is a manager', () => stock.manager, 'orderNumber=SO-1&sourceSystem=/shop', [403, 'right-missing']],
    ['without the scope', () => stock.erp, 'orderNumber=SO-1', [403, 'right-missing']],
  ])('not one %s', async (_what, client, query, [status, type, ...fields]) => {
    const reply = await end(query, client())
    expect([reply.status, reply.body.type, ...pointers(reply)]).toEqual([status, type, ...fields])
  })

  test('what is ended while other postings go on is ended once, and nothing is lost', async () => {
    const sku = await stocked('40')
    const order = orderOf('/shop')
    const holders = await Promise.all(Array.from({ length: 8 }, () => asks([[sku, '5']], order)))
    const replies = await Promise.all([
      ...holders.map((id) => release(id, { reason: 'x' })),
      ...holders.map(() => end(`orderNumber=${order.orderNumber}`)),
      ...holders.map((_, n) => shelve([sku, String(n + 1), 'WH/Stock/B2-01'])),
    ])
    expect(replies.map((reply) => ('status' in reply ? reply.status : 201))).not.toContain(500)
    for (const id of holders) expect(await releasedOf(id)).toHaveLength(1)
  })
})

describe('D5: an order says until when it wants it reserved', () => {
  const past = '2026-04-19'

  test('after that it is released by itself, once, however many look; others are offered it', async () => {
    const sku = await stocked('6')
    const [holder, waiter] = [await asks([[sku, '6']], undefined, { reserveUntil: past }), await asks([[sku, '6']])]
    const { db, config } = stock.service
    await Promise.all(Array.from({ length: 8 }, () => releaseOverdue(db as never, config)))
    await until('the waiting one has it', async () => (await reservedOf(waiter)).length === 1)
    expect(await releasedOf(holder)).toEqual([
      expect.objectContaining({
        ...{ code: 'expired', detail: 'Its order wanted it reserved until 2026-04-19.' },
        held: { code: 'reserve-until', reason: 'Its order wanted it reserved until 2026-04-19.' },
      }),
    ])
  })

  test('without anybody touching it; not before; and a later time that the order says counts', async () => {
    const sku = await stocked('9')
    const soon = new Date(Date.now() + 3_000).toISOString()
    const changed = await asks([[sku, '3']], undefined, { reserveUntil: soon })
    const due = await asks([[sku, '3']], undefined, { reserveUntil: soon })
    const open = await asks([[sku, '3']], undefined, { reserveUntil: '9999-12-31' })
    await stock.publish('picking.deliveries', 'picking.delivery-amended.v1', changed, {
      ...{
        documentId: changed,
        number: 'WH/OUT/LATER',
        warehouse: 'WH',
        revision: 1,
        priority: 5,
        allowPartial: false,
      },
      ...{ orderedAt: '2026-04-20T08:00:00Z', reserveUntil: '9999-12-31', lines: [{ line: 1, sku, quantity: '3' }] },
    })
    await until('it is released', async () => (await releasedOf(due)).length === 1)
    expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(soon))
    expect([(await reservedOf(changed)).length, (await reservedOf(open)).length]).toEqual([1, 1])
  })
})
