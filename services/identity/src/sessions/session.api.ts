import { command, isRefusal, operation, refuse, type Refusal } from '@stockline/service-kit'
import { z } from 'zod'
import type { Database, Tx } from '../database.ts'
import type { TokenSettings } from '../keys/signing-key.actions.ts'
import { accessTokenSeconds } from '../keys/signing-key.ts'
import { longestPassword } from '../passwords/password.ts'
import { groupsOf } from '../groups/group.actions.ts'
import { endSessions } from './session.actions.ts'
import { changeOwnPassword, login, refresh, type Grant } from './session.open.actions.ts'

const sessionAnswer = z
  .object({
    accessToken: z.string(),
    refreshToken: z.string().meta({ description: 'To be used once, for the next pair.' }),
    expiresIn: z.int().meta({ description: 'Seconds that the access token lives.' }),
    user: z.object({
      id: z.uuid(),
      username: z.string(),
      name: z.string(),
      groups: z.array(z.string()).meta({ description: 'External ids.' }),
    }),
  })
  .meta({ id: 'Session' })

const loginAnswer = sessionAnswer
  .extend({
    deviceToken: z.string().meta({
      description:
        'Keep it on the device for this user, and show it at the next login: wrong logins from elsewhere do not slow it down then. It opens nothing by itself.',
    }),
  })
  .meta({ id: 'Login' })

/** Only bounded: a refused login must not reveal the rules of passwords. */
const givenPassword = z
  .string()
  .min(1, 'must not be empty')
  .max(longestPassword, `must have at most ${longestPassword} characters`)

/** Routes of login and logout. */
export function sessionRoutes(settings: TokenSettings) {
  const loginRoute = operation({
    method: 'post',
    path: '/v1/sessions',
    right: 'public',
    summary: 'Logs in',
    description:
      'After ten wrong logins of an account within five minutes one more may be tried every thirty seconds. Where the account has signed in from before, an address or a device that shows its `deviceToken`, tries are counted apart.',
    alsoAnswers: [429],
    body: z.object({
      username: z.string().min(1, 'must not be empty').max(64, 'must have at most 64 characters'),
      password: givenPassword,
      deviceToken: z.string().max(200, 'must have at most 200 characters').optional(),
    }),
    answers: loginAnswer,
    status: 201,
    run: async (db: Database, { body, address, origin }) => {
      const granted = await login(db, settings, { ...body, address }, origin)
      return isRefusal(granted) ? granted : { ...answered(granted), deviceToken: granted.deviceToken }
    },
  })

  const refreshRoute = operation({
    method: 'post',
    path: '/v1/sessions/refresh',
    right: 'public',
    summary: 'Gives a new pair of tokens for a refresh token',
    description:
      'A refresh token is good for one use. Shown again within ten seconds, while its successor is unused, it gives another successor; at any other time the whole session ends.',
    body: z.object({
      refreshToken: z.string().min(1, 'must not be empty').max(200, 'must have at most 200 characters'),
    }),
    answers: sessionAnswer,
    run: async (db: Database, { body, origin }) => {
      const granted = await refresh(db, settings, body.refreshToken, origin)
      return isRefusal(granted) ? granted : answered(granted)
    },
  })
  return [loginRoute, refreshRoute, logoutRoute, ownPasswordRoute]
}

const logoutRoute = command({
  method: 'delete',
  path: '/v1/sessions/current',
  right: 'signed-in',
  summary: 'Logs out: the session’s tokens are refused everywhere within seconds',
  idempotency: 'none',
  run: async (tx: Tx, { actor }): Promise<undefined | Refusal> => {
    if (actor.sessionId === undefined) return refuse('no-session', 'state', 'A service client has no session to end.')
    await endSessions(tx, actor.id, 'logout', actor.sessionId)
    return undefined
  },
})

const ownPasswordRoute = operation({
  method: 'put',
  path: '/v1/users/me/password',
  right: 'signed-in',
  summary: 'Changes one’s own password; all one’s sessions end',
  alsoAnswers: [404, 429],
  body: z.object({ currentPassword: givenPassword, newPassword: givenPassword }),
  run: async (db: Database, { actor, body, address, origin }): Promise<undefined | Refusal> =>
    actor.kind === 'user'
      ? changeOwnPassword(db, actor.id, { ...body, address }, origin)
      : refuse('no-user', 'state', 'A service client has no password.'),
})

function answered({ accessToken, refreshToken, user }: Grant): z.output<typeof sessionAnswer> {
  const { id, username, name } = user
  return {
    accessToken,
    refreshToken,
    expiresIn: accessTokenSeconds,
    user: { id, username, name, groups: groupsOf(user) },
  }
}
