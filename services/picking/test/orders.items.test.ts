/** Orders as foreign systems send them: items by GTIN and by codes of buyer and seller, units by Rec 20 and X12, prices per hundred. */
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { until } from '@stockline/test-kit'
import { deliveriesOf, outbox, salesOrder, show, told, type ShownDelivery } from './deliveries-steps.ts'
import { openFloor, productTold, unitTold, type Floor } from './floor.ts'
import { count, eventually, purchaseOrder, receiptOf, receiptsOf, tell, act, type Problem } from './steps.ts'

let floor: Floor
beforeAll(async () => {
  floor = await openFloor()
  await floor.publish(
    productTold('IT-A', {
      barcodes: [{ code: '4006381333931' }],
      units: [{ unit: 'carton', numerator: '24', denominator: '1' }],
      unit: 'unit',
      unitDecimals: 0,
    }),
  )
  await until(
    'IT-A is known',
    async () => (await floor.service.db.prisma.product.count({ where: { sku: 'IT-A' } })) === 1,
  )
}, 60_000)
afterAll(() => floor.stop())

const put = (path: string, body: object, who = floor.manager) =>
  who.send<Problem>('PUT', path, { body, headers: { 'idempotency-key': randomUUID() } })
const line = (names: object, unit = 'unit', quantity = '2') => ({ line: 1, ...names, quantity, unit })
const waits = (orderNumber: string) =>
  until(`${orderNumber} waits`, async () => {
    const rows = await floor.service.db.prisma.$queryRaw<{ reason: string }[]>`
      select reason from kit.parked where subject = ${orderNumber} and state = 'waiting' and resolved_at is null`
    return rows[0]?.reason
  })
const needed = async ({ id }: Pick<ShownDelivery, 'id'>) =>
  ((await outbox(floor, id)).at(-1)?.data['lines'] as { sku: string; quantity: string }[])[0]

