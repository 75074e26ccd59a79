/**
 * The ledger's decision: (balances, reservations, documents in order) → (moves, new balances, outcomes). Pure: no
 * database, no clock, no chance. What it is given is all it knows, and any way of cutting the documents into batches
 * gives the same result.
 */
import {
  amendDemand,
  awaitSupplies,
  compareDemands,
  demandLines,
  isComplete,
  newDemand,
  reserveUntilOf,
} from '../reservations/demand.ts'
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
import type { EventActor } from '@stockline/contracts/envelope'
import { endTransfer, setOut, takeTransfer, waitingTransfers } from '../transfers/setting-out.ts'
import { fromItsPlace, type Transfer } from '../transfers/transfer.ts'
import { askingForLife } from '../reservations/remaining-life.ts'
import { addAttempt, type LedgerBatch, inFuture, isInFuture, notLater, summary, addPosting } from './batch.ts'
import type {
  LedgerRequest,
  LineFault,
  DemandEnd,
  DemandRequest,
  Hold,
  Offer,
  Posting,
  TransferRequest,
  Withdrawal,
} from './request.ts'
import type { LedgerLot } from './reference.ts'
import type { Move } from './move.ts'
import { shortPicks } from './short-picks.ts'
import { supplyOf, type WorkingSet, type Attempt } from './working-set.ts'
import { applyLines } from './posting.ts'
import type { Applied } from './posting.trial.ts'
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
      /** Of a delivery: of what it took less than it had reserved. */
      readonly short?: readonly Quant[]
      /** In whose name, where that is not who made the request. */
      readonly by?: EventActor | null
    }
  | { readonly outcome: 'waiting'; readonly cause: number; readonly transfer: Transfer; readonly revision: number }
  | {
      readonly outcome: 'refused'
      readonly cause: number
      readonly request: Posting | DemandRequest | TransferRequest
      readonly code: string
      readonly detail: string
      readonly faults: readonly LineFault[]
      readonly by?: EventActor | null
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
      /** It is out of the offering now. */
      readonly held?: Pick<Hold, 'code' | 'reason'>
    }

/** All that a batch changed. */
export interface Decision {
  readonly outcomes: readonly LedgerOutcome[]
  readonly quants: readonly Quant[]
  readonly lots: readonly LedgerLot[]
  readonly demands: readonly Demand[]
  readonly transfers: readonly Transfer[]
}

/**
 * Decides a batch in order, changing the working set.
 *
 * @param now when the ledger takes them; what it records never goes back behind what it recorded before
 */
export function decide(workingSet: WorkingSet, requests: readonly LedgerRequest[], now: number): Decision {
  workingSet.recordedAt = Math.max(workingSet.recordedAt, now)
  const batch: LedgerBatch = { workingSet, outcomes: [], lots: new Set(), demands: new Set() }
  requests.forEach((request, cause) => {
    if (request.action === 'post') post(batch, request, cause)
    else if (request.action === 'reserve') takeDemand(batch, request, cause)
    else if (request.action === 'release') endDemand(batch, request, cause)
    else if (request.action === 'hold') hold(batch, request, cause)
    else if (request.action === 'offer') offerAgain(batch, request, cause)
    else if (request.action === 'transfer') takeTransfer(batch, request, cause, post)
    else if (request.action === 'end-transfer') endTransfer(batch, request)
    else withdraw(batch, request, cause)
  })
  for (const demand of batch.demands)
    demand.reservedSince = demand.allocations.length === 0 ? null : (demand.reservedSince ?? workingSet.recordedAt)
  return {
    outcomes: batch.outcomes,
    quants: changedQuants(workingSet),
    lots: [...batch.lots],
    demands: [...batch.demands],
    transfers: [...workingSet.transfers.values()].filter(({ changed, goodsChanged }) => changed || goodsChanged),
  }
}

function changedQuants(workingSet: WorkingSet): Quant[] {
  const changed: Quant[] = []
  for (const ofProduct of workingSet.quants.values())
    for (const quant of ofProduct.values()) if (isChanged(quant)) changed.push(quant)
  return changed
}

