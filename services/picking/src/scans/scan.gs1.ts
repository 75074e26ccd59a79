/**
 * GS1 element strings: application identifiers and their values, as scanners send them or as they are printed below
 * the bars. Pure.
 *
 * @see https://ref.gs1.org/standards/genspecs/ section 7.8 element strings of predefined length, 3 each identifier
 */

import { type Component, identifiers, isOfKind, predefinedLengths } from './scan.identifiers.ts'

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
  const sum = Array.from(digits.padStart(18, '0')).reduce(
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
    const identifier = [2, 3, 4].map((length) => rest.slice(0, length)).find((start) => identifiers.has(start))
    if (identifier === undefined) return { fault: unknownFault(/^[^\u001d]{0,4}/.exec(rest)?.[0] ?? '') }
    const after = rest.slice(identifier.length)
    const end = after.indexOf(groupSeparator)
    const free = end < 0 ? after.length : end
    const length = Math.min(predefinedLengths.get(identifier.slice(0, 2)) ?? free, free)
    list.push([identifier, after.slice(0, length)])
    rest = after.slice(length)
  }
  return { list }
}

function unknownFault(identifier: string): string {
  return `"${identifier}" is no application identifier that GS1 has given out`
}

function valueFault(identifier: string, value: string): string | undefined {
  const components = identifiers.get(identifier)
  if (components === undefined) return unknownFault(identifier)
  if (value === '') return `nothing stands behind (${identifier})`
  let rest = value
  for (const component of components) {
    if (rest === '' && component.optional) return undefined
    const part = rest.slice(0, component.most)
    const fault = partFault(identifier, part, component)
    if (fault !== undefined) return fault
    rest = rest.slice(part.length)
  }
  if (rest === '') return undefined
  const most = components.reduce((sum, { most }) => sum + most, 0)
  return `(${identifier}) has at most ${most} characters: "${value}" is too long, or a separator is missing`
}

function partFault(identifier: string, part: string, { kind, least, most, rule }: Component): string | undefined {
  const what = kind === 'N' ? 'digits' : 'characters'
  if (!isOfKind(part, kind)) {
    const wrong = Array.from(part).find((character) => !isOfKind(character, kind))
    return `"${wrong ?? part}" may not stand in (${identifier})${kind === 'N' ? `, which has digits` : ''}`
  }
  if (part.length < least)
    return `(${identifier}) has ${least === most ? most : `at least ${least}`} ${what}, not "${part}"`
  if (rule === 'check' && !hasRightCheckDigit(part))
    return `the check digit of ${part} is wrong: it was misread or misprinted`
  if (rule === undefined || rule === 'check') return undefined
  const isDate = dateOf(part.slice(-6)) !== undefined && (rule === 'date' || !part.endsWith('00'))
  return isDate ? undefined : `"${part}" is no date in (${identifier})`
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
