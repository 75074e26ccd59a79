/** Open deliveries with something picked at a location that closes, or is opened again. */
import type { Tx } from '../database.ts'
import type { PlaceChange } from '../locations/location.actions.ts'
import { save, type DeliveryChange } from './delivery.actions.ts'
import { afterPlaceChange } from './delivery.places.ts'
import { storedDeliveries } from './delivery.store.ts'

/** Says on them that it cannot be taken there, or that it can again. */
export async function deliveriesPlaceChanged(tx: Tx, change: PlaceChange): Promise<void> {
  if (!change.isClosed && !change.wasClosed) return
  const ids = await storedDeliveries.openAt(tx, change.code)
  const stored = ids.length === 0 ? [] : await storedDeliveries.lock(tx, ids)
  const what = change.isClosed ? 'place-wrong' : 'place-right'
  const changes = stored.flatMap((one): readonly DeliveryChange[] => {
    const after = afterPlaceChange(one.document, change.code, change.isClosed)
    return after === undefined ? [] : [{ stored: one, after, notes: [{ what, why: after.problem, who: null }] }]
  })
  if (changes.length > 0) await save(tx, { changes })
}
