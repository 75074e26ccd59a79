import { refuse, versionRefusal, type Refusal } from '@stockline/service-kit'
import type { Tx } from '../database.ts'
import type { LedgerCompany } from '../ledger/ledger.actions.ts'
import { holdLedger, reconsiderLot } from '../ledger/ledger.offer.actions.ts'
import { lockLot, updateExpiry } from './lot.store.ts'
import type { Lot } from './lot.api.ts'

/** Nobody knows a lot of that id. */
export const unknownLot = refuse('lot-unknown', 'unknown', 'There is no such lot.')

/**
 * Corrects when a lot expires. What is reserved of it is given back if it has expired, else offered to those that wait.
 * The ledger makes lots and notes their expiry as well, under its head: so it is held first.
 */
export async function changeExpiry(
  tx: Tx,
  company: LedgerCompany,
  id: string,
  expiresOn: string | null,
  version: number | undefined,
): Promise<Lot | Refusal> {
  await holdLedger(tx, company)
  const before = await lockLot(tx, id)
  if (before === null) return unknownLot
  const stale = versionRefusal(before.version, version)
  if (stale !== undefined) return stale
  const after: Lot = { ...before, expiresOn, version: before.version + 1 }
  await updateExpiry(tx, after)
  await reconsiderLot(tx, company, id, before.code)
  return after
}
