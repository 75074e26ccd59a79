import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { randomUUID } from 'node:crypto'
import { until } from '@stockline/test-kit'
import { invariants } from '../src/invariants.ts'
import { type RunningStock, people, runStock } from './running.ts'

let stock: RunningStock
beforeAll(async () => {
  stock = await runStock()
  for (const code of ['WH/Stock/A', 'WH/Stock/B', 'WH/Output']) await stock.made('/v1/locations', { code })
  const usual = { type: 'stockable', category: 'Goods', tracking: 'none' }
  await stock.made('/v1/products', { ...usual, sku: 'RM-A', name: 'Raw Material A', unit: 'kg' })
  await stock.made('/v1/products', { ...usual, sku: 'PX', name: 'Product X', unit: 'unit' })
  await stock.made('/v1/products', { ...usual, sku: 'ML', name: 'Milk', unit: 'unit', tracking: 'lot' })
})
afterAll(async () => {
  for (const { name, statement } of invariants)
    expect({ name, rows: await stock.service.db.query(statement) }).toEqual({ name, rows: [] })
  await stock.stop()
})

interface Items {
  readonly items: readonly Record<string, unknown>[]
  readonly nextCursor: string | null
}

const open = (lines: readonly object[], more: object = {}) =>
  stock.manager.send<Record<string, string> & { errors: object[] }>('POST', '/v1/opening-stock', {
    body: { lines, ...more },
  })
const quants = async (query: string, client = stock.manager) => (await client.get<Items>(`/v1/quants?${query}`)).body

describe('opening stock', () => {
  test('X8: is posted at once, with a number of its own and its place in the ledger', async () => {
    const first = await open([
      { sku: 'RM-A', location: 'WH/Stock/A', quantity: '12.5', unitCost: '2.50' },
      { sku: 'ML', location: 'WH/Stock/B', quantity: '6', lot: 'L-1', expiresOn: '2031-01-31', unitCost: '0' },
    ])
    expect(first.status).toBe(201)
    expect(first.body).toMatchObject({ number: 'OPEN/00001', position: '1' })
    expect(await quants('sku=RM-A')).toMatchObject({
      items: [
        {
          sku: 'RM-A',
          location: 'WH/Stock/A',
          lot: null,
          status: 'available',
          package: null,
          onHand: '12.5',
          reserved: '0',
          available: '12.5',
          unit: 'kg',
        },
      ],
    })
    const [told] = await stock.said<{ lines: object[] }>('stock.document-posted.v1', 'DEMO')
    expect(told).toMatchObject({
      kind: 'opening',
      number: 'OPEN/00001',
      attempt: 1,
      lines: [{ sku: 'RM-A', unitCost: '2.50' }, { lot: 'L-1' }],
    })
  })

  test('names all that is wrong, posts nothing and uses up no number', async () => {
    const refused = await open([
      { sku: 'NO', location: 'WH/No', quantity: '1', unitCost: '1' },
      { sku: 'PX', location: 'WH/Stock/A', quantity: '1.5', unitCost: '1' },
      { sku: 'ML', location: 'Virtual/Loss', quantity: '1', unitCost: '1' },
      { sku: 'PX', location: 'WH/Stock/A', quantity: '1', lot: 'L', unitCost: '1' },
    ])
    expect(refused.status).toBe(422)
    expect(refused.body.errors.map((each) => (each as { pointer: string }).pointer)).toEqual([
      '/lines/0/sku',
      '/lines/0/location',
      '/lines/1/quantity',
      '/lines/2/location',
      '/lines/2/lot',
      '/lines/3/lot',
    ])
    expect((await open([{ sku: 'PX', location: 'WH/Stock/A', quantity: '3', unitCost: '1' }])).body).toMatchObject({
      number: 'OPEN/00002',
    })
  })

  test.each([
    ['no lines', [], '/lines'],
    [
      '1,001 lines',
      Array.from({ length: 1001 }, () => ({ sku: 'PX', location: 'WH/Stock', quantity: '1', unitCost: '1' })),
      '/lines',
    ],
    ['no unit cost', [{ sku: 'PX', location: 'WH/Stock', quantity: '1' }], '/lines/0/unitCost'],
    ...['-1', '0', '1e14', 'NaN', '1.0000001', '999999999999999'].map(
      (quantity) =>
        [
          `a quantity of ${quantity}`,
          [{ sku: 'PX', location: 'WH/Stock', quantity, unitCost: '1' }],
          '/lines/0/quantity',
        ] as const,
    ),
  ])('%s: 422', async (_, lines, pointer) => {
    const reply = await open(lines)
    expect({
      status: reply.status,
      pointers: reply.body.errors.map((each) => (each as { pointer: string }).pointer),
    }).toEqual({ status: 422, pointers: [pointer] })
  })

  test('a time in the future is refused', async () => {
    const reply = await open([{ sku: 'PX', location: 'WH/Stock', quantity: '1', unitCost: '1' }], {
      effectiveAt: '2999-01-01T00:00:00Z',
    })
    expect(reply.body).toMatchObject({ errors: [{ pointer: '/effectiveAt' }] })
  })

  test('is for managers', async () => {
    for (const client of [stock.user, stock.supervisor, stock.administrator])
      expect((await client.send('POST', '/v1/opening-stock', { body: { lines: [] } })).status).toBe(403)
  })
})

