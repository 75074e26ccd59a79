/** Picking's events: receipts, deliveries and transfers come in batches, in order, one transaction for each batch. */
import { parseQuantity } from '@stockline/amounts'
import {
  type TransferConfirmed,
  type TransferValidated,
  pickingTransferCancelled,
  pickingTransferConfirmed,
  pickingTransferValidated,
  type DeliveryDemand,
  type DeliveryValidated,
  type ReceiptValidated,
  pickingDeliveryAmended,
  pickingDeliveryCancelled,
  pickingDeliveryConfirmed,
  pickingDeliveryValidated,
  pickingReceiptValidated,
  values,
} from '@stockline/contracts'
import type { Event } from '@stockline/contracts/envelope'
import { givenLotDates } from '@stockline/contracts/lot-dates'
import { batchReaction, type Reaction } from '@stockline/service-kit'
import type { z } from 'zod'
import { virtualLocations } from './reference.ts'
import type { LedgerRequest, DemandRequest, Posting, TransferRequest } from './request.ts'
import { type LedgerCompany, decideBatch } from './ledger.actions.ts'
import { judgedLoss, lossesApart } from '../transfers/transfer.loss.actions.ts'

type Cancelled = z.infer<typeof pickingDeliveryCancelled.data>
type TransferCancelled = z.infer<typeof pickingTransferCancelled.data>

/** The events that are requests to the ledger. */
const requests = [
  pickingReceiptValidated,
  pickingDeliveryConfirmed,
  pickingDeliveryAmended,
  pickingDeliveryValidated,
  pickingDeliveryCancelled,
  pickingTransferConfirmed,
  pickingTransferValidated,
  pickingTransferCancelled,
] as const

/** The ledger's reactions. */
export function ledgerReactions<P>(company: LedgerCompany): Reaction<P>[] {
  return [
    batchReaction<P>({
      contracts: requests,
      react: async (tx, events) => {
        const asked = events.map((event) => ({ request: requestOf(event), actor: event.actor ?? null, event }))
        for (const together of lossesApart(asked))
          await decideBatch(tx, company, await judgedLoss(tx, company, together))
      },
    }),
  ]
}

/** Is the event a request to the ledger? */
export function isLedgerRequest(event: Event): boolean {
  return requests.some(({ type }) => type === event.type)
}

/** The request that an event of picking is. */
export function requestOf(event: Event): LedgerRequest {
  switch (event.type) {
    case pickingReceiptValidated.type:
      return receipt(event as Event<ReceiptValidated>)
    case pickingDeliveryValidated.type:
      return delivery(event as Event<DeliveryValidated>)
    case pickingDeliveryConfirmed.type:
    case pickingDeliveryAmended.type:
      return demand(event as Event<DeliveryDemand>)
    case pickingDeliveryCancelled.type:
      return { action: 'release', documentId: (event as Event<Cancelled>).data.documentId }
    case pickingTransferConfirmed.type:
      return transfer(event as Event<TransferConfirmed>)
    case pickingTransferValidated.type:
      return transferStep(event as Event<TransferValidated>)
    case pickingTransferCancelled.type:
      return { action: 'end-transfer', documentId: (event as Event<TransferCancelled>).data.documentId }
    default:
      throw new Error(`The ledger does not react to ${event.type}.`)
  }
}

function receipt(event: Event<ReceiptValidated>): Posting {
  return {
    ...head(event),
    kind: 'receipt',
    order: event.data.order,
    partner: event.data.vendor,
    lines: event.data.lines.map((line) => ({
      line: line.line,
      documentLine: line.documentLine,
      sku: line.sku,
      lot: line.lot ?? null,
      expiresOn: null,
      ...givenLotDates(line),
      status: line.status ?? 'available',
      quantity: parseQuantity(line.quantity),
      unit: line.unit,
      from: virtualLocations.vendor,
      to: line.destination,
      passThrough: line,
    })),
  }
}

function delivery(event: Event<DeliveryValidated>): Posting {
  return {
    ...head(event),
    kind: 'delivery',
    order: event.data.order,
    partner: event.data.customer,
    lines: event.data.lines.map((line) => ({
      line: line.line,
      documentLine: line.documentLine,
      sku: line.sku,
      lot: line.lot ?? null,
      expiresOn: null,
      status: 'available',
      quantity: parseQuantity(line.quantity),
      from: line.location,
      to: virtualLocations.customer,
      passThrough: line,
    })),
  }
}

function transfer(event: Event<TransferConfirmed>): TransferRequest {
  const { revision, priority, scheduledDate = null, orderedAt, source, destination, lines } = event.data
  return {
    ...head(event),
    action: 'transfer',
    confirmedBy: event.actor ?? null,
    ...{ revision, priority, scheduledDate, source, destination },
    orderedAt: Date.parse(orderedAt),
    lines: lines.map(({ line, sku, quantity, unit, lot = null, category }) => ({
      ...{ line, sku, unit, lot, category },
      quantity: parseQuantity(quantity),
    })),
  }
}

/** What comes out of transit need not say from where: the ledger knows its place. What arrives nowhere is lost. */
function transferStep(event: Event<TransferValidated>): Posting {
  return {
    ...head(event),
    kind: 'transfer',
    lines: event.data.lines.map((line) => ({
      line: line.line,
      documentLine: line.documentLine,
      sku: line.sku,
      lot: line.lot ?? null,
      expiresOn: null,
      status: 'available',
      quantity: parseQuantity(line.quantity),
      unit: line.unit,
      from: line.from ?? virtualLocations.transit,
      to: line.to ?? virtualLocations.loss,
      passThrough: line,
    })),
  }
}

function head(event: Event<ReceiptValidated | DeliveryValidated | TransferConfirmed | TransferValidated>) {
  const { documentId, number, warehouse, attempt, effectiveAt } = event.data
  return {
    action: 'post',
    documentId,
    number,
    warehouse,
    attempt,
    effectiveAt: instantOf(effectiveAt ?? event.time),
    effectiveAtStated: effectiveAt !== undefined,
  } as const
}

/** Without a time it happened when the ledger takes it: the future is brought back to that. */
function instantOf(time: string | undefined): number {
  return time === undefined ? Number.MAX_SAFE_INTEGER : Date.parse(time)
}

function demand(event: Event<DeliveryDemand>): DemandRequest {
  const { documentId, number, warehouse, revision, priority, scheduledDate, orderedAt, allowPartial } = event.data
  const { order, held, asks, reserveUntil, lines } = event.data
  return {
    action: 'reserve',
    documentId,
    number,
    warehouse,
    revision,
    priority,
    scheduledDate: scheduledDate ?? null,
    orderedAt: Date.parse(orderedAt),
    allowPartial,
    order,
    held,
    asks,
    reserveUntil: reserveUntil && (values.isDay(reserveUntil) ? reserveUntil : new Date(reserveUntil).toISOString()),
    askedAt: event.time === undefined ? undefined : Date.parse(event.time),
    lines: lines.map(({ line, sku, quantity, unit, lot, minimumRemainingLife: life, picked }) => ({
      line,
      sku,
      quantity: parseQuantity(quantity),
      unit,
      lot,
      life,
      picked: picked?.map(({ location, lot = null, quantity: taken }) => ({
        location,
        lot,
        quantity: parseQuantity(taken),
      })),
    })),
  }
}
