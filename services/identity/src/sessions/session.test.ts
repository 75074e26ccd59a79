import { describe, expect, test } from '@jest/globals'
import { accessTokenSeconds } from '../keys/signing-key.ts'
import { addressSubject, retryAfterSeconds, throttledBy, windowSeconds } from './login-throttle.ts'
import { decideRefresh, sessionExpiry, tokensExpireAt, type ShownToken } from './session.ts'

const now = new Date('2026-04-20T08:00:00Z')
const ago = (ms: number) => new Date(now.getTime() - ms)
const fresh: ShownToken = {
  expiresAt: new Date(now.getTime() + 1),
  usedAt: null,
  supersededAt: null,
  childUsed: false,
  sessionEnded: false,
  userActive: true,
}

describe('a refresh token that is shown', () => {
  test.each<[string, Partial<ShownToken>, string]>([
    ['of a session that ended', { sessionEnded: true }, 'refuse'],
    ['of a disabled user', { userActive: false }, 'refuse'],
    ['that has expired', { expiresAt: now }, 'refuse'],
    ['that expired, used or not', { expiresAt: now, usedAt: ago(60_000) }, 'refuse'],
    ['whose place a sibling took', { supersededAt: ago(1) }, 'revoke'],
    ['for the first time', {}, 'rotate'],
    ['again at once, its child unused', { usedAt: ago(1) }, 'again'],
    ['again after ten seconds, its child unused', { usedAt: ago(10_000) }, 'again'],
    ['again after more than ten seconds', { usedAt: ago(10_001) }, 'revoke'],
    ['again at once, its child used', { usedAt: ago(1), childUsed: true }, 'revoke'],
  ])('%s', (_, change, decision) => {
    expect(decideRefresh({ ...fresh, ...change }, now)).toBe(decision)
  })

  test('tokens given until now are over five and a half minutes later', () => {
    expect(tokensExpireAt(now)).toEqual(ago(-330_000))
    expect(accessTokenSeconds).toBe(300)
  })

  test('a session lives twelve hours unused and thirty days at most', () => {
    expect(sessionExpiry(now, now)).toEqual(ago(-12 * 3_600_000))
    expect(sessionExpiry(ago(30 * 86_400_000 - 1000), now)).toEqual(ago(-1000))
  })
})

describe('throttling of failed logins', () => {
  test.each([
    ['account:alice', 9, 1, undefined],
    ['account:alice', 10, 0, 30],
    ['account:alice', 10, 12.4, 18],
    ['account:alice', 25, 29.9, 1],
    ['account:alice', 10, 30, undefined],
    ['client:erp', 10, 10, 20],
    ['known:account:alice address:192.0.2.7', 9, 0, undefined],
    ['known:account:alice address:192.0.2.7', 10, 10, 20],
    ['address:192.0.2.7', 99, 0, undefined],
    ['address:192.0.2.7', 100, 10, 20],
    // A clock that was set back since.
    ['account:alice', 10, -7_200, 30],
  ])('%s failed %i times, the last one %d seconds ago', (subject, failures, lastSeconds, seconds) => {
    expect(retryAfterSeconds([{ subject, failures, lastSeconds }])).toBe(seconds)
  })

  test('failures count for five minutes', () => expect(windowSeconds).toBe(300))

  test('the longest wait counts', () => {
    const counted = [
      { subject: 'account:alice', failures: 10, lastSeconds: 29 },
      { subject: 'address:192.0.2.7', failures: 100, lastSeconds: 20 },
    ]
    expect(retryAfterSeconds(counted)).toBe(10)
  })

  test('from elsewhere counts for the account, from a known place for that place alone', () => {
    expect(throttledBy('account:alice', '192.0.2.7', undefined)).toEqual({
      waits: ['account:alice', 'address:192.0.2.7'],
      counts: ['account:alice', 'address:192.0.2.7'],
      own: 'account:alice',
    })
    const known = 'known:account:alice device:abc'
    expect(throttledBy('account:alice', '192.0.2.7', 'device:abc')).toEqual({
      waits: [known],
      counts: [known, 'address:192.0.2.7'],
      own: known,
    })
  })

  test.each([
    ['192.0.2.7', 'address:192.0.2.7'],
    ['::ffff:192.0.2.7', 'address:192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', 'address:2001:db8:1:2'],
    ['2001:DB8::1', 'address:2001:db8:0:0'],
    ['1:2::3:4:5:6:7', 'address:1:2:0:3'],
    ['1::2:3:4:5:6', 'address:1:0:0:2'],
    ['1:2:3::4:5:6:7', 'address:1:2:3:0'],
    ['::1', 'address:0:0:0:0'],
    ['::', 'address:0:0:0:0'],
    ['1::', 'address:1:0:0:0'],
    ['fe80::1%eth0', 'address:fe80:0:0:0'],
    ['::FFFF:192.0.2.7', 'address:192.0.2.7'],
  ])('%s counts as %s', (address, subject) => {
    expect(addressSubject(address)).toBe(subject)
  })
})
