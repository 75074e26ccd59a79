import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { isRefusal, sql } from '@stockline/service-kit'
import { until } from '@stockline/test-kit'
import type { Tx } from '../src/database.ts'
import { invariants } from '../src/invariants.ts'
import { changeProduct, upsertFromCatalog } from '../src/products/product.actions.ts'
import { neededBy, pointers, product, runStock, type Body, type RunningStock } from './running.ts'

let stock: RunningStock
beforeAll(async () => {
  stock = await runStock()
})
afterAll(() => stock.stop())

/** A transaction that counts how often it was run. */
function run<T>(work: (tx: Tx) => Promise<T>): { readonly ended: Promise<T>; readonly runs: () => number } {
  let runs = 0
  const ended = stock.service.db.transaction({ actor: null, correlationId: 'test' }, (tx) => {
    runs += 1
    return work(tx)
  })
  return { ended, runs: () => runs }
}

async function violations(): Promise<readonly unknown[]> {
  const statements = invariants.filter(({ name }) => name === 'needed_in_the_unit_of_the_product')
  return Promise.all(statements.map(({ statement }) => stock.service.db.query(statement))).then((rows) => rows.flat())
}

describe('X6: products written in one transaction', () => {
  test('wait for a person who changes one of them, or are waited for, and make no deadlock', async () => {
    const { id } = await stock.made('/v1/products', product('LOCK-X'))
    const told = (sku: string) => ({
      ...{ sku, name: sku, type: 'stockable', unit: 'kg', category: 'all', tracking: 'none' },
      barcodes: [`${sku}-code`],
    })
    const [begun, mayGoOn] = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()]
    const batch = run(async (tx) => {
      await upsertFromCatalog(tx, told('LOCK-Y') as never)
      begun.resolve(undefined)
      await mayGoOn.promise
      return upsertFromCatalog(tx, told('LOCK-X') as never)
    })
    await begun.promise
    const person = run((tx) => changeProduct(tx, id, { barcodes: [{ code: 'by-hand', unit: null }] }, 1))
    await until('the person waits', async () => {
      const waiting = await stock.service.db.query(
        sql(`select from pg_stat_activity
        where wait_event_type = 'Lock' and datname = current_database()`),
      )
      return waiting.length > 0
    }).finally(() => mayGoOn.resolve(undefined))
    // The batch came first, and the person finds the product as it left it.
    expect(isRefusal(await batch.ended)).toBe(false)
    expect(await person.ended).toMatchObject({ refused: 'version-stale' })
    expect([batch.runs(), person.runs()]).toEqual([1, 1])
  })
})

describe('X6: units of measure', () => {
  test('a unit refers to another by a ratio of integers, reduced, and others are told', async () => {
    const box = { code: 'g', name: 'Gram', decimals: 0, reference: { unit: 'kg', numerator: '2', denominator: '2000' } }
    const reference = { unit: 'kg', numerator: '1', denominator: '1000' }
    expect(await stock.made('/v1/units', box)).toMatchObject({ reference, version: 1 })
    expect(await stock.said('stock.unit-changed.v1', 'g')).toEqual([
      { code: 'g', name: 'Gram', decimals: 0, reference },
    ])
    expect((await stock.user.get('/v1/units/g')).body).toMatchObject({ code: 'g', reference })
  })

  test('a changed factor counts from now on', async () => {
    await stock.made('/v1/units', {
      code: 'lb',
      decimals: 3,
      reference: { unit: 'kg', numerator: '1', denominator: '2' },
    })
    const reference = { unit: 'kg', numerator: '45359237', denominator: '100000000' }
    expect(await stock.patch('/v1/units/lb', { reference }, 1)).toMatchObject({
      status: 200,
      body: { reference, version: 2 },
    })
    expect(await stock.said('stock.unit-changed.v1', 'lb')).toHaveLength(2)
    expect((await stock.patch('/v1/units/lb', { name: 'Pound' }, 1)).status).toBe(412)
  })

  test('decimals rise, with the products told again, and never fall', async () => {
    await stock.made('/v1/units', { code: 'm', decimals: 1 })
    const { id } = await stock.made('/v1/products', product('ROPE', { unit: 'm' }))
    expect((await stock.patch('/v1/units/m', { decimals: 2 }, 1)).status).toBe(200)
    expect(await stock.said('stock.product-changed.v1', id)).toMatchObject([{ unitDecimals: 1 }, { unitDecimals: 2 }])
    expect(await stock.patch('/v1/units/m', { decimals: 1 }, 2)).toMatchObject({
      status: 409,
      body: { type: 'unit-decimals-lowered' },
    })
  })

  test.each([
    [{ code: ' kg', decimals: 7 }, ['/code', '/decimals']],
    [{ code: 'x', decimals: 1.5 }, ['/decimals']],
    [{ code: 'x', decimals: 0, reference: { unit: 'nowhere', numerator: '1', denominator: '1' } }, ['/reference/unit']],
    [{ code: 'x', decimals: 0, reference: { unit: 'g', numerator: '1', denominator: '1' } }, ['/reference/unit']],
    [
      { code: 'x', decimals: 0, reference: { unit: 'kg', numerator: '0', denominator: '1.5' } },
      ['/reference/denominator', '/reference/numerator'],
    ],
  ])('%j is refused', async (body, expected) => {
    const reply = await stock.post('/v1/units', body)
    expect(reply.status).toBe(422)
    expect(pointers(reply)).toEqual(expected)
  })

  test('a code is taken once', async () => {
    expect((await stock.post('/v1/units', { code: 'kg', decimals: 3 })).status).toBe(409)
  })
})

