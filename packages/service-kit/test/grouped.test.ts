/** Requests that are taken in one transaction: each is answered as if it had come alone. */
import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { clientFor, meeting, until, type CallOptions, type Client, type Reply } from '@stockline/test-kit'
import { digestOfRequest } from '../src/values/digest.ts'
import { claimKeys, saveAnswers, type IdempotencyKey } from '../src/http/idempotency.ts'
import { sql } from '../src/index.ts'
import { groupedThings, meanwhile, newThing, now, sizes, type Thing } from './grouped.things.ts'
import { startThings, tokenFor, type Started } from './things.ts'

interface ProblemBody {
  readonly type: string
  readonly correlationId: string
}
type Answer = Reply<Thing & ProblemBody>

let started: Started
const { meet, atOnce, sendAtOnce } = meeting()
let ann: Client
let bob: Client
beforeAll(async () => {
  started = await startThings({}, groupedThings, { meet })
  const as = (sub: string, name: string) => clientFor(started.service.url, tokenFor({ name, claims: { sub } }))
  ann = as('u-ann', 'Ann')
  bob = as('u-bob', 'Bob')
})
afterAll(() => started.stop())
afterEach(() => {
  delete meanwhile.locked
})

const begin = sql('begin')
const commit = sql('commit')
const holdThing = sql('select id from things where id = $1 for update')
const waitingForLocks = sql(
  `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
)
const writers = sql('select count(distinct xmin::text)::int as count from things where id = any($1::uuid[])')
const toldOf = sql('select value from kit.outbox where subject = any($1::text[]) order by position')
const keyRow = sql('select status from kit.idempotency_keys where key = $1::uuid')

function move(who: Client, thing: Thing, state: string, options: CallOptions & { how?: string } = {}): Promise<Answer> {
  const { how, ...rest } = options
  const body = how === undefined ? { state } : { state, how }
  return who.send('PUT', `/v1/things/${thing.id}/state`, { body, version: thing.version, ...rest })
}

function nudge(thing: Thing, key?: string): Promise<Answer> {
  return ann.send('POST', `/v1/things/${thing.id}/nudge`, key === undefined ? {} : { key })
}

async function newThings(count: number): Promise<Thing[]> {
  return Promise.all(Array.from({ length: count }, () => newThing(started.service)))
}

/** Sends requests at the same moment, which are taken together. */
async function commitGroup(requests: readonly (() => Promise<Answer>)[]): Promise<readonly Answer[]> {
  sizes.length = 0
  const answers = await atOnce(requests)
  expect(Math.max(...sizes)).toBeGreaterThan(1)
  return answers
}

const outcomes = (answers: readonly Answer[]) =>
  answers.map(({ status, body }) => (status < 300 ? status : `${status} ${body.type}`))

/** What was told of these things: what they became, by whom, on whose request. */
async function told(...of: readonly Thing[]) {
  const rows = await started.service.db.query<{ value: string }>(toldOf, [of.map(({ id }) => id)])
  return rows.map(({ value }) => {
    const event = JSON.parse(value) as {
      subject: string
      sequence: string
      correlationid: string
      traceparent?: string
      actor: string
      data: { state: string }
    }
    return { ...event, by: (JSON.parse(event.actor) as { name: string }).name }
  })
}

describe('requests that are taken together', () => {
  test('are one transaction, and each has its own answer, version, actor and trace', async () => {
    const made = await newThings(4)
    await move(ann, made[3]!, 'before')
    const third = { ...made[3]!, version: 2 }
    const trace = (index: number) => `00-${String(index).repeat(32)}-${'1'.repeat(16)}-01`
    const send = (who: Client, thing: Thing, index: number) =>
      move(who, thing, `state ${index}`, {
        headers: { 'x-correlation-id': `request-${index}`, traceparent: trace(index) },
      })
    const answers = await commitGroup([
      () => send(ann, made[0]!, 0),
      () => send(bob, made[1]!, 1),
      () => send(ann, made[2]!, 2),
      () => send(bob, third, 3),
    ])
    expect(outcomes(answers)).toEqual([200, 200, 200, 200])
    expect(answers.map(({ body }) => body.id)).toEqual(made.map(({ id }) => id))
    expect(answers.map(({ body }) => body.state)).toEqual(['state 0', 'state 1', 'state 2', 'state 3'])
    expect(answers.map(({ headers }) => headers['etag'])).toEqual(['"2"', '"2"', '"2"', '"3"'])
    expect(answers.map(({ headers }) => headers['x-correlation-id'])).toEqual([0, 1, 2, 3].map((n) => `request-${n}`))
    expect(await now(started.service, ...made)).toEqual(answers.map(({ body }) => body))
    const events = await told(...made)
    const own = (thing: Thing) => events.filter(({ subject }) => subject === thing.id).at(-1)
    expect(made.map((thing) => own(thing)?.by)).toEqual(['Ann', 'Bob', 'Ann', 'Bob'])
    expect(made.map((thing) => own(thing)?.correlationid)).toEqual([0, 1, 2, 3].map((n) => `request-${n}`))
    expect(made.map((thing) => own(thing)?.traceparent)).toEqual([0, 1, 2, 3].map(trace))
    expect(made.map((thing) => own(thing)?.sequence)).toEqual(['1', '1', '1', '2'])
    const [row] = await started.service.db.query<{ count: number }>(writers, [made.map(({ id }) => id)])
    expect(row?.count).toBe(1)
  })

  test('are refused each for its own reason, leave nothing then, and their keys may be used again', async () => {
    const [stale, wrong, bare, good] = (await newThings(4)) as [Thing, Thing, Thing, Thing]
    const key = randomUUID()
    const answers = await commitGroup([
      () => move(ann, { ...stale, version: 7 }, 'x'),
      () => move(bob, wrong, 'nowhere', { key }),
      () => ann.send('PUT', `/v1/things/${bare.id}/state`, { body: { state: 'x' } }),
      () => move(ann, { ...good, id: randomUUID() }, 'x'),
      () => move(bob, good, 'x'),
    ])
    expect(outcomes(answers)).toEqual([
      '412 version-stale',
      '422 state-unknown',
      '428 version-missing',
      '404 thing-unknown',
      200,
    ])
    expect(await now(started.service, stale, wrong, bare)).toEqual([stale, wrong, bare])
    expect(await told(stale, wrong, bare)).toEqual([])
    expect(await started.service.db.query(keyRow, [key])).toEqual([])
    expect(outcomes([await move(bob, wrong, 'somewhere', { key })])).toEqual([200])
  })

  test('where one trips, only that one fails; the others are done once, and it may be tried again', async () => {
    const made = await newThings(4)
    const key = randomUUID()
    const answers = await commitGroup(
      made.map((thing, index) => () => move(ann, thing, 'x', index === 1 ? { how: 'trips', key } : {})),
    )
    expect(answers.map(({ status }) => status)).toEqual([200, 500, 200, 200])
    expect((await now(started.service, ...made)).map(({ version }) => version)).toEqual([2, 1, 2, 2])
    expect(await told(...made)).toHaveLength(3)
    expect(outcomes([await move(ann, made[1]!, 'x', { key })])).toEqual([200])
  })

  test('where the action leaves an answer out, nothing counts, and each is done by itself, once', async () => {
    const made = await newThings(3)
    const answers = await commitGroup(
      made.map((thing, index) => () => move(ann, thing, `state ${index}`, index === 0 ? { how: 'forgets' } : {})),
    )
    expect(outcomes(answers)).toEqual([200, 200, 200])
    expect(answers.map(({ body }) => [body.id, body.state])).toEqual(made.map(({ id }, n) => [id, `state ${n}`]))
    expect((await now(started.service, ...made)).map(({ version }) => version)).toEqual([2, 2, 2])
  })

  test('have nothing to say where the route has no answer, and are done once, whatever is sent again', async () => {
    const made = await newThings(3)
    const keys = made.map(() => randomUUID())
    const sent = made.map((thing, index) => () => nudge(thing, keys[index]))
    expect(outcomes(await commitGroup(sent))).toEqual([204, 204, 204])
    expect(outcomes(await Promise.all(sent.map((send) => send())))).toEqual([204, 204, 204])
    expect((await now(started.service, ...made)).map(({ version }) => version)).toEqual([2, 2, 2])
  })

  test('fail together by a fault of the database, are not done, and may be sent again with their keys', async () => {
    const made = await newThings(3)
    const sent = made.map((thing, index) => ({ thing, key: randomUUID(), how: index === 2 ? { how: 'kills' } : {} }))
    const answers = await commitGroup(
      sent.map(
        ({ thing, key, how }) =>
          () =>
            move(ann, thing, 'x', { key, ...how }),
      ),
    )
    expect(answers.map(({ status }) => status)).toEqual([503, 503, 503])
    expect(answers.every(({ headers }) => headers['retry-after'] !== undefined)).toBe(true)
    expect(await now(started.service, ...made)).toEqual(made)
    const again = await Promise.all(sent.map(({ thing, key }) => move(ann, thing, 'x', { key })))
    expect(outcomes(again)).toEqual([200, 200, 200])
  })

  test('wait for nobody who holds a thing of one of them: that one follows later', async () => {
    const [held, ...others] = (await newThings(4)) as [Thing, ...Thing[]]
    const holder = await started.service.db.connect()
    await holder.query(begin)
    await holder.query(holdThing, [held.id])
    const [late, ...rest] = await sendAtOnce([
      () => move(bob, held, 'late'),
      ...others.map((thing) => () => move(ann, thing, 'x')),
    ])
    expect(outcomes(await Promise.all(rest))).toEqual([200, 200, 200])
    await until('it waits', async () => (await started.service.db.query(waitingForLocks)).length === 1)
    await holder.query(commit)
    await holder.close()
    expect(await late).toMatchObject({ status: 200, body: { state: 'late', version: 2 } })
  })
})

describe('the same key among requests that are taken together', () => {
  test('sent twice is done once, and answered twice the same', async () => {
    const [same, ...others] = (await newThings(3)) as [Thing, ...Thing[]]
    const key = randomUUID()
    const answers = await commitGroup([
      () => move(ann, same, 'x', { key }),
      ...others.map((thing) => () => move(ann, thing, 'x')),
      () => move(ann, same, 'x', { key }),
    ])
    expect(outcomes(answers)).toEqual([200, 200, 200, 200])
    expect(answers[3]?.body).toEqual(answers[0]?.body)
    expect(await told(same)).toHaveLength(1)
  })

  test('was answered before: the first answer again, beside others that are new', async () => {
    const [before, ...others] = (await newThings(3)) as [Thing, ...Thing[]]
    const key = randomUUID()
    const first = await move(ann, before, 'x', { key })
    await move(ann, first.body, 'y')
    const answers = await commitGroup([
      () => move(ann, before, 'x', { key }),
      ...others.map((thing) => () => move(ann, thing, 'x')),
    ])
    expect(outcomes(answers)).toEqual([200, 200, 200])
    expect(answers[0]?.body).toEqual(first.body)
    expect(answers[0]?.headers['etag']).toBe('"2"')
    expect(await now(started.service, before)).toMatchObject([{ state: 'y', version: 3 }])
  })

  test('with another body or about another thing is 422, and only for that one', async () => {
    const [one, two, three] = (await newThings(3)) as [Thing, Thing, Thing]
    const key = randomUUID()
    const answers = await commitGroup([
      () => move(ann, one, 'x', { key }),
      () => move(ann, two, 'x', { key }),
      () => move(ann, three, 'x'),
      () => move(ann, one, 'y', { key }),
      () => move(bob, two, 'x', { key }),
    ])
    const reused = '422 idempotency-key-reused'
    expect(outcomes(answers)).toEqual([200, reused, 200, reused, 200])
    expect(await now(started.service, one, two, three)).toMatchObject([{ version: 2 }, { version: 2 }, { version: 2 }])
    expect((await told(two)).map(({ by }) => by)).toEqual(['Bob'])
  })

  test('that a duplicate in another process holds is 409 for that one alone, and says when to come again', async () => {
    const [taken, ...others] = (await newThings(3)) as [Thing, ...Thing[]]
    const key = randomUUID()
    const duplicate = await started.service.db.connect()
    try {
      await duplicate.query(begin)
      const request = digestOfRequest('', Buffer.alloc(0), undefined)
      await claimKeys(duplicate, [{ actor: 'u-ann', route: 'put /v1/things/:id/state', key, request }])
      const answers = await commitGroup([
        () => move(ann, taken, 'x', { key }),
        ...others.map((thing) => () => move(ann, thing, 'x')),
      ])
      expect(outcomes(answers)).toEqual(['409 idempotency-key-in-use', 200, 200])
      expect(answers[0]?.headers['retry-after']).toBe('1')
      await duplicate.query(commit)
    } finally {
      await duplicate.close()
    }
    expect(await now(started.service, taken)).toEqual([taken])
    expect(outcomes([await move(ann, taken, 'x', { key })])).toEqual([200])
  })

  test('that a duplicate commits in that very moment gets the answer of the duplicate, and nothing is done twice', async () => {
    const [raced, ...others] = (await newThings(3)) as [Thing, ...Thing[]]
    const path = `/v1/things/${raced.id}/state`
    const key = { actor: 'u-ann', route: 'put /v1/things/:id/state', key: randomUUID() }
    const body = Buffer.from(JSON.stringify({ state: 'x' }))
    const duplicate = await started.service.db.connect()
    const kept: IdempotencyKey = {
      ...key,
      request: digestOfRequest(path, body, undefined),
    }
    let once = true
    meanwhile.locked = async () => {
      if (!once || Math.max(...sizes) < 2) return
      once = false
      await saveAnswers(duplicate, [{ key: kept, answer: { status: 200, text: '{"id":"of the duplicate"}' } }])
    }
    const answers = await commitGroup([
      () => move(ann, raced, 'x', { key: key.key }),
      ...others.map((thing) => () => move(ann, thing, 'x')),
    ])
    await duplicate.close()
    expect(outcomes(answers)).toEqual([200, 200, 200])
    expect(answers[0]?.body).toEqual({ id: 'of the duplicate' })
    expect((await now(started.service, raced, ...others)).map(({ version }) => version)).toEqual([1, 2, 2])
  })
})
