/** Validating, approving, returning and cancelling. */
import { mayDo, pickingReceiptValidated } from '@stockline/contracts'
import { event, isRefusal, publish, versionRefusal, type Actor, type Refusal } from '@stockline/service-kit'
import type { Tx } from '../database.ts'
import type { Note } from '../history/history.ts'
import { lockReceipt, lockToJudge, saveChanges } from './receipt.actions.ts'
import { effectiveAtRefusal } from './receipt.count.actions.ts'
import type { StoredReceipt } from './receipt.store.ts'
import { flagOf, type Receipt } from './receipt.ts'
import {
  approveReceipt,
  cancelReceipt,
  isApproved,
  isValidated,
  returnToOperator,
  validateReceipt,
  type PostingLine,
  type ValidationChoice,
  type ValidationStep,
} from './receipt.validate.ts'

/** Operator's step: posts, or sends to review. */
export async function validate(
  tx: Tx,
  id: string,
  choice: ValidationChoice,
  actor: Actor,
  version: number | undefined,
): Promise<StoredReceipt | Refusal> {
  const { stored, catalog } = await lockToJudge(tx, id)
  if (isValidated(stored.receipt)) return stored
  const early = refusalBefore(stored, choice, actor, version, tx.now)
  if (early !== undefined) return early
  return take(tx, stored, validateReceipt(stored.receipt, choice, catalog), 'validated')
}

/** Supervisor's step: posts what was reviewed. */
export async function approve(
  tx: Tx,
  id: string,
  choice: ValidationChoice,
  actor: Actor,
  version: number | undefined,
): Promise<StoredReceipt | Refusal> {
  const { stored, catalog } = await lockToJudge(tx, id)
  if (isApproved(stored.receipt)) return stored
  const early = refusalBefore(stored, choice, actor, version, tx.now)
  if (early !== undefined) return early
  return take(tx, stored, approveReceipt(stored.receipt, choice, actor.id, catalog), 'approved')
}

/** Sends a receipt in review back to be counted again. */
export async function sendBack(
  tx: Tx,
  id: string,
  reason: string,
  version: number | undefined,
): Promise<StoredReceipt | Refusal> {
  const stored = await lockReceipt(tx, id)
  const after = versionRefusal(stored.receipt.version, version) ?? returnToOperator(stored.receipt, reason)
  return isRefusal(after) ? after : save(tx, stored, after, { what: 'returned', why: reason })
}

/** Cancels before posting. */
export async function cancel(
  tx: Tx,
  id: string,
  reason: string,
  actor: Actor,
  version: number | undefined,
): Promise<StoredReceipt | Refusal> {
  const stored = await lockReceipt(tx, id)
  const after = cancelReceipt(stored.receipt, mayDo(actor, 'receipt.cancel-in-progress'))
  if (after === undefined) return stored
  if (isRefusal(after)) return after
  return versionRefusal(stored.receipt.version, version) ?? save(tx, stored, after, { what: 'cancelled', why: reason })
}

/** Refusals that come before the rule is asked, but after "already through this step". */
function refusalBefore(
  stored: StoredReceipt,
  choice: ValidationChoice,
  actor: Actor,
  version: number | undefined,
  now: Date,
): Refusal | undefined {
  // A cancelled receipt is cancelled, whatever version somebody read of it.
  if (stored.receipt.status === 'cancelled') return undefined
  return versionRefusal(stored.receipt.version, version) ?? effectiveAtRefusal(choice.effectiveAt, actor, now)
}

async function take(
  tx: Tx,
  stored: StoredReceipt,
  taken: ValidationStep | Refusal,
  what: 'validated' | 'approved',
): Promise<StoredReceipt | Refusal> {
  if (isRefusal(taken)) return taken
  switch (taken.step) {
    case 'already':
      return stored
    case 'review': {
      const why = taken.differences
        .slice(0, 10)
        .map((line) => `line ${line.line} ${line.sku}: ${flagOf(line, 'in_review') ?? ''}`)
        .join(', ')
      return save(tx, stored, taken.receipt, { what: 'sent-to-review', why })
    }
    case 'post': {
      await publish(tx, postingEvent(taken.receipt, taken.posting))
      return save(tx, stored, taken.receipt, { what, why: null })
    }
  }
}

function postingEvent(receipt: Receipt, lines: readonly PostingLine[]) {
  return event(pickingReceiptValidated, receipt.id, {
    documentId: receipt.id,
    number: receipt.number,
    warehouse: receipt.warehouse,
    attempt: receipt.attempt,
    ...(receipt.effectiveAt === null ? {} : { effectiveAt: receipt.effectiveAt.toISOString() }),
    lines: [...lines],
  })
}

async function save(tx: Tx, stored: StoredReceipt, after: Receipt, note: Note): Promise<StoredReceipt> {
  const [saved] = await saveChanges(tx, [{ stored, after, notes: [note] }])
  return saved ?? stored
}
