import { describe, expect, test } from '@jest/globals'
import { basicCredentials, grantedScopes } from './client.ts'

describe('scopes of a token', () => {
  const client = { scopes: ['orders:publish', 'products:publish'] as const }
  test.each([
    [undefined, ['orders:publish', 'products:publish']],
    ['', ['orders:publish', 'products:publish']],
    ['products:publish', ['products:publish']],
    ['products:publish  products:publish', ['products:publish']],
  ])('asked for "%s"', (asked, granted) => {
    expect(grantedScopes(client, asked)).toEqual(granted)
  })

  test('what the client does not have is refused', () => {
    expect(grantedScopes(client, 'orders:publish entries:read')).toMatchObject({ refused: 'invalid-scope' })
  })
})

describe('credentials in the Authorization header', () => {
  const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`
  test.each([
    [basic('erp:secret'), { id: 'erp', secret: 'secret' }],
    [basic('erp:with:colon'), { id: 'erp', secret: 'with:colon' }],
    [basic('erp:a%2Bb+c'), { id: 'erp', secret: 'a+b c' }],
    [basic('erp'), undefined],
    [basic('erp:%zz'), undefined],
    ['Bearer abc', undefined],
    [undefined, undefined],
  ])('%s', (header, expected) => {
    expect(basicCredentials(header)).toEqual(expected)
  })
})
