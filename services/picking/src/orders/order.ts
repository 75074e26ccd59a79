/**
 * Orders as their systems tell them: what an order holds, and what a new revision means for what is known. An order
 * is (kind, source, number). Pure.
 */
import { parseQuantity, parseUnitPrice } from '@stockline/amounts'
import type { LineDetails, OrderDetails } from '@stockline/contracts'
import { saysTheSame } from './order.details.ts'
import { demandFieldsOf, type DemandFields } from './order.fields.ts'
import type { Wanted } from './order.quantities.ts'

/** Purchase orders become receipts, sales orders deliveries. */
export type OrderKind = 'purchase' | 'sale'

/** A line as it was ordered: quantities and prices are plain decimals in the order's own unit. */
export interface OrderLine {
  readonly line: number
  readonly sku: string
  readonly quantity: string
  readonly unit: string
  /** Purchases only; null where no price was told. */
  readonly unitPrice: string | null
  /** What is said of it besides. */
  readonly details?: LineDetails
}

/** What a line asks for: its amounts read, once for all who reckon with them. */
export function asked({ line: orderLine, sku, quantity, unit, unitPrice: price }: OrderLine): Wanted {
  const unitPrice = price === null ? null : parseUnitPrice(price)
  return { orderLine, sku, quantity: parseQuantity(quantity), unit, unitPrice }
}

/** How a line of an event names its item. What has no SKU is named by a GTIN, or by a code of the buyer or the seller. */
export interface ItemNames {
  readonly sku?: string | undefined
  readonly gtin?: string | undefined
  readonly buyerItem?: string | undefined
  readonly sellerItem?: string | undefined
}

/** The whole of an order as an event has it. */
export interface IncomingContent extends Omit<OrderContent, 'lines'> {
  readonly lines: readonly (Omit<OrderLine, 'sku'> & ItemNames)[]
}

/** The whole of an order by its last change. Of what only sales say purchases have the defaults; a version that knew less kept less. */
export interface OrderContent extends Partial<DemandFields> {
  readonly warehouse: string
  /** Vendor of a purchase, customer of a sale. */
  readonly partner: { readonly code: string; readonly name: string }
  readonly scheduledDate: string | null
  /** Of all prices; null is the company's own. */
  readonly currency: string | null
  /** What is said besides; null where nothing is. Missing where 0.1.0 kept the order, which knew none of it. */
  readonly details?: OrderDetails | null
  /** What the event said besides that nobody here knows, by name. */
  readonly unknownFields?: readonly string[]
  /** Sentences about lines whose names are of different products: what was taken, and what else was named. */
  readonly warnings?: readonly string[]
  readonly lines: readonly OrderLine[]
}

export interface Order {
  readonly id: string
  readonly kind: OrderKind
  readonly source: string
  readonly orderNumber: string
  readonly revision: number
  /** Hash of what the revision said. */
  readonly fingerprint: string
  readonly status: 'open' | 'cancelled'
  readonly content: OrderContent
  readonly confirmedAt: Date
  /** What its documents follow while the ledger is asked and this revision waits for the answer; null where they follow this one. */
  readonly followed: readonly OrderLine[] | null
}

/** What an event says of an order. A cancellation has no content. As events have it, its items are yet to be found. */
export interface IncomingOrderChange<Content = OrderContent> {
  readonly change: 'confirmed' | 'amended' | 'cancelled'
  readonly orderNumber: string
  readonly revision: number
  readonly content: Content | null
  readonly reason: string | null
}

/**
 * What an order change means: `new` and `newer` are applied, `older` and `repeated` change nothing, `early` waits for the
 * confirmation, `contradicting` says something else under a revision that is known. `untold` is what is missing of a revision
 * that only documents name, since the database fell back.
 */
export type Standing = 'new' | 'newer' | 'older' | 'repeated' | 'early' | 'contradicting' | 'untold'

/** The fingerprint of a revision whose content is not known: only documents name it. */
export const unknownFingerprint = ''

