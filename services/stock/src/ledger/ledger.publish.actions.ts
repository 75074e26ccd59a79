/** The events of what the ledger decided. */
import { formatQuantity, least, quantity, type Quantity } from '@stockline/amounts'
import {
  type PostedDocument,
  stockDocumentPosted,
  stockDocumentRefused,
  stockLotChanged,
  stockReservationReleased,
  stockStockReserved,
} from '@stockline/contracts'
import type { Event, EventActor } from '@stockline/contracts/envelope'
import { givenLotDates } from '@stockline/contracts/lot-dates'
import { inPickOrder } from '@stockline/contracts/locations'
import { event, type EventOptions, type Outgoing } from '@stockline/service-kit'
import type { z } from 'zod'
import { datesOf, type LedgerLocation, type LedgerLot } from './reference.ts'
import type { LedgerOutcome } from './ledger.ts'
import { type Move, moveIds } from './move.ts'
import type { PickFault } from '../reservations/picked.ts'
import type { ShortagesOf } from '../reservations/shortage.ts'
import type { Allocation, Demand } from './stock.ts'

type Commands = readonly { readonly event?: Event; readonly actor: EventActor | null }[]
type MovedGoods = PostedDocument['lines'][number]
type ToldShortage = NonNullable<z.infer<typeof stockStockReserved.data>['shortages']>[number]
type OutcomeOf<Kind extends LedgerOutcome['outcome']> = Extract<LedgerOutcome, { outcome: Kind }>

/**
 * The events of a batch, in the order in which things happened. A repeat has none.
 *
 * @param short what deliveries are short of that wait once all is decided
 */
export function eventsOf(
  company: string,
  outcomes: readonly LedgerOutcome[],
  commands: Commands,
  short: ShortagesOf = new Map(),
): Outgoing[] {
  const events: Outgoing[] = []
  for (const outcome of outcomes) {
    const options = optionsOf(outcome, commands)
    switch (outcome.outcome) {
      case 'posted':
        events.push(event(stockDocumentPosted, company, posted(outcome), { ...options, sequence: outcome.position }))
        break
      case 'refused':
        events.push(event(stockDocumentRefused, outcome.request.documentId, refused(outcome), options))
        break
      case 'reserved':
        events.push(event(stockStockReserved, outcome.demand.documentId, reserved(outcome, short), options))
        break
      case 'waiting':
        events.push(event(stockStockReserved, outcome.transfer.documentId, waiting(outcome, short), options))
        break
      case 'released':
        events.push(event(stockReservationReleased, outcome.demand.documentId, released(outcome, short), options))
        break
      case 'repeated':
        break
    }
  }
  return events
}

/** What an event of the outcome goes back to. */
function optionsOf(outcome: LedgerOutcome, commands: Commands): EventOptions {
  const by = commands[outcome.cause]
  const inName = 'by' in outcome ? outcome.by : undefined
  const actor = inName === undefined ? (by?.actor ?? null) : inName
  return by?.event === undefined ? { actor } : { causedBy: by.event, actor }
}

/** The product of each of these lots that a document named, and what an event of the lot goes back to. */
export function namedLots(lots: readonly LedgerLot[], outcomes: readonly LedgerOutcome[], commands: Commands) {
  const named = new Map<string, { readonly lot: LedgerLot; readonly sku: string; readonly options: EventOptions }>()
  const wanted = new Set(lots)
  if (wanted.size === 0) return named
  for (const outcome of outcomes)
    for (const { lot, product } of outcome.outcome === 'posted' ? outcome.moves : [])
      if (lot !== null && wanted.has(lot) && !named.has(lot.id))
        named.set(lot.id, { lot, sku: product.sku, options: optionsOf(outcome, commands) })
  return named
}

/** The events of lots that documents made, and that have dates. Of others nothing is known but what `document-posted` says. */
export function newLotEvents(
  lots: readonly LedgerLot[],
  outcomes: readonly LedgerOutcome[],
  commands: Commands,
): Outgoing[] {
  const dated = lots.filter(
    (lot) =>
      lot.storedVersion === undefined && lot.isPart !== true && Object.keys(givenLotDates(datesOf(lot))).length > 0,
  )
  return [...namedLots(dated, outcomes, commands).values()].map(({ lot, sku, options }) => {
    const { id: lotId, code } = lot
    const data = { lotId, sku, code, ...datesOf(lot), held: false, heldFor: null, madeOf: [], madeInto: [], version: 1 }
    return event(stockLotChanged, lotId, data, options)
  })
}

function posted({ posting, position, recordedAt, moves }: OutcomeOf<'posted'>): PostedDocument {
  const idOf = moveIds(recordedAt, position)
  const { order, partner } = posting
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
    ...(partner === undefined ? {} : { partner }),
    lines: moves.map((move) => postedLine(move, idOf(move.line))),
  }
}

