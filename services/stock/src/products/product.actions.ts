import { createHash } from 'node:crypto'
import { formatRatio, formatUnitPrice, parseUnitPrice, ratio } from '@stockline/amounts'
import { stockProductChanged, type catalogProductUpserted } from '@stockline/contracts'
import { sameBarcodes } from '@stockline/scans'
import {
  event,
  isRefusal,
  publish,
  refuse,
  versionRefusal,
  waitFor,
  waitForAny,
  wake,
  type Refusal,
  type Wait,
} from '@stockline/service-kit'
import { v7 as uuid } from 'uuid'
import type { z } from 'zod'
import type { Tx } from '../database.ts'
import { unitByCode, unitKey, unitMeant } from '../units/unit.actions.ts'
import type { Unit } from '../units/unit.ts'
import {
  findTakenBarcodes,
  insertProduct,
  lockCatalog,
  lockProduct,
  lockProductBySku,
  lockProductsOfUnit,
  updateProduct,
  useForSure,
  type ProductWithDecimals,
} from './product.store.ts'
import {
  contentRefusal,
  judgeRevision,
  keptAsCounted,
  mergedContent,
  takenInPart,
  touchesUse,
  useRefusal,
  type Product,
  type ProductContent,
} from './product.ts'

type IncomingProduct = z.output<typeof catalogProductUpserted.data>

/** Nobody knows a product of that id. */
export const unknownProduct = refuse('product-unknown', 'unknown', 'There is no such product.')

/** What waits for a product waits under this key. */
function productKey(sku: string): string {
  return `product:${sku}`
}

function barcodeKey(code: string): string {
  return `barcode:${code}`
}

/** Makes a product, and lets go what waited for it. */
export async function createProduct(
  tx: Tx,
  sku: string,
  content: ProductContent,
  catalog: Pick<Product, 'catalogRevision' | 'catalogContent'> = { catalogRevision: null, catalogContent: null },
): Promise<ProductWithDecimals | Refusal> {
  await lockCatalog(tx)
  const product: Product = { ...reduced(content), ...catalog, id: uuid(), sku, version: 1 }
  const unit = await judge(tx, product, null)
  if (isRefusal(unit)) return unit
  if (!(await insertProduct(tx, product)))
    return refuse('product-exists', 'state', `There is a product ${sku} already.`, [
      { pointer: '/sku', message: 'is taken' },
    ])
  const made = { ...product, unitDecimals: unit.decimals }
  await publishProducts(tx, [made])
  await wake(tx, productKey(sku))
  return made
}

/** Changes what is given of a product. */
export async function changeProduct(
  tx: Tx,
  id: string,
  change: { readonly [Field in keyof ProductContent]?: ProductContent[Field] | undefined },
  version: number | undefined,
): Promise<ProductWithDecimals | Refusal> {
  await lockCatalog(tx)
  const before = await lockProduct(tx, id)
  if (before === null) return unknownProduct
  const stale = versionRefusal(before.version, version)
  if (stale !== undefined) return stale
  const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined))
  return saveContent(tx, before, { ...before, ...given })
}

/**
 * Applies an event of a product system. One that names an unknown unit is deferred until the unit exists. Where unit, tracking or type
 * are fixed, the rest is applied and the refusal says so: the event is a dead letter, which its sender can read.
 */
export async function upsertFromCatalog(tx: Tx, sent: IncomingProduct): Promise<undefined | Refusal | Wait> {
  await lockCatalog(tx)
  const before = await lockProductBySku(tx, sent.sku)
  const catalogContent = hashOf(sent)
  const incoming = { ...sent, unit: await unitMeant(tx, sent.unit) }
  switch (judgeRevision(before, incoming.revision, catalogContent)) {
    case 'ignore':
      return revisionOld(incoming)
    case 'conflict':
      // A version before hashed decimals as they were written: an event with the known content is a duplicate.
      if (before !== null && isKnown(before, incoming)) return revisionOld(incoming)
      return refuse(
        'revision-reused',
        'content',
        `Product ${incoming.sku} was told with revision ${String(incoming.revision)} before, with other content.`,
      )
    case 'apply':
      return applyIncoming(tx, before, incoming, { catalogContent, unitCode: sent.unit })
  }
}