/** Where an order change stands against what is known. */
export function standingOf(
  known: Pick<Order, 'revision' | 'fingerprint'> | undefined,
  incoming: Pick<IncomingOrderChange, 'change' | 'revision'>,
  fingerprint: string,
): Standing {
  if (known === undefined) return incoming.change === 'confirmed' ? 'new' : 'early'
  if (incoming.revision > known.revision) return 'newer'
  if (incoming.revision < known.revision) return 'older'
  if (known.fingerprint === unknownFingerprint) return 'untold'
  return fingerprint === known.fingerprint ? 'repeated' : 'contradicting'
}

/**
 * Is this what was kept? What 0.1.0 kept stands there as it was told, "4" for "4.00", by which its fingerprint was made; and without
 * what it did not know.
 */
export function asksTheSame(told: OrderContent, kept: OrderContent): boolean {
  return meaningOf(told) === meaningOf(kept) && saysTheSame(told, kept)
}

function meaningOf(content: OrderContent): string {
  const { warehouse, partner, scheduledDate, currency } = content
  const lines = content.lines.map(asked).map(({ orderLine, sku, quantity, unit, unitPrice: price }) => {
    return [orderLine, sku, String(quantity), unit, price === null ? null : String(price)]
  })
  const demand = demandFieldsOf(content)
  return JSON.stringify([warehouse, partner.code, partner.name, scheduledDate, currency, demand, lines])
}

/** The order as it is after a change that is applied. A cancellation keeps what was ordered, for people to read. */
export function orderAfter(
  known: Order | undefined,
  incoming: IncomingOrderChange,
  told: Pick<Order, 'id' | 'kind' | 'source' | 'fingerprint' | 'confirmedAt'>,
): Order {
  const content = incoming.content ?? known?.content
  if (content === undefined) throw new Error(`Order ${incoming.orderNumber} is cancelled before it was confirmed.`)
  return {
    ...told,
    id: known?.id ?? told.id,
    confirmedAt: known?.confirmedAt ?? told.confirmedAt,
    orderNumber: incoming.orderNumber,
    revision: incoming.revision,
    status: incoming.change === 'cancelled' ? 'cancelled' : 'open',
    content,
    followed: known?.followed ?? null,
  }
}

/** Why a document was made: for the order, or for what a later revision asks for beside what is done. */
export function whyMade({ orderNumber, revision, content }: WhatOrder): string {
  const order = revision === 1 ? `Order ${orderNumber}` : `Order ${orderNumber} (revision ${revision})`
  return order + warningText(content)
}

/** Why an order's change changed a document. */
export function whyChanged(
  { orderNumber, revision, content, status }: WhatOrder & Pick<Order, 'status'>,
  reason: string | null,
): string {
  const change = status === 'cancelled' ? 'was cancelled' : 'was amended'
  const because = reason === null ? '' : `: ${reason}`
  return `Order ${orderNumber} ${change} (revision ${revision})${because}${status === 'cancelled' ? '' : warningText(content)}`
}

type WhatOrder = Pick<Order, 'orderNumber' | 'revision' | 'content'>

/** The first of its warnings, behind what is said of an order. */
function warningText({ warnings = [] }: OrderContent): string {
  const shown = warnings.slice(0, 5).join(' ')
  const rest = warnings.length > 5 ? ` And ${warnings.length - 5} more.` : ''
  return warnings.length === 0 ? '' : `. ${shown}${rest}`
}

/** What documents say that cannot be worked on as the order stands; null where nothing is wrong with it. */
export function amendmentProblem(faults: readonly string[]): string | null {
  return faults.length === 0 ? null : `The order must be amended: ${faults.slice(0, 5).join('; ')}.`
}

/** The key under which changes wait for their order's confirmation. */
export function orderKey(kind: OrderKind, source: string, orderNumber: string): string {
  return `order:${kind}:${source}:${orderNumber}`
}
