/**
 * Quantities of an order line by line: what it asks for, what its documents did and are to do, and what somebody closed. Pure.
 */
import { atLeastZero, distance, formatQuantity, quantity, type Quantity, type UnitPrice } from '@stockline/amounts'
import type { LateLine } from '@stockline/contracts'
import {
  isFault,
  isSameQuantity,
  sumIn,
  toBaseQuantity,
  type ReferenceData,
  type Product,
} from '../products/product.ts'
import { asked, type Order, type OrderLine } from './order.ts'

/** What a document did, or is to do, for a line of its order. */
export interface OrderPart {
  readonly orderLine: number
  readonly sku: string
  readonly quantity: Quantity
  readonly unit: string
  /** `done`: it came or went. `open`: a document waits for it. */
  readonly state: 'done' | 'open'
}

/** A line of an order, and how far it is. All quantities are in `unit`. */
export interface LineStanding {
  readonly line: number
  readonly sku: string
  readonly unit: string
  /** Zero where it is not asked for any more. */
  readonly ordered: Quantity
  /** What the revision before asked for; undefined where that is not known. */
  readonly before: Quantity | undefined
  readonly done: Quantity
  readonly open: Quantity
  /** What the revision before asked for and no document was to do any more: somebody closed a remainder, or cancelled. */
  readonly closed: Quantity
}

/** What an order still wants of one of its lines. */
export interface Wanted {
  readonly orderLine: number
  readonly sku: string
  readonly quantity: Quantity
  readonly unit: string
  /** The order's own, per its own unit. */
  readonly unitPrice: UnitPrice | null
}

/** In which unit a line is looked at. */
export type UnitOf = (line: Pick<OrderLine, 'sku' | 'unit'>, product: Product | undefined) => string

/** As the order has it. */
export const asOrdered: UnitOf = ({ unit }) => unit

/**
 * Every line that the order asks for, asked for before, or of which something came or went.
 *
 * @param before what the revision before asked for; undefined where that is not known, then nothing counts as closed
 */
export function standingsOf(
  order: Pick<Order, 'status' | 'content'>,
  before: readonly OrderLine[] | undefined,
  parts: readonly OrderPart[],
  referenceData: ReferenceData,
  unitOf: UnitOf = asOrdered,
): readonly LineStanding[] {
  const now = byLine(linesOf(order))
  const then = byLine(before ?? [])
  const partsOf = Map.groupBy(parts, ({ orderLine, sku }) => nameOf(orderLine, sku))
  return [...new Set([...now.keys(), ...then.keys(), ...partsOf.keys()])].flatMap((name) => {
    const own = partsOf.get(name) ?? []
    const line = now.get(name) ?? then.get(name) ?? asLine(own[0])
    if (line === undefined) return []
    const product = referenceData.products.get(line.sku)
    const unit = unitOf(line, product)
    const sum = (of: readonly Amount[]) => sumOf(of, unit, product, referenceData)
    const amount = (of: OrderLine | undefined) =>
      of === undefined ? nothing : amountOf(of, unit, product, referenceData)
    const done = sum(own.filter(({ state }) => state === 'done'))
    const open = sum(own.filter(({ state }) => state === 'open'))
    const ordered = amount(now.get(name))
    const askedBefore = before === undefined ? undefined : amount(then.get(name))
    const closed = askedBefore === undefined ? nothing : lacking(askedBefore, done + open, unit, product, referenceData)
    return [{ line: line.line, sku: line.sku, unit, ordered, before: askedBefore, done, open, closed }]
  })
}

/**
 * What an order asks for, less what came or went and what somebody closed of it. Services want nothing.
 *
 * @param before what the revision before asked for; undefined where nothing counts as closed
 * @param unitOf in which unit what is left is told; what nothing came of yet is told as it is ordered
 */
