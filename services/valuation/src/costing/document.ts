/** What one ledger document does to the pools it touches, and the entry that follows from it. */
import { minus, negative, valueOf, zero, type Money, type Quantity } from '@stockline/amounts'
import type { AccountRole } from '../accounts/account.ts'
import type { LedgerDocument, Line, OrderData } from '../inputs/input.ts'
import type { Company, LineDraft } from '../journal/entry.ts'
import {
  counterRole,
  borderDirection,
  givenCost,
  isAtOrderPrice,
  isBought,
  one,
  ownCost,
  type Valuing,
} from './line.ts'
import {
  bookPart,
  evenPart,
  isPricedPart,
  orderLineKey,
  type OrderLineValue,
  type OrderLineName,
} from './order-line.ts'
import {
  convertTo,
  costByPool,
  emptyPool,
  issue,
  knowsCost,
  receive,
  type Cost,
  type Layer,
  type Pool,
} from './pool.ts'

/** Why a document cannot be valued yet. `lacking` are the products whose cost would help. */
export interface Obstacle {
  readonly reason: 'no-cost' | 'foreign-currency' | 'negative-price' | 'unsupported-move' | 'too-large' | 'fault'
  readonly detail: string
  readonly lacking: readonly string[]
}

/** What a document changed: nothing of it counts until all of it is done. */
export interface Valued {
  readonly pools: ReadonlyMap<string, Pool>
  readonly layers: readonly { readonly productId: string; readonly layer: Layer }[]
  readonly original: readonly LineDraft[]
  readonly covered: readonly LineDraft[]
  readonly converted: readonly LineDraft[]
  readonly orderLines: ReadonlyMap<string, OrderLineValue>
}

/** The products whose pools the document touches. */
export function productsOf(document: LedgerDocument): string[] {
  return [...new Set(document.lines.filter((line) => borderDirection(line) !== 'none').map((line) => line.productId))]
}

/** What stands in the way of valuing the document, if anything. Looks at all lines before any is valued. */
export function obstacleOf(document: LedgerDocument, valuing: Valuing): Obstacle | undefined {
  const known = new Set<string>()
  const lacking = new Set<string>()
  for (const line of document.lines) {
    const direction = borderDirection(line)
    if (direction === 'none') continue
    const stopped = impossible(line, valuing)
    if (stopped !== undefined) return { ...stopped, lacking: [] }
    const pool = valuing.poolOf(line.productId)
    if (ownCost(line, valuing) !== null) known.add(line.productId)
    else if (isFree(line, valuing) || known.has(line.productId) || (pool !== undefined && knowsCost(pool))) continue
    else lacking.add(line.productId)
  }
  if (lacking.size === 0) return undefined
  const skus = [...new Set(document.lines.filter((line) => lacking.has(line.productId)).map((line) => line.sku))]
  return { reason: 'no-cost', detail: `No cost is known of ${skus.join(', ')}.`, lacking: [...lacking] }
}

function impossible(line: Line, valuing: Valuing): Omit<Obstacle, 'lacking'> | undefined {
  const { price, sku } = line
  if (counterRole(line) === null)
    return {
      reason: 'unsupported-move',
      detail: `A move of ${sku} between ${line.fromType} and ${line.toType} has no account.`,
    }
  if (borderDirection(line) === 'out' || valuing.given?.discarded === true || givenCost(line, valuing) !== null)
    return undefined
  if (line.unitCost !== null && line.unitCost < 0n)
    return { reason: 'negative-price', detail: `The unit cost of ${sku} is negative.` }
  if (price === null || (price.currency !== valuing.company.currency && line.unitCost !== null)) return undefined
  if (price.currency !== valuing.company.currency)
    return {
      reason: 'foreign-currency',
      detail: `The price of ${sku} is in ${price.currency}, not ${valuing.company.currency}.`,
    }
  if (price.unitPrice < 0n) return { reason: 'negative-price', detail: `The price of ${sku} is negative.` }
  return undefined
}

/** No product is worth as much: a slip of the keys would otherwise be in the books for good. */
const mostWorth = 10n ** 15n

