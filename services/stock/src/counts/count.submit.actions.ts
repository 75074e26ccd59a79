/** Count sheets are submitted, counted again, and done once their adjustments are. */
import { saveDocuments, type NewDocument, type Stored } from '@stockline/documents'
import { isRefusal, type Actor, type Refusal } from '@stockline/service-kit'
import { v7 as uuid } from 'uuid'
import { adjustments } from '../adjustments/adjustment.actions.ts'
import type { Adjustment } from '../adjustments/adjustment.ts'
import type { Tx } from '../database.ts'
import { lockOwn } from '../documents/document.actions.ts'
import { concluded, countSheets, stepFacts, type SheetRequest } from './count.actions.ts'
import { decideRecount } from './count.steps.ts'
import { storeResults } from './count.store.ts'
import { decideSubmit, variancesOf } from './count.submit.ts'
import type { CountSheet } from './count.ts'

/** No adjustment has more lines. */
const mostAdjusted = 1000

/** Submits a sheet. Its differences become adjustments. */
export async function submitSheet(tx: Tx, request: SheetRequest<unknown>): Promise<Stored<CountSheet> | Refusal> {
  const stored = await lockOwn(tx, countSheets, request.params.id)
  const decided = decideSubmit(stored.document, { ...stepFacts(tx, request.actor), disturbed: () => false })
  const submitted = typeof decided === 'object' && 'document' in decided && decided.document.status === 'submitted'
  const made = submitted ? await adjust(tx, decided.document, request.actor) : []
  const after = await concluded(
    tx,
    stored,
    request,
    submitted ? { ...decided, document: { ...decided.document, adjustments: made } } : decided,
  )
  if (!isRefusal(after) && after.document.status === 'done') await storeResults(tx, [after.document.id])
  return after
}

/** Has lines counted again by another person. */
export async function recountSheet(
  tx: Tx,
  request: SheetRequest<{ readonly lines?: number[] | undefined }>,
): Promise<Stored<CountSheet> | Refusal> {
  const stored = await lockOwn(tx, countSheets, request.params.id)
  const known = { ...stepFacts(tx, request.actor), isPosted: false }
  return concluded(tx, stored, request, decideRecount(stored.document, request.body, known))
}

/** Makes adjustments of the differences of a sheet; their ids. */
async function adjust(tx: Tx, sheet: CountSheet, actor: Actor): Promise<readonly string[]> {
  const variances = variancesOf(sheet)
  const drafts = Array.from({ length: Math.ceil(variances.length / mostAdjusted) }, (_none, part) => {
    const lines = variances.slice(part * mostAdjusted, (part + 1) * mostAdjusted)
    const draft: NewDocument<Adjustment>['draft'] = {
      ...{ id: uuid(), warehouse: sheet.warehouse, createdAt: tx.now, status: 'draft', version: 1 },
      ...{ reason: 'count', note: sheet.number, evidence: null, blind: sheet.blind, countId: sheet.id },
      ...{ problem: null, forced: false, attempt: 0, position: null, createdBy: actor.id },
      ...{ countedBy: sheet.workedOnBy, submittedBy: null, submittedAt: null },
      atPosition: lines.reduce((last, { atPosition }) => (atPosition > last ? atPosition : last), 0n),
      lines: lines.map((line, index) => ({ ...line, line: index + 1, unitCost: null, reason: null })),
    }
    return { draft, note: { what: 'created', why: sheet.number } }
  })
  const { created } = await saveDocuments(tx, adjustments, { drafts })
  return created.map(({ document }) => document.id)
}
