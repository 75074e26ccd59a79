/** Money in minor units of the company's currency, and prices per unit with ten decimals. */
import { AmountError, divideRounded, formatDecimal, parseDecimal, parseNumeric, powerOfTen } from './decimal.ts'
import { quantity, type Quantity } from './quantity.ts'
import type { Ratio } from './ratio.ts'

declare const brand: unique symbol

/** Minor units of the company's currency: cents. */
export type Money = bigint & { readonly [brand]: 'Money' }
/** 10^-10 of a currency unit, per unit of measure. */
export type UnitPrice = bigint & { readonly [brand]: 'UnitPrice' }

const quantityDecimals = 6
const priceDecimals = 10
const priceLimits = { what: 'price', integerDigits: 14, decimals: priceDecimals }
const moneyIntegerDigits = 18

/** A price of zero or more as text, for schemas. */
export const unitPriceText = /^(0|[1-9]\d{0,13})(\.\d{1,10})?$/

/** Nothing, in both kinds. */
export const zero: { readonly quantity: Quantity; readonly money: Money } = { quantity: quantity(0n), money: money(0n) }

/** Marks a raw number of minor units as money. */
export function money(n: bigint): Money {
  return n as Money
}

/** Marks a raw number of 10^-10 currency units as a price. */
export function unitPrice(n: bigint): UnitPrice {
  return n as UnitPrice
}

/** "2.50". A sign is read, since only the rules can say whether a negative price makes sense. */
export function parseUnitPrice(text: string): UnitPrice {
  return unitPrice(parseDecimal(text, priceLimits))
}

/** The shortest plain decimal of at least two decimals: "2.50", "0.3333333333". */
export function formatUnitPrice(p: UnitPrice): string {
  return formatDecimal(p, priceDecimals, 2)
}

/** "250.00". More decimals than the currency has are refused, not rounded. */
export function parseMoney(text: string, minorDigits = 2): Money {
  return money(parseDecimal(text, { what: 'sum of money', integerDigits: moneyIntegerDigits, decimals: minorDigits }))
}

/** The money that a `numeric` column holds, or a sum of such. */
export function storedMoney(text: string, minorDigits = 2): Money {
  return money(parseNumeric(text, minorDigits))
}

/** With exactly the decimals of the currency: "250.00". */
export function formatMoney(m: Money, minorDigits = 2): string {
  return formatDecimal(m, minorDigits, minorDigits)
}

/**
 * What a quantity is worth at a price: q × r × price, rounded once, half up away from zero.
 *
 * @param r how many of the price's units one of the quantity's units is
 */
export function valueOf(q: Quantity, r: Ratio, price: UnitPrice, minorDigits = 2): Money {
  const scale = powerOfTen(quantityDecimals + priceDecimals)
  return money(divideRounded(q * r.numerator * price * powerOfTen(minorDigits), r.denominator * scale))
}

/** The part's share of a value: value × part / whole, rounded once. The whole takes the value exactly. */
export function share(value: Money, part: Quantity, whole: Quantity): Money {
  if (whole === 0n) throw new AmountError('Nothing can be shared over a quantity of zero.')
  return part === whole ? value : money(divideRounded(value * part, whole))
}

/** Value per unit with ten decimals, for showing only. Null when there is nothing. */
export function unitCostOf(value: Money, q: Quantity, minorDigits = 2): UnitPrice | null {
  if (q === 0n) return null
  const scale = powerOfTen(quantityDecimals + priceDecimals)
  return unitPrice(divideRounded(value * scale, q * powerOfTen(minorDigits)))
}

/** How many decimals the currency's minor unit has, by ISO 4217: USD 2, JPY 0, KWD 3. */
export function minorDigitsOf(currency: string): number {
  if (!Intl.supportedValuesOf('currency').includes(currency))
    throw new AmountError(`"${currency}" is not a currency: write its ISO 4217 code, such as "USD".`)
  const format = new Intl.NumberFormat('en', { style: 'currency', currency })
  return format.resolvedOptions().maximumFractionDigits ?? 2
}
