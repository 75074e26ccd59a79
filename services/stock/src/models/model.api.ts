/** The models of the source document that stock owns, read only, with the columns of its tables. */
import { modelOwners, mayDo, stockStatus, values } from '@stockline/contracts'
import {
  decodeCursor,
  encodeCursor,
  foundElsewhere,
  listQuery,
  page,
  pageOf,
  query,
  timeOfDay,
  type Route,
} from '@stockline/service-kit'
import { companyDate } from '@stockline/amounts'
import { z } from 'zod'
import { isBlindTo } from '../adjustments/adjustment.view.ts'
import { scopeOf } from '../assignments/assignment.actions.ts'
import type { Database, PrismaClient } from '../database.ts'
import type { LedgerCompany } from '../ledger/ledger.actions.ts'
import { findMoves, findQuants } from '../ledger/ledger.read.actions.ts'
import { none } from '../ledger/quant.ts'
import { findLocations } from '../locations/location.actions.ts'
import { findAdjustmentLines } from './model.store.ts'

const { documentNumber, locationCode, lotCode, sku } = values
const withBelow = locationCode.optional().meta({ description: 'With all below it.' })
const positionText = z.string().regex(/^\d{1,18}$/)

const moves = query({
  path: '/v1/models/stockmove',
  right: 'stockmove.read',
  summary: 'Reads the model stockmove: quantities that moved between locations, line by line',
  query: listQuery({
    number: documentNumber.optional(),
    product: sku.optional(),
    lot: lotCode.optional(),
    from: withBelow,
    to: withBelow,
  }),
  answers: pageOf(
    z
      .object({
        number: z.string().meta({ description: 'Of the document.' }),
        product: z.string(),
        quantity: z.string(),
        uom: z.string(),
        from: z.string(),
        to: z.string(),
        lot: z.string().nullable(),
        date: z.iso.datetime().meta({ description: 'When it happened.' }),
      })
      .meta({ id: 'StockMoveModel' }),
  ),
  run: async (db: Database, { query: { limit, cursor, number, product, ...filter }, actor }) => {
    const after = decodeCursor(cursor, z.tuple([positionText, z.int32()]))
    const asked = { ...filter, document: number, sku: product, since: undefined, until: undefined }
    const rows = await findMoves(db, asked, await scopeOf(db, actor), 'forward', after, limit)
    const { items, nextCursor } = page(rows, limit, (last) => encodeCursor(last.position, last.line))
    return {
      items: items.map(({ document, quantity, unit, from, to, lot, effectiveAt, sku: product }) => {
        return { number: document, product, quantity, uom: unit, from, to, lot, date: effectiveAt.toISOString() }
      }),
      nextCursor,
    }
  },
})

const quants = ({ timeZone }: LedgerCompany) =>
  query({
    path: '/v1/models/stockquant',
    right: 'stockquant.read',
    summary: 'Reads the model stockquant: on-hand balances by product, location and lot',
    query: listQuery({ product: sku.optional(), location: withBelow, lot: lotCode.optional() }),
    answers: pageOf(
      z
        .object({
          product: z.string(),
          location: z.string(),
          lot: z.string().nullable(),
          status: stockStatus,
          quantity: z.string().meta({ description: 'On hand.' }),
          reserved: z.string(),
          available: z.string(),
          uom: z.string(),
        })
        .meta({ id: 'StockQuantModel' }),
    ),
    run: async (db: Database, { query: { limit, cursor, product, location, lot }, actor }) => {
      const after = decodeCursor(cursor, z.tuple([z.string(), z.string(), z.string(), z.string(), z.uuid()]))
      const now = { asOf: undefined, recordedAsOf: undefined, atPosition: undefined }
      const today = companyDate(timeZone, new Date(timeOfDay()))
      const scope = await scopeOf(db, actor)
      const rows = await findQuants(db, today, { sku: product, location, lot }, now, scope, after, limit)
      const { items, nextCursor } = page(rows, limit, (last) =>
        encodeCursor(last.sku, last.location, last.lot ?? '', last.status, last.package ?? none),
      )
      return {
        items: items.map(({ sku: code, location: at, lot: of, status, onHand, reserved, available, unit }) => ({
          ...{ product: code, location: at, lot: of, status: stockStatus.parse(status), quantity: onHand, uom: unit },
          ...{ reserved: reserved ?? '0', available: available ?? '0' },
        })),
        nextCursor,
      }
    },
  })

const locations = query({
  path: '/v1/models/stocklocation',
  right: 'stocklocation.read',
  summary: 'Reads the model stocklocation: warehouses’ locations',
  query: listQuery({ location: withBelow, warehouse: values.warehouseCode.optional() }),
  answers: pageOf(
    z
      .object({
        location: z.string().meta({ description: 'The whole path.' }),
        warehouse: z.string().nullable(),
        type: z.string(),
        active: z.boolean(),
      })
      .meta({ id: 'StockLocationModel' }),
  ),
  run: async (db: Database, { query: { limit, cursor, location, warehouse } }) => {
    const after = decodeCursor(cursor, z.tuple([z.string()]))?.[0]
    const rows = await findLocations(db, { under: location, warehouse }, after, limit)
    const { items, nextCursor } = page(rows, limit, (last) => encodeCursor(last.code))
    return {
      items: items.map(({ code, warehouse: of, type, active }) => ({ location: code, warehouse: of, type, active })),
      nextCursor,
    }
  },
})

const adjustments = query({
  path: '/v1/models/stockadjustment',
  right: 'stockadjustment.read',
  summary: 'Reads the model stockadjustment: what was counted, beside what was expected, line by line',
  description: 'The newest first. What is expected, and the difference, are null to whoever counts blind.',
  query: listQuery({
    number: documentNumber.optional(),
    product: sku.optional(),
    location: withBelow,
    lot: lotCode.optional(),
    status: z.enum(['draft', 'submitted', 'posted', 'rejected']).optional(),
  }),
  answers: pageOf(
    z
      .object({
        number: z.string(),
        location: z.string(),
        product: z.string(),
        lot: z.string().nullable(),
        expected: z.string().nullable(),
        counted: z.string(),
        difference: z.string().nullable(),
        uom: z.string(),
        status: z.enum(['draft', 'submitted', 'posted', 'rejected']),
      })
      .meta({ id: 'StockAdjustmentModel' }),
  ),
  run: async (db: Database, { query: { limit, cursor, ...filter }, actor }) => {
    const after = decodeCursor(cursor, z.tuple([z.string().regex(/^[\d -.:+T]{1,40}$/), z.uuid(), z.int32()]))
    const rows = await findAdjustmentLines(db, filter, await scopeOf(db, actor), after, limit)
    const { items, nextCursor } = page(rows, limit, (last) => encodeCursor(last.sortedBy, last.id, last.line))
    return {
      items: items.map(({ number, location, product, lot, expected, counted, difference, uom, ...row }) => {
        const hidden = isBlindTo(row, actor, mayDo(actor, 'adjustment.approve')) ? null : undefined
        const seen = hidden === null ? { expected: null, difference: null } : { expected, difference }
        return { number, location, product, lot, counted, uom, status: row.status, ...seen }
      }),
      nextCursor,
    }
  },
})

/** The source document's own models. */
export const stockModelRoutes = (company: LedgerCompany): readonly Route<PrismaClient>[] => [
  moves,
  quants(company),
  locations,
  adjustments,
  foundElsewhere('/v1/models/:name', { what: 'model', owners: modelOwners }),
]
