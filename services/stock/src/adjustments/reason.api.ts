/** The reasons for which stock may be corrected, over HTTP. */
import { command, query, refuse, versionRefusal } from '@stockline/service-kit'
import { z } from 'zod'
import type { Database, Tx } from '../database.ts'
import { reasonCode } from './adjustment.shapes.api.ts'
import { findReasons, lockReasons, storeReasons } from './reason.store.ts'

const path = '/v1/adjustment-reasons'
const reasonName = z.string().trim().min(1, 'must not be empty').max(100, 'must have at most 100 characters')
const shape = { code: reasonCode, name: reasonName }
const answers = z
  .object({
    reasons: z.array(z.object({ ...shape, active: z.boolean(), evidenceRequired: z.boolean() })),
    version: z.int(),
  })
  .meta({ id: 'AdjustmentReasons' })

/** The list, with its version. */
export type ReasonList = z.output<typeof answers>

const body = z.object({
  reasons: z
    .array(
      z.object({
        ...shape,
        active: z.boolean().default(true).meta({ description: 'Only active ones are given.' }),
        evidenceRequired: z.boolean().default(false).meta({ description: 'Nothing is submitted without evidence.' }),
      }),
    )
    .min(1, 'must have at least one reason')
    .max(200, 'must have at most 200 reasons'),
})

/** Routes of the reasons. */
export const reasonRoutes = [
  query({
    path,
    right: 'stockadjustment.read',
    summary: 'Lists the reasons for which stock may be corrected',
    answers,
    run: (db: Database) => findReasons(db),
  }),
  command({
    method: 'put',
    path,
    right: 'stock.configure',
    summary: 'Replaces the list of reasons',
    version: 'required',
    body,
    answers,
    run: async (tx: Tx, { body: { reasons }, version }) => {
      const before = await lockReasons(tx)
      const stale = versionRefusal(before.version, version)
      if (stale !== undefined) return stale
      const codes = reasons.map(({ code }) => code)
      const twice = codes.flatMap((code, at) =>
        codes.indexOf(code) === at
          ? []
          : [{ pointer: `/reasons/${String(at)}/code`, message: `"${code}" is there twice` }],
      )
      if (twice.length > 0) return refuse('reasons-wrong', 'content', 'A code stands for one reason.', twice)
      await storeReasons(tx, reasons)
      return findReasons(tx)
    },
  }),
]
