/** Rebuilding the books from the first input on, to compare them with what is kept. */
import { formatQuantity, zero } from '@stockline/amounts'
import { accountRoles, firstAccounts } from '../accounts/account.ts'
import type { ChangedLayer, CostState } from '../costing/books.ts'
import { orderLineKey, type OrderLineValue } from '../costing/order-line.ts'
import type { Pool } from '../costing/pool.ts'
import type { Company, EntryRecord } from '../journal/entry.ts'
import { shown } from '../journal/entry.ts'

/** Before the first input. */
export function emptyState(): CostState {
  return {
    lastInput: 0n,
    lastPosition: 0n,
    lastEntry: 0n,
    lastAccount: accountRoles.length,
    entryNumbers: {},
    inventoryValue: zero.money,
    accounts: firstAccounts(),
    methods: new Map(),
    pools: new Map(),
    orderLines: new Map(),
    parked: [],
  }
}

/** An entry with its lines as text: the same entry gives the same bytes. */
export function entryText(entry: EntryRecord, company: Company): string {
  const { id, number, input, valuedBy, original, cause, document, afterPosition, date, effectiveAt } = entry
  const lines = entry.lines.map((line) => [
    ...[line.debit, line.credit, shown(line.amount, company), line.productId, line.sku],
    ...[line.quantity === null ? null : formatQuantity(line.quantity), line.move, line.basis, line.partOf],
  ])
  const place = document === null ? null : [document.id, document.number, String(document.position)]
  const head = [
    String(id),
    number,
    String(input),
    String(valuedBy),
    original,
    cause,
    place,
    String(afterPosition),
    date,
  ]
  return JSON.stringify([...head, effectiveAt.toISOString(), lines])
}

/** A layer as text. */
export function layerText({ productId, layer }: ChangedLayer, company: Company): string {
  const quantities = [layer.beginsAt, layer.quantity, layer.remainingQuantity].map(formatQuantity)
  const amounts = [layer.value, layer.remainingValue].map((amount) => shown(amount, company))
  return JSON.stringify([productId, ...quantities, ...amounts, layer.move, String(layer.input)])
}

/** An order's line as text. */
export function orderLineText(line: OrderLineValue, company: Company): string {
  const { openedBy, exact, counted, value } = line
  const fractions = [exact, counted].flatMap(({ numerator, denominator }) => [String(numerator), String(denominator)])
  return JSON.stringify([orderLineKey(line), openedBy, ...fractions, shown(value, company)])
}

/** A pool as text, without its layers. */
export function poolText(pool: Pool, company: Company): string {
  const { productId, sku, category, categoryTold, method, standardCost } = pool
  const quantities = [pool.quantity, pool.lastQuantity, pool.received, pool.consumed].map(formatQuantity)
  const amounts = [pool.value, pool.lastValue].map((amount) => shown(amount, company))
  return JSON.stringify([
    productId,
    sku,
    category,
    categoryTold,
    method,
    String(standardCost),
    ...quantities,
    ...amounts,
  ])
}
