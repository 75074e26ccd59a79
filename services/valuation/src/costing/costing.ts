/**
 * The pure heart: (cost state, inputs) → (layers, entries, cost state). The same inputs in the same order give the
 * same bytes, however they are cut into batches.
 */
import { parseUnitPrice, plus, type Quantity, zero } from '@stockline/amounts'
import { withAccounts } from '../accounts/account.ts'
import { isNewInLedger, type LoggedInput, type InputData, type LedgerDocument, type NewInput } from '../inputs/input.ts'
import type { Company, JournalEntry } from '../journal/entry.ts'
import { defaultMethod } from '../methods/cost-method.ts'
import {
  addEntry,
  keepLayer,
  keepOrderLine,
  keepPool,
  openBooks,
  orderLineOf,
  addParked,
  type Books,
  type ChangedLayer,
  type CostState,
} from './books.ts'
import {
  applyAccountsChange,
  applyMethodChange,
  applyProductChange,
  applyStandardCostChange,
  costFrom,
} from './changes.ts'
import { obstacleOf, tooLarge, valueDocument, type Obstacle, type Valued } from './document.ts'
import { borderDirection, type EnteredCosts } from './line.ts'
import type { OrderLineValue, OrderLineName } from './order-line.ts'
import { nothingHeld, parkedBehind, parkedFor, waitsFor, type Parked } from './parking.ts'
import { unitCostNow, type Pool } from './pool.ts'

/** What the inputs changed. */
export interface ValuationResult {
  readonly state: CostState
  readonly inputs: readonly LoggedInput[]
  /** Products whose pools changed. */
  readonly touched: ReadonlySet<string>
  /** New and changed layers as they are at the end. */
  readonly layers: readonly ChangedLayer[]
  /** Lines of orders that something is carried over on, as they are at the end. */
  readonly orderLines: readonly OrderLineValue[]
  readonly entries: readonly JournalEntry[]
}

/** Values the inputs, one after the other. */
export function valueInputs(state: CostState, inputs: readonly NewInput[], company: Company): ValuationResult {
  const books = openBooks(state, company)
  for (const input of inputs) take(books, input)
  const { pools, orderLines, methods, accounts, lastAccount, entryNumbers, parked } = books
  const { lastInput, lastPosition, lastEntry, inventoryValue } = books
  return {
    state: {
      ...{ lastInput, lastPosition, lastEntry, lastAccount, entryNumbers, inventoryValue },
      ...{ accounts, methods, pools, orderLines, parked },
    },
    inputs: books.inputs,
    touched: books.touched,
    layers: [...books.layers.values()],
    orderLines: [...books.changedOrderLines].flatMap((key) => orderLines.get(key) ?? []),
    entries: books.entries,
  }
}

/**
 * How much of its layers each FIFO product may use up in these inputs: what must be loaded of them. `all` where the
 * product may change its method, which closes every layer.
 */
export function layersNeeded(
  pools: ReadonlyMap<string, Pool>,
  inputs: readonly NewInput[],
  parked: readonly Parked[],
): Map<string, Quantity | 'all'> {
  const needed = new Map<string, Quantity | 'all'>()
  const documents = [...parked.map((one) => one.document), ...inputs.flatMap((input) => input.document ?? [])]
  for (const document of documents)
    for (const line of document.lines) {
      const pool = pools.get(line.productId)
      if (pool?.method !== 'fifo' || borderDirection(line) === 'none') continue
      const so = needed.get(line.productId) ?? zero.quantity
      if (so === 'all') continue
      if (pool.category !== line.category && !(pool.categoryTold && document.rules >= 2))
        needed.set(line.productId, 'all')
      else if (borderDirection(line) === 'out') needed.set(line.productId, plus(so, line.quantity))
    }
  for (const { data } of inputs) {
    const pool = data.kind === 'product-changed' ? pools.get(data.productId) : undefined
    if (data.kind === 'product-changed' && pool?.method === 'fifo' && pool.category !== data.category)
      needed.set(data.productId, 'all')
  }
  const changed = new Set(inputs.flatMap(({ data }) => (data.kind === 'cost-method-changed' ? [data.category] : [])))
  if (changed.size > 0)
    for (const pool of pools.values())
      if (pool.method === 'fifo' && changed.has(pool.category)) needed.set(pool.productId, 'all')
  return needed
}

function take(books: Books, one: NewInput): void {
  if (changesNothing(books, one)) return
  books.lastInput += 1n
  const input = { ...one, number: books.lastInput }
  books.inputs.push(input)
  apply(books, input)
}

function changesNothing(books: Books, { data, document }: NewInput): boolean {
  if (document !== null) return !isLate(data) && !isNewInLedger(books.lastPosition, document)
  switch (data.kind) {
    case 'document-renumbered':
      isNewInLedger(books.lastPosition, { position: BigInt(data.to) })
      return false
    case 'cost-method-changed':
      return books.methods.get(data.category) === data.method
    case 'standard-cost-changed':
      return (books.pools.get(data.productId)?.standardCost ?? null) === costFrom(data.standardCost)
    case 'product-changed': {
      const { category, standardCost } = books.pools.get(data.productId) ?? {
        category: data.category,
        standardCost: null,
      }
      return category === data.category && standardCost === costFrom(data.standardCost)
    }
    case 'parked-released':
    case 'parked-discarded':
      return !books.parked.some((parked) => parked.input.toString() === data.input)
    case 'accounts-changed':
      return withAccounts(books.accounts, data.accounts, 0) === books.accounts
    case 'document':
      return false
  }
}

