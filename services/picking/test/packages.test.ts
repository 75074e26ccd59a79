/** Packages over HTTP and the bus: made with an SSCC, filled, closed, shipped with their deliveries, and made again. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { until, violatedBy } from '@stockline/test-kit'
import { invariants } from '../src/invariants.ts'
import {
  a103,
  act,
  becomes,
  ledgerAnswer,
  outbox,
  place,
  reserved,
  salesCancelled,
  show,
  sold,
  take,
  told,
} from './deliveries-steps.ts'
import { openHarness, productTold, type Harness } from './harness.ts'
import {
  contents,
  errorsOf,
  goods,
  made,
  make,
  now,
  on,
  picked,
  prefix,
  serial,
  type ShownPackage,
} from './packages-steps.ts'

let harness: Harness
beforeAll(async () => {
  harness = await openHarness(undefined, prefix)
}, 60_000)
afterAll(() => harness.stop())

describe('a package', () => {
  test('has an SSCC, takes what is picked, is closed, and is shipped with its delivery, which names it', async () => {
    await harness.publish(productTold('PX', { unit: 'unit', unitDecimals: 0, productId: await productIdOf('PX'), weight: '0.35', volume: '0.001' })) // prettier-ignore
    await until('the weight is known', async () => (await harness.service.db.prisma.product.count({ where: { weight: { gt: 0 } } })) === 1) // prettier-ignore
    const delivery = await picked(harness, 'SO-PACK')
    const first = await make(harness.user, delivery.number, { type: 'carton' })
    expect(first).toMatchObject({
      status: 201,
      body: {
        status: 'open',
        type: 'carton',
        delivery: delivery.id,
        deliveryNumber: delivery.number,
        lines: [],
        weight: '0',
      },
    })
    expect(first.body.number).toMatch(/^WH\/PAC\/\d{5}$/)
    expect(first.body.sscc).toMatch(/^09506000\d{10}$/)
    const filled = await contents(harness.user, first.body, [{ sku: 'PX', quantity: '4' }])
    expect(filled).toMatchObject({
      status: 200,
      body: { weight: '1.4', lines: [{ documentLine: 1, quantity: '4', unit: 'unit' }] },
    })
    const second = await made(harness, delivery, [{ documentLine: 2, quantity: '5000', unit: 'g' }])
    expect(second).toMatchObject({ weight: null, lines: [{ sku: 'RM-A', quantity: '5', unit: 'kg' }] })
    expect(serial(second)).toBe(serial(first.body) + 1)

    const at = await show(harness, delivery.id)
    const open = await act(harness.user, 'POST', at, 'validate')
    expect(open).toMatchObject({ status: 409, body: { type: expect.stringContaining('packages-differ') } })
    expect(errorsOf(open.body)).toEqual([
      `/packages/${first.body.number.replaceAll('/', '~1')} ${first.body.number} is open: close it`,
      `/packages/${second.number.replaceAll('/', '~1')} ${second.number} is open: close it`,
      '/lines/1 of PX of line 1, 6 is picked and in no package',
    ])
    const all = (await contents(harness.user, filled.body, [{ sku: 'PX', quantity: '10' }])).body
    const closed = (await on(harness.user, all, 'close')).body
    expect(closed.status).toBe('closed')
    expect((await on(harness.user, all, 'close')).status).toBe(200)
    expect((await contents(harness.user, closed, [])).status).toBe(409)
    const reopened = (await on(harness.user, closed, 'reopen')).body
    await on(harness.user, reopened, 'close')
    await on(harness.user, second, 'close')
    const list = await harness.user.get<{ items: ShownPackage[] }>(`/v1/packages?sscc=${second.sscc}`)
    expect(list.body.items.map(({ number }) => number)).toEqual([second.number])
    const byDelivery = await harness.user.get<{ items: ShownPackage[] }>(
      `/v1/packages?delivery=${delivery.id}&status=closed`,
    )
    expect(byDelivery.body.items).toHaveLength(2)

    const slip = await harness.user.get(`/v1/deliveries/${delivery.id}/packing-slip`)
    expect(slip).toMatchObject({
      status: 200,
      body: {
        ...{ number: delivery.number, source: 'SO-PACK', customer: { code: 'BIG' }, notPacked: [], problems: [] },
        packages: [{ sscc: first.body.sscc, lines: [{ sku: 'PX', quantity: '10' }] }, { sscc: second.sscc }],
      },
    })
    const posting = await act(harness.user, 'POST', at, 'validate')
    expect(posting).toMatchObject({ status: 200, body: { status: 'posting' } })
    expect((await on(harness.user, await now(harness, second), 'reopen')).status).toBe(409)
    expect((await make(harness.user, delivery.id)).status).toBe(409)
    const events = await outbox(harness, delivery.id)
    expect(events.at(-1)).toMatchObject({
      type: 'delivery-validated',
      data: {
        packages: [
          { sscc: first.body.sscc, contents: [{ documentLine: 1, sku: 'PX', quantity: '10' }] },
          { sscc: second.sscc, contents: [{ documentLine: 2, sku: 'RM-A', quantity: '5' }] },
        ],
      },
    })
    await harness.publish(ledgerAnswer(delivery))
    await becomes(harness, delivery.id, 'done')
    const shipped = await now(harness, first.body)
    expect(shipped.status).toBe('shipped')
    expect(shipped.history.map(({ what }) => what)).toEqual(['created', 'filled', 'filled', 'closed', 'reopened', 'closed', 'shipped']) // prettier-ignore
    const published = await outbox(harness, first.body.id)
    expect(published.map(({ data }) => data['status'])).toEqual(['open', 'open', 'open', 'closed', 'open', 'closed', 'shipped']) // prettier-ignore
  })

  test('says what is wrong with its contents, all of it, and changes nothing', async () => {
    const delivery = await picked(harness, 'SO-WRONG')
    const one = await made(harness, delivery, [{ sku: 'PX', quantity: '6' }])
    const other = await made(harness, delivery)
    const lines = [{ quantity: '1' }, { documentLine: 1, quantity: '5' }, { documentLine: 2, quantity: '5.0001' }]
    const wrong = await contents(harness.user, other, lines)
    expect(wrong.status).toBe(422)
    expect(errorsOf(wrong.body)).toEqual([
      '/lines/0/documentLine must be there, or `sku`',
      '/lines/1/quantity of PX of line 1, only 4 is picked and in no other package',
      '/lines/2/quantity is too precise: "kg" is counted with 3 decimals',
    ])
    expect((await now(harness, other)).lines).toEqual([])
    expect((await contents(harness.user, { ...other, version: 7 }, [])).status).toBe(412)
    expect((await harness.user.send('PUT', `/v1/packages/${one.id}/contents`, { body: { lines: [] } })).status).toBe(
      428,
    )
    const shapes = [{ lines: [{ documentLine: 0, sku: '', quantity: '-1', what: 1 }] }, { lines: 1 }, {}, { lines: Array(1001).fill({ sku: 'PX', quantity: '1' }) }] // prettier-ignore
    for (const body of shapes) expect((await on(harness.user, other, 'contents', body, 'PUT')).status).toBe(422)
    for (const body of [
      {},
      { delivery: 'WH/OUT/99999' },
      { delivery: crypto.randomUUID() },
      { delivery: delivery.id, type: ' ' },
      { delivery: delivery.id, weight: '1' },
    ])
      // prettier-ignore
      expect((await harness.user.send('POST', '/v1/packages', { body })).status).toBe(422)
    expect((await on(harness.user, other, 'close')).status).toBe(409)
    expect((await on(harness.user, one, 'cancel', { reason: 'r' })).status).toBe(409)
    expect((await on(harness.user, other, 'cancel')).status).toBe(422)
    expect((await on(harness.user, other, 'cancel', { reason: 'not needed' })).body.status).toBe('cancelled')
    expect((await on(harness.user, other, 'reopen')).status).toBe(409)
    for (const [method, path] of [['GET', ''], ['POST', '/close'], ['PUT', '/contents']] as const) // prettier-ignore
      expect((await harness.user.send(method, `/v1/packages/${crypto.randomUUID()}${path}`, { version: 1, ...(method === 'GET' ? {} : { body: path === '/contents' ? { lines: [] } : {} }) })).status).toBe(404) // prettier-ignore
    expect((await harness.user.get(`/v1/deliveries/${crypto.randomUUID()}/packing-slip`)).status).toBe(404)
    expect((await harness.user.get('/v1/packages?sscc=1&colour=red')).status).toBe(422)
  })

  test('is filled by scanning, with the reader that picking has', async () => {
    const delivery = await picked(harness, 'SO-SCAN')
    let one = await made(harness, delivery)
    const scan = (code: string, quantity?: string) => on(harness.user, one, 'scans', { code, ...(quantity === undefined ? {} : { quantity }) }) // prettier-ignore
    one = (await scan('PX')).body
    one = (await scan('PX', '2')).body
    one = (await scan('RM-A', '4.5')).body
    expect(goods(one)).toEqual(['1 PX 3', '2 RM-A 4.5'])
    const tooMuch = await scan('PX', '8')
    expect(tooMuch).toMatchObject({ status: 422, body: { detail: `Of ${delivery.number} there are picked and not packed only 7 unit more of PX; this would be 8.` } }) // prettier-ignore
    one = (await scan('RM-A', '0.5')).body
    expect((await scan('RM-A')).body.detail).toBe(`All RM-A that is picked for ${delivery.number} is packed.`)
    expect((await scan('RM-B')).body.detail).toContain('RM-B')
    expect((await scan(`(00)${one.sscc}`)).body.detail).toContain('logistic unit')
    for (const body of [{}, { code: '' }, { code: 'PX', quantity: '0' }, { code: 'a\u0001b' }])
      expect((await on(harness.user, one, 'scans', body)).status).toBe(422)
    expect(goods(await now(harness, one))).toEqual(['1 PX 3', '2 RM-A 5'])
  })

  test('says at once that its goods were put back; it is not shipped so, and goes with its cancelled delivery', async () => {
    const delivery = await picked(harness, 'SO-BACK')
    const one = await made(harness, delivery, [{ sku: 'PX', quantity: '10' }, { sku: 'RM-A', quantity: '5' }]) // prettier-ignore
    await on(harness.user, one, 'close')
    const less = await take(harness, await show(harness, delivery.id), { 1: '8' })
    const warned = await now(harness, one)
    expect(warned).toMatchObject({ status: 'closed', problem: 'More is packed than is picked: 2 PX of line 1.' })
    expect(warned.history.at(-1)).toMatchObject({ what: 'picks-changed', why: warned.problem })
    const refused = await act(harness.user, 'POST', less, 'validate', { remainder: 'close' })
    expect(errorsOf(refused.body)).toEqual(['/lines/1 of PX of line 1, 2 more is packed than is picked'])
    const slip = await harness.user.get<{ problems: string[] }>(`/v1/deliveries/${delivery.id}/packing-slip`)
    expect(slip.body.problems).toEqual(['of PX of line 1, 2 more is packed than is picked'])
    await told(harness, salesCancelled('SO-BACK', 2))
    await becomes(harness, delivery.id, 'cancelled')
    const freed = await now(harness, one)
    expect(freed).toMatchObject({ status: 'cancelled', problem: null })
    expect(freed.history.at(-1)).toMatchObject({ what: 'cancelled', why: `With ${delivery.number}` })
  })

  test('says no more that it has too much once another one has less', async () => {
    const delivery = await picked(harness, 'SO-BOTH')
    const [one, other] = [await made(harness, delivery, [{ sku: 'PX', quantity: '5' }]), await made(harness, delivery, [{ sku: 'PX', quantity: '5' }])] // prettier-ignore
    await take(harness, await show(harness, delivery.id), { 1: '8' })
    expect([(await now(harness, one)).problem, (await now(harness, other)).problem]).toEqual(Array(2).fill('More is packed than is picked: 2 PX of line 1.')) // prettier-ignore
    await contents(harness.user, await now(harness, other), [{ sku: 'PX', quantity: '3' }])
    const good = await now(harness, one)
    expect([good.problem, good.history.at(-1)?.what]).toEqual([null, 'picks-changed'])
    expect((await on(harness.user, good, 'close')).status).toBe(200)
  })

  test('is seen and packed by who is assigned to its delivery alone', async () => {
    const delivery = await picked(harness, 'SO-SCOPE')
    const one = await made(harness, delivery)
    for (const path of [`packages/${one.id}`, `deliveries/${delivery.id}/packing-slip`])
      expect((await harness.stranger.get(`/v1/${path}`)).status).toBe(404)
    expect(
      (await harness.stranger.get<{ items: object[] }>(`/v1/packages?delivery=${delivery.id}`)).body.items,
    ).toEqual([])
    expect((await make(harness.stranger, delivery.id)).status).toBe(422)
    expect((await contents(harness.stranger, one, [])).status).toBe(404)
    expect((await on(harness.stranger, one, 'scans', { code: 'PX' })).status).toBe(404)
    expect((await harness.administrator.get(`/v1/packages/${one.id}`)).status).toBe(403)
    expect((await make(harness.administrator, delivery.id)).status).toBe(403)
  })

  test('packers who come at once never pack more than is picked, and no SSCC is given twice', async () => {
    const delivery = await picked(harness, 'SO-RACE')
    const all = await Promise.all(Array.from({ length: 6 }, () => made(harness, delivery)))
    const replies = await Promise.all(all.map((one) => contents(harness.user, one, [{ sku: 'PX', quantity: '3' }])))
    expect(replies.map(({ status }) => status).sort()).toEqual([200, 200, 200, 422, 422, 422])
    const serials = all.map(serial).sort((a, b) => a - b)
    expect(serials).toEqual(serials.map((_each, index) => (serials[0] ?? 0) + index))
    expect(await violatedBy(harness.service.db, invariants, [])).toEqual([])
  })

  test('lots are packed as they are picked', async () => {
    const delivery = await sold(harness, 'SO-LOTS', [{ line: 1, sku: 'LOT', quantity: '5', unit: 'kg' }])
    await harness.publish(reserved(delivery, 1, () => [place(a103, '3', 'L1'), place(a103, '2', 'L2')]))
    const ready = await becomes(harness, delivery.id, 'ready')
    const picks = [['L1', '3'], ['L2', '1.5']].map(([lot, amount]) => ({ line: 1, location: a103, lot, picked: amount })) // prettier-ignore
    expect((await act(harness.user, 'PATCH', ready, 'picks', { picks })).status).toBe(200)
    const one = await made(harness, delivery)
    const wrong = await contents(harness.user, one, [{ sku: 'LOT', quantity: '1' }, { sku: 'LOT', lot: 'L2', quantity: '1.501' }]) // prettier-ignore
    expect(errorsOf(wrong.body)).toEqual([
      '/lines/0/lot several are picked: name one of L1, L2',
      '/lines/1/quantity of LOT of line 1, lot L2, only 1.5 is picked and in no other package',
    ])
    const unnamed = await on(harness.user, one, 'scans', { code: 'LOT' })
    expect([unnamed.status, unnamed.body.detail]).toEqual([422, 'LOT is kept by lot: scan the lot; left to pack is L1 or L2.']) // prettier-ignore
    const right = await contents(harness.user, one, [{ sku: 'LOT', lot: 'L2', quantity: '1.5' }])
    expect(right.body.lines).toMatchObject([{ lot: 'L2', quantity: '1.5' }])
  })
})

async function productIdOf(sku: string): Promise<string> {
  return (await harness.service.db.prisma.product.findUniqueOrThrow({ where: { sku } })).productId
}
