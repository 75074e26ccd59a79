import { identityUserChanged } from '@stockline/contracts'
import { event, publish, refuse, versionRefusal, type Refusal } from '@stockline/service-kit'
import { v7 as uuid } from 'uuid'
import { recordAudit } from '../audit/audit.actions.ts'
import type { AuditRecord } from '../audit/audit.ts'
import type { Database, Tx } from '../database.ts'
import { groupsOf } from '../groups/group.actions.ts'
import { hashPassword } from '../passwords/password.actions.ts'
import { passwordRefusal } from '../passwords/password.ts'
import { forgetKnownOrigins } from '../sessions/login-throttle.actions.ts'
import { endSessions } from '../sessions/session.actions.ts'
import {
  findUser,
  findUserWithHash,
  insertUser,
  lockBeginning,
  lockOtherAdministrators,
  lockUser,
  updatePasswordHash,
  updateUser,
  type UserWithHash,
} from './user.store.ts'
import { changed, lastAdministratorRefusal, type User, type UserChange } from './user.ts'

/** What a new user is made of. */
export type NewUser = Pick<User, 'username' | 'name' | 'inventoryGroup' | 'administrator'> & {
  readonly password: string
}

/** Makes a user, with its audit and its event. */
export async function createUser(tx: Tx, given: NewUser): Promise<User | Refusal> {
  const unfit = passwordRefusal(given.password, given.username, '/password')
  if (unfit !== undefined) return unfit
  const { password, ...rest } = given
  const user: User = { ...rest, id: uuid(), active: true, version: 1, createdAt: tx.now }
  if (!(await insertUser(tx, user, await hashPassword(password))))
    return refuse('username-taken', 'state', `There is a user ${user.username} already.`, [
      { pointer: '/username', message: 'is taken' },
    ])
  await recordAudit(tx, {
    action: 'user.created',
    subject: subjectOf(user),
    new: { inventoryGroup: user.inventoryGroup, administrator: user.administrator },
  })
  await publishUser(tx, user)
  return user
}

/**
 * Changes a user. Giving an inventory group replaces the one before; a disabled user and one whose password was set
 * lose their sessions.
 *
 * @param version from `If-Match`; null where none is required
 */
export async function changeUser(
  tx: Tx,
  id: string,
  change: UserChange & { readonly password?: string | undefined },
  version: number | undefined | null,
): Promise<User | Refusal> {
  const before = await lockUser(tx, id)
  if (before === null) return unknownUser
  const stale = version === null ? undefined : versionRefusal(before.version, version)
  if (stale !== undefined) return stale
  const after = changed(before, change)
  const last = lastAdministratorRefusal(before, after, await othersOf(tx, before, after))
  if (last !== undefined) return last
  if (after !== before) await saveChange(tx, before, after)
  if (change.password === undefined) return after
  return (await setPassword(tx, after, change.password, '/password')) ?? after
}

/** Is there no user yet? Locks, so that only one transaction may make the first. */
export const isBeginning = lockBeginning

/** A user with the hash of its password, to check a login against. */
export function userForLogin(db: Database, username: string): Promise<UserWithHash | null> {
  return findUserWithHash(db, { username: username.toLowerCase() })
}

/** The username of a user; undefined when there is no such user. */
export async function usernameOf(db: Database, id: string): Promise<string | undefined> {
  return (await findUser(db, id))?.username
}

/** The user, locked: what a session or a new password is decided on. */
export const lockedUser = lockUser

/** Sets a password and ends the user's sessions. */
export async function setPassword(tx: Tx, user: User, password: string, pointer: string): Promise<Refusal | undefined> {
  const unfit = passwordRefusal(password, user.username, pointer)
  if (unfit !== undefined) return unfit
  await updatePasswordHash(tx, user.id, await hashPassword(password))
  await recordAudit(tx, { action: 'password.changed', subject: subjectOf(user) })
  await endSessions(tx, user.id, 'password-changed')
  await forgetKnownOrigins(tx, `account:${user.username}`)
  return undefined
}

/** Nobody can be found under that id. */
export const unknownUser = refuse('user-unknown', 'unknown', 'There is no such user.')
/** The first administrator exists. */
export const begun = refuse('already-begun', 'state', 'There are users already: an administrator makes further ones.')

async function othersOf(tx: Tx, before: User, after: User): Promise<number> {
  const stays = after.active && after.administrator
  return before.administrator && !stays ? lockOtherAdministrators(tx, before.id) : 1
}

async function saveChange(tx: Tx, before: User, after: User): Promise<void> {
  await updateUser(tx, after)
  for (const record of auditOf(before, after)) await recordAudit(tx, record)
  if (before.active && !after.active) await endSessions(tx, after.id, 'user-disabled')
  await publishUser(tx, after)
}

function auditOf(before: User, after: User): AuditRecord[] {
  const subject = subjectOf(after)
  const records: AuditRecord[] = []
  if (before.name !== after.name)
    records.push({ action: 'user.renamed', subject, old: { name: before.name }, new: { name: after.name } })
  if (before.active !== after.active) records.push({ action: after.active ? 'user.enabled' : 'user.disabled', subject })
  if (before.administrator !== after.administrator)
    records.push({ action: after.administrator ? 'administrator.granted' : 'administrator.withdrawn', subject })
  if (before.inventoryGroup !== after.inventoryGroup)
    records.push({
      action: 'inventory-group.changed',
      subject,
      old: { inventoryGroup: before.inventoryGroup },
      new: { inventoryGroup: after.inventoryGroup },
    })
  return records
}

async function publishUser(tx: Tx, user: User): Promise<void> {
  const { id: userId, username, name, active } = user
  await publish(tx, event(identityUserChanged, userId, { userId, username, name, active, groups: groupsOf(user) }))
}

function subjectOf(user: User) {
  return { id: user.id, name: user.username }
}
