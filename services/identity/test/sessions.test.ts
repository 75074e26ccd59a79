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

describe('throttling', () => {
  const wrong = 'not the password'

  test('ten failed logins of an account, and it must wait, even with the right password', async () => {
    const username = await aUser()
    for (let round = 0; round < 10; round += 1)
      expect((await logIn(running.nobody, username, wrong, `10.0.0.${round}`)).status).toBe(401)
    const refused = await logIn(running.nobody, username, password, '10.0.1.1')
    expect(refused).toMatchObject({ status: 429, body: { type: 'login-throttled' } })
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(200)
    const other = await running.another()
    const reply = await fetch(`${other.url}/v1/sessions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username, password }),
    })
    expect(reply.status).toBe(429)
  })

  test('many at once gain nothing', async () => {
    const username = await aUser()
    const replies = await Promise.all(
      Array.from({ length: 40 }, (_, index) => logIn(running.nobody, username, wrong, `10.1.0.${index}`)),
    )
    const tried = replies.filter((reply) => reply.status === 401).length
    expect(tried).toBeGreaterThanOrEqual(10)
    expect(tried).toBeLessThanOrEqual(11)
  })

  test('logins that succeed never count, and wipe out the failures before', async () => {
    const username = await aUser()
    for (let round = 0; round < 9; round += 1) await logIn(running.nobody, username, wrong, '10.2.0.1')
    const replies = await Promise.all(
      Array.from({ length: 20 }, () => logIn(running.nobody, username, password, '10.2.0.1')),
    )
    expect(replies.map((reply) => reply.status)).toEqual(Array(20).fill(201))
    expect((await logIn(running.nobody, username, wrong, '10.2.0.1')).status).toBe(401)
    expect((await logIn(running.nobody, username, password, '10.2.0.1')).status).toBe(201)
  })

  test('an address that fails with many accounts must wait', async () => {
    await running.service.db.prisma.loginFailure.createMany({
      data: { subject: 'address:10.3.0.1', failures: 100, since: new Date() },
    })
    expect((await logIn(running.nobody, 'user', password, '10.3.0.1')).status).toBe(429)
    expect((await logIn(running.nobody, 'user', password, '10.3.0.2')).status).toBe(201)
    // Only the last entry is the forwarder's own; what stands before it is the client's invention.
    expect((await logIn(running.nobody, 'user', password, '10.3.0.2, 10.3.0.1')).status).toBe(429)
  })

  test('the window passes', async () => {
    const username = await aUser()
    await running.service.db.prisma.loginFailure.createMany({
      data: { subject: `account:${username}`, failures: 10, since: new Date(Date.now() - 301_000) },
    })
    expect((await logIn(running.nobody, username, password)).status).toBe(201)
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

describe('keys', () => {
  const kidOf = (token: string) => jwt.decode(token, { complete: true })?.header.kid
  const published = async () =>
    (await running.nobody.get<{ keys: { kid: string }[] }>('/.well-known/jwks.json')).body.keys.map(({ kid }) => kid)
  const nextKid = async () =>
    (await running.service.db.prisma.signingKey.findFirstOrThrow({ where: { next: true } })).kid
  const letNextBeOld = () =>
    running.service.db.prisma.signingKey.updateMany({
      where: { next: true },
      data: { createdAt: new Date(Date.now() - 901_000) },
    })
  const rotate = async () => {
    const reply = await admin.send<{ kid: string; signsFrom: string }>('POST', '/v1/signing-keys/rotate')
    expect(reply.status).toBe(201)
    return reply.body
  }

  test('the next one is published before it signs, and nobody’s token is refused when it does', async () => {
    const { client: before, session } = await running.login('user')
    const next = await nextKid()
    expect(await published()).toEqual(expect.arrayContaining([kidOf(session.accessToken), next]))
    await letNextBeOld()
    // A stranger's token of an unknown key, a moment before: it must not cost others theirs.
    const madeUp = jwt.sign({}, 'x', { header: { alg: 'HS256', typ: 'at+jwt', kid: 'made-up' } })
    expect((await running.nobody.as(madeUp).get('/v1/users/me')).status).toBe(401)
    expect((await rotate()).kid).toBe(next)
    const { client: after, session: later } = await running.login('user')
    expect(kidOf(later.accessToken)).toBe(next)
    expect((await after.get('/v1/users/me')).status).toBe(200)
    expect((await before.get('/v1/users/me')).status).toBe(200)
    expect(await published()).toEqual(expect.arrayContaining([kidOf(session.accessToken), next, await nextKid()]))
  })

  test('a second rotation waits until its key has been published for 15 minutes, and says so', async () => {
    await letNextBeOld()
    await rotate()
    const planned = await rotate()
    expect(Date.parse(planned.signsFrom) - Date.now()).toBeGreaterThan(880_000)
    expect(Date.parse(planned.signsFrom) - Date.now()).toBeLessThanOrEqual(900_000)
    expect(kidOf((await running.login('user')).session.accessToken)).not.toBe(planned.kid)
    expect(await rotate()).toEqual(planned)
    await running.service.db.prisma.signingKey.updateMany({ where: { next: true }, data: { signsFrom: new Date() } })
    expect(kidOf((await running.login('user')).session.accessToken)).toBe(planned.kid)
  })

  test('rotate by age, once, however many log in at that moment', async () => {
    await letNextBeOld()
    const next = await nextKid()
    await running.service.db.prisma.signingKey.updateMany({
      where: { retiredAt: null },
      data: { signsFrom: new Date(Date.now() - 31 * 86_400_000) },
    })
    const count = await running.service.db.prisma.signingKey.count()
    const sessions = await Promise.all(Array.from({ length: 6 }, () => running.login('user')))
    expect(await running.service.db.prisma.signingKey.count()).toBe(count + 1)
    expect(new Set(sessions.map(({ session }) => kidOf(session.accessToken)))).toEqual(new Set([next]))
  })

  test('are the same to the version before: one signs, and the next one is published and never signs', async () => {
    const found = await running.service.db.prisma.signingKey.findMany({ where: { retiredAt: null } })
    expect(found.map(({ next }) => next)).toEqual([false])
    // What it does when it rotates: its key signs, and ours has its turn later.
    await running.service.db.prisma.signingKey.updateMany({
      where: { retiredAt: null },
      data: { retiredAt: new Date() },
    })
    await running.service.db.prisma.signingKey.createMany({
      data: { ...found[0]!, kid: 'of-the-version-before', publicJwk: found[0]!.publicJwk!, signsFrom: null },
    })
    expect(kidOf((await running.login('user')).session.accessToken)).toBe('of-the-version-before')
    await letNextBeOld()
    const { kid } = await rotate()
    expect(kidOf((await running.login('user')).session.accessToken)).toBe(kid)
  })

  test('are published no more when their last token has expired', async () => {
    await letNextBeOld()
    const { kid } = await rotate()
    await running.service.db.prisma.signingKey.updateMany({
      where: { retiredAt: { not: null }, next: false },
      data: { retiredAt: new Date(Date.now() - 3_601_000) },
    })
    expect((await published()).sort()).toEqual([kid, await nextKid()].sort())
  })
})