describe('X6: the product master', () => {
  test.each(['weight', 'volume'])(
    'its %s is above zero and of nine decimals at most, else it is named',
    async (field) => {
      for (const wrong of ['0', '-1', '1.0000000001', 'heavy']) {
        const reply = await stock.post('/v1/products', product('MEASURED', { [field]: wrong }))
        expect([reply.status, pointers(reply)]).toEqual([422, [`/${field}`]])
      }
      const made = await stock.made('/v1/products', product(`MEASURED-${field}`, { [field]: '12.5' }))
      const cleared = await stock.patch(`/v1/products/${made.id}`, { [field]: null }, made.version)
      expect([made[field], cleared.status, (cleared.body as unknown as Record<string, unknown>)[field]]).toEqual([
        '12.5',
        200,
        null,
      ])
    },
  )

  test('a product is made with its own units and barcodes, and others are told', async () => {
    const body = product('SODA', {
      unit: 'unit',
      name: 'Soda',
      units: [{ unit: 'box', numerator: '24', denominator: '1' }],
      barcodes: ['4006381333931', { code: '14006381333938', unit: 'box' }],
      standardCost: '0.0000001',
      abcClass: 'A',
      weight: '0.3500',
      volume: '0.000000001',
      receiptTolerance: '2.50',
    })
    const answer = await stock.made('/v1/products', body)
    const expected = {
      sku: 'SODA',
      type: 'stockable',
      tracking: 'none',
      unit: 'unit',
      unitDecimals: 0,
      units: [{ unit: 'box', numerator: '24', denominator: '1' }],
      abcClass: 'A',
      weight: '0.35',
      volume: '0.000000001',
      receiptTolerance: '2.5',
      active: true,
    }
    expect(answer).toMatchObject({ ...expected, standardCost: '0.0000001', version: 1 })
    expect(await stock.said('stock.product-changed.v1', answer.id)).toMatchObject([
      {
        ...expected,
        productId: answer.id,
        standardCost: '0.0000001',
        barcodes: [{ code: '4006381333931' }, { code: '14006381333938', unit: 'box' }],
      },
    ])
    const byBarcode = await stock.user.get<Body>('/v1/products?barcode=14006381333938')
    expect(byBarcode.body.items).toMatchObject([{ sku: 'SODA' }])
  })

  test('costs are not shown to a user', async () => {
    const { id } = await stock.made('/v1/products', product('COST', { standardCost: '9.87' }))
    expect((await stock.user.get(`/v1/products/${id}`)).body).not.toHaveProperty('standardCost')
    expect(JSON.stringify((await stock.user.get('/v1/products?sku=COST')).body)).not.toContain('9.87')
    expect((await stock.supervisor.get(`/v1/products/${id}`)).body).toMatchObject({ standardCost: '9.87' })
  })

  test('everything wrong is named at once', async () => {
    const shape = await stock.post('/v1/products', {
      sku: '',
      name: '',
      type: 'thing',
      unit: 'kg',
      category: 'Goods',
      standardCost: '1e12',
      receiptTolerance: '-1',
      colour: 'red',
    })
    expect(shape.status).toBe(422)
    expect([...new Set(pointers(shape))]).toEqual([
      '/colour',
      '/name',
      '/receiptTolerance',
      '/sku',
      '/standardCost',
      '/type',
    ])
    await stock.made('/v1/products', product('OWNER', { barcodes: ['TAKEN'] }))
    const content = await stock.post(
      '/v1/products',
      product('WRONG', {
        unit: 'stone',
        units: [
          { unit: 'stone', numerator: '1', denominator: '1' },
          { unit: 'bag', numerator: '1', denominator: '2' },
          { unit: 'bag', numerator: '1', denominator: '3' },
        ],
        barcodes: ['TAKEN', 'X', 'X', { code: 'Y', unit: 'crate' }],
      }),
    )
    expect(content.status).toBe(422)
    expect(pointers(content)).toEqual([
      '/barcodes/0',
      '/barcodes/2',
      '/barcodes/3/unit',
      '/unit',
      '/units/0/unit',
      '/units/2/unit',
    ])
  })

  test.each([
    { unit: 'kg', tracking: 'serial' },
    { type: 'service', tracking: 'lot' },
  ])('%j does not fit together', async (more) => {
    const reply = await stock.post('/v1/products', product('ODD', more))
    expect(reply.status).toBe(422)
    expect(pointers(reply)).toEqual(['/tracking'])
  })

  test('unit, tracking and type are fixed by the first move; all else may change', async () => {
    const { id } = await stock.made('/v1/products', product('MOVED'))
    expect((await stock.patch(`/v1/products/${id}`, { unit: 'unit' }, 1)).status).toBe(200)
    expect((await stock.patch(`/v1/products/${id}`, { unit: 'kg' }, 2)).status).toBe(200)
    await stock.move(id)
    const fixed = await stock.patch(`/v1/products/${id}`, { unit: 'unit', tracking: 'lot', type: 'consumable' }, 3)
    expect(fixed).toMatchObject({ status: 409, body: { type: 'product-has-moves' } })
    expect(pointers(fixed)).toEqual(['/tracking', '/type', '/unit'])
    expect(
      await stock.patch(`/v1/products/${id}`, { name: 'New name', category: 'Other', standardCost: null }, 3),
    ).toMatchObject({
      status: 200,
      body: { name: 'New name', category: 'Other', version: 4 },
    })
  })

  test('they are fixed while an open delivery has asked for it, and free when it is cancelled', async () => {
    const { id } = await stock.made('/v1/products', product('WANTED', { unit: 'unit' }))
    const documentId = await neededBy(stock, 'WANTED', 'WH/OUT/00001')
    const refused = await stock.patch(`/v1/products/${id}`, { unit: 'kg', name: 'By weight' }, 1)
    expect(refused).toMatchObject({ status: 409, body: { type: 'product-needed' } })
    expect(refused.body.detail).toContain('WANTED is needed by WH/OUT/00001, so its unit cannot change.')
    expect(pointers(refused)).toEqual(['/unit'])
    expect(await stock.patch(`/v1/products/${id}`, { name: 'Named anew' }, 1)).toMatchObject({ status: 200 })
    const head = { documentId, number: 'WH/OUT/00001', warehouse: 'WH', revision: 2 }
    await stock.publish('picking.deliveries', 'picking.delivery-cancelled.v1', documentId, { ...head, reason: 'no' })
    await until('it is free', async () => (await stock.patch(`/v1/products/${id}`, { unit: 'kg' }, 2)).status === 200)
    expect(await violations()).toEqual([])
  })

  test('a change needs the version that was read, and a barcode goes from one to another', async () => {
    const one = await stock.made('/v1/products', product('ONE', { barcodes: ['SHARED'] }))
    const two = await stock.made('/v1/products', product('TWO'))
    expect((await stock.manager.send('PATCH', `/v1/products/${one.id}`, { body: {} })).status).toBe(428)
    expect((await stock.patch(`/v1/products/${one.id}`, {}, 2)).status).toBe(412)
    expect(pointers(await stock.patch(`/v1/products/${two.id}`, { barcodes: ['SHARED'] }, 1))).toEqual(['/barcodes/0'])
    expect((await stock.patch(`/v1/products/${one.id}`, { barcodes: [] }, 1)).status).toBe(200)
    expect((await stock.patch(`/v1/products/${two.id}`, { barcodes: ['SHARED'] }, 1)).status).toBe(200)
    const race = await Promise.all(
      ['R1', 'R2', 'R3'].map((sku) => stock.post('/v1/products', product(sku, { barcodes: ['RACE'] }))),
    )
    expect(race.map((reply) => reply.status).sort()).toEqual([201, 422, 422])
  })

  test('they are listed by sku, filtered and in pages', async () => {
    for (const sku of ['L-1', 'L-2', 'L-3']) await stock.made('/v1/products', product(sku, { category: 'Listed' }))
    const first = await stock.user.get<Body>('/v1/products?category=Listed&limit=2')
    expect(first.body.items).toMatchObject([{ sku: 'L-1' }, { sku: 'L-2' }])
    const next = await stock.user.get<Body>(
      `/v1/products?category=Listed&limit=2&cursor=${String(first.body.nextCursor)}`,
    )
    expect(next.body).toMatchObject({ items: [{ sku: 'L-3' }], nextCursor: null })
    expect((await stock.user.get<Body>('/v1/products?search=l-2')).body.items).toMatchObject([{ sku: 'L-2' }])
    expect((await stock.user.get('/v1/products?colour=red')).status).toBe(422)
  })
})

test('a sku has up to 255 characters', async () => {
  const longest = `${'鋼'.repeat(254)}X`
  expect(await stock.made('/v1/products', { ...product(longest), name: 'Long' })).toMatchObject({ sku: longest })
  const longer = await stock.manager.send<Body>('POST', '/v1/products', {
    body: { ...product(`${longest}X`), name: 'Longer' },
  })
  expect([longer.status, pointers(longer)]).toEqual([422, ['/sku']])
})
