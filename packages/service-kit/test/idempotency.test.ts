import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { clientFor, until, type Reply } from '@stockline/test-kit'
import { digestOfRequest } from '../src/values/digest.ts'
import { claimKeys, saveAnswers, type IdempotencyKey } from '../src/http/idempotency.ts'
import { sql } from '../src/index.ts'
import { asked, countNamed, decide, startThings, tokenFor, type Started } from './things.ts'

let started: Started
beforeAll(async () => {
  started = await startThings()
})
afterAll(() => started.stop())
beforeEach(() => {
  asked.length = 0
})

interface Thing {
  readonly id: string
  readonly version: number
  readonly state: string
  readonly type?: string
}

const begin = sql('begin')
const rollback = sql('rollback')
const insertThing = sql('insert into things (id, name) values ($1, $2)')
const waitingForLocks = sql(
  `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
)
const rewriteKey = sql('update kit.idempotency_keys set digest_version = $2, request_hash = $3 where key = $1::uuid')

const make = (name: string, options: { key?: string; wait?: number; slowMs?: number } = {}): Promise<Reply<Thing>> => {
  const { slowMs, ...rest } = options
  return started.client.send<Thing>('POST', '/v1/things', {
    body: { name, ...(slowMs === undefined ? {} : { slowMs }) },
    ...rest,
  })
}

describe('the same key', () => {
  test('with the same body gives the first answer again, headers included, and does it once', async () => {
    const [name, key] = [randomUUID(), randomUUID()]
    const first = await make(name, { key })
    await decide(started.service, first.body.id, 'done')
    const again = await make(name, { key })
    expect([again.status, again.body]).toEqual([201, first.body])
    expect(again.headers['location']).toBe(first.headers['location'])
    expect(again.headers['etag']).toBe('"1"')
    expect(await countNamed(started.service, name)).toBe(1)
  })

  test('in quotes or upper case is the same key', async () => {
    const [name, key] = [randomUUID(), randomUUID()]
    const first = await make(name, { key })
    expect((await make(name, { key: `"${key.toUpperCase()}"` })).body).toEqual(first.body)
  })

  test('with a body that means the same gives the first answer, and with another is refused', async () => {
    const [name, key] = [randomUUID(), randomUUID()]
    const first = await make(name, { key })
    const send = (body: string) => started.client.send<Thing>('POST', '/v1/things', { body, key })
    for (const same of [`{ "slowMs": null, "name": "${name}" }`, ` {"name":${JSON.stringify(name)},"slowMs":null}`])
      expect(await send(same)).toMatchObject({ status: 201, body: first.body })
    expect((await send(`{"name":"${name}","slowMs":0}`)).status).toBe(422)
    expect(await countNamed(started.service, name)).toBe(1)
  })

  test('in a row of 0.1.0 is judged by its bytes; in one of a version to come it cannot be, and that is told', async () => {
    const [name, key] = [randomUUID(), randomUUID()]
    const [first, bytes] = [await make(name, { key }), Buffer.from(JSON.stringify({ name }))]
    const write = (version: number, hash: Buffer | undefined) =>
      started.service.db.query(rewriteKey, [key, version, hash])
    await write(1, digestOfRequest('/v1/things', bytes, undefined).by(1))
    expect(await make(name, { key })).toMatchObject({ status: 201, body: first.body })
    const spaced = await started.client.send('POST', '/v1/things', { body: `{ "name": "${name}" }`, key })
    expect(spaced.status).toBe(422)
    await write(3, Buffer.alloc(32))
    expect(await make(name, { key })).toMatchObject({ status: 422, body: { type: 'idempotency-key-unjudged' } })
  })

  test('with another body is 422 and does nothing', async () => {
    const key = randomUUID()
    await make(randomUUID(), { key })
    const other = randomUUID()
    const answer = await make(other, { key })
    expect([answer.status, answer.body.type]).toEqual([422, 'idempotency-key-reused'])
    expect(await countNamed(started.service, other)).toBe(0)
  })

  test('on another document is 422', async () => {
    const key = randomUUID()
    const send = (id: string) => started.client.send<Thing>('DELETE', `/v1/things/${id}`, { key })
    expect((await send(randomUUID())).status).toBe(204)
    expect((await send(randomUUID())).status).toBe(422)
  })

  test('of another actor or on another route is another key', async () => {
    const [name, key] = [randomUUID(), randomUUID()]
    const first = await make(name, { key })
    const other = clientFor(started.service.url, tokenFor({ claims: { sub: 'u-2' } }))
    const answer = await other.send<Thing>('POST', '/v1/things', { body: { name }, key })
    expect([answer.status, answer.body.type]).toEqual([409, 'name-taken'])
    expect((await started.client.send('POST', `/v1/things/${first.body.id}/approve`, { key, version: 1 })).status).toBe(
      200,
    )
  })

  test('after a refusal may be tried again', async () => {
    const [name, key] = [randomUUID(), randomUUID()]
    const first = await make(name)
    expect((await make(name, { key })).status).toBe(409)
    await started.service.db.query(removeThing, [first.body.id])
    expect((await make(name, { key })).status).toBe(201)
  })

  test('while its duplicate runs is 409 at once, and says when to come again', async () => {
    const [name, key] = [randomUUID(), randomUUID()]
    // Whoever inserts the same name waits until this transaction ends.
    const holder = await started.service.db.connect()
    await holder.query(begin)
    await holder.query(insertThing, [randomUUID(), name])
    const first = make(name, { key })
    await until('the first waits', async () => (await started.service.db.query(waitingForLocks)).length > 0)
    const duplicate = await make(name, { key })
    expect([duplicate.status, duplicate.body.type, duplicate.headers['retry-after']]).toEqual([
      409,
      'idempotency-key-in-use',
      '1',
    ])
    await holder.query(rollback)
    await holder.close()
    expect((await first).status).toBe(201)
    expect((await make(name, { key })).body).toEqual((await first).body)
  })

  test('sent twenty times at once makes one thing; all who are answered are answered the same', async () => {
    const [name, key] = [randomUUID(), randomUUID()]
    const answers = await Promise.all(Array.from({ length: 20 }, () => make(name, { key })))
    const made = answers.filter((answer) => answer.status === 201)
    expect(made.length).toBeGreaterThan(0)
    expect(new Set(made.map((answer) => answer.body.id)).size).toBe(1)
    expect(answers.every((answer) => answer.status === 201 || answer.body.type === 'idempotency-key-in-use')).toBe(true)
    expect(await countNamed(started.service, name)).toBe(1)
  })
})

test('a duplicate that commits between snapshot and lock is found by trying again', async () => {
  const { db } = started.service
  const request = digestOfRequest('', Buffer.alloc(0), undefined)
  const key: IdempotencyKey = { actor: 'a', route: 'r', key: randomUUID(), request }
  const origin = { actor: null, correlationId: 'test' }
  const late = db.transaction(origin, async (tx) => {
    expect(await claimKeys(tx, [key])).toEqual([undefined])
    // The duplicate has its own connection and no lock here: just what a commit in that moment looks like.
    await started.service.db
      .connect()
      .then(async (duplicate) =>
        saveAnswers(duplicate, [{ key, answer: { status: 200, text: '{}' } }]).finally(() => duplicate.close()),
      )
    await saveAnswers(tx, [{ key, answer: { status: 200, text: '{}' } }])
  })
  await expect(late).rejects.toMatchObject({ code: '23505', constraint: 'idempotency_keys_pkey' })
  expect(await db.transaction(origin, (tx) => claimKeys(tx, [key]))).toEqual([{ status: 200, text: '{}' }])
})

describe('Prefer: wait', () => {
  test('answers with the final document as soon as it is decided', async () => {
    const name = randomUUID()
    const waiting = make(name, { wait: 30 })
    const id = await until('it is made', () => idOf(name))
    const decidedAt = performance.now()
    await decide(started.service, id, 'done')
    const answer = await waiting
    // Long before its time is over.
    expect(performance.now() - decidedAt).toBeLessThan(20_000)
    expect([answer.status, answer.body.state, answer.headers['etag']]).toEqual([201, 'done', '"2"'])
    expect(answer.headers['preference-applied']).toBe('wait=30')
  })

  test('is seen when another process decides', async () => {
    const name = randomUUID()
    const waiting = make(name, { wait: 30 })
    const id = await until('it is made', () => idOf(name))
    const other = await started.service.db.connect()
    await other.query(finish, [id])
    await other.close()
    expect((await waiting).body.state).toBe('done')
  })

  test('ends after its time with 202 and where to look', async () => {
    const answer = await make(randomUUID(), { wait: 1 })
    expect([answer.status, answer.body.state]).toEqual([202, 'posting'])
    expect(answer.headers['location']).toBe(`/v1/things/${answer.body.id}`)
  })

  test('with a key that was used waits again and gives the document as it is now', async () => {
    const [name, key] = [randomUUID(), randomUUID()]
    const first = await make(name, { key, wait: 1 })
    expect(first.status).toBe(202)
    await decide(started.service, first.body.id, 'done')
    const again = await make(name, { key, wait: 5 })
    expect([again.status, again.body.state]).toEqual([201, 'done'])
    expect(await countNamed(started.service, name)).toBe(1)
  })

  test('of many is one question at a time', async () => {
    const names = Array.from({ length: 20 }, () => randomUUID())
    const waiting = names.map((name) => make(name, { wait: 10 }))
    const ids = await Promise.all(names.map((name) => until('it is made', () => idOf(name))))
    await until('all wait', () => Promise.resolve(asked.at(-1) === 20))
    await Promise.all(ids.map((id) => decide(started.service, id, 'done')))
    for (const answer of await Promise.all(waiting)) expect(answer.body.state).toBe('done')
  })

  test('that is no number of seconds is ignored', async () => {
    const answer = await started.client.send('POST', '/v1/things', {
      body: { name: randomUUID() },
      headers: { prefer: 'wait=soon, respond-async' },
    })
    expect([answer.status, answer.headers['preference-applied']]).toEqual([201, undefined])
  })
})

const removeThing = sql(`delete from things where id = $1`)
const finish = sql(`update things set state = 'done', version = version + 1 where id = $1`)
const findId = sql(`select id from things where name = $1`)

async function idOf(name: string): Promise<string | undefined> {
  return (await started.service.db.query<{ id: string }>(findId, [name]))[0]?.id
}
