/** Stock's warehouses, locations and assignments are copied; orders that waited for a warehouse are tried again. */
import { stockAssignmentChanged, stockLocationChanged } from '@stockline/contracts'
import { reaction, wake, type Reaction } from '@stockline/service-kit'
import type { Tx } from '../database.ts'
import type { PrismaClient } from '../generated/client.ts'
import { warehouseKey } from './location.actions.ts'
import { saveAssignment, saveLocation, saveWarehouse } from './location.store.ts'

export const locationReactions: readonly Reaction<PrismaClient>[] = [
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
