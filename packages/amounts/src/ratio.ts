/** Ratios of positive integers: how many base units one unit of measure is. A third of a dozen is exact. */
import { AmountError } from './decimal.ts'

/** numerator / denominator, both positive, reduced. Make it with `ratio`. */
export interface Ratio {
  readonly numerator: bigint
  readonly denominator: bigint
}

/** The reduced ratio n / d. Both must be positive. */
export function ratio(n: bigint, d: bigint): Ratio {
  if (n <= 0n || d <= 0n)
    throw new AmountError(`${n.toString()}/${d.toString()} is not a ratio: both numbers must be positive.`)
  const divisor = greatestCommonDivisor(n, d)
  return { numerator: n / divisor, denominator: d / divisor }
}

/** a × b, reduced. */
export function multiplyRatios(a: Ratio, b: Ratio): Ratio {
  return ratio(a.numerator * b.numerator, a.denominator * b.denominator)
}

/** The ratio the other way round. */
export function inverse(r: Ratio): Ratio {
  return { numerator: r.denominator, denominator: r.numerator }
}

/** The greatest number that divides both; the first where the second is zero. */
export function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  while (b !== 0n) [a, b] = [b, a % b]
  return a
}

/** A ratio as events and tables have it: two integers above zero, as text. */
interface RatioText {
  readonly numerator: string
  readonly denominator: string
}

/** The ratio of such a text, in lowest terms. */
export function parseRatio({ numerator, denominator }: RatioText): Ratio {
  return ratio(BigInt(numerator), BigInt(denominator))
}

/** As text: JSON's numbers are floats. */
export function formatRatio({ numerator, denominator }: Ratio): RatioText {
  return { numerator: String(numerator), denominator: String(denominator) }
}
