import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { once } from 'node:events'
import http from 'node:http'
import net from 'node:net'
import { text } from 'node:stream/consumers'
import { originBuild, createObserver } from '../src/observer.ts'
import { openOrigin, type RunningOrigin } from '../src/origin.ts'
import { addressOfNobody, listening, noHttpServer } from './backends.ts'

/** Correlation ids as they came to the service. */
const heard: (string | string[] | undefined)[] = []
const lines: string[] = []
const build = { version: '9.9', revision: 'a"b' }
const observer = createObserver(build, 'info', { write: (line) => lines.push(line) })
let origin: RunningOrigin
let service: http.Server
let raw: net.Server

beforeAll(async () => {
  service = http.createServer((request, answer) => {
    heard.push(request.headers['x-correlation-id'])
    answer.end('{}')
  })
  raw = noHttpServer()
  const [base, noHttp, free] = await Promise.all([listening(service), listening(raw), addressOfNobody()])
  origin = await openOrigin({
    host: '127.0.0.1',
    port: 0,
    services: { identity: base, stock: base, picking: free, valuation: noHttp },
    trustedForwarders: [],
    isOpen: () => true,
    seeds: false,
    observer,
  })
})

afterAll(async () => {
  await origin.stop(100)
  service.closeAllConnections()
  service.close()
  raw.close()
})

const counted = async (labels: string): Promise<number> => {
  const text = await observer.metrics()
  const line = text.split('\n').find((one) => one.includes(labels))
  return line === undefined ? 0 : Number(line.slice(line.lastIndexOf(' ') + 1))
}

describe('the correlation id', () => {
  test.each([
    ['that came goes along', 'scan-4711', 'scan-4711'],
    ['that cannot be one is replaced', 'a b', undefined],
    ['that is too long is replaced', 'x'.repeat(129), undefined],
    ['is made where none came', undefined, undefined],
  ])('%s', async (_title, given, expected) => {
    const headers: Record<string, string> = given === undefined ? {} : { 'x-correlation-id': given }
    await fetch(`${origin.url}/stock/v1/lots`, { headers })
    expect(heard.at(-1)).toEqual(expected ?? expect.stringMatching(/^[0-9a-f-]{36}$/))
    const refused = await fetch(`${origin.url}/picking/v1/receipts`, { headers })
    const id = refused.headers.get('x-correlation-id')
    expect(id).toEqual(expected ?? expect.stringMatching(/^[0-9a-f-]{36}$/))
    expect(await refused.json()).toMatchObject({ correlationId: id })
  })
})

describe('what the origin answers itself is logged and counted', () => {
  test.each<[string, string, RequestInit, number, string, string]>([
    ['a service that is not there', '/picking/v1/receipts?secret=1', {}, 503, 'service-unavailable', 'warn'],
    ['a service that speaks no HTTP', '/valuation/v1/layers', {}, 502, 'bad-answer', 'warn'],
    ['a path of nobody', '/elsewhere', { method: 'POST' }, 404, 'unknown-path', 'info'],
    ['metrics, which are for those who run it', '/metrics', {}, 404, 'unknown-path', 'info'],
    ['metrics of a service', '/stock/metrics', {}, 404, 'unknown-path', 'info'],
  ])('%s', async (_title, path, init, status, code, level) => {
    const labels = `stockline_origin_answers_total{status="${String(status)}",code="${code}"`
    const before = await counted(labels)
    const answer = await fetch(origin.url + path, { ...init, headers: { 'x-correlation-id': 'log-1' } })
    expect(answer.status).toBe(status)
    expect(await counted(labels)).toBe(before + 1)
    const line = JSON.parse(lines.at(-1)!) as Record<string, unknown>
    const said = { service: 'origin', level, status, code, correlationId: 'log-1', path: path.split('?')[0] }
    expect(line).toMatchObject(said)
    expect(lines.at(-1)).not.toContain('secret')
  })

  test('what is no HTTP', async () => {
    const labels = 'stockline_origin_answers_total{status="400",code="unreadable-request"'
    const socket = net.connect(Number(new URL(origin.url).port), '127.0.0.1')
    socket.write('HELLO\r\n\r\n')
    const [reply] = (await once(socket, 'data')) as [Buffer]
    expect(reply.toString()).toMatch(
      /^HTTP\/1\.1 400 [^]*application\/problem\+json[^]*"correlationId":"[0-9a-f-]{36}"/,
    )
    expect(await counted(labels)).toBe(1)
    socket.destroy()
  })

  test('what follows a whole request and is none does not answer in its place', async () => {
    const socket = net.connect(Number(new URL(origin.url).port), '127.0.0.1')
    socket.write('DELETE /stock/v1/lots HTTP/1.1\r\nHost: x\r\n\r\n{}')
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 200 (?![^]*HTTP)/)
  })

  test('probes are counted and not logged; what is passed on is counted, and logged by the service', async () => {
    const [before, passed] = [lines.length, await counted('stockline_origin_forwarded_total{to="stock"')]
    await fetch(`${origin.url}/health/live`)
    await fetch(`${origin.url}/stock/v1/lots`)
    expect(lines.length).toBe(before)
    expect(await counted('code="health"')).toBeGreaterThan(0)
    expect(await counted('stockline_origin_forwarded_total{to="stock"')).toBe(passed + 1)
  })

  test('and the metrics say which build it is', async () => {
    expect(await observer.metrics()).toContain(
      'stockline_build_info{version="9.9",revision="a\\"b",service="origin"} 1',
    )
    expect(originBuild({})).toEqual({ version: expect.stringMatching(/^\d+\.\d+/) as unknown, revision: 'unknown' })
  })

  test.each([
    ['debug', 2],
    ['warn', 1],
    ['silent', 0],
  ])('at the level %s: %d of two lines', (level, count) => {
    const said: string[] = []
    const watched = createObserver(originBuild({}), level, { write: (line) => said.push(line) })
    watched.log.info('one')
    watched.log.error('two')
    expect(said).toHaveLength(count)
  })
})
