/** Units as they were published, for a database that fell back. */
import { parseRatio } from '@stockline/amounts'
import type { stockUnitChanged } from '@stockline/contracts'
import type { z } from 'zod'
import type { Tx } from '../database.ts'
import { insertUnit, lockUnit, updateUnit } from './unit.store.ts'

/** Makes the unit what was published of it. */
export async function restoreUnit(tx: Tx, published: z.output<typeof stockUnitChanged.data>): Promise<void> {
  const known = await lockUnit(tx, published.code)
  const { code, name, decimals, reference: of } = published
  const reference = of === undefined ? null : { unit: of.unit, ...parseRatio(of) }
  const unit = { code, name, decimals, reference, version: (known?.version ?? 0) + 1 }
  if (known === null) await insertUnit(tx, unit)
  else await updateUnit(tx, unit)
}
