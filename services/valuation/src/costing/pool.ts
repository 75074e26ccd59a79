/**
 * The cost pool of one product: how much of it is owned and what that is worth. Pools are values; each step gives a
 * new one. A pool of nothing is worth nothing, whatever happened before.
 */
import {
  atLeastZero,
  least,
  minus,
  negative,
  plus,
  ratio,
  share,
  unitCostOf,
  valueOf,
  zero,
  type Money,
  type Quantity,
  type UnitPrice,
} from '@stockline/amounts'
import type { CostMethod } from '../methods/cost-method.ts'

/** Goods that came at one time for one cost. Layers lie one behind the other on the line of all that ever came. */
export interface Layer {
  readonly beginsAt: Quantity
  readonly quantity: Quantity
  readonly value: Money
  readonly remainingQuantity: Quantity
  readonly remainingValue: Money
  /** Null where the layer was made by a change of method. */
  readonly move: string | null
  readonly input: bigint
}

export interface Pool {
  readonly productId: string
  readonly sku: string
  readonly category: string
  /** An event of the product has set the category: categories on lines of documents no longer count. */
  readonly categoryTold: boolean
  readonly method: CostMethod
  /** Negative where a location allowed more to leave than there was. */
  readonly quantity: Quantity
  readonly value: Money
  readonly standardCost: UnitPrice | null
  /** The newest cost as a fraction: so much value for so much. Unknown while the quantity is zero. */
  readonly lastValue: Money
  readonly lastQuantity: Quantity
  /** Where the next layer begins, and how far layers are used up: what lies between is open. */
  readonly received: Quantity
  readonly consumed: Quantity
  /** The open layers in order, or as many of them as are needed (FIFO only). */
  readonly layers: readonly Layer[]
}

/** The source of the cost of incoming goods. */
type Basis =
  | 'order price'
  | 'entered unit cost'
  | 'current average'
  | 'newest layer'
  | 'standard cost'
  | 'last known cost'
  | 'cost given on release'
  | 'no value'

/** A cost and its source. */
export interface Cost {
  readonly value: Money
  readonly basis: Basis
}

/** A pool after a step, the layers that changed, and the value that moved. */
export interface Step {
  readonly pool: Pool
  readonly changed: readonly Layer[]
  readonly value: Money
}

const one = ratio(1n, 1n)

/** The pool of a product before its first document. */
export function emptyPool(productId: string, sku: string, category: string, method: CostMethod): Pool {
  return {
    productId,
    sku,
    category,
    categoryTold: false,
    method,
    quantity: zero.quantity,
    value: zero.money,
    standardCost: null,
    lastValue: zero.money,
    lastQuantity: zero.quantity,
    received: zero.quantity,
    consumed: zero.quantity,
    layers: [],
  }
}

/** Does the pool know a cost for a quantity without a price? */
export function knowsCost(pool: Pool): boolean {
  return pool.lastQuantity !== 0n || pool.standardCost !== null
}

/** The standard that the pool is kept at, if it is. Until one is set, such a pool is kept at average. */
function standardOf(pool: Pool): UnitPrice | null {
  return pool.method === 'standard' ? pool.standardCost : null
}

/** What a quantity costs by the pool itself, and by what it is known. Null: not known at all. */
export function costByPool(pool: Pool, q: Quantity, minorDigits: number): Cost | null {
  const standard = standardOf(pool)
  if (standard !== null) return { value: valueOf(q, one, standard, minorDigits), basis: 'standard cost' }
  if (pool.quantity > 0n && pool.method !== 'fifo')
    return { value: share(pool.value, q, pool.quantity), basis: 'current average' }
  if (pool.lastQuantity !== 0n)
    return {
      value: share(pool.lastValue, q, pool.lastQuantity),
      basis: pool.quantity > 0n ? 'newest layer' : 'last known cost',
    }
  if (pool.standardCost !== null)
    return { value: valueOf(q, one, pool.standardCost, minorDigits), basis: 'standard cost' }
  return null
}

/** What one unit costs now, for showing. */
export function unitCostNow(pool: Pool, minorDigits: number): UnitPrice | null {
  const standard = standardOf(pool)
  if (standard !== null) return standard
  if (pool.quantity > 0n && pool.method !== 'fifo') return unitCostOf(pool.value, pool.quantity, minorDigits)
  return unitCostOf(pool.lastValue, pool.lastQuantity, minorDigits) ?? pool.standardCost
}

/**
 * Goods come in for a value. Where the pool was negative they first cover what left too early; `value` of the step is
 * then what the inventory must be corrected by, since that had been valued by an older cost.
 */