describe('items', () => {
  test('by GTIN, and by our own code: the buyer’s in a purchase, the seller’s in a sale', async () => {
    expect((await tell(floor, purchaseOrder('confirmed', 'PO-GTIN', [line({ gtin: '04006381333931' })]))).status).toBe(
      202,
    )
    expect((await receiptOf(floor, 'PO-GTIN')).lines).toMatchObject([{ sku: 'IT-A', expected: '2', unit: 'unit' }])
    await tell(floor, purchaseOrder('confirmed', 'PO-OWN', [line({ buyerItem: 'IT-A' })]))
    expect((await receiptOf(floor, 'PO-OWN')).lines).toMatchObject([{ sku: 'IT-A' }])
    await told(floor, salesOrder('confirmed', 'SO-OWN', [line({ sellerItem: 'IT-A', gtin: '4006381333931' })]))
    expect((await deliveriesOf(floor, 'SO-OWN'))[0]?.lines).toMatchObject([{ sku: 'IT-A' }])
  })

  test('by the partner’s code: it waits, visibly, until a manager says what it means, and what is behind it too', async () => {
    await told(floor, salesOrder('confirmed', 'SO-THEIRS', [line({ buyerItem: 'B-77' })]))
    expect(await waits('SO-THEIRS')).toBe('Line 1: no product is known by "B-77" of customer BIG.')
    const reference = { kind: 'customer', partner: 'BIG', item: 'B-77' }
    expect((await put('/v1/item-references', { ...reference, sku: 'IT-A' }, floor.user)).status).toBe(403)
    expect(await put('/v1/item-references', { ...reference, sku: 'NO-SUCH' })).toMatchObject({
      status: 422,
      body: { type: 'product-unknown' },
    })
    expect(await put('/v1/item-references', { ...reference, sku: 'IT-A' })).toMatchObject({
      status: 200,
      body: { sku: 'IT-A' },
    })
    expect((await deliveriesOf(floor, 'SO-THEIRS'))[0]?.lines).toMatchObject([{ sku: 'IT-A' }])
    const listed = await floor.user.get('/v1/item-references?kind=customer&partner=BIG')
    expect(listed.body).toMatchObject({ items: [{ ...reference, sku: 'IT-A' }], nextCursor: null })
    expect((await put('/v1/item-references', { ...reference, sku: null })).status).toBe(200)
    expect((await floor.user.get('/v1/item-references?partner=BIG')).body).toMatchObject({ items: [] })
  })

  test('by a GTIN or code of ours that nobody has yet: it goes on when the product comes', async () => {
    await tell(floor, purchaseOrder('confirmed', 'PO-LATER', [line({ gtin: '5901234123457' })]))
    await tell(floor, purchaseOrder('confirmed', 'PO-LATER-2', [line({ buyerItem: 'IT-LATER' })]))
    expect(await waits('PO-LATER')).toContain('no product is known by GTIN 5901234123457.')
    expect(await waits('PO-LATER-2')).toContain('no product is known by our code "IT-LATER".')
    await floor.publish(
      productTold('IT-LATER', { barcodes: [{ code: '05901234123457' }], unit: 'unit', unitDecimals: 0 }),
    )
    expect((await receiptOf(floor, 'PO-LATER')).lines).toMatchObject([{ sku: 'IT-LATER' }])
    expect((await receiptOf(floor, 'PO-LATER-2')).lines).toMatchObject([{ sku: 'IT-LATER' }])
  })

  test('by several codes that nobody has yet: it goes on when any of them is known', async () => {
    const both = line({ gtin: '9780201379624', sellerItem: 'V-LATER' })
    await tell(floor, purchaseOrder('confirmed', 'PO-SEVERAL', [both]))
    expect(await waits('PO-SEVERAL')).toBe(
      'Line 1: no product is known by GTIN 9780201379624, "V-LATER" of vendor ACME.',
    )
    await floor.publish(
      productTold('IT-SEVERAL', { barcodes: [{ code: '9780201379624' }], unit: 'unit', unitDecimals: 0 }),
    )
    expect((await receiptOf(floor, 'PO-SEVERAL')).lines).toMatchObject([{ sku: 'IT-SEVERAL' }])
    await tell(
      floor,
      purchaseOrder('confirmed', 'PO-SEVERAL-2', [line({ gtin: '9780306406157', sellerItem: 'V-SEVERAL' })]),
    )
    await waits('PO-SEVERAL-2')
    await put('/v1/item-references', { kind: 'vendor', partner: 'ACME', item: 'V-SEVERAL', sku: 'IT-A' })
    expect((await receiptOf(floor, 'PO-SEVERAL-2')).lines).toMatchObject([{ sku: 'IT-A' }])
  })

  test('by a GTIN of two products: it goes on when one of them has it no more', async () => {
    const counted = { unit: 'unit', unitDecimals: 0 }
    const second = { productId: randomUUID(), ...counted }
    const gtin = '8712345678906'
    await floor.publish(productTold('IT-TWIN-1', { barcodes: [{ code: gtin }], ...counted }))
    await floor.publish(productTold('IT-TWIN-2', { barcodes: [{ code: gtin }], ...second }))
    await until(
      'both are known',
      async () => (await floor.service.db.prisma.product.count({ where: { sku: { startsWith: 'IT-TWIN' } } })) === 2,
    )
    await tell(floor, purchaseOrder('confirmed', 'PO-TWIN', [line({ gtin })]))
    expect(await waits('PO-TWIN')).toContain('are several products: IT-TWIN-1, IT-TWIN-2.')
    await floor.publish(productTold('IT-TWIN-2', { barcodes: [], ...second }))
    expect((await receiptOf(floor, 'PO-TWIN')).lines).toMatchObject([{ sku: 'IT-TWIN-1' }])
  })

  test('by codes of two products: it goes on when a manager takes the wrong one away', async () => {
    const reference = { kind: 'vendor', partner: 'ACME', item: 'V-WRONG' }
    await put('/v1/item-references', { ...reference, sku: 'RM-A' })
    await tell(floor, purchaseOrder('confirmed', 'PO-WRONG', [line({ gtin: '4006381333931', sellerItem: 'V-WRONG' })]))
    expect(await waits('PO-WRONG')).toContain('are several products: IT-A, RM-A.')
    await put('/v1/item-references', { ...reference, sku: null })
    expect((await receiptOf(floor, 'PO-WRONG')).lines).toMatchObject([{ sku: 'IT-A' }])
  })

  test('in an amendment: the order stays as it was until the item is known', async () => {
    await tell(floor, purchaseOrder('confirmed', 'PO-AMEND', [line({ sku: 'IT-A' })]))
    const first = await receiptOf(floor, 'PO-AMEND')
    const lines = [line({ sku: 'IT-A' }), { ...line({ sellerItem: 'V-9' }), line: 2 }]
    await tell(floor, purchaseOrder('amended', 'PO-AMEND', lines, { revision: 2 }))
    expect(await waits('PO-AMEND')).toBe('Line 2: no product is known by "V-9" of vendor ACME.')
    await put('/v1/item-references', { kind: 'vendor', partner: 'ACME', item: 'V-9', sku: 'RM-A' })
    await eventually(floor, first.id, 'is amended', ({ lines: now }) => now.length === 2)
  })

  test('a line without any name is refused, and so is a GTIN with a wrong check digit', async () => {
    const answer = await tell(
      floor,
      purchaseOrder('confirmed', 'PO-NONE', [line({}), { ...line({ gtin: '4006381333932' }), line: 2 }]),
    )
    expect(answer.status).toBe(422)
    expect(answer.body.errors).toEqual([
      { pointer: '/data/lines/0/sku', message: 'must be there, or gtin, buyerItem or sellerItem in its place' },
      { pointer: '/data/lines/1/gtin', message: 'has a wrong check digit' },
    ])
  })
})

