import type { SomeLotDates } from '@stockline/contracts/lot-dates'
import { isRefusal, refuse, versionRefusal, type Actor, type Refusal } from '@stockline/service-kit'
import { scopeOf } from '../assignments/assignment.actions.ts'
import type { Database, Tx } from '../database.ts'
import type { LedgerCompany } from '../ledger/ledger.actions.ts'
import { holdLedger, reconsiderLots } from '../ledger/ledger.offer.actions.ts'
import { forgetReservedDocuments } from './lot.recall.store.ts'
import { findLot, findLotSteps, lockLot, updateLot, type StoredLot } from './lot.store.ts'
import { tellStep } from './lot.told.actions.ts'
import type { LotAnswer } from './lot.shapes.api.ts'
import { datesRefusal } from './lot.ts'

/** Nobody knows a lot of that id. */
export const unknownLot = refuse('lot-unknown', 'unknown', 'There is no such lot.')

/** What is to be done with a lot, or why it cannot be; `already` where nothing is left to do. */
type Decided = { readonly lot: StoredLot; readonly what: string; readonly why: string | null } | Refusal | 'already'

/** A lot with its history; on hand is what the actor may see. */
export async function showLot(db: Database | Tx, id: string, actor: Actor): Promise<LotAnswer | Refusal> {
  const [lot, history] = [await findLot(db, id, await scopeOf(db, actor)), await findLotSteps(db, id)]
  return lot === null ? unknownLot : { ...lot, history }
}

/** Corrects a lot's dates; those that are not named stay, and null takes one away. */
export function changeDates(tx: Tx, company: LedgerCompany, request: LotRequest, dates: SomeLotDates) {
  return changeLot(tx, company, request, (lot) => {
    const given = Object.entries(dates).filter(([, date]) => date !== undefined)
    const after: StoredLot = { ...lot, ...Object.fromEntries(given) }
    if (given.length === 0) return 'already'
    const why = given.map(([name, date]) => `${name} ${date ?? 'none'}`).join(', ')
    return datesRefusal(after) ?? { lot: after, what: 'dates-changed', why }
  })
}

/** Holds a lot: nothing of it is promised or shipped from now on, wherever it is. */
export function holdLot(tx: Tx, company: LedgerCompany, request: LotRequest, reason: string) {
  return changeLot(tx, company, request, (lot) =>
    lot.heldFor === null ? { lot: { ...lot, heldFor: reason }, what: 'held', why: reason } : 'already',
  )
}

/** Ends a hold, and the recall that it may have been. */
export async function releaseLot(tx: Tx, company: LedgerCompany, request: LotRequest, reason: string) {
  const released = await changeLot(tx, company, request, (lot) =>
    lot.heldFor === null ? 'already' : { lot: { ...lot, heldFor: null }, what: 'released', why: reason },
  )
  if (!isRefusal(released)) await forgetReservedDocuments(tx, request.id)
  return released
}

/** Which lot, in which version, and who asks. */
export interface LotRequest {
  readonly id: string
  readonly version: number | undefined
  /** May the version be left out? */
  readonly anyVersion?: boolean
  readonly actor: Actor
}

/**
 * Changes a lot. What is reserved of it is given back if it cannot be promised any more, else offered to those that wait. The ledger
 * makes lots and notes their expiry as well, under its head: so it is held first.
 */
async function changeLot(
  tx: Tx,
  company: LedgerCompany,
  { id, version, anyVersion = false, actor }: LotRequest,
  decide: (lot: StoredLot) => Decided,
): Promise<LotAnswer | Refusal> {
  await holdLedger(tx, company)
  const before = await lockLot(tx, id)
  if (before === null) return unknownLot
  const decided = decide(before)
  if (decided === 'already') return showLot(tx, id, actor)
  const stale = anyVersion && version === undefined ? undefined : versionRefusal(before.version, version)
  if (stale !== undefined) return stale
  if ('refused' in decided) return decided
  await updateLot(tx, { ...decided.lot, version: before.version + 1 })
  await tellStep(tx, id, decided.what, decided.why)
  await reconsiderLots(tx, company, [id])
  return showLot(tx, id, actor)
}
