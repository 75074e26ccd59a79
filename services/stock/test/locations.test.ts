import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { until, type Client } from '@stockline/test-kit'
import { people, pointers, product, runStock, type Body, type RunningStock } from './running.ts'

let stock: RunningStock
beforeAll(async () => {
  stock = await runStock()
})
afterAll(() => stock.stop())

describe('X1: warehouses and locations are a tree of whole paths', () => {
  test('what was made is there, with the virtual places', async () => {
    const { body } = await stock.user.get<Body>('/v1/locations?under=WH/Stock')
    expect(body.items).toMatchObject([
      { code: 'WH/Stock', type: 'internal', warehouse: 'WH', reservable: true, allowNegative: false, active: true },
      { code: 'WH/Stock/A1-03' },
      { code: 'WH/Stock/B2-01' },
    ])
    const virtual = await stock.user.get<Body>('/v1/locations?under=Virtual')
    expect(virtual.body.items.map((each) => each['code'])).toEqual([
      'Virtual/Customers',
      'Virtual/Loss',
      'Virtual/Opening',
      'Virtual/Production',
      'Virtual/Scrap',
      'Virtual/Transit',
      'Virtual/Transit/WH',
      'Virtual/Vendors',
    ])
    expect((await stock.user.get('/v1/warehouses/WH')).body).toMatchObject({ defaultReceiptLocation: 'WH/Stock' })
  })

  test('others are told with the warehouse', async () => {
    await stock.made('/v1/warehouses', { code: 'W2', name: 'Second' })
    const { id } = await stock.made('/v1/locations', {
      code: 'W2/Out',
      reservable: false,
      pickSequence: 7,
      barcode: 'LOC-1',
    })
    expect(await stock.said('stock.location-changed.v1', 'W2')).toEqual([
      { warehouse: { code: 'W2', name: 'Second', defaultReceiptLocation: null, active: true }, location: null },
      {
        warehouse: { code: 'W2', name: 'Second', defaultReceiptLocation: null, active: true },
        location: {
          locationId: id,
          code: 'W2/Out',
          type: 'internal',
          reservable: false,
          allowNegative: false,
          pickSequence: 7,
          barcode: 'LOC-1',
          active: true,
        },
      },
    ])
    expect((await stock.user.get<Body>('/v1/locations?barcode=LOC-1')).body.items).toMatchObject([{ code: 'W2/Out' }])
  })

  test.each([
    [{ code: 'WH' }, ['/code']],
    [{ code: 'NO/Stock' }, ['/code']],
    [{ code: 'WH/Nowhere/A' }, ['/code']],
    [{ code: 'WH//A' }, ['/code']],
    [{ code: 'Virtual/Mine' }, ['/code']],
    [{ code: 'WH/Scrap', type: 'scrap' }, ['/code']],
    [
      { code: 'Virtual/Scrap/A', type: 'scrap', reservable: true, allowNegative: true },
      ['/allowNegative', '/reservable'],
    ],
    [{ code: 'WH/Stock/Z', pickSequence: 1.5, reservable: 'yes' }, ['/pickSequence', '/reservable']],
  ])('%j is refused', async (body, expected) => {
    const reply = await stock.post('/v1/locations', body)
    expect(reply.status).toBe(422)
    expect(pointers(reply)).toEqual(expected)
  })

  test('a code is taken once, and a barcode too, by places and products', async () => {
    expect((await stock.post('/v1/locations', { code: 'WH/Stock' })).status).toBe(409)
    await stock.made('/v1/products', product('BARRED', { barcodes: ['BAR-1'] }))
    expect(pointers(await stock.post('/v1/locations', { code: 'WH/Stock/Q', barcode: 'BAR-1' }))).toEqual(['/barcode'])
  })

  test('a location is closed when nothing is in it or below it, and it is nobody’s default', async () => {
    const top = await stock.made('/v1/locations', { code: 'WH/Top' })
    const below = await stock.made('/v1/locations', { code: 'WH/Top/A', allowNegative: true })
    const close = (id: string, version = 1) => stock.patch(`/v1/locations/${id}`, { active: false }, version)
    expect(await close(top.id)).toMatchObject({ status: 409, body: { type: 'location-has-open-below' } })
    const { id: productId } = await stock.made('/v1/products', product('HERE'))
    await stock.move(productId, below.id, -2)
    expect(await close(below.id)).toMatchObject({ status: 409, body: { type: 'location-has-stock' } })
    expect(await stock.patch(`/v1/locations/${below.id}`, { allowNegative: false }, 1)).toMatchObject({
      status: 409,
      body: { type: 'location-is-negative' },
    })
    await stock.service.db.prisma.$executeRawUnsafe(`delete from quants where location_id = '${below.id}'`)
    expect((await close(below.id)).status).toBe(200)
    expect((await close(top.id)).status).toBe(200)
    const wh = (await stock.manager.get<Body>('/v1/locations?code=WH/Stock')).body.items[0]
    for (const code of ['WH/Stock/A1-03', 'WH/Stock/B2-01']) {
      const found = (await stock.manager.get<Body>(`/v1/locations?code=${code}`)).body.items[0]
      expect((await close(String(found?.['id']))).status).toBe(200)
      await stock.patch(`/v1/locations/${String(found?.['id'])}`, { active: true }, 2)
    }
    expect((await close(String(wh?.['id']))).status).toBe(409)
  })

  test('receipts go to an open location of the warehouse', async () => {
    const change = (place: string, version: number) =>
      stock.patch('/v1/warehouses/WH', { defaultReceiptLocation: place }, version)
    expect(pointers(await change('WH/Nowhere', 1))).toEqual(['/defaultReceiptLocation'])
    expect(pointers(await change('W2/Out', 1))).toEqual(['/defaultReceiptLocation'])
    expect((await change('WH/Input', 1)).status).toBe(200)
    expect((await change('WH/Stock', 2)).status).toBe(200)
    expect(pointers(await stock.post('/v1/warehouses', { code: 'W3', defaultReceiptLocation: 'WH/Stock' }))).toEqual([
      '/defaultReceiptLocation',
    ])
    expect(pointers(await stock.post('/v1/warehouses', { code: 'Virtual' }))).toEqual(['/code'])
    expect((await stock.post('/v1/warehouses', { code: 'WH' })).status).toBe(409)
  })
})

