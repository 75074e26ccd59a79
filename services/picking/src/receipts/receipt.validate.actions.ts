/** Validating, approving, returning and cancelling. */
import { mayDo, pickingReceiptValidated } from '@stockline/contracts'
import {
  event,
  isRefusal,
  versionRefusal,
  type Actor,
  type Alone,
  type Origin,
  type Outgoing,
  type Refusal,
} from '@stockline/service-kit'
import type { Tx } from '../database.ts'
import type { Stored } from '../documents/document.ts'
import { whoIs, type Note } from '../history/history.ts'
import { decideTogether, lockReceipt, type Decided } from './receipt.actions.ts'
import { lotOf, toldDetails } from '../orders/order.details.ts'
import { originOf } from '../orders/order.ts'
import { effectiveAtRefusal } from './receipt.count.actions.ts'
import { differencesOf } from './receipt.restore.ts'
import { storedReceipts } from './receipt.store.ts'
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

/** Somebody's wish to post a receipt. */
export interface Validating {
  /** The receipt's. */
  readonly id: string
  readonly choice: ValidationChoice
  readonly actor: Actor
  readonly version: number | undefined
  readonly origin: Origin
}

/** Operators' step: posts each receipt, or sends it to review. */
export async function validateReceipts(
  tx: Tx,
  asked: readonly Validating[],
): Promise<readonly (Stored<Receipt> | Refusal | Alone)[]> {
  return decideTogether(tx, asked, [], (stored, one, catalog) => {
    if (isValidated(stored.document)) return stored
    const early = refusalBefore(stored, one, tx.now)
    return early ?? changeOf(stored, validateReceipt(stored.document, one.choice, catalog), 'validated', one)
  })
}

/** Supervisors' step: posts what was reviewed. */
export async function approveReceipts(
  tx: Tx,
  asked: readonly Validating[],
): Promise<readonly (Stored<Receipt> | Refusal | Alone)[]> {
  return decideTogether(tx, asked, [], (stored, one, catalog) => {
    if (isApproved(stored.document)) return stored
    const early = refusalBefore(stored, one, tx.now)
    return (
      early ?? changeOf(stored, approveReceipt(stored.document, one.choice, one.actor.id, catalog), 'approved', one)
    )
  })
}

/** Sends a receipt in review back to be counted again. */
export async function sendBack(
  tx: Tx,
  id: string,
  reason: string,
  version: number | undefined,
): Promise<Stored<Receipt> | Refusal> {
  const stored = await lockReceipt(tx, id)
  const after = versionRefusal(stored.document.version, version) ?? returnToOperator(stored.document, reason)
  return isRefusal(after) ? after : save(tx, stored, after, { what: 'returned', why: reason })
}

/** Cancels before posting. */
export async function cancel(
  tx: Tx,
  id: string,
  reason: string,
  actor: Actor,
  version: number | undefined,
): Promise<Stored<Receipt> | Refusal> {
  const stored = await lockReceipt(tx, id)
  const after = cancelReceipt(stored.document, mayDo(actor, 'receipt.cancel-in-progress'))
  if (after === undefined) return stored
  if (isRefusal(after)) return after
  return versionRefusal(stored.document.version, version) ?? save(tx, stored, after, { what: 'cancelled', why: reason })
}

/** Refusals that come before the rule is asked, but after "already through this step". */
function refusalBefore(stored: Stored<Receipt>, asked: Validating, now: Date): Refusal | undefined {
  // A cancelled receipt is cancelled, whatever version somebody read of it.
  if (stored.document.status === 'cancelled') return undefined
  return (
    versionRefusal(stored.document.version, asked.version) ??
    effectiveAtRefusal(asked.choice.effectiveAt, asked.actor, now)
  )
}

function changeOf(
  stored: Stored<Receipt>,
  taken: ValidationStep | Refusal,
  what: 'validated' | 'approved',
  { actor, origin }: Validating,
): Decided {
  if (isRefusal(taken)) return taken
  const who = whoIs(actor)
  switch (taken.step) {
    case 'already':
      return stored
    case 'review': {
      const why = taken.differences
        .slice(0, 10)
        .map(
          (line) =>
            `line ${line.line} ${line.sku}: ${flagOf(line, 'in_review', lotOf(taken.receipt.details, line.orderLine)) ?? ''}`,
        )
        .join(', ')
      return { stored, after: taken.receipt, notes: [{ what: 'sent-to-review', why, who }] }
    }
    case 'post': {
      const told = [postingEvent(taken.receipt, taken.posting, origin)]
      return { stored, after: taken.receipt, notes: [{ what, why: null, who }], told }
    }
  }
}

function postingEvent(receipt: Receipt, lines: readonly PostingLine[], origin: Origin): Outgoing {
  const data = {
    documentId: receipt.id,
    number: receipt.number,
    warehouse: receipt.warehouse,
    attempt: receipt.attempt,
    ...(receipt.effectiveAt === null ? {} : { effectiveAt: receipt.effectiveAt.toISOString() }),
    ...originOf(receipt),
    ...toldDetails(receipt),
    ...(receipt.remainder === 'close' ? { remainder: receipt.remainder } : {}),
    lines: [...lines],
    differences: differencesOf(receipt),
  }
  return event(pickingReceiptValidated, receipt.id, data, { origin })
}

async function save(tx: Tx, stored: Stored<Receipt>, after: Receipt, note: Note): Promise<Stored<Receipt>> {
  const [saved] = await storedReceipts.update(tx, [{ stored, after, notes: [note] }])
  return saved ?? stored
}
