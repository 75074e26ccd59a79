/** Rules of products. */
import type { AbcClass, ProductType, Tracking } from '@stockline/contracts'
import { meaningOfCode } from '../units/unit.codes.ts'
import { refuse, type FieldError, type Refusal } from '@stockline/service-kit/refusal'

/** A unit of this product alone: a box of 24. One of it = numerator / denominator × the base unit. */
export interface ProductUnit {
  readonly unit: string
  readonly numerator: bigint
  readonly denominator: bigint
}

/** `unit` is what one scan counts; null is the base unit. */
export interface Barcode {
  readonly code: string
  readonly unit: string | null
}

/** Content of a product: entered by users, or sent by a product system. */
export interface ProductContent {
  readonly name: string
  readonly type: ProductType
  /** The base unit: on-hand is kept in it. */
  readonly unit: string
  readonly category: string
  readonly tracking: Tracking
  readonly barcodes: readonly Barcode[]
  readonly units: readonly ProductUnit[]
  /** Plain decimal text, in the company's currency per base unit. */
  readonly standardCost: string | null
  readonly abcClass: AbcClass | null
  /** Of one base unit, in kilograms. Plain decimal text. */
  readonly weight: string | null
  /** Of one base unit, in cubic metres. Plain decimal text. */
  readonly volume: string | null
  /** Difference from the order, in percent of it, that needs no review. Plain decimal text. */
  readonly receiptTolerance: string
  readonly active: boolean
}

export interface Product extends ProductContent {
  readonly id: string
  readonly sku: string
  /** Newest revision that the product system sent; null when it sent none. */
  readonly catalogRevision: number | null
  /** Hash of what it sent with it. */
  readonly catalogContent: string | null
  readonly version: number
}

/** What the rules must know besides the product. */
export interface ContentFacts {
  /** Decimals of the base unit; null when the unit is not known. */
  readonly unitDecimals: number | null
  /** Barcodes that belong to other products, with the other's sku. */
  readonly takenBarcodes: ReadonlyMap<string, string>
}

/** Everything that is wrong with a product's content, at once. */
export function contentRefusal(content: ProductContent, facts: ContentFacts): Refusal | undefined {
  const faults = [
    ...unitFaults(content, facts),
    ...trackingFaults(content, facts),
    ...productUnitFaults(content),
    ...barcodeFaults(content, facts),
  ]
  if (faults.length === 0) return undefined
  const detail = faults.map((fault) => `${fault.pointer} ${fault.message}`).join('; ')
  return refuse('product-unfit', 'content', `The product cannot be taken: ${detail}.`, faults)
}

/** What fixes a product's unit, tracking and type: its moves, and open deliveries that need it. */
export interface ProductUse {
  readonly hasMoved: boolean
  /** Numbers of open deliveries, the first of them by name. */
  readonly neededBy: readonly string[]
  readonly deliveries: number
}

const fixedFields = ['unit', 'tracking', 'type'] as const

/** Would this change need to know what the product is used for? */
export function touchesUse(before: ProductContent, after: ProductContent): boolean {
  return changedFixedFields(before, after).length > 0
}

/**
 * Unit, tracking and type are fixed by the first move, and while an open delivery needs the product: its demand is in the unit of
 * that time.
 *
 * @returns why they cannot change, as of a rule about state; undefined where they can, or do not
 */
export function useRefusal(before: Product, after: ProductContent, use: ProductUse): Refusal | undefined {
  const changed = changedFixedFields(before, after)
  if (changed.length === 0 || (!use.hasMoved && use.deliveries === 0)) return undefined
  const errors = changed.map((field) => ({ pointer: `/${field}`, message: `stays "${before[field]}"` }))
  const names = changed.join(' and ')
  if (use.hasMoved)
    return refuse(
      'product-has-moves',
      'state',
      `${before.sku} has moved, so its ${names} cannot change. Make another product.`,
      errors,
    )
  const others = use.deliveries - use.neededBy.length
  const deliveries = use.neededBy.join(', ') + (others > 0 ? ` and ${String(others)} more` : '')
  return refuse(
    'product-needed',
    'state',
    `${before.sku} is needed by ${deliveries}, so its ${names} cannot change. Finish or cancel them first, or make another product.`,
    errors,
  )
}

/** The content with what cannot change as it was. */
export function keptAsCounted<Content extends ProductContent>(before: Product, content: Content): Content {
  const { unit, tracking, type } = before
  return { ...content, unit, tracking, type }
}