test('the reference names every route', async () => {
  const reply = await stock.user.get<{ paths: object }>('/v1/openapi.json')
  expect(reply.status).toBe(200)
  expect(Object.keys(reply.body.paths)).toEqual(
    expect.arrayContaining(['/v1/products/{id}', '/v1/units/{code}', '/v1/warehouses', '/v1/users/{id}/locations']),
  )
})

describe('R4 R5: who may change master data', () => {
  test.each(['user', 'supervisor', 'administrator'] as const)('%s may not', async (who) => {
    for (const [path, body] of [
      ['/v1/units', { code: 'no', decimals: 0 }],
      ['/v1/products', product('NO')],
      ['/v1/warehouses', { code: 'NO' }],
      ['/v1/locations', { code: 'WH/No' }],
    ] as const)
      expect((await stock.post(path, body, stock[who])).status).toBe(403)
  })

  test('an administrator sees nothing of stock, a service client neither', async () => {
    for (const path of ['/v1/products', '/v1/units', '/v1/locations', '/v1/warehouses', '/v1/lots', '/v1/users'])
      for (const client of [stock.administrator, stock.erp]) expect((await client.get(path)).status).toBe(403)
  })
})

describe('R4: assigned locations', () => {
  const assign = (userId: string, locations: string[], as: Client, version?: number) =>
    as.send<Body & { locations: string[] }>('PUT', `/v1/users/${userId}/locations`, {
      body: { locations },
      ...(version === undefined ? {} : { version }),
    })

  test('users are a copy of identity’s; a manager assigns, the first time without a version', async () => {
    await until('all are known', async () => (await stock.manager.get<Body>('/v1/users')).body.items.length === 4)
    expect((await stock.user.get('/v1/users')).status).toBe(403)
    expect((await assign(people.user, ['WH'], stock.user)).status).toBe(403)
    expect(await assign(people.supervisor, ['WH/Stock', 'WH/Stock/A1-03', 'WH/Input'], stock.manager)).toMatchObject({
      status: 200,
      body: { username: 'supervisor', locations: ['WH/Input', 'WH/Stock'], version: 1 },
    })
    expect(await stock.said('stock.assignment-changed.v1', people.supervisor)).toEqual([
      { userId: people.supervisor, locations: ['WH/Input', 'WH/Stock'] },
    ])
    expect((await assign(people.supervisor, ['WH'], stock.manager)).status).toBe(428)
    expect((await assign(people.supervisor, ['WH'], stock.manager, 7)).status).toBe(412)
    expect((await stock.supervisor.get('/v1/users/me')).body).toMatchObject({ locations: ['WH/Input', 'WH/Stock'] })
  })

  test('a supervisor gives and takes within the own locations', async () => {
    expect(pointers(await assign(people.user, ['WH/Stock/A1-03', 'W2', 'NO/Where'], stock.supervisor))).toEqual([
      '/locations/1',
      '/locations/2',
    ])
    expect((await assign(people.user, ['WH/Stock/A1-03'], stock.supervisor)).status).toBe(200)
    expect((await assign(people.user, ['WH/Stock/A1-03', 'W2'], stock.manager, 1)).status).toBe(200)
    expect(pointers(await assign(people.user, [], stock.supervisor, 2))).toEqual(['/locations'])
    expect(await assign(people.user, ['W2'], stock.supervisor, 2)).toMatchObject({ status: 200, body: { version: 3 } })
  })

  test('somebody identity has not told of is unknown, and a change of theirs keeps the locations', async () => {
    expect((await assign('00000000-0000-7000-8000-0000000000ff', ['WH'], stock.manager)).status).toBe(404)
    const data = { userId: people.user, username: 'user', name: 'Renamed', active: true, groups: [] }
    await stock.publish('identity.users', 'identity.user-changed.v1', people.user, data)
    await until('the new name', async () => {
      const { body } = await stock.manager.get<Record<string, unknown>>(`/v1/users/${people.user}`)
      return body['name'] === 'Renamed' && body
    })
    expect((await stock.manager.get(`/v1/users/${people.user}`)).body).toMatchObject({ locations: ['W2'], version: 3 })
  })
})

