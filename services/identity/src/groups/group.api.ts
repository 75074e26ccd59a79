import { accessCsv, accessRights, namedActions } from '@stockline/contracts'
import { query } from '@stockline/service-kit'
import { z } from 'zod'
import type { Database } from '../database.ts'
import { listGroups } from './group.store.ts'

const groupAnswer = z
  .object({
    externalId: z.string().meta({ examples: ['core_inventory.inventory_group_user'] }),
    name: z.string(),
    module: z.string(),
    users: z.int().meta({ description: 'Active users who hold it.' }),
  })
  .meta({ id: 'Group' })

const listGroupsRoute = query({
  path: '/v1/groups',
  right: 'group.read',
  summary: 'Lists the groups with their number of users',
  answers: z.object({ items: z.array(groupAnswer), nextCursor: z.string().nullable() }),
  run: async (db: Database) => ({ items: await listGroups(db), nextCursor: null }),
})

const accessRightAnswer = z
  .object({
    id: z.string(),
    name: z.string(),
    model: z.string(),
    group: z.string(),
    read: z.boolean(),
    write: z.boolean(),
    create: z.boolean(),
    unlink: z.boolean(),
  })
  .meta({ id: 'AccessRight' })

const accessRightsRoute = query({
  path: '/v1/access-rights',
  right: 'signed-in',
  summary: 'The table of rights: model by group',
  description:
    'What each group adds to what the groups below it have. `Accept: text/csv` gives it in the form id, name, model:id, group:id and four permissions.',
  answers: z.object({
    items: z.array(accessRightAnswer),
    actions: z.array(z.object({ action: z.string(), name: z.string(), group: z.string() })),
    nextCursor: z.string().nullable(),
  }),
  formats: { 'text/csv': () => accessCsv },
  run: (_db: Database) =>
    Promise.resolve({
      items: accessRights.map(({ id, name, model, group, permissions }) => ({
        id,
        name,
        model,
        group,
        ...permissions,
      })),
      actions: namedActions,
      nextCursor: null,
    }),
})

export const groupRoutes = [listGroupsRoute, accessRightsRoute]
