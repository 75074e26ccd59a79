/** Loading the part of the cost state that inputs touch, and keeping what became of it. */
import { storedMoney } from '@stockline/amounts'
import { accountsAt } from '../accounts/account.actions.ts'
import type { Tx } from '../database.ts'
import type { LockedBooks, NewInput, OrderData } from '../inputs/input.ts'
import type { Company } from '../journal/entry.ts'
import { methodsAt } from '../methods/cost-method.actions.ts'
import type { CostState } from './books.ts'
import { layersNeeded, type ValuationResult } from './costing.ts'
import { keepLayers, keepPools, loadLayers, poolsOf } from './costing.store.ts'
import { productsOf } from './document.ts'
import { evenPart, isPricedPart } from './order-line.ts'
import { keepOrderLines, orderLinesOf } from './order-line.store.ts'
import type { Parked } from './parking.ts'
import { keepParked, parkedDocuments } from './parking.store.ts'

export { beforeAll, layersAfter, poolsAfter } from './costing.store.ts'
export { orderLinesAfter } from './order-line.store.ts'

/** The part of the cost state that these inputs touch, under the lock of the books. */
export async function loadState(
  tx: Tx,
  books: LockedBooks,
  inputs: readonly NewInput[],
  company: Company,
): Promise<CostState> {
  const parked = books.parkedCount === 0 ? [] : await parkedDocuments(tx)
  const categories = inputs.flatMap(({ data }) => (data.kind === 'cost-method-changed' ? [data.category] : []))
  const [pools, orderLines, methods, accounts] = await Promise.all([
    poolsOf(tx, productsTouched(inputs, parked), categories, company),
    orderLinesOf(tx, ordersIn(inputs, parked, company), company),
    methodsAt(tx, books.settingsEpoch),
    accountsAt(tx, books.settingsEpoch),
  ])
  await loadLayers(tx, pools, layersNeeded(pools, inputs, parked), company)
  const inventoryValue = storedMoney(books.inventoryValue, company.minorDigits)
  return { ...books, inventoryValue, accounts, methods, pools, orderLines, parked }
}

/** Orders with a part that something may be carried over to, of the inputs and of what is parked: that may be valued too. */
function ordersIn(inputs: readonly NewInput[], parked: readonly Parked[], { minorDigits }: Company): OrderData[] {
  return [...parked, ...inputs].flatMap(({ document }) => {
    const isUneven = document?.lines.some((line) => isPricedPart(line) && evenPart(line, minorDigits) === null)
    return isUneven === true ? (document?.order ?? []) : []
  })
}

function productsTouched(inputs: readonly NewInput[], parked: readonly Parked[]): string[] {
  const products = new Set(parked.flatMap((one) => one.products))
  for (const { document, data } of inputs) {
    if (document !== null) for (const product of productsOf(document)) products.add(product)
    if (data.kind === 'product-changed') products.add(data.productId)
  }
  return [...products]
}

/** Keeps pools, layers and what is parked, as the inputs left them. */
export async function keepCosts(tx: Tx, before: CostState, outcome: ValuationResult, company: Company): Promise<void> {
  const { state, touched, layers, orderLines } = outcome
  const pools = [...touched].sort().flatMap((productId) => state.pools.get(productId) ?? [])
  await Promise.all([
    keepPools(tx, pools, company),
    keepLayers(tx, layers, company),
    keepOrderLines(tx, orderLines, company),
    keepParked(tx, before.parked, state.parked, tx.now),
  ])
}
