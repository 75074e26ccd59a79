/** How sessions begin and go on: login, and the rotation of refresh tokens. */
import { createHash, randomBytes } from 'node:crypto'
import { isRefusal, refuse, type Origin, type Refusal } from '@stockline/service-kit'
import { v7 as uuid } from 'uuid'
import type { Database, Tx } from '../database.ts'
import { groupsOf } from '../groups/group.actions.ts'
import { signAccessToken, type TokenSettings } from '../keys/signing-key.actions.ts'
import { lockedUser, setPassword, unknownUser, userForLogin, usernameOf } from '../users/user.actions.ts'
import type { User } from '../users/user.ts'
import { checkSecret, isKnownDevice, rememberDevice } from './login-throttle.actions.ts'
import type { LoginSubject } from './login-throttle.ts'
import { endSessions } from './session.actions.ts'
import {
  findTokenOwner,
  insertRefreshToken,
  insertSession,
  lockRefreshToken,
  useRefreshToken,
  type TokenRow,
} from './session.store.ts'
import { decideRefresh, sessionExpiry } from './session.ts'

/** What a client holds after a login or a refresh. */
export interface Grant {
  readonly accessToken: string
  readonly refreshToken: string
  readonly user: User
}

/** What a login gives besides. */
export interface LoginGrant extends Grant {
  /** To be shown at the next login on this device: then its failures are counted apart. It opens nothing. */
  readonly deviceToken: string
}

const wrongLogin = refuse('login-wrong', 'unauthenticated', 'Username or password is wrong.')
const loginAgain = refuse('refresh-token-invalid', 'unauthenticated', 'This session is over. Log in again.')

/** Checks a login and opens a session. A failed try is counted even where this request fails later. */
export async function login(
  db: Database,
  settings: TokenSettings,
  given: LoginAttempt,
  origin: Origin,
): Promise<LoginGrant | Refusal> {
  const checked = await checkPassword(db, given)
  if (isRefusal(checked)) return checked
  const granted = await db.transaction(origin, async (tx) => {
    const user = await lockedUser(tx, checked.id)
    // Between the check and now the user may have been disabled or got another password.
    if (user === null || !user.active || user.passwordHash !== checked.hash) return wrongLogin
    const sessionId = uuid()
    await insertSession(tx, sessionId, user.id, sessionExpiry(tx.now, tx.now))
    return grant(tx, settings, user, { id: sessionId, startedAt: tx.now }, null)
  })
  if (isRefusal(granted)) return granted
  return { ...granted, deviceToken: await deviceTokenFor(db, given) }
}

/** The device's token if it is known; otherwise a new one. */
async function deviceTokenFor(db: Database, given: LoginAttempt): Promise<string> {
  const subject = subjectOf(given.username)
  const shown = given.deviceToken
  const token =
    shown !== undefined && (await isKnownDevice(db, subject, shown)) ? shown : randomBytes(24).toString('base64url')
  await rememberDevice(db, subject, token)
  return token
}

/** Gives a new pair of tokens for a refresh token. A second use of a token ends the whole session, but for one whose answer was lost: see `decideRefresh`. */
export async function refresh(
  db: Database,
  settings: TokenSettings,
  refreshToken: string,
  origin: Origin,
): Promise<Grant | Refusal> {
  const outcome = await db.transaction(origin, async (tx) => ({
    // Wrapped, since a refusal would roll back the end of a stolen family.
    of: await refreshWithin(tx, settings, hashOf(refreshToken)),
  }))
  return outcome.of
}

/** Changes one's own password. The sessions end, this one too: log in with the new one. */
export async function changeOwnPassword(
  db: Database,
  userId: string,
  given: { readonly currentPassword: string; readonly newPassword: string; readonly address: string },
  origin: Origin,
): Promise<Refusal | undefined> {
  const username = await usernameOf(db, userId)
  if (username === undefined) return unknownUser
  const checked = await checkPassword(db, { username, password: given.currentPassword, address: given.address })
  if (isRefusal(checked)) return checked.kind === 'throttled' ? checked : wrongCurrentPassword
  return db.transaction(origin, async (tx) => {
    const user = await lockedUser(tx, userId)
    if (user === null) return unknownUser
    return setPassword(tx, user, given.newPassword, '/newPassword')
  })
}

const wrongCurrentPassword = refuse('password-wrong', 'content', 'The current password is wrong.', [
  { pointer: '/currentPassword', message: 'is wrong' },
])

/** A try to log in. */
interface LoginAttempt {
  readonly username: string
  readonly password: string
  readonly address: string
  readonly deviceToken?: string | undefined
}

function usernameIn(given: string): string {
  return given.trim().toLowerCase()
}

function subjectOf(username: string): LoginSubject {
  return `account:${usernameIn(username)}`
}

function checkPassword(db: Database, given: LoginAttempt) {
  const username = usernameIn(given.username)
  const { address, password: secret, deviceToken } = given
  return checkSecret(
    db,
    { subject: subjectOf(username), address, secret, deviceToken },
    async () => {
      const user = await userForLogin(db, username)
      return user === null ? null : { id: user.id, active: user.active, hash: user.passwordHash }
    },
    wrongLogin,
  )
}

async function refreshWithin(tx: Tx, settings: TokenSettings, hash: Buffer): Promise<Grant | Refusal> {
  const owner = await findTokenOwner(tx, hash)
  if (owner === undefined) return loginAgain
  const user = await lockedUser(tx, owner)
  const shown = await lockRefreshToken(tx, hash)
  if (user === null || shown === undefined) return loginAgain
  switch (decideRefresh({ ...shown, userActive: user.active }, tx.now)) {
    case 'refuse':
      return loginAgain
    case 'revoke':
      await endSessions(tx, user.id, 'refresh-token-reused', shown.sessionId)
      return loginAgain
    case 'rotate':
    case 'again':
      return rotate(tx, settings, user, shown, hash)
  }
}

async function rotate(tx: Tx, settings: TokenSettings, user: User, shown: TokenRow, hash: Buffer): Promise<Grant> {
  await useRefreshToken(tx, hash)
  return grant(tx, settings, user, { id: shown.sessionId, startedAt: shown.startedAt }, hash)
}

/** Groups are read here and nowhere else: a change counts from the next login or refresh. */
async function grant(
  tx: Tx,
  settings: TokenSettings,
  user: User,
  session: { readonly id: string; readonly startedAt: Date },
  parent: Buffer | null,
): Promise<Grant> {
  const refreshToken = randomBytes(32).toString('base64url')
  const expiresAt = sessionExpiry(session.startedAt, tx.now)
  await insertRefreshToken(tx, { hash: hashOf(refreshToken), parent, sessionId: session.id, expiresAt })
  const accessToken = await signAccessToken(tx, settings, {
    sub: user.id,
    name: user.name,
    groups: groupsOf(user),
    sid: session.id,
  })
  return { accessToken, refreshToken, user }
}

function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}
