import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import jwt from 'jsonwebtoken'
import type { Client } from '@stockline/test-kit'
import { runIdentity, type RunningIdentity } from './running.ts'

let running: RunningIdentity
let admin: Client

beforeAll(async () => {
  running = await runIdentity()
  admin = (await running.login('admin')).client
})
afterAll(() => running.stop())

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
