/** What stock's answers do to a delivery: reserved, lost, or refused. Answers to an older need change nothing. Pure. */
import { parseQuantity, quantity, type Quantity } from '@stockline/amounts'
import type { stockReservationReleased, stockStockReserved } from '@stockline/contracts'
import type { z } from 'zod'
import type { DocumentDecision } from '../documents/document.decide.ts'
import { inPickOrder } from '@stockline/contracts/locations'
import { isBegun, isSamePick, nothing, type Delivery, type DeliveryLine, type Pick } from './delivery.ts'
import {
  askingForMoved,
  confirmedPicks,
  isRefusedPick,
  pickRefused,
  refusalText,
  refusedNow,
  settled,
  tellsOfRefusal,
  type PickFault,
} from './delivery.confirm.ts'
import { afterPutBack } from './delivery.put-back.ts'
import { lessPicked, reasonOf, shortText, type Shortage } from './delivery.shortage.ts'

/** What stock answers: it has reserved, or it has taken back. */
export type StockAnswer = z.output<typeof stockStockReserved.data> | z.output<typeof stockReservationReleased.data>

/** Of several answers for one delivery each is applied, in order. */
export function afterAnswers(
  delivery: Delivery,
  answers: readonly StockAnswer[],
): DocumentDecision<Delivery> | 'already' {
  const notes: DocumentDecision<Delivery>['notes'][number][] = []
  let now = delivery
  for (const answer of answers) {
    const after = answeredOnce(now, answer) ?? now
    const isRefused = 'refusedPicks' in answer && after !== now && tellsOfRefusal(after.problem)
    const why = isRefused ? null : after.problem
    if (after.status !== now.status) notes.push({ what: after.status, why })
    if (isRefused) notes.push({ what: pickRefused, why: after.problem })
    now = after
  }
  return now === delivery ? 'already' : { document: now, notes }
}

function answeredOnce(delivery: Delivery, answer: StockAnswer): Delivery | undefined {
  const { revision, shortages } = answer
  if ('code' in answer) return releasedDelivery(delivery, revision, answer.detail, shortages)
  const picks = new Map(
    answer.lines.map((line) => [
      line.line,
      line.picks.map((pick) => ({ ...pick, quantity: parseQuantity(pick.quantity) })),
    ]),
  )
  return reservedDelivery(delivery, { revision, picks, shortages, refusedPicks: answer.refusedPicks })
}

/** What stock has reserved for a delivery: the whole of it. */
export interface Reserved {
  readonly revision: number
  /** By line of the delivery. */
  readonly picks: ReadonlyMap<number, readonly Omit<Pick, 'picked'>[]>
  /** What was picked and cannot be taken where it was. */
  readonly refusedPicks?: readonly PickFault[] | undefined
  /** What it is short of, where stock says. */
  readonly shortages?: readonly Shortage[] | undefined
}

/**
 * The delivery with these picks suggested; undefined when the answer changes nothing, or is not for this need. Of what is refused
 * nothing is to be put back: stock is told of a need that is smaller by it.
 */
export function reservedDelivery(delivery: Delivery, reserved: Reserved): Delivery | undefined {
  if (!isAsked(delivery, reserved.revision)) return undefined
  // What the ledger is asked to ship stays as it was asked: its answer counts.
  const refusedPicks = delivery.status === 'posting' ? [] : refusedNow(delivery, reserved.refusedPicks ?? [])
  const after = withReserved(delivery, reserved, refusedPicks)
  if (after === undefined || delivery.status === 'posting') return after
  return askingForMoved(delivery, refusedPicks.length === 0 ? after : withoutRefused(delivery, after))
}

function withoutRefused(before: Delivery, after: Delivery): Delivery {
  const lines = after.lines.filter(({ quantity: asked, picks }) => asked > 0n || picks.length > 0)
  return afterPutBack(before, { ...after, lines })
}