export function wantedLines(
  order: Pick<Order, 'status' | 'content'>,
  before: readonly OrderLine[] | undefined,
  parts: readonly OrderPart[],
  referenceData: ReferenceData,
  unitOf: UnitOf,
): readonly Wanted[] {
  const standings =
    parts.length === 0 && before === undefined ? [] : standingsOf(order, before, parts, referenceData, unitOf)
  const standingOf = new Map(standings.map((each) => [nameOf(each.line, each.sku), each]))
  return linesOf(order).flatMap((line): readonly Wanted[] => {
    const product = referenceData.products.get(line.sku)
    if (product?.type === 'service') return []
    const whole = asked(line)
    const standing = standingOf.get(nameOf(line.line, line.sku))
    if (standing === undefined || standing.done + standing.closed === 0n) return [whole]
    const isConverted = product !== undefined && standing.unit !== whole.unit
    if (isConverted && isFault(toBaseQuantity(product, whole.quantity, whole.unit, referenceData.units))) return [whole]
    const left = wantedOfLine(standing, referenceData)
    // What is left of a box may be counted in pieces.
    return left > 0n ? [{ ...whole, quantity: left, unit: standing.unit }] : []
  })
}

/** What documents are still to bring or take of a line: zero where nothing that can be counted is left. */
export function wantedOfLine(
  { sku, unit, ordered, done, closed }: LineStanding,
  referenceData: ReferenceData,
): Quantity {
  const left = lacking(ordered, done + closed, unit, referenceData.products.get(sku), referenceData)
  return done + closed === 0n ? left : tidy(left, unit, referenceData.products.get(sku), referenceData)
}

/** The lines that were lowered below what came or went. */
export function lateLines(standings: readonly LineStanding[], referenceData: ReferenceData): readonly LateLine[] {
  return standings.flatMap(({ line, sku, unit, ordered, before, done }) => {
    const product = referenceData.products.get(sku)
    const isLowered = before === undefined || ordered < before
    if (!isLowered || lacking(done, ordered, unit, product, referenceData) === 0n) return []
    return [{ line, sku, unit, wanted: formatQuantity(ordered), done: formatQuantity(done) }]
  })
}

/** What an order asks for as it stands: a cancelled one asks for nothing. */
export function linesOf({ status, content }: Pick<Order, 'status' | 'content'>): readonly OrderLine[] {
  return status === 'cancelled' ? [] : content.lines
}

interface Amount {
  readonly quantity: Quantity
  readonly unit: string
}

const nothing = quantity(0n)

function nameOf(line: number, sku: string): string {
  return `${line} ${sku}`
}

function byLine(lines: readonly OrderLine[]): ReadonlyMap<string, OrderLine> {
  return new Map(lines.map((line) => [nameOf(line.line, line.sku), line]))
}

function asLine(part: OrderPart | undefined): OrderLine | undefined {
  if (part === undefined) return undefined
  return { line: part.orderLine, sku: part.sku, quantity: '0', unit: part.unit, unitPrice: null }
}

/** In the base unit as documents round it, so that a line and its documents agree. */
function amountOf(line: OrderLine, unit: string, product: Product | undefined, { units }: ReferenceData): Quantity {
  const whole = asked(line)
  if (line.unit === unit || product === undefined) return whole.quantity
  const base = unit === product.unit ? toBaseQuantity(product, whole.quantity, line.unit, units) : undefined
  if (base !== undefined && !isFault(base)) return base
  return sumIn(product, unit, [whole], units) ?? whole.quantity
}

/** What does not convert counts as it is written: without a product there is nothing else to go by. */
function sumOf(of: readonly Amount[], unit: string, product: Product | undefined, { units }: ReferenceData): Quantity {
  const converted = product === undefined ? undefined : sumIn(product, unit, of, units)
  return converted ?? quantity(of.reduce((sum, one) => sum + one.quantity, 0n))
}

/** How much of the first is not in the second; zero where that is less than one step of what can be counted. */
function lacking(
  wanted: bigint,
  had: bigint,
  unit: string,
  product: Product | undefined,
  { units }: ReferenceData,
): Quantity {
  if (had > 0n && product !== undefined && isSameQuantity(product, unit, quantity(wanted), quantity(had), units))
    return nothing
  return atLeastZero(quantity(wanted - had))
}

/** In millionths: so much may roundings of parts add up to. */
const roundings = 32n

/** A box of which thirds came leaves 1.000001: told as 1, where that is the same to whoever counts. */
function tidy(amount: Quantity, unit: string, product: Product | undefined, { units }: ReferenceData): Quantity {
  if (product === undefined || unit === product.unit) return amount
  for (const step of [1_000_000n, 100_000n, 10_000n, 1_000n]) {
    const rounded = quantity(((amount + step / 2n) / step) * step)
    if (distance(rounded, amount) <= roundings && isSameQuantity(product, unit, rounded, amount, units)) return rounded
  }
  return amount
}
