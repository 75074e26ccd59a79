import { createHmac, createPublicKey, generateKeyPairSync, randomUUID, type JsonWebKey } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import jwt from 'jsonwebtoken'
import { until, type Client } from '@stockline/test-kit'
import { claimsOf, logIn, password, runIdentity, type RunningIdentity, type Session } from './running.ts'

let running: RunningIdentity
let admin: Client

beforeAll(async () => {
  running = await runIdentity()
  admin = (await running.login('admin')).client
})
afterAll(() => running.stop())

const refresh = (refreshToken: string) =>
  running.nobody.send<Session>('POST', '/v1/sessions/refresh', { body: { refreshToken } })

async function aUser(): Promise<string> {
  const username = `u${randomUUID()}`
  await admin.send('POST', '/v1/users', { body: { username, name: 'Somebody', password } })
  return username
}

const shiftUse = (seconds: number) =>
  running.service.db.prisma.$executeRawUnsafe(
    `update refresh_tokens set used_at = used_at - interval '${seconds} seconds' where used_at is not null`,
  )

describe('login', () => {
  test('gives tokens with the claims that are published', async () => {
    const { session } = await running.login('supervisor')
    expect(session).toMatchObject({ expiresIn: 300, user: { username: 'supervisor', name: 'Sam Supervisor' } })
    const claims = claimsOf(session.accessToken)
    expect(Object.keys(claims).sort()).toEqual(
      ['aud', 'exp', 'groups', 'iat', 'iss', 'jti', 'name', 'nbf', 'sid', 'sub'].sort(),
    )
    expect(claims).toMatchObject({ iss: 'stockline', aud: 'stockline', sub: session.user.id, name: 'Sam Supervisor' })
    expect(Number(claims['exp']) - Number(claims['iat'])).toBe(300)
    const header = jwt.decode(session.accessToken, { complete: true })?.header
    expect(header).toMatchObject({ alg: 'ES256', typ: 'at+jwt' })
    const keys = await running.nobody.get<{ keys: (JsonWebKey & { kid: string; use: string })[] }>(
      '/.well-known/jwks.json',
    )
    const signing = keys.body.keys.find(({ kid }) => kid === header?.kid)
    expect(signing).toMatchObject({ kty: 'EC', crv: 'P-256', use: 'sig', alg: 'ES256' })
    for (const each of keys.body.keys) expect(each).not.toHaveProperty('d')
    const key = createPublicKey({ key: { ...signing }, format: 'jwk' })
    expect(jwt.verify(session.accessToken, key, { algorithms: ['ES256'] })).toMatchObject({ sub: session.user.id })
  })

  test('a wrong password and an unknown user are answered alike', async () => {
    const wrong = await logIn(running.nobody, 'user', 'not the password')
    const unknown = await logIn(running.nobody, 'nobody-here', 'not the password')
    expect(wrong).toMatchObject({ status: 401, body: { type: 'login-wrong' } })
    const { correlationId: _one, ...first } = wrong.body as unknown as Record<string, unknown>
    const { correlationId: _two, ...second } = unknown.body as unknown as Record<string, unknown>
    expect(first).toEqual(second)
  })

  test.each([
    [{}, 422],
    [{ username: 'user' }, 422],
    [{ username: 'user', password: 'x'.repeat(201) }, 422],
    [{ username: ['user'], password }, 422],
    ['{', 400],
    [{ username: 'user\u0000', password }, 422],
  ])('body %j: %i', async (body, status) => {
    expect((await running.nobody.send('POST', '/v1/sessions', { body })).status).toBe(status)
  })
})

