/** Requests to the doors beside JSON: forms, headers, queries, paths, and what is hardly HTTP. */
import type { Choice } from './choice.ts'
import type { Operation } from './documents.ts'
import type { Sent } from './exchange.ts'
import { strangeTexts } from './mutations.ts'
import { requestTo, type Making } from './requests.ts'

/** A request, and the operation that it still reaches; bytes where no client would send it. */
export interface AtDoor {
  readonly operation: Operation | undefined
  readonly sent: Sent | Buffer
}

/** A request to a door beside that of the operation's JSON. */
export function requestAtDoor(operation: Operation, operations: readonly Operation[], making: Making): AtDoor {
  const { choice } = making
  const sent = requestTo(operation, { ...making, manner: 'valid' })
  switch (choice.of(['form', 'headers', 'headers', 'query', 'path', 'method', 'bytes'] as const)) {
    case 'form':
      return formAt(operations, choice)
    case 'headers':
      return { operation, sent: { ...sent, headers: { ...sent.headers, ...strangeHeaders(choice) } } }
    case 'query':
      return { operation, sent: { ...sent, path: `${sent.path.split('?')[0] ?? ''}?${strangeQuery(choice)}` } }
    case 'path':
      return { operation: undefined, sent: { ...sent, path: strangePath(sent.path, choice) } }
    case 'method': {
      const method = choice.of(['HEAD', 'OPTIONS', 'PUT', 'DELETE', 'PATCH', 'TRACE', 'PROPFIND'])
      return { operation: undefined, sent: { ...sent, method } }
    }
    case 'bytes':
      return { operation: undefined, sent: Buffer.from(choice.of(strangeBytes)(sent, choice), 'latin1') }
  }
}

const formFields = ['grant_type', 'client_id', 'client_secret', 'scope', 'unknown', '', '%00', '__proto__']

/** A request for a token, which alone is a form. */
function formAt(operations: readonly Operation[], choice: Choice): AtDoor {
  const operation = operations.find(({ service, path }) => service === 'identity' && path === '/v1/tokens')
  const pairs = Array.from({ length: choice.below(6) }, () => `${choice.of(formFields)}=${choice.of(strangeTexts)}`)
  if (!choice.oneIn(3)) pairs.unshift('grant_type=client_credentials')
  const headers: Record<string, string> = { 'content-type': 'application/x-www-form-urlencoded' }
  if (choice.oneIn(2)) headers['authorization'] = choice.of(credentials)(choice)
  if (choice.oneIn(8)) headers['content-type'] = choice.of(['application/json', 'text/plain', 'multipart/form-data'])
  const separator = choice.oneIn(10) ? ';' : '&'
  const bytes = Buffer.from(pairs.join(separator), choice.oneIn(10) ? 'utf16le' : 'utf8')
  return { operation, sent: { method: 'POST', path: '/identity/v1/tokens', headers, body: bytes } }
}

const basic = (text: string | Buffer): string => `Basic ${Buffer.from(text).toString('base64')}`

const credentials: readonly ((choice: Choice) => string)[] = [
  () => basic('nobody:wrong'),
  () => basic('nobody'),
  () => basic(':'),
  () => basic('%zz:%'),
  () => basic('%00:a%00b'),
  () => basic(Buffer.from([0xff, 0x3a, 0xfe])),
  () => basic('a\u0000b:\u0000'),
  () => basic(`nobody:${'x'.repeat(5_000)}`),
  () => 'Basic',
  () => 'Basic ====',
  () => 'Basic !!!',
  () => 'Bearer',
  () => 'Bearer x.y.z',
  () => `Bearer ${'x'.repeat(8_100)}`,
  () => 'Bearer eyJhbGciOiJub25lIn0.e30.',
  () => 'Bearer eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCIsImtpZCI6ImEifQ.e30.AAAA',
  () => `Bearer ${Buffer.from('{"alg":"ES256","typ":"at+jwt","kid":{"a":1}}').toString('base64url')}.e30.AAAA`,
  () => 'Negotiate abc',
  (choice) => choice.of(strangeTexts),
]

const names = ['x-correlation-id', 'traceparent', 'prefer', 'if-match', 'idempotency-key', 'accept', 'content-type']
const others = [
  'x-forwarded-for',
  'forwarded',
  'cookie',
  'range',
  'if-none-match',
  'expect',
  'origin',
  'accept-encoding',
]
const headerTexts = [
  ...strangeTexts,
  'a, b, c',
  'ü\u00ff',
  'text/html;q=x, ,;,application/json;;',
  '00-00000000000000000000000000000000-0000000000000000-00',
  'x'.repeat(17_000),
  '\ttab',
  '"unclosed',
]

