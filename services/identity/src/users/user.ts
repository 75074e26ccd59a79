/** Rules about users and what they may hold. */
import type { InventoryGroup } from '@stockline/contracts'
import { refuse, type Refusal } from '@stockline/service-kit/refusal'
import type { HeldGroups } from '../groups/group.ts'

/** A user as everyone may see one: no hash of a password is in it. */
export interface User extends HeldGroups {
  readonly id: string
  /** In small letters. */
  readonly username: string
  readonly name: string
  readonly active: boolean
  readonly version: number
  readonly createdAt: Date
}

/** What may be changed of a user. A password travels apart, since only its hash is kept. */
export interface UserChange {
  readonly name?: string | undefined
  readonly active?: boolean | undefined
  readonly administrator?: boolean | undefined
  readonly inventoryGroup?: InventoryGroup | null | undefined
}

/** The user with the change made. The same object when nothing changes. */
export function changed(user: User, change: UserChange): User {
  const next: User = {
    ...user,
    name: change.name ?? user.name,
    active: change.active ?? user.active,
    administrator: change.administrator ?? user.administrator,
    inventoryGroup: change.inventoryGroup === undefined ? user.inventoryGroup : change.inventoryGroup,
  }
  const same =
    next.name === user.name &&
    next.active === user.active &&
    next.administrator === user.administrator &&
    next.inventoryGroup === user.inventoryGroup
  return same ? user : { ...next, version: user.version + 1 }
}

/**
 * At least one active administrator must remain.
 *
 * @param othersLeft active administrators besides this user
 */
export function lastAdministratorRefusal(before: User, after: User, othersLeft: number): Refusal | undefined {
  const had = before.active && before.administrator
  const has = after.active && after.administrator
  if (!had || has || othersLeft > 0) return undefined
  return refuse(
    'last-administrator',
    'state',
    `${before.username} is the only active administrator. Make another one first.`,
  )
}