function isLate(data: InputData): boolean {
  return data.kind === 'document' && data.late === true
}

function apply(books: Books, input: LoggedInput): void {
  const { data } = input
  switch (data.kind) {
    case 'document':
      if (input.document !== null) takeDocument(books, input.number, input.document)
      return
    case 'document-renumbered':
      movePosition(books, BigInt(data.to))
      return
    case 'cost-method-changed':
      applyMethodChange(books, input, data.category, data.method)
      return
    case 'standard-cost-changed':
      applyStandardCostChange(books, input, data)
      if (books.parked.length > 0) retryParked(books, input.number)
      return
    case 'product-changed':
      applyProductChange(books, input, data)
      if (books.parked.length > 0) retryParked(books, input.number)
      return
    case 'accounts-changed':
      books.accounts = applyAccountsChange(books, input, data.accounts)
      return
    case 'parked-released': {
      const unitCosts = new Map(data.unitCosts.map(({ sku, unitCost }) => [sku, parseUnitPrice(unitCost)]))
      release(books, input, data.input, { unitCosts, discarded: false })
      return
    }
    case 'parked-discarded':
      release(books, input, data.input, { unitCosts: new Map(), discarded: true })
  }
}

/** Positions that come late were counted before. */
function movePosition(books: Books, position: bigint): void {
  if (position > books.lastPosition) books.lastPosition = position
}

function takeDocument(books: Books, number: bigint, document: LedgerDocument): void {
  movePosition(books, document.position)
  if (!document.lines.some((line) => borderDirection(line) !== 'none')) return
  const before = books.held.products.size > 0 ? waitsFor(document, books.held, books.company) : undefined
  if (before !== undefined) {
    addParked(books, parkedBehind(number, document, before, null))
    return
  }
  const obstacle = tryToValue(books, number, number, document, null)
  if (obstacle !== undefined) {
    addParked(books, parkedFor(number, document, obstacle, null))
    return
  }
  // It went ahead of what is parked for a cost that it brought.
  if (books.held.products.size > 0 && document.lines.some((line) => books.held.lacking.has(line.productId)))
    retryParked(books, number)
}

/** Values a document, or returns why it cannot be valued. A document that causes a bug is parked too, so that the others are valued. */
function tryToValue(
  books: Books,
  input: bigint,
  valuedBy: bigint,
  document: LedgerDocument,
  given: EnteredCosts | null,
): Obstacle | undefined {
  const valuing = {
    company: books.company,
    input,
    poolOf: (productId: string) => books.pools.get(productId),
    orderLineOf: (name: OrderLineName) => orderLineOf(books, name),
    methodOf: (category: string) => books.methods.get(category) ?? defaultMethod,
    given: given ?? undefined,
  }
  const obstacle = obstacleOf(document, valuing)
  if (obstacle !== undefined) return obstacle
  let valued: Valued
  try {
    valued = valueDocument(document, valuing)
  } catch (error) {
    return { reason: 'fault', detail: error instanceof Error ? error.message : String(error), lacking: [] }
  }
  const large = tooLarge(valued, books.company)
  if (large === undefined) enter(books, input, valuedBy, document, valued)
  return large
}

function enter(books: Books, input: bigint, valuedBy: bigint, document: LedgerDocument, valued: Valued): void {
  for (const pool of valued.pools.values()) keepPool(books, pool)
  for (const changed of valued.layers) keepLayer(books, changed)
  for (const orderLine of valued.orderLines.values()) keepOrderLine(books, orderLine)
  const { id, number, position, effectiveAt } = document
  const entry = { input, valuedBy, document: { id, number, position, effectiveAt }, effectiveAt }
  const unitCosts = [...valued.pools.values()].flatMap((pool) => {
    const unitCost = unitCostNow(pool, books.company.minorDigits)
    return unitCost === null || unitCost >= unitCostBeyond ? [] : [{ sku: pool.sku, unitCost }]
  })
  addEntry(books, { ...entry, original: true, cause: document.kind, lines: valued.original, unitCosts })
  const linked = { ...entry, original: false, unitCosts: [] }
  if (valued.converted.length > 0) addEntry(books, { ...linked, cause: 'category-changed', lines: valued.converted })
  if (valued.covered.length > 0) addEntry(books, { ...linked, cause: 'negative-stock-covered', lines: valued.covered })
}

/** A unit cost from here on is not published: it is longer than a price may be. A cent for a millionth of a unit gives such a cost. */
const unitCostBeyond = 10n ** 22n

/** Tries all parked documents again, in order, until none of them can be valued. */
function retryParked(books: Books, valuedBy: bigint): void {
  for (let again = true; again;) {
    again = false
    const before = books.parked
    books.parked = []
    books.held = nothingHeld()
    for (const parked of before) {
      const { input, document, given } = parked
      const first = waitsFor(document, books.held, books.company)
      if (first !== undefined) {
        addParked(books, parkedBehind(input, document, first, given))
        continue
      }
      const obstacle = tryToValue(books, input, valuedBy, document, given)
      if (obstacle === undefined) again = true
      else addParked(books, parkedFor(input, document, obstacle, given))
    }
    again &&= books.parked.length > 0
  }
}

function release(books: Books, input: LoggedInput, released: string, given: EnteredCosts): void {
  books.parked = books.parked.map((parked) => (parked.input.toString() === released ? { ...parked, given } : parked))
  retryParked(books, input.number)
}
