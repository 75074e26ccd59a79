/**
 * Decimals as they are taken and as they are kept. Whatever notation a sender's language prints is read by its value:
 * "100.0000", "0100", "1E+2" and the JSON number 100 are all "100". What is kept, answered and published is canonical.
 */
import { z } from 'zod'

/** What a field of amounts takes. */
export interface DecimalKind {
  readonly sign: 'positive' | 'zero-or-more' | 'any'
  /** Digits before the point at most, leading zeros not counted. */
  readonly integerDigits: number
  /** Digits after the point at most, zeros at the end not counted. */
  readonly decimals: number
  /** Digits after the point that the canonical text has at least: 2 for "2.50". */
  readonly leastDecimals: number
}

/** The canonical text, or what is wrong as the end of a sentence. */
export type ReadDecimal = { readonly text: string } | { readonly wrong: string }

const notation = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?)(\d+))?$/
/** An exponent of more digits than this leads beyond every amount, whatever a body of 1 MiB writes before it. */
const mostExponentDigits = 7

/** Reads texts of one kind. */
export type DecimalReader = (given: string) => ReadDecimal

interface DecimalDef extends z.core.$ZodStringDef {
  readonly decimal: DecimalKind
  readonly read: DecimalReader
  /** What is kept as it is: most of what comes, so that it is looked at once. */
  readonly canonical: RegExp
}

/** A string of Zod that reads its value: one step, since every line of every event has several. */
const DecimalString = z.core.$constructor<z.ZodString, DecimalDef>('DecimalString', (inst, def) => {
  z.ZodString.init(inst, def)
  const { canonical, read } = def
  inst._zod.parse = (payload) => {
    const { value } = payload as { readonly value: unknown }
    if (typeof value === 'string' && canonical.test(value)) return payload
    if (typeof value !== 'string' && !isWhole(value)) {
      payload.issues.push({ code: 'invalid_type', expected: 'string', input: value, inst })
      return payload
    }
    const result = read(String(value))
    if ('text' in result) payload.value = result.text
    else payload.issues.push({ code: 'custom', input: value, inst, message: result.wrong })
    return payload
  }
})

/** A schema of decimals: takes a text in any notation or a whole JSON number within 2^53, gives the canonical text. */
export function decimal(kind: DecimalKind): z.ZodString {
  const canonical = canonicalText(kind)
  const read: DecimalReader = (given) => (canonical.test(given) ? { text: given } : readDecimal(given, kind))
  return new DecimalString({ type: 'string', decimal: kind, read, canonical }).meta({ pattern: canonicalPattern(kind) })
}

/** The kind of decimal that a schema reads; undefined for all other schemas. */
export function decimalKindOf(schema: z.core.$ZodType): DecimalKind | undefined {
  return defOf(schema).decimal
}

/** How a schema of decimals reads a text; undefined for all other schemas. */
export function decimalReaderOf(schema: z.core.$ZodType): DecimalReader | undefined {
  return defOf(schema).read
}

function defOf({ _zod: { def } }: z.core.$ZodType): Partial<DecimalDef> {
  return 'decimal' in def ? (def as DecimalDef) : {}
}

function canonicalText({ sign, integerDigits, decimals, leastDecimals }: DecimalKind): RegExp {
  const whole = `[1-9]\\d{0,${String(integerDigits - 1)}}`
  if (decimals === 0) return new RegExp(`^${whole}$`)
  if (leastDecimals > 0) {
    const more = decimals - leastDecimals - 1
    const rest = `\\d{${String(leastDecimals)}}(?:\\d{0,${String(more)}}[1-9])?`
    return new RegExp(`^(?:${whole}${sign === 'positive' ? '' : '|0'})[.]${rest}$`)
  }
  const fraction = `[.]\\d{0,${String(decimals - 1)}}[1-9]`
  return new RegExp(`^(?:${whole}(?:${fraction})?|0${fraction})$`)
}

function isWhole(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value)
}

/** Reads a decimal by its value. The cost grows with the length of the text alone, never with the exponent. */
export function readDecimal(given: string, kind: DecimalKind): ReadDecimal {
  const match = notation.exec(given)
  if (match === null) return { wrong: `must be a decimal number as text, such as ${exampleOf(kind)}` }
  const [, minus, whole = '', fraction = '', exponentSign, exponent] = match
  const { digits, point } = withoutZeros(whole + fraction, whole.length)
  if (digits === '') return kind.sign === 'positive' ? { wrong: aboveZero } : { text: padded('0', '', kind) }
  if (minus === '-' && kind.sign !== 'any')
    return { wrong: kind.sign === 'positive' ? aboveZero : 'must be zero or more' }
  const shift = shiftOf(exponentSign, exponent)
  if (point + shift > kind.integerDigits)
    return { wrong: `is too large: at most ${String(kind.integerDigits)} digits before the point are taken` }
  if (digits.length - point - shift > kind.decimals) return { wrong: tooPrecise(kind) }
  const [before, after] = splitAt(digits, point + shift)
  return { text: `${minus ?? ''}${padded(before, after, kind)}` }
}