describe('what is read', () => {
  test('X2: as of a position, of the time it was recorded and of the time it happened', async () => {
    const before = await open([{ sku: 'PX', location: 'WH/Output', quantity: '5', unitCost: '1' }], {
      effectiveAt: '2026-01-05T00:00:00Z',
    })
    const after = await open([{ sku: 'PX', location: 'WH/Output', quantity: '7', unitCost: '1' }], {
      effectiveAt: '2026-01-03T00:00:00Z',
    })
    const there = async (query: string) =>
      (await quants(`sku=PX&location=WH/Output&${query}`)).items.map((one) => [one['onHand'], one['reserved']])
    expect(await there('')).toEqual([['12', '0']])
    expect(await there(`atPosition=${String(before.body['position'])}`)).toEqual([['5', null]])
    expect(await there(`recordedAsOf=${String(before.body['recordedAt'])}`)).toEqual([['5', null]])
    expect(await there(`recordedAsOf=${String(after.body['recordedAt'])}`)).toEqual([['12', null]])
    expect(await there('asOf=2026-01-04T00:00:00Z')).toEqual([['7', null]])
    expect(await there('asOf=2026-01-02T00:00:00Z')).toEqual([])
    expect(await there('asOf=2026-01-02')).toEqual([])
    expect(await there('asOf=2026-01-03')).toEqual([['7', null]])
    expect(await there('asOf=2026-01-05')).toEqual([['12', null]])
    const today = String(after.body['recordedAt']).slice(0, 10)
    const dayBefore = new Date(Date.parse(today) - 86_400_000).toISOString().slice(0, 10)
    expect(await there(`recordedAsOf=${today}`)).toEqual([['12', null]])
    expect(await there(`recordedAsOf=${dayBefore}`)).toEqual([])
    const moved = async (query: string) =>
      (await stock.manager.get<Items>(`/v1/moves?sku=PX&to=WH/Output&${query}`)).body.items.length
    expect(await moved(`since=${today}&until=${today}`)).toBe(2)
    expect(await moved(`until=${dayBefore}`)).toBe(0)
    expect(await moved(`since=${String(after.body['recordedAt'])}`)).toBe(1)
    expect((await stock.manager.get('/v1/quants?asOf=2026-01-02T00:00:00Z&atPosition=1')).status).toBe(422)
  })

  test('in pages, by subtree and by lot', async () => {
    const all = (await quants('limit=200')).items
    const paged: unknown[] = []
    for (let cursor = ''; ;) {
      const one = await quants(`limit=1${cursor}`)
      paged.push(...one.items)
      if (one.nextCursor === null) break
      cursor = `&cursor=${one.nextCursor}`
    }
    expect(paged).toEqual(all)
    expect((await quants('location=WH/Stock')).items).toHaveLength(
      all.filter((one) => String(one['location']).startsWith('WH/Stock')).length,
    )
    expect((await quants('lot=L-1')).items).toMatchObject([{ sku: 'ML', lot: 'L-1' }])
    expect((await quants('location=Virtual&sku=RM-A')).items).toMatchObject([
      { location: 'Virtual/Opening', onHand: '-12.5' },
    ])
  })

  test('moves, with who did it, forwards and backwards', async () => {
    const { items } = (await stock.manager.get<Items>('/v1/moves?document=OPEN/00001')).body
    expect(items).toMatchObject([
      {
        position: '1',
        document: 'OPEN/00001',
        line: 1,
        sku: 'RM-A',
        lot: null,
        quantity: '12.5',
        from: 'Virtual/Opening',
        to: 'WH/Stock/A',
        actor: { id: people.manager },
      },
      { position: '1', line: 2, sku: 'ML', lot: 'L-1', quantity: '6', to: 'WH/Stock/B' },
    ])
    const forward = (await stock.manager.get<Items>('/v1/moves?limit=200')).body.items
    const backward = (await stock.manager.get<Items>('/v1/moves?limit=200&sort=-position')).body.items
    expect(backward).toEqual([...forward].reverse())
    expect((await stock.manager.get<Items>('/v1/moves?to=WH/Output&sku=PX')).body.items).toHaveLength(2)
    expect((await stock.manager.get<Items>('/v1/moves?from=Virtual/Vendors')).body.items).toEqual([])
  })

  test('within the assigned locations only', async () => {
    await until(
      'the user is known',
      async () => (await stock.manager.get(`/v1/users/${people.user}`)).status === 200 || undefined,
    )
    expect((await quants('', stock.user)).items).toEqual([])
    expect((await stock.user.get<Items>('/v1/moves')).body.items).toEqual([])
    const assigned = await stock.manager.send('PUT', `/v1/users/${people.user}/locations`, {
      body: { locations: ['WH/Stock/B'] },
    })
    expect(assigned.status).toBe(200)
    expect((await quants('', stock.user)).items).toMatchObject([{ sku: 'ML', location: 'WH/Stock/B' }])
    expect((await stock.user.get<Items>('/v1/moves')).body.items).toMatchObject([{ sku: 'ML' }])
    expect((await stock.administrator.get('/v1/quants')).status).toBe(403)
  })
})

