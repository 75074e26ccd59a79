/** The shapes that events are made of: amounts as decimal strings, codes, dates. */
import { hasRightCheckDigit } from '@stockline/scans'
import { z } from 'zod'
import { decimal } from './decimals.ts'

/** A quantity above zero: up to 14 digits before the point and 6 after. */
export const positiveQuantity = decimal({ sign: 'positive', integerDigits: 14, decimals: 6, leastDecimals: 0 })
/** A whole number of a unit, at least one. */
export const wholeQuantity = decimal({ sign: 'positive', integerDigits: 9, decimals: 0, leastDecimals: 0 })
/** A quantity that may be zero. */
export const quantityOrZero = decimal({ sign: 'zero-or-more', integerDigits: 14, decimals: 6, leastDecimals: 0 })
/** Price or cost of one unit, zero or more: up to 12 digits before the point and 10 after. */
export const unitAmount = decimal({ sign: 'zero-or-more', integerDigits: 12, decimals: 10, leastDecimals: 2 })
/** Money in the company's currency, with its minor digits; may be negative. */
export const moneyAmount = decimal({ sign: 'any', integerDigits: 18, decimals: 4, leastDecimals: 0 })
/** A whole number above zero: one side of a conversion's ratio. */
export const positiveInteger = decimal({ sign: 'positive', integerDigits: 18, decimals: 0, leastDecimals: 0 })
/** Kilograms or cubic metres of one unit, above zero: up to 9 digits before the point and 9 after. */
export const measure = decimal({ sign: 'positive', integerDigits: 9, decimals: 9, leastDecimals: 0 })
/** Percent, zero or more: up to 3 digits before the point and 2 after. */
export const percent = decimal({ sign: 'zero-or-more', integerDigits: 3, decimals: 2, leastDecimals: 0 })

/** What no code begins or ends with: control characters, and what JavaScript takes for space. */
const edge = '[^\\x00-\\x20\\x7f\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000\\ufeff]'
const codePattern = `^${edge}(?:[^\\x00-\\x1f\\x7f]*${edge})?$`

/** At most so many characters, as schemas and databases count them: one outside of the basic plane is one. */
function isWithin(text: string, max: number): boolean {
  // eslint-disable-next-line @typescript-eslint/no-misused-spread -- code points are what is counted
  return text.length <= max || (text.length <= 2 * max && [...text].length <= max)
}

/** A text of one to `max` characters. */
export function textUpTo(max: number) {
  return z
    .string()
    .min(1)
    .refine((text) => isWithin(text, max), `must have at most ${String(max)} characters`)
    .meta({ maxLength: max })
}

/**
 * A text as others send it, in a field that may be left out: without spaces at its ends. One that is blank says nothing, and is
 * absent. Its length counts as it was sent.
 */
export function sentText(max: number) {
  return z
    .string()
    .refine((text) => isWithin(text, max), `must have at most ${String(max)} characters`)
    .meta({ maxLength: max })
    .transform((text) => text.trim() || undefined)
}

/** A key of GS1, which ends with a check digit. What is not all digits has one fault, not two. */
function gs1Key(pattern: RegExp, message: string) {
  return z
    .string()
    .regex(pattern, message)
    .refine((text) => !/^[0-9]+$/.test(text) || hasRightCheckDigit(text), 'has a wrong check digit')
}

const code = (what: string, max: number) =>
  z
    .string()
    .min(1, `${what} must not be empty`)
    .refine((text) => isWithin(text, max), `${what} has at most ${String(max)} characters`)
    .regex(/^[^\u0000-\u001f\u007f]*$/, `${what} must not hold control characters`)
    .refine((text) => text.trim() === text, `${what} must not begin or end with a space`)
    .meta({ maxLength: max, pattern: codePattern })

export const sku = code('a sku', 255)
export const unitCode = code('a unit', 20)
export const lotCode = code('a lot', 64)
/** A code by which a buyer or a seller names an item. */
export const itemCode = code('an item code', 80)
/** A GTIN as labels and order files write it. */
export const gtin = gs1Key(/^(?:[0-9]{8}|[0-9]{12,14})$/, 'must be a GTIN of 8, 12, 13 or 14 digits')
/** The number by which GS1 names a party or a place. */
export const gln = gs1Key(/^[0-9]{13}$/, 'must be a GLN of 13 digits')
/** The number by which GS1 names a logistic unit: a serial shipping container code. */
export const sscc = gs1Key(/^[0-9]{18}$/, 'must be an SSCC of 18 digits')
/** What a package is, as who packs calls it: `carton`, `pallet`. */
export const packageType = code('a type', 40)
/** What a reference is: the qualifier of an X12 REF or an EDIFACT RFF, `PO`, `CR`; or a word. */
export const referenceType = code('a type', 35)
export const referenceValue = code('a value', 200)
/** ISO 3166-1, of two letters. */
export const countryCode = z.string().regex(/^[A-Z]{2}$/, 'must be an ISO 3166-1 code of two letters such as "DE"')
/** A term of Incoterms, of any edition. */
export const incoterm = z.string().regex(/^[A-Z]{3}$/, 'must be an Incoterm of three letters such as "DAP"')
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
const leapYear = '(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:0[48]|[2468][048]|[13579][26])00)'
const year = '(?:[1-9][0-9]{3}|0[1-9][0-9]{2}|00[1-9][0-9]|000[1-9])'
const day =
  '(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-(?:0[1-9]|1[0-9]|2[0-8]))'
