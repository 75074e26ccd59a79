import { parseRatio } from '@stockline/amounts'
import { values } from '@stockline/contracts'
import {
  command,
  decodeCursor,
  encodeCursor,
  isRefusal,
  listQuery,
  page,
  pageOf,
  query,
  type Refusal,
} from '@stockline/service-kit'
import { z } from 'zod'
import type { Database, Tx } from '../database.ts'
import { republishProductsOf } from '../products/product.actions.ts'
import { changeUnit, createUnit, publishedReference, unknownUnit } from './unit.actions.ts'
import { findUnit, findUnits } from './unit.store.ts'
import type { Unit } from './unit.ts'

const { ratioText, unitCode } = values

const unitParams = z.object({ code: unitCode })
const unitName = z.string().trim().min(1, 'must not be empty').max(100, 'must have at most 100 characters')
const decimals = z.int('must be a whole number').min(0, 'must be 0 to 6').max(6, 'must be 0 to 6')
const reference = z.object({ unit: unitCode, ...ratioText.shape })
const referenceGiven = reference.transform(({ unit, ...text }) => ({ unit, ...parseRatio(text) }))

const unitAnswer = z
  .object({
    code: z.string(),
    name: z.string(),
    decimals: z.int().meta({ description: 'How finely it is counted.' }),
    reference: reference
      .nullable()
      .meta({ description: 'One of this unit = numerator / denominator × the reference unit.' }),
    version: z.int(),
  })
  .meta({ id: 'Unit' })

function answerOf(unit: Unit) {
  return { ...unit, reference: unit.reference === null ? null : publishedReference(unit.reference) }
}

const answered = (unit: Unit | Refusal) => (isRefusal(unit) ? unit : answerOf(unit))

const listUnits = query({
  path: '/v1/units',
  right: 'stockunit.read',
  summary: 'Lists units of measure by code',
  query: listQuery({}),
  answers: pageOf(unitAnswer),
  run: async (db: Database, { query: { limit, cursor } }) => {
    const after = decodeCursor(cursor, z.tuple([z.string()]))?.[0]
    return page((await findUnits(db, after, limit)).map(answerOf), limit, (last) => encodeCursor(last.code))
  },
})

const readUnit = query({
  path: '/v1/units/:code',
  right: 'stockunit.read',
  summary: 'Reads a unit of measure',
  params: unitParams,
  answers: unitAnswer,
  run: async (db: Database, { params }) => answered((await findUnit(db, params.code)) ?? unknownUnit),
})

const createUnitRoute = command({
  method: 'post',
  path: '/v1/units',
  right: 'stockunit.create',
  summary: 'Makes a unit of measure',
  body: z.object({ code: unitCode, name: unitName.optional(), decimals, reference: referenceGiven.optional() }),
  answers: unitAnswer,
  status: 201,
  location: (unit) => `/v1/units/${encodeURIComponent(unit.code)}`,
  run: async (tx: Tx, { body: { code, name, decimals: finely, reference: refers } }) =>
    answered(await createUnit(tx, { code, name: name ?? code, decimals: finely, reference: refers ?? null })),
})

const changeUnitRoute = command({
  method: 'patch',
  path: '/v1/units/:code',
  right: 'stockunit.write',
  summary: 'Changes a unit of measure; what is posted stays as it was counted',
  params: unitParams,
  version: 'required',
  body: z.object({
    name: unitName.optional(),
    decimals: decimals.optional(),
    reference: referenceGiven.nullable().optional(),
  }),
  answers: unitAnswer,
  run: async (tx: Tx, { params, body, version }) => {
    const changed = await changeUnit(tx, params.code, body, version)
    if (isRefusal(changed)) return changed
    // Others learn of a product's decimals with the product.
    if (changed.before.decimals !== changed.after.decimals) await republishProductsOf(tx, changed.after)
    return answerOf(changed.after)
  },
})

export const unitRoutes = [listUnits, readUnit, createUnitRoute, changeUnitRoute]
