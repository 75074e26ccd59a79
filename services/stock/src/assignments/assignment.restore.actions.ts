/** Assignments as they were published, for a database that fell back. */
import type { stockAssignmentChanged } from '@stockline/contracts'
import type { z } from 'zod'
import type { Tx } from '../database.ts'
import { lockAssignedUser, replaceAssignments } from './assignment.store.ts'

/** Gives the user the locations that were published. False where the user is not known: identity's events come again later. */
export async function restoreAssignment(
  tx: Tx,
  published: z.output<typeof stockAssignmentChanged.data>,
): Promise<boolean> {
  const user = await lockAssignedUser(tx, published.userId)
  if (user === null) return false
  await replaceAssignments(tx, { ...user, locations: published.locations, version: user.version + 1 })
  return true
}
