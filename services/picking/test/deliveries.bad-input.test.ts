import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { invariants } from '../src/invariants.ts'
import {
  a103,
  act,
  lineX,
  readied,
  released,
  becomes,
  salesOrder,
  show,
  sold,
  take,
  type ShownDelivery,
} from './deliveries-steps.ts'
import { openHarness, type Harness } from './harness.ts'
import { tell, type Problem } from './steps.ts'

let harness: Harness
beforeAll(async () => {
  harness = await openHarness()
}, 60_000)
afterAll(() => harness.stop())

const pointers = (body: Problem) => body.errors?.map((each) => each.pointer)
const picks = (...given: readonly object[]) => ({ picks: given })
const one = (over: object = {}) => ({ line: 1, location: a103, picked: '1', ...over })

describe('D2 Picks that are wrong', () => {
  test.each([
    ['-1', 'negative'],
    ['1E+1000000', 'an exponent beyond every amount'],
    ['NaN', 'no number'],
    ['', 'nothing'],
    ['1.0000001', 'too precise for anything'],
    ['1.5', 'too precise for a whole unit'],
    ['100000000000000', 'too large'],
    ['11', 'more than is wanted'],
    [2.5, 'a JSON number that is not whole'],
  ])('picked %j (%s): 422, and nothing is entered', async (picked, _what) => {
    const ready = await readied(harness, `SO-Q-${randomUUID()}`)
    const answer = await act(
      harness.user,
      'PATCH',
      ready,
      'picks',
      picks(one({ line: 2, picked: '5' }), one({ picked })),
    )
    expect(answer.status).toBe(422)
    expect(pointers(answer.body)).toEqual(['/picks/1/picked'])
    expect(await show(harness, ready.id)).toMatchObject({ status: 'ready', version: ready.version })
  })

  test('all wrong fields at once, a line of someone else’s document among them', async () => {
    const ready = await readied(harness, 'SO-ALL')
    const given = picks(
      one({ line: 7 }),
      one({ lot: 'L' }),
      one({ line: 2, location: 'WH/None' }),
      one({ line: 2, picked: '9' }),
    )
    const answer = await act(harness.user, 'PATCH', ready, 'picks', given)
    expect(answer.status).toBe(422)
    expect(pointers(answer.body)).toEqual(['/picks/0/line', '/picks/1/lot', '/picks/2/location', '/picks/3/picked'])
  })

  test('none, 1,001, and a field that nobody knows: 422', async () => {
    const ready = await readied(harness, 'SO-COUNT')
    for (const given of [picks(), picks(...Array.from({ length: 1001 }, () => one())), picks({ ...one(), qty: '1' })])
      expect((await act(harness.user, 'PATCH', ready, 'picks', given)).status).toBe(422)
  })

  test('a delivery of 1,000 lines is picked and shipped; of 1,001 it is refused', async () => {
    const lines = Array.from({ length: 1001 }, (_, index) => ({ ...lineX, line: index + 1, quantity: '1' }))
    expect((await tell(harness, salesOrder('confirmed', 'SO-1001', lines))).status).toBe(422)
    const ready = await readied(harness, 'SO-1000', lines.slice(0, 1000))
    const picked = await take(harness, ready, Object.fromEntries(lines.slice(0, 1000).map(({ line }) => [line, '1'])))
    expect((await act(harness.user, 'POST', picked, 'validate')).body.status).toBe('posting')
  })
})

