import { formatUnitPrice, parseUnitPrice } from '@stockline/amounts'
import { abcClass, productType, tracking } from '@stockline/contracts'
import { sameBarcodes } from '@stockline/scans'
import { serviceLocks, sql } from '@stockline/service-kit'
import type { Database, Tx } from '../database.ts'
import type { Prisma } from '../generated/client.ts'
import type { ProductFilter } from './product.api.ts'
import type { Product, ProductUse } from './product.ts'

/** A product with how finely its base unit is counted. */
export interface ProductWithDecimals extends Product {
  readonly unitDecimals: number
}

const lockOne = sql('select id from products where id = $1 for update')
const lockSku = sql(`select pg_advisory_xact_lock(${serviceLocks.stock.sku('$1')})`)
// The same as locations take for their barcodes: a code belongs to one of them all.
const lockCodes = sql(`select pg_advisory_xact_lock(${serviceLocks.stock.barcodes})`)
const lockOfUnit = sql('select id from products where unit = $1 order by id for update')
const lockLedger = sql('select company from ledger_head for update')
const selectUse = sql(`
  select exists (select from moves where product_id = $1) as moved,
    (select coalesce(json_agg(number order by number), '[]') from
      (select distinct n.number from need_lines l join needs n using (document_id)
       where l.product_id = $1 and n.status = 'open') needed) as "neededBy"`)

const whole = {
  units: { orderBy: { unit: 'asc' } },
  barcodes: { orderBy: { code: 'asc' } },
  baseUnit: { select: { decimals: true } },
} satisfies Prisma.ProductInclude
type ProductRow = Prisma.ProductGetPayload<{ include: typeof whole }>

/**
 * Locks the catalog: until the transaction ends, no other one makes or changes a product or takes a barcode. Every writer of products
 * takes it before any of their rows, since a batch writes many and the orders would differ. A batch that mixes documents and products
 * holds the ledger's head before and may meet a writer that needs both in a deadlock: it is run again.
 */
export async function lockCatalog(tx: Tx): Promise<void> {
  await tx.query(lockCodes)
}

/** The product, its row locked. */
export async function lockProduct(tx: Tx, id: string): Promise<ProductWithDecimals | null> {
  await tx.query(lockOne, [id])
  return findProduct(tx, id)
}

/** The product of a sku, locked. Where there is none yet, no other transaction can make it meanwhile. */
export async function lockProductBySku(tx: Tx, sku: string): Promise<ProductWithDecimals | null> {
  await tx.query(lockSku, [`stock.product:${sku}`])
  const found = await tx.prisma.product.findUnique({ where: { sku }, select: { id: true } })
  return found === null ? null : lockProduct(tx, found.id)
}

/** All products of a unit, locked. */
export async function lockProductsOfUnit(tx: Tx, unit: string): Promise<ProductWithDecimals[]> {
  await lockCatalog(tx)
  await tx.query(lockOfUnit, [unit])
  const rows = await tx.prisma.product.findMany({ where: { unit }, include: whole, orderBy: { id: 'asc' } })
  return rows.map(productOf)
}

/** So many deliveries are named. */
const mostNamed = 10

/** What the product is used for. Locks the ledger until the transaction ends, so that the answer stays true. */
export async function useForSure(tx: Tx, id: string): Promise<ProductUse> {
  await tx.query(lockLedger)
  const [row] = await tx.query<{ moved: boolean; neededBy: readonly string[] }>(selectUse, [id])
  const { moved: hasMoved, neededBy } = row ?? { moved: false, neededBy: [] }
  return { hasMoved, neededBy: neededBy.slice(0, mostNamed), deliveries: neededBy.length }
}

export async function findProduct(db: Database | Tx, id: string): Promise<ProductWithDecimals | null> {
  const row = await db.prisma.product.findUnique({ where: { id }, include: whole })
  return row === null ? null : productOf(row)
}

/** Prisma hands a text to LIKE as it is, where `_` and `%` stand for other characters and `\` takes that away. */
function literal(text: string): string {
  return text.replaceAll(/[\\%_]/g, '\\$&')
}

