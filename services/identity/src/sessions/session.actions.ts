/** How sessions end. */
import { identitySessionRevoked } from '@stockline/contracts'
import { event, publish, revokeSession } from '@stockline/service-kit'
import { recordAudit } from '../audit/audit.actions.ts'
import type { Tx } from '../database.ts'
import { sweepOrigins } from './login-throttle.store.ts'
import { closeSessions, sweepExpiredSessions } from './session.store.ts'
import { tokensExpireAt, type EndReason } from './session.ts'

const keptMs = 7 * 24 * 60 * 60 * 1000

/**
 * Ends all sessions of a user, or one of them: here at once, elsewhere by event within seconds.
 *
 * @returns how many ended
 */
export async function endSessions(tx: Tx, userId: string, reason: EndReason, sessionId?: string): Promise<number> {
  const ended = await closeSessions(tx, userId, sessionId ?? null, reason)
  const revokedAt = tx.now.toISOString()
  const expire = tokensExpireAt(tx.now).toISOString()
  for (const id of ended) await revokeSession(tx, id)
  await publish(
    tx,
    ...ended.map((id) =>
      event(identitySessionRevoked, userId, { sessionId: id, userId, revokedAt, tokensExpireAt: expire, reason }),
    ),
  )
  return ended.length
}

/** An administrator ends all sessions of a user. */
export async function revokeSessions(tx: Tx, user: { readonly id: string; readonly name: string }): Promise<void> {
  await endSessions(tx, user.id, 'revoked')
  await recordAudit(tx, { action: 'sessions.revoked', subject: user })
}

/** Deletes sessions that ended a week ago, and origins without a login for ninety days. */
export async function forgetOldSessions(tx: Tx): Promise<void> {
  await sweepOrigins(tx)
  await sweepExpiredSessions(tx, new Date(tx.now.getTime() - keptMs))
}
