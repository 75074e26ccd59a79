import { formatRatio, parseRatio } from '@stockline/amounts'
import { abcClass, barcode, mayDo, productType, tracking, values } from '@stockline/contracts'
import {
  command,
  decodeCursor,
  encodeCursor,
  isRefusal,
  listQuery,
  page,
  pageOf,
  query,
  type Actor,
  type FiltersOf,
  type Refusal,
} from '@stockline/service-kit'
import { z } from 'zod'
import type { Database, Tx } from '../database.ts'
import { changeProduct, createProduct, unknownProduct } from './product.actions.ts'
import { findProduct, findProducts, type ProductWithDecimals } from './product.store.ts'

const { categoryName, measure, percent, ratioText, sku, unitAmount, unitCode } = values

const productName = z.string().trim().min(1, 'must not be empty').max(200, 'must have at most 200 characters')
const barcodes = z
  .array(
    z.union([
      barcode.transform((code) => ({ code, unit: null })),
      z.object({ code: barcode, unit: unitCode.nullable().default(null) }),
    ]),
  )
  .max(50, 'must have at most 50 barcodes')
const productUnits = z
  .array(
    z.object({ unit: unitCode, ...ratioText.shape }).transform(({ unit, ...text }) => ({ unit, ...parseRatio(text) })),
  )
  .max(50, 'must have at most 50 units')

const productAnswer = z
  .object({
    id: z.uuid(),
    sku: z.string(),
    name: z.string(),
    type: productType,
    unit: z.string().meta({ description: 'The base unit: on-hand is kept in it.' }),
    unitDecimals: z.int(),
    units: z
      .array(z.object({ unit: z.string(), ...ratioText.shape }))
      .meta({ description: 'Units of this product alone.' }),
    category: z.string(),
    tracking,
    barcodes: z.array(z.object({ code: z.string(), unit: z.string().nullable() })),
    standardCost: z.string().nullable().optional().meta({ description: 'Only for those who may see costs.' }),
    abcClass: abcClass.nullable(),
    weight: z.string().nullable().meta({ description: 'Of one base unit, in kilograms.' }),
    volume: z.string().nullable().meta({ description: 'Of one base unit, in cubic metres.' }),
    receiptTolerance: z.string().meta({ description: 'Percent of difference that needs no review.' }),
    active: z.boolean(),
    version: z.int(),
  })
  .meta({ id: 'Product' })

/** Costs are not shown to everyone. */
function answerOf(product: ProductWithDecimals, actor: Actor): z.output<typeof productAnswer> {
  const { standardCost, catalogRevision: _revision, catalogContent: _content, units, ...rest } = product
  return {
    ...rest,
    barcodes: product.barcodes.map(({ code, unit }) => ({ code, unit })),
    units: units.map(({ unit, ...ratio }) => ({ unit, ...formatRatio(ratio) })),
    ...(mayDo(actor, 'cost.read') ? { standardCost } : {}),
  }
}

const answered = (product: ProductWithDecimals | Refusal, actor: Actor) =>
  isRefusal(product) ? product : answerOf(product, actor)

const productQuery = listQuery({
  sku: sku.optional(),
  barcode: barcode.optional(),
  category: categoryName.optional(),
  type: productType.optional(),
  tracking: tracking.optional(),
  active: z
    .enum(['true', 'false'])
    .transform((text) => text === 'true')
    .optional(),
  search: z.string().min(1).max(255).optional().meta({ description: 'Part of sku or name.' }),
})

/** What a list of products may be narrowed by. */
export type ProductFilter = FiltersOf<typeof productQuery>

const listProducts = query({
  path: '/v1/products',
  right: 'stockproduct.read',
  summary: 'Lists products by sku',
  query: productQuery,
  answers: pageOf(productAnswer),
  run: async (db: Database, { query: { limit, cursor, ...filter }, actor }) => {
    const after = decodeCursor(cursor, z.tuple([z.string()]))?.[0]
    const products = await findProducts(db, filter, after, limit)
    return page(
      products.map((product) => answerOf(product, actor)),
      limit,
      (last) => encodeCursor(last.sku),
    )
  },
})

const readProduct = query({
  path: '/v1/products/:id',
  right: 'stockproduct.read',
  summary: 'Reads a product',
  answers: productAnswer,
  run: async (db: Database, { params, actor }) => answered((await findProduct(db, params.id)) ?? unknownProduct, actor),
})

const createProductRoute = command({
  method: 'post',
  path: '/v1/products',
  right: 'stockproduct.create',
  summary: 'Makes a product',
  body: z.object({
    sku,
    name: productName,
    type: productType.default('stockable'),
    unit: unitCode,
    units: productUnits.default([]),
    category: categoryName,
    tracking: tracking.default('none'),
    barcodes: barcodes.default([]),
    standardCost: unitAmount.nullable().default(null),
    abcClass: abcClass.nullable().default(null),
    weight: measure.nullable().default(null),
    volume: measure.nullable().default(null),
    receiptTolerance: percent.default('0'),
    active: z.boolean().default(true),
  }),
  answers: productAnswer,
  status: 201,
  location: (product) => `/v1/products/${product.id}`,
  run: async (tx: Tx, { body: { sku: code, ...content }, actor }) =>
    answered(await createProduct(tx, code, content), actor),
})

const changeProductRoute = command({
  method: 'patch',
  path: '/v1/products/:id',
  right: 'stockproduct.write',
  summary: 'Changes a product; its unit, tracking and type are fixed once it has moved',
  version: 'required',
  body: z.object({
    name: productName.optional(),
    type: productType.optional(),
    unit: unitCode.optional(),
    units: productUnits.optional(),
    category: categoryName.optional(),
    tracking: tracking.optional(),
    barcodes: barcodes.optional(),
    standardCost: unitAmount.nullable().optional(),
    abcClass: abcClass.nullable().optional(),
    weight: measure.nullable().optional(),
    volume: measure.nullable().optional(),
    receiptTolerance: percent.optional(),
    active: z.boolean().optional(),
  }),
  answers: productAnswer,
  run: async (tx: Tx, { params, body, version, actor }) =>
    answered(await changeProduct(tx, params.id, body, version), actor),
})

export const productRoutes = [listProducts, readProduct, createProductRoute, changeProductRoute]
