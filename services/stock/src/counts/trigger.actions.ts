/** Counts that a delivery starts: of a place that it should have left empty, and of one where it took less than was reserved. */
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
import { findTriggered, lockRange, storePosition } from './trigger.store.ts'
import { tasksOf, whyOf, type Task } from './trigger.ts'

/** So many documents of the ledger are looked through in one transaction. */
const mostPositions = 500n

/** Makes sheets for what was posted since the last look. False where nothing is new, or another process looks. */
export async function takeTriggers(tx: Tx, { timeZone }: LedgerCompany): Promise<boolean> {
  const range = await lockRange(tx, mostPositions)
  if (range === null) return false
  const found = await findTriggered(tx, range)
  await storePosition(tx, range.until)
  const floor = await withFloor(tx, found)
  const places = found.map((place, index) => ({ ...place, ...floor[index] }))
  const plans = await findPlansById(tx, [...new Set(places.map(({ plan }) => plan))])
  const counters = await countersOf(tx, plans)
  const today = companyDate(timeZone, tx.now)
  const drafts = tasksOf(places, plans).flatMap((task) =>
    sheetFor(tx.now, task, counters.get(task.plan.assignee ?? ''), today),
  )
  await saveDocuments(tx, countSheets, { drafts })
  return true
}

/** A sheet of these places, for whom the plan names, if that one may count there. */
function sheetFor(
  now: Date,
  { plan, zone: code, places }: Task,
  assignee: Counter | undefined,
  today: string,
): readonly NewDocument<CountSheet>[] {
  const [first] = places
  if (first === undefined) return []
  const isFit = assigneeFaults(assignee, code, '').length === 0
  const zone: Zone = { code, type: 'internal', warehouse: code.split('/', 1)[0] ?? null, active: true }
  const { abcClass: _class, ...body } = sheetOfPlan(plan, today)
  const { cause } = first
  const draft = newSheet(
    { ...body, zone: code },
    {
      ...{ id: uuid(), now, cause, plan: plan.id, zone, assignee: isFit ? assignee : undefined },
      places: places.map(({ cause: _cause, number: _number, plan: _plan, ...place }) => place),
      knownSkus: new Set(),
    },
  )
  return isRefusal(draft) ? [] : [{ draft, note: { what: 'created', why: whyOf(places, cause) } }]
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
