/** Splitting a lot and merging lots over HTTP. */
import { stockStatus, values } from '@stockline/contracts'
import { command } from '@stockline/service-kit'
import { z } from 'zod'
import type { Database, Tx } from '../database.ts'
import type { LedgerCompany } from '../ledger/ledger.actions.ts'
import { showLot } from './lot.actions.ts'
import { lotAnswer, type LotAnswer } from './lot.shapes.api.ts'
import { mergeLot, splitLot } from './lot.split.actions.ts'

const { locationCode, lotCode, positiveQuantity, reason } = values

const splitBody = z.object({
  code: lotCode.meta({ description: 'Of the new lot.' }),
  reason,
  lines: z
    .array(z.object({ location: locationCode, status: stockStatus.optional(), quantity: positiveQuantity }))
    .min(1, 'must have at least one line')
    .max(1000, 'must have at most 1,000 lines')
    .meta({
      description: 'What gets the new lot, in the base unit, where it lies; `status` is available if it is not named.',
    }),
})
/** Which part of a lot gets a new one. */
export type SplitBody = z.output<typeof splitBody>

const again = (db: Database, { id }: LotAnswer, actor: Parameters<typeof showLot>[2]) => showLot(db, id, actor)

/** Splits a lot. */
export const splitOfLot = (company: LedgerCompany) =>
  command({
    method: 'post',
    path: '/v1/lots/:id/split',
    right: 'stocklot.write',
    summary: 'Splits a lot: parts of it get a new one, with its dates and its hold',
    description:
      'A document of the ledger (`LOT/00001`); traces follow it. What was reserved of the parts is reserved anew.',
    status: 201,
    body: splitBody,
    answers: lotAnswer,
    again,
    location: ({ id }) => `/v1/lots/${id}`,
    run: (tx: Tx, { params, body, actor }) => splitLot(tx, company, params.id, body, actor),
  })

/** Merges a lot into another one. */
export const mergeOfLots = (company: LedgerCompany) =>
  command({
    method: 'post',
    path: '/v1/lots/:id/merge',
    right: 'stocklot.write',
    summary: 'Merges a lot into another one of its product: all that is on hand of it',
    description:
      'The other lot (`into`, its id) takes the earlier of each date, and is held if one of them is. A document of the ledger (`LOT/00001`); traces follow it. All of the lot must lie at your locations.',
    body: z.object({ into: z.uuid(), reason }),
    answers: lotAnswer,
    again,
    run: (tx: Tx, { params, body, actor }) => mergeLot(tx, company, params.id, body, actor),
  })