function postedLine(move: Move, id: string): MovedGoods {
  const { product, passThrough } = move
  const line: MovedGoods = {
    move: id,
    line: move.line,
    productId: product.id,
    sku: product.sku,
    productType: product.type,
    category: passThrough.category ?? product.category,
    lot: move.lot === null ? null : move.lot.code,
    quantity: move.quantityText,
    unit: product.unit,
    from: locationOf(move.from),
    to: locationOf(move.to),
  }
  if (move.status !== 'available') line.status = move.status
  if (move.toLot !== undefined) line.toLot = move.toLot.code
  if (move.toStatus !== undefined) line.toStatus = move.toStatus
  if (move.documentLine !== null) line.documentLine = move.documentLine
  if (passThrough.entered !== undefined) line.entered = passThrough.entered
  if (passThrough.price !== undefined) line.price = passThrough.price
  if (passThrough.unitCost !== undefined) line.unitCost = passThrough.unitCost
  if (passThrough.orderLine !== undefined) line.orderLine = passThrough.orderLine
  if (passThrough.orderQuantity !== undefined) line.orderQuantity = passThrough.orderQuantity
  if (passThrough.completesOrderLine !== undefined) line.completesOrderLine = passThrough.completesOrderLine
  return line
}

function locationOf(location: LedgerLocation): MovedGoods['from'] {
  return { location: location.code, type: location.type, warehouse: location.warehouse }
}

function refused({ request, code, detail, faults }: OutcomeOf<'refused'>): z.infer<typeof stockDocumentRefused.data> {
  return {
    documentId: request.documentId,
    number: request.number,
    kind: request.action === 'post' ? request.kind : request.action === 'transfer' ? 'transfer' : 'delivery',
    attempt: request.action === 'reserve' ? request.revision : request.attempt,
    about: request.action === 'reserve' ? 'need' : 'posting',
    code,
    detail,
    errors: [...faults],
  }
}

function reserved(
  { demand, revision, complete, lines, allocations, refused = [] }: OutcomeOf<'reserved'>,
  short: ShortagesOf,
): z.infer<typeof stockStockReserved.data> {
  const byLine = Map.groupBy(allocations, (allocation) => allocation.line)
  return {
    documentId: demand.documentId,
    number: demand.number,
    revision,
    complete,
    lines: lines.map(({ line, product, quantity }) => ({
      line,
      sku: product.sku,
      quantity: formatQuantity(quantity),
      picks: inPickOrder((byLine.get(line) ?? []).map(pick)),
    })),
    ...(complete ? {} : shortagesOf(demand, revision, short)),
    ...(refused.length === 0 ? {} : { refusedPicks: refused.slice(0, mostRefused).map(refusedPick) }),
  }
}

/** A transfer that waits holds nothing. */
function waiting(
  { transfer, revision }: OutcomeOf<'waiting'>,
  short: ShortagesOf,
): z.infer<typeof stockStockReserved.data> {
  const { documentId, number, lines } = transfer
  return {
    documentId,
    number,
    revision,
    complete: false,
    lines: lines.map(({ line, product: { sku }, quantity }) => ({
      line,
      sku,
      quantity: formatQuantity(quantity),
      picks: [],
    })),
    ...shortagesOf(transfer, revision, short),
  }
}

/** No more are picked for a delivery that picking keeps; one of 0.1.0 may have more. */
const mostRefused = 1000

function refusedPick({ lot, quantity, ...pick }: PickFault) {
  return { ...pick, ...(lot === null ? {} : { lot }), quantity: formatQuantity(quantity) }
}

function pick({ quant, quantity }: Allocation) {
  return {
    location: quant.location.code,
    lot: quant.lot?.code ?? null,
    expiresOn: quant.lot?.expiresOn ?? null,
    quantity: formatQuantity(quantity),
    pickSequence: quant.location.pickSequence,
  }
}

function released(
  { demand, revision, code, detail, held }: OutcomeOf<'released'>,
  short: ShortagesOf,
): z.infer<typeof stockReservationReleased.data> {
  return {
    documentId: demand.documentId,
    number: demand.number,
    revision,
    code,
    detail,
    ...(held === undefined ? {} : { held }),
    ...shortagesOf(demand, revision, short),
  }
}

/** As of the end of the batch: what was amended within it has none. */
function shortagesOf(
  demand: Pick<Demand, 'documentId' | 'revision'>,
  revision: number,
  short: ShortagesOf,
): { readonly shortages?: ToldShortage[] } {
  const of = revision === demand.revision ? short.get(demand.documentId) : undefined
  if (of === undefined) return {}
  return {
    shortages: of.map(({ product, lot, life, missing, available, outOfReach, more }) => ({
      sku: product.sku,
      ...(lot === null ? {} : { lot }),
      ...(life === undefined ? {} : { minimumRemainingLife: life }),
      missing: sumText(missing),
      available: sumText(available),
      outOfReach: outOfReach.map((one) => ({ ...one, quantity: sumText(one.quantity) })),
      more,
    })),
  }
}

/** In millionths: the largest quantity that an event can hold. */
const mostText = quantity(10n ** 20n - 1n)

/** A sum of several lines or balances, each of which an event can hold. */
function sumText(sum: Quantity): string {
  return formatQuantity(least(sum, mostText))
}