/** Publishes all products of a unit again: how finely they are counted has changed. */
export async function republishProductsOf(tx: Tx, unit: Unit): Promise<void> {
  await publishProducts(tx, await lockProductsOfUnit(tx, unit.code))
}

async function applyIncoming(
  tx: Tx,
  before: ProductWithDecimals | null,
  incoming: IncomingProduct,
  { catalogContent, unitCode }: { readonly catalogContent: string; readonly unitCode: string },
): Promise<undefined | Refusal | Wait> {
  const taken = await findTakenBarcodes(tx, newBarcodes(before, incoming.barcodes), before?.id ?? null)
  const [first] = taken
  if (first !== undefined)
    return waitFor(
      `Product ${incoming.sku} has the barcode ${first[0]}, which belongs to ${first[1]}.`,
      barcodeKey(first[0]),
    )
  const merged = contentWith(before, incoming)
  const fixed = before === null ? undefined : await refusalByUse(tx, before, merged)
  const content = before === null || fixed === undefined ? merged : keptAsCounted(before, merged)
  if ((await unitByCode(tx, content.unit)) === null)
    return waitForAny(unknownUnitText(incoming, unitCode), [...new Set([unitKey(incoming.unit), unitKey(unitCode)])])
  const catalog = { catalogRevision: incoming.revision ?? before?.catalogRevision ?? null, catalogContent }
  const saved =
    before === null
      ? await createProduct(tx, incoming.sku, content, catalog)
      : await saveContent(tx, before, { ...content, ...catalog })
  if (isRefusal(saved)) return saved
  return fixed === undefined ? undefined : takenInPart(fixed)
}

function unknownUnitText({ sku, unit }: IncomingProduct, code: string): string {
  const means = unit === code ? '' : `, which means "${unit}"`
  return (
    `Product ${sku} is counted in "${code}"${means}, a unit that is not known. Make it (POST /stock/v1/units), or tell the product ` +
    'in a unit that is kept. Names set by PUT /picking/v1/unit-aliases count for orders alone.'
  )
}

/** The product as it would be with what comes in. */
function contentWith(before: Product | null, incoming: IncomingProduct): ProductContent {
  const { name, type, unit, category, tracking, barcodes } = incoming
  return mergedContent(before, {
    ...{ name, type, unit, category, tracking },
    barcodes: [...new Set(barcodes)],
    standardCost: incoming.standardCost ?? before?.standardCost ?? null,
    abcClass: incoming.abcClass ?? before?.abcClass ?? null,
    weight: incoming.weight ?? before?.weight ?? null,
    volume: incoming.volume ?? before?.volume ?? null,
  })
}

/** Is the product already what comes in? */
function isKnown(before: Product, incoming: IncomingProduct): boolean {
  const after = reduced(contentWith(before, incoming))
  const codes = (content: ProductContent) => content.barcodes.map(({ code }) => code).sort()
  const fields = [
    'name',
    'type',
    'unit',
    'category',
    'tracking',
    'standardCost',
    'abcClass',
    'weight',
    'volume',
  ] as const
  return fields.every((field) => before[field] === after[field]) && codes(before).join('\n') === codes(after).join('\n')
}

function revisionOld({ sku }: IncomingProduct): Refusal {
  return refuse('revision-old', 'state', `Product ${sku} is known as of this revision or a newer one.`)
}

/** Why its unit, tracking or type cannot change. */
async function refusalByUse(tx: Tx, before: Product, after: ProductContent): Promise<Refusal | undefined> {
  return touchesUse(before, after) ? useRefusal(before, after, await useForSure(tx, before.id)) : undefined
}

