import { generateKeyPairSync } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { clientFor, until } from '@stockline/test-kit'
import jwt from 'jsonwebtoken'
import { createAuthenticator } from '../src/http/auth.ts'
import { keysOf } from '../src/http/auth.keys.ts'
import { revokeSession } from '../src/index.ts'
import { publicKey, sessionRevoked, startThings, things, tokenFor, type Started } from './things.ts'

const now = Math.floor(Date.now() / 1000)
const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'k1', use: 'sig', alg: 'ES256' }
const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey

function unsigned(): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const payload = tokenFor().split('.')[1] ?? ''
  return `${part({ alg: 'none', typ: 'at+jwt', kid: 'k1' })}.${payload}.`
}

/** Signed with the public key as if it were a secret: whoever believes the token's own `alg` would take it. */
function confused(): string {
  const secret = publicKey.export({ format: 'pem', type: 'spki' })
  const payload = jwt.decode(tokenFor()) as object
  return jwt.sign(payload, String(secret), {
    algorithm: 'HS256',
    header: { alg: 'HS256', typ: 'at+jwt', kid: 'k1' },
    allowInvalidAsymmetricKeyTypes: true,
  })
}

const refused: [string, string, string][] = [
  ['that is none', 'abc', 'not a JSON Web Token'],
  ['that is unsigned', unsigned(), 'not signed with ES256'],
  ['signed with the public key as a secret', confused(), 'not signed with ES256'],
  ['signed by a stranger', tokenFor({ key: stranger }), 'signature'],
  ['with an unknown kid', tokenFor({ header: { kid: 'k2' } }), 'key is unknown'],
  ['that is no access token', tokenFor({ header: { typ: 'JWT' } }), 'not an access token'],
  ['that has expired', tokenFor({ claims: { exp: now - 6 } }), 'expired'],
  ['that is not valid yet', tokenFor({ claims: { nbf: now + 60 } }), 'not valid yet'],
  ['that was issued in an hour', tokenFor({ claims: { iat: now + 3_600 } }), 'not valid yet'],
  ['for another audience', tokenFor({ claims: { aud: 'other' } }), 'audience'],
  ['from another issuer', tokenFor({ claims: { iss: 'other' } }), 'issuer'],
  ...['sub', 'name', 'jti', 'exp', 'nbf', 'aud', 'iss'].map((name): [string, string, string] => [
    `without ${name}`,
    tokenFor({ without: [name] }),
    '',
  ]),
  ['without session', tokenFor({ without: ['sid'] }), 'neither'],
  ['of a revoked session', tokenFor({ sid: 'revoked' }), 'revoked'],
  ['whose payload was changed', changed(), 'signature'],
]

function changed(): string {
  const [head, , signature] = tokenFor().split('.')
  const payload = { ...(jwt.decode(tokenFor()) as object), groups: ['everything'] }
  return [head, Buffer.from(JSON.stringify(payload)).toString('base64url'), signature].join('.')
}

describe('a token', () => {
  const authenticator = createAuthenticator({
    keys: { find: (kid) => Promise.resolve(keysOf({ keys: [jwk] }).get(kid)) },
    issuer: 'stockline',
    audience: 'stockline',
    isRevoked: (sessionId) => sessionId === 'revoked',
    clock: () => now * 1000,
  })

  test.each(refused)('%s is refused', async (_name, token, why) => {
    const known = await authenticator.actorOf(token)
    expect(known).toHaveProperty('invalid')
    expect('invalid' in known && known.invalid).toContain(why)
    expect(JSON.stringify(known)).not.toContain(token)
  })

  test('of a user and of a client name their actor', async () => {
    expect(await authenticator.actorOf(tokenFor())).toEqual({
      id: 'u-1',
      name: 'Sarah Lim',
      groups: ['all'],
      scopes: [],
      sessionId: 's-1',
      kind: 'user',
    })
    const client = tokenFor({ without: ['sid', 'groups'], claims: { scope: 'a b' } })
    expect(await authenticator.actorOf(client)).toMatchObject({ kind: 'client', scopes: ['a', 'b'], groups: [] })
  })

  test('of a clock that is half a minute ahead, or a few seconds late, is taken', async () => {
    for (const claims of [{ nbf: now + 25, iat: now + 25 }, { exp: now - 2 }])
      expect(await authenticator.actorOf(tokenFor({ claims }))).toMatchObject({ kind: 'user' })
  })

  test('is remembered, but not beyond its end, and not beyond its session', async () => {
    const revoked = new Set<string>()
    let ahead = 0
    const remembering = createAuthenticator({
      keys: { find: () => Promise.resolve(publicKey) },
      issuer: 'stockline',
      audience: 'stockline',
      isRevoked: (sessionId) => revoked.has(sessionId),
      cacheSize: 2,
      clock: () => now * 1000 + ahead,
    })
    const token = tokenFor({ sid: 's-9' })
    await remembering.actorOf(token)
    expect(remembering.actorOf(token)).toMatchObject({ kind: 'user' })
    revoked.add('s-9')
    expect(remembering.actorOf(token)).toHaveProperty('invalid')
    const short = tokenFor({ claims: { exp: now - 3 } })
    expect(await remembering.actorOf(short)).toMatchObject({ kind: 'user' })
    ahead = 2_000
    expect(await remembering.actorOf(short)).toEqual({ invalid: 'it has expired' })
    for (let count = 0; count < 5; count += 1) await remembering.actorOf(tokenFor())
    expect(remembering.actorOf(token)).toBeInstanceOf(Promise)
  })
})

test('while no key was ever fetched, a token is neither good nor bad: 503', async () => {
  const keyless = await startThings({}, withoutKeys())
  const answer = await keyless.client.get('/v1/things')
  expect([answer.status, answer.headers['retry-after']]).toEqual([503, '1'])
  await keyless.stop()
})

function withoutKeys(): typeof things {
  const { keys: _keys, ...rest } = things
  return rest
}

describe('a session that ended', () => {
  let started: Started
  beforeAll(async () => {
    started = await startThings()
  })
  afterAll(() => started.stop())
  const statusOf = async (sid: string) =>
    (await clientFor(started.service.url, tokenFor({ sid })).get('/v1/things')).status

  test('is refused at once where it was ended', async () => {
    expect(await statusOf('here')).toBe(200)
    await started.service.db.transaction({ actor: null, correlationId: 'test' }, (tx) => revokeSession(tx, 'here'))
    expect(await statusOf('here')).toBe(401)
  })

  test('is refused within seconds where its event arrives', async () => {
    expect(await statusOf('there')).toBe(200)
    const value = Buffer.from(
      JSON.stringify({
        specversion: '1.0',
        id: 'e-1',
        source: '/test',
        type: sessionRevoked.type,
        subject: 'u-1',
        data: { sessionId: 'there' },
      }),
    )
    await started.service.bus.publish([{ topic: 'identity.users', message: { key: 'u-1', value, headers: {} } }])
    await until('it is refused', async () => (await statusOf('there')) === 401)
  })

  test('is refused within a second by replicas that only share the table', async () => {
    expect(await statusOf('elsewhere')).toBe(200)
    const other = await started.service.db.connect()
    await other.query({ name: 'revoke', text: `insert into kit.revoked_sessions values ('elsewhere', now())` })
    await other.close()
    await until('it is refused', async () => (await statusOf('elsewhere')) === 401, 3_000)
  })
})
