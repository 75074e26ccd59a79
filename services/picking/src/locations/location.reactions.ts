/** Stock's warehouses, locations and assignments are copied; what waited for one of them is looked at again. */
import { stockAssignmentChanged, stockLocationChanged } from '@stockline/contracts'
import { reaction, wake } from '@stockline/service-kit'
import type { Reaction, Tx } from '../database.ts'
import { lockArrival } from '../products/product.actions.ts'
import { locationsOf, warehouseKey, type PlaceListener } from './location.actions.ts'
import { locationKey, type Location } from './location.ts'
import { saveAssignment, saveLocation, saveWarehouse } from './location.store.ts'

function isClosed({ type, active }: Pick<Location, 'type' | 'active'>): boolean {
  return type !== 'internal' || !active
}

/** What is known of places, kept up to date, and told to those whose documents use them. */
export function locationReactions(listeners: readonly PlaceListener[]): readonly Reaction[] {
  return [
    reaction(stockLocationChanged, {
      react: async (tx: Tx, { data: { warehouse, location } }) => {
        if (location !== null) await lockArrival(tx, locationKey(location.code))
        await saveWarehouse(tx, warehouse)
        if (location !== null) {
          const before = (await locationsOf(tx, [location.code])).get(location.code)
          await saveLocation(tx, { ...location, warehouse: warehouse.code })
          const wasClosed = before !== undefined && isClosed(before)
          const change = { code: location.code, isClosed: isClosed(location), wasClosed }
          for (const { placeChanged } of listeners) await placeChanged(tx, change)
        }
        await wake(tx, warehouseKey(warehouse.code))
      },
    }),
    reaction(stockAssignmentChanged, {
      react: (tx: Tx, { data }) => saveAssignment(tx, data.userId, data.locations),
    }),
  ]
}
