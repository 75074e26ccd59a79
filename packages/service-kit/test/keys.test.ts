import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { until } from '@stockline/test-kit'
import { cachedKeys, keysOf, remoteKeys, tokenBucket } from '../src/http/auth.keys.ts'
import { createAuthenticator } from '../src/http/auth.ts'
import { createLogger } from '../src/index.ts'
import { ownTime } from './own-time.ts'
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
/** The same keys without the way to them, in a time of the test's own. */
function keysInOwnTime() {
  const time = ownTime()
  const load = () => {
    asked += 1
    return Promise.resolve(keysOf(document))
  }
  return { time, keys: cachedKeys(load, log, limits, time) }
}
const madeUp = (count: number) => Array.from({ length: count }, (_, index) => `made-up-${String(index)}`)

describe('identity’s keys', () => {
  test('a token with an unknown key does not keep the next one from being found at once', async () => {
    const { time, keys } = keysInOwnTime()
    const beganAt = time.now()
    expect(await keys.find('k1')).toBeDefined()
    expect(await keys.find('made-up')).toBeUndefined()
    document = { keys: [jwk('k2'), jwk('k1')] }
    expect(await keys.find('k2')).toBeDefined()
    expect([time.now(), asked]).toEqual([beganAt, 3])
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
    const { time, keys } = keysInOwnTime()
    await keys.find('k1')
    const flood: Promise<unknown>[] = []
    for (let passed = 0; passed < 2_000; passed += 20) {
      flood.push(...madeUp(50).map((kid) => keys.find(kid)))
      // A known key is never behind a look-up: nothing passes while it is found.
      const at = time.now()
      await keys.find('k1')
      expect(time.now()).toBe(at)
      await time.pass(20)
    }
    expect((await time.until(Promise.all(flood))).every((found) => found === undefined)).toBe(true)
    expect(flood).toHaveLength(5_000)
    expect(asked).toBe(limits.burst + 2_000 / limits.refillMs)
  })

  test('one that is really new is found during a flood, after a moment', async () => {
    const { time, keys } = keysInOwnTime()
    await keys.find('k1')
    const flood = madeUp(20).map((kid) => keys.find(kid))
    for (let wave = 0; wave < 5; wave++) await time.until(Promise.all(madeUp(10).map((kid) => keys.find(kid))))
    document = { keys: [jwk('k2'), jwk('k1')] }
    flood.push(...madeUp(20).map((kid) => keys.find(kid)))
    expect(await time.until(keys.find('k2'))).toBeDefined()
    await time.until(Promise.all(flood))
  })

  test('the next one is known before it signs: the set is renewed in the background while known keys are used', async () => {
    const time = ownTime()
    const keys = remoteKeys(address(), log, limits, time)
    await keys.find('k1')
    document = { keys: [jwk('k2'), jwk('k1')] }
    await time.pass(limits.maxAgeMs)
    expect(await keys.find('k1')).toBeDefined()
    await until('the set is renewed', () => Promise.resolve(asked === 2))
    status = 503
    await until('the renewed set is in use', async () => (await keys.find('k2').catch(() => undefined)) !== undefined)
  })

  test.each([
    ['is away', goAway],
    ['answers with an error', () => (status = 503)],
    ['answers with no key at all', () => (document = { keys: [] })],
    ['answers with something else', () => (document = { hello: 'world' })],
  ])('while identity %s known ones stay good, and an unknown one is neither good nor bad: 503', async (_what, fail) => {
    const time = ownTime()
    const keys = remoteKeys(address(), log, limits, time)
    await keys.find('k1')
    fail()
    await time.pass(limits.maxAgeMs)
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
