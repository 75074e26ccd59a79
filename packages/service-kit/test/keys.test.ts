import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { until } from '@stockline/test-kit'
import { remoteKeys, tokenBucket } from '../src/http/auth.keys.ts'
import { createAuthenticator } from '../src/http/auth.ts'
import { createLogger } from '../src/index.ts'
import { publicKey, tokenFor } from './things.ts'

const log = createLogger('test', 'silent')
const jwk = (kid: string) => ({ ...publicKey.export({ format: 'jwk' }), kid, use: 'sig', alg: 'ES256' })
const limits = { burst: 3, refillMs: 400, maxAgeMs: 300_000 }

/** Identity's key set, as a process of its own would serve it. */
let server: Server
let asked = 0
let document: unknown
let status = 200

beforeEach(async () => {
  asked = 0
  status = 200
  document = { keys: [jwk('k1')] }
  server = createServer((request, response) => {
    asked += 1
    response.statusCode = request.url === '/.well-known/jwks.json' ? status : 404
    response.end(JSON.stringify(document))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})
afterEach(() => {
  server.closeAllConnections()
  server.close()
})
const goAway = (): void => {
  server.close()
  server.closeAllConnections()
}
const address = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`
const madeUp = (count: number) => Array.from({ length: count }, (_, index) => `made-up-${String(index)}`)

describe('identity’s keys', () => {
  test('a token with an unknown key does not keep the next one from being found at once', async () => {
    const keys = remoteKeys(address(), log, limits)
    expect(await keys.find('k1')).toBeDefined()
    expect(await keys.find('made-up')).toBeUndefined()
    document = { keys: [jwk('k2'), jwk('k1')] }
    const beganAt = performance.now()
    expect(await keys.find('k2')).toBeDefined()
    expect(performance.now() - beganAt).toBeLessThan(limits.refillMs)
    expect(asked).toBe(3)
  })

  test('of another sort or curve are none of ours', async () => {
    document = { keys: [jwk('k1'), { kty: 'RSA', kid: 'rsa', n: 'x', e: 'AQAB' }, { ...jwk('k3'), crv: 'P-384' }] }
    const keys = remoteKeys(address(), log, limits)
    expect(await Promise.all([keys.find('k1'), keys.find('rsa'), keys.find('k3')])).toEqual([
      expect.anything(),
      undefined,
      undefined,
    ])
    expect(asked).toBe(1)
  })

  test('a flood of unknown ones costs identity a bounded number of look-ups, and known ones nothing', async () => {
    const keys = remoteKeys(address(), log, limits)
    await keys.find('k1')
    const beganAt = performance.now()
    let slowestKnownMs = 0
    const flood: Promise<unknown>[] = []
    while (performance.now() - beganAt < 1_500) {
      flood.push(...madeUp(50).map((kid) => keys.find(kid)))
      const at = performance.now()
      await keys.find('k1')
      slowestKnownMs = Math.max(slowestKnownMs, performance.now() - at)
      await sleep(20)
    }
    expect((await Promise.all(flood)).every((found) => found === undefined)).toBe(true)
    const seconds = (performance.now() - beganAt) / 1_000
    expect(flood.length).toBeGreaterThan(100)
    expect(asked).toBeLessThanOrEqual(limits.burst + 1 + Math.ceil((seconds * 1_000) / limits.refillMs))
    // A known key is never behind a look-up: these take at least a round trip, or the pause between two.
    expect(slowestKnownMs).toBeLessThan(limits.refillMs / 2)
  })

  test('one that is really new is found during a flood, after a moment', async () => {
    const keys = remoteKeys(address(), log, limits)
    await keys.find('k1')
    const flood = madeUp(20).map((kid) => keys.find(kid))
    for (let wave = 0; wave < 5; wave++) await Promise.all(madeUp(10).map((kid) => keys.find(kid)))
    document = { keys: [jwk('k2'), jwk('k1')] }
    flood.push(...madeUp(20).map((kid) => keys.find(kid)))
    expect(await keys.find('k2')).toBeDefined()
    await Promise.all(flood)
  })

  test('the next one is known before it signs: the set is renewed in the background while known keys are used', async () => {
    const keys = remoteKeys(address(), log, { ...limits, maxAgeMs: 100 })
    await keys.find('k1')
    document = { keys: [jwk('k2'), jwk('k1')] }
    await sleep(120)
    expect(await keys.find('k1')).toBeDefined()
    await until('the set is renewed', () => Promise.resolve(asked === 2))
    server.closeAllConnections()
    server.close()
    await until('the renewed set is in use', async () => (await keys.find('k2').catch(() => undefined)) !== undefined)
  })

  test.each([
    ['is away', goAway],
    ['answers with an error', () => (status = 503)],
    ['answers with no key at all', () => (document = { keys: [] })],
    ['answers with something else', () => (document = { hello: 'world' })],
  ])('while identity %s known ones stay good, and an unknown one is neither good nor bad: 503', async (_what, fail) => {
    const keys = remoteKeys(address(), log, { ...limits, maxAgeMs: 50 })
    await keys.find('k1')
    fail()
    await sleep(60)
    expect(await keys.find('k1')).toBeDefined()
    await expect(keys.find('k2')).rejects.toMatchObject({ status: 503, code: 'identity-unavailable' })
    expect(await keys.find('k1')).toBeDefined()
  })

  test('tokens of the new key are taken while strangers send made-up ones', async () => {
    const authenticator = createAuthenticator({
      keys: remoteKeys(address(), log, limits),
      issuer: 'stockline',
      audience: 'stockline',
      isRevoked: () => false,
    })
    expect(await authenticator.actorOf(tokenFor())).toMatchObject({ kind: 'user' })
    const strangers = madeUp(30).map(async (kid) => await authenticator.actorOf(tokenFor({ header: { kid } })))
    document = { keys: [jwk('k2'), jwk('k1')] }
    expect(await authenticator.actorOf(tokenFor({ header: { kid: 'k2' } }))).toMatchObject({ kind: 'user' })
    expect(await authenticator.actorOf(tokenFor())).toMatchObject({ kind: 'user' })
    for (const answer of await Promise.all(strangers)) expect(answer).toEqual({ invalid: 'its key is unknown' })
  })
})

test.each([
  ['a full bucket gives all it has', [0, 0, 0], [0, 0, 0]],
  ['then each waits for the next', [0, 0, 0, 0, 0], [0, 0, 0, 100, 200]],
  ['it fills up again, to no more than it holds', [0, 0, 0, 1_000, 1_000, 1_000, 1_000], [0, 0, 0, 0, 0, 0, 100]],
  ['part of a refill counts', [0, 0, 0, 50], [0, 0, 0, 50]],
])('%s', (_what, moments, waits) => {
  const bucket = tokenBucket(3, 100)
  expect(moments.map((at) => bucket.take(at))).toEqual(waits)
})
