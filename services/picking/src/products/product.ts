/**
 * Products and units as stock publishes them, and what follows for a document's lines: which quantities a product can be
 * entered in, how they convert, and what a line still waits for. Pure.
 */
import { AmountError, convert, distance, inverse, isWholeAt, multiplyRatios, quantity, ratio } from '@stockline/amounts'
import type { Quantity, Ratio } from '@stockline/amounts'
import { listed } from '../documents/document.text.ts'

/** Local copy of a product. */
export interface Product {
  readonly productId: string
  readonly sku: string
  readonly name: string
  readonly type: 'stockable' | 'consumable' | 'service'
  /** The base unit: on-hand is kept in it. */
  readonly unit: string
  readonly unitDecimals: number
  /** Units of this product alone; one of them = ratio × base unit. */
  readonly units: readonly { readonly unit: string; readonly ratio: Ratio }[]
  readonly category: string
  readonly tracking: 'none' | 'lot' | 'serial'
  readonly barcodes: readonly { readonly code: string; readonly unit?: string | undefined }[]
  /** Difference from the order that needs no review, in hundredths of a percent of it. */
  readonly receiptTolerance: bigint
  /** Of one base unit, in billionths of a kilogram; null where it is not known. */
  readonly weight: bigint | null
  readonly active: boolean
}

/** Local copy of a unit of measure. */
export interface Unit {
  readonly code: string
  readonly name: string
  readonly decimals: number
  /** One of this unit = ratio × reference; null for a reference itself. */
  readonly reference: { readonly unit: string; readonly ratio: Ratio } | null
  /** Only another name for this unit, or for a unit of a product alone. */
  readonly aliasOf?: string
}

/** Of the products and units that a document names, those that are known. */
export interface ReferenceData {
  readonly products: ReadonlyMap<string, Product>
  readonly units: ReadonlyMap<string, Unit>
}

/** One of a unit, in the millionths that quantities are kept in. */
export const oneUnit: Quantity = quantity(1_000_000n)

const one: Ratio = ratio(1n, 1n)

/** How many base units one `unit` of the product is; undefined where it does not convert. */
export function ratioToBase(product: Product, unit: string, units: ReadonlyMap<string, Unit>): Ratio | undefined {
  const own = ownRatio(product, unit)
  if (own !== undefined) return own
  const from = units.get(unit)
  return from?.aliasOf === undefined
    ? ratioOfUnit(product, from, units)
    : // An alias of an alias means nothing: two may stand for each other.
      (ownRatio(product, from.aliasOf) ?? ratioOfUnit(product, units.get(from.aliasOf), units))
}

function ownRatio(product: Product, unit: string): Ratio | undefined {
  return unit === product.unit ? one : product.units.find((each) => each.unit === unit)?.ratio
}

function ratioOfUnit(product: Product, from: Unit | undefined, units: ReadonlyMap<string, Unit>): Ratio | undefined {
  if (from === undefined || from.aliasOf !== undefined) return undefined
  const base = units.get(product.unit)
  const fromReference = from.reference ?? { unit: from.code, ratio: one }
  const baseReference = base?.reference ?? { unit: product.unit, ratio: one }
  if (fromReference.unit !== baseReference.unit) return undefined
  return multiplyRatios(fromReference.ratio, inverse(baseReference.ratio))
}

/** How many `to` one `from` of the product is; undefined where either cannot be converted. */
export function ratioBetween(
  product: Product,
  from: string,
  to: string,
  units: ReadonlyMap<string, Unit>,
): Ratio | undefined {
  if (from === to) return one
  const fromBase = ratioToBase(product, from, units)
  const toBase = ratioToBase(product, to, units)
  return fromBase && toBase && multiplyRatios(fromBase, inverse(toBase))
}

/** The decimals that a unit is counted with: the unit's own, for the product's base unit the product's. */
function decimalsOf(product: Product, unit: string, units: ReadonlyMap<string, Unit>): number {
  const meant = units.get(unit)?.aliasOf ?? unit
  return meant === product.unit ? product.unitDecimals : (units.get(meant)?.decimals ?? 6)
}

