/** Warehouses and locations as they were published, for a database that fell back. */
import type { stockLocationChanged } from '@stockline/contracts'
import type { z } from 'zod'
import type { Tx } from '../database.ts'
import {
  findLocation,
  insertLocation,
  insertWarehouse,
  lockWarehouse,
  updateLocation,
  updateWarehouse,
} from './location.store.ts'

/** Makes the warehouse, and the location of it that changed, what was published of them. */
export async function restoreLocation(tx: Tx, published: z.output<typeof stockLocationChanged.data>): Promise<void> {
  const known = await lockWarehouse(tx, published.warehouse.code)
  const warehouse = { ...published.warehouse, version: (known?.version ?? 0) + 1 }
  if (known === null) await insertWarehouse(tx, warehouse)
  else await updateWarehouse(tx, warehouse)
  if (published.location === null) return
  const { locationId: id, code, type, reservable, allowNegative, pickSequence, barcode, active } = published.location
  const before = await findLocation(tx, { id })
  const location = {
    ...{ id, code, type, reservable, allowNegative, pickSequence, barcode, active },
    warehouse: warehouse.code,
    version: (before?.version ?? 0) + 1,
  }
  if (before !== null) await updateLocation(tx, location)
  else if (!(await insertLocation(tx, location))) throw new Error(`The location ${code} is another one by now.`)
}
