import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { randomUUID } from 'node:crypto'
import { reaction, type Reaction } from '../src/messaging/reactions.ts'
import { event, eventsEndpoint, publish, type Tx } from '../src/index.ts'
import { noted } from './kit.contracts.ts'
import { systemOrigin, theirs, until } from './kit.database.ts'
import { startThings, things, tokenFor, type Started } from './things.ts'

let started: Started
let broken = true
const applied: string[] = []
const reactions: readonly Reaction[] = [
  reaction(noted, {
    react: (_tx: Tx, { data: { text } }) => {
      if (broken && text === 'bad') throw new TypeError('bad note')
      applied.push(text)
      return Promise.resolve()
    },
  }),
]

beforeAll(async () => {
  started = await startThings(
    {},
    {
      ...things,
      topics: [...things.topics, { name: 'notes', partitions: 2 }],
      reactions: () => reactions,
      routes: (parts) => [
        ...things.routes(parts),
        eventsEndpoint(parts, { right: 'scope:notes:publish', contracts: [noted], reactions }),
      ],
    },
  )
})
afterAll(() => started.stop())

interface Answer {
  readonly status: number
  readonly body: Record<string, never> & { items: Record<string, unknown>[]; errors: { pointer: string }[] }
}

async function ask(method: string, path: string, body?: unknown, token = tokenFor()): Promise<Answer> {
  const headers: Record<string, string> = { authorization: `Bearer ${token}`, 'idempotency-key': randomUUID() }
  const isEvent = path === '/v1/events'
  if (body !== undefined) headers['content-type'] = isEvent ? 'application/cloudevents+json' : 'application/json'
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const answer = await fetch(started.service.url + path, {
    method,
    headers,
    ...(body === undefined ? {} : { body: text }),
  })
  const answered = await answer.text()
  return { status: answer.status, body: (answered === '' ? {} : JSON.parse(answered)) as Answer['body'] }
}

const client = () => tokenFor({ claims: { scope: 'notes:publish' }, without: ['sid', 'groups'] })
const sendEvent = (body: unknown) => ask('POST', '/v1/events', body, client())
const onBus = (...values: unknown[]) =>
  started.service.bus.publish(
    values.map((value) => ({
      topic: 'notes',
      message: {
        key: 'book',
        value: Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)),
        headers: {},
      },
    })),
  )

test('an event by HTTP: 202, again 202, other content 409, no JSON 400, against its schema 422 with every fault', async () => {
  expect(await sendEvent(theirs('http', { subject: 'h' }))).toEqual({
    status: 202,
    body: { state: 'applied', reason: null, warnings: [] },
  })
  expect((await sendEvent(theirs('http', { subject: 'h' }))).status).toBe(202)
  expect((await sendEvent(theirs('other', { subject: 'h', id: 'theirs-http' }))).status).toBe(409)
  expect((await sendEvent('{"a":')).status).toBe(400)
  const wrong = await sendEvent(theirs('x', { data: { text: 1, lines: [{ quantity: '-1' }] } }))
  expect(wrong.status).toBe(422)
  expect(wrong.body.errors.map((fault) => fault.pointer)).toEqual(['/data/text', '/data/lines/0/quantity'])
  expect(applied).toEqual(['http'])
})

test('the reference shows the events that are accepted, and the answer', async () => {
  const document = (await ask('GET', '/v1/openapi.json')).body as unknown as Record<string, Record<string, never>>
  const route = document['paths']!['/v1/events']!['post'] as Record<string, object>
  expect(route['requestBody']).toMatchObject({
    content: {
      'application/cloudevents+json': { schema: { oneOf: [{ $ref: '#/components/schemas/NotesNotedV1' }] } },
      'application/cloudevents-batch+json': { schema: { type: 'array', maxItems: 100 } },
    },
  })
  expect(document['components']).toMatchObject({
    schemas: { NotesNotedV1: { properties: { type: { enum: ['notes.noted.v1'] } } } },
  })
  expect(route['responses']).toHaveProperty(['202', 'content', 'application/json', 'schema'])
})

