/** Adjustments in the database: how they begin, are changed as drafts, and what an answer shows besides their fields. */
import { mayDo } from '@stockline/contracts'
import { conclude, saveDocuments, type DocumentRequest, type NewDocument, type Stored } from '@stockline/documents'
import {
  isRefusal,
  refuse,
  type Actor,
  type DeepReadonly,
  type FieldError,
  type Queryable,
  type Refusal,
} from '@stockline/service-kit'
import { v7 as uuidv7 } from 'uuid'
import type { z } from 'zod'
import { scopeOf } from '../assignments/assignment.actions.ts'
import type { Tx } from '../database.ts'
import { lockOwn, ownKind, withinScope, withoutTold } from '../documents/document.actions.ts'
import { balancesOf, movedSince, positionAt, type BalanceKey } from '../ledger/balances.actions.ts'
import type { LedgerCompany } from '../ledger/ledger.actions.ts'
import { countedLines, keyOfLine } from './adjustment.count.ts'
import { adjustmentKind } from './adjustment.fields.ts'
import type { AdjustmentAnswer, changedBody, newBody } from './adjustment.shapes.api.ts'
import { droppedCounts, locationsOfAdjustment, notChangeable, type Adjustment } from './adjustment.ts'
import { isBlindTo, movedBound, movedOf } from './adjustment.view.ts'
import { storeDropped } from './adjustment.store.ts'
import { findReasons } from './reason.store.ts'

type NewBody = z.output<typeof newBody>
type ChangedBody = z.output<typeof changedBody>

/** How adjustments are kept. */
export const adjustments = ownKind({ ...adjustmentKind, locationsOf: locationsOfAdjustment })

/** Makes a draft of what was counted. */
export async function beginAdjustment(
  tx: Tx,
  company: LedgerCompany,
  { reason, note, evidence, blind = false, lines: given }: NewBody,
  actor: Actor,
): Promise<Stored<Adjustment> | Refusal> {
  const counted = await countLines(tx, company, reason, given, actor)
  if (isRefusal(counted)) return counted
  const { warehouse, lines } = counted
  const draft: NewDocument<Adjustment>['draft'] = {
    ...{ id: uuidv7(), warehouse, createdAt: tx.now, status: 'draft', version: 1, lines },
    ...{
      reason,
      note: note ?? null,
      evidence: evidence ?? null,
      blind,
      countId: null,
      problem: null,
      forced: false,
      attempt: 0,
      position: null,
    },
    ...{ createdBy: actor.id, countedBy: [actor.id], submittedBy: null, submittedAt: null },
    atPosition: latest(lines),
  }
  const drafts = [{ draft, note: { what: 'created', why: null } }]
  const [stored] = (await saveDocuments(tx, adjustments, { drafts })).created
  if (stored === undefined) throw new Error('An adjustment was made and is not there.')
  return stored
}

/** Changes a draft. Lines that are given replace all lines: they are counted now, by who gives them. */
export async function changeAdjustment(
  tx: Tx,
  company: LedgerCompany,
  request: DocumentRequest<ChangedBody>,
): Promise<Stored<Adjustment> | Refusal> {
  const { actor, body } = request
  const stored = await lockOwn(tx, adjustments, request.params.id)
  const { document } = stored
  const refused = notChangeable(document, actor, (right) => mayDo(actor, right))
  if (refused !== undefined) return conclude(tx, adjustments, stored, request, refused)
  const { reason = document.reason, note = document.note, evidence = document.evidence, lines: given } = body
  const counted =
    given === undefined ? await reasonRefusal(tx, reason) : await countLines(tx, company, reason, given, actor)
  if (isRefusal(counted)) return conclude(tx, adjustments, stored, request, counted)
  const lines =
    counted === undefined
      ? {}
      : {
          lines: counted.lines,
          atPosition: latest(counted.lines),
          countedBy: [...new Set([...document.countedBy, actor.id])],
        }
  if (counted !== undefined && counted.warehouse !== document.warehouse)
    return conclude(tx, adjustments, stored, request, elsewhere(document))
  if (counted !== undefined) await storeDropped(tx, document.id, droppedCounts(document.lines, counted.lines))
  return conclude(tx, adjustments, stored, request, {
    document: { ...document, reason, note, evidence, problem: null, ...lines },
    notes: [{ what: counted === undefined ? 'changed' : 'counted', why: null }],
  })
}

/** A draft that is deleted ends as `rejected`: its number stays taken, and its history says who deleted it. */
export async function deleteAdjustment(
  tx: Tx,
  request: DocumentRequest<undefined>,
): Promise<Stored<Adjustment> | Refusal> {
  const stored = await lockOwn(tx, adjustments, request.params.id)
  const { document, history } = stored
  const isDeleted = document.status === 'rejected' && history.at(-1)?.what === 'deleted'
  const refused = notChangeable(document, request.actor, (right) => mayDo(request.actor, right))
  return conclude(
    tx,
    adjustments,
    stored,
    request,
    isDeleted
      ? 'already'
      : (refused ?? { document: { ...document, status: 'rejected' }, notes: [{ what: 'deleted', why: null }] }),
  )
}

