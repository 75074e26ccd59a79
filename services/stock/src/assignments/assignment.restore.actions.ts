/** Assignments as they were published, for a database that fell back. */
import type { stockAssignmentChanged } from '@stockline/contracts'
import type { z } from 'zod'
import type { Tx } from '../database.ts'
import { lockUser, replaceAssignments } from './assignment.store.ts'

/** Gives the user the locations that were published. False where the user is not known: identity's events come again later. */
export async function restoreAssignment(tx: Tx, told: z.output<typeof stockAssignmentChanged.data>): Promise<boolean> {
  const user = await lockUser(tx, told.userId)
  if (user === null) return false
  await replaceAssignments(tx, { ...user, locations: told.locations, version: user.version + 1 })
  return true
}
