/** The shapes that events are made of: amounts as decimal strings, codes, dates. */
import { z } from 'zod'

const decimal = (pattern: RegExp, message: string) => z.string().regex(pattern, message)

/** A quantity above zero: up to 14 digits before the point and 6 after. */
export const positiveQuantity = decimal(
  /^(?=.*[1-9])(0|[1-9]\d{0,13})(\.\d{1,6})?$/,
  'must be a plain decimal above zero, as text, with at most 14 digits before and 6 after the point, such as "12.5"',
)
/** A quantity that may be zero. */
export const quantityOrZero = decimal(
  /^(0|[1-9]\d{0,13})(\.\d{1,6})?$/,
  'must be a plain decimal of zero or more, as text, with at most 14 digits before and 6 after the point, such as "12.5"',
)
/** Price or cost of one unit, zero or more: up to 12 digits before the point and 10 after. */
export const unitAmount = decimal(
  /^(0|[1-9]\d{0,11})(\.\d{1,10})?$/,
  'must be a plain decimal of zero or more, as text, with at most 12 digits before and 10 after the point, such as "2.50"',
)
/** Money in the company's currency, with its minor digits; may be negative. */
export const moneyAmount = decimal(/^-?(0|[1-9]\d{0,17})(\.\d{1,4})?$/, 'must be an amount such as "250.00"')
/** A whole number above zero as text: one side of a conversion's ratio. */
export const positiveInteger = decimal(/^[1-9]\d{0,17}$/, 'must be a whole number above zero, as text')

const code = (what: string, max: number) =>
  z
    .string()
    .min(1, `${what} must not be empty`)
    .max(max, `${what} has at most ${String(max)} characters`)
    .regex(/^[^\u0000-\u001f\u007f]*$/, `${what} must not hold control characters`)
    .refine((text) => text.trim() === text, `${what} must not begin or end with a space`)

export const sku = code('a sku', 64)
export const unitCode = code('a unit', 20)
export const lotCode = code('a lot', 64)
export const categoryName = code('a category', 100)
export const orderNumber = code('an order number', 64)
/** `WH`: letters, digits, `-` and `_`. */
export const warehouseCode = z.string().regex(/^[A-Za-z0-9_-]{1,20}$/, 'must be a warehouse code such as "WH"')
/** The whole path: `WH/Stock/A1-03`. */
export const locationCode = z
  .string()
  .max(200)
  .regex(/^[A-Za-z0-9_.-]+(\/[A-Za-z0-9_.-]+)*$/, 'must be a location\'s whole path such as "WH/Stock/A1-03"')
export const currencyCode = z.string().regex(/^[A-Z]{3}$/, 'must be an ISO 4217 code such as "USD"')
/** There is no year 0, for people or databases. */
export const date = z.iso.date().refine((text) => !text.startsWith('0000'), 'must be a date of the years 1 to 9999')
export const instant = z.iso
  .datetime({ offset: true })
  .refine(isOnEarth, 'must be a time of the years 1 to 9999, at most 15 hours from UTC')
export const id = z.uuid()
export const documentNumber = z.string().min(1).max(64)
export const reason = z.string().min(1).max(500)

/** A business partner as the ordering system names it. */
export const partner = z.object({ code: code('a code', 64), name: code('a name', 200) })

/** An exact conversion: `quantity × numerator / denominator`. Integers as text. */
export const ratio = z.object({ numerator: positiveInteger, denominator: positiveInteger })

/** What was entered, in its own unit, before conversion. */
export const entered = z.object({ quantity: quantityOrZero, unit: unitCode })

/**
 * The order's price. Value of a line = `entered.quantity × numerator / denominator × unitPrice`, rounded once;
 * the ratio leads from the entered unit to the unit in which the order states its price.
 */
export const price = z.object({ unitPrice: unitAmount, unit: unitCode, currency: currencyCode, ...ratio.shape })

/** Lines of a document: one at least, 1,000 at most, each number once. */
export function lines<Line extends z.ZodType<{ line: number }>>(line: Line) {
  return z
    .array(line)
    .min(1, 'must have at least one line')
    .max(1000, 'must have at most 1,000 lines')
    .superRefine((all, context) => {
      const seen = new Set<number>()
      all.forEach((one, index) => {
        if (seen.has(one.line))
          context.addIssue({
            code: 'custom',
            path: [index, 'line'],
            message: `line ${String(one.line)} stands here twice`,
          })
        seen.add(one.line)
      })
    })
}
export const lineNumber = z.int().min(1).max(1_000_000)

/** Databases know no clock further from UTC than this, and no other years. */
function isOnEarth(text: string): boolean {
  const year = new Date(text).getUTCFullYear()
  return year >= 1 && year <= 9999 && !/[+-](1[6-9]|2\d):\d\d$/.test(text)
}
