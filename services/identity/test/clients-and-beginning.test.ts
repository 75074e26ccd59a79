import { readFileSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { clientFor, until, type Client } from '@stockline/test-kit'
import { claimsOf, clientSecret, logIn, password, runIdentity, type RunningIdentity } from './running.ts'

interface TokenBody {
  access_token: string
  token_type: string
  expires_in: number
  scope: string
}

const askToken = async (url: string, form: Record<string, string>, headers: Record<string, string> = {}) => {
  const reply = await fetch(`${url}/v1/tokens`, { method: 'POST', body: new URLSearchParams(form), headers })
  const challenge = reply.headers.get('www-authenticate')
  return {
    status: reply.status,
    challenge,
    body: (await reply.json()) as TokenBody & { errors?: { pointer: string }[] },
  }
}
const basic = (id: string, secret: string) => ({
  authorization: `Basic ${Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString('base64')}`,
})
const grant = { grant_type: 'client_credentials' }

describe('service clients', () => {
  let running: RunningIdentity
  let admin: Client
  beforeAll(async () => {
    running = await runIdentity()
    admin = (await running.login('admin')).client
  })
  afterAll(() => running.stop())

  const ask = (form: Record<string, string>, headers?: Record<string, string>) =>
    askToken(running.service.url, form, headers)

  test('get a token with scopes and without groups, by form or by HTTP Basic', async () => {
    const form = await ask({ ...grant, client_id: 'erp', client_secret: clientSecret })
    expect(form).toMatchObject({
      status: 200,
      body: {
        token_type: 'Bearer',
        expires_in: 300,
        scope: 'orders:publish products:publish entries:read costs:read reservations:manage',
      },
    })
    const claims = claimsOf(form.body.access_token)
    expect(claims).toMatchObject({ sub: 'erp', name: 'ERP', scope: form.body.scope })
    expect(claims).not.toHaveProperty('groups')
    expect(claims).not.toHaveProperty('sid')
    const some = await ask({ ...grant, scope: 'orders:publish' }, basic('erp', clientSecret))
    expect(some).toMatchObject({ status: 200, body: { scope: 'orders:publish' } })
  })

  test('have no rights of people', async () => {
    const { body } = await ask({ ...grant, client_id: 'erp', client_secret: clientSecret })
    const erp = running.nobody.as(body.access_token)
    expect((await erp.get('/v1/users')).status).toBe(403)
    expect((await erp.get('/v1/groups')).status).toBe(403)
    expect((await erp.get('/v1/access-rights')).status).toBe(200)
    expect((await erp.get('/v1/users/me')).status).toBe(404)
    expect((await erp.send('DELETE', '/v1/sessions/current')).status).toBe(409)
  })

  test.each([
    ['a wrong secret', { ...grant, client_id: 'erp', client_secret: 'wrong' }, 401, 'invalid_client'],
    ['an unknown client', { ...grant, client_id: 'nobody', client_secret: 'wrong' }, 401, 'invalid_client'],
    ['no credentials', grant, 401, 'invalid_client'],
    ['no grant', { client_id: 'erp', client_secret: clientSecret }, 422, 'invalid_request'],
    ['a long id', { ...grant, client_id: 'x'.repeat(65), client_secret: 'wrong' }, 422, 'invalid_request'],
    ['another grant', { grant_type: 'password', client_id: 'erp' }, 422, 'unsupported_grant_type'],
    [
      'a foreign scope',
      { ...grant, client_id: 'erp', client_secret: clientSecret, scope: 'stock:all' },
      422,
      'invalid_scope',
    ],
  ])('%s is refused, in the words of OAuth, too', async (_, form: Record<string, string>, status, error) => {
    const answer = await ask(form)
    expect(answer).toMatchObject({
      status,
      challenge: status === 401 ? 'Basic realm="stockline", charset="UTF-8"' : null,
      body: { status, error, error_description: expect.stringMatching(/^[ !#-[\]-~]+$/) },
    })
  })

  const encoded = (bytes: Buffer) => ({ authorization: `Basic ${bytes.toString('base64')}` })
  test.each<[string, Record<string, string>]>([
    ['a NUL in the id', encoded(Buffer.from('erp%00:x'))],
    ['a NUL in the secret, as it is', encoded(Buffer.from('erp:x\0'))],
    ['bytes that are no UTF-8', encoded(Buffer.from([0x65, 0xff, 0x3a, 0x78]))],
    ['an id as long as headers may be', encoded(Buffer.from(`${'x'.repeat(9_000)}:x`))],
  ])('Basic with %s is refused by name', async (_, headers) => {
    expect(await ask(grant, headers)).toMatchObject({
      status: 422,
      body: { error: 'invalid_request', errors: [{ pointer: 'header:Authorization' }] },
    })
  })

  test.each([
    ['client_id=%00&client_secret=x', '/client_id'],
    ['client_id=erp&client_secret=%ff', '/client_secret'],
    ['client_id=erp&client_secret=x&scope=%ED%A0%80', '/scope'],
    ['client%00id=erp', '/client\0id'],
  ])('the form %s is refused by name', async (fields, pointer) => {
    const reply = await fetch(`${running.service.url}/v1/tokens`, {
      method: 'POST',
      body: `grant_type=client_credentials&${fields}`,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    })
    expect([reply.status, await reply.json()]).toMatchObject([422, { errors: [{ pointer }] }])
  })

  test('are made, changed and stopped by an administrator; the secret is shown once', async () => {
    const body = { id: 'shop', name: 'Shop', scopes: ['orders:publish'] }
    const made = await admin.send<{ secret: string; version: number }>('POST', '/v1/clients', { body })
    expect(made).toMatchObject({ status: 201, body: { id: 'shop', scopes: ['orders:publish'], version: 1 } })
    const { secret } = made.body
    expect((await admin.send('POST', '/v1/clients', { body })).status).toBe(409)
    expect((await admin.get('/v1/clients/shop')).body).not.toHaveProperty('secret')
    const { body: list } = await admin.get<{ items: object[] }>('/v1/clients')
    expect(list.items).toMatchObject([{ id: 'erp' }, { id: 'shop' }])
    expect(JSON.stringify(list)).not.toContain('ecret')

    const form = { ...grant, client_id: 'shop', client_secret: secret }
    expect((await ask(form)).body.scope).toBe('orders:publish')
    const change = (given: object, version: number) => admin.send('PATCH', '/v1/clients/shop', { body: given, version })
    expect((await change({ scopes: ['orders:publish', 'entries:read'] }, 1)).status).toBe(200)
    expect((await ask(form)).body.scope).toBe('orders:publish entries:read')
    const renewed = await admin.send<{ secret: string }>('POST', '/v1/clients/shop/secret')
    expect((await ask(form)).status).toBe(401)
    expect((await ask({ ...form, client_secret: renewed.body.secret })).status).toBe(200)
    expect((await change({ active: false }, 1)).status).toBe(412)
    expect((await change({ active: false }, 2)).status).toBe(200)
    expect((await ask({ ...form, client_secret: renewed.body.secret })).status).toBe(401)
    const audit = await admin.get<{ items: { action: string }[] }>('/v1/audit?subject=shop')
    expect(audit.body.items.map((entry) => entry.action)).toEqual([
      'client.changed',
      'client.secret-renewed',
      'client.changed',
      'client.created',
    ])
    expect(JSON.stringify(audit.body)).not.toContain(secret)
  })

  test('speak for some systems alone where they have sources, and their tokens say so', async () => {
    const given = { id: 'outlet', name: 'Outlet', scopes: ['orders:publish'], sources: ['/shop', '/shop/outlet'] }
    const made = await admin.send<{ secret: string }>('POST', '/v1/clients', { body: given })
    expect(made).toMatchObject({ status: 201, body: { sources: ['/shop', '/shop/outlet'] } })
    const form = { ...grant, client_id: 'outlet', client_secret: made.body.secret }
    const claims = async () => {
      const { access_token: token } = (await ask(form)).body
      return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as { sources?: string[] }
    }
    expect((await claims()).sources).toEqual(['/shop', '/shop/outlet'])
    const change = (body: object, version: number) => admin.send('PATCH', '/v1/clients/outlet', { body, version })
    expect(await change({ name: 'Outlets' }, 1)).toMatchObject({ body: { sources: ['/shop', '/shop/outlet'] } })
    expect(await change({ sources: ['/shop'] }, 2)).toMatchObject({ status: 200, body: { sources: ['/shop'] } })
    expect((await claims()).sources).toEqual(['/shop'])
    expect(await change({ sources: null }, 3)).toMatchObject({ status: 200, body: { sources: null } })
    expect(await claims()).not.toHaveProperty('sources')
    for (const sources of [[], ['/shop', '/shop'], ['']]) expect((await change({ sources }, 4)).status).toBe(422)
    const audit = await admin.get<{ items: object[] }>('/v1/audit?subject=outlet')
    expect(audit.body.items[0]).toMatchObject({ old: { sources: ['/shop'] }, new: { sources: null } })
  })

  test('everything wrong is named at once', async () => {
    const body = { id: 'No Id', name: '', scopes: ['orders:publish', 'orders:publish', 'everything'] }
    const reply = await admin.send<{ errors: { pointer: string }[] }>('POST', '/v1/clients', { body })
    expect(reply.status).toBe(422)
    expect(new Set(reply.body.errors.map((fault) => fault.pointer))).toEqual(new Set(['/id', '/name', '/scopes/2']))
  })

  test('the reference names every route', async () => {
    const reply = await running.nobody.get<{ paths: object }>('/v1/openapi.json')
    expect(reply.status).toBe(200)
    expect(Object.keys(reply.body.paths)).toEqual(
      expect.arrayContaining([
        '/v1/sessions',
        '/v1/tokens',
        '/v1/users/{id}/inventory-group',
        '/v1/clients/{id}/secret',
      ]),
    )
  })

  test('ten wrong secrets, and the client must wait', async () => {
    await admin.send('POST', '/v1/clients', { body: { id: 'slow', name: 'Slow', scopes: [] } })
    const form = { ...grant, client_id: 'slow', client_secret: 'wrong' }
    for (let round = 0; round < 10; round += 1) expect((await ask(form)).status).toBe(401)
    expect((await ask(form)).status).toBe(429)
  })

  test('who could read entries could read costs as well: the migration gives the new scope, once, and says so', async () => {
    const { prisma } = running.service.db
    const names = ['both', 'entries', 'orders'] as const
    const before = [['entries:read', 'costs:read'], ['orders:publish', 'entries:read'], ['orders:publish']]
    for (const [index, id] of names.entries())
      await prisma.client.createMany({
        data: {
          ...{ id: `m-${id}`, name: id, secretHash: '', scopes: before[index] ?? [] },
          ...{ createdAt: new Date(), changedAt: new Date() },
        },
      })
    const migration = new URL('../prisma/migrations/20261130130002_costs_read/migration.sql', import.meta.url)
    const statement = readFileSync(migration, 'utf8')
    await prisma.$executeRawUnsafe(statement)
    await prisma.$executeRawUnsafe(statement)
    const clients = await prisma.client.findMany({ where: { id: { startsWith: 'm-' } }, orderBy: { id: 'asc' } })
    expect(clients.map(({ id, scopes, version }) => [id, scopes, version])).toEqual([
      ['m-both', ['entries:read', 'costs:read'], 1],
      ['m-entries', ['orders:publish', 'entries:read', 'costs:read'], 2],
      ['m-orders', ['orders:publish'], 1],
    ])
    const audit = await admin.get<{ items: object[] }>('/v1/audit?subject=m-entries')
    expect(audit.body.items).toMatchObject([
      {
        actor: null,
        action: 'client.changed',
        old: { scopes: ['orders:publish', 'entries:read'] },
        new: { scopes: ['orders:publish', 'entries:read', 'costs:read'] },
      },
    ])
  })

  test('a client is not stopped by those who guess its secret from elsewhere', async () => {
    const made = await admin.send<{ secret: string }>('POST', '/v1/clients', {
      body: { id: 'steady', name: 'Steady', scopes: [] },
    })
    const right = { ...grant, client_id: 'steady', client_secret: made.body.secret }
    expect((await ask(right)).status).toBe(200)
    const guess = () =>
      running.nobody.send('POST', '/v1/tokens', {
        body: new URLSearchParams({ ...right, client_secret: 'wrong' }).toString(),
        headers: { 'content-type': 'application/x-www-form-urlencoded', 'x-forwarded-for': '10.9.0.1' },
      })
    for (let round = 0; round < 10; round += 1) expect((await guess()).status).toBe(401)
    expect((await guess()).status).toBe(429)
    expect((await ask(right)).status).toBe(200)
  })
})

describe('how it begins', () => {
  let running: RunningIdentity
  afterEach(() => running.stop())
  const first = { username: 'root', name: 'First', password }

  test('empty: the first administrator is made once, with the one-time code', async () => {
    running = await runIdentity({ FIRST_ADMINISTRATOR_CODE: 'open-sesame' })
    const make = (body: object) => running.nobody.send('POST', '/v1/first-administrator', { body })
    expect((await make({ ...first, code: 'wrong-code' })).status).toBe(401)
    expect((await make({ ...first, code: 'open-sesame', password: 'short' })).status).toBe(422)
    const replies = await Promise.all([1, 2, 3].map(() => make({ ...first, code: 'open-sesame' })))
    expect(replies.map((reply) => reply.status).sort()).toEqual([201, 409, 409])
    const { client } = await running.login('root')
    expect((await client.get('/v1/users/me')).body).toMatchObject({ administrator: true, inventoryGroup: null })
    expect((await make({ ...first, username: 'second', code: 'open-sesame' })).status).toBe(409)
  })

  test('without a code nobody gets in', async () => {
    running = await runIdentity({})
    const reply = await running.nobody.send('POST', '/v1/first-administrator', { body: { ...first, code: 'x' } })
    expect(reply.status).toBe(401)
    expect((await logIn(running.nobody, 'admin', password)).status).toBe(401)
  })

  test('demo: seeded once, also when two processes start, and the same after a restart', async () => {
    running = await runIdentity()
    const again = await running.another()
    expect(await again.db.prisma.user.count()).toBe(4)
    expect((await logIn(clientFor(again.url), 'manager', password)).status).toBe(201)
  })

  test('private keys are sealed where a secret is given, and only with it they open', async () => {
    const secret = 'a secret to seal keys with'
    running = await runIdentity({ KEY_ENCRYPTION_SECRET: secret, FIRST_ADMINISTRATOR_CODE: 'open-sesame' })
    await running.nobody.send('POST', '/v1/first-administrator', { body: { ...first, code: 'open-sesame' } })
    const { client } = await running.login('root')
    await until('the token is good', async () => (await client.get('/v1/users/me')).status === 200)
    const [key] = await running.service.db.prisma.signingKey.findMany()
    expect(key?.privateKey).toMatch(/^sealed:v1:/)
    expect(key?.privateKey).not.toContain('PRIVATE KEY')
    await expect(running.another({})).rejects.toThrow('set KEY_ENCRYPTION_SECRET')
    await expect(running.another({ KEY_ENCRYPTION_SECRET: 'some other secret' })).rejects.toThrow('is not the one')
  })
})
