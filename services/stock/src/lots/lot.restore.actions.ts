/** Lots as they were told, for a database that fell back: dates, hold, and what was done to them. The ledger makes lots again itself. */
import type { ToldLot } from '@stockline/contracts'
import type { Event } from '@stockline/contracts/envelope'
import type { Tx } from '@stockline/service-kit'
import { lockLotByCode, restoreLotStep, updateLot } from './lot.store.ts'

/** Makes a lot what was told of it: its id. Null where it is not known here; undefined where the database knows of a later change. */
export async function restoreLot(
  tx: Pick<Tx, 'query'>,
  { data, time, actor }: Event<ToldLot>,
): Promise<string | null | undefined> {
  const known = await lockLotByCode(tx, data.sku, data.code)
  if (known === null) return null
  if (known.version > data.version) return undefined
  const { producedOn, bestBefore, removeOn, alertOn, expiresOn, heldFor, version, step } = data
  await updateLot(tx, { ...known, producedOn, bestBefore, removeOn, alertOn, expiresOn, heldFor, version })
  if (step !== undefined)
    await restoreLotStep(tx, known.id, { ...step, at: time ?? new Date(0).toISOString(), who: actor ?? null })
  return known.id
}

/**
 * Its number has another event by now. A hold counts all the same: until a person says otherwise, nothing of the lot is promised. Answers the
 * lot that is held by this; undefined where it was not held, or is held already.
 */
export async function holdAgain(tx: Pick<Tx, 'query'>, { sku, code, heldFor }: ToldLot): Promise<string | undefined> {
  const known = heldFor === null ? null : await lockLotByCode(tx, sku, code)
  if (known === null || known.heldFor !== null) return undefined
  await updateLot(tx, { ...known, heldFor, version: known.version + 1 })
  return known.id
}
