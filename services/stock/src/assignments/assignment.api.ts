import { values } from '@stockline/contracts'
import { command, decodeCursor, encodeCursor, listQuery, page, pageOf, query } from '@stockline/service-kit'
import { z } from 'zod'
import type { Database, Tx } from '../database.ts'
import { assignLocations, unknownUser } from './assignment.actions.ts'
import { findAssignedUser, findAssignedUsers } from './assignment.store.ts'

const { locationCode } = values

const userAnswer = z
  .object({
    id: z.uuid(),
    username: z.string(),
    name: z.string(),
    active: z.boolean(),
    groups: z.array(z.string()),
    locations: z.array(z.string()).meta({ description: 'Where the user acts, with all below.' }),
    version: z.int().meta({ description: 'Counts the changes of the locations; 0 before the first.' }),
  })
  .meta({ id: 'AssignedUser' })

/** A user as the copy has it, with the locations assigned. */
export type AssignedUser = z.output<typeof userAnswer>

const listUsers = query({
  path: '/v1/users',
  right: 'location.assign',
  summary: 'Lists users with the locations on which they act',
  query: listQuery({
    username: z.string().max(64).optional(),
    active: z
      .enum(['true', 'false'])
      .transform((text) => text === 'true')
      .optional(),
  }),
  answers: pageOf(userAnswer),
  run: async (db: Database, { query: { limit, cursor, ...filter } }) => {
    const after = decodeCursor(cursor, z.tuple([z.string()]))?.[0]
    return page(await findAssignedUsers(db, filter, after, limit), limit, (last) => encodeCursor(last.username))
  },
})

const readOwnUser = query({
  path: '/v1/users/me',
  right: 'signed-in',
  summary: 'On which locations do I act?',
  alsoAnswers: [404],
  params: z.object({}),
  answers: userAnswer,
  run: async (db: Database, { actor }) =>
    actor.kind === 'user' ? ((await findAssignedUser(db, actor.id)) ?? unknownUser) : unknownUser,
})

const readUser = query({
  path: '/v1/users/:id',
  right: 'location.assign',
  summary: 'Reads a user with the locations on which it acts',
  answers: userAnswer,
  run: async (db: Database, { params }) => (await findAssignedUser(db, params.id)) ?? unknownUser,
})

const assignRoute = command({
  method: 'put',
  path: '/v1/users/:id/locations',
  right: 'location.assign',
  summary: 'Gives a user these locations, with all below them, in place of those before',
  description:
    'A code may be a warehouse’s. Supervisors give and take within their own. The first time needs no If-Match.',
  version: 'required',
  body: z.object({ locations: z.array(locationCode).max(1000, 'must have at most 1,000 locations') }),
  answers: userAnswer,
  run: (tx: Tx, { params, body, actor, version }) => assignLocations(tx, params.id, body.locations, actor, version),
})

export const assignmentRoutes = [readOwnUser, listUsers, readUser, assignRoute]
