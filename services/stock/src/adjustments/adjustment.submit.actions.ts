/** Steps of adjustments: submitted, approved, rejected, forced. What is to be posted is posted in the same transaction. */
import { distance } from '@stockline/amounts'
import { mayDo } from '@stockline/contracts'
import { conclude, saveDocuments, whoIs, type DocumentRequest, type Note, type Stored } from '@stockline/documents'
import type { DocumentDecision } from '@stockline/documents/decision'
import { refuse, versionRefusal, type Actor, type Refusal } from '@stockline/service-kit'
import type { Tx } from '../database.ts'
import { lockOwn } from '../documents/document.actions.ts'
import { movedSince } from '../ledger/balances.actions.ts'
import { decideBatch, type LedgerCompany } from '../ledger/ledger.actions.ts'
import { adjustments } from './adjustment.actions.ts'
import {
  approveRefusal,
  forceRefusal,
  linesTooShort,
  postingOf,
  problemOf,
  rejectRefusal,
  submitRefusal,
} from './adjustment.post.ts'
import type { Adjustment } from './adjustment.ts'
import { setRefusedApart } from './adjustment.refused.actions.ts'
import { whyApproval } from './limit.actions.ts'
import { findReasons } from './reason.store.ts'

type Step = DocumentRequest<unknown>
type Judgement = 'already' | Refusal | undefined
type Posted = DocumentDecision<Adjustment>

/** Submits a draft: below the limit of who submits it is posted at once, otherwise it waits for approval. */
export async function submitAdjustment(
  tx: Tx,
  company: LedgerCompany,
  request: Step,
): Promise<Stored<Adjustment> | Refusal> {
  const { actor } = request
  const stored = await lockOwn(tx, adjustments, request.params.id)
  const judged = submitRefusal(stored.document, actor, (right) => mayDo(actor, right))
  const refused = await stopped(tx, stored, request, judged ?? (await evidenceRefusal(tx, stored.document)))
  if (refused !== undefined) return refused
  return conclude(tx, adjustments, stored, request, await submitted(tx, company, stored.document, actor))
}

/** The same for what a count has made in this transaction. */
export async function submitCounted(
  tx: Tx,
  company: LedgerCompany,
  stored: Stored<Adjustment>,
  actor: Actor,
): Promise<Stored<Adjustment>> {
  const { document: after, notes } = await submitted(tx, company, stored.document, actor)
  const change = { stored, after, notes: notes.map((note) => ({ ...note, who: whoIs(actor) })) }
  const [changed] = (await saveDocuments(tx, adjustments, { changes: [change] })).changed
  return changed ?? stored
}

async function submitted(tx: Tx, company: LedgerCompany, draft: Adjustment, actor: Actor): Promise<Posted> {
  const adjustment = submittedBy(draft, actor, tx.now)
  const { id, warehouse } = adjustment
  const lines = adjustment.lines.map((line) => ({ ...line, quantity: distance(line.counted, line.expected) }))
  const above = await whyApproval(tx, company, { id, warehouse, lines }, actor)
  const note = { what: 'submitted', why: above ?? null }
  if (above !== undefined) return { document: adjustment, notes: [note] }
  const { document, notes } = await posted(tx, company, adjustment, actor, { what: 'posted', why: null })
  // What a count has made is no draft: it was counted, and is not entered anew.
  const isKept = document.status === 'posted' || document.countId !== null
  const after = isKept ? document : { ...document, ...notSubmitted }
  return { document: after, notes: [note, ...notes] }
}

/** Approves what somebody else counted and submitted, and posts it. */
export async function approveAdjustment(
  tx: Tx,
  company: LedgerCompany,
  request: Step,
): Promise<Stored<Adjustment> | Refusal> {
  const stored = await lockOwn(tx, adjustments, request.params.id)
  const refused = await stopped(tx, stored, request, approveRefusal(stored.document, request.actor))
  if (refused !== undefined) return refused
  const note = { what: 'approved', why: null }
  return conclude(tx, adjustments, stored, request, await posted(tx, company, stored.document, request.actor, note))
}

