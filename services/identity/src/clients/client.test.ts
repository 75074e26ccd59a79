import { describe, expect, test } from '@jest/globals'
import { basicCredentials, changedClient, grantedScopes } from './client.ts'

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

describe('a changed client', () => {
  const client = { id: 'erp', name: 'ERP', scopes: ['orders:publish'], active: true, version: 3 } as never
  test.each([
    ['nothing', {}, {}],
    ['its name', { name: 'New' }, { name: 'New' }],
    ['its scopes', { scopes: [] }, { scopes: [] }],
    ['whether it may be used', { active: false }, { active: false }],
  ])('is another by %s alone, under the next version', (_what, change, expected) => {
    expect(changedClient(client, change)).toEqual({ ...(client as object), ...expected, version: 4 })
  })

  test('is used again', () => {
    expect(changedClient({ ...(client as object), active: false } as never, { active: true }).active).toBe(true)
    expect(changedClient({ ...(client as object), active: false } as never, {}).active).toBe(false)
  })
})
