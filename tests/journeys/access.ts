/** Rows R1 to R6: who may do what, and tokens that are none. */
import { createHmac } from 'node:crypto'
import { expect, test } from '@jest/globals'
import { clientFor, until } from '@stockline/test-kit'
import { must } from '@stockline/test-kit/load/documents'
import type { Person, System } from '@stockline/test-kit/load/system'
import type { Fixture } from './fixture.ts'
import { count, fresh, product, purchase, step } from './people.ts'

/** Registers the journeys of access. */
export function accessJourneys({ system }: Fixture): void {
  test('R1: seeding makes the three groups, with external ids, names, module and number of users', async () => {
    const admin = await system().login('admin')
    const page = must(await admin.get<{ items: object[] }>('/identity/v1/groups'), 200)
    for (const [tier, name] of [
      ['manager', 'Inventory Manager'],
      ['supervisor', 'Inventory Supervisor'],
      ['user', 'Inventory User'],
    ])
      expect(page.items).toContainEqual(
        expect.objectContaining({
          externalId: `core_inventory.inventory_group_${String(tier)}`,
          name,
          module: 'core_inventory',
          users: expect.any(Number),
        }),
      )
  })

  test('R2 R3 R6: one inventory group a user; a change counts from the next login, and is in the audit', async () => {
    const admin = await system().login('admin')
    const username = fresh('sarah').toLowerCase()
    const password = 'a long enough password'
    const made = await admin.send<{ id: string; version?: number }>('POST', '/identity/v1/users', {
      body: { username, name: 'Sarah Lim', password },
    })
    expect(made.status).toBe(201)
    const anonymous = clientFor(system().origin)
    const login = async () =>
      must(
        await anonymous.send<{ accessToken: string }>('POST', '/identity/v1/sessions', {
          body: { username, password },
        }),
        201,
      )
    const groupsOf = (token: string) =>
      (JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as { groups: string[] }).groups
    expect(groupsOf((await login()).accessToken)).toEqual(['core_inventory.inventory_group_user'])
    const change = await admin.send('PUT', `/identity/v1/users/${made.body.id}/inventory-group`, {
      body: { group: 'core_inventory.inventory_group_supervisor' },
      ...(made.body.version === undefined ? {} : { version: made.body.version }),
    })
    expect(change.status).toBe(200)
    expect(groupsOf((await login()).accessToken)).toEqual(['core_inventory.inventory_group_supervisor'])
    const audit = must(await admin.get<{ items: object[] }>('/identity/v1/audit?limit=50'), 200)
    expect(JSON.stringify(audit.items)).toContain(made.body.id)
  })

  test.each<[Person, string, string, number]>([
    ['user', 'GET', '/stock/v1/quants', 200],
    ['user', 'GET', '/valuation/v1/journal-entries', 403],
    ['supervisor', 'GET', '/valuation/v1/journal-entries', 200],
    ['user', 'POST', '/stock/v1/opening-stock', 403],
    ['supervisor', 'POST', '/stock/v1/opening-stock', 403],
    ['supervisor', 'PUT', '/valuation/v1/cost-methods/goods', 403],
    ['admin', 'GET', '/stock/v1/quants', 403],
    ['manager', 'GET', '/picking/v1/parked', 403],
    ['admin', 'GET', '/picking/v1/parked', 200],
    ['manager', 'GET', '/identity/v1/users', 403],
  ])('R4 R5: %s asks %s %s and gets %i', async (person, method, path, status) => {
    const client = await system().login(person)
    const reply = method === 'GET' ? await client.get(path) : await client.send(method, path, { body: {} })
    expect(reply.status).toBe(status)
  })

  test('R4: outside the assigned locations there is nothing to see; costs are not shown to a user', async () => {
    const admin = await system().login('admin')
    const username = fresh('john').toLowerCase()
    const password = 'a long enough password'
    await admin.send('POST', '/identity/v1/users', { body: { username, name: 'John Doe', password } })
    const anonymous = clientFor(system().origin)
    const session = must(
      await anonymous.send<{ accessToken: string }>('POST', '/identity/v1/sessions', { body: { username, password } }),
      201,
    )
    const stranger = anonymous.as(session.accessToken)
    const receipt = await purchase(system(), [{ sku: await product(system()), quantity: '1', unitPrice: '12.34' }])
    expect((await stranger.get(`/picking/v1/receipts/${receipt.id}`)).status).toBe(404)
    expect((await count(stranger, receipt, [{ line: 1, quantity: '1' }])).status).toBe(404)
    const user = await system().login('user')
    const seen = await user.get(`/picking/v1/receipts/${receipt.id}`)
    expect(seen.status).toBe(200)
    expect(JSON.stringify(seen.body)).not.toContain('12.34')
  })

  test('tokens that are none are refused: expired, unsigned, signed with the public key, unknown key, none at all', async () => {
    const good = await tokenOf(system())
    const [header, payload, signature] = good.split('.') as [string, string, string]
    const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const head = JSON.parse(Buffer.from(header, 'base64url').toString()) as { kid: string }
    const jwks = must(await clientFor(system().origin).get<{ keys: object[] }>('/identity/.well-known/jwks.json'), 200)
    const hs256 = `${encoded({ ...head, alg: 'HS256' })}.${payload}`
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as object
    const tokens: [string, string | undefined][] = [
      ['none', undefined],
      ['no token', 'rubbish'],
      ['alg none', `${encoded({ ...head, alg: 'none' })}.${payload}.`],
      ['unsigned', `${header}.${payload}.`],
      [
        'public key as a secret',
        `${hs256}.${createHmac('sha256', JSON.stringify(jwks.keys[0])).update(hs256).digest('base64url')}`,
      ],
      ['unknown kid', `${encoded({ ...head, kid: 'nobody' })}.${payload}.${signature}`],
      ['another audience', `${header}.${encoded({ ...claims, aud: 'elsewhere' })}.${signature}`],
    ]
    for (const [what, token] of tokens) {
      const reply = await clientFor(system().origin, token).get<{ status: number }>('/stock/v1/quants')
      expect([what, reply.status]).toEqual([what, 401])
      expect(reply.headers['content-type']).toContain('application/problem+json')
    }
  })

  test('a session that is ended is refused everywhere within seconds', async () => {
    const token = await tokenOf(system())
    const client = clientFor(system().origin, token)
    expect((await client.get('/valuation/v1/cost-methods/goods')).status).toBe(200)
    expect((await client.send('DELETE', '/identity/v1/sessions/current')).status).toBeLessThan(300)
    for (const service of ['stock', 'picking', 'valuation'])
      await until(
        `${service} to refuse it`,
        async () => {
          const path =
            { stock: '/stock/v1/quants', picking: '/picking/v1/receipts', valuation: '/valuation/v1/journal-entries' }[
              service
            ] ?? ''
          return (await client.get(path)).status === 401
        },
        5000,
      )
  })

  test('bad input: keys, versions and bodies get what the interface says', async () => {
    const receipt = await purchase(system(), [{ sku: await product(system()), quantity: '2', unitPrice: '1' }])
    const user = await system().login('user')
    const path = `/picking/v1/receipts/${receipt.id}/lines`
    const body = { entries: [{ line: 1, quantity: '2' }] }
    const statuses = async (...sent: Parameters<typeof user.send>[]) =>
      Promise.all(sent.map(async (one) => (await user.send(...one)).status))
    expect(await statuses(['PATCH', path, { body }])).toEqual([428])
    expect(await statuses(['PATCH', path, { body, version: receipt.version + 7 }])).toEqual([412])
    expect(
      await statuses(['PATCH', path, { body, version: receipt.version, headers: { 'idempotency-key': 'not-a-uuid' } }]),
    ).toEqual([400])
    expect(await statuses(['PATCH', path, { body: '{"entries": [', version: receipt.version }])).toEqual([400])
    expect(
      await statuses(['PATCH', path, { body: { entries: [], pad: 'x'.repeat(1_100_000) }, version: receipt.version }]),
    ).toEqual([413])
    for (const quantity of ['-1', '1e14', 'NaN', '0.0000001', '999999999999999', 2.5]) {
      const reply = await user.send<{ errors: { pointer: string }[] }>('PATCH', path, {
        version: receipt.version,
        body: { entries: [{ line: 1, quantity }] },
      })
      expect([quantity, reply.status, reply.body.errors.map((one) => one.pointer)]).toEqual([
        quantity,
        422,
        ['/entries/0/quantity'],
      ])
    }
    const foreign = await user.send('PATCH', path, {
      version: receipt.version,
      body: { entries: [{ line: 99, quantity: '1' }] },
    })
    expect(foreign.status).toBe(422)
    const key = '0199aaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee'
    const first = await user.send('PATCH', path, { version: receipt.version, body, key })
    const again = await user.send('PATCH', path, { version: receipt.version, body, key })
    expect([first.status, again.status, again.body]).toEqual([200, 200, first.body])
    expect(
      (
        await user.send('PATCH', path, {
          version: receipt.version,
          body: { entries: [{ line: 1, quantity: '1' }] },
          key,
        })
      ).status,
    ).toBe(422)
    expect((await step(user, 'receipts', { ...receipt, version: receipt.version }, 'validate')).status).toBe(412)
  })
}

async function tokenOf(system: System): Promise<string> {
  const reply = await clientFor(system.origin).send<{ accessToken: string }>('POST', '/identity/v1/sessions', {
    body: { username: 'manager', password: system.password },
  })
  return reply.body.accessToken
}
