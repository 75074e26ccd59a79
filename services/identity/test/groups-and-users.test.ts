import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { groups } from '@stockline/contracts'
import { until, type Client } from '@stockline/test-kit'
import { claimsOf, logIn, password, runIdentity, type RunningIdentity } from './running.ts'

interface UserBody {
  id: string
  username: string
  inventoryGroup: string | null
  administrator: boolean
  groups: string[]
  active: boolean
  version: number
}
interface Problem {
  type: string
  errors?: { pointer: string; message: string }[]
}

let running: RunningIdentity
let admin: Client

beforeAll(async () => {
  running = await runIdentity()
  admin = (await running.login('admin')).client
})
afterAll(() => running.stop())

async function makeUser(username: string, more: object = {}): Promise<UserBody> {
  const body = { username, name: `${username} of the tests`, password, ...more }
  const reply = await admin.send<UserBody>('POST', '/v1/users', { body })
  expect(reply).toMatchObject({ status: 201, headers: { location: `/v1/users/${reply.body.id}` } })
  return reply.body
}

const events = async (type: string, subject: string) =>
  (
    await running.service.db.prisma.$queryRawUnsafe<{ value: string }[]>(
      'select value::text from kit.outbox where type = $1 and subject = $2 order by position',
      type,
      subject,
    )
  ).map((row) => (JSON.parse(row.value) as { data: Record<string, unknown> }).data)

describe('R1: the three groups are there with external ids and names', () => {
  test('listing groups gives name, module and number of users', async () => {
    const { client } = await running.login('user')
    const { status, body } = await client.get<{ items: object[] }>('/v1/groups')
    expect(status).toBe(200)
    expect(body.items).toEqual([
      { externalId: groups.manager, name: 'Inventory Manager', module: 'core_inventory', users: 1 },
      { externalId: groups.supervisor, name: 'Inventory Supervisor', module: 'core_inventory', users: 1 },
      { externalId: groups.user, name: 'Inventory User', module: 'core_inventory', users: 1 },
      { externalId: groups.administrator, name: 'Administrator', module: 'base', users: 1 },
    ])
  })
})

describe('R2: at most one of the three, and Inventory User unless told otherwise', () => {
  test('a new user is an Inventory User, under a name in small letters', async () => {
    expect(await makeUser('Bob.Miller')).toMatchObject({
      username: 'bob.miller',
      inventoryGroup: groups.user,
      administrator: false,
      groups: [groups.user],
      active: true,
      version: 1,
    })
  })

  test('granting another group replaces the one before, with an audit of old and new', async () => {
    const user = await makeUser('carla')
    const path = `/v1/users/${user.id}/inventory-group`
    const granted = await admin.send<UserBody>('PUT', path, { body: { group: groups.manager } })
    expect(granted).toMatchObject({ status: 200, body: { groups: [groups.manager], version: 2 } })
    const audit = await admin.get<{ items: object[] }>(`/v1/audit?subject=${user.id}&action=inventory-group.changed`)
    const today = new Date().toISOString().slice(0, 10)
    const within = await admin.get<{ items: object[] }>(`/v1/audit?subject=${user.id}&since=${today}`)
    expect(within.body.items.length).toBeGreaterThan(0)
    const earlier = await admin.get<{ items: object[] }>(`/v1/audit?subject=${user.id}&until=2026-01-01`)
    expect(earlier.body.items).toEqual([])
    expect(audit.body.items).toMatchObject([
      {
        actor: { name: 'Ada Administrator' },
        subject: { id: user.id, name: 'carla' },
        old: { inventoryGroup: groups.user },
        new: { inventoryGroup: groups.manager },
      },
    ])
    expect(await events('identity.user-changed.v1', user.id)).toMatchObject([
      { userId: user.id, username: 'carla', active: true, groups: [groups.user] },
      { groups: [groups.manager] },
    ])
  })

  test('granting what is held changes nothing', async () => {
    const user = await makeUser('dora')
    const path = `/v1/users/${user.id}/inventory-group`
    const granted = await admin.send<UserBody>('PUT', path, { body: { group: groups.user } })
    expect(granted).toMatchObject({ status: 200, body: { version: 1 } })
    expect(await events('identity.user-changed.v1', user.id)).toHaveLength(1)
  })

  test('two who grant at once leave one group, and both are in the audit', async () => {
    const user = await makeUser('erik')
    const path = `/v1/users/${user.id}/inventory-group`
    await Promise.all([groups.manager, groups.supervisor].map((group) => admin.send('PUT', path, { body: { group } })))
    const { body } = await admin.get<UserBody>(`/v1/users/${user.id}`)
    expect(body.groups).toHaveLength(1)
    const audit = await admin.get<{ items: { old: object; new: object }[] }>(
      `/v1/audit?subject=${user.id}&action=inventory-group.changed`,
    )
    expect(audit.body.items).toHaveLength(2)
    expect(audit.body.items[0]?.old).toEqual(audit.body.items[1]?.new)
  })

  test.each([['base.group_system'], ['core_inventory.inventory_group_boss'], [''], [7]])(
    'group %p is none of the three',
    async (group) => {
      const user = await makeUser(`f${Math.random().toString(36).slice(2)}`)
      const path = `/v1/users/${user.id}/inventory-group`
      const reply = await admin.send<Problem>('PUT', path, { body: { group } })
      expect(reply).toMatchObject({ status: 422, body: { errors: [{ pointer: '/group' }] } })
    },
  )
})

