/** Orders as foreign systems send them: units by Rec 20 and X12 and by names of their own, prices per hundred. */
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { until } from '@stockline/test-kit'
import { deliveriesOf, outbox, salesOrder, show, told } from './deliveries-steps.ts'
import { productTold, unitTold, type Harness } from './harness.ts'
import { line, needed, openItemsHarness, put } from './orders-items-steps.ts'
import { act, count, eventually, purchaseOrder, receiptOf, receiptsOf, tell } from './steps.ts'

let harness: Harness
beforeAll(async () => {
  harness = await openItemsHarness()
}, 60_000)
afterAll(() => harness.stop())

describe('units', () => {
  test.each([
    ['EA', '2'],
    ['C62', '2'],
    ['PCE', '2'],
    ['CT', '48'],
    ['XCT', '48'],
  ])('%s is one of ours from the beginning', async (unit, quantity) => {
    await told(harness, salesOrder('confirmed', `SO-${unit}`, [line({ sku: 'IT-A' }, unit)]))
    const [delivery] = await deliveriesOf(harness, `SO-${unit}`)
    expect(delivery).toMatchObject({ status: 'waiting', lines: [{ unit, quantity: '2' }] })
    expect(await needed(harness, delivery!)).toMatchObject({ sku: 'IT-A', quantity })
  })

  test('KGM and GRM are weights, counted as finely as ours', async () => {
    await tell(harness, purchaseOrder('confirmed', 'PO-KGM', [line({ sku: 'RM-A' }, 'KGM', '1.5')]))
    const draft = await receiptOf(harness, 'PO-KGM')
    const counted = await count(harness, draft, [{ line: 1, quantity: '1500', unit: 'g' }])
    expect(counted.lines).toMatchObject([{ received: '1.5', unit: 'KGM', flag: 'OK' }])
    const answer = await act(harness.user, 'PATCH', counted, 'lines', { entries: [{ line: 1, quantity: '1.5001' }] })
    expect(answer.status).toBe(422)
    const posted = await act(harness.user, 'POST', counted, 'validate')
    const asked = await outbox(harness, posted.body.id)
    expect(JSON.stringify(asked)).toContain('"quantity":"1.5"')
  })

  test('one that nobody knows waits on the document until a manager says what it means, and is judged anew when it means another', async () => {
    await told(harness, salesOrder('confirmed', 'SO-COLLI', [line({ sku: 'IT-A' }, 'COLLI')]))
    const [waiting] = await deliveriesOf(harness, 'SO-COLLI')
    expect(waiting).toMatchObject({
      status: 'draft',
      problem: expect.stringContaining('unit "COLLI" does not convert'),
    })
    expect((await put(harness, '/v1/unit-aliases', { alias: 'COLLI', unit: 'carton' })).status).toBe(200)
    const ready = await until('it goes on', async () => {
      const [now] = await deliveriesOf(harness, 'SO-COLLI')
      return now?.status === 'waiting' ? now : undefined
    })
    expect(await needed(harness, ready)).toMatchObject({ quantity: '48' })
    await put(harness, '/v1/unit-aliases', { alias: 'COLLI', unit: 'unit' })
    await until('it is judged anew', async () => (await needed(harness, ready))?.quantity === '2')
    expect((await put(harness, '/v1/unit-aliases', { alias: 'COLLI', unit: 'COLLI' })).status).toBe(422)
    await put(harness, '/v1/unit-aliases', { alias: 'COLLI', unit: null })
    await until('it waits', async () => (await deliveriesOf(harness, 'SO-COLLI'))[0]?.status === 'draft')
  })

  test('the document says what a manager may do about a unit that nobody knows, and about one whose meaning nobody knows', async () => {
    await told(harness, salesOrder('confirmed', 'SO-TIP', [line({ sku: 'IT-A' }, 'TIP')]))
    const problem = async () => (await deliveriesOf(harness, 'SO-TIP'))[0]?.problem
    expect(await problem()).toBe(
      'Waits: unit "TIP" does not convert to the unit in which IT-A is kept. A manager says what "TIP" means: ' +
        'PUT /picking/v1/unit-aliases with alias "TIP" and one of our units, or one that the product alone has.',
    )
    const answer = await put(harness, '/v1/unit-aliases', { alias: 'TIP', unit: 'tippet' })
    expect(answer).toMatchObject({ status: 200, body: { unit: 'tippet', warnings: [{ pointer: '/unit' }] } })
    expect(JSON.stringify(answer.body)).toContain('no unit \\"tippet\\" is known yet: make it (POST /stock/v1/units)')
    await until('it says what the unit means', async () =>
      (await problem())?.includes('"TIP", which means "tippet", does'),
    )
    expect(await problem()).toContain(
      'Make "tippet" a unit (POST /stock/v1/units), or one of the product, or say otherwise what "TIP" means: PUT',
    )
    await harness.publish(unitTold('tippet', 0, { unit: 'unit', numerator: '6', denominator: '1' }))
    await until('it goes on', async () => (await deliveriesOf(harness, 'SO-TIP'))[0]?.status === 'waiting')
  })

  test('a name that is a unit of ours is told to mean nothing, but for one system', async () => {
    const ours = { alias: 'kg', unit: 'unit' }
    const answer = await put(harness, '/v1/unit-aliases', ours)
    expect(answer).toMatchObject({ status: 200, body: { warnings: [{ pointer: '/alias' }] } })
    await put(harness, '/v1/unit-aliases', { ...ours, unit: null })
    expect((await put(harness, '/v1/unit-aliases', { ...ours, source: '/erp/odd' })).body).not.toHaveProperty(
      'warnings',
    )
  })

  test('a name for a name is refused, and says which unit to put', async () => {
    const answer = await put(harness, '/v1/unit-aliases', { alias: 'ST', unit: 'EA' })
    expect(answer).toMatchObject({
      status: 422,
      body: { type: 'alias-of-an-alias', errors: [{ pointer: '/unit', message: 'must be a unit: "unit", say' }] },
    })
    await put(harness, '/v1/unit-aliases', { alias: 'ROUND-1', unit: 'ROUND-2' })
    expect((await put(harness, '/v1/unit-aliases', { alias: 'ROUND-2', unit: 'ROUND-1' })).status).toBe(422)
    expect(await put(harness, '/v1/unit-aliases', { alias: 'ROUND-1', unit: null })).toMatchObject({ status: 200 })
  })

  test('one of a unit that is not kept yet waits until it is, and is judged anew when it is counted otherwise', async () => {
    await told(harness, salesOrder('confirmed', 'SO-LB', [line({ sku: 'RM-A' }, 'LB')]))
    expect(await deliveriesOf(harness, 'SO-LB')).toMatchObject([{ status: 'draft' }])
    await harness.publish(unitTold('lb', 3, { unit: 'kg', numerator: '45359237', denominator: '100000000' }))
    const ready = await until('it goes on', async () => {
      const [now] = await deliveriesOf(harness, 'SO-LB')
      return now?.status === 'waiting' ? now : undefined
    })
    expect(await needed(harness, ready)).toMatchObject({ quantity: '0.907' })
    await harness.publish(unitTold('lb', 3, { unit: 'kg', numerator: '1', denominator: '2' }))
    await until('it is judged anew', async () => (await needed(harness, ready))?.quantity === '1')
    await harness.publish(unitTold('LB', 3, { unit: 'lb', numerator: '4', denominator: '1' }))
    await until('the unit of that very code counts', async () =>
      (await show(harness, ready.id)).history.some(({ why }) => why?.startsWith('one LB is 4 lb by now')),
    )
  })

  test('of one system alone: what others call so is theirs', async () => {
    await put(harness, '/v1/unit-aliases', { source: '/erp/sales', alias: 'EA', unit: 'carton' })
    await told(harness, salesOrder('confirmed', 'SO-EA-1', [line({ sku: 'IT-A' }, 'EA')]))
    expect(await needed(harness, (await deliveriesOf(harness, 'SO-EA-1'))[0]!)).toMatchObject({ quantity: '48' })
    const other = { ...salesOrder('confirmed', 'SO-EA-2', [line({ sku: 'IT-A' }, 'EA')]), source: '/erp/other' }
    await told(harness, other)
    expect(await needed(harness, (await deliveriesOf(harness, 'SO-EA-2'))[0]!)).toMatchObject({ quantity: '2' })
    const listed = await harness.user.get('/v1/unit-aliases?alias=EA')
    expect(listed.body).toMatchObject({
      items: [
        { source: null, alias: 'EA', unit: 'unit' },
        { source: '/erp/sales', alias: 'EA', unit: 'carton' },
      ],
    })
  })
})