function strangeHeaders(choice: Choice): Record<string, string> {
  const count = 1 + choice.below(3)
  const some = Array.from({ length: count }, () => [choice.of([...names, ...others]), choice.of(headerTexts)] as const)
  const headers = Object.fromEntries(some.filter(([name]) => name !== 'expect'))
  return choice.oneIn(6) ? { ...headers, authorization: choice.of(credentials)(choice) } : headers
}

const queryNames = [
  'limit',
  'cursor',
  'sort',
  'sku',
  'location',
  'asOf',
  'atPosition',
  'status',
  'x',
  '__proto__',
  '%ff',
  '',
]

function strangeQuery(choice: Choice): string {
  const pairs = Array.from(
    { length: 1 + choice.below(5) },
    () => `${choice.of(queryNames)}${choice.oneIn(8) ? '' : '='}${encoded(choice.of(strangeTexts))}`,
  )
  return choice.oneIn(20) ? '?'.repeat(100) + '&'.repeat(1_000) : pairs.join('&')
}

/** Node sends no quotes and spaces in addresses. */
function encoded(text: string): string {
  return text.replaceAll(' ', '%20').replaceAll('"', '%22').replaceAll('\\', '%5C')
}

function strangePath(path: string, choice: Choice): string {
  const at = choice.below(path.length + 1)
  const changed = choice.of([
    () => `${path.slice(0, at)}${encoded(choice.of(strangeTexts))}${path.slice(at)}`,
    () => path.slice(0, at),
    () => path.replace('/v1', '/V1'),
    () => `${path}/`,
    () => `/${path}`,
    () => path.replaceAll('/', '//'),
    () => path.replace('/v1/', '/v1/../v1/'),
    () => path.replace('/v1/', '/v1/%2e%2e/v1/'),
    () => `${path}#fragment`,
    () =>
      `/${choice.of(['', 'favicon.ico', 'health/ready', 'metrics', 'stock/metrics', '%', '%00', 'identity', 'STOCK/v1'])}`,
    () => `/stock/v1/docs/${choice.of(['', '/', '..%2f..%2fpackage.json', '%00', 'start.js', 'x'])}`,
  ])()
  return changed.startsWith('/') ? changed : `/${changed}`
}

const line = (sent: Sent, version = 'HTTP/1.1'): string => `${sent.method} ${sent.path} ${version}\r\nHost: x\r\n`
const end = 'Connection: close\r\n\r\n'

const strangeBytes: readonly ((sent: Sent, choice: Choice) => string)[] = [
  (sent) => `${line(sent)}${end}`,
  (sent) => `${line(sent, 'HTTP/1.0')}\r\n`,
  (sent) => `${line(sent, 'HTTP/3.0')}${end}`,
  (sent) => `${sent.method} http://elsewhere${sent.path} HTTP/1.1\r\nHost: x\r\n${end}`,
  (sent) => `${sent.method} ${sent.path} HTTP/1.1\r\n${end}`,
  (sent) => `${line(sent)}Host: y\r\n${end}`,
  (sent) => `${line(sent)}Content-Length: 2\r\nContent-Length: 3\r\n${end}{}`,
  (sent) => `${line(sent)}Content-Length: -1\r\n${end}`,
  (sent) => `${line(sent)}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n${end}0\r\n\r\n`,
  (sent) => `${line(sent)}Transfer-Encoding: chunked\r\n${end}zz\r\n`,
  (sent) => `${line(sent)}Transfer-Encoding: gzip\r\n${end}`,
  (sent) => `${line(sent)}: empty\r\n${end}`,
  (sent) => `${line(sent)}X-A: a\u0000b\r\n${end}`,
  (sent) => `${line(sent)}X A: b\r\n${end}`,
  (sent) => `${line(sent)}X-A: ${'x'.repeat(20_000)}\r\n${end}`,
  (sent) => `${line(sent)}${Array.from({ length: 1_500 }, (_, at) => `X-${String(at)}: y\r\n`).join('')}${end}`,
  (sent) => `${sent.method} ${sent.path}\u00ff\u00fe HTTP/1.1\r\nHost: x\r\n${end}`,
  (sent) => `${sent.method} ${sent.path} x HTTP/1.1\r\nHost: x\r\n${end}`,
  () => '\u0016\u0003\u0001\u0002\u0000\u0001\r\n\r\n',
  () => 'GET\r\n\r\n',
  () => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  (_sent, choice) => `${Array.from({ length: 200 }, () => String.fromCharCode(choice.below(256))).join('')}\r\n\r\n`,
]
