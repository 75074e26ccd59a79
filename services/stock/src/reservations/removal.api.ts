import { values } from '@stockline/contracts'
import { command, isRefusal, query } from '@stockline/service-kit'
import { z } from 'zod'
import type { Database, Tx } from '../database.ts'
import { setRule } from './removal.actions.ts'
import { findRules } from './removal.store.ts'

const strategy = z.enum(['fifo', 'lifo', 'fefo', 'closest'])
const rulesAnswer = z
  .object({
    items: z.array(z.object({ warehouse: z.string().nullable(), category: z.string().nullable(), strategy })),
  })
  .meta({ id: 'RemovalRules' })

const listRules = query({
  path: '/v1/removal-rules',
  right: 'stocklocation.read',
  summary: 'Lists the rules by which stock is chosen to be taken',
  description:
    'The narrowest rule wins: warehouse and category, category, warehouse. Without one: FEFO for lots, else FIFO.',
  answers: rulesAnswer,
  run: async (db: Database) => ({ items: await findRules(db) }),
})

const setRuleRoute = command({
  method: 'put',
  path: '/v1/removal-rules',
  right: 'stock.configure',
  summary: 'Sets the strategy for a warehouse, a category or both; null takes the rule away',
  body: z.object({
    warehouse: values.warehouseCode.nullable().default(null),
    category: values.categoryName.nullable().default(null),
    strategy: strategy.nullable(),
  }),
  answers: rulesAnswer,
  run: async (tx: Tx, { body }) => {
    const rules = await setRule(tx, body.warehouse, body.category, body.strategy)
    return isRefusal(rules) ? rules : { items: rules }
  },
})

/** Removal rules. */
export const removalRoutes = [listRules, setRuleRoute]
