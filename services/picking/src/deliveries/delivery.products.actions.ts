/** Open deliveries whose products or units are counted otherwise by now. */
import type { Tx } from '../database.ts'
import type { CountingChange } from '../products/product.changes.ts'
import { catalogFor, save, type DeliveryChange } from './delivery.actions.ts'
import { reconsiderDelivery } from './delivery.order.ts'
import { storedDeliveries } from './delivery.store.ts'
import { isOpen, type Delivery } from './delivery.ts'

/** Judges them anew, tells stock what they need by now, and says so on them. */
export async function deliveriesCountedOtherwise(tx: Tx, change: CountingChange): Promise<void> {
  const ids = await storedDeliveries.idsNaming(tx, change.of)
  if (ids.length === 0) return
  const open = (await storedDeliveries.lock(tx, ids)).filter(({ delivery }) => isOpen(delivery.status))
  const catalog = await catalogFor(
    tx,
    open.map(({ delivery }) => delivery),
  )
  const note = { what: 'product-changed', why: `${change.what.join('; ')}.`, who: null }
  const changes = open.flatMap((stored): readonly DeliveryChange[] => {
    const judged = reconsiderDelivery(stored.delivery, catalog)
    const needsTheSame = isSameNeed(stored.delivery, judged)
    if (needsTheSame && !change.concernsAll) return []
    return [{ stored, after: needsTheSame ? stored.delivery : judged, notes: [note] }]
  })
  await save(tx, { changes, catalog })
}

/** Nothing is reserved anew for a delivery that needs what it needed. */
function isSameNeed(before: Delivery, after: Delivery): boolean {
  const needs = ({ lines }: Delivery) => lines.map(({ line, needed }) => `${String(line)} ${String(needed)}`).join()
  const waits = ({ waitsFor }: Delivery) => waitsFor.join()
  return needs(before) === needs(after) && waits(before) === waits(after) && after.status !== 'cancelled'
}
