/** Requests about deliveries that come at the same moment: taken in one transaction, and nobody may be able to tell. */
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { groups } from '@stockline/contracts'
import { isRefusal, sql } from '@stockline/service-kit'
import type { Client, Reply } from '@stockline/test-kit'
import { deliveries } from '../src/deliveries/delivery.actions.ts'
import { pickDelivery, placesPicked } from '../src/deliveries/delivery.pick.ts'
import { carryOut } from '../src/documents/document.command.actions.ts'
import { invariants } from '../src/invariants.ts'
import { a103, act, outbox, readied, show, sold, take, type ShownDelivery } from './deliveries-steps.ts'
import { openHarness, type Harness } from './harness.ts'
import { askedOfLedger, lastStep, untilOneWaits, type Problem } from './steps.ts'

type Answer = Reply<ShownDelivery & Problem>
type Step = 'picks' | 'validate'
interface Sending {
  readonly body?: object
  readonly key?: string
  readonly version?: number
  readonly headers?: Readonly<Record<string, string>>
}

let harness: Harness
beforeAll(async () => {
  harness = await openHarness()
}, 60_000)
afterAll(() => harness.stop())

const full = { 1: '10', 2: '5' }
const all = [1, 2].map((line) => ({ line, location: a103, picked: line === 1 ? '10' : '5' }))
const user = `Name of ${groups.user}`
const supervisor = `Name of ${groups.supervisor}`

const holdStatement = sql('select id from deliveries where id = $1 for update')
// The transaction that wrote a row last is named in it.
const writersStatement = sql(
  'select count(distinct xmin::text)::int as count from deliveries where id = any($1::uuid[])',
)

/** Ready deliveries, by what they are for. */
async function readyOnes<Name extends string>(of: string, ...names: Name[]): Promise<Record<Name, ShownDelivery>> {
  const made = await Promise.all(names.map(async (name) => [name, await readied(harness, `SO-${of}-${name}`)] as const))
  return Object.fromEntries(made) as Record<Name, ShownDelivery>
}

function send(step: Step, who: Client, delivery: ShownDelivery, over: Sending = {}): Promise<Answer> {
  const body = step === 'picks' ? { picks: all } : {}
  const method = step === 'picks' ? 'PATCH' : 'POST'
  return who.send(method, `/v1/deliveries/${delivery.id}/${step}`, { body, version: delivery.version, ...over })
}

const pick = (who: Client, delivery: ShownDelivery, over?: Sending) => send('picks', who, delivery, over)
const ship = (who: Client, delivery: ShownDelivery, over?: Sending) => send('validate', who, delivery, over)
const at = (location: string, line = 1): Sending => ({ body: { picks: [{ line, location, picked: '10' }] } })

/** How many transactions wrote these deliveries last. */
async function writers(...deliveries: readonly ShownDelivery[]): Promise<number | undefined> {
  const ids = deliveries.map(({ id }) => id)
  return (await harness.service.db.query<{ count: number }>(writersStatement, [ids]))[0]?.count
}

const asked = (...documents: readonly ShownDelivery[]) =>
  askedOfLedger(harness, 'picking.delivery-validated.v1', documents)

function statuses(answers: readonly Reply[]): number[] {
  return answers.map(({ status }) => status)
}

/** The delivery's status, or the refusal. */
function outcomes(answers: readonly Answer[]): string[] {
  return answers.map(({ status, body }) => (status === 200 ? body.status : `${status} ${body.type}`))
}

