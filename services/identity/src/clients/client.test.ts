import { describe, expect, test } from '@jest/globals'
import { basicCredentials, changedClient, grantedScopes, oauthError } from './client.ts'

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
    [basic(':secret'), { id: '', secret: 'secret' }],
    [basic('erp:'), { id: 'erp', secret: '' }],
    [basic('%zz:secret'), undefined],
    [`bASIC ${Buffer.from('erp:s').toString('base64')}`, { id: 'erp', secret: 's' }],
    [`x${basic('erp:secret')}`, undefined],
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
    ['the systems that it speaks for', { sources: ['/erp'] }, { sources: ['/erp'] }],
  ])('is another by %s alone, under the next version', (_what, change, expected) => {
    expect(changedClient(client, change)).toEqual({ ...(client as object), ...expected, version: 4 })
  })

  test.each([
    ['no word of them', undefined, ['/erp']],
    ['others', ['/shop'], ['/shop']],
    ['all', null, null],
  ])('speaks for %s', (_what, sources, expected) => {
    expect(changedClient({ ...(client as object), sources: ['/erp'] } as never, { sources }).sources).toEqual(expected)
  })

  test('is used again', () => {
    expect(changedClient({ ...(client as object), active: false } as never, { active: true }).active).toBe(true)
    expect(changedClient({ ...(client as object), active: false } as never, {}).active).toBe(false)
  })
})

describe('a refused token, in the words of OAuth', () => {
  test.each([
    ['a code that is a word of the standard', 401, 'invalid-client', 'invalid_client'],
    ['one that is no word', 400, 'malformed', 'invalid_request'],
    ['what may be tried again: too often', 429, 'too-many-failures', 'temporarily_unavailable'],
    ['… not now', 503, 'busy', 'temporarily_unavailable'],
    ['a fault of ours', 500, 'bug', 'server_error'],
    ['… another', 502, 'gateway', 'server_error'],
    ['not one below', 499, 'gone', 'invalid_request'],
    ['a word before the status', 503, 'invalid-scope', 'invalid_scope'],
  ])('%s', (_what, status, code, error) => {
    expect(oauthError({ status, code, message: 'No.' })).toEqual({ error, error_description: 'No.' })
  })

  test('says nothing that the standard leaves out', () => {
    const message = 'Say "a\\b" für\n~ !'
    expect(oauthError({ status: 400, code: 'x', message }).error_description).toBe("Say 'a?b' f?r?~ !")
  })
})
