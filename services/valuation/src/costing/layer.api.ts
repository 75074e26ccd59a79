import { formatQuantity, formatUnitPrice, storedMoney, storedQuantity, unitCostOf } from '@stockline/amounts'
import { values } from '@stockline/contracts'
import { decodeCursor, encodeCursor, listQuery, page, pageOf, query } from '@stockline/service-kit'
import { z } from 'zod'
import type { Database } from '../database.ts'
import { shown, type Company } from '../journal/entry.ts'
import {
  beginning,
  currentTotal,
  currentValues,
  findLayers,
  totalAt,
  valuesAt,
  type Moment,
  type ShownLayer,
  type ShownValue,
} from './layer.store.ts'

const layerAnswer = z
  .object({
    sku: z.string(),
    quantity: z.string(),
    remainingQuantity: z.string(),
    value: z.string(),
    remainingValue: z.string(),
    unitCost: z.string().nullable().meta({ description: 'For showing, up to ten decimals.' }),
    move: z.string().nullable().meta({ description: 'The move that brought it; null for a pool.' }),
  })
  .meta({ id: 'CostLayer' })

const layersRoute = (company: Company) =>
  query({
    path: '/v1/layers',
    right: 'costlayer.read',
    summary: 'Lists cost layers, oldest first; average and standard show one: the pool',
    query: listQuery({
      sku: z.string().max(255).optional(),
      open: z.enum(['true', 'false']).optional().meta({ description: 'true leaves out what is used up.' }),
    }),
    answers: pageOf(layerAnswer),
    run: async (db: Database, { query: { limit, cursor, sku, open } }) => {
      const place = z.tuple([z.string(), z.string().regex(/^(-1|\d{1,20}(\.\d{1,6})?)$/)])
      const after = decodeCursor(cursor, place) ?? beginning
      const rows = await findLayers(db, { sku, open: open === 'true' }, after, limit + 1)
      const { items, nextCursor } = page(rows, limit, (last) => encodeCursor(last.sku, last.beginsAt))
      return { items: items.map((row) => layer(row, company)), nextCursor }
    },
  })

function layer(row: ShownLayer, company: Company) {
  return {
    ...valueOf(row, company),
    remainingQuantity: formatQuantity(storedQuantity(row.remainingQuantity)),
    remainingValue: shown(storedMoney(row.remainingValue, company.minorDigits), company),
    move: row.move,
  }
}

const valueAnswer = z
  .object({
    currency: z.string(),
    total: z.string(),
    position: z.string().nullable().meta({ description: 'The position of the ledger up to which this is known.' }),
    items: z.array(
      z.object({ sku: z.string(), quantity: z.string(), value: z.string(), unitCost: z.string().nullable() }),
    ),
    nextCursor: z.string().nullable(),
  })
  .meta({ id: 'InventoryValue' })

const valueRoute = (company: Company) =>
  query({
    path: '/v1/inventory-value',
    right: 'costlayer.read',
    summary: 'Tells what the inventory is worth, now or then, in all and by product',
    query: listQuery({
      asOf: values.dateOrTime.optional().meta({
        description: 'By when it happened: a time, or a date of entries, which is taken to its end.',
      }),
      atPosition: z
        .string()
        .regex(/^\d{1,18}$/, 'must be a position of the ledger')
        .optional(),
    }),
    answers: valueAnswer,
    run: async (db: Database, { query: { limit, cursor, asOf, atPosition } }) => {
      const after = decodeCursor(cursor, z.tuple([z.string()]))?.[0] ?? ''
      const moment = momentOf(asOf, atPosition)
      const known = await currentTotal(db)
      const total = moment === undefined ? known.total : await totalAt(db, moment)
      const rows = await (moment === undefined
        ? currentValues(db, after, limit + 1)
        : valuesAt(db, moment, after, limit + 1))
      const { items, nextCursor } = page(rows, limit, (last) => encodeCursor(last.sku))
      return {
        currency: company.currency,
        total: shown(storedMoney(total, company.minorDigits), company),
        position: atPosition ?? known.position.toString(),
        items: items.map((row) => valueOf(row, company)),
        nextCursor,
      }
    },
  })

function momentOf(asOf: string | undefined, atPosition: string | undefined): Moment | undefined {
  if (asOf === undefined && atPosition === undefined) return undefined
  const isDate = asOf !== undefined && values.isDay(asOf)
  return {
    instant: asOf === undefined || isDate ? null : new Date(asOf),
    date: isDate ? asOf : null,
    position: atPosition === undefined ? null : BigInt(atPosition),
  }
}

function valueOf(row: ShownValue, company: Company) {
  const value = storedMoney(row.value, company.minorDigits)
  const unitCost = unitCostOf(value, storedQuantity(row.quantity), company.minorDigits)
  return {
    sku: row.sku,
    quantity: formatQuantity(storedQuantity(row.quantity)),
    value: shown(value, company),
    unitCost: unitCost === null ? null : formatUnitPrice(unitCost),
  }
}

/** Routes of layers and values. */
export const layerRoutes = (company: Company) => [layersRoute(company), valueRoute(company)]
