import { randomUUID } from 'node:crypto'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Reply } from '@stockline/test-kit'
import { asked, countNamed, startThings, tokenFor, trip, type Started } from './things.ts'

let started: Started
beforeAll(async () => {
  started = await startThings()
})
afterAll(() => started.stop())

interface ProblemBody {
  readonly type: string
  readonly status: number
  readonly title: string
  readonly detail: string
  readonly errors?: readonly { pointer: string; message: string }[]
  readonly correlationId: string
}

async function raw(method: string, path: string, given: Record<string, string> = {}, body?: string | Buffer) {
  const headers = { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...given }
  const answer = await fetch(started.service.url + path, { method, headers, ...(body === undefined ? {} : { body }) })
  const text = await answer.text()
  return {
    status: answer.status,
    headers: answer.headers,
    body: (text === '' ? undefined : parse(text)) as ProblemBody,
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

const all = tokenFor()
const outside = tokenFor({ name: 'outside' })
const key = { 'idempotency-key': randomUUID() }
const unknownId = '01990000-0000-7000-8000-000000000000'
const good = (token: string) => ({ authorization: `Bearer ${token}` })

// Each row is wrong in everything that later rows are wrong in: what is answered shows which check came first.
const wrongBody = '{"remainder": "both", "more": 1}'
const order: [string, string, Record<string, string>, string, number, string][] = [
  ['no token', `/v1/things/x/approve`, {}, wrongBody, 401, 'token-missing'],
  ['a header that is none', `/v1/things/x/approve`, { authorization: 'Basic eDp5' }, wrongBody, 401, 'token-invalid'],
  ['a token that is none', `/v1/things/x/approve`, good('a.b.c'), wrongBody, 401, 'token-invalid'],
  ['no right', `/v1/things/x/approve`, good(tokenFor({ groups: ['thing.read'] })), wrongBody, 403, 'right-missing'],
  ['an id that is no UUID', `/v1/things/x/approve`, good(all), wrongBody, 404, 'not-found'],
  ['outside of the scope', `/v1/things/${unknownId}/approve`, good(outside), wrongBody, 404, 'not-found'],
  ['no key', `/v1/things/${unknownId}/approve`, good(all), wrongBody, 400, 'idempotency-key-missing'],
  [
    'a key that is no UUID',
    `/v1/things/${unknownId}/approve`,
    { ...good(all), 'idempotency-key': '12' },
    wrongBody,
    400,
    'idempotency-key-malformed',
  ],
  [
    'an If-Match that is none',
    `/v1/things/${unknownId}/approve`,
    { ...good(all), ...key, 'if-match': '5' },
    wrongBody,
    400,
    'if-match-malformed',
  ],
  [
    'an If-Match that names no version',
    `/v1/things/${unknownId}/approve`,
    { ...good(all), ...key, 'if-match': '*' },
    wrongBody,
    400,
    'if-match-malformed',
  ],
  [
    'a body that is no JSON by its type',
    `/v1/things/${unknownId}/approve`,
    { ...good(all), ...key, 'content-type': 'text/plain' },
    '{',
    415,
    'content-type-unsupported',
  ],
  ['not JSON', `/v1/things/${unknownId}/approve`, { ...good(all), ...key }, '{', 400, 'body-not-json'],
  ['the wrong shape', `/v1/things/${unknownId}/approve`, { ...good(all), ...key }, wrongBody, 422, 'fields-wrong'],
  ['what the action says', `/v1/things/${unknownId}/approve`, { ...good(all), ...key }, '{}', 404, 'thing-unknown'],
]

describe('the first check that fails answers', () => {
  test.each(order)('%s', async (_name, path, headers, body, status, type) => {
    const answer = await raw('POST', path, headers, body)
    expect([answer.status, answer.body.type]).toEqual([status, type])
    expect(answer.headers.get('content-type')).toBe('application/problem+json')
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect(answer.headers.get('x-powered-by')).toBeNull()
    expect(answer.body).toMatchObject({ status, correlationId: answer.headers.get('x-correlation-id') })
    expect(answer.body.title).not.toBe('')
    expect(answer.body.detail).not.toBe('')
    if (status === 401) expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer realm="stockline"/)
    if (status === 403) expect(answer.body.detail).toContain('thing.approve')
  })

  test('an address that nobody serves is 404, a method that it does not take is 405 and says which it does', async () => {
    expect((await raw('GET', '/v1/nothing')).body.type).toBe('not-found')
    const answer = await raw('PATCH', `/v1/things/${unknownId}`)
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, DELETE'])
    expect((await raw('GET', '/v1/things/%ff', good(all))).status).toBe(404)
    expect((await raw('GET', '/v1/things/%00', good(all))).status).toBe(404)
  })

  test('a path that is spelled out wins over one with a parameter', async () => {
    expect((await raw('GET', '/v1/things/special', good(all))).body).toEqual({ special: true })
  })
})

describe('a body', () => {
  const send = (body: unknown, headers: Record<string, string> = {}): Promise<Reply<ProblemBody>> =>
    started.client.send<ProblemBody>('POST', '/v1/things', { body, headers })

  test('has every wrong field named at once, unknown ones too, however deep', async () => {
    const lines = [
      { line: 1, quantity: '5' },
      { line: 'x', quantity: 'NaN', quanity: '5' },
    ]
    const answer = await send({ nmae: 'x', lines, 'a/b~c': 1 })
    expect(answer.status).toBe(422)
    expect(answer.body.errors).toEqual([
      { pointer: '/nmae', message: 'is not a known field' },
      { pointer: '/lines/1/quanity', message: 'is not a known field' },
      { pointer: '/a~1b~0c', message: 'is not a known field' },
      { pointer: '/name', message: 'is missing' },
      { pointer: '/lines/1/line', message: 'must be a number' },
      { pointer: '/lines/1/quantity', message: 'must be a number' },
    ])
  })

  test.each([
    ['a list', '[]', 422, ''],
    ['null', 'null', 422, ''],
    ['a text with a NUL', '{"name":"a\\u0000b"}', 422, '/name'],
    ['nothing', '', 422, '/name'],
  ])('that is %s is refused', async (_name, body, status, pointer) => {
    const answer = await send(body)
    expect([answer.status, answer.body.errors?.[0]?.pointer]).toEqual([status, pointer])
  })

  test('that is not UTF-8 is not JSON', async () => {
    const bytes = Buffer.concat([Buffer.from('{"name":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"}')])
    const answer = await raw('POST', '/v1/things', { ...good(all), 'idempotency-key': randomUUID() }, bytes)
    expect([answer.status, answer.body.type]).toEqual([400, 'body-not-json'])
  })

  test('of exactly 1 MiB is read, a byte more is 413, and far more too', async () => {
    const sized = (size: number) => `{"name":"${'x'.repeat(size - 11)}"}`
    expect((await send(sized(1_048_576))).status).toBe(422)
    expect((await send(sized(1_048_577))).body.type).toBe('body-too-large')
    expect((await send(sized(5_000_000))).status).toBe(413)
  })

  test('that is compressed is refused', async () => {
    expect((await send({ name: 'x' }, { 'content-encoding': 'gzip' })).status).toBe(415)
  })

  test('whose sender goes away leaves nothing behind', async () => {
    const { port } = new URL(started.service.url)
    const socket = connect(Number(port), '127.0.0.1')
    socket.write(
      `POST /v1/things HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${all}\r\nIdempotency-Key: ${randomUUID()}\r\nContent-Length: 100\r\n\r\n{"name"`,
    )
    await new Promise((resolve) => setTimeout(resolve, 50))
    socket.destroy()
    expect((await raw('GET', '/v1/things', good(all))).status).toBe(200)
  })
})

describe('a list', () => {
  beforeAll(async () => {
    for (const name of ['list-a', 'list-b', 'list-c'])
      await started.client.send('POST', '/v1/things', { body: { name } })
  })

  test('comes in pages', async () => {
    const first = await started.client.get<{ items: { name: string }[]; nextCursor: string | null }>(
      '/v1/things?name=list-&limit=2',
    )
    expect(first.body.items.map((item) => item.name)).toEqual(['list-a', 'list-b'])
    const rest = await started.client.get<typeof first.body>(
      `/v1/things?name=list-&limit=2&cursor=${first.body.nextCursor ?? ''}`,
    )
    expect(rest.body).toMatchObject({ items: [{ name: 'list-c' }], nextCursor: null })
  })

  test.each([
    ['?limit=0', '?limit'],
    ['?limit=201', '?limit'],
    ['?limit=x', '?limit'],
    ['?colour=red', '?colour'],
    ['?name=a&name=b', '?name'],
  ])('with %s is refused and the filter named', async (search, pointer) => {
    const answer = await raw('GET', `/v1/things${search}`, good(all))
    expect([answer.status, answer.body.errors?.[0]?.pointer]).toEqual([422, pointer])
  })

  test('comes as CSV when asked for', async () => {
    const answer = await raw('GET', '/v1/things?name=list-a', { ...good(all), accept: 'text/csv, application/json' })
    expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8')
    expect(answer.body as unknown).toMatch(/,list-a$/)
  })

  test.each(['__proto__', 'constructor', 'toString;q=1', 'application/xml, */*', 'hasOwnProperty', ''])(
    'comes as JSON where %j is asked for',
    async (accept) => {
      const answer = await raw('GET', '/v1/things?name=list-a', { ...good(all), accept })
      expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/json; charset=utf-8'])
    },
  )
})

describe('a version', () => {
  test('missing 428, stale 412, right 200, and a second tap 200 whatever it says', async () => {
    const made = await started.client.send<{ id: string; version: number }>('POST', '/v1/things', {
      body: { name: `versioned-${randomUUID()}` },
    })
    expect(made.headers['etag']).toBe('"1"')
    expect(made.headers['location']).toBe(`/v1/things/${made.body.id}`)
    const path = `/v1/things/${made.body.id}/approve`
    expect((await started.client.send('POST', path)).status).toBe(428)
    expect((await started.client.send('POST', path, { version: 9 })).status).toBe(412)
    const done = await started.client.send('POST', path, { version: 1 })
    expect([done.status, done.headers['etag']]).toEqual([200, '"2"'])
    expect((await started.client.send('POST', path, { version: 1 })).status).toBe(200)
    expect((await started.client.send('POST', path)).status).toBe(200)
    expect((await started.client.get(`/v1/things/${made.body.id}`)).headers['etag']).toBe('"2"')
  })

  test('204 has no body', async () => {
    const answer = await raw('DELETE', `/v1/things/${unknownId}`, { ...good(all), 'idempotency-key': randomUUID() })
    expect([answer.status, answer.body]).toEqual([204, undefined])
  })
})

describe('who and where', () => {
  test('a correlation id is kept if it is sane, else made', async () => {
    expect((await raw('GET', '/v1/things', { 'x-correlation-id': 'abc-1' })).body.correlationId).toBe('abc-1')
    for (const bad of ['a b', 'x'.repeat(200), '<script>'])
      expect((await raw('GET', '/v1/things', { 'x-correlation-id': bad })).body.correlationId).toMatch(
        /^[0-9a-f-]{36}$/,
      )
  })

  test('the last forwarded address counts, behind a trusted origin', async () => {
    const login = (headers: Record<string, string>) => raw('POST', '/v1/login', headers, '{"username":"a"}')
    expect((await login({ 'x-forwarded-for': '6.6.6.6, 10.1.2.3' })).body).toMatchObject({ address: '10.1.2.3' })
    expect((await login({})).body).toMatchObject({ address: '127.0.0.1' })
  })

  test('too many tries say when to come again', async () => {
    const answer = await raw('POST', '/v1/login', {}, '{"username":"busy"}')
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, '7'])
  })

  test('a scope is a client’s, and a form is read', async () => {
    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    const client = tokenFor({ without: ['groups', 'sid'], claims: { scope: 'orders:publish forms:send' } })
    expect((await raw('POST', '/v1/form', { ...good(client), ...form }, 'grant=x%20y')).body).toEqual({ grant: 'x y' })
    const refused = await raw('POST', '/v1/form', { ...good(all), ...form }, 'grant=x')
    expect([refused.status, refused.body.detail]).toEqual([403, 'You lack the scope forms:send.'])
  })
})

describe('what breaks', () => {
  test('a bug is 500 with its stack in the log and nothing of it in the answer; nothing is half done', async () => {
    const name = `bug-${randomUUID()}`
    trip.error = new TypeError('secret inner detail')
    const answer = await raw(
      'POST',
      '/v1/things',
      { ...good(all), 'idempotency-key': randomUUID() },
      JSON.stringify({ name }),
    )
    delete trip.error
    expect(answer.status).toBe(500)
    expect(JSON.stringify(answer.body)).not.toContain('secret')
    const logged = started.lines().find((line) => line['msg'] === 'bug')
    expect(logged).toMatchObject({ correlationId: answer.body.correlationId, err: { type: 'TypeError' } })
    expect(await countNamed(started.service, name)).toBe(0)
  })

  test('a fault is 503 and says when to come again', async () => {
    trip.error = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })
    const answer = await raw('POST', '/v1/things', { ...good(all), ...key }, JSON.stringify({ name: 'fault' }))
    delete trip.error
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '2'])
  })
})

test('nobody asked about documents that nobody waited for', () => {
  expect(asked).toEqual([])
})
