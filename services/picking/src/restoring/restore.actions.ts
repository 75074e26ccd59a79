/**
 * Brings picking to what its lost events say, after its database fell back. Receipts and deliveries are made again under the ids
 * and numbers that were told, in the state that was told; what the ledger and stock answered is taken again by itself. Orders are
 * brought to the revisions that their documents name, so that an order that is read again makes no second document.
 */
import {
  pickingDeliveryAmended,
  pickingDeliveryCancelled,
  pickingDeliveryConfirmed,
  pickingDeliveryValidated,
  pickingOrderChangeTooLate,
  pickingReceiptValidated,
  stockDocumentPosted,
} from '@stockline/contracts'
import { envelopeSchema, type Event } from '@stockline/contracts/envelope'
import type { Restore, ServiceConfig, Told } from '@stockline/service-kit'
import type { z } from 'zod'
import type { Tx } from '../database.ts'
import { deliveriesOfOrders } from '../deliveries/delivery.order.actions.ts'
import { lostDeliveries, type ToldOfDelivery } from '../deliveries/delivery.restore.actions.ts'
import {
  incomingOrderChangeOf,
  restoreOrders,
  restoreTooLate,
  type ToldTooLate,
} from '../orders/order.restore.actions.ts'
import type { ToldOrder } from '../orders/order.restore.ts'
import type { OrderKind } from '../orders/order.ts'
import { receiptsOfOrders } from '../receipts/receipt.order.actions.ts'
import { lostReceipts } from '../receipts/receipt.restore.actions.ts'
import { restoreDocuments } from './document.restore.actions.ts'
import { madeAt } from './restore.ts'

/** How picking is reconciled. */
export function restorePicking({ currency }: Pick<ServiceConfig, 'currency'>): Restore<Tx['prisma']> {
  return async (tx, { missing, superseded, inputs }) => {
    const validated = missing.flatMap((told) => eventsOf(told, pickingReceiptValidated))
    const deliveries = missing.flatMap(ofDelivery)
    const tooLate = missing.flatMap((told) => eventsOf(told, pickingOrderChangeTooLate))
    const causes = new Map(inputs.map((input) => [input.event.id, input.event]))
    const documents = [...validated, ...deliveries.map(({ event }) => event)]
    const toldOrders = new Map(documents.map((event) => [event.id, orderOfDocument(event, causes)]))
    const orders = await restoreOrders(
      tx,
      [...[...toldOrders.values()].flat(), ...tooLate.flatMap(orderTooLate)],
      inputs,
    )
    await restoreTooLate(tx, tooLate.map(toldTooLate), orders.find)
    const orderOf = (event: Event) => toldOrders.get(event.id)?.map(orders.find)[0]
    const late = (kind: 'receipt' | 'delivery') => tooLate.flatMap(({ data }) => (data.kind === kind ? [data] : []))
    const receipts = await restoreDocuments(tx, receiptsOfOrders(currency), {
      ...(await lostReceipts(tx, validated, orderOf, currency)),
      tooLate: late('receipt'),
    })
    const restored = await restoreDocuments(tx, deliveriesOfOrders, {
      ...(await lostDeliveries(tx, deliveries, { orderOf, backorderOf: (event) => leftBy(event, causes) })),
      tooLate: late('delivery'),
    })
    return {
      taken: orders.taken,
      done: [...receipts.done, ...restored.done],
      open: [...orders.open, ...receipts.open, ...restored.open, ...superseded.map(lookAt)],
    }
  }
}

function eventsOf<Data>(
  { type, text }: Told,
  contract: { readonly type: string; readonly data: z.ZodType<Data> },
): readonly Event<Data>[] {
  if (type !== contract.type) return []
  const whole = JSON.parse(text) as { data: unknown }
  return [{ ...envelopeSchema.parse(whole), data: contract.data.parse(whole.data) }]
}

function ofDelivery(told: Told): readonly ToldOfDelivery[] {
  const needs = [...eventsOf(told, pickingDeliveryConfirmed), ...eventsOf(told, pickingDeliveryAmended)]
  return [
    ...needs.map((event) => ({ says: 'needed', event }) as const),
    ...eventsOf(told, pickingDeliveryValidated).map((event) => ({ says: 'shipped', event }) as const),
    ...eventsOf(told, pickingDeliveryCancelled).map((event) => ({ says: 'cancelled', event }) as const),
  ]
}

type OfDocument = Event<{
  readonly documentId: string
  readonly warehouse: string
  readonly orderedAt?: string
  readonly order?: { readonly source: string; readonly orderNumber: string; readonly revision: number } | undefined
}>

/** What was taken, by id. */
type Causes = ReadonlyMap<string, Event>

/** The order that a document's event names; of an older version's, the one that led to it. One, or none. */
function orderOfDocument(event: OfDocument, causes: Causes): readonly ToldOrder[] {
  const { order, documentId, warehouse, orderedAt } = event.data
  const confirmedAt =
    orderedAt === undefined ? madeAt(documentId, { time: event.time ?? '', actor: null }) : new Date(orderedAt)
  const kind: OrderKind = event.type === pickingReceiptValidated.type ? 'purchase' : 'sale'
  if (order !== undefined) return [{ kind, ...order, warehouse, cancelled: false, confirmedAt }]
  const cause = causes.get(event.causationid ?? '')
  const read = cause === undefined ? undefined : incomingOrderChangeOf(cause)
  if (cause === undefined || read === undefined) return []
  const { orderNumber, revision, change } = read.incoming
  const cancelled = change === 'cancelled'
  return [{ kind: read.kind, source: cause.source, orderNumber, revision, warehouse, cancelled, confirmedAt }]
}

/**
 * An amendment that names the lines that were too late was followed in all others, by documents of which nobody may have told: it
 * is taken again.
 */
function orderTooLate({ data, time }: Event<z.output<typeof pickingOrderChangeTooLate.data>>): readonly ToldOrder[] {
  const { kind, orderSource: source, orderNumber, revision, change, warehouse, documentId, lines } = data
  if (change === 'amended' && lines !== undefined) return []
  const confirmedAt = madeAt(documentId, { time: time ?? '', actor: null })
  const of = kind === 'receipt' ? 'purchase' : 'sale'
  return [{ kind: of, source, orderNumber, revision, warehouse, cancelled: change === 'cancelled', confirmedAt }]
}

function toldTooLate({ data, time }: Event<z.output<typeof pickingOrderChangeTooLate.data>>): ToldTooLate {
  const { kind, orderSource: source, orderNumber, revision, lines, documentId } = data
  const order = { kind: kind === 'receipt' ? 'purchase' : 'sale', source, orderNumber } as const
  return {
    order,
    revision,
    lines,
    at: time === undefined ? madeAt(documentId, { time: '', actor: null }) : new Date(time),
  }
}

/** The document whose posting led to this event. */
function leftBy(event: Event, causes: Causes): string | null {
  const cause = causes.get(event.causationid ?? '')
  if (cause?.type !== stockDocumentPosted.type) return null
  return stockDocumentPosted.data.parse(cause.data).documentId
}

function lookAt({ type, subject, sequence }: Told): string {
  return (
    `${type}, number ${String(sequence)} of document ${subject}, is of a history that is no more: compare the document with what ` +
    'the ledger has of it.'
  )
}