describe('picking asks', () => {
  const receipt = (n: number, q: string) => {
    const documentId = randomUUID()
    return {
      documentId,
      number: `WH/IN/${String(n).padStart(5, '0')}`,
      warehouse: 'WH',
      attempt: 1,
      lines: [
        {
          line: 1,
          documentLine: 1,
          sku: 'PX',
          quantity: q,
          entered: { quantity: q, unit: 'unit' },
          destination: 'WH/Stock/A',
          category: 'Goods',
        },
      ],
    }
  }

  test('G4: receipts by event and opening stock by HTTP at once are each posted once', async () => {
    const receipts = Array.from({ length: 30 }, (_, n) => receipt(n + 1, '2'))
    const before = await onHandOf('PX')
    const sent = receipts.map((data) =>
      stock.publish('picking.receipts', 'picking.receipt-validated.v1', data.documentId, data),
    )
    const posted = await Promise.all(
      Array.from({ length: 10 }, () => open([{ sku: 'PX', location: 'WH/Stock/A', quantity: '1', unitCost: '1' }])),
    )
    await Promise.all(sent)
    expect(posted.map((reply) => reply.status)).toEqual(Array.from({ length: 10 }, () => 201))
    expect(new Set(posted.map((reply) => reply.body['number'])).size).toBe(10)
    await until('all receipts are posted', async () => (await onHandOf('PX')) === before + 70n || undefined)
  })

  test('a document that cannot be taken is refused, and says why', async () => {
    const data = { ...receipt(900, '1'), lines: [{ ...receipt(900, '1').lines[0], destination: 'WH/No' }] }
    await stock.publish('picking.receipts', 'picking.receipt-validated.v1', data.documentId, data)
    const [refused] = await until('the refusal', async () => {
      const said = await stock.said<object>('stock.document-refused.v1', data.documentId)
      return said.length > 0 ? said : undefined
    })
    expect(refused).toMatchObject({
      code: 'unknown-location',
      kind: 'receipt',
      attempt: 1,
      errors: [{ line: 1, code: 'unknown-location' }],
    })
  })

  async function onHandOf(sku: string): Promise<bigint> {
    const { items } = await quants(`sku=${sku}&limit=200`)
    return items.reduce((sum, one) => sum + BigInt(String(one['onHand'])), 0n)
  }
})

describe('removal rules', () => {
  test("are a manager's, and the narrowest is listed last", async () => {
    const put = (body: object, client = stock.manager) => client.send<Items>('PUT', '/v1/removal-rules', { body })
    expect((await put({ strategy: 'lifo' }, stock.supervisor)).status).toBe(403)
    expect((await put({ warehouse: 'NO', strategy: 'lifo' })).status).toBe(422)
    await put({ category: 'Goods', strategy: 'closest' })
    await put({ category: 'Goods', strategy: 'lifo' })
    expect((await put({ warehouse: 'WH', strategy: 'closest' })).body.items).toEqual([
      { warehouse: null, category: 'Goods', strategy: 'lifo' },
      { warehouse: 'WH', category: null, strategy: 'closest' },
    ])
    await put({ category: 'Goods', strategy: null })
    expect((await stock.user.get<Items>('/v1/removal-rules')).body.items).toHaveLength(1)
  })
})

test.each([
  '/v1/moves?document=%00',
  '/v1/moves?lot=%00',
  `/v1/lots?cursor=${Buffer.from('["a\\u0000",""]').toString('base64url')}`,
  `/v1/moves?cursor=${Buffer.from('["1",3000000000]').toString('base64url')}`,
  '/v1/moves?since=0000-01-01T00:00:00Z',
  '/v1/quants?asOf=2026-01-01T00:00:00%2B23:00',
  '/v1/quants?asOf=9999-12-31T23:59:59-10:00',
  '/v1/quants?recordedAsOf=0000-12-31T23:59:59Z',
  '/v1/lots?expiresBefore=0000-01-01',
  '/v1/quants?atPosition=9999999999999999999',
  '/v1/quants?cursor=W10',
])('what no database can read is refused: %s', async (path) => {
  expect((await stock.manager.get(path)).status).toBe(422)
})
