import { groups, inventoryGroups } from '@stockline/contracts'
import {
  command,
  decodeCursor,
  encodeCursor,
  isRefusal,
  listQuery,
  page,
  pageOf,
  query,
  refuse,
  type FiltersOf,
  type Refusal,
} from '@stockline/service-kit'
import { z } from 'zod'
import type { Database, Tx } from '../database.ts'
import { defaultInventoryGroup, groupsOf } from '../groups/group.actions.ts'
import { longestPassword } from '../passwords/password.ts'
import { revokeSessions } from '../sessions/session.actions.ts'
import { changeUser, createUser, unknownUser } from './user.actions.ts'
import { findUser, findUsers } from './user.store.ts'
import type { User } from './user.ts'

/** A username: small letters count, whatever was typed. */
export const username = z
  .string()
  .trim()
  .toLowerCase()
  .regex(/^[a-z0-9][a-z0-9._@-]{0,63}$/, 'must be 1 to 64 letters, digits, ".", "_", "@" or "-"')
/** The name that stands in histories. */
export const personName = z
  .string()
  .trim()
  .min(1, 'must not be empty')
  .max(200, 'must have at most 200 characters')

  .regex(/^[^\u0000-\u001f\u007f]*$/, 'must not hold control characters')
/** Its length is judged with the other rules of a password. */
export const passwordText = z
  .string()
  .max(longestPassword, `must have at most ${longestPassword} characters`)
  .meta({ format: 'password' })
const inventoryGroup = z.enum(inventoryGroups, `must be one of ${inventoryGroups.join(', ')}`)

/** A user in answers. */
export const userAnswer = z
  .object({
    id: z.uuid(),
    username: z.string(),
    name: z.string(),
    active: z.boolean(),
    inventoryGroup: z.string().nullable(),
    administrator: z.boolean(),
    groups: z.array(z.string()).meta({ description: 'External ids, as tokens carry them.' }),
    version: z.int(),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'User' })

/** A user as it is answered. */
export function answerOf(user: User): z.output<typeof userAnswer> {
  const { id, username: login, name, active, administrator, version } = user
  return {
    id,
    username: login,
    name,
    active,
    inventoryGroup: user.inventoryGroup,
    administrator,
    groups: groupsOf(user),
    version,
    createdAt: user.createdAt.toISOString(),
  }
}

const answered = (user: User | Refusal) => (isRefusal(user) ? user : answerOf(user))

const userQuery = listQuery({
  username: z.string().max(64).optional(),
  group: z.enum([...inventoryGroups, groups.administrator]).optional(),
  active: z
    .enum(['true', 'false'])
    .transform((text) => text === 'true')
    .optional(),
})

/** What a list of users may be narrowed by. */
export type UserFilter = FiltersOf<typeof userQuery>

const listUsers = query({
  path: '/v1/users',
  right: 'user.read',
  summary: 'Lists users by username',
  query: userQuery,
  answers: pageOf(userAnswer),
  run: async (db: Database, { query: { limit, cursor, ...filter } }) => {
    const after = decodeCursor(cursor, z.tuple([z.string()]))?.[0]
    const users = await findUsers(db, filter, after, limit)
    return page(users.map(answerOf), limit, (last) => encodeCursor(last.username))
  },
})

const readUser = query({
  path: '/v1/users/:id',
  right: 'user.read',
  summary: 'Reads a user',
  answers: userAnswer,
  run: async (db: Database, { params }) => answered((await findUser(db, params.id)) ?? unknownUser),
})

const createUserRoute = command({
  method: 'post',
  path: '/v1/users',
  right: 'user.create',
  summary: 'Makes a user, who is an Inventory User unless told otherwise',
  alsoAnswers: [429],
  body: z.object({
    username,
    name: personName,
    password: passwordText,
    inventoryGroup: inventoryGroup.nullable().default(defaultInventoryGroup),
    administrator: z.boolean().default(false),
  }),
  answers: userAnswer,
  status: 201,
  location: (user) => `/v1/users/${user.id}`,
  run: async (tx: Tx, { body }) => answered(await createUser(tx, body)),
})

const changeUserRoute = command({
  method: 'patch',
  path: '/v1/users/:id',
  right: 'user.write',
  summary: 'Renames, enables or disables a user, or sets a password',
  alsoAnswers: [429],
  description: 'Disabling a user and setting a password end the user’s sessions everywhere within seconds.',
  version: 'required',
  body: z.object({
    name: personName.optional(),
    active: z.boolean().optional(),
    password: passwordText.optional(),
  }),
  answers: userAnswer,
  run: async (tx: Tx, { params, body, version }) => answered(await changeUser(tx, params.id, body, version)),
})

const grantGroup = command({
  method: 'put',
  path: '/v1/users/:id/inventory-group',
  right: 'group.write',
  summary: 'Gives a user one inventory group in place of the one before; it counts from the next login or refresh',
  version: 'optional',
  body: z.object({ group: inventoryGroup.nullable() }),
  answers: userAnswer,
  run: async (tx: Tx, { params, body, version }) =>
    answered(await changeUser(tx, params.id, { inventoryGroup: body.group }, version ?? null)),
})

const grantAdministrator = command({
  method: 'put',
  path: '/v1/users/:id/administrator',
  right: 'group.write',
  summary: 'Makes a user an administrator, or one no more; it counts from the next login or refresh',
  version: 'optional',
  body: z.object({ administrator: z.boolean() }),
  answers: userAnswer,
  run: async (tx: Tx, { params, body, version }) =>
    answered(await changeUser(tx, params.id, { administrator: body.administrator }, version ?? null)),
})

const revokeSessionsRoute = command({
  method: 'delete',
  path: '/v1/users/:id/sessions',
  right: 'session.revoke',
  summary: 'Ends all sessions of a user: the tokens are refused everywhere within seconds',
  run: async (tx: Tx, { params }): Promise<undefined | Refusal> => {
    const user = await findUser(tx, params.id)
    if (user === null) return unknownUser
    await revokeSessions(tx, { id: user.id, name: user.username })
    return undefined
  },
})

const readOwnUser = query({
  path: '/v1/users/me',
  right: 'signed-in',
  summary: 'Who am I, and which groups do I hold?',
  alsoAnswers: [404],
  params: z.object({}),
  answers: userAnswer,
  run: async (db: Database, { actor }) =>
    actor.kind === 'user'
      ? answered((await findUser(db, actor.id)) ?? unknownUser)
      : refuse('no-user', 'unknown', 'A service client is not a user.'),
})

export const userRoutes = [
  readOwnUser,
  listUsers,
  readUser,
  createUserRoute,
  changeUserRoute,
  grantGroup,
  grantAdministrator,
  revokeSessionsRoute,
]