async function saveContent(
  tx: Tx,
  before: ProductWithDecimals,
  content: ProductContent & Partial<Pick<Product, 'catalogRevision' | 'catalogContent'>>,
): Promise<ProductWithDecimals | Refusal> {
  const { id, sku } = before
  const after: Product = { ...before, ...reduced(content), id, sku, version: before.version + 1 }
  const unit = await judge(tx, after, before)
  if (isRefusal(unit)) return unit
  const fixed = await refusalByUse(tx, before, after)
  if (fixed !== undefined) return fixed
  await updateProduct(tx, after)
  const saved = { ...after, unitDecimals: unit.decimals }
  await publishProducts(tx, [saved])
  const kept = new Set(after.barcodes.map((barcode) => barcode.code))
  const freed = before.barcodes
    .filter((barcode) => !kept.has(barcode.code))
    .flatMap((barcode) => sameBarcodes(barcode.code).map(barcodeKey))
  if (freed.length > 0) await wake(tx, ...freed)
  return saved
}

/** Barcodes that the product does not have yet. Those it has are not judged again: an older version may have given one twice. */
function newBarcodes(before: Product | null, codes: readonly string[]): readonly string[] {
  return codes.filter((code) => before?.barcodes.every((own) => own.code !== code) !== false)
}

/** The base unit, when everything about the product is right. */
async function judge(tx: Tx, product: Product, before: Product | null): Promise<Unit | Refusal> {
  const unit = await unitByCode(tx, product.unit)
  const codes = product.barcodes.map((barcode) => barcode.code)
  const takenBarcodes = await findTakenBarcodes(tx, newBarcodes(before, codes), before?.id ?? null)
  const unfit = contentRefusal(product, { unitDecimals: unit?.decimals ?? null, takenBarcodes })
  return unfit ?? unit ?? refuse('unit-unknown', 'content', `The unit ${product.unit} is not known.`)
}

/** One way to write each number, whatever was given. */
function reduced<Content extends ProductContent>(content: Content): Content {
  const units = content.units.map(({ unit, numerator, denominator }) => ({ unit, ...ratio(numerator, denominator) }))
  const standardCost = content.standardCost === null ? null : formatUnitPrice(parseUnitPrice(content.standardCost))
  return { ...content, units, standardCost, receiptTolerance: shortest(content.receiptTolerance) }
}

/** "2.50" is 2.5. */
function shortest(percent: string): string {
  return percent.includes('.') ? percent.replace(/\.?0+$/, '') : percent
}

function hashOf(incoming: IncomingProduct): string {
  const { revision: _, ...content } = incoming
  const sorted = Object.entries(content).sort(([one], [other]) => (one < other ? -1 : 1))
  return createHash('sha256').update(JSON.stringify(sorted)).digest('base64url')
}

async function publishProducts(tx: Tx, products: readonly ProductWithDecimals[]): Promise<void> {
  await publish(tx, ...products.map((product) => event(stockProductChanged, product.id, productEvent(product))))
}

function productEvent(product: ProductWithDecimals): z.output<typeof stockProductChanged.data> {
  const { id: productId, sku, name, type, unit, unitDecimals, category, tracking, receiptTolerance, active } = product
  return {
    ...{ productId, sku, name, type, unit, unitDecimals, category, tracking, receiptTolerance, active },
    units: product.units.map(({ unit: code, ...of }) => ({ unit: code, ...formatRatio(of) })),
    barcodes: product.barcodes.map(({ code, unit: counts }) => (counts === null ? { code } : { code, unit: counts })),
    ...(product.standardCost === null ? {} : { standardCost: product.standardCost }),
    ...(product.abcClass === null ? {} : { abcClass: product.abcClass }),
    ...(product.weight === null ? {} : { weight: product.weight }),
    ...(product.volume === null ? {} : { volume: product.volume }),
  }
}