describe('units', () => {
  test.each([
    ['EA', '2'],
    ['C62', '2'],
    ['PCE', '2'],
    ['CT', '48'],
    ['XCT', '48'],
  ])('%s is one of ours from the beginning', async (unit, quantity) => {
    await told(floor, salesOrder('confirmed', `SO-${unit}`, [line({ sku: 'IT-A' }, unit)]))
    const [delivery] = await deliveriesOf(floor, `SO-${unit}`)
    expect(delivery).toMatchObject({ status: 'waiting', lines: [{ unit, quantity: '2' }] })
    expect(await needed(delivery!)).toMatchObject({ sku: 'IT-A', quantity })
  })

  test('KGM and GRM are weights, counted as finely as ours', async () => {
    await tell(floor, purchaseOrder('confirmed', 'PO-KGM', [line({ sku: 'RM-A' }, 'KGM', '1.5')]))
    const draft = await receiptOf(floor, 'PO-KGM')
    const counted = await count(floor, draft, [{ line: 1, quantity: '1500', unit: 'g' }])
    expect(counted.lines).toMatchObject([{ received: '1.5', unit: 'KGM', flag: 'OK' }])
    const answer = await act(floor.user, 'PATCH', counted, 'lines', { entries: [{ line: 1, quantity: '1.5001' }] })
    expect(answer.status).toBe(422)
    const posted = await act(floor.user, 'POST', counted, 'validate')
    const asked = await outbox(floor, posted.body.id)
    expect(JSON.stringify(asked)).toContain('"quantity":"1.5"')
  })

  test('one that nobody knows waits on the document until a manager says what it means, and is judged anew when it means another', async () => {
    await told(floor, salesOrder('confirmed', 'SO-COLLI', [line({ sku: 'IT-A' }, 'COLLI')]))
    const [waiting] = await deliveriesOf(floor, 'SO-COLLI')
    expect(waiting).toMatchObject({
      status: 'draft',
      problem: expect.stringContaining('unit "COLLI" does not convert'),
    })
    expect((await put('/v1/unit-aliases', { alias: 'COLLI', unit: 'carton' })).status).toBe(200)
    const ready = await until('it goes on', async () => {
      const [now] = await deliveriesOf(floor, 'SO-COLLI')
      return now?.status === 'waiting' ? now : undefined
    })
    expect(await needed(ready)).toMatchObject({ quantity: '48' })
    await put('/v1/unit-aliases', { alias: 'COLLI', unit: 'unit' })
    await until('it is judged anew', async () => (await needed(ready))?.quantity === '2')
    expect((await put('/v1/unit-aliases', { alias: 'COLLI', unit: 'COLLI' })).status).toBe(422)
    await put('/v1/unit-aliases', { alias: 'COLLI', unit: null })
    await until('it waits', async () => (await deliveriesOf(floor, 'SO-COLLI'))[0]?.status === 'draft')
  })

  test('two that stand for each other convert to nothing, and say so on the document', async () => {
    await put('/v1/unit-aliases', { alias: 'ROUND-1', unit: 'ROUND-2' })
    await put('/v1/unit-aliases', { alias: 'ROUND-2', unit: 'ROUND-1' })
    const lines = [line({ sku: 'IT-A' }, 'ROUND-1'), { ...line({ sku: 'IT-A' }, 'ROUND-2'), line: 2 }]
    await told(floor, salesOrder('confirmed', 'SO-ROUND', lines))
    expect((await deliveriesOf(floor, 'SO-ROUND'))[0]).toMatchObject({
      status: 'draft',
      problem: expect.stringContaining('unit "ROUND-1" does not convert'),
    })
  })

  test('one of a unit that is not kept yet waits until it is, and is judged anew when it is counted otherwise', async () => {
    await told(floor, salesOrder('confirmed', 'SO-LB', [line({ sku: 'RM-A' }, 'LB')]))
    expect(await deliveriesOf(floor, 'SO-LB')).toMatchObject([{ status: 'draft' }])
    await floor.publish(unitTold('lb', 3, { unit: 'kg', numerator: '45359237', denominator: '100000000' }))
    const ready = await until('it goes on', async () => {
      const [now] = await deliveriesOf(floor, 'SO-LB')
      return now?.status === 'waiting' ? now : undefined
    })
    expect(await needed(ready)).toMatchObject({ quantity: '0.907' })
    await floor.publish(unitTold('lb', 3, { unit: 'kg', numerator: '1', denominator: '2' }))
    await until('it is judged anew', async () => (await needed(ready))?.quantity === '1')
    await floor.publish(unitTold('LB', 3, { unit: 'lb', numerator: '4', denominator: '1' }))
    await until('the unit of that very code counts', async () =>
      (await show(floor, ready.id)).history.some(({ why }) => why?.startsWith('one LB is 4 lb by now')),
    )
  })

  test('of one system alone: what others call so is theirs', async () => {
    await put('/v1/unit-aliases', { source: '/erp/sales', alias: 'EA', unit: 'carton' })
    await told(floor, salesOrder('confirmed', 'SO-EA-1', [line({ sku: 'IT-A' }, 'EA')]))
    expect(await needed((await deliveriesOf(floor, 'SO-EA-1'))[0]!)).toMatchObject({ quantity: '48' })
    const other = { ...salesOrder('confirmed', 'SO-EA-2', [line({ sku: 'IT-A' }, 'EA')]), source: '/erp/other' }
    await told(floor, other)
    expect(await needed((await deliveriesOf(floor, 'SO-EA-2'))[0]!)).toMatchObject({ quantity: '2' })
    const listed = await floor.user.get('/v1/unit-aliases?alias=EA')
    expect(listed.body).toMatchObject({
      items: [
        { source: null, alias: 'EA', unit: 'unit' },
        { source: '/erp/sales', alias: 'EA', unit: 'carton' },
      ],
    })
  })
})