const datePattern = `(?:${leapYear}-02-29|${year}-${day})`
const timePattern = '(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:[.][0-9]+)?(?:Z|[+-](?:0[0-9]|1[0-5]):[0-5][0-9])'

/** There is no year 0, in calendars and databases. */
export const date = z.iso
  .date()
  .refine((text) => !text.startsWith('0000'), 'must be a date of the years 1 to 9999')
  .meta({ pattern: `^${datePattern}$` })
/** What may be said of a lot's dates where its goods come in. */
export const lotDates = {
  producedOn: date.optional(),
  bestBefore: date.optional(),
  removeOn: date.optional(),
  alertOn: date.optional(),
  expiresOn: date.optional(),
}
export const instant = z.iso
  .datetime({ offset: true })
  .refine(isOnEarth, 'must be a time of the years 1 to 9999, at most 15 hours from UTC')
  .meta({ pattern: `^${datePattern}T${timePattern}$` })

/** The message for any other text where a date or a time is expected. */
export const dateOrTimeText = 'must be a date such as 2026-11-23, or a time with its zone such as 2026-11-23T08:00:00Z'

/** A moment in a query: a date or a time. In JSON Schema it is a plain text: of two formats, generators make code that does not compile. */
export const dateOrTime = z.union([date, instant], dateOrTimeText).meta({
  override: ({ jsonSchema }: { readonly jsonSchema: object }) => {
    Reflect.deleteProperty(jsonSchema, 'anyOf')
    Object.assign(jsonSchema, { type: 'string' })
  },
})

/** Is it a date, not a time? */
export function isDay(text: string): boolean {
  return !text.includes('T')
}

/** From when on, included: of a day its beginning, by UTC. */
export const sinceTime = dateOrTime.transform((text) => (isDay(text) ? `${text}T00:00:00Z` : text))
/** Until when, not included: of a day its end, by UTC. Nothing is later than the last day that databases know. */
export const untilTime = dateOrTime.transform((text) =>
  isDay(text) ? (text === '9999-12-31' ? `${text}T23:59:59.999999Z` : `${text}T24:00:00Z`) : text,
)
/** As of when, included: of a day its last moment, by UTC. */
export const asOfTime = dateOrTime.transform((text) => (isDay(text) ? `${text}T23:59:59.999999Z` : text))

export const id = z.uuid()
export const documentNumber = textUpTo(64)
export const reason = textUpTo(500)

/** A business partner as the ordering system names it. */
export const partner = z.object({ code: code('a code', 64), name: code('a name', 200) })

/** An exact conversion: `quantity × numerator / denominator`. Integers as text. */
export const ratioText = z.object({ numerator: positiveInteger, denominator: positiveInteger })

/**
 * How a line of an order names its item: by our SKU, or by one of the others in its place. Our own code, which is the buyer's in a
 * purchase and the seller's in a sale, counts first, then the GTIN, then the partner's code by what a manager has written down.
 */
export const itemNames = {
  sku: sku.optional(),
  gtin: gtin.optional(),
  buyerItem: itemCode.optional(),
  sellerItem: itemCode.optional(),
}

/** A line of an order that names its item at all. */
export function namingItem<Line extends z.ZodType<z.output<z.ZodObject<typeof itemNames>>>>(line: Line): Line {
  const names = Object.keys(itemNames) as (keyof typeof itemNames)[]
  return line
    .refine((one) => names.some((name) => one[name] !== undefined), {
      path: ['sku'],
      message: 'must be there, or gtin, buyerItem or sellerItem in its place',
    })
    .meta({ anyOf: names.map((name) => ({ required: [name], properties: { [name]: { type: 'string' } } })) })
}

/** What was entered, in its own unit, before conversion. */
export const entered = z.object({ quantity: quantityOrZero, unit: unitCode })

/**
 * The order's price. Value of a line = `entered.quantity × numerator / denominator × unitPrice`, rounded once;
 * the ratio leads from the entered unit to the unit in which the order states its price.
 */
export const price = z.object({ unitPrice: unitAmount, unit: unitCode, currency: currencyCode, ...ratioText.shape })

export const lineNumber = z.int().min(1).max(1_000_000)

/** How a line of a receipt counts on the line of the order that it is for. All absent before 0.2.0. */
export const ofOrderLine = {
  /** The order's line. Absent where it was not ordered. */
  orderLine: lineNumber.optional(),
  /**
   * What this counts as there, in the price's unit. What all parts of the order's line count as sums to its quantity, also in units
   * that do not divide evenly: the last third of a box is 0.333334. Absent where it is just what was entered.
   */
  orderQuantity: quantityOrZero.optional(),
  /** With this the order's line is complete. Absent is false. */
  completesOrderLine: z.boolean().optional(),
}

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

/** Databases know no clock further from UTC than this, and no other years. */
function isOnEarth(text: string): boolean {
  const year = new Date(text).getUTCFullYear()
  return year >= 1 && year <= 9999 && !/[+-](1[6-9]|2\d):\d\d$/.test(text)
}
