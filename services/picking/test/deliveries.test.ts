import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { until } from '@stockline/test-kit'
import {
  a103,
  act,
  becomes,
  deliveriesOf,
  lineA,
  lineX,
  outbox,
  place,
  readied,
  released,
  reserved,
  salesCancelled,
  salesOrder,
  show,
  sold,
  take,
  told,
  type ShownDelivery,
} from './deliveries-steps.ts'
import { openHarness, productTold, unitTold, type Harness } from './harness.ts'

let harness: Harness
beforeAll(async () => {
  harness = await openHarness()
}, 60_000)
afterAll(() => harness.stop())

const types = async (id: string) => (await outbox(harness, id)).map((each) => each.type)
const words = (delivery: ShownDelivery) => delivery.history.map((step) => step.what)
const picksOf = (delivery: ShownDelivery) =>
  delivery.lines.flatMap((line) =>
    line.picks.map((one) => `${line.line} ${one.location} ${one.picked}/${one.quantity}`),
  )

describe('D1 A confirmed sales order makes a delivery', () => {
  test('D1 it asks stock for what it needs, and is ready once all lines have stock', async () => {
    const delivery = await sold(harness, 'SO-D1', [{ ...lineX }, { ...lineA, quantity: '500', unit: 'g' }])
    expect(delivery).toMatchObject({
      status: 'waiting',
      number: expect.stringMatching(/^WH\/OUT\/\d{5}$/),
      priority: 5,
    })
    expect(await outbox(harness, delivery.id)).toMatchObject([
      {
        type: 'delivery-confirmed',
        data: {
          revision: 1,
          scheduledDate: '2026-04-23',
          allowPartial: false,
          lines: [
            { line: 1, sku: 'PX', quantity: '10' },
            { line: 2, sku: 'RM-A', quantity: '0.5' },
          ],
        },
      },
    ])
    await harness.publish(reserved(delivery))
    const ready = await becomes(harness, delivery.id, 'ready')
    expect(words(ready)).toEqual(['created', 'ready'])
  })

  test('D1 twenty orders at once take gapless numbers', async () => {
    await Promise.all(Array.from({ length: 20 }, (_, n) => told(harness, salesOrder('confirmed', `SO-N${n}`, [lineX]))))
    await Promise.all(Array.from({ length: 20 }, (_, n) => deliveriesOf(harness, `SO-N${n}`)))
    const rows = await harness.service.db.prisma.$queryRaw<{ count: bigint; last: bigint }[]>`
      select count(*) as count, max(substring(number from '[0-9]+$')::bigint) as last from deliveries`
    expect(rows[0]?.count).toBe(rows[0]?.last)
  })

  test('D1 an unknown product makes a draft that says so; once it is known, stock is asked', async () => {
    const delivery = await sold(harness, 'SO-NEW', [lineX, { line: 2, sku: 'LATE', quantity: '2', unit: 'kg' }])
    expect(delivery).toMatchObject({ status: 'draft', problem: expect.stringMatching(/product "LATE" is not known/) })
    expect(await outbox(harness, delivery.id)).toEqual([])
    await harness.publish(productTold('LATE'))
    expect(await becomes(harness, delivery.id, 'waiting')).toMatchObject({ problem: null })
    expect(await types(delivery.id)).toEqual(['delivery-confirmed'])
  })

  test('D1 amended to an unknown product and back again, stock is told what is still wanted, and asked anew', async () => {
    const ready = await readied(harness, 'SO-DRAFT')
    const lines = [lineX, { line: 2, sku: 'LATER', quantity: '2', unit: 'kg' }]
    await told(harness, salesOrder('amended', 'SO-DRAFT', lines, { revision: 2 }))
    await becomes(harness, ready.id, 'draft')
    await harness.publish(productTold('LATER'))
    await becomes(harness, ready.id, 'waiting')
    expect(await types(ready.id)).toEqual(['delivery-confirmed', 'delivery-amended', 'delivery-amended'])
  })

  test('D1 an answer to the need of before changes nothing', async () => {
    const delivery = await sold(harness, 'SO-OLD')
    await told(harness, salesOrder('amended', 'SO-OLD', [{ ...lineX, quantity: '3' }], { revision: 2 }))
    await harness.publish(reserved(delivery, 1), reserved(await show(harness, delivery.id), 2))
    expect(await becomes(harness, delivery.id, 'ready')).toMatchObject({
      lines: [{ quantity: '3', picks: [{ location: a103, quantity: '3', picked: '0' }] }],
    })
    expect(await outbox(harness, delivery.id)).toMatchObject([{}, { type: 'delivery-amended', data: { revision: 2 } }])
  })

  test('D1 what stock cannot reserve waits and says what for; once it is reserved nothing is in the way', async () => {
    const delivery = await sold(harness, 'SO-WAITS')
    await harness.publish(reserved(delivery, 1, () => []))
    const waits = await until('it says what for', async () => {
      const now = await show(harness, delivery.id)
      return now.problem === null ? undefined : now
    })
    expect(waits).toMatchObject({ status: 'waiting', problem: 'Waits for stock: PX 10, RM-A 5.' })
    expect((await act(harness.manager, 'POST', waits, 'validate')).body.detail).toBe(
      `${delivery.number} cannot be shipped yet: Waits for stock: PX 10, RM-A 5.`,
    )
    await harness.publish(reserved(delivery))
    expect(await becomes(harness, delivery.id, 'ready')).toMatchObject({ problem: null })
  })

  test('D1 by hand', async () => {
    const body = { warehouse: 'WH', lines: [{ sku: 'PX', quantity: '3' }], priority: 0 }
    const made = await harness.manager.send<ShownDelivery>('POST', '/v1/deliveries', { body })
    expect(made).toMatchObject({ status: 201, body: { status: 'waiting', priority: 0, lines: [{ unit: 'unit' }] } })
    expect(await types(made.body.id)).toEqual(['delivery-confirmed'])
  })
})

