/**
 * Brings picking to what its lost events say, after its database fell back. Receipts, deliveries, transfers and packages are made again under the ids
 * and numbers that were told, in the state that was told; what the ledger and stock answered is taken again by itself. Orders are
 * brought to the revisions that their documents name, so that an order that is read again makes no second document.
 */
import {
  pickingOrderChangeTooLate,
  pickingPackageChanged,
  pickingReceiptValidated,
  stockDocumentPosted,
} from '@stockline/contracts'
import { madeAt } from '@stockline/documents/restored'
import { envelopeSchema, type Event } from '@stockline/contracts/envelope'
import type { Restore, ServiceConfig, PublishedEvent } from '@stockline/service-kit'
import type { z } from 'zod'
import type { Tx } from '../database.ts'
import { deliveriesOfOrders, deliveryContracts } from '../deliveries/delivery.actions.ts'
import type { DeliveryEvent } from '../deliveries/delivery.events.ts'
import { restorableDeliveries } from '../deliveries/delivery.restore.ts'
import { incomingOrderChangeOf, restoreOrders, restoreTooLate } from '../orders/order.restore.actions.ts'
import type { OrderProgress } from '../orders/order.restore.ts'
import type { OrderKind } from '../orders/order.ts'
import type { PackageEvent } from '../packages/package.events.ts'
import { restorePackages } from '../packages/package.restore.actions.ts'
import { receiptContracts, receiptsOfOrders } from '../receipts/receipt.actions.ts'
import type { ReceiptEvent } from '../receipts/receipt.post.ts'
import { restorableReceipts } from '../receipts/receipt.restore.ts'
import { transferContracts, transfersRestored } from '../transfers/transfer.actions.ts'
import type { TransferEvent } from '../transfers/transfer.events.ts'
import { restorableTransfers } from '../transfers/transfer.restore.ts'
import { restoreDocuments, type LostEvent } from './document.restore.actions.ts'
import type { DocumentEvent } from './restore.ts'
import { isState, restoreStates } from './state.restore.actions.ts'

type TooLate = { readonly type: 'tooLate'; readonly data: z.output<typeof pickingOrderChangeTooLate.data> }

/** How picking is reconciled. @param companyPrefix of SSCCs; undefined where none is configured */
export function restorePicking(
  { currency }: Pick<ServiceConfig, 'currency'>,
  companyPrefix: string | undefined,
): Restore<Tx['prisma']> {
  return async (tx, { missing, superseded, inputs }) => {
    const ofReceipts = missing.flatMap((one) => lostEvents<ReceiptEvent>(one, receiptContracts))
    const ofDeliveries = missing.flatMap((one) => lostEvents<DeliveryEvent>(one, deliveryContracts))
    const late = missing.flatMap((one) => lostEvents<TooLate>(one, { tooLate: pickingOrderChangeTooLate }))
    const causes = new Map(inputs.map((input) => [input.event.id, input.event]))
    const named = new Map([...ofReceipts, ...ofDeliveries].map((one) => [one.event.id, orderOfDocument(one, causes)]))
    const orders = await restoreOrders(tx, [...[...named.values()].flat(), ...late.flatMap(orderTooLate)], inputs)
    for (const one of late) await restoreTooLate(tx, orders.find(orderOfLate(one)), one.published.data, happenedAt(one))
    const goesBackTo = {
      orderOf: (event: Event) => named.get(event.id)?.map(orders.find)[0],
      backorderOf: (event: Event) => leftBy(event, causes),
    }
    const tooLate = (kind: 'receipt' | 'delivery') =>
      late.flatMap(({ published: { data } }) => (data.kind === kind ? [data] : []))
    const receipts = await restoreDocuments(tx, receiptsOfOrders(currency), restorableReceipts(currency), {
      ...{ events: ofReceipts, tooLate: tooLate('receipt'), ...goesBackTo },
    })
    const deliveries = await restoreDocuments(tx, deliveriesOfOrders, restorableDeliveries, {
      ...{ events: ofDeliveries, tooLate: tooLate('delivery'), ...goesBackTo },
    })
    const moved = await restoreDocuments(tx, transfersRestored, restorableTransfers, {
      events: missing.flatMap((one) => lostEvents<TransferEvent>(one, transferContracts)),
      ...{ tooLate: [], orderOf: () => undefined, backorderOf: () => null },
    })
    const [lostOnes, past] = [missing, superseded].map((events) =>
      events.flatMap((one) => lostEvents<PackageEvent>(one, { changed: pickingPackageChanged })),
    )
    const packed = await restorePackages(tx, lostOnes ?? [], [...(lostOnes ?? []), ...(past ?? [])], companyPrefix)
    await restoreStates(tx, [...missing, ...superseded])
    return {
      taken: orders.taken,
      done: [...receipts.done, ...deliveries.done, ...moved.done, ...packed.done],
      open: [
        ...orders.open,
        ...receipts.open,
        ...deliveries.open,
        ...moved.open,
        ...packed.open,
        ...superseded.flatMap(lookAt),
      ],
    }
  }
}