/** What is wrong with an entered quantity, for a person. */
export interface QuantityFault {
  readonly fault: string
}

/**
 * A quantity above zero in the product's base unit, rounded once. Refuses what the unit cannot be counted in: too
 * many decimals, a fraction of a whole-unit product, so little that nothing would be left.
 */
export function toBaseQuantity(
  product: Product,
  entered: Quantity,
  unit: string,
  units: ReadonlyMap<string, Unit>,
): Quantity | QuantityFault {
  const toBase = ratioToBase(product, unit, units)
  if (toBase === undefined)
    return { fault: `${product.sku} is kept in ${product.unit}; ${unitText(unit, units)} does not convert to it` }
  const decimals = decimalsOf(product, unit, units)
  if (!isWholeAt(entered, decimals))
    return {
      fault: `is too precise: "${unit}" is counted with ${decimals === 0 ? 'no decimals' : decimalsText(decimals)}`,
    }
  if (product.unitDecimals === 0 && !isWholeNumber(entered, toBase))
    return { fault: `would be a fraction of a ${product.unit}, and ${product.sku} is kept in whole ones` }
  const base = orFault(() => convert(entered, toBase, product.unitDecimals))
  return base === 0n && entered !== 0n ? { fault: `is less than ${product.sku} can be kept in` } : base
}

/** What is computed; or that it is larger than a quantity can be. Throws whatever else is thrown. */
export function orFault<Value>(compute: () => Value): Value | QuantityFault {
  try {
    return compute()
  } catch (error) {
    if (error instanceof AmountError) return { fault: error.message }
    throw error
  }
}

/** So many roundings to six decimals may lie behind a quantity: parts that came before, entries of each. */
const roundings = 32n

/**
 * Can counting not tell two quantities in the unit apart? What is less than one step of the base unit (a gram of what is kept in
 * kg with three decimals, a whole piece) cannot be entered: it is what thirds of a box leave after rounding, and no difference.
 */
export function isSameQuantity(
  product: Product,
  unit: string,
  one: Quantity,
  other: Quantity,
  units: ReadonlyMap<string, Unit>,
): boolean {
  const difference = distance(one, other)
  if (difference === 0n) return true
  const toBase = ratioToBase(product, unit, units)
  if (toBase === undefined) return false
  const step = 10n ** BigInt(6 - product.unitDecimals) * toBase.denominator
  // A whole step is a little less than one after rounding; of very large packs it may be up to a half.
  const scaled = difference * toBase.numerator
  return scaled < step - roundings * toBase.numerator || scaled < step / 2n
}

/** Is the value a fault rather than a quantity? */
export function isFault(value: Quantity | QuantityFault | null): value is QuantityFault {
  return typeof value === 'object' && value !== null
}

/** The exact sum of quantities in different units, in the given unit, rounded once; undefined where one does not convert. */
export function sumIn(
  product: Product,
  unit: string,
  parts: readonly { readonly quantity: Quantity; readonly unit: string }[],
  units: ReadonlyMap<string, Unit>,
): Quantity | undefined {
  const byUnit = new Map<string, bigint>()
  for (const part of parts) byUnit.set(part.unit, (byUnit.get(part.unit) ?? 0n) + part.quantity)
  let top = 0n
  let bottom = 1n
  for (const [partUnit, sum] of byUnit) {
    const toUnit = ratioBetween(product, partUnit, unit, units)
    if (toUnit === undefined) return undefined
    top = top * toUnit.denominator + sum * toUnit.numerator * bottom
    bottom *= toUnit.denominator
  }
  return convert(quantity(top), ratio(1n, bottom), 6)
}

/** What a line waits for: a reason for a person, and the keys whose arrival may end the wait. */
export interface Missing {
  readonly reason: string
  readonly keys: readonly string[]
  /** What a person may do about it, where that is not plain: a sentence without its full stop. */
  readonly hint?: string
}

