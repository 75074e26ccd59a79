/** Plain decimal text to scaled integers and back, and the one way in which everything is rounded. */

/** The text is no amount of the wanted kind. The message says what is wrong with it, for a person. */
export class AmountError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'AmountError'
  }
}

/** What a kind of amount allows. */
export interface DecimalLimits {
  /** For messages: "quantity". */
  readonly what: string
  readonly integerDigits: number
  readonly decimals: number
}

const plain = /^(-?)(0|[1-9]\d*)(?:\.(\d+))?$/

/** Text to an integer in units of 10^-decimals. Refuses all but plain decimals: no exponent, plus, space or bare dot. */
export function parseDecimal(text: string, limits: DecimalLimits): bigint {
  const match = plain.exec(text)
  if (match === null)
    throw new AmountError(`${quoted(text)} is not a ${limits.what}: write a plain decimal such as "2.5".`)
  const [, sign, whole = '', fraction = ''] = match
  if (whole.length > limits.integerDigits)
    throw new AmountError(
      `${quoted(text)} is too large for a ${limits.what}: ${limits.integerDigits} digits at most before the point.`,
    )
  if (fraction.length > limits.decimals)
    throw new AmountError(`${quoted(text)} is too precise for a ${limits.what}: ${limits.decimals} decimals at most.`)
  const scaled = BigInt(whole + fraction.padEnd(limits.decimals, '0'))
  return sign === '-' ? -scaled : scaled
}

/** The shortest plain decimal with at least `leastDecimals` of them. Never an exponent, never "-0". */
export function formatDecimal(scaled: bigint, decimals: number, leastDecimals: number): string {
  const digits = (scaled < 0n ? -scaled : scaled).toString().padStart(decimals + 1, '0')
  const whole = digits.slice(0, digits.length - decimals)
  let end = digits.length
  while (end > whole.length + leastDecimals && digits[end - 1] === '0') end -= 1
  const fraction = digits.slice(whole.length, end)
  return `${scaled < 0n ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`
}

/**
 * A `numeric` as PostgreSQL writes it, to an integer in units of 10^-decimals. Sums may have more digits than one amount. Digits
 * beyond the decimals are cut off: a column may hold more of them than the currency has, and they are zeros.
 */
export function parseNumeric(text: string, decimals: number): bigint {
  const point = text.indexOf('.')
  if (point < 0) return BigInt(text) * powerOfTen(decimals)
  const end = point + 1 + decimals
  const digits = text.slice(0, point) + text.slice(point + 1, end)
  return text.length >= end ? BigInt(digits) : BigInt(digits) * powerOfTen(end - text.length)
}

/** n / d, rounded half up, away from zero. */
export function divideRounded(n: bigint, d: bigint): bigint {
  if (d === 0n) throw new AmountError('An amount cannot be divided by zero.')
  const negative = n < 0n !== d < 0n
  const top = n < 0n ? -n : n
  const bottom = d < 0n ? -d : d
  const rounded = (2n * top + bottom) / (2n * bottom)
  return negative ? -rounded : rounded
}

const powersOfTen = Array.from({ length: 40 }, (_one, exponent) => 10n ** BigInt(exponent))

/** 10^exponent. */
export function powerOfTen(exponent: number): bigint {
  return powersOfTen[exponent] ?? 10n ** BigInt(exponent)
}

function quoted(text: string): string {
  return `"${text.length > 40 ? `${text.slice(0, 40)}…` : text}"`
}
