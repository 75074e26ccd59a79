/** Count sheets are submitted, counted again, and done once their adjustments are. */
import { stateWithinMs } from '@stockline/contracts'
import { saveDocuments, type Change, type Stored } from '@stockline/documents'
import type { Decided, DocumentDecision } from '@stockline/documents/decision'
import { isRefusal, timeOfDay, versionRefusal, type Refusal } from '@stockline/service-kit'
import { adjustments } from '../adjustments/adjustment.actions.ts'
import { adjustCounted } from '../adjustments/adjustment.counted.actions.ts'
import type { Database, Tx } from '../database.ts'
import { lockOwn } from '../documents/document.actions.ts'
import type { LedgerCompany } from '../ledger/ledger.actions.ts'
import { holdLedger } from '../ledger/ledger.offer.actions.ts'
import { concluded, countSheets, stepFacts, type SheetRequest } from './count.actions.ts'
import { decideRecount } from './count.steps.ts'
import { findAdjustmentsOf, findSettled, isAnyUnderWay, storeResults } from './count.store.ts'
import { decideSubmit, variancesOf } from './count.submit.ts'
import { isOff, noteOf, type CountSheet } from './count.ts'
import { disturbedLines } from './place.actions.ts'

/**
 * Submits a sheet. Its differences become adjustments, which the limits of adjustments post or leave to a supervisor. It is done at once
 * where all of them are posted.
 */
export async function submitSheet(
  tx: Tx,
  company: LedgerCompany,
  request: SheetRequest<unknown>,
): Promise<Stored<CountSheet> | Refusal> {
  const stored = await lockOwn(tx, countSheets, request.params.id)
  const disturbed = isThrough(stored.document) ? new Set<number>() : await disturbedLines(tx, stored.document.lines)
  const decide = (lines: ReadonlySet<number>) =>
    decideSubmit(stored.document, { ...stepFacts(tx, request.actor), disturbed: ({ line }) => lines.has(line) })
  let decided = decide(disturbed)
  if (isToAdjust(decided)) {
    // The ledger went on since that look: what is adjusted is looked at once more, under its head.
    await holdLedger(tx, company)
    decided = decide(await disturbedLines(tx, stored.document.lines.filter(isOff)))
  }
  const isStale = versionRefusal(stored.document.version, request.version) !== undefined
  const after =
    isToAdjust(decided) && !isStale
      ? await concluded(tx, stored, request, {
          ...decided,
          document: await adjusted(tx, company, decided.document, request),
        })
      : await concluded(tx, stored, request, decided)
  if (!isRefusal(after) && after.document.status === 'done') await storeResults(tx, [after.document.id])
  return after
}

function isToAdjust(decided: Decided<CountSheet>): decided is DocumentDecision<CountSheet> {
  return typeof decided === 'object' && 'document' in decided && decided.document.status === 'submitted'
}

/** Is the sheet through this step, or cancelled? */
function isThrough({ status }: CountSheet): boolean {
  return status === 'submitted' || status === 'done' || status === 'cancelled'
}

/** Has lines counted again by another person. What was submitted of them is rejected. */
export async function recountSheet(
  tx: Tx,
  request: SheetRequest<{ readonly lines?: number[] | undefined }>,
): Promise<Stored<CountSheet> | Refusal> {
  const stored = await lockOwn(tx, countSheets, request.params.id)
  const made = await adjustments.store.lock(tx, await findAdjustmentsOf(tx, stored.document.id))
  const isPosted = made.some(({ document }) => document.status === 'posted')
  const known = { ...stepFacts(tx, request.actor), isPosted }
  const after = await concluded(tx, stored, request, decideRecount(stored.document, request.body, known))
  if (isRefusal(after)) return after
  const changes = made
    .filter(({ document }) => document.status === 'draft' || document.status === 'submitted')
    .map((one) => ({
      stored: one,
      after: { ...one.document, status: 'rejected' as const },
      notes: [{ what: 'rejected', why: `${after.document.number} is counted again.` }],
    }))
  await saveDocuments(tx, adjustments, { changes })
  return after
}

/** Ends the sheets whose adjustments are all posted or rejected. One that somebody works on is left to the next look. */
export async function settleSheets(tx: Tx): Promise<void> {
  // Until it is locked one may have been counted again, and have other adjustments: it is looked at once more.
  const found = await findSettled(tx)
  const { documents, also } = await countSheets.store.lockWith(tx, found, () => findSettled(tx))
  const changes = []
  for (const stored of also.flatMap((id) => documents.get(id) ?? [])) {
    const made = [...stored.document.adjustments, ...(await findAdjustmentsOf(tx, stored.document.id))]
    const after: CountSheet = { ...stored.document, status: 'done', adjustments: [...new Set(made)] }
    changes.push({ stored, after, notes: [noteOf('done')] })
  }
  await saveEnded(tx, changes)
}

/** Saves sheets that have ended. Of those that are done the report of counts has what their lines say. */
export async function saveEnded(tx: Tx, changes: readonly Change<CountSheet>[]): Promise<readonly CountSheet[]> {
  const { changed } = await saveDocuments(tx, countSheets, { changes })
  const sheets = changed.map(({ document }) => document)
  await storeResults(
    tx,
    sheets.filter(({ status }) => status === 'done').map(({ id }) => id),
  )
  return sheets
}

/** The sheet with the adjustments of its differences. */
async function adjusted(
  tx: Tx,
  company: LedgerCompany,
  sheet: CountSheet,
  { actor }: Pick<SheetRequest<unknown>, 'actor'>,
): Promise<CountSheet> {
  const { id: countId, warehouse, number: note, blind, workedOnBy: countedBy } = sheet
  const lines = variancesOf(sheet)
  const made = await adjustCounted(
    tx,
    company,
    { countId, warehouse, reason: 'count', note, blind, countedBy, lines },
    actor,
  )
  const all = await findAdjustmentsOf(tx, countId)
  const isDone = made.every(({ document }) => document.status === 'posted') && all.length === made.length
  return {
    ...sheet,
    status: isDone ? 'done' : 'submitted',
    adjustments: all,
  }
}

/** Picking says what is picked or put within this time. */
const floorHeardMs = stateWithinMs + 300

/**
 * Waits until what was picked or put before the lines of a sheet were counted has been heard of: a moment, where one was counted just
 * now of a product that deliveries have or ask for, or that receipts are to bring. Called before the transaction: it holds nothing.
 */
export async function awaitFloor(db: Database, id: string): Promise<void> {
  const [stored] = await countSheets.store.read(db, [id])
  if (stored === undefined || isThrough(stored.document)) return
  const { lines, warehouse } = stored.document
  const now = timeOfDay()
  const young = lines.filter(({ countedAt }) => countedAt !== null && now - Date.parse(countedAt) < floorHeardMs)
  const skus = [...new Set(young.map(({ sku }) => sku))]
  if (skus.length === 0 || !(await isAnyUnderWay(db, warehouse, skus))) return
  const youngest = Math.max(...young.map(({ countedAt }) => Date.parse(countedAt ?? '')))
  await new Promise((resolve) => setTimeout(resolve, Math.min(floorHeardMs - (now - youngest), floorHeardMs)))
}
