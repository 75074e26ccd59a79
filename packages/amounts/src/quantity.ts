/** Quantities: how much of a product, in millionths of a unit, as `numeric(20,6)` holds them. */
import { AmountError, divideRounded, formatDecimal, parseDecimal, parseNumeric, powerOfTen } from './decimal.ts'
import type { Ratio } from './ratio.ts'

declare const brand: unique symbol

/** Millionths of a unit of measure. */
export type Quantity = bigint & { readonly [brand]: 'Quantity' }

const decimals = 6
const limits = { what: 'quantity', integerDigits: 14, decimals }
const bound = powerOfTen(limits.integerDigits + decimals)

/** A quantity as text, for schemas. */
export const quantityText = /^-?(0|[1-9]\d{0,13})(\.\d{1,6})?$/
/** A quantity above zero as text, for schemas. */
export const positiveQuantityText = /^(?=.*[1-9])(0|[1-9]\d{0,13})(\.\d{1,6})?$/

/** Marks a raw number of millionths as a quantity. */
export function quantity(n: bigint): Quantity {
  return n as Quantity
}

/** "100", "2.5", "-3". Refuses "1e3", "NaN", "", "+1", " 1", ".5", "1.", leading zeros, more than 6 decimals or 14 digits. */
export function parseQuantity(text: string): Quantity {
  return quantity(parseDecimal(text, limits))
}

/** The quantity that a `numeric` column holds, or a sum of such. */
export function storedQuantity(text: string): Quantity {
  return quantity(parseNumeric(text, decimals))
}

/** The shortest plain decimal: "100", "2.5", "-3", "0". */
export function formatQuantity(q: Quantity): string {
  return formatDecimal(q, decimals, 0)
}

/**
 * A quantity in another unit: q × r, rounded once, half up away from zero, to the unit's decimals.
 *
 * @param unitDecimals how finely the target unit is counted, 0 to 6
 */
export function convert(q: Quantity, r: Ratio, unitDecimals: number): Quantity {
  const step = stepOf(unitDecimals)
  const converted = divideRounded(q * r.numerator, r.denominator * step) * step
  if (converted >= bound || converted <= -bound)
    throw new AmountError('The converted quantity is too large: 14 digits at most before the point.')
  return quantity(converted)
}

/** Has it no more than that many decimals? A whole-unit product allows none. */
export function isWholeAt(q: Quantity, unitDecimals: number): boolean {
  return q % stepOf(unitDecimals) === 0n
}

function stepOf(unitDecimals: number): bigint {
  if (!Number.isInteger(unitDecimals) || unitDecimals < 0 || unitDecimals > decimals)
    throw new AmountError(`A unit is counted to between 0 and ${decimals} decimals, not ${unitDecimals}.`)
  return powerOfTen(decimals - unitDecimals)
}