/** The event, where it is of one of these contracts. */
function lostEvents<Published extends DocumentEvent>(
  { type, text }: PublishedEvent,
  contracts: Readonly<Record<Published['type'], { readonly type: string; readonly data: z.ZodType }>>,
): readonly LostEvent<Published>[] {
  const name = (Object.keys(contracts) as Published['type'][]).find((one) => contracts[one].type === type)
  if (name === undefined) return []
  const whole = JSON.parse(text) as { data: unknown }
  const event: Event = { ...envelopeSchema.parse(whole), data: contracts[name].data.parse(whole.data) }
  return [{ published: { type: name, data: event.data } as Published, event }]
}

/** What was taken, by id. */
type Causes = ReadonlyMap<string, Event>

/** The order that a document's event names; of an older version's, the one that led to it. One, or none. */
function orderOfDocument(
  { published: { data }, event }: LostEvent<ReceiptEvent | DeliveryEvent>,
  causes: Causes,
): readonly OrderProgress[] {
  const { documentId, warehouse } = data
  const confirmedAt = 'orderedAt' in data ? new Date(data.orderedAt) : madeAt(documentId, event.time)
  const kind: OrderKind = event.type === pickingReceiptValidated.type ? 'purchase' : 'sale'
  if ('order' in data && data.order !== undefined)
    return [{ kind, ...data.order, warehouse, cancelled: false, confirmedAt }]
  const cause = causes.get(event.causationid ?? '')
  const read = cause === undefined ? undefined : incomingOrderChangeOf(cause)
  if (cause === undefined || read === undefined) return []
  const { orderNumber, revision, change } = read.incoming
  const cancelled = change === 'cancelled'
  return [{ kind: read.kind, source: cause.source, orderNumber, revision, warehouse, cancelled, confirmedAt }]
}

/**
 * An amendment that names the lines that were too late was followed in all others, by documents of which nothing may have been
 * published: it is taken again.
 */
function orderTooLate(late: LostEvent<TooLate>): readonly OrderProgress[] {
  const { revision, change, warehouse, documentId, lines } = late.published.data
  if (change === 'amended' && lines !== undefined) return []
  const confirmedAt = madeAt(documentId, late.event.time)
  return [{ ...orderOfLate(late), revision, warehouse, cancelled: change === 'cancelled', confirmedAt }]
}

function orderOfLate({
  published: { data },
}: LostEvent<TooLate>): Pick<OrderProgress, 'kind' | 'source' | 'orderNumber'> {
  const { kind, orderSource: source, orderNumber } = data
  return { kind: kind === 'receipt' ? 'purchase' : 'sale', source, orderNumber }
}

function happenedAt({ published, event: { time } }: LostEvent<TooLate>): Date {
  return time === undefined ? madeAt(published.data.documentId, time) : new Date(time)
}

/** The document whose posting led to this event. */
function leftBy(event: Event, causes: Causes): string | null {
  const cause = causes.get(event.causationid ?? '')
  if (cause?.type !== stockDocumentPosted.type) return null
  return stockDocumentPosted.data.parse(cause.data).documentId
}

function lookAt({ type, subject, sequence }: PublishedEvent): readonly string[] {
  if (isState(type)) return []
  return [
    `${type}, number ${String(sequence)} of document ${subject}, is of a history that is no more: compare the document with what ` +
      'the ledger has of it.',
  ]
}
