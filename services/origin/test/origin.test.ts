import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { once } from 'node:events'
import http from 'node:http'
import net from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { originBuild, createObserver } from '../src/observer.ts'
import { until } from '@stockline/test-kit'
import { openOrigin, type RunningOrigin } from '../src/origin.ts'
import { addressOfNobody, listening, noHttpServer } from './backends.ts'

describe('the origin', () => {
  let service: http.Server
  let origin: RunningOrigin
  const observer = createObserver(originBuild({}), 'silent')
  let raw: net.Server
  let open = false
  const heard: { url: string; headers: http.IncomingHttpHeaders; aborted: boolean }[] = []

  beforeAll(async () => {
    service = http.createServer((request, answer) => {
      const entry = { url: request.url ?? '', headers: request.headers, aborted: false }
      heard.push(entry)
      answer.on('close', () => (entry.aborted = !answer.writableFinished))
      void respond(request, answer)
    })
    raw = noHttpServer()
    const [base, noHttp, free] = await Promise.all([listening(service), listening(raw), addressOfNobody()])
    origin = await openOrigin({
      host: '127.0.0.1',
      port: 0,
      services: { identity: base, stock: base, picking: free, valuation: noHttp },
      trustedForwarders: [],
      isOpen: () => open,
      seeds: true,
      observer,
    })
  })
  afterAll(async () => {
    await origin.stop(100)
    service.closeAllConnections()
    service.close()
    raw.close()
  })

  async function respond(request: http.IncomingMessage, answer: http.ServerResponse): Promise<void> {
    if (request.url === '/health/ready') {
      answer.end('{"ready":true}')
    } else if (request.url === '/chunks') {
      for (let part = 0; part < 20; part++) {
        answer.write(`part ${part};`)
        await sleep(1)
      }
      answer.end()
    } else if (request.url === '/large') {
      answer.end(Buffer.alloc(20_000_000, 'x'))
    } else if (request.url === '/broken') {
      answer.writeHead(200, { 'content-length': '100' }).write('half')
      setTimeout(() => answer.destroy(), 20)
    } else if (request.url === '/slow') {
      await sleep(30_000, undefined, { ref: false })
    } else if (request.url === '/early') {
      answer.writeHead(413, { connection: 'close' }).end('too much')
    } else {
      const parts: Buffer[] = []
      for await (const part of request) parts.push(part as Buffer)
      answer.setHeader('etag', '"7"').setHeader('set-cookie', ['a=1', 'b=2'])
      answer.end(Buffer.concat(parts))
    }
  }

  test('takes the prefix off, and says itself for whom it speaks', async () => {
    const answer = await fetch(`${origin.url}/stock/v1/quants?sku=A%20B`, {
      headers: { 'x-forwarded-for': '6.6.6.6', 'if-match': '"3"' },
    })
    expect(answer.status).toBe(200)
    expect(answer.headers.get('etag')).toBe('"7"')
    expect(answer.headers.getSetCookie()).toEqual(['a=1', 'b=2'])
    const last = heard.at(-1)!
    expect(last.url).toBe('/v1/quants?sku=A%20B')
    expect(last.headers).toMatchObject({
      host: new URL(origin.url).host,
      'if-match': '"3"',
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-prefix': '/stock',
    })
  })

  test('passes bodies on, with a length or in chunks, both ways', async () => {
    const text = 'body '.repeat(200_000)
    const sized = await fetch(`${origin.url}/stock/echo`, { method: 'POST', body: text })
    expect((await sized.text()) === text).toBe(true)
    const stream = new ReadableStream({
      async start(controller) {
        for (let part = 0; part < 50; part++) {
          controller.enqueue(new TextEncoder().encode(`${part},`))
          if (part % 10 === 0) await sleep(2)
        }
        controller.close()
      },
    })
    const chunked = await fetch(`${origin.url}/stock/echo`, { method: 'POST', body: stream, duplex: 'half' })
    expect((await chunked.text()).split(',')).toHaveLength(51)
    expect((await (await fetch(`${origin.url}/stock/chunks`)).text()).split(';')).toHaveLength(21)
    expect((await (await fetch(`${origin.url}/stock/large`)).arrayBuffer()).byteLength).toBe(20_000_000)
  })

  test('keeps hundreds of requests at once apart', async () => {
    const texts = await Promise.all(
      Array.from({ length: 300 }, async (_, number) => {
        const answer = await fetch(`${origin.url}/stock/echo`, { method: 'POST', body: `request ${number}` })
        return answer.text()
      }),
    )
    expect(texts).toEqual(texts.map((_, number) => `request ${number}`))
  })

  test.each([
    ['headers of 40 KB', `GET /stock/x HTTP/1.1\r\nHost: x\r\nX-A: ${'a'.repeat(40_000)}\r\n\r\n`, 431],
    ['an address of 40 KB', `GET /stock/${'a'.repeat(40_000)} HTTP/1.1\r\nHost: x\r\n\r\n`, 431],
    ['two lengths', 'GET /stock/x HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n', 400],
    ['two hosts', 'GET /stock/x HTTP/1.1\r\nHost: x\r\nHost: y\r\nConnection: close\r\n\r\n', 400],
    ['a request without Host', 'GET /stock/x HTTP/1.1\r\nConnection: close\r\n\r\n', 400],
    ['what is no HTTP', '\u0016\u0003\u0001\r\n\r\n', 400],
  ])('%s: answered as a problem, small', async (_name, bytes, status) => {
    const socket = net.connect(Number(new URL(origin.url).port), '127.0.0.1')
    socket.write(bytes)
    let said = ''
    socket.on('data', (chunk: Buffer) => (said += chunk.toString()))
    await once(socket, 'close')
    const [head = '', body = ''] = said.split('\r\n\r\n')
    expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} [^]*content-type: application/problem\\+json`, 'i'))
    expect(JSON.parse(body.slice(body.indexOf('{'), body.lastIndexOf('}') + 1))).toMatchObject({
      status,
      correlationId: expect.any(String),
    })
    expect(said.length).toBeLessThan(1_000)
  })

  test('a service that is not there: 503, to be tried again', async () => {
    const answer = await fetch(`${origin.url}/picking/v1/receipts`, { method: 'POST', body: '{}' })
    expect(answer.status).toBe(503)
    expect(answer.headers.get('retry-after')).toBe('1')
    expect(answer.headers.get('content-type')).toBe('application/problem+json')
    expect(await answer.json()).toMatchObject({ type: 'service-unavailable', status: 503, errors: [] })
  })

  test('a service that speaks no HTTP: 502', async () => {
    const answer = await fetch(`${origin.url}/valuation/v1/layers`)
    expect([answer.status, ((await answer.json()) as { type: string }).type]).toEqual([502, 'bad-answer'])
  })

  test('an answer that breaks off breaks off here, too, and is not taken for whole', async () => {
    const answer = await fetch(`${origin.url}/stock/broken`)
    await expect(answer.text()).rejects.toThrow()
  })

  test('a body that is far too large is refused, though the service closes on it', async () => {
    const answer = await fetch(`${origin.url}/stock/early`, { method: 'POST', body: 'x'.repeat(3_000_000) })
    expect(answer.status).toBe(413)
    expect(await answer.text()).toMatch(/too much|body-too-large/)
  })

  test('a service that closes its resting connections is not noticed', async () => {
    for (let round = 0; round < 5; round++) {
      expect((await fetch(`${origin.url}/stock/echo`)).status).toBe(200)
      service.closeIdleConnections()
    }
    await sleep(20)
    expect((await fetch(`${origin.url}/stock/echo`, { method: 'POST', body: 'x' })).status).toBe(200)
  })

  test('who goes away is not answered for: the service learns of it', async () => {
    const leaving = new AbortController()
    const asked = fetch(`${origin.url}/stock/slow`, { signal: leaving.signal }).catch(() => 'gone')
    const slow = () => heard.findLast((entry) => entry.url === '/slow')
    await until('it is heard', () => Promise.resolve(slow() !== undefined))
    leaving.abort()
    expect(await asked).toBe('gone')
    await until('it learns of it', () => Promise.resolve(slow()?.aborted === true))
  })

  test('two lengths, or a length and chunks, are refused before any service sees them', async () => {
    const before = heard.length
    for (const headers of [
      'Content-Length: 5\r\nTransfer-Encoding: chunked',
      'Content-Length: 5\r\nContent-Length: 6',
    ]) {
      const socket = net.connect(Number(new URL(origin.url).port), '127.0.0.1')
      socket.write(
        `POST /stock/echo HTTP/1.1\r\nHost: a\r\n${headers}\r\n\r\n0\r\n\r\nGET /stock/smuggled HTTP/1.1\r\n\r\n`,
      )
      const [reply] = (await once(socket, 'data')) as [Buffer]
      expect(reply.toString()).toMatch(/^HTTP\/1\.1 400 /)
      socket.destroy()
    }
    expect(heard.length).toBe(before)
  })

  test('its own paths', async () => {
    expect((await fetch(`${origin.url}/health/live`)).status).toBe(200)
    const page = await fetch(origin.url, { headers: { accept: 'text/html' } })
    expect(await page.text()).toContain('/picking/v1/docs')
    expect(await (await fetch(origin.url)).json()).toMatchObject({ name: 'Stockline', ready: false })
    const unknown = await fetch(`${origin.url}/elsewhere`)
    expect([unknown.status, unknown.headers.get('content-type')]).toEqual([404, 'application/problem+json'])
  })

  test('it is ready only when it was opened and every service is', async () => {
    open = true
    const answer = await until('it is seen', async () => {
      const answer = await fetch(`${origin.url}/health/ready`)
      expect(answer.status).toBe(503)
      const body = (await answer.json()) as { seeded: boolean; services: { stock: { ready: boolean } } }
      return body.seeded && body.services.stock.ready && body
    })
    expect(answer).toMatchObject({
      ready: false,
      seeded: true,
      services: { stock: { ready: true }, picking: { ready: false } },
    })
  })
})
