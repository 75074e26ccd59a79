import { values } from '@stockline/contracts'
import {
  command,
  decodeCursor,
  encodeCursor,
  listQuery,
  page,
  pageOf,
  query,
  type FiltersOf,
} from '@stockline/service-kit'
import { z } from 'zod'
import { scopeOf } from '../assignments/assignment.actions.ts'
import type { Database, Tx } from '../database.ts'
import type { LedgerCompany } from '../ledger/ledger.actions.ts'
import { lotAnswer, lotSummary, type LotAnswer } from './lot.shapes.api.ts'
import { changeDates, holdLot, releaseLot, showLot } from './lot.actions.ts'
import { readRecall, recallOfLot } from './lot.recall.api.ts'
import { mergeOfLots, splitOfLot } from './lot.split.api.ts'
import { readSerial } from './lot.serial.api.ts'
import { findLots } from './lot.store.ts'
import { traceOfLot } from './lot.trace.api.ts'

const { date, lotCode, reason, sku } = values

const lotQuery = listQuery({
  sku: sku.optional(),
  code: lotCode.optional(),
  lot: lotCode.optional().meta({ description: 'The same as `code`, by its name of 0.1.0.' }),
  expiresBefore: date.optional(),
  held: z
    .enum(['true', 'false'])
    .transform((text) => text === 'true')
    .optional(),
})

/** What a list of lots may be narrowed by. */
export type LotFilter = FiltersOf<typeof lotQuery>

const listLots = query({
  path: '/v1/lots',
  right: 'stocklot.read',
  summary: 'Lists lots and serial numbers by sku',
  query: lotQuery,
  answers: pageOf(lotSummary),
  run: async (db: Database, { query: { limit, cursor, ...filter }, actor }) => {
    const after = decodeCursor(cursor, z.tuple([z.string(), z.string()]))
    const lots = await findLots(db, filter, await scopeOf(db, actor), after, limit)
    return page(lots, limit, (last) => encodeCursor(last.sku, last.code))
  },
})

const readLot = query({
  path: '/v1/lots/:id',
  right: 'stocklot.read',
  summary: 'Reads a lot or serial number',
  answers: lotAnswer,
  run: (db: Database, { params, actor }) => showLot(db, params.id, actor),
})

/** On hand is shown as the actor may see it now. */
const again = (db: Database, { id }: LotAnswer, actor: Parameters<typeof showLot>[2]) => showLot(db, id, actor)

const changeLot = (company: LedgerCompany) =>
  command({
    method: 'patch',
    path: '/v1/lots/:id',
    right: 'stocklot.write',
    summary: 'Corrects the dates of a lot',
    description:
      'Dates that are not named stay; null takes one away. None may be after `expiresOn`, and `alertOn` and `producedOn` are the first. What is reserved of a lot that has expired is given back; what has not is offered to those that wait.',
    version: 'required',
    body: z.object({
      expiresOn: date.nullable().optional(),
      bestBefore: date.nullable().optional(),
      removeOn: date.nullable().optional(),
      alertOn: date.nullable().optional(),
      producedOn: date.nullable().optional(),
    }),
    answers: lotAnswer,
    again,
    run: (tx: Tx, { params, body, version, actor }) =>
      changeDates(tx, company, { id: params.id, version, actor }, body),
  })

const reasonBody = z.object({ reason })

const holdOfLot = (company: LedgerCompany) =>
  command({
    method: 'post',
    path: '/v1/lots/:id/hold',
    right: 'lot.hold',
    summary: 'Holds a lot: nothing of it is promised or shipped, wherever it is',
    description:
      'What is reserved of it is given back, and its deliveries choose again; what is picked of it is refused when it is to be shipped. A lot that is held stays held, for the first reason.',
    version: 'optional',
    body: reasonBody,
    answers: lotAnswer,
    again,
    run: (tx: Tx, { params, body, version, actor }) =>
      holdLot(tx, company, { id: params.id, version, anyVersion: true, actor }, body.reason),
  })

const releaseOfLot = (company: LedgerCompany) =>
  command({
    method: 'post',
    path: '/v1/lots/:id/release',
    right: 'lot.hold',
    summary: 'Ends the hold of a lot: it is offered to the deliveries that wait for it',
    version: 'optional',
    body: reasonBody,
    answers: lotAnswer,
    again,
    run: (tx: Tx, { params, body, version, actor }) =>
      releaseLot(tx, company, { id: params.id, version, anyVersion: true, actor }, body.reason),
  })

/** Lots and serial numbers. */
export const lotRoutes = (company: LedgerCompany) => [
  listLots,
  readLot,
  changeLot(company),
  holdOfLot(company),
  releaseOfLot(company),
  recallOfLot(company),
  readRecall,
  traceOfLot,
  readSerial,
  splitOfLot(company),
  mergeOfLots(company),
]
