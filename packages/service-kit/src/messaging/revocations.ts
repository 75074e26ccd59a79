/**
 * Sessions that ended before their tokens did. Each service keeps them in a table, and in memory for the hot path;
 * what another replica wrote is seen within a second.
 */
import type { EventContract } from '@stockline/contracts/envelope'
import type { Logger } from '../runtime/logging.ts'
import { reaction, type Reaction } from './reactions.ts'
import { sql, type Queryable, type Tx } from '../database/transaction.ts'

/** Longer than any access token lives; older rows no longer matter. */
const revokedMinutes = 30
const revokedMs = revokedMinutes * 60_000
/** Rows are removed much later, so that a database whose clock jumps by hours loses none that matters. */
const sweptMinutes = 24 * 60

const insertRevoked = sql(`
  insert into kit.revoked_sessions (session_id, revoked_at) values ($1, now())
  on conflict (session_id) do nothing`)
const selectRevoked = sql(`
  select session_id from kit.revoked_sessions where revoked_at > now() - make_interval(mins => $1)`)
const sweepRevoked = sql(`delete from kit.revoked_sessions where revoked_at < now() - make_interval(mins => $1)`)

/** Called after a commit that revoked, in this process: copies in memory add the session at once. */
const listeners = new Set<(sessionId: string) => void>()

/** Revokes a session: its tokens are refused from the commit on. */
export async function revokeSession(tx: Tx, sessionId: string): Promise<void> {
  await tx.query(insertRevoked, [sessionId])
  tx.afterCommit(() => {
    for (const add of listeners) add(sessionId)
  })
}

/** The reaction that keeps a service's copy: the session named in the event is refused from then on. */
export function sessionRevocations<Data extends { readonly sessionId: string }>(
  contract: EventContract<Data>,
): Reaction {
  return reaction(contract, { react: (tx: Tx, event) => revokeSession(tx, event.data.sessionId) })
}

/** The copy in memory. */
export interface Revocations {
  isRevoked(sessionId: string): boolean
  stop(): void
}

/** Loads the revoked sessions and keeps them fresh: at once for this process, within a second for other replicas. */
export async function keepRevocations(db: Queryable, log: Logger, everyMs = 1_000): Promise<Revocations> {
  // When each was last seen, by the monotonic clock: should the database's clock jump, none is forgotten for it.
  const revoked = new Map<string, number>()
  let reading = false

  const refresh = async (): Promise<void> => {
    const rows = await db.query<{ session_id: string }>(selectRevoked, [revokedMinutes])
    const now = performance.now()
    for (const row of rows) revoked.set(row.session_id, now)
    for (const [sessionId, seenAt] of revoked) if (now - seenAt > revokedMs) revoked.delete(sessionId)
  }
  const refreshQuietly = async (): Promise<void> => {
    if (reading) return
    reading = true
    try {
      await refresh()
    } catch (error) {
      log.warn({ err: error }, 'revoked sessions could not be read; the known ones stay refused')
    } finally {
      reading = false
    }
  }
  const add = (sessionId: string): void => {
    revoked.set(sessionId, performance.now())
  }
  listeners.add(add)
  await refresh()
  const timer = setInterval(() => void refreshQuietly(), everyMs)
  const sweeper = setInterval(() => {
    db.query(sweepRevoked, [sweptMinutes]).catch(() => undefined)
  }, 600_000)
  timer.unref()
  sweeper.unref()

  return {
    isRevoked: (sessionId) => revoked.has(sessionId),
    stop() {
      clearInterval(timer)
      clearInterval(sweeper)
      listeners.delete(add)
    },
  }
}