describe('D2 D4 Steps that cannot be', () => {
  test.each([
    ['PATCH', 'picks', picks(one())],
    ['POST', 'scans', { code: 'PX' }],
    ['POST', 'validate', {}],
    ['POST', 'cancel', { reason: 'x' }],
  ])('%s %s: If-Match missing 428, stale 412', async (method, step, body) => {
    const ready = await readied(harness, `SO-V-${randomUUID()}`)
    const bare = await harness.user.send(method, `/v1/deliveries/${ready.id}/${step}`, { body })
    expect(bare.status).toBe(428)
    expect((await act(harness.user, method, { ...ready, version: ready.version - 1 }, step, body)).status).toBe(412)
  })

  test('a key used again: the same answer; with another body: 422', async () => {
    const ready = await readied(harness, 'SO-KEY')
    const key = randomUUID()
    const send = (picked: string) =>
      harness.user.send<ShownDelivery>('PATCH', `/v1/deliveries/${ready.id}/picks`, {
        body: picks(one({ picked })),
        version: ready.version,
        key,
      })
    const first = await send('4')
    expect(first).toMatchObject({ status: 200, body: { lines: [{ picks: [{ picked: '4' }] }, {}] } })
    expect(await send('4')).toMatchObject({ status: 200, body: { version: first.body.version } })
    expect((await send('5')).status).toBe(422)
    expect(await show(harness, ready.id)).toMatchObject({ version: first.body.version })
  })

  test('two people at once: one of them is stale', async () => {
    const ready = await readied(harness, 'SO-TWO')
    const both = [harness.user, harness.second].map((who, n) => act(who, 'PATCH', ready, 'picks', picks(one({ picked: `${n + 1}` })))) // prettier-ignore
    expect((await Promise.all(both)).map((answer) => answer.status).sort()).toEqual([200, 412])
  })

  test('what waits cannot be picked, scanned or shipped: 409', async () => {
    const waiting = await sold(harness, 'SO-EARLY')
    for (const [method, step, body] of [
      ['PATCH', 'picks', picks(one())],
      ['POST', 'scans', { code: 'PX' }],
      ['POST', 'validate', {}],
    ] as const)
      expect((await act(harness.manager, method, waiting, step, body)).status).toBe(409)
  })

  test('nothing picked cannot be shipped: 409; what posts cannot be cancelled: 409', async () => {
    const ready = await readied(harness, 'SO-EMPTY')
    expect((await act(harness.user, 'POST', ready, 'validate')).status).toBe(409)
    const picked = await take(harness, ready, { 1: '10' })
    const sent = await act(harness.user, 'POST', picked, 'validate', { remainder: 'backorder' })
    expect((await act(harness.supervisor, 'POST', sent.body, 'cancel', { reason: 'x' })).status).toBe(409)
  })

  test('what is being picked is cancelled by a supervisor, not by a user: 403', async () => {
    const picked = await take(harness, await readied(harness, 'SO-MINE'), { 1: '1' })
    expect((await act(harness.user, 'POST', picked, 'cancel', { reason: 'x' })).status).toBe(403)
    expect((await act(harness.supervisor, 'POST', picked, 'cancel', { reason: 'x' })).body.status).toBe('cancelled')
  })

  test('a reason with a control character is refused or taken, and breaks nothing', async () => {
    const ready = await readied(harness, 'SO-NUL')
    expect((await act(harness.user, 'POST', ready, 'cancel', { reason: 'a\u0000b' })).status).toBeLessThan(500)
  })
})

describe('D2 R4 The location scope', () => {
  test('outside it there is no such delivery, and no such place', async () => {
    const ready = await readied(harness, 'SO-SCOPE')
    expect((await harness.stranger.get(`/v1/deliveries/${ready.id}`)).status).toBe(404)
    expect((await act(harness.stranger, 'PATCH', ready, 'picks', picks(one()))).status).toBe(404)
    expect((await act(harness.user, 'PATCH', ready, 'picks', picks(one({ location: 'WH/Input' })))).status).toBe(404)
    expect((await act(harness.manager, 'PATCH', ready, 'picks', picks(one({ location: 'WH/Input' })))).status).toBe(200)
    expect((await act(harness.user, 'POST', await show(harness, ready.id), 'validate')).status).toBe(404)
    for (const who of [harness.user, harness.manager])
      expect((await act(who, 'PATCH', { ...ready, id: randomUUID() }, 'picks', picks(one()))).status).toBe(404)
  })

  test('it counts by its warehouse until reserved, then by its picks', async () => {
    const waiting = await sold(harness, 'SO-WH')
    expect((await harness.user.get(`/v1/deliveries/${waiting.id}`)).status).toBe(404)
    const ready = await readied(harness, 'SO-WH2')
    expect((await harness.user.get(`/v1/deliveries/${ready.id}`)).status).toBe(200)
    await harness.publish(released(ready, 'gone'))
    await becomes(harness, ready.id, 'waiting')
    expect((await harness.user.get(`/v1/deliveries/${ready.id}`)).status).toBe(404)
  })

  test('by hand: outside 404, an unknown warehouse and wrong lines 422, all named', async () => {
    const make = (who: typeof harness.user, warehouse: string, ...lines: readonly object[]) =>
      who.send<Problem>('POST', '/v1/deliveries', { body: { warehouse, lines } })
    const line = { sku: 'PX', quantity: '1' }
    expect((await make(harness.user, 'WH', line)).status).toBe(404)
    expect(pointers((await make(harness.manager, 'W9', line)).body)).toEqual(['/warehouse'])
    const wrong = [{ sku: 'NEVER', quantity: '1' }, { sku: 'SVC', quantity: '1' }, { ...line, quantity: '0.5' }, { ...line, unit: 'kg' }] // prettier-ignore
    expect(pointers((await make(harness.manager, 'WH', ...wrong)).body)).toEqual([
      '/lines/0/sku',
      '/lines/1/sku',
      '/lines/2/quantity',
      '/lines/3/unit',
    ])
    expect(pointers((await make(harness.manager, 'WH', { ...line, quantity: '0' })).body)).toEqual([
      '/lines/0/quantity',
    ])
  })
})

test('after all of this the invariants hold', async () => {
  for (const { name, statement } of invariants) expect([name, await harness.service.db.query(statement)]).toEqual([name, []]) // prettier-ignore
})
