/** Exact quantities, prices and money: parsing, conversion, rounding. Pure, on bigint, without floats. */
export { atLeastZero, distance, least, minus, negative, plus } from './arithmetic.ts'
export { companyDate } from './company-date.ts'
export { AmountError, divideRounded } from './decimal.ts'
export {
  convert,
  formatQuantity,
  isWholeAt,
  parseQuantity,
  positiveQuantityText,
  quantity,
  quantityText,
  storedQuantity,
  type Quantity,
} from './quantity.ts'
export {
  addExact,
  evenValueOf,
  exactOf,
  exactValueOf,
  nothingExact,
  roundExact,
  sameExact,
  type ExactValue,
} from './exact.ts'
export {
  formatMoney,
  formatUnitPrice,
  minorDigitsOf,
  money,
  parseMoney,
  parseUnitPrice,
  share,
  storedMoney,
  unitCostOf,
  unitPrice,
  unitPriceText,
  valueOf,
  zero,
  type Money,
  type UnitPrice,
} from './money.ts'
export type { AmountsAsText } from './as-text.ts'
export { formatRatio, inverse, multiplyRatios, parseRatio, ratio, type Ratio } from './ratio.ts'
