/**
 * The ledger's decision: (balances, reservations, documents in order) → (moves, new balances, outcomes). Pure: no
 * database, no clock, no chance. What it is given is all it knows, and any way of cutting the documents into batches
 * gives the same result.
 */
import { compareNeeds, isComplete, needLines, watchAt } from '../reservations/need.ts'
import { type RefusedPick, refusedPicks } from '../reservations/picked.ts'
import { hold, offer, release, releaseExpired, releaseUncovered, reserve } from '../reservations/reservations.ts'
import type { LedgerRequest, LineFault, NeedEnd, NeedRequest, Offering, Posting, Withdrawal } from './document.ts'
import type { Lot } from './facts.ts'
import type { Move } from './move.ts'
import { hasExpired } from './available.ts'
import { shelfOf, type Picture, type Settled } from './picture.ts'
import { type Applied, applyLines } from './posting.ts'
import { isChanged, setBalance } from './quant.ts'
import type { Need, NeedLine, Quant, Shelf } from './stock.ts'

/** What became of a document. `cause` is its place in the batch. */
export type Outcome =
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
      readonly request: Posting | NeedRequest
      readonly code: string
      readonly detail: string
      readonly faults: readonly LineFault[]
    }
  | { readonly outcome: 'repeated'; readonly cause: number; readonly posting: Posting; readonly earlier: Settled }
  | {
      readonly outcome: 'reserved'
      readonly cause: number
      readonly need: Need
      readonly revision: number
      readonly complete: boolean
      readonly lines: Need['lines']
      readonly claims: Need['claims']
      /** What is picked for it and could not be shipped. */
      readonly refused?: readonly RefusedPick[] | undefined
    }
  | {
      readonly outcome: 'released'
      readonly cause: number
      readonly need: Need
      readonly revision: number
      readonly code: 'stock-gone' | 'amended' | 'expired'
      readonly detail: string
    }

/** All that a batch changed. */
export interface Decision {
  readonly outcomes: readonly Outcome[]
  readonly quants: readonly Quant[]
  readonly lots: readonly Lot[]
  readonly needs: readonly Need[]
}

/** What is being decided: the picture, and what has come of it so far. */
interface Bench {
  readonly picture: Picture
  readonly outcomes: Outcome[]
  readonly lots: Set<Lot>
  readonly needs: Set<Need>
}

/**
 * Decides a batch in order, changing the picture.
 *
 * @param now when the ledger takes them; what it records never goes back behind what it recorded before
 */
export function decide(picture: Picture, requests: readonly LedgerRequest[], now: number): Decision {
  if (now > picture.recordedAt) picture.recordedAt = now
  const bench: Bench = { picture, outcomes: [], lots: new Set(), needs: new Set() }
  requests.forEach((request, cause) => {
    if (request.asks === 'post') post(bench, request, cause)
    else if (request.asks === 'reserve') takeNeed(bench, request, cause)
    else if (request.asks === 'free') endNeed(bench, request, cause)
    else if (request.asks === 'offer') offerAgain(bench, request, cause)
    else withdraw(bench, request, cause)
  })
  return { outcomes: bench.outcomes, quants: changedQuants(picture), lots: [...bench.lots], needs: [...bench.needs] }
}

function changedQuants(picture: Picture): Quant[] {
  const changed: Quant[] = []
  for (const ofProduct of picture.quants.values())
    for (const quant of ofProduct.values()) if (isChanged(quant)) changed.push(quant)
  return changed
}