test('without the right nothing is shown and nothing is done', async () => {
  const nobody = tokenFor({ groups: ['thing.read'] })
  for (const [method, path] of [
    ['GET', '/v1/parked'],
    ['GET', '/v1/quarantine'],
    ['POST', `/v1/parked/${randomUUID()}/release`],
    ['POST', '/v1/outbox/republish'],
  ] as const)
    expect((await ask(method, path, method === 'GET' ? undefined : {}, nobody)).status).toBe(403)
})

test('a parked event is listed with its reason, released when it is mended, and those behind follow', async () => {
  await onBus(theirs('bad'), theirs('after'))
  await until(async () => (await ask('GET', '/v1/parked')).body.items.length === 2)
  const { items } = (await ask('GET', '/v1/parked')).body
  expect(items.map((item) => item['state'])).toEqual(['parked', 'behind'])
  expect(items[0]).toMatchObject({
    key: 'book',
    reason: 'bad note',
    attempts: 5,
    eventId: 'theirs-bad',
    event: { data: { text: 'bad' } },
  })
  expect((await ask('POST', `/v1/parked/${String(items[1]!['id'])}/release`, {})).status).toBe(409)
  expect((await ask('POST', `/v1/parked/${randomUUID()}/release`, {})).status).toBe(404)
  broken = false
  expect((await ask('POST', `/v1/parked/${String(items[0]!['id'])}/release`, {})).status).toBe(200)
  await until(() => applied.includes('after'))
  expect(applied.slice(-2)).toEqual(['bad', 'after'])
  await until(async () => (await ask('GET', '/v1/parked')).body.items.length === 0)
  expect((await ask('GET', '/v1/parked?state=applied')).body.items).toHaveLength(2)
  broken = true
})

test('a discarded event is kept with who and why; a reason is required', async () => {
  await onBus(theirs('bad', { id: 'bad-2' }), theirs('next'))
  await until(async () => (await ask('GET', '/v1/parked')).body.items.length === 2)
  const [first] = (await ask('GET', '/v1/parked?limit=1')).body.items
  expect((await ask('POST', `/v1/parked/${String(first!['id'])}/discard`, {})).status).toBe(422)
  const gone = await ask('POST', `/v1/parked/${String(first!['id'])}/discard`, { reason: 'sent by mistake' })
  expect(gone).toMatchObject({
    status: 200,
    body: { state: 'discarded', resolvedWhy: 'sent by mistake', resolvedBy: { name: 'Sarah Lim' } },
  })
  await until(() => applied.includes('next'))
  expect(applied.filter((text) => text === 'bad')).toHaveLength(1)
})

test('quarantine shows bytes and faults, page by page', async () => {
  await onBus('no JSON', '{"specversion":"1.0"}', theirs('v9', { type: 'notes.noted.v9' }))
  await until(async () => (await ask('GET', '/v1/quarantine')).body.items.length === 3)
  const first = (await ask('GET', '/v1/quarantine?limit=2')).body
  expect(first.items.map((item) => item['reason'])).toEqual(['version', 'envelope'])
  const second = (await ask('GET', `/v1/quarantine?limit=2&cursor=${String(first['nextCursor'])}`)).body
  expect(second.items[0]).toMatchObject({ partition: expect.any(Number), text: 'no JSON' })
  expect(second.items.map((item) => [item['reason'], Buffer.from(String(item['value']), 'base64').toString()])).toEqual(
    [['not-json', 'no JSON']],
  )
  expect(second['nextCursor']).toBeNull()
})

test('republish sends again, and a wrong body names its fields', async () => {
  await started.service.db.transaction(systemOrigin(), (tx) => publish(tx, event(noted, 'own', { text: 'own' })))
  await until(() => applied.includes('own'))
  await until(
    async () => JSON.stringify((await ask('POST', '/v1/outbox/republish', { from: '1' })).body) === '{"events":1}',
  )
  expect(
    (await ask('POST', '/v1/outbox/republish', { from: '0', extra: 1 })).body.errors
      .map((fault) => fault.pointer)
      .sort(),
  ).toEqual(['/extra', '/from'])
  await new Promise((resolve) => setTimeout(resolve, 300))
  expect(applied.filter((text) => text === 'own')).toHaveLength(1)
})
