/** Purchase and sales orders, from the bus and by HTTP alike. */
import { divideRounded, formatUnitPrice, parseQuantity, parseUnitPrice, unitPrice } from '@stockline/amounts'
import {
  purchasingOrderAmended,
  purchasingOrderCancelled,
  purchasingOrderConfirmed,
  salesOrderAmended,
  salesOrderCancelled,
  salesOrderConfirmed,
} from '@stockline/contracts'
import type { Event } from '@stockline/contracts/envelope'
import type { LineDetails, OrderDetails } from '@stockline/contracts'
import { batchReaction, keptReader } from '@stockline/service-kit'
import type { z } from 'zod'
import type { Reaction, Tx } from '../database.ts'
import { lineDetailsIn, orderDetailsIn } from './order.details.ts'
import { orderKey, type OrderKind, type IncomingOrderChange, type IncomingContent } from './order.ts'
import { takeOrders } from './order.actions.ts'
import type { OrderDocuments, Told } from './order.documents.ts'

const purchases = [purchasingOrderConfirmed, purchasingOrderAmended, purchasingOrderCancelled] as const
const sales = [salesOrderConfirmed, salesOrderAmended, salesOrderCancelled] as const
type Purchase = Event<z.output<(typeof purchases)[number]['data']>>
type Sale = Event<z.output<(typeof sales)[number]['data']>>

/** What confirmations and amendments have in common. */
interface WholeOrder extends OrderDetails {
  readonly orderNumber: string
  readonly revision: number
  readonly warehouse: string
  readonly scheduledDate?: string | undefined
  readonly currency?: string | undefined
  readonly priority?: number
  readonly allowPartial?: boolean
  readonly lines: readonly (LineDetails & {
    readonly line: number
    readonly sku?: string | undefined
    readonly quantity: string
    readonly unit: string
    readonly unitPrice?: string | undefined
    readonly priceBaseQuantity?: string | undefined
  })[]
}

interface Cancellation {
  readonly orderNumber: string
  readonly revision: number
  readonly reason?: string | undefined
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
      const { kind, incoming } = toldBy(event)
      return `${orderKey(kind, event.source, incoming.orderNumber)} event ${event.id}`
    },
    revisionOf: (event) => {
      const { kind, incoming } = toldBy(event)
      return { about: orderKey(kind, event.source, incoming.orderNumber), revision: incoming.revision }
    },
    react: async (tx: Tx, events) => {
      const told = events.map(toldBy)
      const came = new Map<Told, Awaited<ReturnType<typeof takeOrders>>[number]>()
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

const keptOrder = keptReader([...purchases, ...sales])

/** The same of an event that was kept as JSON; undefined too where it does not fit its contract. */
export function incomingOrderChangeOfKept(text: string): IncomingOrderChange<IncomingContent> | undefined {
  const event = keptOrder(text)
  return event && incomingOrderChangeOf(event)?.incoming
}

/** What an incoming event tells of an order; undefined where it is about something else. */
export function incomingOrderChangeOf(
  event: Event,
): { readonly kind: OrderKind; readonly incoming: IncomingOrderChange<IncomingContent> } | undefined {
  const isOrder = [...purchases, ...sales].some(({ type }) => type === event.type)
  // The type says what the data is: it was checked when the event was read.
  return isOrder ? toldBy(event as Purchase | Sale) : undefined
}

function toldBy(event: Purchase | Sale): Told & { readonly kind: OrderKind } {
  const [kind, incoming] = isPurchase(event)
    ? (['purchase', purchaseChange(event)] as const)
    : (['sale', saleChange(event)] as const)
  return { kind, event, incoming }
}

function isPurchase(event: Purchase | Sale): event is Purchase {
  return purchases.some(({ type }) => type === event.type)
}

function isConfirmation(event: Event): boolean {
  return event.type === purchasingOrderConfirmed.type || event.type === salesOrderConfirmed.type
}

function purchaseChange(event: Purchase): IncomingOrderChange<IncomingContent> {
  const { data } = event
  return 'lines' in data
    ? incomingOf(changeOf(event), data, { ...purchaseContent(data), ...unknownIn(event) })
    : cancellationOf(data)
}

function saleChange(event: Sale): IncomingOrderChange<IncomingContent> {
  const { data } = event
  return 'lines' in data
    ? incomingOf(changeOf(event), data, { ...saleContent(data), ...unknownIn(event) })
    : cancellationOf(data)
}

function unknownIn({ unknownFields }: Event): Pick<IncomingContent, 'unknownFields'> {
  return unknownFields === undefined ? {} : { unknownFields }
}

function changeOf(event: Event): 'confirmed' | 'amended' {
  return isConfirmation(event) ? 'confirmed' : 'amended'
}

function purchaseContent(data: WholeOrder & { readonly vendor: IncomingContent['partner'] }): IncomingContent {
  return contentOf(data, data.vendor)
}

function saleContent(data: WholeOrder & { readonly customer: IncomingContent['partner'] }): IncomingContent {
  return contentOf(data, data.customer)
}

function contentOf(data: WholeOrder, partner: IncomingContent['partner']): IncomingContent {
  return {
    warehouse: data.warehouse,
    partner,
    scheduledDate: data.scheduledDate ?? null,
    currency: data.currency ?? null,
    priority: data.priority ?? 5,
    allowPartial: data.allowPartial ?? false,
    details: orderDetailsIn(data),
    lines: data.lines.map(toldLine),
  }
}

function toldLine(told: WholeOrder['lines'][number]): IncomingContent['lines'][number] {
  const { priceBaseQuantity, scheduledDate: _date, lot: _lot, note: _note, references: _references, ...line } = told
  const details = lineDetailsIn(told)
  return {
    ...line,
    unitPrice: priceOfOne(line, priceBaseQuantity),
    ...(details === undefined ? {} : { details }),
  }
}

function incomingOf(
  change: 'confirmed' | 'amended',
  data: WholeOrder,
  content: IncomingContent,
): IncomingOrderChange<IncomingContent> {
  return { change, orderNumber: data.orderNumber, revision: data.revision, content, reason: null }
}

function cancellationOf(data: Cancellation): IncomingOrderChange<IncomingContent> {
  const { orderNumber, revision, reason } = data
  return { change: 'cancelled', orderNumber, revision, content: null, reason: reason ?? null }
}

/** The price of one of the unit: exact with ten decimals, which holds for any base of 10, 100 or 1,000; else rounded there. */
function priceOfOne(
  { unitPrice: told }: { readonly unitPrice?: string | undefined },
  base: string | undefined,
): string | null {
  if (told === undefined) return null
  if (base === undefined) return told
  return formatUnitPrice(unitPrice(divideRounded(parseUnitPrice(told) * parseQuantity('1'), parseQuantity(base))))
}
