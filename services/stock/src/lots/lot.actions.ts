import { refuse, versionRefusal, type Refusal } from '@stockline/service-kit'
import type { Tx } from '../database.ts'
import { lockLot, updateExpiry } from './lot.store.ts'
import type { Lot } from './lot.ts'

/** Nobody knows a lot of that id. */
export const unknownLot = refuse('lot-unknown', 'unknown', 'There is no such lot.')

/** Corrects when a lot expires. What is reserved stays reserved; what is reserved next goes by the new date. */
export async function changeExpiry(
  tx: Tx,
  id: string,
  expiresOn: string | null,
  version: number | undefined,
): Promise<Lot | Refusal> {
  const before = await lockLot(tx, id)
  if (before === null) return unknownLot
  const stale = versionRefusal(before.version, version)
  if (stale !== undefined) return stale
  const after: Lot = { ...before, expiresOn, version: before.version + 1 }
  await updateExpiry(tx, after)
  return after
}
