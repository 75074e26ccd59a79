/**
 * GS1 element strings: application identifiers and their values, as scanners send them or as they are printed below
 * the bars. Pure.
 *
 * @see https://ref.gs1.org/standards/genspecs/ section 7.8 element strings of predefined length, 3 each identifier
 */

/** What is wrong with a scanned code, for a person. */
export interface ScanFault {
  readonly fault: string
}

/** What a GS1 code says of the goods. */
export interface Gs1Elements {
  /** 14 digits, the check digit verified. */
  readonly gtin: string | undefined
  readonly lot: string | undefined
  readonly serial: string | undefined
  readonly expiresOn: string | undefined
}

/** FNC1 as scanners send it, ASCII 29: the end of an element whose length is free. */
export const groupSeparator = '\u001d'

/** Digits of an identifier by its first two; two where it is not named. */
const identifierLengths = new Map<string, number>([
  ...['23', '24', '25', '40', '41', '42', '71'].map((prefix) => [prefix, 3] as const),
  ...['31', '32', '33', '34', '35', '36', '39', '43', '70', '72', '80', '81', '82'].map(
    (prefix) => [prefix, 4] as const,
  ),
])

/** First two digits of the identifiers whose value has a predefined length, and needs no separator after it. */
const valueLengths = new Map<string, number>([
  ['00', 18],
  ...['01', '02', '03'].map((prefix) => [prefix, 14] as const),
  ['04', 16],
  ...['11', '12', '13', '14', '15', '16', '17', '18', '19'].map((prefix) => [prefix, 6] as const),
  ['20', 2],
  ...['31', '32', '33', '34', '35', '36'].map((prefix) => [prefix, 6] as const),
  ['41', 13],
])

/** GTIN, lot, serial and expiry out of a GS1 code; other elements are passed over. */
export function readElements(text: string): Gs1Elements | ScanFault {
  const elements = text.startsWith('(') ? printedElements(text) : sentElements(text)
  if ('fault' in elements) return elements
  const found = new Map<string, string>()
  for (const [identifier, value] of elements.list) {
    const fault = valueFault(identifier, value) ?? repeatedFault(found.get(identifier), identifier, value)
    if (fault !== undefined) return { fault }
    found.set(identifier, value)
  }
  const expiry = found.get('17')
  const named = { gtin: found.get('01'), lot: found.get('10'), serial: found.get('21') }
  if (named.gtin === undefined && named.lot === undefined && named.serial === undefined)
    return { fault: 'it names no product, lot or serial number' }
  return { ...named, expiresOn: expiry === undefined ? undefined : dateOf(expiry) }
}

/** Is the last digit the one that follows from the others? */
export function hasRightCheckDigit(digits: string): boolean {
  const sum = Array.from(digits.padStart(14, '0')).reduce(
    (total, digit, index) => total + Number(digit) * (index % 2 === 0 ? 3 : 1),
    0,
  )
  return sum % 10 === 0
}

interface Elements {
  readonly list: readonly (readonly [identifier: string, value: string])[]
}

/** `(01)04006381333931(10)ABC`. */
function printedElements(text: string): Elements | ScanFault {
  const list = [...text.matchAll(/\((\d{2,4})\)([^(]*)/g)].map(
    ([, identifier = '', value = '']) => [identifier, value.trim()] as const,
  )
  const read = [...text.matchAll(/\(\d{2,4}\)[^(]*/g)].map(([all]) => all).join('')
  return read === text ? { list } : { fault: 'its brackets are no application identifiers' }
}

function sentElements(text: string): Elements | ScanFault {
  const list: (readonly [string, string])[] = []
  let rest = text
  while (rest !== '') {
    if (rest.startsWith(groupSeparator)) {
      rest = rest.slice(1)
      continue
    }
    const prefix = rest.slice(0, 2)
    const identifier = rest.slice(0, identifierLengths.get(prefix) ?? 2)
    if (!/^\d{2,4}$/.test(identifier)) return { fault: `"${identifier}" is no application identifier` }
    const after = rest.slice(identifier.length)
    const end = after.indexOf(groupSeparator)
    const free = end < 0 ? after.length : end
    const length = Math.min(valueLengths.get(prefix) ?? free, free)
    list.push([identifier, after.slice(0, length)])
    rest = after.slice(length)
  }
  return { list }
}

function valueFault(identifier: string, value: string): string | undefined {
  const length = valueLengths.get(identifier.slice(0, 2))
  if (value === '') return `nothing stands behind (${identifier})`
  if (length !== undefined && (value.length !== length || !/^\d+$/.test(value)))
    return `(${identifier}) has ${length} digits, not "${value}"`
  if (identifier === '01' && !hasRightCheckDigit(value))
    return `the check digit of ${value} is wrong: it was misread or misprinted`
  if (identifier === '17' && dateOf(value) === undefined) return `"${value}" is no date of expiry`
  if ((identifier === '10' || identifier === '21') && value.length > 20)
    return `(${identifier}) has at most 20 characters: a separator is missing`
  return undefined
}

function repeatedFault(before: string | undefined, identifier: string, value: string): string | undefined {
  return before === undefined || before === value
    ? undefined
    : `(${identifier}) stands in it twice: ${before}, ${value}`
}

/** `YYMMDD`, in this century; day 00 is the month's last. */
function dateOf(value: string): string | undefined {
  const [year, month, day] = [Number(`20${value.slice(0, 2)}`), Number(value.slice(2, 4)), Number(value.slice(4))]
  const date = day === 0 ? new Date(Date.UTC(year, month, 0)) : new Date(Date.UTC(year, month - 1, day))
  const isReal = month >= 1 && month <= 12 && date.getUTCMonth() === month - 1
  return isReal ? date.toISOString().slice(0, 10) : undefined
}