describe('D2 The pick list', () => {
  test('D2 gives location, product, quantity and picked, along the way', async () => {
    const delivery = await sold(harness, 'SO-D2')
    await harness.publish(
      reserved(delivery, 1, (line) => (line.line === 1 ? [place(a103, '10')] : [place('WH/Stock', '5')])),
    )
    const picked = await take(harness, await becomes(harness, delivery.id, 'ready'), { 1: '10' })
    expect(picked.status).toBe('in_progress')
    const list = await harness.user.get<{ items: object[] }>(`/v1/deliveries/${delivery.id}/pick-list`)
    expect(list.body.items).toMatchObject([
      { location: 'WH/Stock', sku: 'RM-A', quantity: '5', picked: '0', line: 2 },
      { location: a103, sku: 'PX', quantity: '10', picked: '10', line: 1 },
    ])
  })

  test('D2 it is in the queue of those who act on its places, from when it is ready', async () => {
    const queued = async (who = harness.user) =>
      (await who.get<{ items: { number: string }[] }>('/v1/queue?limit=200')).body.items.map((each) => each.number)
    const delivery = await sold(harness, 'SO-QUEUE')
    expect(await queued()).not.toContain(delivery.number)
    await harness.publish(reserved(delivery))
    await becomes(harness, delivery.id, 'ready')
    expect(await queued()).toContain(delivery.number)
    expect(await queued(harness.stranger)).not.toContain(delivery.number)
  })
})