/** The refusal for a product system whose event was applied in part: what was not, and why. */
export function takenInPart({ refused, detail, errors = [] }: Refusal): Refusal {
  const because = (text: string) =>
    errors.map(({ pointer, message }) => ({ pointer: `/data${pointer}`, message: `${message}: ${text}` }))
  const all = `${detail} All else that was told is taken.`
  return { ...refuse(refused, 'content', all, because(all)), undone: { detail, errors: because(detail) } }
}

function changedFixedFields(before: ProductContent, after: ProductContent): readonly (typeof fixedFields)[number][] {
  return fixedFields.filter((field) => before[field] !== after[field])
}

/**
 * - `apply`: newer, or without a revision.
 * - `ignore`: older, or the same again.
 * - `conflict`: the same revision with other content.
 */
export function judgeRevision(
  known: Pick<Product, 'catalogRevision' | 'catalogContent'> | null,
  revision: number | undefined,
  content: string,
): 'apply' | 'ignore' | 'conflict' {
  if (known === null || known.catalogContent === null) return 'apply'
  if (revision === undefined || known.catalogRevision === null)
    return known.catalogContent === content && revision === undefined ? 'ignore' : 'apply'
  if (revision > known.catalogRevision) return 'apply'
  if (revision < known.catalogRevision) return 'ignore'
  return known.catalogContent === content ? 'ignore' : 'conflict'
}

/**
 * The content that a product system sent, merged with what only stock keeps: product units, their barcodes, tolerance.
 * A barcode that we know for one of the product's own units stays with it.
 */
export function mergedContent(
  before: Product | null,
  incoming: Omit<ProductContent, OwnField> & IncomingProduct,
): ProductContent {
  const kept = before?.barcodes.filter((barcode) => barcode.unit !== null) ?? []
  const keptCodes = new Set(kept.map((barcode) => barcode.code))
  const added = incoming.barcodes.filter((code) => !keptCodes.has(code)).map((code) => ({ code, unit: null }))
  return {
    ...incoming,
    barcodes: [...added, ...kept],
    units: before?.units ?? [],
    receiptTolerance: before?.receiptTolerance ?? '0',
    active: before?.active ?? true,
  }
}

type OwnField = 'barcodes' | 'units' | 'receiptTolerance' | 'active'
interface IncomingProduct {
  readonly barcodes: readonly string[]
}

function unitFaults({ unit }: ProductContent, { unitDecimals }: ContentFacts): FieldError[] {
  if (unitDecimals !== null) return []
  const meaning = meaningOfCode(unit)
  const hint = meaning === undefined ? '' : `; "${meaning}" is what it is called here`
  return [{ pointer: '/unit', message: `names the unit ${unit}, which is not known${hint}` }]
}

function trackingFaults({ type, tracking, unit }: ProductContent, { unitDecimals }: ContentFacts): FieldError[] {
  if (type === 'service' && tracking !== 'none')
    return [{ pointer: '/tracking', message: 'must be none for a service' }]
  if (tracking === 'serial' && unitDecimals !== null && unitDecimals > 0)
    return [{ pointer: '/tracking', message: `cannot be serial, since ${unit} is not counted in whole pieces` }]
  return []
}

function productUnitFaults({ unit, units }: ProductContent): FieldError[] {
  return units.flatMap((one, index) => {
    const pointer = `/units/${index}/unit`
    if (one.unit === unit) return [{ pointer, message: 'is the base unit' }]
    const first = units.findIndex((other) => other.unit === one.unit)
    return first < index ? [{ pointer, message: `stands already at /units/${first}` }] : []
  })
}

function barcodeFaults({ unit, units, barcodes }: ProductContent, { takenBarcodes }: ContentFacts): FieldError[] {
  const own = new Set([unit, ...units.map((one) => one.unit)])
  return barcodes.flatMap((barcode, index) => {
    const faults: FieldError[] = []
    const owner = takenBarcodes.get(barcode.code)
    const first = barcodes.findIndex((other) => other.code === barcode.code)
    if (owner !== undefined) faults.push({ pointer: `/barcodes/${index}`, message: `belongs to ${owner}` })
    if (first < index) faults.push({ pointer: `/barcodes/${index}`, message: `stands already at /barcodes/${first}` })
    if (barcode.unit !== null && !own.has(barcode.unit))
      faults.push({
        pointer: `/barcodes/${index}/unit`,
        message: 'is neither the base unit nor a unit of this product',
      })
    return faults
  })
}
