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
import type { Database, Tx } from '../database.ts'
import type { LedgerCompany } from '../ledger/ledger.actions.ts'
import { changeExpiry, unknownLot } from './lot.actions.ts'
import { findLot, findLots } from './lot.store.ts'

const { date, lotCode, sku } = values

const lotAnswer = z
  .object({
    id: z.uuid(),
    sku: z.string(),
    code: z.string().meta({ description: 'The lot’s number, or the serial number.' }),
    expiresOn: z.iso.date().nullable(),
    version: z.int(),
  })
  .meta({ id: 'Lot' })

/** A lot or serial number. The ledger makes one when it first arrives; here it is read, and its expiry corrected. */
export type Lot = z.output<typeof lotAnswer>

const lotQuery = listQuery({ sku: sku.optional(), lot: lotCode.optional(), expiresBefore: date.optional() })

/** What a list of lots may be narrowed by. */
export type LotFilter = FiltersOf<typeof lotQuery>

const listLots = query({
  path: '/v1/lots',
  right: 'stocklot.read',
  summary: 'Lists lots and serial numbers by sku',
  query: lotQuery,
  answers: pageOf(lotAnswer),
  run: async (db: Database, { query: { limit, cursor, ...filter } }) => {
    const after = decodeCursor(cursor, z.tuple([z.string(), z.string()]))
    return page(await findLots(db, filter, after, limit), limit, (last) => encodeCursor(last.sku, last.code))
  },
})

const readLot = query({
  path: '/v1/lots/:id',
  right: 'stocklot.read',
  summary: 'Reads a lot or serial number',
  answers: lotAnswer,
  run: async (db: Database, { params }) => (await findLot(db, params.id)) ?? unknownLot,
})

const changeLot = (company: LedgerCompany) =>
  command({
    method: 'patch',
    path: '/v1/lots/:id',
    right: 'stocklot.write',
    summary: 'Corrects when a lot expires',
    description:
      'What is reserved of a lot that has expired is given back; what has not is offered to those that wait.',
    version: 'required',
    body: z.object({ expiresOn: date.nullable() }),
    answers: lotAnswer,
    run: (tx: Tx, { params, body, version }) => changeExpiry(tx, company, params.id, body.expiresOn, version),
  })

/** Lots and serial numbers. */
export const lotRoutes = (company: LedgerCompany) => [listLots, readLot, changeLot(company)]
