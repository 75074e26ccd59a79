/** Users and ended sessions as they were published, for a database that fell back. */
import { identitySessionRevoked, identityUserChanged } from '@stockline/contracts'
import { revokeSession, type Restore } from '@stockline/service-kit'
import type { PrismaClient } from '../database.ts'
import { groupsOf, isInventoryGroup } from '../groups/group.actions.ts'
import { lockUser, updateUser } from './user.store.ts'

/** Sets users to what was published and ends sessions that were ended. A user who is missing has no password and is reported. */
export const restoreUsers: Restore<PrismaClient> = async (tx, { missing, superseded }) => {
  const open: string[] = []
  for (const { type, text } of missing) {
    const data: unknown = Reflect.get(JSON.parse(text) as object, 'data')
    if (type === identitySessionRevoked.type) await revokeSession(tx, identitySessionRevoked.data.parse(data).sessionId)
    if (type !== identityUserChanged.type) continue
    const told = identityUserChanged.data.parse(data)
    const user = await lockUser(tx, told.userId)
    if (user === null) {
      open.push(`User ${told.username} (${told.userId}) is lost, with the password: make the user again.`)
      continue
    }
    const inventoryGroup = told.groups.find(isInventoryGroup) ?? null
    const administrator = told.groups.some((group) => !isInventoryGroup(group))
    const { name, active } = told
    const after = { ...user, name, active, inventoryGroup, administrator, version: user.version + 1 }
    await updateUser(tx, after)
    if (groupsOf(after).sort().join() !== [...told.groups].sort().join())
      open.push(`User ${told.username} had the groups ${told.groups.join(', ')}: set them again.`)
  }
  for (const { type, subject } of superseded)
    open.push(`${type} of ${subject} belongs to a history that is no more: look at this user.`)
  return { taken: [], done: [], open }
}
