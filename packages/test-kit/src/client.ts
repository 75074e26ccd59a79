/**
 * A small HTTP client for tests and loads: JSON in and out, kept-alive connections, no hidden retries.
 * It says what came back and judges nothing.
 */
import { Agent, request as httpRequest } from 'node:http'
import { randomUUID } from 'node:crypto'

/** What came back. `body` is parsed JSON, or the text where it is none. */
export interface Reply<Body = unknown> {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Body
}

export interface CallOptions {
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  /** The document's version, sent as `If-Match`. */
  readonly version?: number
  /** Sent as `Idempotency-Key` on writes; a new one if absent. */
  readonly key?: string
  /** Seconds, sent as `Prefer: wait`. */
  readonly wait?: number
  /** Milliseconds after which the call is given up. Default 30,000. */
  readonly timeoutMs?: number
}

/** Somebody who calls: a base address and a token. */
export interface Client {
  get<Body = unknown>(path: string, options?: CallOptions): Promise<Reply<Body>>
  send<Body = unknown>(method: string, path: string, options?: CallOptions): Promise<Reply<Body>>
  /** The same address with another token. */
  as(token: string | undefined): Client
}

/** Connections shared by all clients of the process. */
const agent = new Agent({ keepAlive: true, maxSockets: 256 })

/** @param origin such as `http://127.0.0.1:8080`, without trailing slash */
export function clientFor(origin: string, token?: string): Client {
  const call = <Body>(method: string, path: string, options: CallOptions = {}): Promise<Reply<Body>> =>
    exchange<Body>(method, new URL(origin + path), headersFor(method, token, options), options)
  return {
    get: (path, options) => call('GET', path, options),
    send: (method, path, options) => call(method, path, options),
    as: (other) => clientFor(origin, other),
  }
}

function headersFor(method: string, token: string | undefined, options: CallOptions): Record<string, string> {
  const headers: Record<string, string> = {}
  if (token !== undefined) headers['authorization'] = `Bearer ${token}`
  if (options.body !== undefined) headers['content-type'] = 'application/json'
  if (method !== 'GET') headers['idempotency-key'] = options.key ?? randomUUID()
  if (options.version !== undefined) headers['if-match'] = `"${String(options.version)}"`
  if (options.wait !== undefined) headers['prefer'] = `wait=${String(options.wait)}`
  return { ...headers, ...options.headers }
}

function exchange<Body>(
  method: string,
  url: URL,
  headers: Record<string, string>,
  options: CallOptions,
): Promise<Reply<Body>> {
  const payload =
    options.body === undefined
      ? undefined
      : typeof options.body === 'string'
        ? options.body
        : JSON.stringify(options.body)
  return new Promise((resolve, reject) => {
    const sent = httpRequest(url, { method, headers, agent, timeout: options.timeoutMs ?? 30_000 }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8')
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: parsed(text) as Body })
      })
    })
    sent.on('timeout', () => sent.destroy(new Error(`${method} ${url.pathname} did not answer in time`)))
    sent.on('error', reject)
    // Of a DELETE Node announces no body by itself.
    if (payload !== undefined) sent.setHeader('content-length', Buffer.byteLength(payload))
    sent.end(payload)
  })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/**
 * Asks again every 25 ms, or as often as `pauseMs` says, until the answer is there.
 *
 * @throws Error naming what was awaited, after `timeoutMs`
 */
export async function until<T>(
  what: string,
  ask: () => Promise<T | undefined | false>,
  timeoutMs = 45_000,
  pauseMs = 25,
): Promise<T> {
  const end = performance.now() + timeoutMs
  for (;;) {
    const answer = await ask()
    if (answer !== undefined && answer !== false) return answer
    if (performance.now() > end) throw new Error(`${what}: not within ${String(timeoutMs)} ms`)
    await new Promise((resolve) => setTimeout(resolve, pauseMs))
  }
}