const aboveZero = 'must be above zero'

function tooPrecise({ decimals }: DecimalKind): string {
  if (decimals === 0) return 'must be a whole number'
  return `is too precise: at most ${String(decimals)} digits after the point are taken`
}

function exampleOf({ decimals, leastDecimals }: DecimalKind): string {
  if (decimals === 0) return '"12"'
  return leastDecimals === 2 ? '"2.50"' : '"12.5"'
}

/** The digits between the first and the last that is no zero, and where the point stands, counted from the first. */
function withoutZeros(all: string, point: number): { readonly digits: string; readonly point: number } {
  let start = 0
  while (start < all.length && all[start] === '0') start += 1
  let end = all.length
  while (end > start && all[end - 1] === '0') end -= 1
  return { digits: all.slice(start, end), point: point - start }
}

function shiftOf(sign: string | undefined, exponent: string | undefined): number {
  if (exponent === undefined) return 0
  const { digits, point } = withoutZeros(exponent, exponent.length)
  const size = point > mostExponentDigits ? Infinity : Number(digits.padEnd(point, '0'))
  return sign === '-' ? -size : size
}

/** Within the bounds of a kind, so that no more zeros are written than an amount has digits. */
function splitAt(digits: string, point: number): [before: string, after: string] {
  if (point <= 0) return ['0', '0'.repeat(-point) + digits]
  return [digits.slice(0, point).padEnd(point, '0'), digits.slice(point)]
}

function padded(before: string, after: string, { leastDecimals }: DecimalKind): string {
  const fraction = after.padEnd(leastDecimals, '0')
  return fraction === '' ? before : `${before}.${fraction}`
}

/** What a sender should write. It is within what every regular expression engine reads: no lookahead, no `\d`. */
export function canonicalPattern(kind: DecimalKind): string {
  const { positive, zero } = partsOf(kind, { zeros: '', tail: '', least: '0' })
  return `^${signed(kind, positive, zero, '')}$`
}

/**
 * Every text that is taken, and of those with an exponent some that are not: how large or precise they are by value is more
 * than a pattern can say.
 */
export function takenPattern(kind: DecimalKind): string {
  const { positive, zero } = partsOf(kind, { zeros: '0*', tail: '0*', least: '0+' })
  const plain = signed(kind, positive, zero, '-?')
  const mantissa = signed(kind, '0*[1-9][0-9]*(?:[.][0-9]+)?|0+[.]0*[1-9][0-9]*', '0+(?:[.]0+)?', '-?')
  return `^(?:${plain}|${mantissa}[eE][+-]?[0-9]+)$`
}

function partsOf(
  { integerDigits, decimals }: DecimalKind,
  { zeros, tail, least }: { readonly zeros: string; readonly tail: string; readonly least: string },
): { readonly positive: string; readonly zero: string } {
  const whole = `${zeros}[1-9][0-9]{0,${String(integerDigits - 1)}}`
  if (decimals === 0 && tail === '') return { positive: whole, zero: least }
  if (decimals === 0) return { positive: `${whole}(?:[.]0+)?`, zero: `${least}(?:[.]0+)?` }
  const small = Array.from({ length: decimals }, (_, zerosBefore) => {
    const more = decimals - 1 - zerosBefore
    return `${'0'.repeat(zerosBefore)}[1-9]${more === 0 ? '' : `[0-9]{0,${String(more)}}`}`
  })
  const digits = `{1,${String(decimals)}}`
  return {
    positive: `${whole}(?:[.][0-9]${digits}${tail})?|${least}[.](?:${small.join('|')})${tail}`,
    zero: `${least}(?:[.]0${tail === '' ? digits : '+'})?`,
  }
}

/** @param minus what may stand before zero where nothing below it is taken */
function signed({ sign }: DecimalKind, positive: string, zero: string, minus: string): string {
  if (sign === 'positive') return `(?:${positive})`
  return sign === 'any' ? `-?(?:${positive}|${zero})` : `(?:${positive}|${minus}${zero})`
}
