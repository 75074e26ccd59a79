/** What stock's answers do to a delivery: reserved, released, or refused. Answers to another revision of the demand change nothing. Pure. */
import { atLeastZero, minus, parseQuantity, type Quantity } from '@stockline/amounts'
import type { stockReservationReleased, stockStockReserved } from '@stockline/contracts'
import type { z } from 'zod'
import { refuse } from '@stockline/service-kit/refusal'
import { inAnyVersion, nothingLeft, type Decided, type DocumentDecision } from '../documents/document.decide.ts'
import { inPickOrder } from '@stockline/contracts/locations'
import { isBegun, isPicked, isSamePick, nothing, type Delivery, type DeliveryLine, type Pick } from './delivery.ts'
import {
  needingConfirmationOfMoved,
  confirmedPicks,
  isRefusedPick,
  pickRefused,
  refusalText,
  refusedNow,
  settled,
  tellsOfRefusal,
  type PickFault,
} from './delivery.confirm.ts'
import type { askBody } from './delivery.shapes.api.ts'
import { afterPutBack } from './delivery.put-back.ts'
import { lessPicked, reasonOf, shortText, type Shortage } from './delivery.shortage.ts'

/** The events by which stock answers a demand: reserved, or released. */
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
    if (after.held !== null && now.held === null) notes.push({ what: 'held', why: whyHeld(after) })
    else if (after.status !== now.status) notes.push({ what: after.status, why })
    if (isRefused) notes.push({ what: pickRefused, why: after.problem })
    now = after
  }
  return now === delivery ? 'already' : { document: now, notes }
}

/** What stands in the way of a draft is something else. */
function whyHeld({ status, problem, held }: Delivery): string | null {
  return status === 'draft' ? held : problem
}

function answeredOnce(delivery: Delivery, answer: StockAnswer): Delivery | undefined {
  const { revision, shortages } = answer
  if ('code' in answer) {
    const { detail, held } = answer
    const isDraft = delivery.status === 'draft' && held !== undefined && revision === delivery.needRevision
    const released = isDraft ? withoutReserved(delivery) : releasedDelivery(delivery, revision, detail, shortages)
    return released === undefined || held === undefined ? released : heldDelivery(released, held.reason)
  }
  const picks = new Map(
    answer.lines.map((line) => [
      line.line,
      line.picks.map((pick) => ({ ...pick, quantity: parseQuantity(pick.quantity) })),
    ]),
  )
  return reservedDelivery(delivery, { revision, picks, shortages, refusedPicks: answer.refusedPicks })
}

/** All that stock has reserved for a delivery. */
export interface Reserved {
  readonly revision: number
  /** By line of the delivery. */
  readonly picks: ReadonlyMap<number, readonly Omit<Pick, 'picked'>[]>
  /** Picks that stock would not ship. */
  readonly refusedPicks?: readonly PickFault[] | undefined
  /** Undefined from a version of stock that does not send it. */
  readonly shortages?: readonly Shortage[] | undefined
}

/**
 * The delivery with these picks suggested; undefined when the answer changes nothing, or is not for this revision of the demand. What
 * stock refuses need not be put back: the demand has a further revision, smaller by it.
 */
export function reservedDelivery(delivery: Delivery, reserved: Reserved): Delivery | undefined {
  if (!isCurrent(delivery, reserved.revision)) return undefined
  // While it is posting the ledger decides about its picks.
  const refusedPicks = delivery.status === 'posting' ? [] : refusedNow(delivery, reserved.refusedPicks ?? [])
  const after = withReserved(delivery, reserved, refusedPicks)
  if (after === undefined || delivery.status === 'posting') return after
  return needingConfirmationOfMoved(delivery, refusedPicks.length === 0 ? after : withoutRefused(delivery, after))
}