function withReserved(
  delivery: Delivery,
  reserved: Reserved,
  refusedPicks: readonly PickFault[],
): Delivery | undefined {
  const lines = delivery.lines.map((line) => ({
    ...line,
    picks: confirmedPicks(line.line, merged(reserved.picks.get(line.line) ?? [], line.picks), refusedPicks),
  }))
  const refused = refusalText(refusedPicks)
  const any = lines.some((line) => line.picks.some((pick) => pick.quantity > 0n))
  const short = any
    ? shortText(lines, 'some', missingIn(reserved, lines))
    : shortText(lines, 'nothing', reserved.shortages)
  if (any)
    return standing(delivery, isBegun({ lines }) ? 'in_progress' : 'ready', because(refused, short) ?? short, lines)
  // The reason why it waits outlives an answer that still gives it nothing.
  const reason = refused ?? reasonOf(delivery.problem)
  const problem = because(reason, reserved.shortages === undefined ? null : short) ?? short
  const hadNone = delivery.status === 'waiting' && delivery.lines.every((line) => line.picks.length === 0)
  if (!hadNone) return standing(delivery, 'waiting', problem, lines)
  return problem === delivery.problem ? undefined : { ...delivery, problem }
}

/** What stock says is missing of these lines; undefined where it says nothing. */
function missingIn(
  { shortages, refusedPicks = [] }: Reserved,
  lines: readonly DeliveryLine[],
): readonly Shortage[] | undefined {
  if (shortages === undefined) return undefined
  return lessPicked(shortages, lines, (line, pick) => !isRefusedPick(refusedPicks, line, pick))
}

/** The delivery without its reservations, waiting again, and why. What was picked stays picked. */
export function releasedDelivery(
  delivery: Delivery,
  revision: number,
  detail: string,
  shortages?: readonly Shortage[],
): Delivery | undefined {
  if (!isAsked(delivery, revision)) return undefined
  const lines = delivery.lines.map((line) => ({ ...line, picks: merged([], line.picks) }))
  const short = shortages === undefined ? null : shortText(lines, 'nothing', shortages)
  return standing(delivery, 'waiting', because(detail, short), lines)
}

function because(reason: string | null, short: string | null): string | null {
  return reason === null || short === null ? reason : `${reason} ${short}`
}

/** Is a refusal of this need for the delivery as it is? While the ledger is asked to post it, it no longer matters. */
export function isNeedRefusal(delivery: Delivery, revision: number): boolean {
  return delivery.status !== 'posting' && isAsked(delivery, revision)
}

/** Stock cannot reserve what it needs, and never will unless something is changed. */
export function needRefused(delivery: Delivery, detail: string): Delivery {
  const lines = delivery.lines.map((line) => ({ ...line, picks: line.picks.map(settled) }))
  return { ...delivery, status: 'waiting', problem: `Stock refused to reserve: ${detail}`, lines }
}

/**
 * The ledger may be asked meanwhile: then it is where a refusal puts it back that changes, with what is reserved.
 */
function standing(
  delivery: Delivery,
  status: 'waiting' | 'ready' | 'in_progress',
  problem: string | null,
  lines: readonly DeliveryLine[],
): Delivery {
  return delivery.status === 'posting'
    ? { ...delivery, returnsTo: status, lines }
    : { ...delivery, status, problem, lines }
}

function isAsked(delivery: Delivery, revision: number): boolean {
  const { status } = delivery
  const open = status === 'waiting' || status === 'ready' || status === 'in_progress' || status === 'posting'
  return open && revision === delivery.needRevision
}

/** What is suggested now, with what was picked there; and what was picked elsewhere, with nothing reserved. */
function merged(suggested: readonly Omit<Pick, 'picked'>[], before: readonly Pick[]): readonly Pick[] {
  const picks = suggested.map((each): Pick => {
    const same = before.find((pick) => isSamePick(pick, each))
    return { ...each, picked: same?.picked ?? null, ...(same?.before === undefined ? {} : { before: same.before }) }
  })
  const elsewhere = before
    .filter((pick) => (pick.picked ?? nothing) > 0n && !suggested.some((each) => isSamePick(each, pick)))
    .map((pick) => ({ ...pick, quantity: nothing }))
  return inPickOrder([...picks, ...elsewhere])
}

/** What is still to be picked of a pick, in the base unit. */
export function openOf(pick: Pick): Quantity {
  const open = pick.quantity - (pick.picked ?? 0n)
  return quantity(open > 0n ? open : 0n)
}
