/** The HTTP server of a service: up from the first moment, so that it can answer that it is not ready. */
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import type { ServiceConfig } from './config.ts'
import { sendWithoutRoute } from '../http/endpoint.answer.ts'
import { correlationIdOf } from '../http/endpoint.request.ts'
import { mountHealth, type Health } from './health.ts'
import type { Metrics } from './metrics.ts'
import { HttpProblem } from '../http/problem.ts'
import { answerMalformed } from './malformed.ts'

/** A server that listens. */
export interface Web {
  readonly url: string
  /** Requests go here from now on. */
  serve(app: RequestListener): void
  /** Takes no more connections, and resolves when the running requests have ended. */
  close(): Promise<void>
  /** Cuts what is still open. */
  cut(): void
}

// Longer than any proxy in front keeps a connection idle, so that it is the proxy who lets go first.
const keepAliveMs = 72_000
const requestLimitMs = 60_000

function refuseWithoutHost(request: IncomingMessage, response: ServerResponse): void {
  const problem = new HttpProblem(400, 'request-malformed', 'Send the header Host.')
  sendWithoutRoute(response, problem, correlationIdOf(request))
}

/** Listens; until `serve` is called every request but health and metrics is answered with 503. */
export async function listen(config: ServiceConfig, health: Health, metrics: Metrics): Promise<Web> {
  const starting = express().disable('x-powered-by').disable('etag')
  mountHealth(starting, health, metrics)
  starting.use((request, response) => {
    const headers = { 'Retry-After': '1' }
    const problem = new HttpProblem(503, 'starting', 'The service is starting. Try again shortly.', { headers })
    sendWithoutRoute(response, problem, correlationIdOf(request))
  })
  let current: RequestListener = starting
  let closing = false
  let closed: Promise<void> | undefined
  // A request without Host is answered below, as a problem.
  const server = createServer({ requireHostHeader: false }, (request, response) => {
    if (closing) response.setHeader('Connection', 'close')
    if (request.headers.host === undefined && request.httpVersion === '1.1') refuseWithoutHost(request, response)
    else current(request, response)
  })
  answerMalformed(server)
  server.keepAliveTimeout = keepAliveMs
  server.headersTimeout = requestLimitMs
  server.requestTimeout = requestLimitMs
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(config.port, config.host, resolve)
  })
  const { port } = server.address() as AddressInfo
  const host = config.host.includes(':') ? `[${config.host}]` : config.host
  return {
    url: `http://${host === '0.0.0.0' ? '127.0.0.1' : host}:${port}`,
    serve(app) {
      current = app
    },
    close() {
      closing = true
      closed ??= new Promise((resolve) => {
        // A connection becomes idle when its last request ends; nothing else would close it.
        const idle = setInterval(() => {
          server.closeIdleConnections()
        }, 20)
        server.close(() => {
          clearInterval(idle)
          resolve()
        })
      })
      return closed
    },
    cut() {
      server.closeAllConnections()
    },
  }
}