describe('X3: lots are read, and their expiry corrected by a supervisor', () => {
  test('by sku, by lot, by expiry', async () => {
    const { id: productId } = await stock.made('/v1/products', product('MILK', { tracking: 'lot' }))
    const id = (n: number) => `019a0000-0000-7000-8000-00000000010${n}`
    const lots = [
      { id: id(1), productId, code: 'L1', expiresOn: new Date('2026-05-01') },
      { id: id(2), productId, code: 'L2', expiresOn: new Date('2026-06-01') },
      { id: id(3), productId, code: 'L3' },
    ]
    await stock.service.db.prisma.lot.createMany({ data: lots })
    const codes = async (query: string) =>
      (await stock.user.get<Body>(`/v1/lots?sku=MILK${query}`)).body.items.map((lot) => lot['code'])
    expect(await codes('')).toEqual(['L1', 'L2', 'L3'])
    expect(await codes('&lot=L2')).toEqual(['L2'])
    expect(await codes('&expiresBefore=2026-06-01')).toEqual(['L1'])
    const first = await stock.user.get<Body>('/v1/lots?sku=MILK&limit=2')
    expect(await codes(`&cursor=${String(first.body.nextCursor)}`)).toEqual(['L3'])
    expect((await stock.patch(`/v1/lots/${id(3)}`, { expiresOn: '2026-07-01' }, 1, stock.user)).status).toBe(403)
    expect(await stock.patch(`/v1/lots/${id(3)}`, { expiresOn: '2026-07-01' }, 1, stock.supervisor)).toMatchObject({
      status: 200,
      body: { sku: 'MILK', code: 'L3', expiresOn: '2026-07-01', version: 2 },
    })
    expect((await stock.patch(`/v1/lots/${id(3)}`, { expiresOn: '2026-02-30' }, 2, stock.supervisor)).status).toBe(422)
  })
})
