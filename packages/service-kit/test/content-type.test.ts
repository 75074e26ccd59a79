import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { startThings, tokenFor, type Started } from './things.ts'

let started: Started
beforeAll(async () => {
  started = await startThings()
})
afterAll(() => started.stop())

async function raw(path: string, headers: Record<string, string>, body: string | Buffer) {
  const answer = await fetch(started.service.url + path, { method: 'POST', headers, body })
  return { status: answer.status, headers: answer.headers, body: (await answer.json()) as { readonly detail: string } }
}

/** Everything that is answered to these bytes. */
function spoken(port: number, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = ''
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes))
    socket.on('data', (chunk: Buffer) => (said += chunk.toString()))
    socket.on('error', reject)
    socket.on('close', () => resolve(said))
  })
}

const good = (token: string) => ({ authorization: `Bearer ${token}` })

describe('a body', () => {
  const untyped = Buffer.from('{"username":"a"}')
  test.each([
    ['application/json', 200],
    ['application/json; charset=utf-8', 200],
    ['APPLICATION/JSON;charset="UTF-8"', 200],
    ['application/json ; charset=us-ascii', 200],
    ['application/problem+json', 200],
    ['application/vnd.acme.v1+json;x=y', 200],
    ['text/plain', 415],
    ['text/plain;charset=UTF-8', 415],
    ['application/x-www-form-urlencoded', 415],
    ['multipart/form-data; boundary=x', 415],
    ['application/jsonp', 415],
    ['application/xml; note=application/json', 415],
    ['application/json; charset=utf-16', 415],
    ['application/json; charset=latin1', 415],
    ['application/+json', 415],
    ['text/json', 415],
    ['json', 415],
    ['x'.repeat(9_000), 415],
  ])('sent as %s gets %i', async (type, status) => {
    const answer = await raw('/v1/login', { 'content-type': type }, untyped)
    expect(answer.status).toBe(status)
    if (status === 200) return
    expect(answer.body).toMatchObject({ type: 'content-type-unsupported', status: 415 })
    expect(answer.body.detail).toMatch(/Send it with Content-Type: application\/json, in UTF-8\.$/)
    expect(answer.body.detail.length).toBeLessThan(250)
    expect(answer.headers.get('accept')).toBe('application/json')
  })

  test.each([
    ['application/x-www-form-urlencoded', 'grant=x', 200],
    ['Application/X-WWW-Form-Urlencoded; charset=utf-8', 'grant=x', 200],
    ['application/json', '{"grant":"x"}', 200],
    ['text/plain', 'grant=x', 415],
    ['multipart/form-data; boundary=x', 'grant=x', 415],
  ])('of a form sent as %s: %s gets %i', async (type, body, status) => {
    const client = tokenFor({ without: ['groups', 'sid'], claims: { scope: 'forms:send' } })
    expect((await raw('/v1/form', { ...good(client), 'content-type': type }, body)).status).toBe(status)
  })

  test('without a type is read as what is taken, and a type without a body is not looked at', async () => {
    const { port } = new URL(started.service.url)
    const exchange = (head: string, body: string) =>
      spoken(Number(port), `POST /v1/login HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${head}\r\n${body}`)
    expect(await exchange('Content-Length: 16\r\n', '{"username":"a"}')).toMatch(/^HTTP\/1.1 200 /)
    expect(await exchange('Content-Length: 0\r\nContent-Type: text/plain\r\n', '')).toMatch(/^HTTP\/1.1 422 /)
  })
})

test.each([
  [
    'headers of 40 KB',
    `GET /v1/things HTTP/1.1\r\nHost: x\r\nX-A: ${'a'.repeat(40_000)}\r\n\r\n`,
    431,
    'headers-too-large',
  ],
  ['an address of 40 KB', `GET /v1/things?${'a'.repeat(40_000)} HTTP/1.1\r\nHost: x\r\n\r\n`, 431, 'headers-too-large'],
  ['no Host', 'GET /v1/things HTTP/1.1\r\nConnection: close\r\n\r\n', 400, 'request-malformed'],
  ['a header without a name', 'GET /v1/things HTTP/1.1\r\nHost: x\r\n: y\r\n\r\n', 400, 'request-malformed'],
  ['a method that is none', 'NO\u0001 / HTTP/1.1\r\n\r\n', 400, 'request-malformed'],
  ['what is no HTTP at all', '\u0016\u0003\u0001 hello\r\n\r\n', 400, 'request-malformed'],
])('%s is answered as a problem', async (_name, bytes, status, type) => {
  const [head = '', body = ''] = (await spoken(Number(new URL(started.service.url).port), bytes)).split('\r\n\r\n')
  expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} [^]*Content-Type: application/problem\\+json`))
  expect(JSON.parse(body)).toMatchObject({ type, status, correlationId: expect.any(String) })
  expect(head).toContain(`Content-Length: ${Buffer.byteLength(body)}`)
})
