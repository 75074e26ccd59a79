/** Purchase and sales orders, from the bus and by HTTP alike. */
import { divideRounded, formatUnitPrice, parseUnitPrice, unitPrice } from '@stockline/amounts'
import {
  purchasingOrderAmended,
  purchasingOrderCancelled,
  purchasingOrderConfirmed,
  salesOrderAmended,
  salesOrderCancelled,
  salesOrderConfirmed,
} from '@stockline/contracts'
import type { Event } from '@stockline/contracts/envelope'
import { batchReaction, storedEventReader } from '@stockline/service-kit'
import type { z } from 'zod'
import type { Reaction, Tx } from '../database.ts'
import { lineDetailsIn, orderDetailsIn } from './order.details.ts'
import { demandFieldsOf } from './order.fields.ts'
import { orderKey, type OrderKind, type IncomingOrderChange, type IncomingContent } from './order.ts'
import { takeOrders } from './order.actions.ts'
import type { OrderDocuments, OrderMessage } from './order.documents.ts'

const purchases = [purchasingOrderConfirmed, purchasingOrderAmended, purchasingOrderCancelled] as const
const sales = [salesOrderConfirmed, salesOrderAmended, salesOrderCancelled] as const
type Purchase = Event<z.output<(typeof purchases)[number]['data']>>
type Sale = Event<z.output<(typeof sales)[number]['data']>>

/** What confirmations and amendments say. */
type WholeOrder = Extract<(Purchase | Sale)['data'], { readonly lines: unknown }>
type Cancellation = Exclude<(Purchase | Sale)['data'], WholeOrder>

interface Priced {
  readonly unitPrice?: string | undefined
  readonly priceBaseQuantity?: string | undefined
}

/** In which order kinds are taken that come in one batch. */
const kinds: readonly OrderKind[] = ['purchase', 'sale']

/**
 * Orders of both kinds. In a batch that mixes them purchases go first, as they do among the ledger's answers: so everybody
 * locks what follows from them in the same order.
 */
export function orderReaction(documents: Readonly<Record<OrderKind, OrderDocuments>>): Reaction {
  return batchReaction({
    contracts: [...purchases, ...sales],
    // No revision waits behind another: the highest that can be followed counts, and ends those below it.
    parkBy: (event) => {
      const { kind, incoming } = messageOf(event)
      return `${orderKey(kind, event.source, incoming.orderNumber)} event ${event.id}`
    },
    revisionOf: (event) => {
      const { kind, incoming } = messageOf(event)
      return { about: orderKey(kind, event.source, incoming.orderNumber), revision: incoming.revision }
    },
    react: async (tx: Tx, events) => {
      const told = events.map(messageOf)
      const came = new Map<OrderMessage, Awaited<ReturnType<typeof takeOrders>>[number]>()
      for (const kind of kinds) {
        const own = told.filter((one) => one.kind === kind)
        const results =
          own.length === 0 ? [] : await takeOrders(tx, kind, own, documents[kind], incomingOrderChangeOfKept)
        own.forEach((one, index) => came.set(one, results[index]))
      }
      return told.map((one) => came.get(one))
    },
  })
}

const keptOrder = storedEventReader([...purchases, ...sales])

/** The same of an event that was kept as JSON; undefined too where it does not fit its contract. */
export function incomingOrderChangeOfKept(text: string): IncomingOrderChange<IncomingContent> | undefined {
  const event = keptOrder(text)
  return event && incomingOrderChangeOf(event)?.incoming
}

/** What an incoming event says of an order; undefined where it is about something else. */
export function incomingOrderChangeOf(
  event: Event,
): { readonly kind: OrderKind; readonly incoming: IncomingOrderChange<IncomingContent> } | undefined {
  const isOrder = [...purchases, ...sales].some(({ type }) => type === event.type)
  // The type says what the data is: it was checked when the event was read.
  return isOrder ? messageOf(event as Purchase | Sale) : undefined
}

function messageOf(event: Purchase | Sale): OrderMessage & { readonly kind: OrderKind } {
  const kind = purchases.some(({ type }) => type === event.type) ? 'purchase' : 'sale'
  const { data } = event
  return { kind, event, incoming: 'lines' in data ? wholeOrder(event, data) : cancellation(data) }
}

function wholeOrder({ type, unknownFields }: Event, data: WholeOrder): IncomingOrderChange<IncomingContent> {
  const { orderNumber, revision, warehouse, scheduledDate = null } = data
  const isFirst = type === purchasingOrderConfirmed.type || type === salesOrderConfirmed.type
  const ofKind =
    'vendor' in data
      ? { partner: data.vendor, currency: data.currency ?? null, ...demandFieldsOf({}) }
      : { partner: data.customer, currency: null, ...demandFieldsOf(data) }
  const content = {
    ...{ warehouse, scheduledDate, ...ofKind },
    details: orderDetailsIn(data),
    lines: data.lines.map(incomingLine),
    ...(unknownFields === undefined ? {} : { unknownFields }),
  }
  return { change: isFirst ? 'confirmed' : 'amended', orderNumber, revision, content, reason: null }
}

function cancellation({ orderNumber, revision, reason }: Cancellation): IncomingOrderChange<IncomingContent> {
  return { change: 'cancelled', orderNumber, revision, content: null, reason: reason ?? null }
}

function incomingLine(line: WholeOrder['lines'][number]): IncomingContent['lines'][number] {
  const { line: number, sku, gtin, buyerItem, sellerItem, quantity, unit } = line
  const details = lineDetailsIn(line)
  return {
    ...{ line: number, sku, gtin, buyerItem, sellerItem, quantity, unit },
    unitPrice: 'unitPrice' in line ? priceOfOne(line) : null,
    ...(details === undefined ? {} : { details }),
  }
}

/** The price of one of the unit: exact with ten decimals, which holds for any base of 10, 100 or 1,000; else rounded there. */
function priceOfOne({ unitPrice: price, priceBaseQuantity: base }: Priced): string | null {
  if (price === undefined) return null
  if (base === undefined) return price
  return formatUnitPrice(unitPrice(divideRounded(parseUnitPrice(price), BigInt(base))))
}
