/** Open deliveries whose products or units are counted otherwise by now. */
import type { Tx } from '../database.ts'
import { nameUnitOfOrders } from '../orders/order.units.actions.ts'
import type { UnitNaming } from '../products/product.actions.ts'
import type { CountingChange } from '../products/product.changes.ts'
import { renamedUnits } from '../products/product.ts'
import { catalogFor, save, type DeliveryChange } from './delivery.actions.ts'
import { reconsiderDelivery } from './delivery.order.ts'
import { storedDeliveries } from './delivery.store.ts'
import { isOpen, type Delivery } from './delivery.ts'

/** Judges them anew, tells stock what they need by now, and says so on them. */
export async function deliveriesCountedOtherwise(tx: Tx, change: CountingChange): Promise<void> {
  const ids = await storedDeliveries.idsNaming(tx, change.of)
  if (ids.length === 0) return
  const open = (await storedDeliveries.lock(tx, ids)).filter(({ document }) => isOpen(document.status))
  const catalog = await catalogFor(
    tx,
    open.map(({ document }) => document),
  )
  const note = { what: 'product-changed', why: `${change.what.join('; ')}.`, who: null }
  const changes = open.flatMap((stored): readonly DeliveryChange[] => {
    const judged = reconsiderDelivery(stored.document, catalog)
    const needsTheSame = isSameNeed(stored.document, judged)
    if (needsTheSame && !change.concernsAll) return []
    return [{ stored, after: needsTheSame ? stored.document : judged, notes: [note] }]
  })
  await save(tx, { changes, catalog })
}

/** Gives open deliveries of the source's orders the unit whose name converted to nothing, and judges them anew. */
export async function unitNamedOnDeliveries(tx: Tx, naming: UnitNaming): Promise<void> {
  const ids = await storedDeliveries.idsNaming(tx, { unit: naming.alias })
  const orders = await nameUnitOfOrders(tx, await storedDeliveries.orderIdsOf(tx, ids), naming)
  if (orders.size === 0) return
  const open = (await storedDeliveries.lock(tx, ids)).filter(
    ({ document }) => isOpen(document.status) && document.orderId !== null && orders.has(document.orderId),
  )
  const catalog = await catalogFor(
    tx,
    open.map(({ document }) => document),
    open.flatMap(({ document }) => document.lines.map(({ sku }) => ({ sku, unit: naming.unit }))),
  )
  const note = { what: 'unit-named', why: `${naming.alias} of ${naming.source} means ${naming.unit}.`, who: null }
  const changes = open.flatMap((stored): readonly DeliveryChange[] => {
    const lines = renamedUnits(stored.document.lines, naming, catalog)
    if (lines.every((line, index) => line === stored.document.lines[index])) return []
    return [{ stored, after: reconsiderDelivery({ ...stored.document, lines }, catalog), notes: [note] }]
  })
  await save(tx, { changes, catalog })
}

/** Nothing is reserved anew for a delivery that needs what it needed. */
function isSameNeed(before: Delivery, after: Delivery): boolean {
  const needs = ({ lines }: Delivery) => lines.map(({ line, needed }) => `${String(line)} ${String(needed)}`).join()
  const waits = ({ waitsFor }: Delivery) => waitsFor.join()
  return needs(before) === needs(after) && waits(before) === waits(after) && after.status !== 'cancelled'
}
