/** Transfers set out, wait and end, within a batch. */
import { addAttempt, type LedgerBatch, inFuture, isInFuture, notLater, summary, addPosting } from '../ledger/batch.ts'
import { applyLines } from '../ledger/posting.ts'
import type { LedgerProduct } from '../ledger/reference.ts'
import type { LineFault, Posting, TransferEnd, TransferRequest } from '../ledger/request.ts'
import type { Supply } from '../ledger/stock.ts'
import type { WorkingSet } from '../ledger/working-set.ts'
import { departure, newTransfer, originsOf, type Transfer } from './transfer.ts'

/** Transfers that are short of one of these products. */
export function waitingTransfers(
  { transfers }: WorkingSet,
  supplies: ReadonlySet<Supply>,
  places: ReadonlySet<string>,
): readonly Transfer[] {
  if (transfers.size === 0) return []
  const all = new Set([...places, ...[...supplies].map(({ product, warehouse }) => product.id + warehouse)])
  return [...transfers.values()].filter(
    ({ status, waitsFor, warehouse }) => status === 'waiting' && waitsFor !== null && all.has(waitsFor.id + warehouse),
  )
}

/**
 * A transfer is confirmed: it sets out, or waits. One that waited is replaced.
 *
 * @param post takes the document by which it set out in a ledger that has fallen back since
 */
export function takeTransfer(
  batch: LedgerBatch,
  request: TransferRequest,
  cause: number,
  post: (batch: LedgerBatch, posting: Posting, cause: number) => void,
): void {
  const { workingSet, outcomes } = batch
  const { documentId, attempt, restored } = request
  const known = workingSet.transfers.get(documentId)
  if (workingSet.attempts.get(documentId)?.some((one) => one.attempt === attempt) === true) return
  if (known !== undefined && known.revision >= request.revision) return
  const future = restored === undefined && isInFuture(workingSet, request) ? [inFuture] : []
  const isSent = known?.status === 'sent' ? [alreadySent] : []
  const transfer = newTransfer(workingSet, request, known)
  const faults = [...future, ...isSent, ...('lines' in transfer ? [] : transfer)]
  if (!('lines' in transfer) || faults.length > 0) {
    addAttempt(workingSet, request, null)
    endTransfer(batch, request)
    outcomes.push({ outcome: 'refused', cause, request, ...summary(faults), faults })
    return
  }
  workingSet.transfers.set(documentId, transfer)
  if (restored === undefined && setOut(batch, transfer, cause, request)) return
  if (restored?.posting) {
    post(batch, restored.posting, cause)
    return
  }
  if (restored !== undefined) transfer.waitsFor = shortOf(workingSet, transfer)
  outcomes.push({ outcome: 'waiting', cause, transfer, revision: transfer.revision })
}

/** It waited then; what it was short of may be there by now, and then any of its products will do. */
function shortOf(workingSet: WorkingSet, transfer: Transfer): LedgerProduct | null {
  const found = originsOf(workingSet, transfer)
  return 'short' in found ? found.short : (transfer.lines[0]?.product ?? null)
}

const alreadySent: LineFault = {
  line: null,
  code: 'already-sent',
  message: 'The transfer has set out: it cannot be confirmed again.',
}

/** All of a transfer leaves its source, if it is there. True where that is settled; else it waits for what it is short of. */
export function setOut(batch: LedgerBatch, transfer: Transfer, cause: number, request?: TransferRequest): boolean {
  const { workingSet } = batch
  const found = originsOf(workingSet, transfer)
  const waitsFor = 'short' in found ? found.short : null
  transfer.changed ||= waitsFor !== transfer.waitsFor
  transfer.waitsFor = waitsFor
  if ('short' in found) return false
  // One that waited moves when it sets out, whatever was said when it was confirmed.
  const times = request ?? { effectiveAt: workingSet.recordedAt, effectiveAtStated: false }
  const origins = 'origins' in found ? found.origins : []
  const posting = notLater(workingSet, departure(transfer, origins, times))
  const position = workingSet.position + 1n
  const applied = 'fault' in found ? [found.fault] : applyLines(workingSet, posting, position)
  if (!('moves' in applied)) {
    Object.assign(transfer, { status: 'ended', changed: true })
    addAttempt(workingSet, posting, null)
    const { confirmedBy: by } = transfer
    batch.outcomes.push({ outcome: 'refused', cause, request: posting, ...summary(applied), faults: applied, by })
    return true
  }
  addPosting(batch, posting, applied, cause, { by: transfer.confirmedBy })
  return true
}

/** A transfer that waits is cancelled. One that has set out goes on: picking says where its goods are. */
export function endTransfer({ workingSet }: LedgerBatch, { documentId }: Pick<TransferEnd, 'documentId'>): void {
  const transfer = workingSet.transfers.get(documentId)
  if (transfer?.status !== 'waiting') return
  Object.assign(transfer, { status: 'ended', waitsFor: null, changed: true })
}
