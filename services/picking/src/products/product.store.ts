/** Local copies of products and units: rows in and out. */
import { ratio } from '@stockline/amounts'
import { sql } from '@stockline/service-kit'
import type { Reader, Tx } from '../database.ts'
import type { Catalog, Product, Unit } from './product.ts'

interface ProductRow {
  product_id: string
  sku: string
  name: string
  type: Product['type']
  unit: string
  unit_decimals: number
  units: readonly { unit: string; numerator: string; denominator: string }[]
  category: string
  tracking: Product['tracking']
  barcodes: Product['barcodes']
  receipt_tolerance: string
  active: boolean
}

interface UnitRow {
  code: string
  name: string
  decimals: number
  reference: string | null
  numerator: string | null
  denominator: string | null
}

// Numbers travel as text inside JSON, which would make floats of them.
const productJson = `json_build_object('product_id', p.product_id, 'sku', p.sku, 'name', p.name, 'type', p.type,
  'unit', p.unit, 'unit_decimals', p.unit_decimals, 'units', p.units, 'category', p.category, 'tracking', p.tracking,
  'barcodes', p.barcodes, 'receipt_tolerance', p.receipt_tolerance::text, 'active', p.active)`
const unitJson = `json_build_object('code', u.code, 'name', u.name, 'decimals', u.decimals, 'reference', u.reference,
  'numerator', u.numerator::text, 'denominator', u.denominator::text)`

/**
 * SQL for two columns, `products` and `units`, from which `readCatalog` makes a catalog. It can stand in a statement
 * that loads a document.
 *
 * @param skus expression of the skus, a text array
 * @param units expression of the units asked for besides the products' own, a text array
 */
export function catalogColumns(skus: string, units: string): string {
  return `(SELECT coalesce(json_agg(${productJson}), '[]') FROM products p WHERE p.sku = ANY (${skus})) AS products,
    (SELECT coalesce(json_agg(${unitJson}), '[]') FROM units u WHERE u.code = ANY (${units})
      OR u.code IN (SELECT p.unit FROM products p WHERE p.sku = ANY (${skus}))) AS units`
}

const catalogStatement = sql(`SELECT ${catalogColumns('$1::text[]', '$2::text[]')}`)

const barcodeStatement = sql(`
  SELECT ${productJson} AS product FROM products p
  WHERE p.active
    AND p.barcodes @> ANY (array(SELECT jsonb_build_array(jsonb_build_object('code', c)) FROM unnest($1::text[]) c))
  ORDER BY p.sku`)

const arrivalStatement = sql(`SELECT pg_advisory_xact_lock(hashtextextended($1, 11))`)
const waitOutStatement = sql(`
  SELECT count(pg_advisory_xact_lock_shared(hashtextextended(key, 11))) FROM unnest($1::text[]) AS key`)

/** Until this transaction ends, nobody who waits for the key can miss what it brings. */
export async function lockArrival(tx: Tx, key: string): Promise<void> {
  await tx.query(arrivalStatement, [key])
}

/** Waits until nobody is bringing one of these, and keeps it so until this transaction ends. */
export async function waitOutArrivals(tx: Tx, keys: readonly string[]): Promise<void> {
  await tx.query(waitOutStatement, [[...keys].sort()])
}

/** What is known of these products, of their base units, and of these units: one statement. */
export async function loadCatalog(db: Reader, skus: readonly string[], units: readonly string[]): Promise<Catalog> {
  const [row] = await db.query<CatalogRow>(catalogStatement, [[...new Set(skus)], [...new Set(units)]])
  return readCatalog(row)
}

/** A row that has the columns of `catalogColumns`. */
export interface CatalogRow {
  readonly products: readonly ProductRow[]
  readonly units: readonly UnitRow[]
}

/** The catalog out of such a row. */
export function readCatalog(row: CatalogRow | undefined): Catalog {
  return {
    products: new Map((row?.products ?? []).map((each) => [each.sku, toProduct(each)])),
    units: new Map((row?.units ?? []).map((each) => [each.code, toUnit(each)])),
  }
}

/** Active products that carry one of these barcodes. */
export async function productsByBarcode(db: Reader, codes: readonly string[]): Promise<readonly Product[]> {
  const rows = await db.query<{ product: ProductRow }>(barcodeStatement, [codes])
  return rows.map((row) => toProduct(row.product))
}

/** A product as it was told: the whole of it replaces what was known. */
export interface ProductCopy extends Omit<Product, 'units' | 'receiptTolerance' | 'barcodes'> {
  readonly units: readonly { unit: string; numerator: string; denominator: string }[]
  readonly barcodes: readonly { code: string; unit?: string }[]
  /** In percent: "2.5". */
  readonly receiptTolerance: string
}

/** Takes a product over. */
export async function saveProduct(tx: Tx, copy: ProductCopy): Promise<void> {
  const { productId, ...rest } = copy
  const data = { ...rest, units: [...copy.units], barcodes: [...copy.barcodes], changedAt: tx.now }
  await tx.prisma.product.upsert({ where: { productId }, create: { productId, ...data }, update: data })
}

/** Takes a unit over. */
export async function saveUnit(
  tx: Tx,
  copy: {
    readonly code: string
    readonly name: string
    readonly decimals: number
    readonly reference: { readonly unit: string; readonly numerator: string; readonly denominator: string } | null
  },
): Promise<void> {
  const data = {
    name: copy.name,
    decimals: copy.decimals,
    reference: copy.reference?.unit ?? null,
    numerator: copy.reference === null ? null : BigInt(copy.reference.numerator),
    denominator: copy.reference === null ? null : BigInt(copy.reference.denominator),
  }
  await tx.prisma.unit.upsert({ where: { code: copy.code }, create: { code: copy.code, ...data }, update: data })
}

function toProduct(row: ProductRow): Product {
  return {
    productId: row.product_id,
    sku: row.sku,
    name: row.name,
    type: row.type,
    unit: row.unit,
    unitDecimals: row.unit_decimals,
    units: row.units.map((each) => ({
      unit: each.unit,
      ratio: ratio(BigInt(each.numerator), BigInt(each.denominator)),
    })),
    category: row.category,
    tracking: row.tracking,
    barcodes: row.barcodes,
    // numeric(5,2) always shows its two decimals.
    receiptTolerance: BigInt(row.receipt_tolerance.replace('.', '')),
    active: row.active,
  }
}

function toUnit(row: UnitRow): Unit {
  const { reference, numerator, denominator } = row
  return {
    code: row.code,
    name: row.name,
    decimals: row.decimals,
    reference:
      reference === null || numerator === null || denominator === null
        ? null
        : { unit: reference, ratio: ratio(BigInt(numerator), BigInt(denominator)) },
  }
}