describe('D4 Requests at the same moment', () => {
  test('are one transaction, and each has its own answer, actor and trace', async () => {
    const { one, two } = await readyOnes('OWN', 'one', 'two')
    const picked = await harness.meeting.atOnce([() => pick(harness.user, one), () => pick(harness.supervisor, two)])
    expect(statuses(picked)).toEqual([200, 200])
    expect(picked.map(({ body }) => body.id)).toEqual([one.id, two.id])
    expect(picked.map(lastStep)).toEqual([`picked by ${user}`, `picked by ${supervisor}`])
    expect(await writers(one, two)).toBe(1)

    const shipped = await harness.meeting.atOnce([
      () => ship(harness.supervisor, picked[0].body, { headers: { 'x-correlation-id': 'trace-one' } }),
      () => ship(harness.user, picked[1].body, { headers: { 'x-correlation-id': 'trace-two' } }),
    ])
    expect(outcomes(shipped)).toEqual(['posting', 'posting'])
    expect(shipped.map(lastStep)).toEqual([`validated by ${supervisor}`, `validated by ${user}`])
    expect(await writers(one, two)).toBe(1)
    const events = await asked(one, two)
    expect(events).toHaveLength(2)
    expect(events).toContainEqual({ id: one.id, by: supervisor, trace: 'trace-one' })
    expect(events).toContainEqual({ id: two.id, by: user, trace: 'trace-two' })
  })

  test('are each judged by their own right, also where one person has two: of before and after a change', async () => {
    const { before, now } = await readyOnes('RIGHT', 'before', 'now')
    const origin = { actor: null, correlationId: 'test' }
    const asked = ({ id, version }: ShownDelivery, group: string) => ({
      params: { id },
      body: { picks: [{ line: 1, location: 'WH/Input', picked: '10' }] },
      actor: { id: 'u', name: 'U', kind: 'user' as const, scopes: [], groups: [group] },
      version,
      origin,
    })
    const both = [asked(before, groups.manager), asked(now, groups.user)]
    const results = await harness.service.db.transaction(origin, (tx) =>
      carryOut(tx, deliveries, { decide: pickDelivery, places: placesPicked }, both),
    )
    expect(results.map((result) => (isRefusal(result) ? result.refused : 'picked'))).toEqual([
      'picked',
      'location-unknown',
    ])
  })

  test('one that is refused touches no other, leaves nothing, and its key may be used again', async () => {
    const { stale, wrong, good, better } = await readyOnes('NO', 'stale', 'wrong', 'good', 'better')
    const early = await sold(harness, 'SO-NO-early')
    const key = randomUUID()
    const answers = await harness.meeting.atOnce([
      () => pick(harness.user, stale, { version: 99 }),
      () => pick(harness.user, wrong, { key, ...at(a103, 9) }),
      () => pick(harness.manager, { ...good, id: randomUUID() }),
      () => pick(harness.manager, early),
      () => pick(harness.user, good),
      () => pick(harness.user, better),
    ])
    expect(outcomes(answers)).toEqual([
      '412 version-stale',
      '422 picks-wrong',
      '404 delivery-unknown',
      '409 delivery-not-ready',
      'in_progress',
      'in_progress',
    ])
    expect(await writers(good, better)).toBe(1)
    for (const each of [stale, wrong, early]) expect(await show(harness, each.id)).toEqual(each)
    expect((await pick(harness.user, wrong, { key })).status).toBe(200)
  })

  test('each may pick where its own actor may, whatever place the others chose', async () => {
    const { far, near, usual, outside } = await readyOnes('PLACE', 'far', 'near', 'usual', 'outside')
    const answers = await harness.meeting.atOnce([
      () => pick(harness.manager, far, at('WH/Input')),
      () => pick(harness.user, near, at('WH/Stock')),
      () => pick(harness.user, usual),
      () => pick(harness.user, outside, at('WH/Input')),
    ])
    expect(outcomes(answers)).toEqual(['in_progress', 'in_progress', 'in_progress', '404 location-unknown'])
    expect(await writers(far, near, usual)).toBe(1)
    expect(await show(harness, outside.id)).toEqual(outside)
  })

  test('validating refuses each for its own reason, in the order that it always had', async () => {
    const { empty, off, ...begun } = await readyOnes('WHY', 'empty', 'off', 'twice', 'stale', 'user', 'future', 'good')
    for (const each of Object.values(begun)) await take(harness, each, full)
    await act(harness.user, 'POST', off, 'cancel', { reason: 'not wanted' })
    const { twice, good } = begun
    const next = (delivery: ShownDelivery): Sending => ({ version: delivery.version + 1 })
    await ship(harness.user, twice, next(twice))
    const past = { body: { effectiveAt: '2026-04-20T08:00:00Z' } }
    const answers = await harness.meeting.atOnce([
      () => ship(harness.user, empty),
      () => ship(harness.user, off, { version: 99, ...past }),
      () => ship(harness.user, twice, { version: 99 }),
      () => ship(harness.user, begun.stale, { version: 99, ...past }),
      () => ship(harness.user, begun.user, { ...next(begun.user), ...past }),
      () =>
        ship(harness.supervisor, begun.future, {
          ...next(begun.future),
          body: { effectiveAt: '2999-01-01T00:00:00Z' },
        }),
      () => ship(harness.user, good, next(good)),
    ])
    expect(outcomes(answers)).toEqual([
      '409 delivery-is-empty',
      '409 delivery-cancelled',
      'posting',
      '412 version-stale',
      '403 effective-at-forbidden',
      '422 effective-at-future',
      'posting',
    ])
    expect((await asked(...Object.values(begun))).map(({ id }) => id)).toEqual([twice.id, good.id])
  })

  test('two about one delivery follow each other: the second has read too early', async () => {
    const { both, other } = await readyOnes('TWO', 'both', 'other')
    const answers = await harness.meeting.atOnce([
      () => pick(harness.user, both),
      () => pick(harness.supervisor, both),
      () => pick(harness.user, other),
    ])
    expect(outcomes(answers.slice(0, 2)).sort()).toEqual(['412 version-stale', 'in_progress'])
    expect(answers[2].status).toBe(200)
    expect((await show(harness, both.id)).history.map(({ what }) => what)).toEqual(['created', 'ready', 'picked'])
  })

  test.each(['picks', 'validate'] as const)('%s sent twice are done once and answered twice', async (step) => {
    const { same, other } = await readyOnes(`TWICE-${step}`, 'same', 'other')
    const begin = (delivery: ShownDelivery) => (step === 'picks' ? delivery : take(harness, delivery, full))
    const [delivery, beside] = [await begin(same), await begin(other)]
    const key = randomUUID()
    const answers = await harness.meeting.atOnce([
      () => send(step, harness.user, delivery, { key }),
      () => send(step, harness.user, beside),
      () => send(step, harness.user, delivery, { key }),
    ])
    expect(statuses(answers)).toEqual([200, 200, 200])
    expect(answers[2].body).toEqual(answers[0].body)
    expect(await show(harness, delivery.id)).toEqual(answers[0].body)
    const told = (await outbox(harness, delivery.id)).map(({ type }) => type)
    expect(told).toEqual(['delivery-confirmed', ...(step === 'picks' ? [] : ['delivery-validated'])])
    const another = step === 'picks' ? { picks: all.slice(1) } : { remainder: 'close' }
    expect(outcomes([await send(step, harness.user, delivery, { key, body: another })])).toEqual([
      '422 idempotency-key-reused',
    ])
  })

  test('a delivery that somebody holds keeps nobody else waiting', async () => {
    const { held, one, two } = await readyOnes('HELD', 'held', 'one', 'two')
    const late = await harness.service.db.transaction({ actor: null, correlationId: 'test' }, async (tx) => {
      await tx.query(holdStatement, [held.id])
      const [ofHeld, ...others] = await harness.meeting.sendAtOnce([
        () => pick(harness.supervisor, held),
        () => pick(harness.user, one),
        () => pick(harness.user, two),
      ])
      expect(statuses(await Promise.all(others))).toEqual([200, 200])
      expect(await writers(one, two)).toBe(1)
      await untilOneWaits(harness, 'the one about it waits')
      return { ofHeld }
    })
    expect(await late.ofHeld).toMatchObject({ status: 200, body: { status: 'in_progress', version: held.version + 1 } })
    expect(await writers(held, one)).toBe(2)
  })
})

test('every invariant holds after all that', async () => {
  for (const { statement } of invariants) expect(await harness.service.db.queryWholeTables(statement)).toEqual([])
})
