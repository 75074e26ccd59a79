/** Limits below which an adjustment needs no approval, over HTTP. */
import { values } from '@stockline/contracts'
import { command, query, refuse, versionRefusal, type FieldError } from '@stockline/service-kit'
import { z } from 'zod'
import type { Database, Tx } from '../database.ts'
import { limitGroups } from './adjustment.limits.ts'
import { findLimits, lockLimits, storeLimits } from './limit.store.ts'

const path = '/v1/adjustment-limits'
const group = z.enum(limitGroups)
const answers = z
  .object({
    limits: z.array(
      z.object({
        group,
        quantity: z.string().nullable().meta({ description: "In each product's base unit. Null: not looked at." }),
        percent: z.string().nullable().meta({ description: 'Of what was expected. Null: not looked at.' }),
        value: z.string().nullable().meta({ description: "In the company's currency. Null: not looked at." }),
        set: z.boolean().meta({
          description:
            'Has a manager set it? Until then it is zero for adjustments, and none for scraps, changes of status and losses in transit.',
        }),
      }),
    ),
    version: z.int(),
  })
  .meta({ id: 'AdjustmentLimits' })

/** The limits of all groups, with their version. */
export type LimitList = z.output<typeof answers>

const limitText = (of: z.ZodType<string>) => of.optional().transform((text) => text ?? null)
const body = z.object({
  limits: z
    .array(
      z.object({
        group,
        quantity: limitText(values.quantityOrZero),
        percent: limitText(values.percent),
        value: limitText(values.unitAmount),
        set: z
          .boolean()
          .default(true)
          .meta({ description: 'False: as it was before a manager set it. Then no measure is above zero.' }),
      }),
    )
    .max(limitGroups.length, 'must have each group once'),
})

/** Routes of the limits. */
export const limitRoutes = [
  query({
    path,
    right: 'cost.read',
    summary: 'Lists up to what each group corrects stock without approval',
    description:
      'Zero by default: all is approved. Against a limit stands what one person submitted of one product in one warehouse within 24 hours, gains and losses added up; percent is also looked at place by place. Where several measures are set, none may be passed. What nobody approves, scraps, changes of status and losses in transit, is refused above it, once a manager has set the limit of the group; managers are not bound there.',
    answers,
    run: (db: Database) => findLimits(db),
  }),
  command({
    method: 'put',
    path,
    right: 'stock.configure',
    summary: 'Sets up to what groups correct stock without approval',
    description: 'A measure that is left out is not looked at; one of them must be there.',
    version: 'required',
    body,
    answers,
    run: async (tx: Tx, { body: { limits }, version }) => {
      const before = await lockLimits(tx)
      const stale = versionRefusal(before.version, version)
      if (stale !== undefined) return stale
      const faults = faultsOf(limits)
      if (faults.length > 0) return refuse('limits-wrong', 'content', 'Some limits are wrong.', faults)
      await storeLimits(tx, limits.map(storedLimit))
      return findLimits(tx)
    },
  }),
]

/** One that is not set has its measures back at zero. */
function storedLimit(limit: LimitList['limits'][number]): LimitList['limits'][number] {
  return limit.set ? limit : { ...limit, quantity: '0', percent: '0', value: '0' }
}

function faultsOf(limits: LimitList['limits']): readonly FieldError[] {
  const named = limits.map((one) => one.group)
  return limits.flatMap(({ group: name, quantity, percent, value, set }, at) => [
    ...(named.indexOf(name) === at
      ? []
      : [{ pointer: `/limits/${String(at)}/group`, message: `"${name}" is there twice` }]),
    ...(set || [quantity, percent, value].every((measure) => !/[1-9]/.test(measure ?? ''))
      ? []
      : [{ pointer: `/limits/${String(at)}/set`, message: 'must be true where a measure is above zero' }]),
    ...(set && quantity === null && percent === null && value === null
      ? [{ pointer: `/limits/${String(at)}`, message: 'must have a quantity, a percent or a value' }]
      : []),
  ])
}