describe('refresh tokens', () => {
  test('are used once: each gives the next', async () => {
    let { session } = await running.login('user')
    for (let round = 0; round < 3; round += 1) {
      const next = await refresh(session.refreshToken)
      expect(next.status).toBe(200)
      expect(claimsOf(next.body.accessToken)['sid']).toBe(claimsOf(session.accessToken)['sid'])
      session = next.body
    }
  })

  test('are kept as hashes only', async () => {
    const { session } = await running.login('user')
    const rows = await running.service.db.prisma.refreshToken.findMany()
    expect(rows.some((row) => Buffer.from(row.hash).toString('base64url') === session.refreshToken)).toBe(false)
  })

  test('one shown again after its child was used ends the session everywhere', async () => {
    const { session, client } = await running.login('user')
    const child = (await refresh(session.refreshToken)).body
    expect((await refresh(child.refreshToken)).status).toBe(200)
    expect((await refresh(session.refreshToken)).status).toBe(401)
    expect((await refresh(child.refreshToken)).status).toBe(401)
    await until('the session is refused', async () => (await client.get('/v1/users/me')).status === 401)
  })

  test('a lost reply does no harm: within ten seconds the parent gives another child', async () => {
    const { session } = await running.login('user')
    const lost = (await refresh(session.refreshToken)).body
    const second = await refresh(session.refreshToken)
    expect(second.status).toBe(200)
    expect((await refresh(second.body.refreshToken)).status).toBe(200)
    // Whoever shows the child that was given up is not the one who lost it.
    expect((await refresh(lost.refreshToken)).status).toBe(401)
  })

  test('after ten seconds the parent shown again ends the session', async () => {
    const { session } = await running.login('user')
    const child = (await refresh(session.refreshToken)).body
    await shiftUse(11)
    expect((await refresh(session.refreshToken)).status).toBe(401)
    expect((await refresh(child.refreshToken)).status).toBe(401)
  })

  test('many at once with one token: all get a pair, one pair goes on', async () => {
    const { session } = await running.login('user')
    const replies = await Promise.all(Array.from({ length: 8 }, () => refresh(session.refreshToken)))
    expect(replies.map((reply) => reply.status)).toEqual(Array(8).fill(200))
    const rows = await running.service.db.prisma.refreshToken.findMany({
      where: { sessionId: String(claimsOf(session.accessToken)['sid']), usedAt: null, supersededAt: null },
    })
    expect(rows).toHaveLength(1)
  })

  test.each(['', 'nonsense', 'x'.repeat(201)])('"%s" is none', async (token) => {
    expect([401, 422]).toContain((await refresh(token)).status)
  })

  test('of an expired session are refused', async () => {
    const { session } = await running.login('user')
    await running.service.db.prisma.refreshToken.updateMany({ data: { expiresAt: new Date(Date.now() - 1) } })
    expect((await refresh(session.refreshToken)).status).toBe(401)
  })
})

describe('logout', () => {
  test('ends the session here at once and elsewhere within seconds', async () => {
    const other = await running.another()
    const { client, session } = await running.login('user')
    const elsewhere = async () =>
      (await fetch(`${other.url}/v1/users/me`, { headers: { authorization: `Bearer ${session.accessToken}` } })).status
    expect(await elsewhere()).toBe(200)
    expect((await client.send('DELETE', '/v1/sessions/current')).status).toBe(204)
    expect((await client.get('/v1/users/me')).status).toBe(401)
    await until('the other process refuses it', async () => (await elsewhere()) === 401, 5_000)
    expect((await refresh(session.refreshToken)).status).toBe(401)
  })

  test('an administrator ends all sessions of a user', async () => {
    const username = await aUser()
    const [one, two] = [await running.login(username), await running.login(username)]
    expect((await admin.send('DELETE', `/v1/users/${one.session.user.id}/sessions`)).status).toBe(204)
    expect((await one.client.get('/v1/users/me')).status).toBe(401)
    expect((await two.client.get('/v1/users/me')).status).toBe(401)
  })
})

describe('a token is refused', () => {
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const me = (token: string) => running.nobody.as(token).get<{ detail: string }>('/v1/users/me')
  const foreign = generateKeyPairSync('ec', { namedCurve: 'P-256' })

  async function parts() {
    const { session } = await running.login('user')
    const claims = claimsOf(session.accessToken)
    const kid = String(jwt.decode(session.accessToken, { complete: true })?.header.kid)
    const { body } = await running.nobody.get<{ keys: (JsonWebKey & { kid: string })[] }>('/.well-known/jwks.json')
    const publicKey = createPublicKey({ key: { ...body.keys.find((key) => key.kid === kid) }, format: 'jwk' })
    return { token: session.accessToken, claims, kid, publicKey }
  }

  test('without a signature, or with alg none', async () => {
    const { token, claims, kid } = await parts()
    const [head, body] = token.split('.')
    for (const given of [
      `${head}.${body}.`,
      `${encode({ alg: 'none', typ: 'at+jwt', kid })}.${encode(claims)}.`,
      `${head}.${encode({ ...claims, groups: ['base.group_system'] })}.${token.split('.')[2]}`,
      'nonsense',
      '',
    ])
      expect((await me(given)).status).toBe(401)
  })

  test('signed with the public key as a secret', async () => {
    const { claims, kid, publicKey } = await parts()
    const unsigned = `${encode({ alg: 'HS256', typ: 'at+jwt', kid })}.${encode(claims)}`
    const pem = publicKey.export({ format: 'pem', type: 'spki' })
    const signature = createHmac('sha256', pem).update(unsigned).digest('base64url')
    expect((await me(`${unsigned}.${signature}`)).status).toBe(401)
  })

  test('signed by somebody else, under a known or an unknown kid', async () => {
    const { claims, kid } = await parts()
    for (const name of [kid, 'unknown'])
      expect(
        (
          await me(
            jwt.sign(claims, foreign.privateKey, {
              algorithm: 'ES256',
              header: { alg: 'ES256', typ: 'at+jwt', kid: name },
            }),
          )
        ).status,
      ).toBe(401)
  })
})
