/** Passes a request on to a service and its answer back, or answers with a problem of the origin's own. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { PassThrough, type Readable } from 'node:stream'
import type { Observer } from './observer.ts'
import { answerHeaders, problem } from './rules.ts'
import type { ServiceName } from './services.ts'
import type { Call, UpstreamFailure, RunningCall, Upstream } from './upstream.ts'

/** One request with its answer, and what is logged of it. */
export interface Exchange {
  readonly request: IncomingMessage
  readonly answer: ServerResponse
  readonly correlationId: string
  readonly service: ServiceName | undefined
  readonly observer: Observer
}

const largestBody = 1024 * 1024

/** A longer body is streamed. */
const gatheredBody = 64 * 1024

/** Sends a request on. A short body is read whole first, so that a slow sender occupies no connection of the service. */
export function forwardRequest(
  exchange: Exchange,
  upstream: Upstream,
  head: Omit<Call, 'body'>,
  service: ServiceName,
): void {
  const { request } = exchange
  const length = request.headers['content-length']
  const isChunked = request.headers['transfer-encoding'] !== undefined
  if (!isChunked && (length === undefined || length === '0'))
    forward(exchange, upstream, { ...head, body: undefined }, service)
  else if (isChunked || Number(length) > gatheredBody)
    forward(exchange, upstream, { ...head, body: passedOn(request) }, service)
  else
    gather(request, (body) => {
      forward(exchange, upstream, { ...head, body }, service)
    })
}

/**
 * The body as a stream of its own: undici would destroy the request, and with it the connection for the answer. When undici stops
 * reading, the rest is read and dropped, so that the sender gets to read the answer.
 */
function passedOn(request: IncomingMessage): Readable {
  const body = new PassThrough()
  request.on('data', (part: Buffer) => {
    if (!body.destroyed && !body.write(part)) request.pause()
  })
  request.once('end', () => body.end())
  body.on('drain', () => request.resume())
  body.once('close', () => request.resume())
  request.once('close', () => {
    if (!request.complete) body.destroy(new Error('the sender went away'))
  })
  return body
}

function gather(request: IncomingMessage, then: (body: Buffer) => void): void {
  const parts: Buffer[] = []
  request.on('data', (part: Buffer) => parts.push(part))
  request.once('end', () => {
    then(parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts))
  })
}

/** One without a body is sent once more where its connection closed before an answer: it may have rested too long. */
function forward(exchange: Exchange, upstream: Upstream, call: Call, service: ServiceName, again = false): void {
  const { answer } = exchange
  let isOver = false
  const running: RunningCall = upstream.send(call, {
    head: (status, headers) => answer.writeHead(status, answerHeaders(headers)),
    data: (part) => {
      if (answer.write(part)) return true
      answer.once('drain', () => {
        running.resume()
      })
      return false
    },
    end: () => {
      isOver = true
      answer.end()
    },
    failed: (failure, error) => {
      isOver = true
      if (answer.headersSent) broken(exchange, error)
      else if (failure === 'closed' && !again && call.body === undefined)
        forward(exchange, upstream, call, service, true)
      else refuse(exchange, service, failure, error)
    },
  })
  answer.once('close', () => {
    if (!isOver) running.abandon()
  })
}

/** Cuts an answer of which a part has gone out, so that the client does not take it for a whole one. */
function broken(exchange: Exchange, error: Error): void {
  told(exchange, 502, 'broken-answer', error)
  exchange.answer.destroy()
}

function refuse(exchange: Exchange, service: ServiceName, failure: UpstreamFailure, error: Error): void {
  // A service closes on a body that is far too large; its own word is then often lost in the breaking of the connection.
  if (Number(exchange.request.headers['content-length'] ?? 0) > largestBody) {
    reply(exchange, 413, 'body-too-large', 'Body too large', `A body is at most ${largestBody} bytes.`, error)
  } else if (failure === 'unsendable') {
    const detail = `The request cannot be passed on: ${error.message}.`
    reply(exchange, 400, 'request-malformed', 'Bad request', detail, error)
  } else if (failure === 'timeout') {
    reply(exchange, 504, 'no-answer', 'No answer', `The service ${service} did not answer in time.`, error)
  } else if (failure === 'no-http') {
    const detail = `The service ${service} answered with something that is no HTTP.`
    reply(exchange, 502, 'bad-answer', 'Bad answer', detail, error)
  } else {
    const detail = `The service ${service} is not there at the moment. Send the same request again in a second.`
    reply(exchange, 503, 'service-unavailable', 'Service unavailable', detail, error)
  }
}

/** Answers with a problem of the origin's own. */
export function reply(
  exchange: Exchange,
  status: number,
  code: string,
  title: string,
  detail: string,
  error?: Error,
): void {
  const { answer, correlationId } = exchange
  const body = problem(status, code, title, detail, correlationId)
  const retry = status === 503 || status === 504 ? { 'retry-after': '1' } : {}
  const headers = { 'content-type': 'application/problem+json', 'x-correlation-id': correlationId, ...retry }
  answer.writeHead(status, headers)
  answer.end(body)
  told(exchange, status, code, error)
}

/** Logs and counts what the origin answered itself. */
export function told(
  { request, correlationId, service, observer }: Exchange,
  status: number,
  code: string,
  error?: Error,
): void {
  const method = request.method ?? 'GET'
  const path = pathOf(request).slice(0, 200)
  observer.answered({ status, code, method, path, correlationId, to: service, error: error?.message })
}

/** The path without its query. */
export function pathOf(request: IncomingMessage): string {
  return (request.url ?? '/').split('?')[0] ?? '/'
}
