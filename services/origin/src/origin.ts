/**
 * The one origin in front of the services: it takes the prefix off, says for whom it speaks and under which correlation
 * id, and passes everything on as it comes. It stands in the way of every request, so it does nothing else.
 */
import { randomUUID } from 'node:crypto'
import http, { type ServerResponse } from 'node:http'
import { isIP } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Config } from './config.ts'
import { forwardRequest, pathOf, reply, told, type Exchange } from './forward.ts'
import type { Observer } from './observer.ts'
import { overviewPage, type Overview } from './page.ts'
import { isReady, type Readiness } from './readiness.ts'
import { destinationOf, givenCorrelationId, problem, requestHeaders } from './rules.ts'
import { type ServiceName, serviceNames } from './services.ts'
import { connectTo, type Upstream } from './upstream.ts'

/** What the origin needs to know. */
export interface OriginOptions extends Omit<Config, 'logLevel' | 'metrics'> {
  /** Is the seed done and everything caught up? Until then the origin is not ready, though it answers. */
  readonly isOpen: () => boolean
  /** Logs and counts. */
  readonly observer: Observer
}

/** The origin, answering. */
export interface RunningOrigin {
  readonly url: string
  /** Takes no more connections, lets running requests end for at most this long. */
  stop(patienceMs: number): Promise<void>
}

const readinessCacheMs = 200

/** Opens the origin; rejects when the port cannot be had. */
export async function openOrigin(options: OriginOptions): Promise<RunningOrigin> {
  const { observer } = options
  const upstreams = connectToAll(options.services)
  const trusted = new Set(options.trustedForwarders)
  const readiness = readinessOf(options)
  // A request without Host is answered here, as a problem.
  const settings = { keepAliveTimeout: 65_000, headersTimeout: 15_000, noDelay: true, requireHostHeader: false }
  const server = http.createServer(settings, (request, answer) => {
    const destination = destinationOf(request.url ?? '/')
    const correlationId = givenCorrelationId(request.headers['x-correlation-id']) ?? randomUUID()
    const exchange: Exchange = { request, answer, correlationId, service: destination?.service, observer }
    if (request.headers.host === undefined && request.httpVersion === '1.1') {
      reply(exchange, 400, 'request-malformed', 'Bad request', 'Send the header Host.')
      return
    }
    if (destination === undefined) {
      void own(exchange, options, readiness)
      return
    }
    const { service, path } = destination
    observer.forwarded(service)
    const address = plainAddress(request.socket.remoteAddress ?? '')
    const sender = { address, isTrustedForwarder: trusted.has(address) }
    const headers = requestHeaders(request.rawHeaders, sender, service, correlationId)
    forwardRequest(exchange, upstreams[service], { method: request.method ?? 'GET', path, headers }, service)
  })
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    refuseUnreadable(error, socket, observer)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port, options.host, resolve)
  })
  return {
    url: `http://${isIP(options.host) === 6 ? `[${options.host}]` : options.host}:${portOf(server)}`,
    stop: async (patienceMs) => {
      await closeServer(server, patienceMs)
      await Promise.all(Object.values(upstreams).map((upstream) => upstream.close()))
    },
  }
}

function portOf(server: http.Server): number {
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

async function closeServer(server: http.Server, patienceMs: number): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve))
  server.closeIdleConnections()
  const idle = setInterval(() => server.closeIdleConnections(), 100)
  const force = setTimeout(() => server.closeAllConnections(), patienceMs)
  await closed
  clearInterval(idle)
  clearTimeout(force)
}

function connectToAll(services: OriginOptions['services']): Record<ServiceName, Upstream> {
  const upstreams = serviceNames.map((name) => [name, connectTo(services[name])])
  return Object.fromEntries(upstreams) as Record<ServiceName, Upstream>
}

/** IPv4 within IPv6 is written as IPv4. */
function plainAddress(address: string): string {
  return address.startsWith('::ffff:') ? address.slice(7) : address
}

function isAnswer(response: unknown): response is ServerResponse {
  return response instanceof http.ServerResponse
}

/** What came is no request: there is nothing to answer for but the connection, which ends. */
function refuseUnreadable(error: NodeJS.ErrnoException, socket: Duplex, observer: Observer): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const response: unknown = Reflect.get(socket, '_httpMessage')
  // What came whole is answered first: such as a DELETE with a body that no header announces.
  if (isAnswer(response) && response.req.complete) {
    response.once('finish', () => socket.end())
    return
  }
  const [status, title] =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? ([431, 'Request Header Fields Too Large'] as const)
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? ([408, 'Request Timeout'] as const)
        : ([400, 'Bad Request'] as const)
  const correlationId = randomUUID()
  const body = problem(status, 'unreadable-request', title, 'What came is no request that can be read.', correlationId)
  socket.end(
    `HTTP/1.1 ${status} ${title}\r\nConnection: close\r\nContent-Type: application/problem+json\r\n` +
      `X-Correlation-Id: ${correlationId}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  )
  observer.answered({ status, code: 'unreadable-request', method: '', path: '', correlationId, error: error.message })
}

async function own(exchange: Exchange, options: OriginOptions, readiness: () => Promise<Readiness>): Promise<void> {
  const { request, answer } = exchange
  request.resume()
  const path = pathOf(request)
  const unknown = 'Paths begin with /identity, /stock, /picking or /valuation.'
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    reply(exchange, 404, 'unknown-path', 'Not found', unknown)
  } else if (path === '/health/live') {
    json(answer, 200, { status: 'live' })
    told(exchange, 200, 'health')
  } else if (path === '/health/ready') {
    const state = await readiness()
    json(answer, state.ready ? 200 : 503, state)
    told(exchange, state.ready ? 200 : 503, 'health')
  } else if (path === '/') {
    const overview: Overview = { ready: (await readiness()).ready, services: Object.keys(options.services) }
    if ((request.headers.accept ?? '').includes('text/html')) html(answer, overviewPage(overview))
    else json(answer, 200, { name: 'Stockline', ...links(overview) })
    told(exchange, 200, 'overview')
  } else {
    reply(exchange, 404, 'unknown-path', 'Not found', unknown)
  }
}

function links(overview: Overview): object {
  const services = overview.services.map((name) => [
    name,
    { openapi: `/${name}/v1/openapi.json`, docs: `/${name}/v1/docs` },
  ])
  return { ready: overview.ready, health: '/health/ready', services: Object.fromEntries(services) as object }
}

function json(answer: ServerResponse, status: number, value: unknown): void {
  const retry = status === 503 ? { 'retry-after': '1' } : {}
  answer.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store', ...retry })
  answer.end(JSON.stringify(value))
}

function html(answer: ServerResponse, text: string): void {
  answer.writeHead(200, {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
  })
  answer.end(text)
}

/** Asks all services at once. Requests that come meanwhile share the answer. */
function readinessOf(options: OriginOptions): () => Promise<Readiness> {
  let asked = 0
  let answer: Promise<Readiness> | undefined
  return () => {
    if (answer === undefined || performance.now() - asked > readinessCacheMs) {
      asked = performance.now()
      answer = isReady(options.services, options.isOpen(), options.seeds)
    }
    return answer
  }
}
