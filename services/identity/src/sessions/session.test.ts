import { describe, expect, test } from '@jest/globals'
import { addressSubject, retryAfterSeconds } from './login-throttle.ts'
import { decideRefresh, sessionExpiry, type ShownToken } from './session.ts'

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

  test('a session lives twelve hours unused and thirty days at most', () => {
    expect(sessionExpiry(now, now)).toEqual(ago(-12 * 3_600_000))
    expect(sessionExpiry(ago(30 * 86_400_000 - 1000), now)).toEqual(ago(-1000))
  })
})

describe('throttling of failed logins', () => {
  test.each([
    ['account:alice', 9, undefined],
    ['account:alice', 10, 240],
    ['client:erp', 10, 240],
    ['address:192.0.2.7', 99, undefined],
    ['address:192.0.2.7', 100, 240],
  ])('%s failed %i times a minute ago', (subject, failures, seconds) => {
    expect(retryAfterSeconds([{ subject, failures, since: ago(60_000) }], now)).toBe(seconds)
  })

  test('the longest wait counts', () => {
    const counted = [
      { subject: 'account:alice', failures: 10, since: ago(299_000) },
      { subject: 'address:192.0.2.7', failures: 100, since: ago(200_000) },
    ]
    expect(retryAfterSeconds(counted, now)).toBe(100)
  })

  test.each([
    ['192.0.2.7', 'address:192.0.2.7'],
    ['::ffff:192.0.2.7', 'address:192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', 'address:2001:db8:1:2'],
    ['2001:DB8::1', 'address:2001:db8:0:0'],
    ['::1', 'address:0:0:0:0'],
  ])('%s counts as %s', (address, subject) => {
    expect(addressSubject(address)).toBe(subject)
  })
})
