import { filtered, sql } from '@stockline/service-kit'
import type { Tx } from '../database.ts'
import type { EndReason, ShownToken } from './session.ts'

/** A shown refresh token with its session. */
export interface TokenRow extends Omit<ShownToken, 'userActive'> {
  readonly sessionId: string
  readonly userId: string
  readonly startedAt: Date
}

const selectOwner = sql(`
  select s.user_id as "userId"
  from refresh_tokens t join sessions s on s.id = t.session_id where t.hash = $1`)
const lockToken = sql(`
  select s.id as "sessionId", s.user_id as "userId", s.started_at as "startedAt",
    s.ended_at is not null as "sessionEnded", t.expires_at as "expiresAt", t.used_at as "usedAt",
    t.superseded_at as "supersededAt",
    exists (select from refresh_tokens c where c.parent_hash = t.hash and c.used_at is not null) as "childUsed"
  from refresh_tokens t join sessions s on s.id = t.session_id where t.hash = $1`)
const lockSession = sql(`
  select s.id from sessions s join refresh_tokens t on t.session_id = s.id where t.hash = $1 for update of s`)
const supersede = sql(`
  update refresh_tokens set superseded_at = $2 where parent_hash = $1 and used_at is null and superseded_at is null`)
const markUsed = sql(`update refresh_tokens set used_at = $2 where hash = $1 and used_at is null`)
const sweepSessions = sql(`
  delete from sessions where id in (select id from sessions where expires_at < $1 order by expires_at limit 1000)`)

/** Whose token is it? Known without a lock, so that the user can be locked first. */
export async function findTokenOwner(tx: Tx, hash: Buffer): Promise<string | undefined> {
  return (await tx.query<{ userId: string }>(selectOwner, [hash]))[0]?.userId
}

/** The token with its session, the session locked: two at once see each other. */
export async function lockRefreshToken(tx: Tx, hash: Buffer): Promise<TokenRow | undefined> {
  await tx.query(lockSession, [hash])
  return (await tx.query<TokenRow>(lockToken, [hash]))[0]
}

export async function insertSession(tx: Tx, id: string, userId: string, expiresAt: Date): Promise<void> {
  await tx.prisma.session.createMany({ data: { id, userId, startedAt: tx.now, expiresAt } })
}

/** Adds a refresh token; the session lives as long as its newest. */
export async function insertRefreshToken(
  tx: Tx,
  token: {
    readonly hash: Buffer
    readonly parent: Buffer | null
    readonly sessionId: string
    readonly expiresAt: Date
  },
): Promise<void> {
  const { sessionId, expiresAt } = token
  await tx.prisma.refreshToken.createMany({
    data: {
      hash: Uint8Array.from(token.hash),
      parentHash: token.parent === null ? null : Uint8Array.from(token.parent),
      sessionId,
      issuedAt: tx.now,
      expiresAt,
    },
  })
  await tx.prisma.session.updateMany({ where: { id: sessionId }, data: { expiresAt } })
}

/** Marks the token as used; its unused successors are superseded. */
export async function useRefreshToken(tx: Tx, hash: Buffer): Promise<void> {
  await tx.query(markUsed, [hash, tx.now])
  await tx.query(supersede, [hash, tx.now])
}

/** Ends the user's open sessions, or the one named; gives back which. */
export async function closeSessions(
  tx: Tx,
  userId: string,
  sessionId: string | null,
  reason: EndReason,
): Promise<readonly string[]> {
  const { statement, values } = filtered(({ all, value, when }) => {
    const now = value(tx.now)
    const named = when(sessionId, (given) => `id = ${given}`)
    return `
      update sessions set ended_at = ${now}, end_reason = ${value(reason)}
      where ${all(`user_id = ${value(userId)}`, named, 'ended_at is null', `expires_at > ${now}`)}
      returning id`
  })
  return (await tx.query<{ id: string }>(statement, values)).map((row) => row.id)
}

/** Forgets sessions that were over before then, a thousand at most. */
export async function sweepExpiredSessions(tx: Tx, before: Date): Promise<void> {
  await tx.query(sweepSessions, [before])
}