/** Rejects what was submitted: stock stays as it is. */
export async function rejectAdjustment(
  tx: Tx,
  request: DocumentRequest<{ readonly reason: string }>,
): Promise<Stored<Adjustment> | Refusal> {
  const stored = await lockOwn(tx, adjustments, request.params.id)
  const decided = rejectRefusal(stored.document) ?? {
    document: { ...stored.document, status: 'rejected' as const },
    notes: [{ what: 'rejected', why: request.body.reason }],
  }
  return conclude(tx, adjustments, stored, request, decided)
}

/** Posts it by a manager's right, whoever counted it and whatever the limit. It is marked, on the document and in its history. */
export async function forceAdjustment(
  tx: Tx,
  company: LedgerCompany,
  request: DocumentRequest<{ readonly reason: string }>,
): Promise<Stored<Adjustment> | Refusal> {
  const { actor, body } = request
  const stored = await lockOwn(tx, adjustments, request.params.id)
  const refused = await stopped(tx, stored, request, forceRefusal(stored.document))
  if (refused !== undefined) return refused
  const before = stored.document
  const open = before.status === 'submitted' ? before : submittedBy(before, actor, tx.now)
  const note = { what: 'forced', why: body.reason, mark: 'forced' } as const
  const { document, notes } = await posted(tx, company, { ...open, forced: true }, actor, note)
  const after =
    document.status === 'posted'
      ? document
      : { ...before, lines: document.lines, attempt: document.attempt, problem: document.problem }
  return conclude(tx, adjustments, stored, request, { document: after, notes })
}

/** The answer where a step is not taken, or undefined: whatever is refused, nothing was posted. */
async function stopped(
  tx: Tx,
  stored: Stored<Adjustment>,
  request: Step,
  judged: Judgement,
): Promise<Stored<Adjustment> | Refusal | undefined> {
  if (judged === 'already') return stored
  const stale = versionRefusal(stored.document.version, request.version)
  if (stale !== undefined) return stale
  return judged === undefined ? undefined : conclude(tx, adjustments, stored, request, judged)
}

const notSubmitted = { status: 'draft', submittedBy: null, submittedAt: null } as const

function submittedBy(adjustment: Adjustment, actor: Actor, now: Date): Adjustment {
  return { ...adjustment, status: 'submitted', submittedBy: actor.id, submittedAt: now, problem: null }
}

async function evidenceRefusal(tx: Tx, { reason, evidence, lines }: Adjustment): Promise<Refusal | undefined> {
  if (evidence !== null) return undefined
  const given = new Set([reason, ...lines.flatMap((line) => line.reason ?? [])])
  const { reasons } = await findReasons(tx)
  const asking = reasons.find(({ code, evidenceRequired }) => evidenceRequired && given.has(code))
  if (asking === undefined) return undefined
  return refuse('evidence-missing', 'content', `The reason "${asking.name}" needs evidence: add a link to it.`, [
    { pointer: '/evidence', message: 'must be there' },
  ])
}

/** Of so many lines a problem says what moved since. */
const mostExplained = 3

/** Posts the differences. Refused by the ledger it stays where it was, and says why. @param note of the step, where it is posted */
async function posted(
  tx: Tx,
  company: LedgerCompany,
  adjustment: Adjustment,
  actor: Actor,
  note: Omit<Note, 'who'>,
): Promise<Posted> {
  const request = postingOf(adjustment, tx.now)
  const done = { ...adjustment, status: 'posted', problem: null } as const
  if (request === null) return { document: done, notes: [note] }
  const [outcome] = await decideBatch(tx, company, [{ request, actor: whoIs(actor) }])
  const { attempt } = request
  if (outcome?.outcome === 'posted')
    return { document: { ...done, attempt, position: outcome.position }, notes: [note] }
  if (outcome?.outcome !== 'refused') throw new Error(`${adjustment.number} came to nothing.`)
  const apart = await setRefusedApart(tx, { ...adjustment, attempt }, outcome)
  if (apart !== undefined) {
    const rest = await posted(tx, company, apart.kept, actor, note)
    return { ...rest, notes: [apart.note, ...rest.notes] }
  }
  const short = linesTooShort(adjustment, outcome.faults).slice(0, mostExplained)
  const moved = await movedSince(
    tx,
    short.map((line) => ({ ...line, since: line.atPosition, until: null })),
    // The ledger's head is held.
    { moves: 1000, documents: 5 },
  )
  const problem = problemOf(outcome.detail, short, moved)
  return { document: { ...adjustment, attempt, problem }, notes: [{ what: 'refused', why: problem }] }
}
