/** A product system speaks: on the bus and by HTTP. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { sql } from '@stockline/service-kit'
import { until } from '@stockline/test-kit'
import { neededBy, pointers, product, runStock, type Body, type RunningStock } from './running.ts'

let stock: RunningStock
beforeAll(async () => {
  stock = await runStock()
})
afterAll(() => stock.stop())

describe('X6: a product system speaks', () => {
  const told = (sku: string, more: object = {}) => ({
    sku,
    name: sku,
    type: 'stockable',
    unit: 'kg',
    category: 'Told',
    barcodes: [],
    tracking: 'none',
    ...more,
  })
  const tell = (data: { sku: string }) =>
    stock.publish('catalog.products', 'catalog.product-upserted.v1', data.sku, data)
  const bySku = async (sku: string) => (await stock.manager.get<Body>(`/v1/products?sku=${sku}`)).body.items[0]
  const known = (sku: string, expected: object) =>
    until(`${sku} as ${JSON.stringify(expected)}`, async () => {
      const found = await bySku(sku)
      return found !== undefined && Object.entries(expected).every(([name, value]) => found[name] === value)
    })

  test('a product is made and changed; what we keep beside it stays', async () => {
    await tell(told('T-1', { revision: 1, barcodes: ['T-EAN'], standardCost: '2.5' }))
    await known('T-1', { name: 'T-1' })
    const { id } = (await bySku('T-1')) as { id: string }
    const units = [{ unit: 'bag', numerator: '25', denominator: '1' }]
    await stock.patch(
      `/v1/products/${id}`,
      { units, barcodes: ['T-EAN', { code: 'T-BAG', unit: 'bag' }], receiptTolerance: '5' },
      1,
    )
    await tell(told('T-1', { revision: 2, name: 'Told again', barcodes: ['T-EAN2', 'T-BAG'] }))
    await known('T-1', { name: 'Told again' })
    expect(await bySku('T-1')).toMatchObject({
      units,
      receiptTolerance: '5',
      standardCost: '2.50',
      barcodes: [
        { code: 'T-BAG', unit: 'bag' },
        { code: 'T-EAN2', unit: null },
      ],
    })
  })

  test('a lower revision is ignored, and the same with other content', async () => {
    await tell(told('T-2', { revision: 5, name: 'Five' }))
    await known('T-2', { name: 'Five' })
    await tell(told('T-2', { revision: 4, name: 'Four' }))
    await tell(told('T-2', { revision: 5, name: 'Other five' }))
    await tell(told('T-2', { revision: 6, name: 'Six' }))
    await known('T-2', { name: 'Six' })
    expect(
      (await stock.said<{ name: string }>('stock.product-changed.v1', String((await bySku('T-2'))?.['id']))).map(
        (one) => one.name,
      ),
    ).toEqual(['Five', 'Six'])
  })

  test('what 0.1.0 took is known as a repeat, however its cost was written; what says something else is not', async () => {
    await tell(told('T-10', { revision: 5, standardCost: '2.50' }))
    await known('T-10', { name: 'T-10' })
    await stock.service.db.query(sql(`update products set catalog_content = 'as 0.1.0 hashed it' where sku = 'T-10'`))
    await tell(told('T-10', { revision: 5, standardCost: '2.5' }))
    await tell(told('T-10', { revision: 5, standardCost: '2.6' }))
    await tell(told('T-10', { revision: 6, name: 'Six' }))
    await known('T-10', { name: 'Six' })
    const letters = await stock.administrator.get<Body>('/v1/quarantine?limit=200')
    const own = letters.body.items.filter((one) => JSON.stringify(one).includes('T-10 '))
    expect(own).toMatchObject([{ reason: 'revision-reused' }])
  })

  test('one with an unknown unit waits until the unit is made, with what follows behind it', async () => {
    await tell(told('T-3', { unit: 'drum' }))
    await tell(told('T-3', { unit: 'drum', name: 'Second' }))
    const held = 'select reason from kit.parked where reason like $1'
    await until('it waits, visibly', async () => {
      const rows = await stock.service.db.query<{ reason: string }>({ name: 'held', text: held }, ['%drum%'])
      return rows.length === 1
    })
    expect(await bySku('T-3')).toBeUndefined()
    await stock.made('/v1/units', { code: 'drum', decimals: 0 })
    await known('T-3', { name: 'Second', unit: 'drum' })
  })

  test.each([
    ['C62', 'unit', 0],
    ['EA', 'unit', 0],
    ['KGM', 'kg', 3],
  ])('one in %s is counted in %s, and told so again', async (code, unit, unitDecimals) => {
    const sku = `T-${code}`
    await tell(told(sku, { unit: code, revision: 1 }))
    await known(sku, { unit, unitDecimals })
    await tell(told(sku, { unit: code, revision: 1 }))
    await tell(told(sku, { unit, revision: 2, name: 'By our code' }))
    await known(sku, { unit, name: 'By our code' })
    // The same unit by another code changes nothing that is counted.
    await stock.move(String((await bySku(sku))?.['id']))
    await tell(told(sku, { unit: code, revision: 3, name: 'By theirs' }))
    await known(sku, { unit, name: 'By theirs' })
    const letters = await stock.administrator.get<Body>('/v1/quarantine?limit=200')
    expect(letters.body.items.filter((one) => JSON.stringify(one).includes(`${sku} `))).toEqual([])
  })

  test('a unit that is kept under that very code counts before what the code means', async () => {
    await stock.made('/v1/units', { code: 'PR', decimals: 0 })
    await tell(told('T-PR', { unit: 'PR' }))
    await known('T-PR', { unit: 'PR' })
  })

  test('one in a code of what is not kept yet waits for either, and says what to do', async () => {
    await tell(told('T-LBR', { unit: 'LBR' }))
    await tell(told('T-GLL', { unit: 'GLL' }))
    await tell(told('T-KOLLI', { unit: 'KOLLI' }))
    const reasonOf = (sku: string) =>
      until(`${sku} waits`, async () => {
        const { body } = await stock.administrator.get<Body>('/v1/parked?limit=200')
        return body.items.map(({ reason }) => String(reason)).find((reason) => reason.startsWith(`Product ${sku} `))
      })
    expect(await reasonOf('T-LBR')).toContain(
      'is counted in "LBR", which means "lb", a unit that is not known. Make it (POST',
    )
    expect(await reasonOf('T-KOLLI')).toContain('Names set by PUT /picking/v1/unit-aliases count for orders alone.')
    await reasonOf('T-GLL')
    await stock.made('/v1/units', { code: 'lb', decimals: 3 })
    await known('T-LBR', { unit: 'lb' })
    await stock.made('/v1/units', { code: 'GLL', decimals: 3 })
    await known('T-GLL', { unit: 'GLL' })
  })

  test('one with the barcode of another waits until it is free', async () => {
    const { id } = await stock.made('/v1/products', product('HOLDER', { barcodes: ['HELD'] }))
    await tell(told('T-4', { barcodes: ['HELD'] }))
    await tell(told('T-5'))
    await known('T-5', { name: 'T-5' })
    expect(await bySku('T-4')).toBeUndefined()
    await stock.patch(`/v1/products/${id}`, { barcodes: [] }, 1)
    await known('T-4', { name: 'T-4' })
  })

  test('one that may not change what is counted is a dead letter, all else of it is taken, and nothing waits behind it', async () => {
    for (const [sku, use] of [['T-7', 'moved'] as const, ['T-8', 'needed'] as const]) {
      await tell(told(sku, { unit: 'unit', revision: 1 }))
      await known(sku, { name: sku })
      if (use === 'moved') await stock.move(String((await bySku(sku))?.['id']))
      else await neededBy(stock, sku, `WH/OUT/${sku}`)
      await tell(
        told(sku, { unit: 'drum-7', tracking: 'lot', name: 'In drums', barcodes: [`${sku}-EAN`], revision: 2 }),
      )
      await known(sku, { name: 'In drums', unit: 'unit', tracking: 'none' })
      expect(await bySku(sku)).toMatchObject({ barcodes: [{ code: `${sku}-EAN`, unit: null }] })
      await tell(told(sku, { unit: 'unit', name: 'As before', revision: 3 }))
      await known(sku, { name: 'As before' })
      const letters = await stock.administrator.get<Body>('/v1/quarantine?limit=200')
      const own = letters.body.items.filter((one) => JSON.stringify(one).includes(`${sku} `))
      expect(own).toMatchObject([{ reason: use === 'moved' ? 'product-has-moves' : 'product-needed' }])
      expect(JSON.stringify(own)).toContain('All else that was told is taken.')
    }
  })

  test('and by HTTP its sender hears what was taken and what was not, again on each try', async () => {
    await tell(told('T-9', { unit: 'unit' }))
    await known('T-9', { name: 'T-9' })
    await stock.move(String((await bySku('T-9'))?.['id']))
    const event = {
      ...{ specversion: '1.0', id: crypto.randomUUID(), source: '/erp/products', subject: 'T-9' },
      ...{ type: 'catalog.product-upserted.v1', data: told('T-9', { name: 'By weight' }) },
    }
    const headers = { 'content-type': 'application/cloudevents+json' }
    for (const _try of [1, 2]) {
      const answer = await stock.erp.send<Body>('POST', '/v1/events', { headers, body: event })
      expect(answer).toMatchObject({ status: 409, body: { type: 'product-has-moves' } })
      expect(answer.body.detail).toContain('its unit cannot change')
      expect(answer.body.detail).toContain('All else that was told is taken.')
      expect(await bySku('T-9')).toMatchObject({ name: 'By weight', unit: 'unit' })
    }
    const letters = await stock.administrator.get<Body>(
      '/v1/quarantine?source=/erp/products&reason=product-has-moves&key=T-9',
    )
    expect(letters.body.items).toMatchObject([{ source: '/erp/products', key: 'T-9', partition: null }])
    expect(JSON.stringify(letters.body.items)).toContain('All else that was told is taken.')
    for (const other of ['source=/erp/other', 'reason=schema', 'key=T-8&source=/erp/products'])
      expect((await stock.administrator.get<Body>(`/v1/quarantine?${other}`)).body.items).not.toContainEqual(
        expect.objectContaining({ key: 'T-9' }),
      )
  })

  test('in a batch, nothing of which is taken then, no part is said to be', async () => {
    await tell(told('T-11', { unit: 'unit' }))
    await known('T-11', { name: 'T-11' })
    await stock.move(String((await bySku('T-11'))?.['id']))
    const one = (sku: string, more: object) => ({
      ...{ specversion: '1.0', id: crypto.randomUUID(), source: '/erp/products', subject: sku },
      ...{ type: 'catalog.product-upserted.v1', data: told(sku, more) },
    })
    const headers = { 'content-type': 'application/cloudevents-batch+json' }
    const body = [one('T-12', {}), one('T-11', { name: 'By weight' })]
    const answer = await stock.erp.send<Body>('POST', '/v1/events', { headers, body: body })
    expect(answer).toMatchObject({ status: 409, body: { type: 'product-has-moves' } })
    expect(answer.body.detail).toMatch(/^No event is taken: /)
    expect(JSON.stringify(answer.body)).not.toContain('is taken.')
    expect(await bySku('T-11')).toMatchObject({ name: 'T-11' })
    expect(await bySku('T-12')).toBeUndefined()
  })

  test('by HTTP with a service client’s scope, all faults at once', async () => {
    const send = (data: unknown, as = stock.erp) =>
      as.send<Body>('POST', '/v1/events', {
        headers: { 'content-type': 'application/cloudevents+json' },
        body: {
          specversion: '1.0',
          id: crypto.randomUUID(),
          source: '/erp/products',
          type: 'catalog.product-upserted.v1',
          subject: 'T-6',
          data,
        },
      })
    expect((await send(told('T-6'))).status).toBe(202)
    await known('T-6', { name: 'T-6' })
    expect((await send(told('T-6'), stock.manager)).status).toBe(403)
    const wrong = await send(told('T-6', { tracking: 'maybe', standardCost: '1e12', barcodes: ['a b'] }))
    expect(wrong.status).toBe(422)
    expect(pointers(wrong)).toHaveLength(3)
  })
})