function post(batch: LedgerBatch, asked: Posting, cause: number): void {
  const { workingSet, outcomes } = batch
  const future = asked.restored === undefined && isInFuture(workingSet, asked)
  const posting = fromItsPlace(workingSet, notLater(workingSet, asked))
  const earlier = earlierAttempt(workingSet, posting)
  if (earlier !== undefined) {
    outcomes.push({ outcome: 'repeated', cause, posting, earlier })
    return
  }
  const position = workingSet.position + 1n
  checkRestored(posting, position)
  const demand = posting.kind === 'delivery' ? workingSet.demands.get(posting.documentId) : undefined
  const kept = demand === undefined ? undefined : { demand, allocations: demand.allocations, waitsFor: demand.waitsFor }
  const increased = demand === undefined ? new Set<Supply>() : releaseAllocations(workingSet, demand)
  const asking = demand === undefined ? posting : askingForLife(posting, demand)
  const applied = future ? [inFuture] : applyLines(workingSet, asking, position)
  if (!('moves' in applied)) {
    if (kept !== undefined) allocateAgain(kept)
    addAttempt(workingSet, posting, null)
    outcomes.push({ outcome: 'refused', cause, request: posting, ...summary(applied), faults: applied })
    return
  }
  if (demand !== undefined) closeDemand(batch, demand, 'shipped')
  const short = kept === undefined || posting.restored !== undefined ? [] : shortPicks(kept.allocations, applied.moves)
  addPosting(batch, posting, applied, cause, { short })
  afterPosting(batch, applied, increased, cause)
}

/** A document is posted once; of a transfer, which has several steps, each attempt. */
function earlierAttempt({ attempts }: WorkingSet, { documentId, kind, attempt }: Posting): Attempt | undefined {
  const isOnce = kind !== 'transfer'
  return attempts.get(documentId)?.find((one) => (isOnce && one.position !== null) || one.attempt === attempt)
}

/** A document of a ledger that fell back gets its own position again, or nothing is done. */
function checkRestored({ restored, number }: Posting, position: bigint): void {
  if (restored === undefined || restored.position === position) return
  throw new Error(
    `${number} had position ${String(restored.position)} and cannot have it again: ${String(position)} is next. ` +
      'The bus lacks what was posted in between.',
  )
}

/** So many reasons are told to a delivery that loses what it had. */
const mostTold = 5

/** Releases allocations that are no longer covered, and offers what has become available. */
function afterPosting(batch: LedgerBatch, applied: Applied, increased: Set<Supply>, cause: number): void {
  const uncovered = releaseUncovered(batch.workingSet, applied.decreased)
  for (const supply of uncovered.increased) increased.add(supply)
  for (const { demand, gone } of uncovered.losses) {
    batch.demands.add(demand)
    const detail = gone
      .slice(0, mostTold)
      .map((quant) => `${quant.product.sku} at ${quant.location.code} ${whatBecame(applied, quant)}.`)
      .join(' ')
    batch.outcomes.push({ outcome: 'released', cause, demand, revision: demand.revision, code: 'stock-gone', detail })
    publishReserved(batch, demand, cause)
  }
  const places = new Set<string>()
  for (const quant of applied.increased) {
    if (quant.supply !== null) increased.add(quant.supply)
    places.add(quant.product.id + (quant.location.warehouse ?? ''))
  }
  offerAll(batch, increased, cause, places)
}

/** Why what was reserved of a quant cannot be had any more: it has another status now, or is gone. */
function whatBecame({ moves }: Applied, { product, location, lot, status }: Quant): string {
  const held = moves.find(
    (move) =>
      move.from === location &&
      move.product === product &&
      move.lot === lot &&
      move.status === status &&
      (move.toStatus ?? move.toLot),
  )
  if (held?.toLot !== undefined) return `has lot ${held.toLot.code} now`
  if (held?.toStatus === undefined) return 'is no longer there'
  return held.toStatus === 'quarantine' ? 'is in quarantine now' : `is ${held.toStatus} now`
}

/** A delivery that lost only a part: its remaining allocations are published again. */
function publishReserved(batch: LedgerBatch, demand: Demand, cause: number): void {
  if (demand.allocations.length > 0) batch.outcomes.push(reservedNow(demand, cause))
}

/** @param places product ids, each with its warehouse, of what has come to any place there: transfers may take it from a dock, too */
function offerAll(
  batch: LedgerBatch,
  supplies: ReadonlySet<Supply>,
  cause: number,
  places: ReadonlySet<string> = new Set<string>(),
): void {
  const { served, asked } = offer(
    batch.workingSet,
    supplies,
    waitingTransfers(batch.workingSet, supplies, places),
    (one) => setOut(batch, one, cause),
  )
  for (const demand of asked) batch.demands.add(demand)
  for (const demand of served) batch.outcomes.push(reservedNow(demand, cause))
}

