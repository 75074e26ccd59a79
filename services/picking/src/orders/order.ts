/**
 * Orders as their systems tell them: what an order holds, and what a new revision means for what is known. An order
 * is (kind, source, number). Pure.
 */

/** Purchase orders become receipts, sales orders deliveries. */
export type OrderKind = 'purchase' | 'sale'

/** A line as it was told: quantities and prices are plain decimals in the order's own unit. */
export interface OrderLine {
  readonly line: number
  readonly sku: string
  readonly quantity: string
  readonly unit: string
  /** Purchases only; null where no price was told. */
  readonly unitPrice: string | null
}

/** The whole of an order as last told. */
export interface OrderContent {
  readonly warehouse: string
  /** Vendor of a purchase, customer of a sale. */
  readonly partner: { readonly code: string; readonly name: string }
  readonly scheduledDate: string | null
  /** Of all prices; null is the company's own. */
  readonly currency: string | null
  /** Sales only; 0 is most urgent. */
  readonly priority: number
  /** Sales only: may be reserved and shipped in part. */
  readonly allowPartial: boolean
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
}

/** What an event tells of an order. A cancellation has no content. */
export interface OrderNews {
  readonly change: 'confirmed' | 'amended' | 'cancelled'
  readonly orderNumber: string
  readonly revision: number
  readonly content: OrderContent | null
  readonly reason: string | null
}

/**
 * What news mean: `new` and `newer` are applied, `older` and `repeated` change nothing, `early` waits for the
 * confirmation, `contradicting` says something else under a revision that is known.
 */
export type Standing = 'new' | 'newer' | 'older' | 'repeated' | 'early' | 'contradicting'

/** Where news stand against what is known. */
export function standingOf(
  known: Pick<Order, 'revision' | 'fingerprint'> | undefined,
  news: Pick<OrderNews, 'change' | 'revision'>,
  fingerprint: string,
): Standing {
  if (known === undefined) return news.change === 'confirmed' ? 'new' : 'early'
  if (news.revision > known.revision) return 'newer'
  if (news.revision < known.revision) return 'older'
  return fingerprint === known.fingerprint ? 'repeated' : 'contradicting'
}

/** The order as it is after news that are applied. A cancellation keeps what was ordered, for people to read. */
export function orderAfter(
  known: Order | undefined,
  news: OrderNews,
  told: Pick<Order, 'id' | 'kind' | 'source' | 'fingerprint' | 'confirmedAt'>,
): Order {
  const content = news.content ?? known?.content
  if (content === undefined) throw new Error(`Order ${news.orderNumber} is cancelled before it was confirmed.`)
  return {
    ...told,
    id: known?.id ?? told.id,
    confirmedAt: known?.confirmedAt ?? told.confirmedAt,
    orderNumber: news.orderNumber,
    revision: news.revision,
    status: news.change === 'cancelled' ? 'cancelled' : 'open',
    content,
  }
}

/** What documents say that cannot be worked on as the order stands; null where nothing is wrong with it. */
export function amendmentProblem(faults: readonly string[]): string | null {
  return faults.length === 0 ? null : `The order must be amended: ${faults.slice(0, 5).join('; ')}.`
}

/** The key under which changes wait for their order's confirmation. */
export function orderKey(kind: OrderKind, source: string, orderNumber: string): string {
  return `order:${kind}:${source}:${orderNumber}`
}