export function receive(pool: Pool, q: Quantity, value: Money, move: string | null, input: bigint): Step {
  const covered = least(q, atLeastZero(negative(pool.quantity)))
  const coveredValue = covered === 0n ? zero.money : share(value, covered, q)
  const relieved = covered === 0n ? zero.money : share(pool.value, covered, negative(pool.quantity))
  const correction = negative(plus(relieved, coveredValue))
  const after = {
    ...pool,
    quantity: plus(pool.quantity, q),
    value: plus(plus(pool.value, value), correction),
  }
  const layer: Layer = {
    beginsAt: pool.received,
    quantity: q,
    value,
    remainingQuantity: minus(q, covered),
    remainingValue: minus(value, coveredValue),
    move,
    input,
  }
  if (pool.method !== 'fifo') {
    const known = after.quantity > 0n ? after : { value, quantity: q }
    return { pool: { ...after, lastValue: known.value, lastQuantity: known.quantity }, changed: [], value: correction }
  }
  return {
    pool: {
      ...after,
      lastValue: value,
      lastQuantity: q,
      received: plus(pool.received, q),
      consumed: plus(pool.consumed, covered),
      layers: layer.remainingQuantity === 0n ? pool.layers : [...pool.layers, layer],
    },
    changed: [layer],
    value: correction,
  }
}

/**
 * Goods go out; `value` of the step is what they cost. What goes beyond what there is costs what the pool knows, and
 * leaves it negative.
 */
export function issue(pool: Pool, q: Quantity, minorDigits: number): Step {
  const available = least(q, atLeastZero(pool.quantity))
  const beyond = minus(q, available)
  const beyondValue = beyond === 0n ? zero.money : (costByPool(pool, beyond, minorDigits)?.value ?? zero.money)
  const taken = pool.method === 'fifo' ? takeLayers(pool, available) : takeShare(pool, available)
  const value = plus(taken.value, beyondValue)
  return {
    pool: { ...taken.pool, quantity: minus(pool.quantity, q), value: minus(pool.value, value) },
    changed: taken.changed,
    value,
  }
}

function takeShare(pool: Pool, q: Quantity): Step {
  return { pool, changed: [], value: q === 0n ? zero.money : share(pool.value, q, pool.quantity) }
}

function takeLayers(pool: Pool, q: Quantity): Step {
  let left = q
  let value = zero.money
  let used = 0
  let cursor = pool.consumed
  let partly: Layer | undefined
  const changed: Layer[] = []
  while (left > 0n) {
    const layer = pool.layers[used]
    if (layer === undefined || layer.beginsAt + layer.quantity - layer.remainingQuantity !== cursor)
      throw new Error(`A layer of ${pool.sku} that is needed was not loaded.`)
    const taken = takeFrom(layer, least(left, layer.remainingQuantity))
    value = plus(value, minus(layer.remainingValue, taken.remainingValue))
    const size = minus(layer.remainingQuantity, taken.remainingQuantity)
    left = minus(left, size)
    cursor = plus(cursor, size)
    changed.push(taken)
    if (taken.remainingQuantity === 0n) used += 1
    else partly = taken
  }
  const rest = partly === undefined ? pool.layers.slice(used) : [partly, ...pool.layers.slice(used + 1)]
  return { pool: { ...pool, layers: rest, consumed: cursor }, changed, value }
}

function takeFrom(layer: Layer, q: Quantity): Layer {
  return {
    ...layer,
    remainingQuantity: minus(layer.remainingQuantity, q),
    remainingValue: minus(layer.remainingValue, share(layer.remainingValue, q, layer.remainingQuantity)),
  }
}

/**
 * The pool under another method. Its value stays; only where it is now kept at a standard, `value` of the step is the
 * difference by which the inventory was revalued.
 */
export function convertTo(pool: Pool, method: CostMethod, input: bigint, minorDigits: number): Step {
  if (pool.method === method) return { pool, changed: [], value: zero.money }
  const average = pool.method === 'fifo' ? mergeLayers(pool, method) : { ...pool, method }
  const closed = pool.method === 'fifo' ? pool.layers.map((layer) => takeFrom(layer, layer.remainingQuantity)) : []
  if (method === 'fifo') return oneLayer(average, input)
  const revalued = revalue(average, minorDigits)
  return { ...revalued, changed: closed }
}

function mergeLayers(pool: Pool, method: CostMethod): Pool {
  const known = pool.quantity > 0n ? { lastValue: pool.value, lastQuantity: pool.quantity } : {}
  return { ...pool, ...known, method, consumed: pool.received, layers: [] }
}

function oneLayer(pool: Pool, input: bigint): Step {
  if (pool.quantity <= 0n) return { pool, changed: [], value: zero.money }
  const layer: Layer = {
    beginsAt: pool.received,
    quantity: pool.quantity,
    value: pool.value,
    remainingQuantity: pool.quantity,
    remainingValue: pool.value,
    move: null,
    input,
  }
  return {
    pool: {
      ...pool,
      lastValue: pool.value,
      lastQuantity: pool.quantity,
      received: plus(pool.received, pool.quantity),
      layers: [layer],
    },
    changed: [layer],
    value: zero.money,
  }
}

/** Brings the value to the standard, where the pool is kept at one; `value` of the step is the difference. */
function revalue(pool: Pool, minorDigits: number): Step {
  const standard = standardOf(pool)
  if (standard === null) return { pool, changed: [], value: zero.money }
  const value = valueOf(pool.quantity, one, standard, minorDigits)
  return { pool: { ...pool, value }, changed: [], value: minus(value, pool.value) }
}

/** Sets or removes the product's standard cost. Only the value of a pool that is kept at standard changes. */
export function withStandardCost(pool: Pool, standardCost: UnitPrice | null, minorDigits: number): Step {
  return revalue({ ...pool, standardCost }, minorDigits)
}
