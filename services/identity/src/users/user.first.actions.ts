/** The first users: demo users, or an administrator by a one-time code. */
import { createHash, timingSafeEqual } from 'node:crypto'
import { groups } from '@stockline/contracts'
import { orThrow, refuse, type Refusal } from '@stockline/service-kit'
import type { Tx } from '../database.ts'
import { begun, createUser, isBeginning } from './user.actions.ts'
import type { User } from './user.ts'

const wrongCode = refuse('code-wrong', 'unauthenticated', 'The one-time code is wrong.')

/**
 * Makes the first administrator, while there are no users.
 *
 * @param expected the one-time code that the start printed; undefined when none was set
 */
export async function createFirstAdministrator(
  tx: Tx,
  expected: string | undefined,
  given: { readonly code: string; readonly username: string; readonly name: string; readonly password: string },
): Promise<User | Refusal> {
  if (!(await isBeginning(tx))) return begun
  if (expected === undefined || !sameText(expected, given.code)) return wrongCode
  const { username, name, password } = given
  return createUser(tx, { username, name, password, inventoryGroup: null, administrator: true })
}

/** Makes demo users: one for each group and an administrator. False where there are users already. */
export async function createDemoUsers(tx: Tx, password: string): Promise<boolean> {
  if (!(await isBeginning(tx))) return false
  const people = [
    { username: 'manager', name: 'Mara Manager', inventoryGroup: groups.manager, administrator: false },
    { username: 'supervisor', name: 'Sam Supervisor', inventoryGroup: groups.supervisor, administrator: false },
    { username: 'user', name: 'Uma User', inventoryGroup: groups.user, administrator: false },
    { username: 'admin', name: 'Ada Administrator', inventoryGroup: null, administrator: true },
  ]
  for (const person of people) orThrow(await createUser(tx, { ...person, password }))
  return true
}

function sameText(one: string, other: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(one), digest(other))
}
