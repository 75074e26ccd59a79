/** By HTTP in binary mode and in batches: taken as a whole, or not at all and every fault named. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Route } from '../src/http/endpoint.ts'
import { eventsEndpoint } from '../src/messaging/intake.ts'
import { HttpProblem } from '../src/http/problem.ts'
import { listQuarantined } from '../src/messaging/quarantine.ts'
import { reaction, waitFor, type Reaction } from '../src/messaging/reactions.ts'
import { refuse } from '../src/refusal.ts'
import type { Tx } from '../src/database/transaction.ts'
import { noted } from './kit.contracts.ts'
import { kitDatabase, silent, systemOrigin, theirs, writeNote, type KitDatabase } from './kit.database.ts'

let kit: KitDatabase
const reactions: readonly Reaction[] = [
  reaction(noted, {
    react: async (tx: Tx, { data: { text } }) => {
      if (text === 'wait') return waitFor('Nothing is there.', 'something')
      if (text === 'wrong') return refuse('note-contradicts', 'content', 'It was told before with other content.')
      if (text === 'bug') throw new TypeError('oops')
      await tx.query(writeNote, [text])
      return undefined
    },
  }),
]
let route: Route

async function send(body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<unknown> {
  const input = {
    params: {},
    query: {},
    body: undefined,
    actor: { id: 'erp', name: 'ERP', groups: [], scopes: [], kind: 'client' } as const,
    version: undefined,
    address: '',
    headers,
    rawBody: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
    origin: { ...systemOrigin(), actor: { id: 'erp', name: 'ERP' } },
  }
  try {
    return await route.operate!(kit.db, input)
  } catch (error) {
    if (error instanceof HttpProblem) return { status: error.status, code: error.code }
    throw error
  }
}
const batch = (...events: readonly unknown[]) =>
  send(events, { 'content-type': 'application/cloudevents-batch+json; charset=utf-8' })
const statesOf = (answer: unknown) =>
  (answer as { events: { id: string; state: string }[] }).events.map((one) => `${one.id} ${one.state}`)
const pointersOf = (answer: unknown) => (answer as { errors: { pointer: string }[] }).errors.map((one) => one.pointer)

beforeEach(async () => {
  kit = await kitDatabase()
  route = eventsEndpoint({ db: kit.db, log: silent }, { right: 'scope:notes:publish', contracts: [noted], reactions })
})
afterEach(() => kit.end())

test('in binary mode; the same structured is a repeat', async () => {
  const { data, ...attributes } = theirs('a', { subject: 'Größe' })
  const headers = Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [`ce-${name}`, encodeURIComponent(String(value))]),
  )
  expect(await send(data, { ...headers, 'content-type': 'application/json' })).toMatchObject({ state: 'applied' })
  expect(await send(theirs('a', { subject: 'Größe' }))).toMatchObject({ state: 'repeated' })
})

test.each(['text/plain', 'application/cloudevents+avro', 'application/xml; charset=utf-8'])(
  'as %s: 415',
  async (type) => {
    expect(await send(theirs('a'), { 'content-type': type })).toEqual({ status: 415, code: 'content-type-unsupported' })
  },
)

test('8,000 brackets are 422, and so is each text that cannot be kept', async () => {
  const nested = JSON.stringify(theirs('a')).replace(
    '"data":{',
    `"data":{"x":${'['.repeat(8_000)}${']'.repeat(8_000)},`,
  )
  expect(await send(nested)).toMatchObject({ refused: 'event-invalid', kind: 'content', errors: [{ pointer: '' }] })
  const half = await send(theirs('a', { subject: '\ud800', data: { text: 'a', x: '\0' } }))
  expect(pointersOf(half)).toEqual(['/subject', '/data/x'])
})

describe('a batch', () => {
  test('is taken in its order, each event once', async () => {
    const answer = await batch(theirs('a'), theirs('b'), theirs('a'), theirs('wait', { subject: 'z' }))
    expect(statesOf(answer)).toEqual([
      'theirs-a applied',
      'theirs-b applied',
      'theirs-a applied',
      'theirs-wait waiting',
    ])
    expect(await kit.notes()).toEqual(['a', 'b'])
    expect(statesOf(await batch(theirs('b'), theirs('c')))).toEqual(['theirs-b repeated', 'theirs-c applied'])
    expect(await batch()).toEqual({ events: [], warnings: [] })
  })

  test('names fields that nobody knows, with their events', async () => {
    const answer = await batch(theirs('a'), theirs('b', { data: { text: 'b', txet: 1 } }))
    expect((answer as { warnings: unknown }).warnings).toEqual([
      { pointer: '/1/data/txet', message: 'is not a known field' },
    ])
  })

  test('with one that cannot be read is not taken, and every fault is named', async () => {
    const answer = await batch(theirs('a'), theirs('b', { id: '', data: {} }), 5, theirs('c', { type: 'x' }))
    expect(answer).toMatchObject({ refused: 'event-invalid', kind: 'content' })
    expect(pointersOf(answer)).toEqual(['/1/id', '/1/data/text', '/2', '/3/type'])
    expect(await kit.notes()).toEqual([])
  })

  test('with an id that was used for other content is not taken', async () => {
    await batch(theirs('a'))
    const answer = await batch(theirs('b'), theirs('c', { id: 'theirs-a' }), theirs('d'))
    expect(answer).toMatchObject({ refused: 'event-id-reused', kind: 'state', errors: [{ pointer: '/1/id' }] })
    expect(await kit.notes()).toEqual(['a'])
  })

  test('with one that contradicts is not taken, nor kept', async () => {
    const answer = await batch(theirs('a'), theirs('wrong'))
    expect(answer).toMatchObject({ refused: 'note-contradicts', kind: 'state' })
    expect(pointersOf(answer)).toEqual(['/1'])
    expect([await kit.notes(), await listQuarantined(kit.db, 10)]).toEqual([[], []])
  })

  test('with one that trips a bug is taken one by one: that one is parked', async () => {
    const answer = await batch(theirs('a'), theirs('bug', { subject: 'z' }), theirs('b'))
    expect(statesOf(answer)).toEqual(['theirs-a applied', 'theirs-bug parked', 'theirs-b applied'])
    expect(await kit.notes()).toEqual(['a', 'b'])
    const second = await batch(theirs('c'), theirs('bug', { id: 'again', subject: 'y' }), theirs('wrong'))
    expect(second).toMatchObject({
      refused: 'note-contradicts',
      detail: expect.stringMatching(/^These events are not taken, all others are/),
    })
    expect(await kit.notes()).toEqual(['a', 'b', 'c'])
  })

  test('has at most 100 events, and is a list', async () => {
    expect(await batch(...Array.from({ length: 101 }, (_, at) => theirs(`n${at}`)))).toMatchObject({ kind: 'content' })
    expect(await kit.notes()).toEqual([])
    for (const body of ['', '{}', '[', '[1] []'])
      expect(await send(body, { 'content-type': 'application/cloudevents-batch+json' })).toEqual({
        status: 400,
        code: 'body-not-json',
      })
  })

  test('sixteen times at once: each event is applied once', async () => {
    const events = ['a', 'b', 'c'].map((text) => theirs(text))
    const answers = await Promise.all(Array.from({ length: 16 }, () => batch(...events)))
    expect(
      answers
        .flatMap(statesOf)
        .filter((state) => state.endsWith('applied'))
        .sort(),
    ).toEqual(['theirs-a applied', 'theirs-b applied', 'theirs-c applied'])
    expect(await kit.notes()).toEqual(['a', 'b', 'c'])
  })
})