describe('D3 Scanning', () => {
  test('D3 a place, a barcode, a box and a GS1 code; the wrong thing is refused and says why', async () => {
    const units = [{ unit: 'box', numerator: '4', denominator: '1' }]
    const barcodes = [{ code: '4006381333931' }, { code: '14006381333938', unit: 'box' }]
    await harness.publish(
      productTold('BOXED', { unit: 'unit', unitDecimals: 0, units, barcodes }),
      productTold('DATED', { tracking: 'lot', barcodes: [{ code: '036000291452' }] }),
    )
    await until('products are known', async () => (await harness.service.db.prisma.product.count({ where: { sku: { in: ['BOXED', 'DATED'] } } })) === 2) // prettier-ignore
    const lines = [
      { line: 1, sku: 'BOXED', quantity: '6', unit: 'unit' },
      { line: 2, sku: 'DATED', quantity: '2', unit: 'kg' },
    ]
    const delivery = await sold(harness, 'SO-SCAN', lines)
    await harness.publish(
      reserved(delivery, 1, (line) => [line.line === 1 ? place(a103, '6') : place(a103, '2', 'L1', '2026-12-31')]),
    )
    let now = await becomes(harness, delivery.id, 'ready')
    const scan = async (code: string, quantity?: string) => {
      const answer = await act(harness.user, 'POST', now, 'scans', { code, ...(quantity === undefined ? {} : { quantity }) }) // prettier-ignore
      if (answer.status === 200) now = answer.body
      return answer.status === 200 ? picksOf(now) : `${answer.status} ${answer.body.detail}`
    }
    await scan(a103)
    expect(now).toMatchObject({ scanLocation: a103, status: 'ready' })
    expect(await scan('4006381333931')).toEqual([`1 ${a103} 1/6`, `2 ${a103} 0/2`])
    expect(await scan(']C10114006381333938')).toEqual([`1 ${a103} 5/6`, `2 ${a103} 0/2`])
    expect(await scan('14006381333938')).toMatch(/^422 .*needs only 1 unit more of BOXED; this would be 4\.$/)
    expect(await scan(']C10104006381333932')).toMatch(
      /^422 .*cannot be right: \(01\) has a wrong check digit.*04006381333932/,
    )
    expect(await scan('RM-B')).toMatch(/^422 Nothing on .* is known by the code "RM-B"/)
    expect(await scan('(01)00036000291452(10)L2')).toMatch(
      /^422 DATED of lot L2 is not the one: take it from .*, L1\.$/,
    )
    expect(await scan('010003600029145210L1\u001d17261231', '1.5')).toEqual([`1 ${a103} 5/6`, `2 ${a103} 1.5/2`])
    expect(await scan('WH/Input')).toMatch(/^422 Not here: location "WH\/Input" is not among your locations\.$/)
    expect(await scan('L1', '0.0001')).toMatch(
      /^422 This cannot be picked: the quantity is too precise: DATED is kept in kg with 3 decimals/,
    )
    expect(await scan('PX\u0000')).toMatch(/^422/)
    expect(words(now).filter((word) => word === 'picked')).toHaveLength(3)
  })

  test('D3 a label in another unit than any line is picked in the base unit', async () => {
    await harness.publish(
      unitTold('lb', 3, { unit: 'kg', numerator: '45359237', denominator: '100000000' }),
      productTold('LABELLED', { barcodes: [{ code: '4006381333948' }] }),
      productTold('GRAMS', { unit: 'g', unitDecimals: 0, barcodes: [{ code: '4006381333955' }] }),
    )
    await until('products are known', async () => (await harness.service.db.prisma.product.count({ where: { sku: { in: ['LABELLED', 'GRAMS'] } } })) === 2) // prettier-ignore
    const lines = [
      { line: 1, sku: 'LABELLED', quantity: '9', unit: 'kg' },
      { line: 2, sku: 'GRAMS', quantity: '900', unit: 'g' },
    ]
    const delivery = await sold(harness, 'SO-LABELLED', lines)
    await harness.publish(reserved(delivery, 1, (line) => [place(a103, line.line === 1 ? '9' : '900')]))
    const ready = await becomes(harness, delivery.id, 'ready')
    const pounds = await act(harness.user, 'POST', ready, 'scans', { code: ']C101040063813339483202001000' })
    expect(pounds.body.detail).toBeUndefined()
    const kilograms = await act(harness.user, 'POST', pounds.body, 'scans', { code: ']C101040063813339553103000500' })
    expect(kilograms.body.detail).toBeUndefined()
    expect(picksOf(kilograms.body)).toEqual([`1 ${a103} 4.536/9`, `2 ${a103} 500/900`])
    const litres = await act(harness.user, 'POST', kilograms.body, 'scans', { code: ']C101040063813339483150000001' })
    expect(litres).toMatchObject({ status: 422, body: { detail: expect.stringContaining('"l" does not convert') } })
  })
})

