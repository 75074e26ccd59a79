/** Purchase and sales orders, from the bus and by HTTP alike. */
import {
  purchasingOrderAmended,
  purchasingOrderCancelled,
  purchasingOrderConfirmed,
  salesOrderAmended,
  salesOrderCancelled,
  salesOrderConfirmed,
} from '@stockline/contracts'
import type { Event, EventContract } from '@stockline/contracts/envelope'
import { reaction } from '@stockline/service-kit'
import type { Reaction, Tx } from '../database.ts'
import { orderKey, type OrderContent, type OrderKind, type OrderNews } from './order.ts'
import { takeOrder, type OrderDocuments } from './order.actions.ts'

/** What confirmations and amendments have in common. */
interface WholeOrder {
  readonly orderNumber: string
  readonly revision: number
  readonly warehouse: string
  readonly scheduledDate?: string | undefined
  readonly currency?: string | undefined
  readonly priority?: number
  readonly allowPartial?: boolean
  readonly lines: readonly {
    readonly line: number
    readonly sku: string
    readonly quantity: string
    readonly unit: string
    readonly unitPrice?: string | undefined
  }[]
}

interface Cancellation {
  readonly orderNumber: string
  readonly revision: number
  readonly reason?: string | undefined
}

/** Orders that become receipts. */
export function purchaseReactions(documents: OrderDocuments): readonly Reaction[] {
  const whole = (change: 'confirmed' | 'amended') => (data: Parameters<typeof purchaseContent>[0]) =>
    newsOf(change, data, purchaseContent(data))
  return [
    intake('purchase', purchasingOrderConfirmed, documents, whole('confirmed')),
    intake('purchase', purchasingOrderAmended, documents, whole('amended')),
    intake('purchase', purchasingOrderCancelled, documents, cancellationOf),
  ]
}

/** Orders that become deliveries. */
export function saleReactions(documents: OrderDocuments): readonly Reaction[] {
  const whole = (change: 'confirmed' | 'amended') => (data: Parameters<typeof saleContent>[0]) =>
    newsOf(change, data, saleContent(data))
  return [
    intake('sale', salesOrderConfirmed, documents, whole('confirmed')),
    intake('sale', salesOrderAmended, documents, whole('amended')),
    intake('sale', salesOrderCancelled, documents, cancellationOf),
  ]
}

function intake<Data extends { readonly orderNumber: string }>(
  kind: OrderKind,
  contract: EventContract<Data>,
  documents: OrderDocuments,
  read: (data: Data) => OrderNews,
): Reaction {
  // A change may wait for its confirmation, so the two must not wait behind each other.
  const lane = contract.type.includes('confirmed') ? 'confirmation' : 'change'
  return reaction(contract, {
    parkBy: (event: Event<Data>) => `${lane}:${orderKey(kind, event.source, event.data.orderNumber)}`,
    react: (tx: Tx, event) => takeOrder(tx, kind, event, read(event.data), documents),
  })
}

function purchaseContent(data: WholeOrder & { readonly vendor: OrderContent['partner'] }): OrderContent {
  return contentOf(data, data.vendor)
}

function saleContent(data: WholeOrder & { readonly customer: OrderContent['partner'] }): OrderContent {
  return contentOf(data, data.customer)
}

function contentOf(data: WholeOrder, partner: OrderContent['partner']): OrderContent {
  return {
    warehouse: data.warehouse,
    partner,
    scheduledDate: data.scheduledDate ?? null,
    currency: data.currency ?? null,
    priority: data.priority ?? 5,
    allowPartial: data.allowPartial ?? false,
    lines: data.lines.map((line) => ({ ...line, unitPrice: line.unitPrice ?? null })),
  }
}

function newsOf(change: 'confirmed' | 'amended', data: WholeOrder, content: OrderContent): OrderNews {
  return { change, orderNumber: data.orderNumber, revision: data.revision, content, reason: null }
}

function cancellationOf(data: Cancellation): OrderNews {
  const { orderNumber, revision, reason } = data
  return { change: 'cancelled', orderNumber, revision, content: null, reason: reason ?? null }
}
