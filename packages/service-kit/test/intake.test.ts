import { afterEach, beforeEach, expect, test } from '@jest/globals'
import type { Route } from '../src/http/endpoint.ts'
import { eventsEndpoint } from '../src/messaging/intake.ts'
import { openInbox } from '../src/messaging/inbox.ts'
import { startParkingWorker } from '../src/messaging/parking.worker.ts'
import { HttpProblem } from '../src/http/problem.ts'
import { listQuarantined } from '../src/messaging/quarantine.ts'
import { reaction, waitFor, type Reaction } from '../src/messaging/reactions.ts'
import { refuse, type FieldError } from '../src/refusal.ts'
import type { Tx } from '../src/database/transaction.ts'
import { noted, outsideNoted } from './kit.contracts.ts'
import {
  kitDatabase,
  message,
  silent,
  systemOrigin,
  theirs,
  until,
  writeNote,
  type KitDatabase,
} from './kit.database.ts'

let kit: KitDatabase
let actors: unknown[]
const reactions: readonly Reaction[] = [
  reaction(noted, {
    react: async (tx: Tx, { data: { text } }) => {
      actors.push(tx.origin.actor)
      if (text === 'wait') return waitFor('Nothing is there.', 'something')
      if (text === 'late') return refuse('note-late', 'state', 'It came too late and changes nothing.')
      if (text === 'wrong') return refuse('note-contradicts', 'content', 'It was told before with other content.')
      if (text === 'bug') throw new TypeError('oops')
      await tx.query(writeNote, [text])
      return undefined
    },
  }),
  reaction(outsideNoted, { react: (tx: Tx, event) => tx.query(writeNote, [event.data.text]).then(() => undefined) }),
]
let route: Route

/** What the route answers, before it is dressed for HTTP: nothing, a refusal, or a problem. */
async function send(body: unknown): Promise<unknown> {
  const rawBody = Buffer.isBuffer(body) ? body : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))
  const actor = { id: 'erp', name: 'ERP', groups: [], scopes: [], kind: 'client' } as const
  const origin = { ...systemOrigin(), actor: { id: 'erp', name: 'ERP' } }
  const input = {
    params: {},
    query: {},
    body: undefined,
    actor,
    version: undefined,
    address: '',
    headers: {},
    rawBody,
    origin,
  }
  try {
    return await route.operate!(kit.db, input)
  } catch (error) {
    if (error instanceof HttpProblem) return { status: error.status, code: error.code }
    throw error
  }
}

beforeEach(async () => {
  kit = await kitDatabase()
  route = eventsEndpoint({ db: kit.db, log: silent }, { right: 'scope:notes:publish', contracts: [noted], reactions })
  actors = []
})
afterEach(() => kit.end())

test('an event is taken and applied; the same again is taken and does nothing; who sent it is the actor', async () => {
  expect(route).toMatchObject({
    method: 'post',
    path: '/v1/events',
    status: 202,
    accepts: 'application/cloudevents+json',
  })
  expect(await send(theirs('a'))).toEqual({ state: 'applied', reason: null, warnings: [] })
  expect(await send(theirs('a'))).toEqual({ state: 'repeated', reason: null, warnings: [] })
  expect(await kit.notes()).toEqual(['a'])
  expect(actors).toEqual([{ id: 'erp', name: 'ERP' }])
})

test('what came by HTTP is a repeat on the bus, and the other way round', async () => {
  const inbox = openInbox(kit.db, reactions, silent)
  await send(theirs('a'))
  await inbox.handle([message(theirs('a')), message(theirs('b'))])
  expect(await send(theirs('b'))).toEqual({ state: 'repeated', reason: null, warnings: [] })
  expect(await kit.notes()).toEqual(['a', 'b'])
})

test('the same id with another content is refused by 409', async () => {
  await send(theirs('a'))
  expect(await send(theirs('b', { id: 'theirs-a' }))).toMatchObject({ refused: 'event-id-reused', kind: 'state' })
  expect(await kit.notes()).toEqual(['a'])
})

test.each(['', '{', 'null', '[]', Buffer.from([0xc3, 0x28])])('what is no JSON object is 400: %p', async (body) => {
  expect(await send(body)).toEqual({ status: 400, code: 'body-not-json' })
})

const schemaCases: [string, unknown, string[]][] = [
  [
    'all faults of envelope and data at once',
    { ...theirs('x', { data: { text: 5, lines: [{ quantity: 'x' }] } }), id: undefined },
    ['/id', '/data/text', '/data/lines/0/quantity'],
  ],
  ['a type that is not accepted here', theirs('x', { type: 'outside.noted.v1' }), ['/type']],
  [
    'an unknown type, with the faults of its envelope',
    { ...theirs('x', { type: 'x.y.v1' }), source: '' },
    ['/source', '/type'],
  ],
  ['an unknown version', theirs('x', { type: 'notes.noted.v2' }), ['/type']],
  ['a source that is ours', theirs('x', { source: '/stockline/stock' }), ['/source']],
  ['no type at all', theirs('x', { type: undefined }), ['/type']],
  ['a character that cannot be stored', theirs('x', { data: { text: 'a\u0000' } }), ['/data/text']],
]
test.each(schemaCases)('422 names %s', async (_, body, pointers) => {
  const answer = (await send(body)) as { kind: string; errors: { pointer: string }[] }
  expect(answer.kind).toBe('content')
  expect([...new Set(answer.errors.map((fault) => fault.pointer))].sort()).toEqual([...pointers].sort())
  expect(await kit.notes()).toEqual([])
})

