/** The goods that elements describe: item, quantity, lot, expiry. Pure. */
import { dateOf } from './dates.ts'
import type { Element } from './elements.ts'

/** Fields that the code does not have are absent. */
export interface Goods {
  /** 14 digits each. More than one only where a number of eight digits may be read in two ways. */
  readonly gtins: readonly string[]
  /** The GTIN is of what a logistic unit contains, not of what is scanned. */
  readonly isContent?: boolean
  readonly lot?: string
  readonly serial?: string
  /** Serial shipping container code, 18 digits. */
  readonly sscc?: string
  /** Dates as `YYYY-MM-DD`. */
  readonly expiresOn?: string
  readonly bestBefore?: string
  readonly producedOn?: string
  /** Beside each other: a count of pieces and a weight may both be there. */
  readonly quantities?: readonly Measure[]
}

/** How much, as a decimal. */
export interface Measure {
  readonly value: string
  /** Pieces, or a unit by its symbol. Dimensions of a package are no quantities of goods, and are left out. */
  readonly unit: MeasureUnit
}

export type MeasureUnit =
  | 'pieces'
  | 'kg'
  | 'lb'
  | 'ozt'
  | 'm'
  | 'in'
  | 'ft'
  | 'yd'
  | 'm2'
  | 'in2'
  | 'ft2'
  | 'yd2'
  | 'l'
  | 'm3'
  | 'qt'
  | 'gal'
  | 'floz'
  | 'in3'
  | 'ft3'
  | 'yd3'

/** Net quantities of a trade item of variable measure, by the first three digits; the fourth is the number of decimals. */
const measures: Readonly<Record<string, MeasureUnit>> = {
  '310': 'kg',
  '311': 'm',
  '314': 'm2',
  '315': 'l',
  '316': 'm3',
  '320': 'lb',
  '321': 'in',
  '322': 'ft',
  '323': 'yd',
  '350': 'in2',
  '351': 'ft2',
  '352': 'yd2',
  '356': 'ozt',
  '357': 'floz',
  '360': 'qt',
  '361': 'gal',
  '364': 'in3',
  '365': 'ft3',
  '366': 'yd3',
}

const gtinIdentifiers = ['01', '02', '03', '8006', '8026'] as const
const contentIdentifiers: ReadonlySet<string> = new Set(['02', '8026'])

/** @param year the present year, from which the century of dates follows */
export function goodsOf(elements: readonly Element[], year: number): Goods {
  if (elements.length === 0) return { gtins: [] }
  const values = new Map(elements)
  const product = gtinIdentifiers.find((identifier) => values.has(identifier))
  const date = (identifier: string): string | undefined => {
    const value = values.get(identifier)
    return value === undefined ? undefined : dateOf(value, year)
  }
  const quantities = elements.map(measureOf).filter((one) => one !== undefined)
  return {
    gtins: product === undefined ? [] : [values.get(product)?.slice(0, 14) ?? ''],
    ...present('isContent', product !== undefined && contentIdentifiers.has(product) ? true : undefined),
    ...present('lot', values.get('10')),
    ...present('serial', values.get('21')),
    ...present('sscc', values.get('00')),
    ...present('expiresOn', date('17') ?? date('7003')),
    ...present('bestBefore', date('15')),
    ...present('producedOn', date('11')),
    ...present('quantities', quantities.length === 0 ? undefined : quantities),
  }
}

function present<Name extends string, Value>(name: Name, value: Value | undefined): Partial<Record<Name, Value>> {
  return value === undefined ? {} : ({ [name]: value } as Partial<Record<Name, Value>>)
}

function measureOf([identifier, value]: Element): Measure | undefined {
  if (identifier === '30' || identifier === '37') return { value: withoutZeros(value), unit: 'pieces' }
  const unit = identifier.length === 4 ? measures[identifier.slice(0, 3)] : undefined
  if (unit === undefined) return undefined
  const decimals = Number(identifier.charAt(3))
  const whole = value.slice(0, value.length - decimals)
  return { value: withoutZeros(decimals === 0 ? value : `${whole}.${value.slice(-decimals)}`), unit }
}

/** `012.500` to `12.5`. */
function withoutZeros(decimal: string): string {
  const short = decimal.includes('.') ? decimal.replace(/\.?0+$/, '') : decimal
  return short
    .replace(/^0+(?=\d)/, '')
    .replace(/^$/, '0')
    .replace(/^\./, '0.')
}

/**
 * The unit in which a label's quantity is to be counted. A carton's label counts trade items of the GTIN on it; any other label says
 * how many pieces the scanned item itself has.
 *
 * @param pack the unit that the GTIN stands for
 */
export function countedIn({ unit }: Measure, { isContent }: Goods, pack: string): string {
  if (unit !== 'pieces') return unit
  return isContent === true ? pack : 'unit'
}