/** A delivery's allocations as they are now. */
export function reservedNow(demand: Demand, cause: number, refused?: readonly PickFault[]): LedgerOutcome {
  const { revision, lines, allocations } = demand
  return { outcome: 'reserved', cause, demand, revision, complete: isComplete(demand), lines, allocations, refused }
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
function takeDemand(batch: LedgerBatch, request: DemandRequest, cause: number): void {
  const { workingSet } = batch
  const known = workingSet.demands.get(request.documentId)
  if (known !== undefined && (known.status !== 'open' || known.revision >= request.revision)) {
    if (known.status === 'open' && known.revision === request.revision) takeReserveUntil(batch, known, request)
    return
  }
  const lines = demandLines(workingSet, request)
  if ('faults' in lines) {
    batch.outcomes.push({ outcome: 'refused', cause, request, ...summary(lines.faults), faults: lines.faults })
    return
  }
  const hadAll = known !== undefined && isComplete(known)
  const increased = known === undefined ? new Set<Supply>() : releaseAllocations(workingSet, known)
  const demand =
    known === undefined
      ? newDemand(request, lines.lines)
      : amendDemand(known, request, lines.lines, workingSet.timeZone)
  workingSet.demands.set(demand.documentId, demand)
  batch.demands.add(demand)
  const refused = refusedPicks(workingSet, request)
  reservePicked(workingSet, demand, request.lines)
  reserve(workingSet, demand)
  if (demand.held !== null && request.held === undefined) {
    // Picking did not know of the hold. It answers with what is picked, which is judged then.
    batch.outcomes.push(stillHeld(demand, demand.held, cause))
    offerAll(batch, increased, cause)
    return
  }
  if (hadAll && demand.held === null && !isComplete(demand)) {
    const detail = 'The delivery was amended, and what it needs now is not all there.'
    batch.outcomes.push({ outcome: 'released', cause, demand, revision: demand.revision, code: 'amended', detail })
  }
  batch.outcomes.push(reservedNow(demand, cause, refused))
  offerAll(batch, increased, cause)
}

function stillHeld(demand: Demand, reason: string, cause: number): LedgerOutcome {
  const held = { code: 'stays', reason }
  const detail = `What was reserved has been released: ${reason}`
  return { outcome: 'released', cause, demand, revision: demand.revision, code: 'amended', detail, held }
}

/** With the same demand an order may say another time until when it is to be reserved. */
function takeReserveUntil(batch: LedgerBatch, demand: Demand, request: DemandRequest): void {
  const until = reserveUntilOf(request, batch.workingSet.timeZone)
  if (until === demand.reserveUntil) return
  demand.reserveUntil = until
  batch.demands.add(demand)
}

/** A delivery is cancelled: its allocations are offered to waiting demands. One that is closed or unknown has none. */
function endDemand(batch: LedgerBatch, request: DemandEnd, cause: number): void {
  const { workingSet } = batch
  const demand = workingSet.demands.get(request.documentId)
  if (demand?.status !== 'open') return
  const increased = releaseAllocations(workingSet, demand)
  closeDemand(batch, demand, 'cancelled')
  offerAll(batch, increased, cause)
}

/** A delivery is taken out of the offering; its allocations are offered to waiting demands. One that is closed, or is held already, stays as it is. */
function hold(batch: LedgerBatch, { documentId, code, reason, detail, until }: Hold, cause: number): void {
  const { workingSet } = batch
  const demand = workingSet.demands.get(documentId)
  if (demand?.status !== 'open' || demand.held !== null) return
  if (until !== undefined && until !== demand.reserveUntil) return
  const increased = releaseAllocations(workingSet, demand)
  demand.held = reason
  batch.demands.add(demand)
  const published = code === 'reserve-until' ? 'expired' : 'amended'
  const held = { code, reason }
  batch.outcomes.push({ outcome: 'released', cause, demand, revision: demand.revision, code: published, detail, held })
  offerAll(batch, increased, cause)
}

/** Stock that has become reservable is offered as if it had arrived. */
function offerAgain(batch: LedgerBatch, { warehouse, skus }: Offer, cause: number): void {
  const { workingSet } = batch
  const supplies = skus.flatMap((sku) => {
    const product = workingSet.products.get(sku)
    return product === undefined ? [] : [supplyOf(workingSet, product, warehouse)]
  })
  offerAll(batch, new Set(supplies), cause)
}

/**
 * Releases what is reserved of lots that are held, have expired, or have less of their life left than is asked for. The demands that had it reserve again before all others, in demand
 * order; what is picked of such a lot is named in the answer.
 */
function withdraw(batch: LedgerBatch, { documentIds }: Withdrawal, cause: number): void {
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
  const detail = [...new Set(withdrawn.map(({ message }) => message))].slice(0, mostTold).join(' ')
  return { code: first?.code === 'lot-held' ? 'stock-gone' : 'expired', detail } as const
}

function closeDemand(batch: LedgerBatch, demand: Demand, status: 'shipped' | 'cancelled'): void {
  demand.status = status
  batch.demands.add(demand)
}