test('faults are told in plain words, each once', async () => {
  const errorsOf = async (body: unknown) => ((await send(body)) as { errors: FieldError[] }).errors
  const missing = ['/specversion', '/id', '/source', '/type', '/subject']
  expect(await errorsOf({})).toEqual(missing.map((at) => ({ pointer: at, message: 'is missing' })))
  expect(await errorsOf({ ...theirs('x', { data: { text: 1.5, lines: {} } }), time: 'noon', source: '' })).toEqual([
    { pointer: '/source', message: 'must not be empty' },
    { pointer: '/time', message: 'must be a time such as 2026-11-23T08:00:00Z' },
    { pointer: '/data/text', message: 'must be text, in quotes: "1.5"' },
    { pointer: '/data/lines', message: 'must be a list' },
  ])
})

test('a field that nobody knows is let pass from the bus', async () => {
  await openInbox(kit.db, reactions, silent).handle([message(theirs('a', { data: { text: 'a', more: 1 } }))])
  expect(await kit.notes()).toEqual(['a'])
})

test('what must wait, and what trips a bug, is taken all the same and is visible', async () => {
  expect(await send(theirs('wait'))).toEqual({ state: 'waiting', reason: 'Nothing is there.', warnings: [] })
  expect(await send(theirs('bug', { subject: 'z' }))).toMatchObject({ state: 'parked', reason: expect.any(String) })
  expect(await send(theirs('later', { subject: 'z' }))).toEqual({
    state: 'waiting',
    reason: 'An earlier event of "z" is not applied yet.',
    warnings: [],
  })
  expect(await kit.rows('select state from kit.parked order by position')).toEqual([
    { state: 'waiting' },
    { state: 'parked' },
    { state: 'behind' },
  ])
})

test.each([
  ['sends it', {}, { id: 'erp', name: 'ERP' }],
  ['sends it for somebody', { actor: { id: 'ann', name: 'Ann' } }, { id: 'erp', name: 'Ann (ERP)' }],
  ['sends it for nobody', { actor: '' }, { id: 'erp', name: 'ERP' }],
])('who %s is the actor also of what had to wait', async (_, more, actor) => {
  await send(theirs('wait', more))
  const worker = startParkingWorker({ db: kit.db, inbox: openInbox(kit.db, reactions, silent), log: silent })
  try {
    // A new one is due once at once: what it waits for may have come between its try and its commit.
    await until(() => actors.length === 2, 'it is tried again')
  } finally {
    await worker.stop()
  }
  expect(actors).toEqual([actor, actor])
})

test('what a rule says no to is taken and says why; what contradicts is 409, in quarantine, and 409 again', async () => {
  expect(await send(theirs('late'))).toEqual({
    state: 'applied',
    reason: 'It came too late and changes nothing.',
    warnings: [],
  })
  const no = { refused: 'note-contradicts', kind: 'state', detail: 'It was told before with other content.' }
  expect(await send(theirs('wrong'))).toMatchObject(no)
  expect(await send(theirs('wrong'))).toMatchObject(no)
  const [only, ...more] = await listQuarantined(kit.db, 10)
  expect(more).toEqual([])
  expect(only).toMatchObject({ partition: null, offset: null, text: JSON.stringify(theirs('wrong')) })
})

test('what two systems say wrongly in the same words is set aside for each', async () => {
  const [one, other] = ['/erp', '/shop'].map((source) => theirs('wrong', { source, id: `of ${source}` }))
  for (const event of [one, other, one]) expect(await send(event)).toMatchObject({ refused: 'note-contradicts' })
  const texts = (await listQuarantined(kit.db, 10)).map(({ text }) => JSON.parse(text ?? '') as { source: string })
  expect(texts.map(({ source }) => source).sort()).toEqual(['/erp', '/shop'])
})

test('sixteen at once with one id: taken once', async () => {
  const answers = await Promise.all(Array.from({ length: 16 }, () => send(theirs('once'))))
  const states = answers.map((answer) => (answer as { state: string }).state).sort()
  expect(states).toEqual(['applied', ...Array.from({ length: 15 }, () => 'repeated')])
  expect(await kit.notes()).toEqual(['once'])
})

test('fields that nobody knows are let pass, and named', async () => {
  const data = { text: 'a', txet: 'b', lines: [{ quantity: '1', qauntity: '2' }] }
  const answer = (await send(theirs('x', { data }))) as { state: string; warnings: FieldError[] }
  expect(answer.state).toBe('applied')
  expect(answer.warnings.map((warning) => warning.pointer)).toEqual(
    expect.arrayContaining(['/data/txet', '/data/lines/0/qauntity']),
  )
})