describe('R3: a change counts from the next login or token refresh', () => {
  test('the token in hand keeps its groups; the next one has the new', async () => {
    const user = await makeUser('greta')
    const { session } = await running.login('greta')
    expect(claimsOf(session.accessToken)).toMatchObject({ sub: user.id, groups: [groups.user] })
    await admin.send('PUT', `/v1/users/${user.id}/inventory-group`, { body: { group: groups.supervisor } })
    const own = await running.nobody.as(session.accessToken).get<UserBody>('/v1/users/me')
    expect(own).toMatchObject({ status: 200, body: { groups: [groups.supervisor] } })
    const next = await running.nobody.send<{ accessToken: string }>('POST', '/v1/sessions/refresh', {
      body: { refreshToken: session.refreshToken },
    })
    expect(claimsOf(next.body.accessToken)['groups']).toEqual([groups.supervisor])
    expect(claimsOf((await running.login('greta')).session.accessToken)['groups']).toEqual([groups.supervisor])
  })
})

describe('R5: rights are a table', () => {
  test('it is read as JSON and as CSV in the form of the source document', async () => {
    const { client } = await running.login('user')
    const json = await client.get<{ items: object[]; actions: object[] }>('/v1/access-rights')
    expect(json.body.items).toContainEqual({
      id: 'access_stockquant_inventory_user',
      name: 'Quants: Inventory User',
      model: 'stockquant',
      group: groups.user,
      ...{ read: true, write: false, create: false, unlink: false },
    })
    expect(json.body.actions).toContainEqual(
      expect.objectContaining({ action: 'receipt.validate', group: groups.user }),
    )
    const csv = await client.get<string>('/v1/access-rights', { headers: { accept: 'text/csv' } })
    expect(csv.headers['content-type']).toContain('text/csv')
    expect(csv.body.split('\n')[0]).toBe('id,name,model:id,group:id,perm_read,perm_write,perm_create,perm_unlink')
  })

  test.each(['user', 'supervisor', 'manager'])('%s may not manage users', async (username) => {
    const { client } = await running.login(username)
    for (const [method, path] of [
      ['GET', '/v1/users'],
      ['POST', '/v1/users'],
      ['GET', '/v1/clients'],
      ['GET', '/v1/audit'],
      ['POST', '/v1/signing-keys/rotate'],
    ] as const)
      expect((await client.send(method, path, method === 'GET' ? {} : { body: {} })).status).toBe(403)
  })
})

describe('R6: an audit trail names who did what', () => {
  test('what is written is never changed', async () => {
    await expect(running.service.db.prisma.$executeRawUnsafe('delete from audit_entries')).rejects.toThrow(
      'never changed',
    )
  })

  test('it is read newest first, in pages', async () => {
    await makeUser('hanna')
    const first = await admin.get<{ items: { id: string }[]; nextCursor: string }>('/v1/audit?limit=2')
    const second = await admin.get<{ items: { id: string }[] }>(`/v1/audit?limit=2&cursor=${first.body.nextCursor}`)
    const ids = [...first.body.items, ...second.body.items].map((entry) => entry.id)
    expect(new Set(ids).size).toBe(4)
    expect(ids).toEqual([...ids].sort().reverse())
  })
})

