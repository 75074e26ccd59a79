/**
 * The one origin in front of the services: it takes the prefix off, says for whom it speaks, and passes everything
 * on as it comes. It stands in the way of every request, so it does nothing else.
 */
import { randomUUID } from 'node:crypto'
import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import { isIP } from 'node:net'
import { faultCode } from './fault-code.ts'
import { answerHeaders, destinationOf, problem, requestHeaders, type Sender } from './gateway.rules.ts'
import { page, type Overview } from './gateway.page.ts'
import { isReady, type Readiness } from './readiness.ts'
import type { ServiceName } from './settings.ts'

/** What the origin needs to know. */
export interface GatewayOptions {
  readonly host: string
  readonly port: number
  /** Base address of each service. */
  readonly services: Readonly<Record<ServiceName, string>>
  /** Proxies in front of us whose word about the sender is believed. */
  readonly trustedForwarders: readonly string[]
  /** Is the seed done and everything caught up? Until then the origin is not ready, though it answers. */
  readonly isOpen: () => boolean
}

/** The origin, answering. */
export interface Gateway {
  readonly url: string
  /** Takes no more connections, lets running requests end for at most this long. */
  stop(patienceMs: number): Promise<void>
}

const answerTimeoutMs = 60_000
const readinessCacheMs = 200

/** Opens the origin; rejects when the port cannot be had. */
export async function openGateway(options: GatewayOptions): Promise<Gateway> {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 512, scheduling: 'lifo' })
  const targets = addressesOf(options.services)
  const trusted = new Set(options.trustedForwarders)
  const readiness = readinessOf(options)
  const server = http.createServer(
    { keepAliveTimeout: 65_000, headersTimeout: 15_000, noDelay: true },
    (request, answer) => {
      const destination = destinationOf(request.url ?? '/')
      if (destination === undefined) {
        void own(request, answer, options, readiness)
        return
      }
      const address = request.socket.remoteAddress ?? ''
      const sender: Sender = { address: plainAddress(address), isTrustedForwarder: trusted.has(plainAddress(address)) }
      const call: Call = {
        agent,
        target: targets[destination.service],
        service: destination.service,
        path: destination.path,
        headers: requestHeaders(request.rawHeaders, sender, destination.service),
      }
      forward(request, answer, call, false)
    },
  )
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port, options.host, resolve)
  })
  return {
    url: `http://${isIP(options.host) === 6 ? `[${options.host}]` : options.host}:${options.port}`,
    stop: (patienceMs) => closeServer(server, agent, patienceMs),
  }
}

async function closeServer(server: http.Server, agent: http.Agent, patienceMs: number): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve))
  server.closeIdleConnections()
  const idle = setInterval(() => server.closeIdleConnections(), 100)
  const force = setTimeout(() => server.closeAllConnections(), patienceMs)
  await closed
  clearInterval(idle)
  clearTimeout(force)
  agent.destroy()
}

interface Target {
  readonly host: string
  readonly port: number
}

function addressesOf(services: GatewayOptions['services']): Record<ServiceName, Target> {
  const target = (name: ServiceName): Target => {
    const url = new URL(services[name])
    return { host: url.hostname, port: Number(url.port === '' ? 80 : url.port) }
  }
  return {
    identity: target('identity'),
    stock: target('stock'),
    picking: target('picking'),
    valuation: target('valuation'),
  }
}

/** IPv4 within IPv6 is written as IPv4. */
function plainAddress(address: string): string {
  return address.startsWith('::ffff:') ? address.slice(7) : address
}

interface Call {
  readonly agent: http.Agent
  readonly target: Target
  readonly service: ServiceName
  readonly path: string
  readonly headers: readonly string[]
}

function forward(request: IncomingMessage, answer: ServerResponse, call: Call, again: boolean): void {
  const outgoing = http.request({
    agent: call.agent,
    host: call.target.host,
    port: call.target.port,
    method: request.method ?? 'GET',
    path: call.path,
    headers: call.headers,
    setHost: false,
    timeout: answerTimeoutMs,
  })
  const abandoned = (): void => {
    if (!answer.writableFinished) outgoing.destroy()
  }
  answer.once('close', abandoned)
  outgoing.once('response', (incoming) => {
    answer.writeHead(
      incoming.statusCode ?? 502,
      answerHeaders(incoming.rawHeaders) as unknown as http.OutgoingHttpHeaders,
    )
    incoming.pipe(answer)
    incoming.once('error', () => answer.destroy())
  })
  outgoing.once('timeout', () => outgoing.destroy(new AnswerTimeout()))
  outgoing.once('error', (error) => {
    answer.off('close', abandoned)
    if (answer.destroyed) return
    if (answer.headersSent) {
      answer.destroy()
    } else if (!again && outgoing.reusedSocket && !hasBody(request)) {
      // The service closed the connection while we took it up again: nothing was done yet, so it is simply repeated.
      forward(request, answer, call, true)
    } else {
      refuse(request, answer, call.service, error)
    }
  })
  if (hasBody(request)) request.pipe(outgoing)
  else outgoing.end()
}

class AnswerTimeout extends Error {}

function hasBody(request: IncomingMessage): boolean {
  const length = request.headers['content-length']
  return request.headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0')
}

function refuse(request: IncomingMessage, answer: ServerResponse, service: ServiceName, error: Error): void {
  request.unpipe()
  request.resume()
  if (error instanceof AnswerTimeout) {
    reply(answer, 504, 'no-answer', 'No answer', `The service ${service} did not answer in time.`)
  } else if (faultCode(error)?.startsWith('HPE_') === true) {
    reply(answer, 502, 'bad-answer', 'Bad answer', `The service ${service} answered with something that is no HTTP.`)
  } else {
    const detail = `The service ${service} is not there at the moment. Send the same request again in a second.`
    reply(answer, 503, 'service-unavailable', 'Service unavailable', detail)
  }
}

function reply(answer: ServerResponse, status: number, code: string, title: string, detail: string): void {
  const id = randomUUID()
  const body = problem(status, code, title, detail, id)
  const retry = status === 503 || status === 504 ? { 'retry-after': '1' } : {}
  answer.writeHead(status, { 'content-type': 'application/problem+json', 'x-correlation-id': id, ...retry })
  answer.end(body)
}

async function own(
  request: IncomingMessage,
  answer: ServerResponse,
  options: GatewayOptions,
  readiness: () => Promise<Readiness>,
): Promise<void> {
  request.resume()
  const path = (request.url ?? '/').split('?')[0]
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    reply(answer, 404, 'unknown-path', 'Not found', 'Paths begin with /identity, /stock, /picking or /valuation.')
  } else if (path === '/health/live') {
    json(answer, 200, { status: 'live' })
  } else if (path === '/health/ready') {
    const state = await readiness()
    json(answer, state.ready ? 200 : 503, state)
  } else if (path === '/') {
    const overview: Overview = { ready: (await readiness()).ready, services: Object.keys(options.services) }
    if ((request.headers.accept ?? '').includes('text/html')) html(answer, page(overview))
    else json(answer, 200, { name: 'Stockline', ...links(overview) })
  } else {
    reply(answer, 404, 'unknown-path', 'Not found', 'Paths begin with /identity, /stock, /picking or /valuation.')
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

/** Asks all services at once, and no more often than needed however many ask us. */
function readinessOf(options: GatewayOptions): () => Promise<Readiness> {
  let asked = 0
  let answer: Promise<Readiness> | undefined
  return () => {
    if (answer === undefined || Date.now() - asked > readinessCacheMs) {
      asked = Date.now()
      answer = isReady(options.services, options.isOpen())
    }
    return answer
  }
}
