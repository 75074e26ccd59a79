/** Values before they are rounded: fractions, since a third of a box has no end of decimals. */
import { divideRounded, powerOfTen } from './decimal.ts'
import { money, type Money, type UnitPrice } from './money.ts'
import type { Quantity } from './quantity.ts'
import { greatestCommonDivisor, type Ratio } from './ratio.ts'

/** Zero or more: numerator / denominator, in 10^-16 of a currency unit. In lowest terms. */
export interface ExactValue {
  readonly numerator: bigint
  readonly denominator: bigint
}

// A quantity has six decimals, a price ten.
const exactDecimals = 16

/** Nothing. */
export const nothingExact: ExactValue = { numerator: 0n, denominator: 1n }

/** What a quantity is worth at a price: q × r × price, not rounded. See `valueOf`. */
export function exactValueOf(q: Quantity, r: Ratio, price: UnitPrice): ExactValue {
  return reduced(q * r.numerator * price, r.denominator)
}

/** The same in minor units where it comes out even, which most values do; null where it would have to be rounded. */
export function evenValueOf(q: Quantity, r: Ratio, price: UnitPrice, minorDigits: number): Money | null {
  const numerator = q * r.numerator * price
  const denominator = r.denominator * powerOfTen(exactDecimals - minorDigits)
  return numerator % denominator === 0n ? money(numerator / denominator) : null
}

/** The exact sum. */
export function addExact(one: ExactValue, other: ExactValue): ExactValue {
  if (one.denominator === other.denominator) return reduced(one.numerator + other.numerator, one.denominator)
  const numerator = one.numerator * other.denominator + other.numerator * one.denominator
  return reduced(numerator, one.denominator * other.denominator)
}

/** In minor units, rounded once, half up. */
export function roundExact({ numerator, denominator }: ExactValue, minorDigits: number): Money {
  return money(divideRounded(numerator * powerOfTen(minorDigits), denominator * powerOfTen(exactDecimals)))
}

/** The money as an exact value. */
export function exactOf(amount: Money, minorDigits: number): ExactValue {
  return { numerator: amount * powerOfTen(exactDecimals - minorDigits), denominator: 1n }
}

/** Are they the same value? */
export function sameExact(one: ExactValue, other: ExactValue): boolean {
  return one.numerator === other.numerator && one.denominator === other.denominator
}

function reduced(numerator: bigint, denominator: bigint): ExactValue {
  if (denominator === 1n) return { numerator, denominator }
  const divisor = greatestCommonDivisor(numerator, denominator)
  return { numerator: numerator / divisor, denominator: denominator / divisor }
}
