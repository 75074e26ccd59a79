/** Local copies of products and units: rows in and out. */
import { ratio } from '@stockline/amounts'
import { epochCache, serviceLocks, sql } from '@stockline/service-kit'
import type { Reader, Tx } from '../database.ts'
import type { ReferenceData, Product, Unit } from './product.ts'

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
  weight: string | null
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
  'barcodes', p.barcodes, 'receipt_tolerance', p.receipt_tolerance::text,
  'weight', p.weight::text, 'active', p.active)`
const unitJson = `json_build_object('code', u.code, 'name', u.name, 'decimals', u.decimals, 'reference', u.reference,
  'numerator', u.numerator::text, 'denominator', u.denominator::text)`

const epochStatement = sql('SELECT stamp AS epoch FROM catalog_stamp')
const lockEpochStatement = sql('SELECT FROM catalog_stamp FOR UPDATE')
// The base units of the products belong to what is known of them, and what units are other names for.
const referenceDataStatement = sql(`
  WITH alias AS (
    SELECT a.alias, a.unit FROM unit_aliases a WHERE a.source = '' AND a.alias = ANY ($2::text[])
      AND NOT EXISTS (SELECT FROM units u WHERE u.code = a.alias))
  SELECT (SELECT coalesce(json_agg(${productJson}), '[]') FROM products p WHERE p.sku = ANY ($1::text[])) AS products,
    (SELECT coalesce(json_agg(${unitJson}), '[]') FROM units u WHERE u.code = ANY ($2::text[])
      OR u.code IN (SELECT p.unit FROM products p WHERE p.sku = ANY ($1::text[]))
      OR u.code IN (SELECT unit FROM alias)) AS units,
    (SELECT coalesce(json_agg(json_build_object('alias', alias, 'unit', unit)), '[]') FROM alias) AS aliases`)

const barcodeStatement = sql(`
  SELECT ${productJson} AS product FROM products p
  WHERE p.active
    AND p.barcodes @> ANY (array(SELECT jsonb_build_array(jsonb_build_object('code', c)) FROM unnest($1::text[]) c))
  ORDER BY p.sku`)

const unitsKnown = sql(`
  SELECT named.code FROM unnest($1::text[]) AS named (code)
  WHERE EXISTS (SELECT FROM units u WHERE u.code = named.code)
    OR EXISTS (
      SELECT FROM products p
      WHERE p.unit = named.code OR p.units @> jsonb_build_array(jsonb_build_object('unit', named.code)))`)
const arrivalStatement = sql(`SELECT pg_advisory_xact_lock(${serviceLocks.picking.arrival('$1')})`)
const waitOutStatement = sql(`
  SELECT count(pg_advisory_xact_lock_shared(${serviceLocks.picking.arrival('key')})) FROM unnest($1::text[]) AS key`)

/**
 * Until this transaction ends, nobody who waits for the key can miss what it brings. The epoch, which the change renews, is
 * locked first: taken after the key it would be a queue in which one arrival waits for another while somebody waits for its key.
 */
export async function lockArrival(tx: Tx, key: string): Promise<void> {
  await Promise.all([tx.query(lockEpochStatement), tx.query(arrivalStatement, [key])])
}

/** Waits until nobody is bringing one of these, and keeps it so until this transaction ends. */
export async function waitOutArrivals(tx: Tx, keys: readonly string[]): Promise<void> {
  await tx.query(waitOutStatement, [[...keys].sort()])
}

/** Stands for all products and units as they are now: any change of any of them makes a new one. */
export async function loadEpoch(db: Reader): Promise<string> {
  const [row] = await db.query<{ epoch: string }>(epochStatement)
  if (row === undefined) throw new Error('The epoch of products and units is gone.')
  return row.epoch
}

interface CachedReferenceData {
  readonly products: Map<string, Product>
  readonly units: Map<string, Unit>
}

const cachedReferenceData = epochCache<CachedReferenceData>({
  empty: () => ({ products: new Map(), units: new Map() }),
  sizeOf: ({ products, units }) => products.size + units.size,
  most: 100_000,
})

/** What is known of these products, of their base units, and of these units. What is not remembered is read. */
export async function loadReferenceData(
  db: Reader,
  epoch: string,
  skus: ReadonlySet<string>,
  units: ReadonlySet<string>,
): Promise<ReferenceData> {
  const known = cachedReferenceData(epoch)
  const newSkus = [...skus].filter((sku) => !known.products.has(sku))
  const newUnits = [...units].filter((unit) => !known.units.has(unit))
  if (newSkus.length + newUnits.length > 0) {
    const [row] = await db.query<ReferenceDataRow>(referenceDataStatement, [newSkus, newUnits])
    for (const unit of row?.units ?? []) known.units.set(unit.code, toUnit(unit))
    for (const { alias, unit } of row?.aliases ?? []) known.units.set(alias, aliasOf(alias, unit))
    for (const product of row?.products ?? []) known.products.set(product.sku, toProduct(product))
  }
  const products = entriesOf(known.products, skus)
  const baseUnits = [...products.values()].map((product) => product.unit)
  const meant = [...units].flatMap((unit) => known.units.get(unit)?.aliasOf ?? [])
  return { products, units: entriesOf(known.units, new Set([...units, ...baseUnits, ...meant])) }
}

/** As coarse or as fine as what it stands for. */
function aliasOf(alias: string, unit: string): Unit {
  return { code: alias, name: alias, decimals: 6, reference: null, aliasOf: unit }
}

interface ReferenceDataRow {
  readonly products: readonly ProductRow[]
  readonly units: readonly UnitRow[]
  readonly aliases: readonly { readonly alias: string; readonly unit: string }[]
}

function entriesOf<Value>(all: ReadonlyMap<string, Value>, keys: ReadonlySet<string>): ReadonlyMap<string, Value> {
  const found = new Map<string, Value>()
  for (const key of keys) {
    const value = all.get(key)
    if (value !== undefined) found.set(key, value)
  }
  return found
}

/** Those of the units that are kept, or are a product's base unit or a unit of a product alone. */
export async function findUnits(db: Reader, codes: readonly string[]): Promise<readonly string[]> {
  return (await db.query<{ code: string }>(unitsKnown, [codes])).map(({ code }) => code)
}

/** Active products that carry one of these barcodes. */
export async function productsByBarcode(db: Reader, codes: readonly string[]): Promise<readonly Product[]> {
  const rows = await db.query<{ product: ProductRow }>(barcodeStatement, [codes])
  return rows.map((row) => toProduct(row.product))
}

/** A product as it was told: the whole of it replaces what was known. */
export interface ProductCopy extends Omit<Product, 'units' | 'receiptTolerance' | 'barcodes' | 'weight'> {
  readonly units: readonly { unit: string; numerator: string; denominator: string }[]
  readonly barcodes: readonly { code: string; unit?: string }[]
  /** In percent: "2.5". */
  readonly receiptTolerance: string
  /** Of one base unit, in kilograms; null where it is not known. */
  readonly weight: string | null
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
    // numeric(18,9) always shows its nine decimals.
    weight: row.weight === null ? null : BigInt(row.weight.replace('.', '')),
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
