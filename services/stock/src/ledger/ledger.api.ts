/** The ledger to read: what is where, now or then, and how it came there. */
import { companyDate } from '@stockline/amounts'
import { values } from '@stockline/contracts'
import {
  decodeCursor,
  encodeCursor,
  listQuery,
  page,
  pageOf,
  query,
  refuse,
  timeOfDay,
  type FiltersOf,
} from '@stockline/service-kit'
import { z } from 'zod'
import { scopeOf } from '../assignments/assignment.actions.ts'
import type { Database } from '../database.ts'
import { mostSsccs } from '../packages/package.actions.ts'
import type { LedgerCompany } from './ledger.actions.ts'
import { findMoves, findQuants, type MovesRow } from './ledger.read.store.ts'
import { none } from './quant.ts'

const { asOfTime, documentNumber, locationCode, lotCode, sinceTime, sku, untilTime } = values

const quantAnswer = z
  .object({
    sku: z.string(),
    location: z.string(),
    lot: z.string().nullable(),
    status: z.string(),
    package: z.string().nullable().meta({
      description:
        'Always null: the ledger keeps no packages. What is in one is on hand where it was picked; `GET /v1/scans` says what is in it.',
    }),
    onHand: z.string(),
    reserved: z.string().nullable().meta({ description: 'Null as of then: reservations have no history.' }),
    available: z.string().nullable().meta({
      description:
        'What can be promised: on hand less reserved, never below zero; nothing where no delivery may reserve, in another status than available, or of a lot that has expired. Null as of then.',
    }),
    unit: z.string().meta({ description: 'The base unit, in which all quantities are.' }),
  })
  .meta({ id: 'Quant' })

const ledgerPosition = z
  .string()
  .regex(/^\d{1,18}$/, 'must be a position of the ledger: a whole number')
  .transform(BigInt)

const quantFilters = {
  sku: sku.optional(),
  location: locationCode.optional().meta({ description: 'With all below it.' }),
  lot: lotCode.optional(),
}
const asOfTimes = {
  asOf: asOfTime.optional().meta({ description: 'A time, or a date, which is taken to its end (UTC).' }),
  recordedAsOf: asOfTime.optional().meta({ description: 'A time, or a date, which is taken to its end (UTC).' }),
  atPosition: ledgerPosition.optional(),
}

/** What a list of quants may be narrowed by. Without a location: all own stock. */
export type QuantFilter = z.output<z.ZodObject<typeof quantFilters>>
/** As of when: one of them, by effective time, by recorded time, or at a position. */
export type AsOf = z.output<z.ZodObject<typeof asOfTimes>>

const listQuants = ({ timeZone }: LedgerCompany) =>
  query({
    path: '/v1/quants',
    right: 'stockquant.read',
    summary: 'Says what is where, now or as of then',
    description:
      'By product, location, lot, status and package. Without a location: all own stock, with what is on its way to a warehouse at `Virtual/Transit/` and its code. As of then: by when it happened (`asOf`), by when the ledger took it (`recordedAsOf`), or at a position.',
    query: listQuery({ ...quantFilters, ...asOfTimes }),
    answers: pageOf(quantAnswer),
    run: async (db: Database, { query: { limit, cursor, asOf, recordedAsOf, atPosition, ...filter }, actor }) => {
      if ([asOf, recordedAsOf, atPosition].filter((one) => one !== undefined).length > 1) return oneThenOnly
      const after = decodeCursor(cursor, z.tuple([z.string(), z.string(), z.string(), z.string(), z.uuid()]))
      const scope = await scopeOf(db, actor)
      const quants = await findQuants(
        db,
        companyDate(timeZone, new Date(timeOfDay())),
        filter,
        { asOf, recordedAsOf, atPosition },
        scope,
        after,
        limit,
      )
      return page(quants, limit, (last) =>
        encodeCursor(last.sku, last.location, last.lot ?? '', last.status, last.package ?? none),
      )
    },
  })

const oneThenOnly = refuse(
  'several-times',
  'content',
  'Ask as of one time only: asOf, recordedAsOf or atPosition.',
  ['asOf', 'recordedAsOf', 'atPosition'].map((name) => ({ pointer: `?${name}`, message: 'excludes the other two' })),
)

const moveAnswer = z
  .object({
    position: z.string().meta({ description: "The document's place in the ledger." }),
    document: z.string(),
    line: z.int(),
    sku: z.string(),
    lot: z.string().nullable(),
    quantity: z.string(),
    unit: z.string(),
    from: z.string(),
    to: z.string(),
    status: z.string().meta({ description: 'Of the goods at `from`.' }),
    toStatus: z.string().meta({ description: 'Of the goods at `to`. Another one where the move changed it.' }),
    recordedAt: z.iso.datetime(),
    effectiveAt: z.iso.datetime(),
    actor: z.object({ id: z.string(), name: z.string() }).nullable(),
    packages: z.array(z.string()).meta({
      description: `SSCCs of the packages in which it was shipped: ${String(mostSsccs)} at most. They are told a moment after it was posted.`,
    }),
  })
  .meta({ id: 'Move' })

export type QuantAnswer = z.output<typeof quantAnswer>
export type MoveAnswer = z.output<typeof moveAnswer>

function moveOf({ position, actorId, actorName, recordedAt, effectiveAt, ...rest }: MovesRow): MoveAnswer {
  return {
    ...rest,
    position: String(position),
    recordedAt: recordedAt.toISOString(),
    effectiveAt: effectiveAt.toISOString(),
    actor: actorId === null ? null : { id: actorId, name: actorName ?? actorId },
  }
}

const moveQuery = listQuery({
  sku: sku.optional(),
  lot: lotCode.optional(),
  document: documentNumber.optional().meta({ description: 'Number of a document: `WH/IN/00042`.' }),
  from: locationCode.optional().meta({ description: 'A location, with all below it.' }),
  to: locationCode.optional().meta({ description: 'A location, with all below it.' }),
  since: sinceTime.optional().meta({ description: 'Taken by the ledger then or later: a time, or a date (UTC).' }),
  until: untilTime
    .optional()
    .meta({ description: 'Taken by the ledger before then: a time, or a date, which is taken to its end (UTC).' }),
  sort: z.enum(['position', '-position']).default('position'),
})

/** What a list of moves may be narrowed by. */
export type MoveFilter = Omit<FiltersOf<typeof moveQuery>, 'sort'>

const listMoves = query({
  path: '/v1/moves',
  right: 'stockmove.read',
  summary: 'Lists moves in the order of the ledger',
  query: moveQuery,
  answers: pageOf(moveAnswer),
  run: async (db: Database, { query: { limit, cursor, sort, ...filter }, actor }) => {
    const after = decodeCursor(cursor, z.tuple([z.string().regex(/^\d{1,18}$/), z.int32()]))
    const scope = await scopeOf(db, actor)
    const moves = await findMoves(db, filter, scope, sort === 'position' ? 'forward' : 'backward', after, limit)
    return page(moves.map(moveOf), limit, (last) => encodeCursor(last.position, last.line))
  },
})

/** Routes of a company's ledger. */
export const ledgerRoutes = (company: LedgerCompany) => [listQuants(company), listMoves]
