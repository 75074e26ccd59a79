/** A batch that is being decided, and what every decision of it does. */
import type { EventActor } from '@stockline/contracts/envelope'
import type { LedgerOutcome } from './ledger.ts'
import type { Applied } from './posting.trial.ts'
import type { LedgerLot } from './reference.ts'
import type { LineFault, Posting } from './request.ts'
import type { Demand, Quant } from './stock.ts'
import type { WorkingSet } from './working-set.ts'

/** A batch that is being decided: the working set, and what has come of it so far. */
export interface LedgerBatch {
  readonly workingSet: WorkingSet
  readonly outcomes: LedgerOutcome[]
  readonly lots: Set<LedgerLot>
  readonly demands: Set<Demand>
}

/** The ledger takes a document that was applied: it has the next position. */
export function addPosting(
  batch: LedgerBatch,
  posting: Posting,
  { moves, lots }: Applied,
  cause: number,
  { by, short = [] }: { readonly by?: EventActor | null; readonly short?: readonly Quant[] } = {},
): void {
  const { workingSet } = batch
  const { recordedAt } = workingSet
  const position = ++workingSet.position
  addAttempt(workingSet, posting, position)
  const transfer = posting.kind === 'transfer' ? workingSet.transfers.get(posting.documentId) : undefined
  if (transfer?.status === 'waiting') Object.assign(transfer, { status: 'sent', waitsFor: null, changed: true })
  batch.outcomes.push({
    outcome: 'posted',
    cause,
    posting,
    position,
    recordedAt,
    moves,
    ...(by === undefined ? {} : { by }),
    ...(short.length === 0 ? {} : { short }),
  })
  for (const lot of lots) batch.lots.add(lot)
}

/** What clocks differ by is brought back to now. */
export function notLater({ recordedAt }: WorkingSet, posting: Posting): Posting {
  return posting.effectiveAt > recordedAt ? { ...posting, effectiveAt: recordedAt } : posting
}

/** Is the entered time later than now, by more than clocks differ? */
export function isInFuture(
  workingSet: WorkingSet,
  posting: Pick<Posting, 'effectiveAt' | 'effectiveAtStated'>,
): boolean {
  const clockToleranceMs = 60_000
  return posting.effectiveAtStated && posting.effectiveAt > workingSet.recordedAt + clockToleranceMs
}

/** A time that was entered is later than now. */
export const inFuture: LineFault = {
  line: null,
  code: 'effective-in-future',
  message: 'A document cannot have happened in the future.',
}

/** Keeps what the ledger answered to an attempt: its position, or null where it was refused. */
export function addAttempt(
  workingSet: WorkingSet,
  posting: Pick<Posting, 'documentId' | 'attempt'>,
  position: bigint | null,
): void {
  const tries = workingSet.attempts.get(posting.documentId)
  const attempts = { attempt: posting.attempt, position }
  if (tries === undefined) workingSet.attempts.set(posting.documentId, [attempts])
  else tries.push(attempts)
}

/** One code and one sentence for a document with many faults. */
export function summary(faults: readonly LineFault[]): { code: string; detail: string } {
  const [first] = faults
  if (first === undefined) throw new Error('A document is not refused without a fault.')
  const code = faults.every((fault) => fault.code === first.code) ? first.code : 'several-faults'
  const where = first.line === null ? '' : `Line ${String(first.line)}: `
  const more = faults.length === 1 ? '' : ` (and ${String(faults.length - 1)} more)`
  return { code, detail: `${where}${first.message}${more}` }
}
