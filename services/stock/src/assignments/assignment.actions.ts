import { mayDo, stockAssignmentChanged } from '@stockline/contracts'
import type { LocationScope } from '@stockline/contracts/locations'
import {
  event,
  publish,
  refuse,
  versionRefusal,
  type Actor,
  type Queryable,
  type Refusal,
} from '@stockline/service-kit'
import type { Tx } from '../database.ts'
import { knownCodes } from '../locations/location.actions.ts'
import {
  assignedLocationsSql,
  findAssignedLocations,
  findAssignedUser,
  lockAssignedUser,
  replaceAssignments,
  upsertUser,
} from './assignment.store.ts'
import type { AssignedUser } from './assignment.api.ts'
import { assignmentRefusal, withoutNested } from './assignment.ts'

export { assignedLocationsSql }

/** Nobody knows a user of that id: identity has published none. */
export const unknownUser = refuse('user-unknown', 'unknown', 'There is no such user.')

/** Where this actor may act, and what of stock it may see. A change of assignments counts at once. */
export async function scopeOf(db: Queryable, actor: Actor): Promise<LocationScope> {
  if (mayDo(actor, 'location.everywhere')) return null
  return actor.kind === 'user' ? findAssignedLocations(db, actor.id) : []
}

/** Gives a user these locations, with all below them, instead of those before. The first time needs no version. */
export async function assignLocations(
  tx: Tx,
  userId: string,
  locations: readonly string[],
  actor: Actor,
  version: number | undefined,
): Promise<AssignedUser | Refusal> {
  const before = await lockAssignedUser(tx, userId)
  if (before === null) return unknownUser
  const stale = before.version === 0 && version === undefined ? undefined : versionRefusal(before.version, version)
  if (stale !== undefined) return stale
  const unfit = assignmentRefusal(before, locations, await knownCodes(tx, locations), await scopeOf(tx, actor))
  if (unfit !== undefined) return unfit
  const after: AssignedUser = { ...before, locations: withoutNested(locations), version: before.version + 1 }
  await replaceAssignments(tx, after)
  await publish(tx, event(stockAssignmentChanged, userId, { userId, locations: [...after.locations] }))
  return after
}

/** The user of that id with the locations assigned. For other slices. */
export const userOf = findAssignedUser

/** Keeps the copy of identity's users. */
export const keepUser = upsertUser
