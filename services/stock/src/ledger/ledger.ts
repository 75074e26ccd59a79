/**
 * The ledger's decision: (balances, reservations, documents in order) → (moves, new balances, outcomes). Pure: no
 * database, no clock, no chance. What it is given is all it knows, and any way of cutting the documents into batches
 * gives the same result.
 */
import { compareDemands, isComplete, demandLines, awaitSupplies } from '../reservations/demand.ts'
import { type PickFault, refusedPicks } from '../reservations/picked.ts'
import {
  offer,
  releaseAllocations,
  releaseUncovered,
  releaseWithdrawn,
  reserve,
  reservePicked,
  withdrawnPicks,
} from '../reservations/reservations.ts'
import type { LedgerRequest, LineFault, DemandEnd, DemandRequest, Offer, Posting, Withdrawal } from './request.ts'
import type { LedgerLot } from './reference.ts'
import type { Move } from './move.ts'
import { supplyOf, type WorkingSet, type Attempt } from './working-set.ts'
import { type Applied, applyLines } from './posting.ts'
import { addReserved, isChanged } from './quant.ts'
import type { Demand, Quant, Supply } from './stock.ts'

/** The result of a request. `cause` is its index in the batch. */
export type LedgerOutcome =
  | {
      readonly outcome: 'posted'
      readonly cause: number
      readonly posting: Posting
      readonly position: bigint
      readonly recordedAt: number
      readonly moves: readonly Move[]
    }
  | {
      readonly outcome: 'refused'
      readonly cause: number
      readonly request: Posting | DemandRequest
      readonly code: string
      readonly detail: string
      readonly faults: readonly LineFault[]
    }
  | { readonly outcome: 'repeated'; readonly cause: number; readonly posting: Posting; readonly earlier: Attempt }
  | {
      readonly outcome: 'reserved'
      readonly cause: number
      readonly demand: Demand
      readonly revision: number
      readonly complete: boolean
      readonly lines: Demand['lines']
      readonly allocations: Demand['allocations']
      /** Picks that could not be shipped. */
      readonly refused?: readonly PickFault[] | undefined
    }
  | {
      readonly outcome: 'released'
      readonly cause: number
      readonly demand: Demand
      readonly revision: number
      readonly code: 'stock-gone' | 'amended' | 'expired'
      readonly detail: string
    }

/** All that a batch changed. */
export interface Decision {
  readonly outcomes: readonly LedgerOutcome[]
  readonly quants: readonly Quant[]
  readonly lots: readonly LedgerLot[]
  readonly demands: readonly Demand[]
}

/** A batch that is being decided: the working set, and what has come of it so far. */
interface Batch {
  readonly workingSet: WorkingSet
  readonly outcomes: LedgerOutcome[]
  readonly lots: Set<LedgerLot>
  readonly demands: Set<Demand>
}

/**
 * Decides a batch in order, changing the working set.
 *
 * @param now when the ledger takes them; what it records never goes back behind what it recorded before
 */
export function decide(workingSet: WorkingSet, requests: readonly LedgerRequest[], now: number): Decision {
  workingSet.recordedAt = Math.max(workingSet.recordedAt, now)
  const batch: Batch = { workingSet, outcomes: [], lots: new Set(), demands: new Set() }
  requests.forEach((request, cause) => {
    if (request.action === 'post') post(batch, request, cause)
    else if (request.action === 'reserve') takeDemand(batch, request, cause)
    else if (request.action === 'release') endDemand(batch, request, cause)
    else if (request.action === 'offer') offerAgain(batch, request, cause)
    else withdraw(batch, request, cause)
  })
  for (const demand of batch.demands)
    demand.reservedSince = demand.allocations.length === 0 ? null : (demand.reservedSince ?? workingSet.recordedAt)
  return {
    outcomes: batch.outcomes,
    quants: changedQuants(workingSet),
    lots: [...batch.lots],
    demands: [...batch.demands],
  }
}

function changedQuants(workingSet: WorkingSet): Quant[] {
  const changed: Quant[] = []
  for (const ofProduct of workingSet.quants.values())
    for (const quant of ofProduct.values()) if (isChanged(quant)) changed.push(quant)
  return changed
}