describe('units by names that one source alone has', () => {
  const named = (alias: string, unit: string | null, source = '/erp/sales') =>
    put(harness, '/v1/unit-aliases', { source, alias, unit })
  const first = async (orderNumber: string) => (await deliveriesOf(harness, orderNumber))[0]

  test('a delivery that waits for the name goes on when it is said, and so does the order', async () => {
    const lines = [line({ sku: 'IT-A' }, 'KOLLO'), { ...line({ sku: 'IT-A' }), line: 2 }]
    await told(harness, salesOrder('confirmed', 'SO-KOLLO', lines))
    const other = { ...salesOrder('confirmed', 'SO-KOLLO-2', [line({ sku: 'IT-A' }, 'KOLLO')]), source: '/erp/other' }
    await told(harness, other)
    expect(await first('SO-KOLLO')).toMatchObject({ status: 'draft' })
    expect((await named('KOLLO', 'carton')).status).toBe(200)
    const delivery = await first('SO-KOLLO')
    expect(delivery).toMatchObject({ status: 'waiting', problem: null, lines: [{ unit: 'carton' }, { unit: 'unit' }] })
    expect(delivery?.history.at(-1)).toMatchObject({ what: 'unit-named', why: 'KOLLO of /erp/sales means carton.' })
    expect(await needed(harness, delivery!)).toMatchObject({ quantity: '48' })
    expect(await first('SO-KOLLO-2')).toMatchObject({ status: 'draft', lines: [{ unit: 'KOLLO' }] })
    const { items } = (
      await harness.manager.get<{ items: object[] }>('/v1/orders?source=/erp/sales&orderNumber=SO-KOLLO')
    ).body
    expect(items).toMatchObject([
      {
        lines: [
          { unit: 'carton', ordered: '2', open: '2' },
          { unit: 'unit', ordered: '2', open: '2' },
        ],
      },
    ])
  })

  test('a repeat of the order stays one, and an amendment follows', async () => {
    const order = salesOrder('confirmed', 'SO-AGAIN', [line({ sku: 'IT-A' }, 'VPE')])
    await told(harness, order)
    await named('VPE', 'carton')
    await told(harness, { ...order, id: randomUUID() })
    expect(await first('SO-AGAIN')).toMatchObject({ status: 'waiting', lines: [{ unit: 'carton', quantity: '2' }] })
    await told(harness, salesOrder('amended', 'SO-AGAIN', [line({ sku: 'IT-A' }, 'VPE', '3')], { revision: 2 }))
    await until('it is amended', async () => (await first('SO-AGAIN'))?.lines[0]?.quantity === '3')
    expect(await deliveriesOf(harness, 'SO-AGAIN')).toHaveLength(1)
  })

  test('a receipt whose other line is counted already goes on with what was counted', async () => {
    const lines = [line({ sku: 'RM-A' }, 'kg', '5'), { ...line({ sku: 'IT-A' }, 'STG'), line: 2 }]
    await tell(harness, purchaseOrder('confirmed', 'PO-STG', lines))
    const draft = await receiptOf(harness, 'PO-STG')
    const counted = await count(harness, draft, [{ line: 1, quantity: '5' }])
    expect(counted.problem).toContain('PUT /picking/v1/unit-aliases with alias "STG"')
    const early = await act(harness.user, 'PATCH', counted, 'lines', {
      entries: [{ line: 2, quantity: '1', unit: 'unit' }],
    })
    expect(early).toMatchObject({ status: 422, body: { errors: [{ pointer: '/entries/0/line' }] } })
    await named('STG', 'carton', '/erp/purchase')
    const now = await eventually(harness, draft.id, 'goes on', ({ problem }) => problem === null)
    expect(now.lines).toMatchObject([{ received: '5' }, { unit: 'carton', expected: '2', received: null }])
  })

  test('a document whose product is not known yet has the name too, when the product comes', async () => {
    await tell(harness, purchaseOrder('confirmed', 'PO-NEW', [line({ sku: 'IT-NEW' }, 'RING')]))
    expect((await receiptOf(harness, 'PO-NEW')).problem).toContain('"IT-NEW" is not known yet')
    await named('RING', 'unit', '/erp/purchase')
    await harness.publish(productTold('IT-NEW', { unit: 'unit', unitDecimals: 0 }))
    const draft = await receiptOf(harness, 'PO-NEW')
    await eventually(harness, draft.id, 'goes on', ({ problem }) => problem === null)
  })

  test('a document in a unit that converts keeps it: the name counts for orders told from then on', async () => {
    await told(harness, salesOrder('confirmed', 'SO-BEFORE', [line({ sku: 'IT-A' }, 'PCE')]))
    await named('PCE', 'carton')
    await told(harness, salesOrder('confirmed', 'SO-AFTER', [line({ sku: 'IT-A' }, 'PCE')]))
    expect(await needed(harness, (await first('SO-BEFORE'))!)).toMatchObject({ quantity: '2' })
    expect(await needed(harness, (await first('SO-AFTER'))!)).toMatchObject({ quantity: '48' })
  })

  test('a name that is being said while the order is taken counts for it', async () => {
    const { prisma } = harness.service.db
    await prisma.$transaction(async (tx) => {
      // As setting it does, which finds no document that waits yet.
      await tx.$executeRaw`select pg_advisory_xact_lock(hashtextextended('unit:RACE', 11))`
      await tx.unitAlias.create({ data: { source: '/erp/sales', alias: 'RACE', unit: 'carton' } })
      void told(harness, salesOrder('confirmed', 'SO-RACE', [line({ sku: 'IT-A' }, 'RACE')]))
      await until('the order waits for who says it', async () => {
        const rows = await prisma.$queryRaw<object[]>`
          select from pg_locks where locktype = 'advisory' and mode = 'ShareLock' and not granted
            and database = (select oid from pg_database where datname = current_database())`
        return rows.length > 0
      })
    })
    const delivery = await until('there is a delivery', () => first('SO-RACE'))
    expect(delivery).toMatchObject({ status: 'waiting', lines: [{ unit: 'carton' }] })
    expect(await needed(harness, delivery)).toMatchObject({ quantity: '48' })
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
      harness,
      purchaseOrder('confirmed', orderNumber, [{ ...line({ sku: 'IT-A' }), unitPrice, priceBaseQuantity }]),
    )
    const [receipt] = await receiptsOf(harness, orderNumber)
    const posted = await act(
      harness.user,
      'POST',
      await count(harness, receipt!, [{ line: 1, quantity: '2' }]),
      'validate',
    )
    const asked = await outbox(harness, posted.body.id)
    expect(JSON.stringify(asked)).toContain(`"unitPrice":"${one}"`)
  })

  test.each(['0', '0.5', '-1', '1000000000'])('per %s is refused', async (priceBaseQuantity) => {
    const wrong = { ...line({ sku: 'IT-A' }), unitPrice: '1', priceBaseQuantity }
    expect((await tell(harness, purchaseOrder('confirmed', 'PO-PER-0', [wrong]))).status).toBe(422)
  })
})
