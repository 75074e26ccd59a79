import { describe, expect, test } from '@jest/globals'
import { answerHeaders, destinationOf, requestHeaders } from './rules.ts'

describe('where a request goes', () => {
  test.each([
    ['/picking/v1/receipts?limit=1', 'picking', '/v1/receipts?limit=1'],
    ['/stock', 'stock', '/'],
    ['/identity?x=1', 'identity', '/?x=1'],
    ['/valuation//double', 'valuation', '//double'],
  ])('%s', (url, service, path) => {
    expect(destinationOf(url)).toEqual({ service, path })
  })

  test.each([
    '/',
    '/stocks/v1',
    '/v1/stock',
    '/STOCK/v1',
    'http://evil/stock/',
    '//stock/v1',
    '*',
    '',
    '/stock/metrics',
    '/stock/METRICS/?x=1',
  ])('not to a service: %s', (url) => {
    expect(destinationOf(url)).toBeUndefined()
  })
})

const direct = { address: '10.0.0.7', isTrustedForwarder: false }

function asMap(flat: readonly string[]): Map<string, string> {
  const map = new Map<string, string>()
  for (let at = 0; at < flat.length; at += 2) map.set(flat[at]!, flat[at + 1]!)
  return map
}

describe('headers', () => {
  test('who speaks is what the connection shows, whatever the sender claims', () => {
    const claims = ['X-Forwarded-For', '1.2.3.4', 'x-forwarded-PROTO', 'https', 'Forwarded', 'for=1.2.3.4']
    const raw = ['Host', 'stockline:8080', ...claims, 'X-Real-IP', '1.2.3.4', 'X-Forwarded-User', 'admin']
    expect(Object.fromEntries(asMap(requestHeaders(raw, direct, 'stock', 'c-1')))).toEqual({
      host: 'stockline:8080',
      'x-forwarded-for': '10.0.0.7',
      'x-forwarded-proto': 'http',
      'x-forwarded-host': 'stockline:8080',
      'x-forwarded-prefix': '/stock',
      'x-correlation-id': 'c-1',
    })
  })

  test('a forwarder that is trusted is believed, and put at the end', () => {
    const raw = ['Host', 'a', 'X-Forwarded-For', '1.2.3.4', 'X-Forwarded-Proto', 'https']
    const headers = asMap(requestHeaders(raw, { address: '10.0.0.7', isTrustedForwarder: true }, 'stock', 'c-1'))
    expect(headers.get('x-forwarded-for')).toBe('1.2.3.4, 10.0.0.7')
    expect(headers.get('x-forwarded-proto')).toBe('https')
  })

  test('what concerns one connection stays behind, and what Connection names too', () => {
    const raw = [
      'Connection',
      'close, X-One',
      'X-One',
      '1',
      'Keep-Alive',
      'timeout=5',
      'Upgrade',
      'h2c',
      'TE',
      'trailers',
    ]
    expect([...asMap(requestHeaders([...raw, 'X-Two', '2'], direct, 'stock', 'c-1')).keys()]).toEqual([
      'x-two',
      'x-forwarded-for',
      'x-forwarded-proto',
      'x-forwarded-host',
      'x-forwarded-prefix',
      'x-correlation-id',
    ])
    const answer = { connection: 'close, X-One', 'x-one': '1', 'keep-alive': 'timeout=5', etag: '"1"' }
    expect(answerHeaders(answer)).toEqual({ etag: '"1"' })
  })

  test('Connection cannot take away what the request stands on', () => {
    const raw = ['Connection', 'Authorization, If-Match', 'Authorization', 'Bearer x', 'If-Match', '"1"']
    const headers = asMap(requestHeaders(raw, direct, 'stock', 'c-1'))
    expect(headers.get('authorization')).toBe('Bearer x')
    expect(headers.get('if-match')).toBe('"1"')
  })

  test('several values of one name stay several', () => {
    expect(answerHeaders({ 'set-cookie': ['a', 'b'] })).toEqual({ 'set-cookie': ['a', 'b'] })
  })
})