/** By sku; one more than the limit. */
export async function findProducts(
  db: Database,
  filter: ProductFilter,
  after: string | undefined,
  limit: number,
): Promise<ProductWithDecimals[]> {
  const { sku, barcode, search, ...equal } = filter
  const rows = await db.prisma.product.findMany({
    where: {
      AND: [
        Object.fromEntries(Object.entries(equal).filter(([, value]) => value !== undefined)),
        sku === undefined ? {} : { sku },
        barcode === undefined ? {} : { barcodes: { some: { code: { in: [...sameBarcodes(barcode)] } } } },
        after === undefined ? {} : { sku: { gt: after } },
        search === undefined
          ? {}
          : {
              OR: [
                { sku: { contains: literal(search), mode: 'insensitive' } },
                { name: { contains: literal(search), mode: 'insensitive' } },
              ],
            },
      ],
    },
    include: whole,
    orderBy: { sku: 'asc' },
    take: limit + 1,
  })
  return rows.map(productOf)
}

/**
 * Which of these barcodes belong to other products, and to which sku: a GTIN is the same however many zeros are written before it.
 * Under {@link lockCatalog} it stays so.
 */
export async function findTakenBarcodes(
  tx: Tx,
  codes: readonly string[],
  id: string | null,
): Promise<ReadonlyMap<string, string>> {
  if (codes.length === 0) return new Map()
  const rows = await tx.prisma.productBarcode.findMany({
    where: { code: { in: codes.flatMap(sameBarcodes) }, ...(id === null ? {} : { productId: { not: id } }) },
    select: { code: true, product: { select: { sku: true } } },
  })
  const owners = new Map(rows.map((row) => [row.code, row.product.sku]))
  return new Map(
    codes.flatMap((code) => {
      const owner = sameBarcodes(code)
        .map((same) => owners.get(same))
        .find((sku) => sku !== undefined)
      return owner === undefined ? [] : [[code, owner] as const]
    }),
  )
}

/** False when the sku is taken. */
export async function insertProduct(tx: Tx, product: Product): Promise<boolean> {
  const { count } = await tx.prisma.product.createMany({
    data: { ...rowOf(tx, product), id: product.id, sku: product.sku, createdAt: tx.now },
    skipDuplicates: true,
  })
  if (count === 1) await insertParts(tx, product)
  return count === 1
}

export async function updateProduct(tx: Tx, product: Product): Promise<void> {
  const where = { productId: product.id }
  await tx.prisma.product.updateMany({ where: { id: product.id }, data: rowOf(tx, product) })
  await tx.prisma.productUnit.deleteMany({ where })
  await tx.prisma.productBarcode.deleteMany({ where })
  await insertParts(tx, product)
}

async function insertParts(tx: Tx, { id: productId, units, barcodes }: Product): Promise<void> {
  if (units.length > 0) await tx.prisma.productUnit.createMany({ data: units.map((unit) => ({ productId, ...unit })) })
  if (barcodes.length > 0)
    await tx.prisma.productBarcode.createMany({ data: barcodes.map((barcode) => ({ productId, ...barcode })) })
}

function rowOf(tx: Tx, product: Product) {
  const { name, type, unit, category, tracking: told, standardCost, abcClass: abc, receiptTolerance } = product
  const { active, catalogRevision, catalogContent, version, weight, volume } = product
  return {
    name,
    type,
    unit,
    category,
    tracking: told,
    standardCost,
    abcClass: abc,
    weight,
    volume,
    receiptTolerance,
    active,
    catalogRevision,
    catalogContent,
    version,
    changedAt: tx.now,
  }
}

function productOf(row: ProductRow): ProductWithDecimals {
  const { id, sku, name, unit, category, active, catalogRevision, catalogContent, version, baseUnit } = row
  return {
    id,
    sku,
    name,
    type: productType.parse(row.type),
    unit,
    unitDecimals: baseUnit.decimals,
    category,
    tracking: tracking.parse(row.tracking),
    // Never through a number or Decimal's own text: "1e-7" is not a price.
    standardCost: row.standardCost === null ? null : formatUnitPrice(parseUnitPrice(row.standardCost.toFixed(10))),
    abcClass: row.abcClass === null ? null : abcClass.parse(row.abcClass),
    weight: row.weight === null ? null : row.weight.toFixed(9).replace(/\.?0+$/, ''),
    volume: row.volume === null ? null : row.volume.toFixed(9).replace(/\.?0+$/, ''),
    receiptTolerance: row.receiptTolerance.toFixed(2).replace(/\.?0+$/, ''),
    active,
    units: row.units.map(({ unit: code, numerator, denominator }) => ({ unit: code, numerator, denominator })),
    barcodes: row.barcodes.map(({ code, unit: counts }) => ({ code, unit: counts })),
    catalogRevision,
    catalogContent,
    version,
  }
}
