import { values } from '@stockline/contracts'
import { command, decodeCursor, encodeCursor, listQuery, page, pageOf, query } from '@stockline/service-kit'
import { z } from 'zod'
import type { Database, Tx } from '../database.ts'
import type { Company } from '../journal/entry.ts'
import { setMethod } from './cost-method.set.actions.ts'
import { costMethods } from './cost-method.ts'
import { listMethods, methodOf } from './cost-method.store.ts'

const params = z.object({ category: values.categoryName })
const method = z.enum(costMethods, `must be one of ${costMethods.join(', ')}`)
const methodAnswer = z
  .object({
    category: z.string(),
    method,
    version: z.int().meta({ description: '0 where nobody has set it: the default.' }),
  })
  .meta({ id: 'CostMethod' })

/** A category's method; version 0 is the default. */
export type MethodOfCategory = z.output<typeof methodAnswer>

const listRoute = query({
  path: '/v1/cost-methods',
  right: 'costmethod.read',
  summary: 'Lists the categories whose cost method was set',
  query: listQuery({}),
  answers: pageOf(methodAnswer),
  run: async (db: Database, { query: { limit, cursor } }) => {
    const after = decodeCursor(cursor, z.tuple([z.string()]))?.[0]
    return page(await listMethods(db, after, limit + 1), limit, (last) => encodeCursor(last.category))
  },
})

const readRoute = query({
  path: '/v1/cost-methods/:category',
  right: 'costmethod.read',
  summary: 'Tells the cost method of a category, known yet or not',
  params,
  answers: methodAnswer,
  run: (db: Database, { params: { category } }) => methodOf(db, category),
})

const setRoute = (company: Company) =>
  command({
    method: 'put',
    path: '/v1/cost-methods/:category',
    right: 'costmethod.write',
    summary: 'Sets the cost method of a category',
    description:
      'Counts at once. What the category holds is converted without changing its value; only where it is now kept at a standard cost, the difference is entered as a purchase price variance, in an entry of the cause cost-method-changed. A product that stock moves to another category is converted in the same way: category-changed.',
    params,
    body: z.object({ method }),
    answers: methodAnswer,
    version: 'optional',
    run: (tx: Tx, { params: { category }, body, version }) => setMethod(tx, company, category, body.method, version),
  })

/** Routes of cost methods. */
export const costMethodRoutes = (company: Company) => [listRoute, readRoute, setRoute(company)]