/** A product whose worth would be beyond everything, and the document a mistake. */
export function tooLarge({ pools, original }: Valued, company: Company): Obstacle | undefined {
  const most = mostWorth * 10n ** BigInt(company.minorDigits)
  const large =
    [...pools.values()].find(({ value }) => value >= most || value <= -most) ??
    original.find((line) => line.amount >= most)
  if (large === undefined) return undefined
  return {
    reason: 'too-large',
    detail: `${String(large.sku)} would be worth more than any product can be.`,
    lacking: [],
  }
}

/** Values every line in order. Only for a document without an obstacle. */
export function valueDocument(document: LedgerDocument, valuing: Valuing): Valued {
  const pools = new Map<string, Pool>()
  const layers: { productId: string; layer: Layer }[] = []
  const original: LineDraft[] = []
  const covered: LineDraft[] = []
  const converted: LineDraft[] = []
  const orderLines = new Map<string, OrderLineValue>()
  const orderLineOf = (name: OrderLineName) =>
    (orderLines.size === 0 ? undefined : orderLines.get(orderLineKey(name))) ?? valuing.orderLineOf(name)
  const within = { ...valuing, orderLineOf }
  for (const line of document.lines) {
    const direction = borderDirection(line)
    if (direction === 'none') continue
    const keep = (changed: readonly Layer[]) => {
      for (const layer of changed) layers.push({ productId: line.productId, layer })
    }
    const found = pools.get(line.productId) ?? valuing.poolOf(line.productId)
    const moved = inItsCategory(found, line, document.rules, valuing)
    keep(moved.changed)
    if (moved.value !== 0n)
      converted.push(valueOnly(line, 'inventory', 'purchase-price-variance', moved.value, 'standard cost'))
    const step =
      direction === 'in'
        ? valueIncoming(line, moved.pool, document.order, within)
        : valueOutgoing(line, moved.pool, valuing)
    keep(step.changed)
    original.push(...step.lines)
    if (step.correction !== 0n) covered.push(valueOnly(line, 'inventory', 'cogs', step.correction, null))
    pools.set(line.productId, step.pool)
    if (step.orderLine !== undefined) orderLines.set(orderLineKey(step.orderLine), step.orderLine)
  }
  return { pools, layers, original, covered, converted, orderLines }
}

/** The pool under the method of its product's category. Until an event of the product has set the category, a line of a document does. */
function inItsCategory(found: Pool | undefined, line: Line, rules: number, valuing: Valuing) {
  const category = found !== undefined && rules >= 2 && found.categoryTold ? found.category : line.category
  const method = valuing.methodOf(category)
  const pool = found ?? emptyPool(line.productId, line.sku, category, method)
  if (pool.category === category && pool.method === method && pool.sku === line.sku)
    return { pool, changed: [], value: zero.money }
  return convertTo({ ...pool, category, sku: line.sku }, method, valuing.input, valuing.company.minorDigits)
}

interface LineStep {
  readonly pool: Pool
  readonly changed: readonly Layer[]
  readonly lines: readonly LineDraft[]
  readonly correction: Money
  readonly orderLine?: OrderLineValue | undefined
}

function valueIncoming(line: Line, pool: Pool, order: OrderData | null, valuing: Valuing): LineStep {
  const counter = counterRole(line) ?? 'grni'
  const { cost, orderLine } = costWithOrder(line, pool, order, valuing)
  const partOf = orderLine?.openedBy ?? null
  if (line.productType === 'consumable') return { ...expensed(line, pool, counter, cost, partOf), orderLine }
  const kept = keptAt(pool, line.quantity, cost, valuing.company.minorDigits)
  const step = receive(pool, line.quantity, kept, line.move, valuing.input)
  return {
    pool: step.pool,
    changed: step.changed,
    lines: partsOf(incomingLines(line, counter, cost, kept), partOf),
    correction: step.value,
    orderLine,
  }
}

/** What the inventory takes in: the standard where the pool is kept at one, else what it cost. */
function keptAt(pool: Pool, q: Quantity, cost: Cost, minorDigits: number): Money {
  if (pool.method !== 'standard' || pool.standardCost === null) return cost.value
  return valueOf(q, one, pool.standardCost, minorDigits)
}

function partsOf(lines: LineDraft[], partOf: string | null): LineDraft[] {
  return partOf === null ? lines : lines.map((each) => ({ ...each, partOf }))
}