describe('D5 Reservations come and go', () => {
  test('D5 what is lost makes it wait and say why; what was picked stays', async () => {
    const picked = await take(harness, await readied(harness, 'SO-LOST'), { 1: '4' })
    await harness.publish(
      released(picked, 'PX at A1-03 is no longer there.'),
      reserved(picked, 1, () => []),
    )
    const waits = await becomes(harness, picked.id, 'waiting')
    expect(waits.problem).toBe('PX at A1-03 is no longer there.')
    expect(picksOf(waits)).toEqual([`1 ${a103} 4/0`])
    expect((await act(harness.user, 'POST', waits, 'cancel', { reason: 'x' })).status).toBe(403)
    await harness.publish(reserved(picked))
    const again = await becomes(harness, picked.id, 'in_progress')
    expect(picksOf(again)).toEqual([`1 ${a103} 4/10`, `2 ${a103} 0/5`])
    expect(words(again)).toEqual(['created', 'ready', 'picked', 'waiting', 'in_progress'])
  })

  test('D5 a need that stock refuses waits and says why', async () => {
    const delivery = await sold(harness, 'SO-NEED')
    const asked = { documentId: delivery.id, number: delivery.number, kind: 'delivery', attempt: 1, about: 'need' }
    const data = { ...asked, code: 'quantity-too-precise', detail: 'PX is counted whole.', errors: [] }
    await harness.publish({ type: 'stock.document-refused.v1', topic: 'stock.refusals', subject: delivery.id, data })
    await until('it says why', async () => (await show(harness, delivery.id)).problem !== null)
    expect(await show(harness, delivery.id)).toMatchObject({
      status: 'waiting',
      problem: 'Stock refused to reserve: PX is counted whole.',
    })
  })

  test('D5 cancelling frees the reservation, once; a second tap answers 200', async () => {
    const ready = await readied(harness, 'SO-CANCEL')
    for (const _tap of [1, 2])
      expect(await act(harness.user, 'POST', ready, 'cancel', { reason: 'not wanted' })).toMatchObject({
        status: 200,
        body: { status: 'cancelled' },
      })
    expect(await types(ready.id)).toEqual(['delivery-confirmed', 'delivery-cancelled'])
  })

  test('D5 a cancelled order cancels what is open, even when it is being picked', async () => {
    const picked = await take(harness, await readied(harness, 'SO-OFF'), { 1: '4' })
    await told(harness, salesCancelled('SO-OFF', 2))
    expect(await becomes(harness, picked.id, 'cancelled')).toMatchObject({ number: picked.number })
    // What is picked is reserved until it is put back.
    expect(await types(picked.id)).toEqual(['delivery-confirmed', 'delivery-amended'])
  })

  test('D5 an amendment keeps what was picked; too much must be put back before it is shipped', async () => {
    const picked = await take(harness, await readied(harness, 'SO-LESS'), { 1: '8', 2: '5' })
    await told(harness, salesOrder('amended', 'SO-LESS', [{ ...lineX, quantity: '6' }], { revision: 2 }))
    const changed = await until('it follows', async () => {
      const now = await show(harness, picked.id)
      return now.lines[0]?.quantity === '6' ? now : undefined
    })
    expect(changed).toMatchObject({ status: 'in_progress', lines: [{ quantity: '6' }, { quantity: '0' }] })
    const refused = await act(harness.user, 'POST', changed, 'validate')
    expect(refused).toMatchObject({ status: 409, body: { errors: [{ message: 'put back 2 of PX' }, {}] } })
    const back = await take(harness, changed, { 1: '6', 2: '0' })
    expect((await act(harness.user, 'POST', back, 'validate')).body.status).toBe('posting')
  })
})
