/** Stock's warehouses, locations and assignments are copied; orders that waited for a warehouse are tried again. */
import { stockAssignmentChanged, stockLocationChanged } from '@stockline/contracts'
import { reaction, wake } from '@stockline/service-kit'
import type { Reaction, Tx } from '../database.ts'
import { warehouseKey } from './location.actions.ts'
import { saveAssignment, saveLocation, saveWarehouse } from './location.store.ts'

export const locationReactions: readonly Reaction[] = [
  reaction(stockLocationChanged, {
    react: async (tx: Tx, { data: { warehouse, location } }) => {
      await saveWarehouse(tx, warehouse)
      if (location !== null) await saveLocation(tx, { ...location, warehouse: warehouse.code })
      await wake(tx, warehouseKey(warehouse.code))
    },
  }),
  reaction(stockAssignmentChanged, {
    react: (tx: Tx, { data }) => saveAssignment(tx, data.userId, data.locations),
  }),
]