function post(batch: Batch, asked: Posting, cause: number): void {
  const { workingSet, outcomes } = batch
  const future = asked.restored === undefined && isInFuture(workingSet, asked)
  const posting = asked.effectiveAt > workingSet.recordedAt ? { ...asked, effectiveAt: workingSet.recordedAt } : asked
  const earlier = workingSet.attempts
    .get(posting.documentId)
    ?.find((one) => one.position !== null || one.attempt === posting.attempt)
  if (earlier !== undefined) {
    outcomes.push({ outcome: 'repeated', cause, posting, earlier })
    return
  }
  const position = workingSet.position + 1n
  checkRestored(posting, position)
  const demand = posting.kind === 'delivery' ? workingSet.demands.get(posting.documentId) : undefined
  const kept = demand === undefined ? undefined : { demand, allocations: demand.allocations, waitsFor: demand.waitsFor }
  const increased = demand === undefined ? new Set<Supply>() : releaseAllocations(demand)
  const applied = future ? [inFuture] : applyLines(workingSet, posting, position)
  if (!('moves' in applied)) {
    if (kept !== undefined) allocateAgain(kept)
    addAttempt(workingSet, posting, null)
    outcomes.push({ outcome: 'refused', cause, request: posting, ...summary(applied), faults: applied })
    return
  }
  workingSet.position = position
  addAttempt(workingSet, posting, position)
  if (demand !== undefined) closeDemand(batch, demand, 'shipped')
  const { recordedAt } = workingSet
  outcomes.push({ outcome: 'posted', cause, posting, position, recordedAt, moves: applied.moves })
  for (const lot of applied.lots) batch.lots.add(lot)
  afterPosting(batch, applied, increased, cause)
}

/** A document of a ledger that fell back gets its own position again, or nothing is done. */
function checkRestored({ restored, number }: Posting, position: bigint): void {
  if (restored === undefined || restored.position === position) return
  throw new Error(
    `${number} had position ${String(restored.position)} and cannot have it again: ${String(position)} is next. ` +
      'The bus lacks what was posted in between.',
  )
}

/** Is the entered time later than now, by more than clocks differ? */
function isInFuture(workingSet: WorkingSet, posting: Posting): boolean {
  const clockToleranceMs = 60_000
  return posting.effectiveAtStated && posting.effectiveAt > workingSet.recordedAt + clockToleranceMs
}

const inFuture: LineFault = {
  line: null,
  code: 'effective-in-future',
  message: 'A document cannot have happened in the future.',
}

/** Releases allocations that are no longer covered, and offers what has become available. */
function afterPosting(batch: Batch, applied: Applied, increased: Set<Supply>, cause: number): void {
  for (const quant of applied.decreased) {
    const uncovered = releaseUncovered(batch.workingSet, quant)
    for (const supply of uncovered.increased) increased.add(supply)
    for (const demand of uncovered.lost) {
      batch.demands.add(demand)
      const detail = `${quant.product.sku} at ${quant.location.code} ${whatBecame(applied, quant)}.`
      batch.outcomes.push({ outcome: 'released', cause, demand, revision: demand.revision, code: 'stock-gone', detail })
      publishReserved(batch, demand, cause)
    }
  }
  for (const quant of applied.increased) if (quant.supply !== null) increased.add(quant.supply)
  offerAll(batch, increased, cause)
}

/** Why what was reserved of a quant cannot be had any more: it has another status now, or is gone. */
function whatBecame({ moves }: Applied, { product, location, lot, status }: Quant): string {
  const held = moves.find(
    (move) =>
      move.from === location && move.product === product && move.lot === lot && move.status === status && move.toStatus,
  )
  if (held?.toStatus === undefined) return 'is no longer there'
  return held.toStatus === 'quarantine' ? 'is in quarantine now' : `is ${held.toStatus} now`
}

/** A delivery that lost only a part: its remaining allocations are published again. */
function publishReserved(batch: Batch, demand: Demand, cause: number): void {
  if (demand.allocations.length > 0) batch.outcomes.push(reservedNow(demand, cause))
}

function offerAll(batch: Batch, supplies: ReadonlySet<Supply>, cause: number): void {
  const { served, asked } = offer(batch.workingSet, supplies)
  for (const demand of asked) batch.demands.add(demand)
  for (const demand of served) batch.outcomes.push(reservedNow(demand, cause))
}

/** A delivery's allocations as they are now. */
export function reservedNow(demand: Demand, cause: number, refused?: readonly PickFault[]): LedgerOutcome {
  const { revision, lines, allocations } = demand
  return { outcome: 'reserved', cause, demand, revision, complete: isComplete(demand), lines, allocations, refused }
}

function addAttempt(workingSet: WorkingSet, posting: Posting, position: bigint | null): void {
  const tries = workingSet.attempts.get(posting.documentId)
  const attempts = { attempt: posting.attempt, position }
  if (tries === undefined) workingSet.attempts.set(posting.documentId, [attempts])
  else tries.push(attempts)
}

type Kept = Pick<Demand, 'allocations' | 'waitsFor'> & { readonly demand: Demand }

/** Gives a delivery its allocations back after a refusal. */
function allocateAgain({ demand, allocations, waitsFor }: Kept): void {
  for (const { quant, quantity } of allocations) addReserved(quant, quantity)
  demand.allocations = allocations
  awaitSupplies(demand, waitsFor)
}

/**
 * A delivery is confirmed or amended. On an amendment its allocations are released first, and it reserves before all waiting demands;
 * what is picked for it is reserved where it was taken.
 */
