/** How much of a lot's life a customer wants left when it gets there: days, or a part of the whole. */
import { z } from 'zod'
import { decimal } from './decimals.ts'

const percent = decimal({ sign: 'positive', integerDigits: 3, decimals: 2, leastDecimals: 0 })
  .refine((text) => Number(text) <= 100, 'must be at most 100, which is the whole life')
  .meta({ description: 'Of its whole life, which begins on its production date: "66.67". At most 100.' })

const remainingLife = z
  .object({
    days: z.int().min(1).max(36_500).optional().meta({ description: 'EDIFACT DTM 364.' }),
    percent: percent.optional(),
  })
  .refine(({ days, percent: part }) => days !== undefined || part !== undefined, 'must have `days` or `percent`')

/** How much of a lot's life is to be left: days, percent of the whole (a decimal above zero, at most 100), or both, which must both hold. */
export type RemainingLife = Readonly<z.output<typeof remainingLife>>

/** The field of orders, demands and shortages. */
export const minimumRemainingLife = remainingLife.optional().meta({
  description:
    'In sales: nothing is reserved, picked and shipped of a lot that has less of its life left on the scheduled date, or today where that is later or missing. Its life ends with `bestBefore`, else with `expiresOn`; a lot that has neither has enough. A line’s counts in place of its order’s.',
})
