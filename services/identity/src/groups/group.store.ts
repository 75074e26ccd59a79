import type { Database } from '../database.ts'

/** A group and how many active users hold it. */
export interface GroupRow {
  readonly externalId: string
  readonly name: string
  readonly module: string
  readonly users: number
}

/** All groups: the ladder from the top, then the others. */
export async function listGroups(db: Database): Promise<readonly GroupRow[]> {
  const [groups, administrators] = await Promise.all([
    db.prisma.group.findMany({
      orderBy: [{ rung: { sort: 'desc', nulls: 'last' } }, { externalId: 'asc' }],
      include: { _count: { select: { users: { where: { active: true } } } } },
    }),
    db.prisma.user.count({ where: { active: true, administrator: true } }),
  ])
  return groups.map(({ externalId, name, module, rung, _count }) => ({
    externalId,
    name,
    module,
    users: rung === null ? administrators : _count.users,
  }))
}