function takeDemand(batch: Batch, request: DemandRequest, cause: number): void {
  const { workingSet } = batch
  const known = workingSet.demands.get(request.documentId)
  if (known !== undefined && (known.status !== 'open' || known.revision >= request.revision)) return
  const lines = demandLines(workingSet, request)
  if ('faults' in lines) {
    batch.outcomes.push({ outcome: 'refused', cause, request, ...summary(lines.faults), faults: lines.faults })
    return
  }
  const hadAll = known !== undefined && isComplete(known)
  const increased = known === undefined ? new Set<Supply>() : releaseAllocations(known)
  const demand = known === undefined ? newDemand(request, lines.lines) : amend(known, request, lines.lines)
  workingSet.demands.set(demand.documentId, demand)
  batch.demands.add(demand)
  const refused = refusedPicks(workingSet, request)
  reservePicked(workingSet, demand, request.lines)
  reserve(workingSet, demand)
  if (hadAll && !isComplete(demand)) {
    const detail = 'The delivery was amended, and what it needs now is not all there.'
    batch.outcomes.push({ outcome: 'released', cause, demand, revision: demand.revision, code: 'amended', detail })
  }
  batch.outcomes.push(reservedNow(demand, cause, refused))
  offerAll(batch, increased, cause)
}

function newDemand(request: DemandRequest, lines: Demand['lines']): Demand {
  const { action: _action, lines: _asked, order = null, ...head } = request
  return {
    ...head,
    order,
    status: 'open',
    lines,
    allocations: [],
    reservedSince: null,
    waitsFor: [],
    storedRevision: 0,
  }
}

function amend(demand: Demand, request: DemandRequest, lines: Demand['lines']): Demand {
  const { revision, priority, scheduledDate, orderedAt, allowPartial, order = demand.order } = request
  return Object.assign(demand, { revision, priority, scheduledDate, orderedAt, allowPartial, order, lines })
}

/** A delivery is cancelled: its allocations are offered to waiting demands. One that is closed or unknown has none. */
function endDemand(batch: Batch, request: DemandEnd, cause: number): void {
  const demand = batch.workingSet.demands.get(request.documentId)
  if (demand?.status !== 'open') return
  const increased = releaseAllocations(demand)
  closeDemand(batch, demand, 'cancelled')
  offerAll(batch, increased, cause)
}

/** Stock that has become reservable is offered as if it had arrived. */
function offerAgain(batch: Batch, { warehouse, skus }: Offer, cause: number): void {
  const { workingSet } = batch
  const supplies = skus.flatMap((sku) => {
    const product = workingSet.products.get(sku)
    return product === undefined ? [] : [supplyOf(workingSet, product, warehouse)]
  })
  offerAll(batch, new Set(supplies), cause)
}

/**
 * Releases what is reserved of lots that are held or have expired. The demands that had it reserve again before all others, in demand
 * order; what is picked of such a lot is named in the answer.
 */
function withdraw(batch: Batch, { documentIds }: Withdrawal, cause: number): void {
  const { workingSet } = batch
  const losing = documentIds
    .flatMap((id) => workingSet.demands.get(id) ?? [])
    .map((demand) => ({ demand, withdrawn: withdrawnPicks(workingSet, demand) }))
    .filter(({ withdrawn }) => withdrawn.length > 0)
    .sort((a, b) => compareDemands(a.demand, b.demand))
  const increased = new Set(losing.flatMap(({ demand }) => [...releaseWithdrawn(workingSet, demand)]))
  for (const { demand, withdrawn } of losing) {
    batch.demands.add(demand)
    reserve(workingSet, demand)
    if (!isComplete(demand))
      batch.outcomes.push({ outcome: 'released', cause, demand, revision: demand.revision, ...whyWithdrawn(withdrawn) })
    batch.outcomes.push(reservedNow(demand, cause, withdrawn))
  }
  offerAll(batch, increased, cause)
}

/** A hold has the code of stock that is gone: readers of the event before 0.2.0 know no other. */
function whyWithdrawn(withdrawn: readonly PickFault[]) {
  const [first] = withdrawn
  const detail = [...new Set(withdrawn.map(({ message }) => message))].slice(0, 5).join(' ')
  return { code: first?.code === 'lot-expired' ? 'expired' : 'stock-gone', detail } as const
}

function closeDemand(batch: Batch, demand: Demand, status: 'shipped' | 'cancelled'): void {
  demand.status = status
  batch.demands.add(demand)
}

/** One code and one sentence for a document with many faults. */
function summary(faults: readonly LineFault[]): { code: string; detail: string } {
  const [first] = faults
  if (first === undefined) throw new Error('A document is not refused without a fault.')
  const code = faults.every((fault) => fault.code === first.code) ? first.code : 'several-faults'
  const where = first.line === null ? '' : `Line ${String(first.line)}: `
  const more = faults.length === 1 ? '' : ` (and ${String(faults.length - 1)} more)`
  return { code, detail: `${where}${first.message}${more}` }
}
