import { barcode, locationType, mayDo, values } from '@stockline/contracts'
import {
  command,
  decodeCursor,
  encodeCursor,
  listQuery,
  page,
  pageOf,
  query,
  refuse,
  type Actor,
  type FiltersOf,
  type Refusal,
} from '@stockline/service-kit'
import { z } from 'zod'
import type { Database, Tx } from '../database.ts'
import type { LedgerCompany } from '../ledger/ledger.actions.ts'
import {
  changeLocation,
  changeWarehouse,
  createLocation,
  createWarehouse,
  unknownLocation,
  unknownWarehouse,
} from './location.actions.ts'
import { findLocation, findLocations, findWarehouse, findWarehouses } from './location.store.ts'

const { locationCode, warehouseCode } = values

const warehouseName = z.string().trim().min(1, 'must not be empty').max(100, 'must have at most 100 characters')
const pickSequence = z.int('must be a whole number').min(-1_000_000_000).max(1_000_000_000)
const warehouseParams = z.object({ code: warehouseCode })

/** A warehouse as it is answered. */
export const warehouseAnswer = z
  .object({
    code: z.string(),
    name: z.string(),
    defaultReceiptLocation: z.string().nullable(),
    active: z.boolean(),
    version: z.int(),
  })
  .meta({ id: 'Warehouse' })

const listWarehouses = query({
  path: '/v1/warehouses',
  right: 'stocklocation.read',
  summary: 'Lists warehouses by code',
  query: listQuery({}),
  answers: pageOf(warehouseAnswer),
  run: async (db: Database, { query: { limit, cursor } }) => {
    const after = decodeCursor(cursor, z.tuple([z.string()]))?.[0]
    return page(await findWarehouses(db, after, limit), limit, (last) => encodeCursor(last.code))
  },
})

const readWarehouse = query({
  path: '/v1/warehouses/:code',
  right: 'stocklocation.read',
  summary: 'Reads a warehouse',
  params: warehouseParams,
  answers: warehouseAnswer,
  run: async (db: Database, { params }) => (await findWarehouse(db, params.code)) ?? unknownWarehouse,
})

const createWarehouseRoute = command({
  method: 'post',
  path: '/v1/warehouses',
  right: 'stocklocation.create',
  summary: 'Makes a warehouse; make the default receipt location that it names next',
  body: z.object({
    code: warehouseCode,
    name: warehouseName.optional(),
    defaultReceiptLocation: locationCode.nullable().default(null),
  }),
  answers: warehouseAnswer,
  status: 201,
  location: (warehouse) => `/v1/warehouses/${warehouse.code}`,
  run: (tx: Tx, { body }) => createWarehouse(tx, { ...body, name: body.name ?? body.code }),
})

const changeWarehouseRoute = command({
  method: 'patch',
  path: '/v1/warehouses/:code',
  right: 'stocklocation.write',
  summary: 'Changes a warehouse',
  params: warehouseParams,
  version: 'required',
  body: z.object({
    name: warehouseName.optional(),
    defaultReceiptLocation: locationCode.nullable().optional(),
    active: z.boolean().optional(),
  }),
  answers: warehouseAnswer,
  run: (tx: Tx, { params, body, version }) => changeWarehouse(tx, params.code, body, version),
})

/** A location as it is answered. */
export const locationAnswer = z
  .object({
    id: z.uuid(),
    code: z.string().meta({ description: 'The whole path.' }),
    type: locationType,
    warehouse: z.string().nullable().meta({ description: 'Null for virtual ones.' }),
    reservable: z.boolean().meta({ description: 'May deliveries reserve from it?' }),
    allowNegative: z.boolean(),
    pickSequence: z.int().meta({ description: 'Pickers go from low to high.' }),
    barcode: z.string().nullable(),
    active: z.boolean(),
    version: z.int(),
  })
  .meta({ id: 'Location' })

const flag = z.enum(['true', 'false']).transform((text) => text === 'true')

const locationQuery = listQuery({
  code: locationCode.optional(),
  under: locationCode.optional().meta({ description: 'This location or warehouse, and all below it.' }),
  barcode: barcode.optional(),
  warehouse: warehouseCode.optional(),
  type: locationType.optional(),
  active: flag.optional(),
  reservable: flag.optional(),
})

/** What a list of locations may be narrowed by. */
export type LocationFilter = FiltersOf<typeof locationQuery>

const listLocations = query({
  path: '/v1/locations',
  right: 'stocklocation.read',
  summary: 'Lists locations by code',
  query: locationQuery,
  answers: pageOf(locationAnswer),
  run: async (db: Database, { query: { limit, cursor, ...filter } }) => {
    const after = decodeCursor(cursor, z.tuple([z.string()]))?.[0]
    return page(await findLocations(db, filter, after, limit), limit, (last) => encodeCursor(last.code))
  },
})

const readLocation = query({
  path: '/v1/locations/:id',
  right: 'stocklocation.read',
  summary: 'Reads a location',
  answers: locationAnswer,
  run: async (db: Database, { params }) => (await findLocation(db, { id: params.id })) ?? unknownLocation,
})

const createLocationRoute = command({
  method: 'post',
  path: '/v1/locations',
  right: 'stocklocation.create',
  summary: 'Makes a location; what is above it must exist',
  body: z.object({
    code: locationCode,
    type: locationType.default('internal'),
    reservable: z.boolean().optional(),
    allowNegative: z.boolean().default(false),
    pickSequence: pickSequence.default(0),
    barcode: barcode.nullable().default(null),
  }),
  answers: locationAnswer,
  status: 201,
  location: (location) => `/v1/locations/${location.id}`,
  run: async (tx: Tx, { body, actor }) =>
    negativeRefusal(body.allowNegative, actor) ??
    createLocation(tx, { ...body, reservable: body.reservable ?? body.type === 'internal' }),
})

const changeLocationRoute = (company: LedgerCompany) =>
  command({
    method: 'patch',
    path: '/v1/locations/:id',
    right: 'stocklocation.write',
    summary: 'Changes a location, or closes it when nothing is there',
    version: 'required',
    body: z.object({
      reservable: z.boolean().optional(),
      allowNegative: z.boolean().optional(),
      pickSequence: pickSequence.optional(),
      barcode: barcode.nullable().optional(),
      active: z.boolean().optional(),
    }),
    answers: locationAnswer,
    run: async (tx: Tx, { params, body, version, actor }) =>
      negativeRefusal(body.allowNegative, actor) ?? changeLocation(tx, company, params.id, body, version),
  })

function negativeRefusal(allowNegative: boolean | undefined, actor: Actor): Refusal | undefined {
  return allowNegative === true && !mayDo(actor, 'negative-stock.allow')
    ? refuse('negative-stock-not-yours', 'forbidden', 'Only a manager may allow negative stock.')
    : undefined
}

/** Warehouses and locations. */
export const locationRoutes = (company: LedgerCompany) => [
  listWarehouses,
  readWarehouse,
  createWarehouseRoute,
  changeWarehouseRoute,
  listLocations,
  readLocation,
  createLocationRoute,
  changeLocationRoute(company),
]
