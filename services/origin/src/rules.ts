/** What the one origin decides about a request: whose it is, and which headers travel. Pure. */
import type { OutgoingHttpHeaders } from 'node:http'
import type { ServiceName } from './services.ts'
import type { AnswerHeaders } from './upstream.ts'

/** Where a request goes: a service, and the path as that service knows it. */
export interface Destination {
  readonly service: ServiceName
  readonly path: string
}

const byPrefix = /^\/(identity|stock|picking|valuation)(?=[/?]|$)/

/** Not public: metrics are for operators, on the service's own address. */
const withheld = /^\/metrics/i

/** The service whose prefix the path begins with; undefined when it has none, or the path is not for outside. */
export function destinationOf(url: string): Destination | undefined {
  const found = byPrefix.exec(url)
  if (found === null) return undefined
  const rest = url.slice(found[0].length)
  if (withheld.test(rest)) return undefined
  return { service: found[1] as ServiceName, path: rest.startsWith('/') ? rest : `/${rest}` }
}

/** Headers that concern one connection only (RFC 9110, 7.6.1), and are not passed on. */
const hopByHop = new Set([
  'connection',
  'expect',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/** Forwarding headers: the origin sets them itself and never passes on what came from outside. */
const forwarders = new Set(['forwarded', 'via', 'x-real-ip', 'x-client-ip', 'true-client-ip', 'cf-connecting-ip'])

/** Set anew for every request. */
const correlation = 'x-correlation-id'

/** From whom a request came, as the connection itself shows it. */
export interface Sender {
  readonly address: string
  readonly isTrustedForwarder: boolean
}

const correlationText = /^[\w.:@/+=-]{1,128}$/

/** The caller's correlation id if it is sane, by the services' own rule; else undefined, and one is made. */
export function givenCorrelationId(header: string | readonly string[] | undefined): string | undefined {
  return typeof header === 'string' && correlationText.test(header) ? header : undefined
}

/**
 * Headers for the service, as a flat list of names and values. `raw` is such a list too.
 *
 * @param correlationId goes along in place of whatever came
 */
export function requestHeaders(
  raw: readonly string[],
  sender: Sender,
  service: ServiceName,
  correlationId: string,
): string[] {
  const named = namedByConnection(raw)
  const passed: string[] = []
  let host = ''
  let forwardedFor = ''
  let proto = 'http'
  for (let at = 0; at < raw.length; at += 2) {
    const name = (raw[at] ?? '').toLowerCase()
    const value = raw[at + 1] ?? ''
    if (name === 'host') host = value
    if (sender.isTrustedForwarder && name === 'x-forwarded-for') forwardedFor = `${value}, `
    if (sender.isTrustedForwarder && name === 'x-forwarded-proto') proto = value === 'https' ? 'https' : 'http'
    if (!isDropped(name, named)) passed.push(name, value)
  }
  passed.push('x-forwarded-for', forwardedFor + sender.address, 'x-forwarded-proto', proto)
  passed.push('x-forwarded-host', host, 'x-forwarded-prefix', `/${service}`, correlation, correlationId)
  return passed
}

function isDropped(name: string, named: ReadonlySet<string> | undefined): boolean {
  return (
    name === correlation ||
    hopByHop.has(name) ||
    forwarders.has(name) ||
    name.startsWith('x-forwarded-') ||
    named?.has(name) === true
  )
}

/** Headers of the answer, by name in lower case, without those of the connection. */
export function answerHeaders(given: AnswerHeaders): OutgoingHttpHeaders {
  const named = namesOf(given['connection'])
  const passed: OutgoingHttpHeaders = {}
  for (const name in given) {
    const value = given[name]
    if (value === undefined || hopByHop.has(name) || named?.has(name) === true) continue
    passed[name] = typeof value === 'string' ? value : [...value]
  }
  return passed
}

function namedByConnection(raw: readonly string[]): ReadonlySet<string> | undefined {
  for (let at = 0; at < raw.length; at += 2)
    if ((raw[at] ?? '').toLowerCase() === 'connection') {
      const named = namesOf(raw[at + 1])
      if (named !== undefined) return named
    }
  return undefined
}

/** `Connection: close, x-one` names further headers that are not passed on; those in `passedAlways` are. */
function namesOf(connection: string | readonly string[] | undefined): ReadonlySet<string> | undefined {
  if (connection === undefined || connection === 'keep-alive' || connection === 'close') return undefined
  const names = String(connection)
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
  return new Set(names.filter((name) => !passedAlways.has(name)))
}

const passedAlways = new Set(['content-length', 'host', 'authorization', 'content-type', 'idempotency-key', 'if-match'])

/** An error of the origin itself, in the form of all errors. */
export function problem(status: number, code: string, title: string, detail: string, correlationId: string): string {
  return JSON.stringify({ type: code, title, status, detail, errors: [], correlationId })
}
