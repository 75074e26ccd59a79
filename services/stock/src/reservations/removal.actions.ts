import { refuse, type Refusal } from '@stockline/service-kit'
import type { Tx } from '../database.ts'
import type { RemovalRule, RemovalStrategy } from '../ledger/reference.ts'
import { deleteRule, findRules, storeRule, warehouseExists } from './removal.store.ts'

/** Sets a removal rule, or takes it away. It counts for what is reserved from now on. */
export async function setRule(
  tx: Tx,
  warehouse: string | null,
  category: string | null,
  strategy: RemovalStrategy | null,
): Promise<RemovalRule[] | Refusal> {
  if (warehouse !== null && !(await warehouseExists(tx, warehouse)))
    return refuse('warehouse-unknown', 'content', `There is no warehouse ${warehouse}.`, [
      { pointer: '/warehouse', message: 'is no warehouse' },
    ])
  if (strategy === null) await deleteRule(tx, warehouse, category)
  else await storeRule(tx, { warehouse, category, strategy })
  return findRules(tx)
}
