import { serviceLocks, sql } from '@stockline/service-kit'
import type { User as UserRow } from '../generated/client.ts'
import type { Database, Tx } from '../database.ts'
import { isInventoryGroup } from '../groups/group.actions.ts'
import type { UserFilter } from './user.api.ts'
import type { User } from './user.ts'

/** A user with what a login is checked against. */
export interface UserWithHash extends User {
  readonly passwordHash: string
}

const lockById = sql('select id from users where id = $1 for update')
const lockAdministrators = sql(
  'select id from users where administrator and active and id <> $1 order by id for update',
)
const lockUsersTable = sql(`select pg_advisory_xact_lock(${serviceLocks.identity.firstAdministrator})`)

/** The user, its row locked. */
export async function lockUser(tx: Tx, id: string): Promise<UserWithHash | null> {
  await tx.query(lockById, [id])
  return findUserWithHash(tx, { id })
}

/** How many other active administrators there are; they stay so until the end of the transaction. */
export async function lockOtherAdministrators(tx: Tx, id: string): Promise<number> {
  return (await tx.query(lockAdministrators, [id])).length
}

/** Is there no user yet? Locked until the transaction ends, so that the answer stays true. */
export async function lockBeginning(tx: Tx): Promise<boolean> {
  await tx.query(lockUsersTable)
  return (await tx.prisma.user.count()) === 0
}

export async function findUserWithHash(
  db: Database | Tx,
  where: { readonly id: string } | { readonly username: string },
): Promise<UserWithHash | null> {
  const row = await db.prisma.user.findUnique({ where })
  return row === null ? null : { ...userOf(row), passwordHash: row.passwordHash }
}

export async function findUser(db: Database | Tx, id: string): Promise<User | null> {
  const row = await db.prisma.user.findUnique({ where: { id } })
  return row === null ? null : userOf(row)
}

/** By username; one more than the limit. */
export async function findUsers(
  db: Database,
  filter: UserFilter,
  after: string | undefined,
  limit: number,
): Promise<User[]> {
  const { username, group, active } = filter
  const rows = await db.prisma.user.findMany({
    where: {
      ...(active === undefined ? {} : { active }),
      ...(group === undefined ? {} : isInventoryGroup(group) ? { inventoryGroup: group } : { administrator: true }),
      username: {
        ...(username === undefined ? {} : { equals: username.toLowerCase() }),
        ...(after === undefined ? {} : { gt: after }),
      },
    },
    orderBy: { username: 'asc' },
    take: limit + 1,
  })
  return rows.map(userOf)
}

/** False when the username is taken. */
export async function insertUser(tx: Tx, user: User, passwordHash: string): Promise<boolean> {
  const { count } = await tx.prisma.user.createMany({
    data: { ...user, passwordHash, changedAt: tx.now },
    skipDuplicates: true,
  })
  return count === 1
}

export async function updateUser(tx: Tx, user: User): Promise<void> {
  const { id, name, active, administrator, inventoryGroup, version } = user
  await tx.prisma.user.updateMany({
    where: { id },
    data: { name, active, administrator, inventoryGroup, version, changedAt: tx.now },
  })
}

export async function updatePasswordHash(tx: Tx, id: string, passwordHash: string): Promise<void> {
  await tx.prisma.user.updateMany({ where: { id }, data: { passwordHash, changedAt: tx.now } })
}

function userOf(row: UserRow): User {
  const { id, username, name, active, administrator, inventoryGroup, version, createdAt } = row
  return {
    id,
    username,
    name,
    active,
    administrator,
    inventoryGroup: isInventoryGroup(inventoryGroup) ? inventoryGroup : null,
    version,
    createdAt,
  }
}
