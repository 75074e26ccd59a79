import { sql, type Queryable } from '@stockline/service-kit'
import type { Database, Tx } from '../database.ts'
import type { Prisma } from '../generated/client.ts'
import type { AssignedUser } from './assignment.api.ts'

const lockOne = sql('select id from users where id = $1 for update')
const selectLocations = sql('select location from assignments where user_id = $1')

/** SQL for the locations of the user in a parameter, for statements that ask for more. None yet is none at all. */
export function assignedLocationsSql(parameter: string): string {
  return `coalesce((select array_agg(a.location) from assignments a where a.user_id = ${parameter}::uuid), '{}')`
}

const upsert = sql(`
  insert into users (id, username, name, active, groups) values ($1, $2, $3, $4, $5)
  on conflict (id) do update set
    username = excluded.username, name = excluded.name, active = excluded.active, groups = excluded.groups`)

const whole = { assignments: { orderBy: { location: 'asc' } } } satisfies Prisma.UserInclude

/** Writes the copy of a user. Locations stay. */
export async function upsertUser(
  tx: Tx,
  user: Pick<AssignedUser, 'id' | 'username' | 'name' | 'active' | 'groups'>,
): Promise<void> {
  await tx.query(upsert, [user.id, user.username, user.name, user.active, user.groups])
}

/** The user, its row locked. */
export async function lockAssignedUser(tx: Tx, id: string): Promise<AssignedUser | null> {
  await tx.query(lockOne, [id])
  return findAssignedUser(tx, id)
}

export async function findAssignedUser(db: Database | Tx, id: string): Promise<AssignedUser | null> {
  const row = await db.prisma.user.findUnique({ where: { id }, include: whole })
  return row === null ? null : userOf(row)
}

/** By username; one more than the limit. */
export async function findAssignedUsers(
  db: Database,
  filter: { readonly username?: string | undefined; readonly active?: boolean | undefined },
  after: string | undefined,
  limit: number,
): Promise<AssignedUser[]> {
  const { username, active } = filter
  const rows = await db.prisma.user.findMany({
    where: {
      ...(active === undefined ? {} : { active }),
      username: {
        ...(username === undefined ? {} : { equals: username.toLowerCase() }),
        ...(after === undefined ? {} : { gt: after }),
      },
    },
    include: whole,
    orderBy: { username: 'asc' },
    take: limit + 1,
  })
  return rows.map(userOf)
}

/** Only the locations: read with every query that has a scope. */
export async function findAssignedLocations(db: Queryable, userId: string): Promise<readonly string[]> {
  return (await db.query<{ location: string }>(selectLocations, [userId])).map((row) => row.location)
}

export async function replaceAssignments(tx: Tx, { id: userId, locations, version }: AssignedUser): Promise<void> {
  await tx.prisma.assignment.deleteMany({ where: { userId } })
  if (locations.length > 0)
    await tx.prisma.assignment.createMany({ data: locations.map((location) => ({ userId, location })) })
  await tx.prisma.user.updateMany({ where: { id: userId }, data: { assignmentVersion: version } })
}

function userOf(row: Prisma.UserGetPayload<{ include: typeof whole }>): AssignedUser {
  const { id, username, name, active, groups, assignments, assignmentVersion: version } = row
  return { id, username, name, active, groups, version, locations: assignments.map(({ location }) => location) }
}