describe('prices', () => {
  test.each([
    ['100', '12.34', '0.1234'],
    ['1000', '0.5', '0.0005'],
    ['1', '2.5', '2.50'],
    ['3', '10', '3.3333333333'],
  ])('per %s: %s is %s for one', async (priceBaseQuantity, unitPrice, one) => {
    const orderNumber = `PO-PER-${priceBaseQuantity}`
    await tell(
      floor,
      purchaseOrder('confirmed', orderNumber, [{ ...line({ sku: 'IT-A' }), unitPrice, priceBaseQuantity }]),
    )
    const [receipt] = await receiptsOf(floor, orderNumber)
    const posted = await act(floor.user, 'POST', await count(floor, receipt!, [{ line: 1, quantity: '2' }]), 'validate')
    const asked = await outbox(floor, posted.body.id)
    expect(JSON.stringify(asked)).toContain(`"unitPrice":"${one}"`)
  })

  test.each(['0', '0.5', '-1', '1000000000'])('per %s is refused', async (priceBaseQuantity) => {
    const wrong = { ...line({ sku: 'IT-A' }), unitPrice: '1', priceBaseQuantity }
    expect((await tell(floor, purchaseOrder('confirmed', 'PO-PER-0', [wrong]))).status).toBe(422)
  })
})

describe('what a contract does not know', () => {
  const misspelled = (orderNumber: string) =>
    purchaseOrder('confirmed', orderNumber, [{ ...line({ sku: 'IT-A' }), unitprice: '1', colour: 'red' }], {
      incoterm: 'DAP',
    })
  const shown = async (orderNumber: string) => {
    const path = `/v1/orders?source=/erp/purchase&orderNumber=${orderNumber}`
    const { items } = (await floor.manager.get<{ items: { unknownFields: string[] }[] }>(path)).body
    return items[0]?.unknownFields
  }

  test('is told to its sender by HTTP, and shown on the order', async () => {
    const answer = await tell(floor, misspelled('PO-UNKNOWN-1'))
    expect(answer).toMatchObject({ status: 202, body: { warnings: [{ pointer: '/data/lines/0/unitprice' }, {}, {}] } })
    await receiptOf(floor, 'PO-UNKNOWN-1')
    expect(await shown('PO-UNKNOWN-1')).toEqual(['lines/unitprice', 'lines/colour', 'incoterm'])
  })

  test('is counted by source and name on the bus, where nobody can be told, and shown on the order', async () => {
    const value = Buffer.from(JSON.stringify(misspelled('PO-UNKNOWN-2')))
    await floor.service.bus.publish([
      { topic: 'purchasing.orders', message: { key: 'PO-UNKNOWN-2', value, headers: {} } },
    ])
    await receiptOf(floor, 'PO-UNKNOWN-2')
    expect(await shown('PO-UNKNOWN-2')).toEqual(['lines/unitprice', 'lines/colour', 'incoterm'])
    const metrics = await (await fetch(`${floor.service.url}/metrics`)).text()
    expect(metrics).toMatch(
      /stockline_unknown_fields_total\{[^}]*source="\/erp\/purchase"[^}]*field="lines\/colour"[^}]*\} 1/,
    )
  })

  test('is nothing where all is known', async () => {
    await tell(floor, purchaseOrder('confirmed', 'PO-KNOWN', [line({ sku: 'IT-A' })]))
    await receiptOf(floor, 'PO-KNOWN')
    expect(await shown('PO-KNOWN')).toEqual([])
  })
})
