/** Events of identity's users. Topic `identity.users`, keyed by user. */
import { z } from 'zod'
import { contract } from './envelope.ts'
import { id, instant } from './values.ts'

export const identityUserChanged = contract({
  type: 'identity.user-changed.v1',
  topic: 'identity.users',
  subject: 'user id',
  summary: 'A user is new or changed.',
  data: z.object({
    userId: id,
    username: z.string(),
    name: z.string(),
    active: z.boolean(),
    /** External ids: the inventory group, and `base.group_system` for administrators. */
    groups: z.array(z.string()),
  }),
})

export const identitySessionRevoked = contract({
  type: 'identity.session-revoked.v1',
  topic: 'identity.users',
  subject: 'user id',
  summary: 'A session ended early: its tokens are refused everywhere.',
  data: z.object({
    sessionId: id,
    userId: id,
    revokedAt: instant,
    /** No token of the session lives longer than this. */
    tokensExpireAt: instant,
    reason: z.enum(['logout', 'user-disabled', 'password-changed', 'refresh-token-reused', 'revoked']),
  }),
})
