import { isRefusal, operation } from '@stockline/service-kit'
import { z } from 'zod'
import type { Database } from '../database.ts'
import { checkByAddress } from '../sessions/login-throttle.actions.ts'
import { answerOf, passwordText, personName, userAnswer, username } from './user.api.ts'
import { createFirstAdministrator } from './user.first.actions.ts'

/** The route by which an empty system gets its first administrator. */
export function firstAdministratorRoute(code: string | undefined) {
  return operation({
    method: 'post',
    path: '/v1/first-administrator',
    right: 'public',
    summary: 'Makes the first administrator, with the one-time code that the start printed',
    alsoAnswers: [429],
    body: z.object({
      code: z.string().min(1, 'must not be empty').max(200, 'must have at most 200 characters'),
      username,
      name: personName,
      password: passwordText,
    }),
    answers: userAnswer,
    status: 201,
    run: async (db: Database, { body, address, origin }) => {
      const user = await checkByAddress(db, address, () =>
        db.transaction(origin, (tx) => createFirstAdministrator(tx, code, body)),
      )
      return isRefusal(user) ? user : answerOf(user)
    },
  })
}
