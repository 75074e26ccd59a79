/** ABC classes are computed once a day, and when their boundaries are set. */
import { companyDate, parseQuantity } from '@stockline/amounts'
import { versionRefusal, type Refusal } from '@stockline/service-kit'
import type { Tx } from '../database.ts'
import type { LedgerCompany } from '../ledger/ledger.actions.ts'
import type { BoundariesBody } from './abc.api.ts'
import {
  findConsumption,
  lockAbcSettings,
  lockStaleSettings,
  replaceClasses,
  storeComputedOn,
  storeSettings,
  type AbcSettings,
} from './abc.store.ts'
import { boundariesRefusal, classify } from './abc.ts'

const dayMs = 86_400_000

/** Sets the boundaries, and computes all classes anew. The first time needs no version. */
export async function setBoundaries(
  tx: Tx,
  { timeZone }: LedgerCompany,
  { boundaries, days }: BoundariesBody,
  given: number | undefined,
): Promise<AbcSettings | Refusal> {
  const before = await lockAbcSettings(tx)
  const stale = before.version === 0 && given === undefined ? undefined : versionRefusal(before.version, given)
  if (stale !== undefined) return stale
  const after: AbcSettings = {
    a: parseQuantity(boundaries.a),
    b: parseQuantity(boundaries.b),
    days: days ?? before.days,
    computedOn: companyDate(timeZone, tx.now),
    version: before.version + 1,
  }
  const wrong = boundariesRefusal(after)
  if (wrong !== undefined) return wrong
  await storeSettings(tx, { ...after, ...boundaries })
  await computeClasses(tx, after)
  return after
}

/** Computes the classes where that was not done today. One process does it. */
export async function computeDaily(tx: Tx, { timeZone }: LedgerCompany): Promise<void> {
  const today = companyDate(timeZone, tx.now)
  const settings = await lockStaleSettings(tx, today)
  if (settings === null) return
  await computeClasses(tx, settings)
  await storeComputedOn(tx, today)
}

async function computeClasses(tx: Tx, settings: AbcSettings): Promise<void> {
  const since = new Date(tx.now.getTime() - settings.days * dayMs)
  await replaceClasses(tx, classify(await findConsumption(tx, since), settings))
}