function withoutRefused(before: Delivery, after: Delivery): Delivery {
  const lines = after.lines.filter(({ quantity: ordered, picks }) => ordered > 0n || picks.length > 0)
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
  if (delivery.held !== null) {
    const status = any ? 'in_progress' : 'waiting'
    return standing(delivery, status, refused ?? `Nothing more is reserved for it: ${delivery.held}`, lines)
  }
  const short = any
    ? shortText(lines, 'some', missingIn(reserved, lines))
    : shortText(lines, 'nothing', reserved.shortages)
  if (any)
    return standing(delivery, isBegun({ lines }) ? 'in_progress' : 'ready', because(refused, short) ?? short, lines)
  // The reason why it waits is kept while nothing is reserved.
  const reason = refused ?? reasonOf(delivery.problem)
  const problem = because(reason, reserved.shortages === undefined ? null : short) ?? short
  const hadNone = delivery.status === 'waiting' && delivery.lines.every((line) => line.picks.length === 0)
  if (!hadNone) return standing(delivery, 'waiting', problem, lines)
  return problem === delivery.problem ? undefined : { ...delivery, problem }
}

/** What these lines are short of; undefined where stock does not send it. */
function missingIn(
  { shortages, refusedPicks = [] }: Reserved,
  lines: readonly DeliveryLine[],
): readonly Shortage[] | undefined {
  if (shortages === undefined) return undefined
  return lessPicked(shortages, lines, (line, pick) => !isRefusedPick(refusedPicks, line, pick))
}

/** The delivery without its reservations: it waits again, with the reason. What was picked stays picked. */
export function releasedDelivery(
  delivery: Delivery,
  revision: number,
  detail: string,
  shortages?: readonly Shortage[],
): Delivery | undefined {
  if (!isCurrent(delivery, revision)) return undefined
  const { lines } = withoutReserved(delivery)
  const short = shortages === undefined ? null : shortText(lines, 'nothing', shortages)
  return standing(delivery, 'waiting', because(detail, short), lines)
}

function withoutReserved(delivery: Delivery): Delivery {
  return { ...delivery, lines: delivery.lines.map((line) => ({ ...line, picks: merged([], line.picks) })) }
}

/**
 * The delivery out of the offering. What is picked stays picked, and is reserved where it is by a further revision of the demand, which
 * asks for nothing else; while it is posting the ledger decides about that.
 */
function heldDelivery(delivery: Delivery, reason: string): Delivery {
  const held = { ...delivery, held: reason }
  if (delivery.status === 'posting' || !isBegun(delivery)) return held
  return { ...held, needRevision: delivery.needRevision + 1 }
}

/** Somebody asks again for a delivery that is held: it is offered stock from now on. */
export function askAgain(delivery: Delivery, body: z.output<typeof askBody>): Decided<Delivery> {
  nothingLeft(body)
  if (delivery.status === 'posting' || delivery.status === 'done' || delivery.status === 'cancelled')
    return inAnyVersion(
      refuse(
        'delivery-not-open',
        'state',
        `${delivery.number} is ${delivery.status}: nothing is reserved for it any more.`,
      ),
    )
  if (delivery.held === null) return 'already'
  const notes = [{ what: 'asked-again', why: null }]
  // A draft of which stock knows nothing asks once all on it is known.
  if (delivery.status === 'draft' && delivery.needRevision === 0)
    return { document: { ...delivery, held: null }, notes }
  const problem = delivery.status === 'draft' ? delivery.problem : null
  return { document: { ...delivery, held: null, problem, needRevision: delivery.needRevision + 1 }, notes }
}

function because(reason: string | null, short: string | null): string | null {
  return reason === null || short === null ? reason : `${reason} ${short}`
}

/** Is a refusal of this revision of the demand for the delivery as it is? While it is posting, it is not. */
export function isNeedRefusal(delivery: Delivery, revision: number): boolean {
  return delivery.status !== 'posting' && isCurrent(delivery, revision)
}

/** Stock cannot reserve the demand, whatever comes, until it is changed. */
export function needRefused(delivery: Delivery, detail: string): Delivery {
  const lines = delivery.lines.map((line) => ({ ...line, picks: line.picks.map(settled) }))
  return { ...delivery, status: 'waiting', problem: `Stock refused to reserve: ${detail}`, lines }
}

/**
 * The delivery in this status. One that is posting gets the status to which a refusal by the ledger returns it.
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

function isCurrent(delivery: Delivery, revision: number): boolean {
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
    .filter((pick) => isPicked(pick) && !suggested.some((each) => isSamePick(each, pick)))
    .map((pick) => ({ ...pick, quantity: nothing }))
  return inPickOrder([...picks, ...elsewhere])
}

/** What is still to be picked of a pick, in the base unit. */
export function openOf(pick: Pick): Quantity {
  return atLeastZero(minus(pick.quantity, pick.picked ?? nothing))
}
