/** What the ledger tells of what it decided. */
import { formatQuantity, quantity } from '@stockline/amounts'
import {
  stockDocumentPosted,
  stockDocumentRefused,
  stockReservationReleased,
  stockStockReserved,
} from '@stockline/contracts'
import type { Event, EventActor } from '@stockline/contracts/envelope'
import { event, type Outgoing } from '@stockline/service-kit'
import type { z } from 'zod'
import type { Place } from './facts.ts'
import type { Outcome } from './ledger.ts'
import { type Move, moveIds } from './move.ts'
import type { RefusedPick } from '../reservations/picked.ts'
import type { ShortagesOf } from '../reservations/shortage.ts'
import type { Claim, Need } from './stock.ts'

type Posted = z.infer<typeof stockDocumentPosted.data>
type PostedLine = Posted['lines'][number]
type ToldShortage = NonNullable<z.infer<typeof stockStockReserved.data>['shortages']>[number]
type OutcomeOf<Kind extends Outcome['outcome']> = Extract<Outcome, { outcome: Kind }>

/**
 * The events of a batch, in the order in which things happened. A repeat tells nothing new.
 *
 * @param short what deliveries are short of that wait once all is decided
 */
export function eventsOf(
  company: string,
  outcomes: readonly Outcome[],
  asked: readonly { readonly event?: Event; readonly actor: EventActor | null }[],
  short: ShortagesOf = new Map(),
): Outgoing[] {
  const events: Outgoing[] = []
  for (const outcome of outcomes) {
    const by = asked[outcome.cause]
    const options = by?.event === undefined ? { actor: by?.actor ?? null } : { causedBy: by.event, actor: by.actor }
    switch (outcome.outcome) {
      case 'posted':
        events.push(event(stockDocumentPosted, company, posted(outcome), { ...options, sequence: outcome.position }))
        break
      case 'refused':
        events.push(event(stockDocumentRefused, outcome.request.documentId, refused(outcome), options))
        break
      case 'reserved':
        events.push(event(stockStockReserved, outcome.need.documentId, reserved(outcome, short), options))
        break
      case 'released':
        events.push(event(stockReservationReleased, outcome.need.documentId, released(outcome, short), options))
        break
      case 'repeated':
        break
    }
  }
  return events
}

function posted({ posting, position, recordedAt, moves }: OutcomeOf<'posted'>): Posted {
  const idOf = moveIds(recordedAt, position)
  const { order } = posting
  return {
    position: String(position),
    documentId: posting.documentId,
    number: posting.number,
    kind: posting.kind,
    attempt: posting.attempt,
    warehouse: posting.warehouse,
    recordedAt: new Date(recordedAt).toISOString(),
    effectiveAt: new Date(posting.effectiveAt).toISOString(),
    ...(order === undefined ? {} : { order: { source: order.source, orderNumber: order.orderNumber } }),
    lines: moves.map((move) => postedLine(move, idOf(move.line))),
  }
}

function postedLine(move: Move, id: string): PostedLine {
  const { product, carried } = move
  const line: PostedLine = {
    move: id,
    line: move.line,
    productId: product.id,
    sku: product.sku,
    productType: product.type,
    category: carried.category ?? product.category,
    lot: move.lot === null ? null : move.lot.code,
    quantity: formatQuantity(quantity(move.quantity)),
    unit: product.unit,
    from: placeOf(move.from),
    to: placeOf(move.to),
  }
  if (move.documentLine !== null) line.documentLine = move.documentLine
  if (carried.entered !== undefined) line.entered = carried.entered
  if (carried.price !== undefined) line.price = carried.price
  if (carried.unitCost !== undefined) line.unitCost = carried.unitCost
  if (carried.orderLine !== undefined) line.orderLine = carried.orderLine
  if (carried.orderQuantity !== undefined) line.orderQuantity = carried.orderQuantity
  if (carried.completesOrderLine !== undefined) line.completesOrderLine = carried.completesOrderLine
  return line
}

function placeOf(place: Place): PostedLine['from'] {
  return { location: place.code, type: place.type, warehouse: place.warehouse }
}

function refused({ request, code, detail, faults }: OutcomeOf<'refused'>): z.infer<typeof stockDocumentRefused.data> {
  return {
    documentId: request.documentId,
    number: request.number,
    kind: request.asks === 'post' ? request.kind : 'delivery',
    attempt: request.asks === 'post' ? request.attempt : request.revision,
    about: request.asks === 'post' ? 'posting' : 'need',
    code,
    detail,
    errors: [...faults],
  }
}

function reserved(
  { need, revision, complete, lines, claims, refused = [] }: OutcomeOf<'reserved'>,
  short: ShortagesOf,
): z.infer<typeof stockStockReserved.data> {
  const byLine = Map.groupBy(claims, (claim) => claim.line)
  return {
    documentId: need.documentId,
    number: need.number,
    revision,
    complete,
    lines: lines.map(({ line, product, quantity: asked }) => ({
      line,
      sku: product.sku,
      quantity: formatQuantity(quantity(asked)),
      picks: (byLine.get(line) ?? []).sort(inPickOrder).map(pick),
    })),
    ...(complete ? {} : shortagesOf(need, revision, short)),
    ...(refused.length === 0 ? {} : { refusedPicks: refused.slice(0, mostRefused).map(refusedPick) }),
  }
}

/** No more are picked for a delivery that picking keeps; one of 0.1.0 may have more. */
const mostRefused = 1000

function refusedPick({ lot, quantity: amount, ...pick }: RefusedPick) {
  return { ...pick, ...(lot === null ? {} : { lot }), quantity: formatQuantity(quantity(amount)) }
}

/** As one walks, and the same every time. */
function inPickOrder({ quant: a }: Claim, { quant: b }: Claim): number {
  return a.place.pickSequence - b.place.pickSequence || (nameOf(a) < nameOf(b) ? -1 : 1)
}

function nameOf({ place, lot, packageId }: Claim['quant']): string {
  return `${place.code} ${lot?.code ?? ''} ${packageId}`
}

function pick({ quant, quantity: q }: Claim) {
  return {
    location: quant.place.code,
    lot: quant.lot?.code ?? null,
    expiresOn: quant.lot?.expiresOn ?? null,
    quantity: formatQuantity(quantity(q)),
    pickSequence: quant.place.pickSequence,
  }
}

function released(
  { need, revision, code, detail }: OutcomeOf<'released'>,
  short: ShortagesOf,
): z.infer<typeof stockReservationReleased.data> {
  return {
    documentId: need.documentId,
    number: need.number,
    revision,
    code,
    detail,
    ...shortagesOf(need, revision, short),
  }
}

/** As of the end of the batch: so of what was amended within it there is nothing to tell. */
function shortagesOf(need: Need, revision: number, short: ShortagesOf): { readonly shortages?: ToldShortage[] } {
  const of = revision === need.revision ? short.get(need.documentId) : undefined
  if (of === undefined) return {}
  return {
    shortages: of.map(({ product, lot, missing, available, outOfReach, more }) => ({
      sku: product.sku,
      ...(lot === null ? {} : { lot }),
      missing: sumTold(missing),
      available: sumTold(available),
      outOfReach: outOfReach.map((one) => ({ ...one, quantity: sumTold(one.quantity) })),
      more,
    })),
  }
}

/** In millionths: the most that an event tells. */
const mostTold = 10n ** 20n - 1n

/** A sum of several lines or balances, each of which an event can tell. */
function sumTold(sum: bigint): string {
  return formatQuantity(quantity(sum < mostTold ? sum : mostTold))
}