function post(bench: Bench, asked: Posting, cause: number): void {
  const { picture, outcomes } = bench
  const future = asked.restored === undefined && isInFuture(picture, asked)
  const posting = asked.effectiveAt > picture.recordedAt ? { ...asked, effectiveAt: picture.recordedAt } : asked
  const earlier = picture.settled
    .get(posting.documentId)
    ?.find((one) => one.position !== null || one.attempt === posting.attempt)
  if (earlier !== undefined) {
    outcomes.push({ outcome: 'repeated', cause, posting, earlier })
    return
  }
  const position = picture.position + 1n
  checkRestored(posting, position)
  const need = posting.kind === 'delivery' ? picture.needs.get(posting.documentId) : undefined
  const kept = need === undefined ? undefined : { claims: need.claims, watch: need.watch }
  const freed = need === undefined ? new Set<Shelf>() : release(need)
  const applied = future ? [inFuture] : applyLines(picture, posting, position)
  if (!('moves' in applied)) {
    if (need !== undefined && kept !== undefined) claimAgain(need, kept)
    settle(picture, posting, null)
    outcomes.push({ outcome: 'refused', cause, request: posting, ...summary(applied), faults: applied })
    return
  }
  picture.position = position
  settle(picture, posting, position)
  if (need !== undefined) closeNeed(bench, need, 'shipped')
  const { recordedAt } = picture
  outcomes.push({ outcome: 'posted', cause, posting, position, recordedAt, moves: applied.moves })
  for (const lot of applied.lots) bench.lots.add(lot)
  afterPosting(bench, applied, freed, cause)
}

/** A document of a ledger that fell back gets its own position again, or nothing is done. */
function checkRestored({ restored, number }: Posting, position: bigint): void {
  if (restored === undefined || restored.position === position) return
  throw new Error(
    `${number} had position ${String(restored.position)} and cannot have it again: ${String(position)} is next. ` +
      'The bus lacks what was posted in between.',
  )
}

/** Does somebody say that it happened later than now? Clocks may differ a little. */
function isInFuture(picture: Picture, posting: Posting): boolean {
  const clockToleranceMs = 60_000
  return posting.effectiveAtStated && posting.effectiveAt > picture.recordedAt + clockToleranceMs
}

const inFuture: LineFault = {
  line: null,
  code: 'effective-in-future',
  message: 'A document cannot have happened in the future.',
}

/** What is no longer covered is released; what is free now is offered. */
function afterPosting(bench: Bench, applied: Applied, freed: Set<Shelf>, cause: number): void {
  for (const quant of applied.decreased) {
    const uncovered = releaseUncovered(bench.picture, quant)
    for (const shelf of uncovered.freed) freed.add(shelf)
    for (const need of uncovered.lost) {
      bench.needs.add(need)
      const detail = `${quant.product.sku} at ${quant.place.code} is no longer there.`
      bench.outcomes.push({ outcome: 'released', cause, need, revision: need.revision, code: 'stock-gone', detail })
      tellReserved(bench, need, cause)
    }
  }
  for (const quant of applied.increased) if (quant.shelf !== null) freed.add(quant.shelf)
  offerAll(bench, freed, cause)
}

/** A delivery lost a part only: what it still has is told anew. */
function tellReserved(bench: Bench, need: Need, cause: number): void {
  if (need.claims.length > 0) bench.outcomes.push(reservedNow(need, cause))
}

function offerAll(bench: Bench, shelves: ReadonlySet<Shelf>, cause: number): void {
  if (shelves.size === 0) return
  const { served, asked } = offer(bench.picture, shelves)
  for (const need of asked) bench.needs.add(need)
  for (const need of served) bench.outcomes.push(reservedNow(need, cause))
}

/** What a delivery has reserved as it is now. */
export function reservedNow(need: Need, cause: number, refused?: readonly RefusedPick[]): Outcome {
  const { revision, lines, claims } = need
  return { outcome: 'reserved', cause, need, revision, complete: isComplete(need), lines, claims, refused }
}

function settle(picture: Picture, posting: Posting, position: bigint | null): void {
  const tries = picture.settled.get(posting.documentId)
  const settled = { attempt: posting.attempt, position }
  if (tries === undefined) picture.settled.set(posting.documentId, [settled])
  else tries.push(settled)
}

/** After a refusal a delivery has what it had. */
function claimAgain(need: Need, kept: Pick<Need, 'claims' | 'watch'>): void {
  for (const { quant, quantity } of kept.claims) setBalance(quant, quant.onHand, quant.reserved + quantity)
  need.claims = kept.claims
  watchAt(need, kept.watch)
}