function incomingLines(line: Line, counter: AccountRole, cost: Cost, kept: Money): LineDraft[] {
  const difference = minus(cost.value, kept)
  const shared = difference > 0n ? kept : cost.value
  const lines = [lineDraft(line, 'inventory', counter, shared, cost.basis)]
  if (difference > 0n) lines.push(valueOnly(line, 'purchase-price-variance', counter, difference, cost.basis))
  if (difference < 0n)
    lines.push(valueOnly(line, 'inventory', 'purchase-price-variance', negative(difference), cost.basis))
  return lines
}

/** A consumable is an expense when it is bought, and worth nothing in the books after that. */
function expensed(line: Line, pool: Pool, counter: AccountRole, cost: Cost, partOf: string | null): LineStep {
  const known =
    cost.value === 0n && cost.basis === 'no value' ? {} : { lastValue: cost.value, lastQuantity: line.quantity }
  return {
    pool: { ...pool, ...known },
    changed: [],
    lines: [{ ...lineDraft(line, 'expense', counter, cost.value, cost.basis), partOf }],
    correction: zero.money,
  }
}

function valueOutgoing(line: Line, pool: Pool, valuing: Valuing): LineStep {
  const counter = counterRole(line) ?? 'cogs'
  if (line.productType === 'consumable')
    return {
      pool,
      changed: [],
      lines: [lineDraft(line, counter, 'expense', zero.money, 'no value')],
      correction: zero.money,
    }
  const known = knowsCost(pool) ? pool : withGivenCost(pool, line, valuing)
  const step = issue(known, line.quantity, valuing.company.minorDigits)
  return {
    pool: step.pool,
    changed: step.changed,
    lines: [lineDraft(line, counter, 'inventory', step.value, pool.method)],
    correction: zero.money,
  }
}

/** Something that leaves before its cost was ever known leaves at the cost that was given on release. */
function withGivenCost(pool: Pool, line: Line, valuing: Valuing): Pool {
  const given = givenCost(line, valuing)
  if (given === null) return pool
  const lastValue = valueOf(line.quantity, one, given, valuing.company.minorDigits)
  return { ...pool, lastValue, lastQuantity: line.quantity }
}

/** At the order's price, the parts of the order's line are rounded together. */
function costWithOrder(line: Line, pool: Pool, order: OrderData | null, valuing: Valuing): PartCost {
  if (order === null || !isPricedPart(line) || !isAtOrderPrice(line, valuing))
    return { cost: costOf(line, pool, valuing), orderLine: undefined }
  const { minorDigits } = valuing.company
  const even = evenPart(line, minorDigits)
  if (even !== null) return { cost: { value: even, basis: 'order price' }, orderLine: undefined }
  const { source, orderNumber } = order
  const name = { source, orderNumber, orderLine: line.part.orderLine, productId: line.productId }
  const { value, after } = bookPart(valuing.orderLineOf(name), name, line, minorDigits)
  return { cost: { value, basis: 'order price' }, orderLine: after }
}

interface PartCost {
  readonly cost: Cost
  readonly orderLine: OrderLineValue | undefined
}

function costOf(line: Line, pool: Pool, valuing: Valuing): Cost {
  const own = ownCost(line, valuing)
  if (own !== null) return own
  if (line.productType === 'consumable' && !isBought(line)) return { value: zero.money, basis: 'no value' }
  return costByPool(pool, line.quantity, valuing.company.minorDigits) ?? { value: zero.money, basis: 'no value' }
}

/** Needs no cost: what is discarded, a consumable that is not bought, and what a cost was given for. */
function isFree(line: Line, valuing: Valuing): boolean {
  if (valuing.given?.discarded === true || givenCost(line, valuing) !== null) return true
  return line.productType === 'consumable' && !(borderDirection(line) === 'in' && isBought(line))
}

function lineDraft(
  line: Line,
  debit: AccountRole,
  credit: AccountRole,
  amount: Money,
  basis: string | null,
): LineDraft {
  const { productId, sku, quantity, move } = line
  return { debit, credit, amount, productId, sku, quantity, move, basis, partOf: null }
}

/** A line without a quantity: it changes the value only. The quantity of its move is on another line. */
function valueOnly(
  line: Line,
  debit: AccountRole,
  credit: AccountRole,
  amount: Money,
  basis: string | null,
): LineDraft {
  return { ...lineDraft(line, debit, credit, amount, basis), quantity: null }
}
