/** Setting how a category is valued. */
import { isRefusal, versionRefusal, type Refusal } from '@stockline/service-kit'
import type { Tx } from '../database.ts'
import { lockBooks, takeInputs } from '../inputs/input.actions.ts'
import { newInput } from '../inputs/input.ts'
import type { Company } from '../journal/entry.ts'
import type { CostMethod } from './cost-method.ts'
import type { MethodOfCategory } from './cost-method.api.ts'
import { methodOf } from './cost-method.store.ts'

/** Sets the method of a category; what it holds is converted at once, without changing its value but for a standard cost. */
export async function setMethod(
  tx: Tx,
  company: Company,
  category: string,
  method: CostMethod,
  version: number | undefined,
): Promise<MethodOfCategory | Refusal> {
  await lockBooks(tx)
  const current = await methodOf(tx, category)
  // A first PUT needs no version; the same again is no change.
  const refusal = current.version === 0 ? undefined : versionRefusal(current.version, version)
  if (isRefusal(refusal)) return refusal
  await takeInputs(tx, company, [newInput({ kind: 'cost-method-changed', category, method }, tx.now)])
  return methodOf(tx, category)
}