/**
 * A delivery confirmed or amended. Amended, what it had is given back first, and it is the first to choose again: what is picked
 * for it stays where it was taken.
 */
function takeNeed(bench: Bench, request: NeedRequest, cause: number): void {
  const { picture } = bench
  const known = picture.needs.get(request.documentId)
  if (known !== undefined && (known.status !== 'open' || known.revision >= request.revision)) return
  const lines = needLines(picture, request)
  if ('faults' in lines) {
    bench.outcomes.push({ outcome: 'refused', cause, request, ...summary(lines.faults), faults: lines.faults })
    return
  }
  const hadAll = known !== undefined && isComplete(known)
  const freed = known === undefined ? new Set<Shelf>() : release(known)
  const need = known === undefined ? newNeed(request, lines.lines) : amend(known, request, lines.lines)
  picture.needs.set(need.documentId, need)
  bench.needs.add(need)
  const refused = refusedPicks(picture, request)
  hold(picture, need, request.lines)
  reserve(picture, need)
  if (hadAll && !isComplete(need)) {
    const detail = 'The delivery was amended, and what it needs now is not all there.'
    bench.outcomes.push({ outcome: 'released', cause, need, revision: need.revision, code: 'amended', detail })
  }
  bench.outcomes.push(reservedNow(need, cause, refused))
  offerAll(bench, freed, cause)
}

function newNeed(request: NeedRequest, lines: readonly NeedLine[]): Need {
  const { documentId, number, warehouse, revision, priority, scheduledDate, orderedAt, allowPartial } = request
  const order = { priority, scheduledDate, orderedAt, allowPartial }
  return {
    documentId,
    number,
    warehouse,
    revision,
    ...order,
    status: 'open',
    lines,
    claims: [],
    watch: [],
    storedRevision: 0,
  }
}

function amend(need: Need, request: NeedRequest, lines: readonly NeedLine[]): Need {
  const { revision, priority, scheduledDate, orderedAt, allowPartial } = request
  return Object.assign(need, { revision, priority, scheduledDate, orderedAt, allowPartial, lines })
}

/** A delivery cancelled: what it had is offered to others. Of one that is closed or unknown there is nothing to free. */
function endNeed(bench: Bench, request: NeedEnd, cause: number): void {
  const need = bench.picture.needs.get(request.documentId)
  if (need?.status !== 'open') return
  const freed = release(need)
  closeNeed(bench, need, 'cancelled')
  offerAll(bench, freed, cause)
}

/** What may be reserved since now is offered as if it had arrived. */
function offerAgain(bench: Bench, { warehouse, skus }: Offering, cause: number): void {
  const { picture } = bench
  const shelves = skus.flatMap((sku) => {
    const product = picture.products.get(sku)
    return product === undefined ? [] : [shelfOf(picture, product, warehouse)]
  })
  offerAll(bench, new Set(shelves), cause)
}

/** What has expired is given back. Those who had it are the first to choose again, in need order. */
function withdraw(bench: Bench, { documentIds, detail }: Withdrawal, cause: number): void {
  const { picture } = bench
  const losing = documentIds
    .flatMap((id) => picture.needs.get(id) ?? [])
    .filter(({ claims }) => claims.some(({ quant }) => hasExpired(quant.lot, picture.today)))
    .sort(compareNeeds)
  const freed = new Set(losing.flatMap((need) => [...releaseExpired(picture, need)]))
  for (const need of losing) {
    bench.needs.add(need)
    reserve(picture, need)
    if (!isComplete(need))
      bench.outcomes.push({ outcome: 'released', cause, need, revision: need.revision, code: 'expired', detail })
    bench.outcomes.push(reservedNow(need, cause))
  }
  offerAll(bench, freed, cause)
}

function closeNeed(bench: Bench, need: Need, status: 'shipped' | 'cancelled'): void {
  need.status = status
  bench.needs.add(need)
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