/** Adds what moved since each line was counted, and takes away what this actor may not see: other places, and what is expected, blind. */
export async function completeAnswer(
  db: Queryable,
  whole: DeepReadonly<AdjustmentAnswer>,
  document: Adjustment,
  actor: Actor,
): Promise<DeepReadonly<AdjustmentAnswer>> {
  const answer = await withinScope(db, whole, actor)
  if (isBlindTo(document, actor, mayDo(actor, 'adjustment.approve'))) return withoutExpected(answer)
  const until = await endOf(db, document, answer.history)
  // A repeated request has its first answer: what is shown of a line is of what that line was then.
  const shown = new Map(answer.lines.map((line) => [line.line, line]))
  const lines = document.lines.filter((line) => isSameBalance(line, shown.get(line.line)))
  const keys = lines.map((line) => ({ ...line, since: line.atPosition, until }))
  const moved = await movedSince(db, keys, movedBound(lines.length))
  const byLine = new Map(lines.map(({ line }, at) => [line, moved[at]]))
  return {
    ...answer,
    lines: answer.lines.map((line) => {
      const { documents = [], more = 0 } = byLine.get(line.line) ?? {}
      return { ...line, movedSince: documents.map(movedOf), movedMore: more }
    }),
  }
}

/** Are both of one product, lot and status at one place? */
function isSameBalance(one: BalanceKey, other: BalanceKey | undefined): boolean {
  return (['sku', 'location', 'lot', 'status'] as const).every((key) => one[key] === other?.[key])
}

/** The position that ends what is shown of later moves: of its posting, or behind that at which it ended otherwise. Null: it is open. */
async function endOf(
  db: Queryable,
  { status, position }: Adjustment,
  history: DeepReadonly<AdjustmentAnswer>['history'],
): Promise<bigint | null> {
  if (position !== null) return position
  const ended = status === 'posted' || status === 'rejected' ? history.at(-1) : undefined
  return ended === undefined ? null : (await positionAt(db, new Date(ended.at))) + 1n
}

/** What is left of an answer for whoever counts blind. Why the ledger did not post it names what is there. */
function withoutExpected(answer: DeepReadonly<AdjustmentAnswer>): DeepReadonly<AdjustmentAnswer> {
  return {
    ...withoutTold(answer, 'The ledger did not post it: a supervisor sees why.'),
    lines: answer.lines.map((line) => ({
      ...line,
      expected: null,
      difference: null,
      movedSince: null,
      movedMore: null,
    })),
  }
}

/** What is left of a first answer for those who may not see costs: they could not approve it either. */
export function withoutCosts(answer: AdjustmentAnswer): DeepReadonly<AdjustmentAnswer> {
  const lines = answer.lines.map(({ unitCost: _cost, ...line }) => line)
  return answer.blind ? withoutExpected({ ...answer, lines }) : { ...answer, lines }
}

async function countLines(
  tx: Tx,
  company: LedgerCompany,
  reason: string,
  given: NewBody['lines'],
  actor: Actor,
): Promise<ReturnType<typeof countedLines>> {
  const [{ reasons }, balances, scope] = await Promise.all([
    findReasons(tx),
    balancesOf(tx, company, given.map(keyOfLine)),
    scopeOf(tx, actor),
  ])
  const active = new Set(reasons.flatMap(({ code, active: isActive }) => (isActive ? [code] : [])))
  if (given.some(({ unitCost }) => unitCost !== undefined) && !mayDo(actor, 'cost.enter'))
    return refuse('cost-forbidden', 'forbidden', 'Only a supervisor or a manager may enter a unit cost.')
  const counted = countedLines(given, { balances, scope, by: actor.id, reasons: active })
  if (active.has(reason)) return counted
  const faults = isRefusal(counted) ? (counted.errors ?? []) : []
  return wrongReason(reason, faults)
}

async function reasonRefusal(tx: Tx, reason: string): Promise<Refusal | undefined> {
  const { reasons } = await findReasons(tx)
  return reasons.some(({ code, active }) => active && code === reason) ? undefined : wrongReason(reason, [])
}

function wrongReason(reason: string, others: readonly FieldError[]): Refusal {
  const fault = { pointer: '/reason', message: `"${reason}" is not among the reasons` }
  return refuse('adjustment-wrong', 'content', 'Some fields are wrong.', [fault, ...others])
}

function elsewhere({ number, warehouse }: Adjustment): Refusal {
  return refuse('lines-wrong', 'content', `${number} is of warehouse ${warehouse}: its number stays there.`, [
    { pointer: '/lines', message: `must be at places of ${warehouse}` },
  ])
}

/** Where the ledger was when the last line was counted. */
function latest(lines: Adjustment['lines']): bigint {
  return lines.reduce((last, { atPosition }) => (atPosition > last ? atPosition : last), 0n)
}
