/** Rules of a session: how long it lives, and what a refresh token that is shown again means. */
import { accessTokenSeconds } from '../keys/signing-key.ts'

const idleMs = 12 * 60 * 60 * 1000
const longestMs = 30 * 24 * 60 * 60 * 1000
/** A reply may get lost on the way to a scanner: within this time its token may be shown again. */
const lostReplyMs = 10_000

/** Why a session ended before its time. */
export type EndReason = 'logout' | 'user-disabled' | 'password-changed' | 'refresh-token-reused' | 'revoked'

/** What is known of a refresh token and its family when it is shown. */
export interface ShownToken {
  readonly expiresAt: Date
  readonly usedAt: Date | null
  /** A sibling took its place. */
  readonly supersededAt: Date | null
  /** Has a child of it been used? */
  readonly childUsed: boolean
  readonly sessionEnded: boolean
  readonly userActive: boolean
}

/**
 * - `rotate`: first use; a child takes its place.
 * - `again`: the reply was lost; a new child takes the place of the unused one.
 * - `refuse`: it is over; log in again.
 * - `revoke`: two hold the family, one of them a thief; it dies.
 */
export type RefreshDecision = 'rotate' | 'again' | 'refuse' | 'revoke'

/** Decides what a shown refresh token is worth. */
export function decideRefresh(shown: ShownToken, now: Date): RefreshDecision {
  if (shown.sessionEnded || !shown.userActive || shown.expiresAt <= now) return 'refuse'
  if (shown.supersededAt !== null) return 'revoke'
  if (shown.usedAt === null) return 'rotate'
  const soon = now.getTime() - shown.usedAt.getTime() <= lostReplyMs
  return soon && !shown.childUsed ? 'again' : 'revoke'
}

/** When a session ends if it is not used again: so long after now, but never beyond its longest life. */
export function sessionExpiry(startedAt: Date, now: Date): Date {
  return new Date(Math.min(now.getTime() + idleMs, startedAt.getTime() + longestMs))
}

/** No access token given until now lives longer than this; clocks may differ by some seconds. */
export function tokensExpireAt(now: Date): Date {
  return new Date(now.getTime() + (accessTokenSeconds + 30) * 1000)
}
