/** Counts that a delivery starts: of a place that it should have left empty, and of one where it found less than it asked for. */
import { companyDate } from '@stockline/amounts'
import { saveDocuments, type NewDocument } from '@stockline/documents'
import { isRefusal } from '@stockline/service-kit'
import { v7 as uuid } from 'uuid'
import type { Tx } from '../database.ts'
import type { LedgerCompany } from '../ledger/ledger.actions.ts'
import { countSheets } from './count.actions.ts'
import { assigneeFaults, newSheet, type Counter, type Zone } from './count.make.ts'
import type { CountSheet } from './count.ts'
import { counterOf } from './counter.actions.ts'
import { withFloor } from './place.actions.ts'
import { findPlansById } from './plan.store.ts'
import { sheetOfPlan, type CountPlan } from './plan.ts'
import { findTriggered, lockRange, storePosition, type TriggeredPlace } from './trigger.store.ts'

/** So many documents of the ledger are looked through in one transaction. */
const mostPositions = 500n

/** Makes sheets of one line for what was posted since the last look. False where nothing is new, or another process looks. */
export async function takeTriggers(tx: Tx, { timeZone }: LedgerCompany): Promise<boolean> {
  const range = await lockRange(tx, mostPositions)
  if (range === null) return false
  await storePosition(tx, range.until)
  const found = await findTriggered(tx, range)
  const floor = await withFloor(tx, found)
  const places = found.map((place, index) => ({ ...place, ...floor[index] }))
  const plans = await findPlansById(tx, [...new Set(places.map(({ plan }) => plan))])
  const counters = await countersOf(tx, plans)
  const today = companyDate(timeZone, tx.now)
  const drafts = places.flatMap((place) => {
    const plan = plans.get(place.plan)
    return plan === undefined ? [] : sheetFor(tx.now, place, plan, counters.get(plan.assignee ?? ''), today)
  })
  await saveDocuments(tx, countSheets, { drafts })
  return true
}

/** A sheet of the one place, for whom the plan names, if that one may count there. */
function sheetFor(
  now: Date,
  place: TriggeredPlace,
  plan: CountPlan,
  assignee: Counter | undefined,
  today: string,
): readonly NewDocument<CountSheet>[] {
  const { cause, number, location, plan: planId, ...found } = place
  const isFit = assigneeFaults(assignee, location, '').length === 0
  const zone: Zone = { code: location, type: 'internal', warehouse: location.split('/', 1)[0] ?? null, active: true }
  const { abcClass: _class, ...body } = sheetOfPlan(plan, today)
  const draft = newSheet(
    { ...body, zone: location },
    {
      ...{ id: uuid(), now, cause, plan: planId, zone, assignee: isFit ? assignee : undefined },
      places: [{ ...found, location }],
      knownSkus: new Set(),
    },
  )
  const why = cause === 'zero-check' ? `${number} should have left it empty.` : `${number} took less than it asked for.`
  return isRefusal(draft) ? [] : [{ draft, note: { what: 'created', why } }]
}

/** Whom plans name, by id. */
async function countersOf(tx: Tx, plans: ReadonlyMap<string, CountPlan>): Promise<ReadonlyMap<string, Counter>> {
  const ids = new Set([...plans.values()].flatMap(({ assignee }) => assignee ?? []))
  const counters = new Map<string, Counter>()
  for (const id of ids) {
    const counter = await counterOf(tx, id)
    if (counter !== null) counters.set(id, counter)
  }
  return counters
}
