import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Client } from '@stockline/test-kit'
import { logIn, password, runIdentity, type RunningIdentity, type Session } from './running.ts'

let running: RunningIdentity
let admin: Client

beforeAll(async () => {
  running = await runIdentity()
  admin = (await running.login('admin')).client
})
afterAll(() => running.stop())

async function aUser(): Promise<string> {
  const username = `u${randomUUID()}`
  await admin.send('POST', '/v1/users', { body: { username, name: 'Somebody', password } })
  return username
}

describe('throttling', () => {
  const wrong = 'not the password'

  /** So many wrong tries, from unknown addresses. */
  async function guess(username: string, times: number, network = '10.0.0'): Promise<void> {
    for (let round = 0; round < times; round += 1)
      expect((await logIn(running.nobody, username, wrong, `${network}.${round}`)).status).toBe(401)
  }
  const letPass = (username: string, seconds: number) =>
    running.service.db.prisma.loginFailure.updateMany({
      where: { subject: `account:${username}` },
      data: { lastAt: new Date(Date.now() - seconds * 1000) },
    })

  test('ten failed logins of an account, and it must wait, even with the right password, on every replica', async () => {
    const username = await aUser()
    await guess(username, 10)
    const refused = await logIn(running.nobody, username, password, '10.0.1.1')
    expect(refused).toMatchObject({ status: 429, body: { type: 'login-throttled' } })
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(20)
    expect(Number(refused.headers['retry-after'])).toBeLessThanOrEqual(30)
    const other = await running.another()
    const reply = await fetch(`${other.url}/v1/sessions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username, password }),
    })
    expect(reply.status).toBe(429)
  })

  test('slows down and does not lock out: one more try every thirty seconds', async () => {
    const username = await aUser()
    await guess(username, 10, '10.4.0')
    await letPass(username, 31)
    expect((await logIn(running.nobody, username, wrong, '10.4.1.1')).status).toBe(401)
    expect((await logIn(running.nobody, username, password, '10.4.1.2')).status).toBe(429)
    await letPass(username, 31)
    expect((await logIn(running.nobody, username, password, '10.4.1.3')).status).toBe(201)
  })

  test('an address that the account has signed in from is counted apart', async () => {
    const username = await aUser()
    expect((await logIn(running.nobody, username, password, '10.5.1.1')).status).toBe(201)
    await guess(username, 10, '10.5.0')
    expect((await logIn(running.nobody, username, password, '10.5.2.2')).status).toBe(429)
    expect((await logIn(running.nobody, username, password, '10.5.1.1')).status).toBe(201)
    // And the owner's success at home gives the others no new tries.
    expect((await logIn(running.nobody, username, wrong, '10.5.2.2')).status).toBe(429)
    // Whoever is at the usual place has ten tries there, as anybody else elsewhere.
    for (let round = 0; round < 10; round += 1)
      expect((await logIn(running.nobody, username, wrong, '10.5.1.1')).status).toBe(401)
    expect((await logIn(running.nobody, username, password, '10.5.1.1')).status).toBe(429)
  })

  const withDevice = (username: string, given: string, from: string, deviceToken: string) =>
    running.nobody.send<Session & { deviceToken: string }>('POST', '/v1/sessions', {
      body: { username, password: given, deviceToken },
      headers: { 'x-forwarded-for': from },
    })

  test('a device that the account has signed in on is counted apart, wherever it is', async () => {
    const username = await aUser()
    const { deviceToken } = (await withDevice(username, password, '10.6.1.1', 'made up')).body
    expect(deviceToken).not.toBe('made up')
    await guess(username, 10, '10.6.0')
    // Behind an address with a hundred failures of others, too.
    await running.service.db.prisma.loginFailure.createMany({
      data: { subject: 'address:10.6.9.9', failures: 100, since: new Date(), lastAt: new Date() },
    })
    const again = await withDevice(username, password, '10.6.9.9', deviceToken)
    expect(again).toMatchObject({ status: 201, body: { deviceToken } })
    expect((await withDevice(username, password, '10.6.2.2', 'made up')).status).toBe(429)
    // It is this account's alone, and opens nothing.
    const stranger = await aUser()
    await guess(stranger, 10, '10.6.3')
    expect((await withDevice(stranger, password, '10.6.2.2', deviceToken)).status).toBe(429)
    expect((await withDevice(username, wrong, '10.6.2.2', deviceToken)).status).toBe(401)
  })

  test('a new password makes every place unknown', async () => {
    const username = await aUser()
    const { body } = await logIn(running.nobody, username, password, '10.7.1.1')
    const user = await admin.get<{ version: number }>(`/v1/users/${body.user.id}`)
    const changed = await admin.send('PATCH', `/v1/users/${body.user.id}`, {
      version: user.body.version,
      body: { password: 'quite another password' },
    })
    expect(changed.status).toBe(200)
    await guess(username, 10, '10.7.0')
    expect((await logIn(running.nobody, username, 'quite another password', '10.7.1.1')).status).toBe(429)
  })

  test('failures counted while the database’s clock was two hours ahead do not count', async () => {
    const username = await aUser()
    const ahead = new Date(Date.now() + 7_200_000)
    await running.service.db.prisma.loginFailure.createMany({
      data: { subject: `account:${username}`, failures: 10, since: ahead, lastAt: ahead },
    })
    expect((await logIn(running.nobody, username, wrong, '10.8.0.1')).status).toBe(401)
    const row = await running.service.db.prisma.loginFailure.findFirst({ where: { subject: `account:${username}` } })
    expect(row?.failures).toBe(1)
    expect((await logIn(running.nobody, username, password, '10.8.0.1')).status).toBe(201)
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
