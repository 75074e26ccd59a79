/** Count plans: made, changed, ended, and carried out when it is their turn. */
import { companyDate } from '@stockline/amounts'
import { isRefusal, refuse, versionRefusal, type Refusal } from '@stockline/service-kit'
import { v7 as uuid } from 'uuid'
import type { Tx } from '../database.ts'
import type { LedgerCompany } from '../ledger/ledger.actions.ts'
import { makeSheetOf } from './count.actions.ts'
import { assigneeFaults } from './count.make.ts'
import { mostCounted } from './count.ts'
import { zoneFactsOf } from './counter.actions.ts'
import { findPlacesOfTurn } from './place.store.ts'
import type { PlanBody, PlanChange } from './plan.api.ts'
import { deletePlan, isNameTaken, lockDuePlan, lockPlan, storePlan, storeTurn } from './plan.store.ts'
import { startTriggers } from './trigger.store.ts'
import { nextTurn, planRefusal, sheetOfPlan, type CountPlan } from './plan.ts'

const unknownPlan = refuse('count-plan-unknown', 'unknown', 'There is no such plan.')

export async function createPlan(tx: Tx, { timeZone }: LedgerCompany, body: PlanBody): Promise<CountPlan | Refusal> {
  const { startOn, abcClass, assignee, tolerance, ...given } = body
  return keepPlan(tx, {
    ...given,
    id: uuid(),
    abcClass: abcClass ?? null,
    assignee: assignee ?? null,
    tolerance: tolerance ?? null,
    nextOn: startOn ?? companyDate(timeZone, tx.now),
    version: 1,
  })
}

export async function changePlan(
  tx: Tx,
  id: string,
  change: PlanChange,
  version: number | undefined,
): Promise<CountPlan | Refusal> {
  const before = await lockPlan(tx, id)
  if (before === null) return unknownPlan
  const stale = versionRefusal(before.version, version)
  if (stale !== undefined) return stale
  const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined))
  return keepPlan(tx, { ...before, ...given, version: before.version + 1 }, before)
}

export async function endPlan(tx: Tx, id: string, version: number | undefined): Promise<undefined | Refusal> {
  const plan = await lockPlan(tx, id)
  if (plan === null) return unknownPlan
  const stale = versionRefusal(plan.version, version)
  if (stale !== undefined) return stale
  await deletePlan(tx, id)
  return undefined
}

/**
 * Makes the next sheet of a plan whose turn it is; false where there is none, or another process works on it. What its zone has that is
 * on no open sheet and was not counted since the turn began goes on sheets of 5,000 lines at most, what was counted longest ago first:
 * once nothing is left the turn is over.
 */
export async function takeTurn(tx: Tx, company: LedgerCompany): Promise<boolean> {
  const today = companyDate(company.timeZone, tx.now)
  const plan = await lockDuePlan(tx, today)
  if (plan === null) return false
  const places = await findPlacesOfTurn(tx, plan.zone, plan.abcClass, plan.nextOn, company.timeZone)
  const isWhole = places.length <= mostCounted
  if (isWhole) await storeTurn(tx, plan.id, nextTurn(plan.nextOn, plan.every.days, today))
  if (places.length === 0) return true
  const body = sheetOfPlan(plan, today)
  const known = await zoneFactsOf(tx, plan.zone, plan.assignee)
  // Who may no longer count there is not asked to: the sheet is unassigned.
  const isFit = assigneeFaults(known.assignee, plan.zone, '').length === 0
  const made = await makeSheetOf(tx, body, {
    ...known,
    assignee: isFit ? known.assignee : undefined,
    cause: 'plan',
    plan: plan.id,
    places: places.slice(0, mostCounted),
  })
  // Its zone was closed: nothing is counted there until the plan is changed.
  if (isRefusal(made) && !isWhole) await storeTurn(tx, plan.id, nextTurn(plan.nextOn, plan.every.days, today))
  return true
}

async function keepPlan(tx: Tx, plan: CountPlan, before?: CountPlan): Promise<CountPlan | Refusal> {
  const known = { ...(await zoneFactsOf(tx, plan.zone, plan.assignee)), taken: await isNameTaken(tx, plan) }
  const unfit = planRefusal(plan, known)
  if (unfit !== undefined) return unfit
  await storePlan(tx, plan, known.zone?.warehouse ?? '', tx.now)
  if (isTriggered(plan) && !isTriggered(before)) await startTriggers(tx, plan.id)
  return plan
}

function isTriggered(plan: Pick<CountPlan, 'zeroCheck' | 'shortPick'> | undefined): boolean {
  return plan?.zeroCheck === true || plan?.shortPick === true
}