describe('users', () => {
  test('everything wrong is named at once', async () => {
    const reply = await admin.send<Problem>('POST', '/v1/users', {
      body: { username: '-no', name: ' ', password: 7, inventoryGroup: 'boss', admin: true },
    })
    expect(reply.status).toBe(422)
    expect(reply.body.errors?.map((fault) => fault.pointer).sort()).toEqual([
      '/admin',
      '/inventoryGroup',
      '/name',
      '/password',
      '/username',
    ])
  })

  test.each([
    ['short', 'must have at least 10 characters'],
    ['aaaaaaaaaaaa', 'must have at least 4 different characters'],
    ['x'.repeat(201), 'must have at most 200 characters'],
  ])('password %s is refused', async (given, message) => {
    const reply = await admin.send<Problem>('POST', '/v1/users', {
      body: { username: 'weak', name: 'Weak', password: given },
    })
    expect(reply).toMatchObject({ status: 422, body: { errors: [{ pointer: '/password', message }] } })
  })

  test('a username is taken once, whatever the case', async () => {
    await makeUser('iris')
    const body = { username: 'IRIS', name: 'Other', password }
    expect(await admin.send('POST', '/v1/users', { body })).toMatchObject({
      status: 409,
      body: { type: 'username-taken', errors: [{ pointer: '/username' }] },
    })
    const duplicates = await Promise.all(
      [1, 2, 3].map(() => admin.send('POST', '/v1/users', { body: { ...body, username: 'jan' } })),
    )
    expect(duplicates.map((reply) => reply.status).sort()).toEqual([201, 409, 409])
  })

  test('a change needs the version that was read', async () => {
    const user = await makeUser('kim')
    const path = `/v1/users/${user.id}`
    expect((await admin.send('PATCH', path, { body: { name: 'K' } })).status).toBe(428)
    expect((await admin.send('PATCH', path, { body: { name: 'K' }, version: 9 })).status).toBe(412)
    expect(await admin.send('PATCH', path, { body: { name: 'K' }, version: 1 })).toMatchObject({
      status: 200,
      body: { name: 'K', version: 2 },
      headers: { etag: '"2"' },
    })
    expect(
      (await admin.send('PATCH', '/v1/users/019a0000-0000-7000-8000-000000000000', { body: {}, version: 1 })).status,
    ).toBe(404)
    expect((await admin.send('PATCH', '/v1/users/kim', { body: {}, version: 1 })).status).toBe(404)
  })

  test('a disabled user loses its sessions and gets no other', async () => {
    const user = await makeUser('lena')
    const { client } = await running.login('lena')
    await admin.send('PATCH', `/v1/users/${user.id}`, { body: { active: false }, version: 1 })
    await until('the session is refused', async () => (await client.get('/v1/users/me')).status === 401)
    expect((await logIn(running.nobody, 'lena', password)).status).toBe(401)
    expect(await events('identity.session-revoked.v1', user.id)).toMatchObject([
      { userId: user.id, reason: 'user-disabled' },
    ])
  })

  test('a new password ends the sessions, set by an administrator or by oneself', async () => {
    const user = await makeUser('mona')
    const { client } = await running.login('mona')
    const path = `/v1/users/${user.id}`
    expect((await admin.send('PATCH', path, { body: { password: 'another password' }, version: 1 })).status).toBe(200)
    await until('the session is refused', async () => (await client.get('/v1/users/me')).status === 401)
    expect((await logIn(running.nobody, 'mona', password)).status).toBe(401)
    const { client: again } = await running.login('mona', 'another password')
    const change = (currentPassword: string, newPassword: string) =>
      again.send<Problem>('PUT', '/v1/users/me/password', { body: { currentPassword, newPassword } })
    expect(await change('wrong password', 'my own password')).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: '/currentPassword' }] },
    })
    expect(await change('another password', 'short')).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: '/newPassword' }] },
    })
    expect((await change('another password', 'my own password')).status).toBe(204)
    await until('the session is refused', async () => (await again.get('/v1/users/me')).status === 401)
    await running.login('mona', 'my own password')
  })

  test('the last administrator stays one', async () => {
    const { body: me } = await admin.get<UserBody>('/v1/users/me')
    const last = { status: 409, body: { type: 'last-administrator' } }
    const path = `/v1/users/${me.id}`
    expect(await admin.send('PATCH', path, { body: { active: false }, version: me.version })).toMatchObject(last)
    expect(await admin.send('PUT', `${path}/administrator`, { body: { administrator: false } })).toMatchObject(last)
    const other = await makeUser('nina', { administrator: true, inventoryGroup: null })
    expect(other).toMatchObject({ groups: [groups.administrator] })
    const answers = await Promise.all(
      [me, other].map(({ id }) =>
        admin.send('PUT', `/v1/users/${id}/administrator`, { body: { administrator: false } }),
      ),
    )
    expect(answers.map((reply) => reply.status).sort()).toEqual([200, 409])
    await running.service.db.prisma.user.updateMany({ where: { id: me.id }, data: { administrator: true } })
  })

  test('they are listed by username, in pages and by group', async () => {
    const names: string[] = []
    let cursor: string | null = ''
    while (cursor !== null) {
      const path: string = `/v1/users?limit=3${cursor === '' ? '' : `&cursor=${cursor}`}`
      const { body } = await admin.get<{ items: UserBody[]; nextCursor: string | null }>(path)
      names.push(...body.items.map((user) => user.username))
      cursor = body.nextCursor
    }
    expect(names).toEqual([...new Set(names)].sort())
    expect(names).toContain('supervisor')
    const managers = await admin.get<{ items: UserBody[] }>(`/v1/users?group=${groups.manager}`)
    expect(managers.body.items.every((user) => user.inventoryGroup === groups.manager)).toBe(true)
    expect((await admin.get('/v1/users?limit=201')).status).toBe(422)
    expect((await admin.get('/v1/users?cursor=xyz')).status).toBe(422)
  })
})
