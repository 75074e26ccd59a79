/** The copy of identity's users. */
import { identityUserChanged } from '@stockline/contracts'
import { reaction } from '@stockline/service-kit'
import type { Tx } from '../database.ts'
import { keepUser } from './assignment.actions.ts'

export const assignmentReactions = [
  reaction(identityUserChanged, {
    react: async (tx: Tx, { data: { userId: id, username, name, active, groups } }) =>
      keepUser(tx, { id, username, name, active, groups }),
  }),
]
