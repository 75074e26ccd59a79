/** What a source calls our units, where that is said after its orders have come. */
import type { Tx } from '../database.ts'
import { aliasesOf } from '../partners/items.actions.ts'
import { referenceDataOf, waitOutArrivals, type UnitNaming } from '../products/product.actions.ts'
import { renamedUnits, unitKey } from '../products/product.ts'
import type { Order, OrderLine } from './order.ts'
import { lockOrdersById, updateOrder } from './order.store.ts'

/**
 * Locks those of the orders that are of the source, and gives their lines the unit whose name converted to nothing.
 *
 * @returns the ids of all of them that are of the source
 */
export async function nameUnitOfOrders(
  tx: Tx,
  ids: readonly string[],
  naming: UnitNaming,
): Promise<ReadonlySet<string>> {
  if (ids.length === 0) return new Set()
  const orders = (await lockOrdersById(tx, ids)).filter(({ source }) => source === naming.source)
  await renameUnits(tx, orders, [naming])
  return new Set(orders.map(({ id }) => id))
}

/**
 * The order, which is locked, as its source's names have it by now: while the ledger was asked, no document may have named the unit.
 */
export async function orderWithUnitsNamed(tx: Tx, order: Order): Promise<Order> {
  const [renamed] = await renameUnits(tx, [order], await namesSaid(tx, [order]))
  return renamed ?? order
}

/**
 * Looks once more whether the sources have names for the units of orders whose documents wait: a manager may have said one since the
 * orders' items were found. Whoever is just saying one is waited out, and whoever comes later finds the documents.
 */
export async function nameUnitsSaidMeanwhile(
  tx: Tx,
  orders: readonly Pick<Order, 'source' | 'content'>[],
  named: (tx: Tx, naming: UnitNaming) => Promise<void>,
): Promise<void> {
  if (orders.length === 0) return
  for (const naming of await namesSaid(tx, orders)) await named(tx, naming)
}

/** What the orders' sources call the units on them; nobody changes it until this transaction ends. */
async function namesSaid(tx: Tx, orders: readonly Pick<Order, 'source' | 'content'>[]): Promise<readonly UnitNaming[]> {
  const units = new Set(orders.flatMap(({ content }) => content.lines.map(({ unit }) => unit)))
  await waitOutArrivals(tx, [...units].map(unitKey))
  return aliasesOf(tx, orders)
}

async function renameUnits(tx: Tx, orders: readonly Order[], names: readonly UnitNaming[]): Promise<readonly Order[]> {
  if (names.length === 0) return orders
  const referenceData = await referenceDataOf(
    tx,
    orders.flatMap(({ content, followed }) => [...content.lines, ...(followed ?? [])]),
  )
  const renamed = orders.map((order) => {
    const of = (lines: readonly OrderLine[]) =>
      names
        .filter(({ source }) => source === order.source)
        .reduce((now, naming) => renamedUnits(now, naming, referenceData), lines)
    const lines = of(order.content.lines)
    return { ...order, content: { ...order.content, lines }, followed: order.followed && of(order.followed) }
  })
  for (const order of renamed) await updateOrder(tx, order)
  return renamed
}