/** A unit by its name, and by what that means. */
function unitText(unit: string, units: ReadonlyMap<string, Unit>): string {
  const { aliasOf } = units.get(unit) ?? {}
  return aliasOf === undefined ? `"${unit}"` : `"${unit}", which means "${aliasOf}",`
}

/** @param isUnit what the alias means is a unit that is known, of something else */
function hintFor(unit: string, aliasOf: string | undefined, isUnit: boolean): string {
  const how = `PUT /picking/v1/unit-aliases with alias "${unit}" and one of our units, or one that the product alone has`
  if (aliasOf === undefined) return `A manager says what "${unit}" means: ${how}`
  return isUnit
    ? `Amend the order, or say otherwise what "${unit}" means: ${how}`
    : `Make "${aliasOf}" a unit (POST /stock/v1/units), or one of the product, or say otherwise what "${unit}" means: ${how}`
}

/** The key under which documents wait for a product. */
export function productKey(sku: string): string {
  return `product:${sku}`
}

/** The key under which documents wait for a unit. */
export function unitKey(unit: string): string {
  return `unit:${unit}`
}

/** What must become known before a line of this product in this unit can be worked on; undefined when nothing. */
export function missingFor(
  line: { readonly sku: string; readonly unit: string },
  referenceData: ReferenceData,
): Missing | undefined {
  const product = referenceData.products.get(line.sku)
  if (product === undefined) return { reason: `product "${line.sku}" is not known yet`, keys: [productKey(line.sku)] }
  if (product.type === 'service' || ratioToBase(product, line.unit, referenceData.units) !== undefined) return undefined
  const known = referenceData.units.get(line.unit)
  const { aliasOf } = known ?? {}
  return {
    reason: `unit ${unitText(line.unit, referenceData.units)} does not convert to the ${product.unit} in which ${line.sku} is kept`,
    // A unit of its own measures something else: no name makes it convert.
    ...(known === undefined || aliasOf !== undefined
      ? { hint: hintFor(line.unit, aliasOf, aliasOf !== undefined && referenceData.units.has(aliasOf)) }
      : {}),
    keys: [
      productKey(line.sku),
      unitKey(line.unit),
      ...(aliasOf === undefined ? [] : [unitKey(aliasOf)]),
      unitKey(product.unit),
    ],
  }
}

/** Lines whose unit is the alias and converts to nothing, or is of a product that is not known yet, in the unit that it means. */
export function renamedUnits<Line extends { readonly sku: string; readonly unit: string }>(
  lines: readonly Line[],
  { alias, unit }: { readonly alias: string; readonly unit: string },
  referenceData: ReferenceData,
): readonly Line[] {
  return lines.map((line) =>
    line.unit === alias && missingFor(line, referenceData) !== undefined ? { ...line, unit } : line,
  )
}

/** All that the lines wait for, as one sentence and one set of keys. */
export function waitOf(
  lines: readonly { readonly sku: string; readonly unit: string }[],
  referenceData: ReferenceData,
): { readonly problem: string | null; readonly waitsFor: readonly string[] } {
  const missing = lines.flatMap((line) => missingFor(line, referenceData) ?? [])
  if (missing.length === 0) return { problem: null, waitsFor: [] }
  const reasons = listed([...new Set(missing.map((each) => each.reason))], 5, '; ', (more) => `; and ${more} more`)
  const hints = [...new Set(missing.flatMap(({ hint }) => hint ?? []))].slice(0, 5).map((hint) => ` ${hint}.`)
  return {
    problem: `Waits: ${reasons}.${hints.join('')}`,
    waitsFor: [...new Set(missing.flatMap((each) => each.keys))],
  }
}

function isWholeNumber(entered: Quantity, toBase: Ratio): boolean {
  return (entered * toBase.numerator) % (toBase.denominator * oneUnit) === 0n
}

function decimalsText(decimals: number): string {
  return decimals === 1 ? 'one decimal' : `${decimals} decimals`
}
