/** The source document's own models, as stock serves them. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type Client } from '@stockline/test-kit'
import { type Body, type RunningStock, people, pointers, product, runStock } from './running.ts'

let stock: RunningStock
beforeAll(async () => {
  stock = await runStock()
  await stock.made('/v1/products', product('PX', { unit: 'unit' }))
  await stock.made('/v1/products', product('ML', { unit: 'kg', tracking: 'lot' }))
  await stock.manager.send('PUT', `/v1/users/${people.user}/locations`, { body: { locations: ['WH/Stock/A1-03'] } })
  await stock.manager.send('PUT', `/v1/users/${people.supervisor}/locations`, { body: { locations: ['WH'] } })
  const lines = [
    { sku: 'PX', location: 'WH/Stock/A1-03', quantity: '42', unitCost: '1' },
    { sku: 'ML', location: 'WH/Stock/B2-01', quantity: '1.5', lot: 'L-1', unitCost: '1' },
  ]
  await stock.made('/v1/opening-stock', { lines })
  await stock.made('/v1/adjustments', {
    ...{ reason: 'count', blind: true },
    lines: [
      { sku: 'PX', location: 'WH/Stock/A1-03', counted: '40' },
      { sku: 'ML', location: 'WH/Stock/B2-01', lot: 'L-1', counted: '2' },
    ],
  })
})
afterAll(() => stock.stop())

const read = async (model: string, client = stock.supervisor) =>
  (await client.get<Body>(`/v1/models/${model}`)).body.items

describe('R5: the models of the source document are read with its columns', () => {
  test('stockmove: product, quantity, uom, from, to', async () =>
    expect(await read('stockmove?number=OPEN/00001')).toEqual([
      {
        ...{ number: 'OPEN/00001', product: 'PX', quantity: '42', uom: 'unit', from: 'Virtual/Opening' },
        ...{ to: 'WH/Stock/A1-03', lot: null, date: expect.stringMatching(/Z$/) },
      },
      expect.objectContaining({ product: 'ML', quantity: '1.5', uom: 'kg', to: 'WH/Stock/B2-01', lot: 'L-1' }),
    ]))

  test('stockquant: by product, location and lot', async () =>
    expect(await read('stockquant')).toEqual([
      {
        ...{ product: 'ML', location: 'WH/Stock/B2-01', lot: 'L-1', status: 'available', quantity: '1.5' },
        ...{ reserved: '0', available: '1.5', uom: 'kg' },
      },
      expect.objectContaining({ product: 'PX', location: 'WH/Stock/A1-03', lot: null, quantity: '42' }),
    ]))

  test('stocklocation: location, warehouse', async () =>
    expect(await read('stocklocation?location=WH/Stock/A1-03')).toEqual([
      { location: 'WH/Stock/A1-03', warehouse: 'WH', type: 'internal', active: true },
    ]))

  test('stockadjustment: location, product, expected, counted, difference; blind to whoever counts so', async () => {
    const common = { number: 'WH/ADJ/00001', status: 'draft' }
    expect(await read('stockadjustment')).toEqual([
      {
        ...{ ...common, location: 'WH/Stock/A1-03', product: 'PX', lot: null, uom: 'unit' },
        ...{ expected: '42', counted: '40', difference: '-2' },
      },
      {
        ...{ ...common, location: 'WH/Stock/B2-01', product: 'ML', lot: 'L-1', uom: 'kg' },
        ...{ expected: '1.5', counted: '2', difference: '0.5' },
      },
    ])
    expect(await read('stockadjustment', stock.user)).toEqual([
      expect.objectContaining({ product: 'PX', counted: '40', expected: null, difference: null }),
    ])
  })

  test.each([
    ['stockmove', 2],
    ['stockquant', 2],
    ['stocklocation', 6],
    ['stockadjustment', 2],
  ])('%s: page by page nothing is left out and nothing comes twice', async (model, atLeast) => {
    const seen: unknown[] = []
    for (let cursor: string | null = ''; cursor !== null;) {
      const { body }: { body: Body } = await stock.manager.get<Body>(`/v1/models/${model}?limit=1${cursor}`)
      seen.push(...body.items)
      cursor = body.nextCursor === null ? null : `&cursor=${body.nextCursor}`
    }
    expect(seen).toEqual(await read(`${model}?limit=200`, stock.manager))
    expect(seen.length).toBeGreaterThanOrEqual(atLeast)
  })

  test.each<[string, () => Client, string, [number, string, ...string[]]]>([
    ['a model of picking', () => stock.user, 'stockpicking', [404, 'model-elsewhere']],
    ['a model of nobody', () => stock.user, 'stockyard', [404, 'model-unknown']],
    ['a name of every object', () => stock.user, 'constructor', [404, 'model-unknown']],
    ['the administrator, who sees no stock', () => stock.administrator, 'stockquant', [403, 'right-missing']],
    ['a service client', () => stock.erp, 'stockmove', [403, 'right-missing']],
    ['a status that is none', () => stock.manager, 'stockadjustment?status=x', [422, 'fields-wrong', '?status']],
    [
      'a cursor of another list',
      () => stock.manager,
      'stockadjustment?cursor=abc',
      [422, 'cursor-unreadable', '?cursor'],
    ],
  ])('not %s', async (_what, client, model, [status, type, ...fields]) => {
    const reply = await client().get<Body>(`/v1/models/${model}`)
    expect([reply.status, reply.body.type, ...pointers(reply)]).toEqual([status, type, ...fields])
    if (type === 'model-elsewhere') expect(reply.body.detail).toContain('GET /picking/v1/models/stockpicking')
  })
})
