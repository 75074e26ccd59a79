/** Transfers and relocations over HTTP and the bus. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { violatedBy } from '@stockline/test-kit'
import { invariants } from '../src/invariants.ts'
import { openHarness, type Harness } from './harness.ts'
import type { Problem } from './steps.ts'
import {
  bin,
  drafted,
  fiftyAndThirty,
  input,
  ledgerRefuses,
  once,
  posts,
  publishedOf,
  seen,
  shipped,
  stepOn,
  stockPlace,
  tooLittle,
  type ShownTransfer,
} from './transfers-steps.ts'

let harness: Harness
beforeAll(async () => {
  harness = await openHarness()
}, 60_000)
afterAll(() => harness.stop())

/** `shipped received lost returned inTransit` of each line. */
const sums = ({ lines }: ShownTransfer) =>
  lines.map((one) => [one.shipped, one.received, one.lost, one.returned, one.inTransit].join(' '))
const errorsOf = ({ errors = [] }: Problem) => errors.map(({ pointer, message }) => `${pointer} ${message}`)
const whats = ({ history }: ShownTransfer) => history.map(({ what }) => what)
const wait = { Prefer: 'wait=5' }

describe('a transfer', () => {
  test('leaves its source on confirming, and comes to its destination on validating', async () => {
    const draft = await drafted(harness, fiftyAndThirty, { scheduledDate: '2026-05-01', note: 'By the evening' })
    expect(draft).toMatchObject({ status: 'draft', source: bin, destination: input, warehouse: 'WH' })
    expect(draft.number).toMatch(/^WH\/INT\/\d{5}$/)
    const confirmed = await stepOn(harness.user, draft, 'confirm')
    expect(confirmed).toMatchObject({ status: 200, body: { status: 'posting' } })
    expect(await publishedOf(harness, draft)).toMatchObject([
      {
        type: 'confirmed.v1',
        data: {
          ...{ revision: 1, attempt: 1, priority: 5, scheduledDate: '2026-05-01', source: bin, destination: input },
          lines: [
            { line: 1, sku: 'RM-A', quantity: '50', unit: 'kg', category: 'Raw' },
            { line: 2, sku: 'RM-B', quantity: '30', unit: 'kg', category: 'Raw' },
          ],
        },
      },
    ])
    await harness.publish(await posts(harness, draft))
    const onItsWay = await once(harness, draft, 'in_transit')
    expect(sums(onItsWay)).toEqual(['50 0 0 0 50', '30 0 0 0 30'])
    const validated = stepOn(harness.stranger, onItsWay, 'validate', {}, wait)
    await once(harness, draft, 'posting')
    await harness.publish(await posts(harness, draft))
    const done = await validated
    expect(done).toMatchObject({ status: 200, body: { status: 'done', position: expect.any(String) } })
    expect(sums(done.body)).toEqual(['50 50 0 0 0', '30 30 0 0 0'])
    expect(whats(done.body)).toEqual(['created', 'confirmed', 'posted', 'validated', 'posted'])
    for (const step of ['confirm', 'validate'])
      expect(await stepOn(harness.manager, draft, step)).toMatchObject({ status: 200, body: { status: 'done' } })
    expect((await stepOn(harness.manager, done.body, 'cancel', { reason: 'late' })).status).toBe(409)
  })

  test('is received in parts, by lot, and never above what is in transit', async () => {
    const lines = [{ sku: 'LOT', quantity: '10', unit: 'kg' }, fiftyAndThirty[0]!]
    const first = await shipped(harness, lines, { 1: [['L1', '4'], ['L2', '6']] }) // prettier-ignore
    const wrong = await stepOn(harness.stranger, first, 'validate', {
      lines: [
        { line: 1, received: '1' },
        { line: 1, lot: 'L1', received: '4.001' },
        { line: 1, lot: 'L9', received: '1' },
        { line: 2, received: '50' },
        { line: 2, received: '1' },
        { line: 7, received: '1' },
      ],
    })
    expect(wrong.status).toBe(422)
    expect(errorsOf(wrong.body)).toEqual([
      '/lines/0/lot must be named: several lots of line 1 are in transit',
      '/lines/1/received is more than the 4 kg in transit',
      '/lines/2/lot nothing of lot L9 is in transit on line 1',
      '/lines/4/line line 2 and its lot stand here twice',
      '/lines/5/line nothing of line 7 is in transit',
    ])
    const some = { lines: [{ line: 1, lot: 'L1', received: '3' }, { line: 2, received: '0' }] } // prettier-ignore
    expect((await stepOn(harness.stranger, first, 'validate', some)).status).toBe(200)
    const now = await seen(harness, first.id)
    expect((await stepOn(harness.stranger, first, 'validate', some)).status).toBe(412)
    expect((await stepOn(harness.stranger, now, 'validate', some)).status).toBe(409)
    expect((await stepOn(harness.stranger, first, 'validate')).status).toBe(200)
    await harness.publish(await posts(harness, first))
    const partly = await once(harness, first, 'in_transit')
    expect(sums(partly)).toEqual(['10 3 0 0 7', '50 0 0 0 50'])
    await stepOn(harness.stranger, partly, 'validate')
    expect((await publishedOf(harness, first)).at(-1)?.data.lines).toMatchObject([
      { documentLine: 1, lot: 'L1', quantity: '1', to: input },
      { documentLine: 1, lot: 'L2', quantity: '6', to: input },
      { documentLine: 2, quantity: '50', to: input },
    ])
    await harness.publish(await posts(harness, first))
    expect(sums(await once(harness, first, 'done'))).toEqual(['10 10 0 0 0', '50 50 0 0 0'])
  })

  test('waits while there is too little, and is posted by itself', async () => {
    const draft = await drafted(harness)
    const confirmed = stepOn(harness.user, draft, 'confirm', {}, wait)
    await once(harness, draft, 'posting')
    await harness.publish(tooLittle(draft, 1, '30'))
    expect(await confirmed).toMatchObject({
      status: 200,
      body: { status: 'waiting', problem: 'Waits for stock: RM-A 30. RM-A: 20 available.' },
    })
    expect((await stepOn(harness.user, draft, 'confirm')).status).toBe(200)
    expect((await stepOn(harness.stranger, draft, 'validate')).status).toBe(409)
    await harness.publish(tooLittle(draft, 1, '10'))
    await once(harness, draft, 'short of less', ({ problem }) => problem?.includes('RM-A 10') === true)
    await harness.publish(await posts(harness, draft))
    const onItsWay = await once(harness, draft, 'in_transit')
    expect(onItsWay.problem).toBeNull()
    expect(whats(onItsWay)).toEqual(['created', 'confirmed', 'waiting', 'posted'])
  })

  test('goes back to a draft where the ledger refuses it, and is confirmed once more', async () => {
    const draft = await drafted(harness)
    await stepOn(harness.user, draft, 'confirm')
    await harness.publish(ledgerRefuses(draft, 1, 'No.'))
    const refused = await once(harness, draft, 'draft')
    expect(refused.problem).toBe('The ledger refused: No.')
    await stepOn(harness.user, refused, 'confirm')
    expect((await publishedOf(harness, draft)).map(({ data }) => data.attempt)).toEqual([1, 2])
    // A late duplicate of an earlier answer.
    await harness.publish(ledgerRefuses(draft, 1, 'No.'))
    await harness.publish(await posts(harness, draft))
    await once(harness, draft, 'in_transit')
  })

  test('is cancelled as a draft, and while it waits; shipped meanwhile, it is in transit after all', async () => {
    const draft = await drafted(harness)
    const cancelled = await stepOn(harness.second, draft, 'cancel', { reason: 'not wanted' })
    expect(cancelled).toMatchObject({ status: 200, body: { status: 'cancelled' } })
    expect(await publishedOf(harness, draft)).toEqual([])
    expect((await stepOn(harness.second, draft, 'cancel', { reason: 'twice' })).status).toBe(200)
    expect((await stepOn(harness.user, cancelled.body, 'confirm')).status).toBe(409)

    const waiting = await drafted(harness)
    await stepOn(harness.user, waiting, 'confirm')
    const shipping = await posts(harness, waiting)
    await harness.publish(tooLittle(waiting, 1, '30'))
    const late = await once(harness, waiting, 'waiting')
    expect((await stepOn(harness.second, late, 'cancel', { reason: 'too late' })).body.status).toBe('cancelled')
    expect((await publishedOf(harness, waiting)).at(-1)).toMatchObject({ type: 'cancelled.v1', data: { revision: 1 } })
    await harness.publish(shipping)
    const after = await once(harness, waiting, 'in_transit')
    expect(after.problem).toMatch(/shipped before it could be cancelled/)
  })

  test('in transit, is cancelled to where the goods are', async () => {
    const onItsWay = await shipped(harness)
    const asks = await stepOn(harness.second, onItsWay, 'cancel', { reason: 'wrong way' })
    expect([asks.status, errorsOf(asks.body)]).toEqual([
      422,
      ['/returnTo must say where the goods are: they are posted there'],
    ])
    const elsewhere = await stepOn(harness.second, onItsWay, 'cancel', { reason: 'wrong way', returnTo: 'WH/Input' })
    expect(elsewhere.status).toBe(422)
    const asked = await stepOn(harness.second, onItsWay, 'cancel', { reason: 'wrong way', returnTo: stockPlace })
    expect(asked.status).toBe(200)
    expect((await stepOn(harness.second, onItsWay, 'cancel', { reason: 'again' })).status).toBe(200)
    await harness.publish(await posts(harness, onItsWay))
    const back = await once(harness, onItsWay, 'cancelled')
    expect(sums(back)).toEqual(['50 0 0 50 0', '30 0 0 30 0'])
    expect(back.position).toBeNull()
  })

  test('what does not come is lost where a supervisor says so, and why', async () => {
    const onItsWay = await shipped(harness)
    const lost = { lines: [{ line: 1, received: '48' }], remainder: 'lost' }
    expect((await stepOn(harness.stranger, onItsWay, 'validate', { ...lost, reason: 'fell off' })).status).toBe(403)
    const asks = await stepOn(harness.manager, onItsWay, 'validate', { remainder: 'lost' })
    expect(errorsOf(asks.body)).toEqual([
      '/lines must say what came: [] where nothing did, and all is lost',
      '/reason must say why it is lost',
    ])
    expect((await stepOn(harness.manager, onItsWay, 'validate', { lines: [] })).status).toBe(422)
    await stepOn(harness.manager, onItsWay, 'validate', { ...lost, reason: 'fell off' })
    expect((await publishedOf(harness, onItsWay)).at(-1)?.data.lines).toMatchObject([
      { documentLine: 1, quantity: '48', to: input },
      { documentLine: 1, quantity: '2', reason: 'fell off' },
      { documentLine: 2, quantity: '30', reason: 'fell off' },
    ])
    await harness.publish(await posts(harness, onItsWay))
    expect(sums(await once(harness, onItsWay, 'done'))).toEqual(['50 48 2 0 0', '30 0 30 0 0'])
  })

  test('of a draft lines are replaced, added and taken off', async () => {
    const draft = await drafted(harness)
    const changed = await stepOn(harness.second, draft, 'lines', {
      lines: [
        { line: 1, sku: 'RM-A', quantity: '40000', unit: 'g' },
        { line: 2, sku: 'RM-B', quantity: '0' },
        { sku: 'LOT', quantity: '1', lot: 'L1' },
      ],
    })
    expect(changed.status).toBe(200)
    expect(changed.body.lines.map(({ line, sku, quantity, unit, lot }) => [line, sku, quantity, unit, lot])).toEqual([
      [1, 'RM-A', '40000', 'g', null],
      [3, 'LOT', '1', 'kg', 'L1'],
    ])
    await stepOn(harness.user, changed.body, 'confirm')
    expect((await publishedOf(harness, draft))[0]?.data.lines).toMatchObject([
      { line: 1, quantity: '40', unit: 'kg' },
      { line: 3, quantity: '1', lot: 'L1' },
    ])
    const none = await stepOn(harness.second, await drafted(harness), 'lines', {
      lines: [1, 2].map((line) => ({ line, sku: 'RM-A', quantity: '0' })),
    })
    expect(errorsOf(none.body)).toEqual(['/lines must leave a line'])
  })

  test('all that is wrong is said at once', async () => {
    const send = async (body: object, who = harness.second) => who.send<Problem>('POST', '/v1/transfers', { body })
    const wrong = await send({
      ...{ source: 'WH/Nowhere', destination: input },
      lines: [
        { sku: 'NOPE', quantity: '1' },
        { line: 4, sku: 'RM-A', quantity: '1', unit: 'unit', lot: 'L1' },
        { line: 4, sku: 'PX', quantity: '0.5' },
        { sku: 'SVC', quantity: '1' },
      ],
    })
    expect(wrong.status).toBe(422)
    expect(errorsOf(wrong.body)).toEqual([
      '/source location "WH/Nowhere" is not known',
      // It is not among the supervisor's: as if it were not there.
      `/destination location "${input}" is not known`,
      '/lines/0/sku product "NOPE" is not known',
      '/lines/1/unit RM-A is kept in kg; "unit" does not convert to it',
      '/lines/2/quantity is too precise: "unit" is counted with no decimals',
      '/lines/3/sku SVC is a service: there is nothing to transfer',
      '/lines/1/lot RM-A is not tracked by lot or serial number',
      '/lines/2/line line 4 stands here twice',
    ])
    const lines = fiftyAndThirty
    const same = await send({ source: bin, destination: bin, lines }, harness.manager)
    expect(errorsOf(same.body)).toEqual(['/destination must be another place than the source'])
    const around = await send({ source: bin, destination: stockPlace, lines }, harness.manager)
    expect(errorsOf(around.body)).toEqual([
      '/destination has the source in it, so that nothing would leave: relocate it',
    ])
    expect((await send({ source: bin, destination: input, lines }, harness.user)).status).toBe(403)
    expect((await send({ source: bin, destination: input, lines: [] }, harness.manager)).status).toBe(422)
  })

  test('is seen at either end, confirmed at its source and validated at its destination', async () => {
    const draft = await drafted(harness)
    expect((await harness.stranger.get(`/v1/transfers/${draft.id}`)).status).toBe(200)
    expect((await stepOn(harness.stranger, draft, 'confirm')).status).toBe(404)
    const inQueue = async (who: Harness['user']) => {
      const { items } = (await who.get<{ items: { id: string; task: string }[] }>('/v1/queue?limit=200')).body
      return items.filter(({ id }) => id === draft.id).map(({ task }) => task)
    }
    expect([await inQueue(harness.user), await inQueue(harness.stranger)]).toEqual([['ship'], []])
    await stepOn(harness.user, draft, 'confirm')
    await harness.publish(await posts(harness, draft))
    const onItsWay = await once(harness, draft, 'in_transit')
    expect([await inQueue(harness.user), await inQueue(harness.stranger)]).toEqual([[], ['receive']])
    expect((await stepOn(harness.user, onItsWay, 'validate')).status).toBe(404)
    const listed = await harness.stranger.get<{ items: { id: string }[] }>(
      `/v1/transfers?status=in_transit&destination=${input}&number=${draft.number}`,
    )
    expect(listed.body.items.map(({ id }) => id)).toEqual([draft.id])
    expect((await stepOn(harness.stranger, { ...onItsWay, version: 1 }, 'validate')).status).toBe(412)
  })
})

