/** What settings change about the value of what is there: cost methods, standard costs, categories, accounts. Pure. */
import { type Money, negative, parseUnitPrice } from '@stockline/amounts'
import { withAccounts, type AccountMap } from '../accounts/account.ts'
import type { LoggedInput, InputData, ProductData } from '../inputs/input.ts'
import type { JournalEntry, EntryDocument, LineDraft } from '../journal/entry.ts'
import { defaultMethod, type CostMethod } from '../methods/cost-method.ts'
import { addEntry, keepLayer, keepPool, pushEntry, type Books } from './books.ts'
import { convertTo, emptyPool, withStandardCost, type Pool } from './pool.ts'

/** A category has another cost method: its pools are converted at once. */
export function applyMethodChange(books: Books, input: LoggedInput, category: string, method: CostMethod): void {
  books.methods.set(category, method)
  const pools = [...books.pools.values()].filter((pool) => pool.category === category && pool.method !== method)
  pools.sort((one, other) => (one.productId < other.productId ? -1 : 1))
  const lines: LineDraft[] = []
  for (const pool of pools) {
    const step = convertTo(pool, method, input.number, books.company.minorDigits)
    keepPool(books, step.pool)
    for (const layer of step.changed) keepLayer(books, { productId: pool.productId, layer })
    if (step.value !== 0n) lines.push(revaluationLine(step.pool, step.value))
  }
  addChange(books, input, 'cost-method-changed', lines)
}

/** A product's standard cost, as version 1 of the rules takes it. */
export function applyStandardCostChange(
  books: Books,
  input: LoggedInput,
  data: Extract<InputData, { kind: 'standard-cost-changed' }>,
): void {
  const method = books.methods.get(data.category) ?? defaultMethod
  const pool = books.pools.get(data.productId) ?? emptyPool(data.productId, data.sku, data.category, method)
  const step = withStandardCost(pool, costFrom(data.standardCost), books.company.minorDigits)
  keepPool(books, step.pool)
  addChange(books, input, 'standard-cost-changed', step.value === 0n ? [] : [revaluationLine(step.pool, step.value)])
}

/**
 * A product has another category or standard cost; it counts at once. Under another method the pool is converted without changing its
 * value, unless it is now kept at a standard cost. Under the same method only a new standard cost changes the value.
 */
export function applyProductChange(books: Books, input: LoggedInput, data: ProductData): void {
  const { productId, sku, category } = data
  const { minorDigits } = books.company
  const method = books.methods.get(category) ?? defaultMethod
  const before = books.pools.get(productId) ?? emptyPool(productId, sku, category, method)
  const pool = { ...before, sku, category, categoryTold: true }
  const standardCost = costFrom(data.standardCost)
  const moves = pool.method !== method
  const step = moves
    ? convertTo({ ...pool, standardCost }, method, input.number, minorDigits)
    : withStandardCost(pool, standardCost, minorDigits)
  keepPool(books, step.pool)
  for (const layer of step.changed) keepLayer(books, { productId, layer })
  const lines = step.value === 0n ? [] : [revaluationLine(step.pool, step.value)]
  addChange(books, input, moves ? 'category-changed' : 'standard-cost-changed', lines)
}

/** Roles are written to other accounts; that of inventory takes its balance along. */
export function applyAccountsChange(
  books: Books,
  input: LoggedInput,
  wanted: Parameters<typeof withAccounts>[1],
): AccountMap {
  const before = books.accounts.inventory
  const accounts = withAccounts(books.accounts, wanted, books.lastAccount + 1)
  books.lastAccount = Math.max(books.lastAccount, ...Object.values(accounts).map((account) => account.id))
  const moved = books.inventoryValue
  if (accounts.inventory.code === before.code || moved === 0n) return accounts
  const sides = moved > 0n ? [accounts.inventory.id, before.id] : [before.id, accounts.inventory.id]
  const [debit = 0, credit = 0] = sides
  const amount = moved > 0n ? moved : negative(moved)
  const none = { productId: null, sku: null, quantity: null, move: null, basis: null, partOf: null }
  pushEntry(books, changeDraft(input, 'accounts-changed', [{ debit, credit, amount, ...none }]))
  return accounts
}

/** The inventory is worth more, or less, than it was bought for. */
function revaluationLine({ productId, sku }: Pool, amount: Money): LineDraft {
  const sides = { debit: 'inventory', credit: 'purchase-price-variance' } as const
  const none = { quantity: null, move: null, partOf: null }
  return { ...sides, ...none, amount, productId, sku, basis: 'standard cost' }
}

/** An entry travels as one event, which must not grow with the number of products in a category. */
const linesPerEntry = 1000

function addChange(books: Books, input: LoggedInput, cause: JournalEntry['cause'], lines: readonly LineDraft[]): void {
  for (let from = 0; from < lines.length; from += linesPerEntry)
    addEntry(books, changeDraft(input, cause, lines.slice(from, from + linesPerEntry)))
}

function changeDraft<L>(input: LoggedInput, cause: JournalEntry['cause'], lines: readonly L[]) {
  const { number, recordedAt } = input
  const document: EntryDocument | null = null
  const by = { input: number, valuedBy: number, original: false, effectiveAt: recordedAt }
  return { ...by, document, cause, unitCosts: [], lines }
}

/** A standard cost as it is logged. */
export function costFrom(text: string | null) {
  return text === null ? null : parseUnitPrice(text)
}
