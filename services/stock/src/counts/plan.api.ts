/** Count plans over HTTP. */
import { abcClass, values } from '@stockline/contracts'
import { command, decodeCursor, encodeCursor, listQuery, page, pageOf, query } from '@stockline/service-kit'
import { z } from 'zod'
import type { Database, Tx } from '../database.ts'
import type { LedgerCompany } from '../ledger/ledger.actions.ts'
import { toleranceShape } from './count.shapes.api.ts'
import { changePlan, createPlan, endPlan } from './plan.actions.ts'
import { findPlans } from './plan.store.ts'

const { date, id, locationCode, textUpTo } = values
const days = (least: number) =>
  z
    .int()
    .min(least, `must be at least ${String(least)}`)
    .max(3650, 'must be at most 3,650')

const planFields = {
  name: textUpTo(100),
  zone: locationCode.meta({ description: 'A location or a warehouse: counted with all below it.' }),
  abcClass: abcClass.nullable(),
  every: z.object({ days: days(1) }),
  blind: z.boolean(),
  dueInDays: days(0).meta({ description: 'A sheet is due so many days after it was made.' }),
  assignee: id.nullable(),
  tolerance: toleranceShape.nullable(),
  zeroCheck: z.boolean().meta({ description: 'A delivery that leaves a place of the zone empty has it counted.' }),
  shortPick: z
    .boolean()
    .meta({ description: 'A delivery that took less than was reserved at a place has it counted.' }),
}

export const planAnswer = z
  .object({
    id: z.uuid(),
    ...planFields,
    nextOn: z.iso.date().meta({ description: 'When its next sheet is made.' }),
    version: z.int(),
  })
  .meta({ id: 'CountPlan' })

const planBody = z.object({
  ...planFields,
  abcClass: abcClass.optional(),
  blind: z.boolean().default(true),
  assignee: id.optional(),
  tolerance: toleranceShape.optional(),
  zeroCheck: z.boolean().default(false),
  shortPick: z.boolean().default(false),
  startOn: date.optional().meta({ description: 'The day of the first sheet; today if absent.' }),
})
const planChange = z.object({ ...z.object(planFields).partial().shape, nextOn: date.optional() })

/** A plan that is to be made, and what of one is to be changed. */
export type PlanBody = z.output<typeof planBody>
export type PlanChange = z.output<typeof planChange>

/** Count plans: managers schedule counts. */
export const planRoutes = (company: LedgerCompany) => [
  query({
    path: '/v1/count-plans',
    right: 'count.schedule',
    summary: 'Lists the plans by which count sheets are made',
    query: listQuery({}),
    answers: pageOf(planAnswer),
    run: async (db: Database, { query: { limit, cursor } }) => {
      const after = decodeCursor(cursor, z.tuple([z.string()]))?.[0]
      return page(await findPlans(db, after, limit), limit, (last) => encodeCursor(last.name))
    },
  }),
  command({
    method: 'post',
    path: '/v1/count-plans',
    right: 'count.schedule',
    summary: 'Schedules counts of a zone: a sheet is made on each of its days',
    status: 201,
    body: planBody,
    answers: planAnswer,
    run: (tx: Tx, { body }) => createPlan(tx, company, body),
  }),
  command({
    method: 'patch',
    path: '/v1/count-plans/:id',
    right: 'count.schedule',
    summary: 'Changes a plan; sheets that are made stay',
    version: 'required',
    body: planChange,
    answers: planAnswer,
    run: (tx: Tx, { params, body, version }) => changePlan(tx, params.id, body, version),
  }),
  command({
    method: 'delete',
    path: '/v1/count-plans/:id',
    right: 'count.schedule',
    summary: 'Ends a plan; sheets that are made stay',
    version: 'required',
    status: 204,
    run: (tx: Tx, { params, version }) => endPlan(tx, params.id, version),
  }),
]