describe('a relocation', () => {
  const relocate = (who: Harness['user'], lines: readonly object[], headers: Readonly<Record<string, string>> = {}) =>
    who.send<ShownTransfer & Problem>('POST', '/v1/relocations', { body: { warehouse: 'WH', lines }, headers })
  const oneLine = { sku: 'RM-A', from: stockPlace, to: bin, quantity: '5' }

  test('moves goods from bin to bin in one step', async () => {
    const asked = await relocate(harness.user, [oneLine])
    expect(asked).toMatchObject({ status: 201, body: { status: 'posting', source: stockPlace, destination: bin } })
    expect(await publishedOf(harness, asked.body)).toMatchObject([
      {
        type: 'validated.v1',
        data: { attempt: 1, lines: [{ documentLine: 1, from: stockPlace, to: bin, quantity: '5', category: 'Raw' }] },
      },
    ])
    await harness.publish(await posts(harness, asked.body))
    expect(sums(await once(harness, asked.body, 'done'))).toEqual(['5 5 0 0 0'])
  })

  test('that the ledger refuses is cancelled, and says why', async () => {
    const asked = await relocate(harness.user, [oneLine])
    await harness.publish(ledgerRefuses(asked.body, 1, 'There are 3.'))
    expect((await once(harness, asked.body, 'cancelled')).problem).toBe('The ledger refused: There are 3.')
  })

  test('is within what one is assigned to, of known places and lots', async () => {
    const wrong = await relocate(harness.user, [
      { ...oneLine, to: input },
      { ...oneLine, to: stockPlace },
      { ...oneLine, sku: 'LOT' },
    ])
    expect([wrong.status, errorsOf(wrong.body)]).toEqual([
      422,
      [
        `/lines/0/to location "${input}" is not known`,
        '/lines/1/to must be another place than `from`',
        '/lines/2/lot LOT needs its lot',
      ],
    ])
  })
})

test('every invariant holds', async () => {
  expect(await violatedBy(harness.service.db, invariants, [])).toEqual([])
})
