/**
 * Which of our products a line of an order means, that names it by a GTIN or by a code of the buyer or the seller. Our own code is a
 * SKU: the buyer's in a purchase, the seller's in a sale. The partner's code means what a manager has written down. Pure.
 */
import { gtinsOf } from '@stockline/scans'
import type { OrderContent, OrderKind, ToldContent, ToldLine } from '../orders/order.ts'

/** What is known of the codes that orders name. */
export interface KnownItems {
  /** SKUs that products have. */
  readonly skus: ReadonlySet<string>
  /** SKUs of active products by GTINs of 14 digits. */
  readonly byGtin: ReadonlyMap<string, readonly string[]>
  /** SKUs by {@link itemKey}. */
  readonly byPartner: ReadonlyMap<string, string>
  /** Our units by {@link aliasKey}, for the source alone. */
  readonly units: ReadonlyMap<string, string>
}

/** Why the order cannot be followed yet, and under which keys it waits: what any of them brings may help. */
export interface UnknownItem {
  readonly reason: string
  readonly keys: readonly string[]
}

/** Whom a partner's code is of. */
export type PartnerKind = 'vendor' | 'customer'

/** Whose partner an order has. */
export function partnerKind(kind: OrderKind): PartnerKind {
  return kind === 'purchase' ? 'vendor' : 'customer'
}

/** Names a partner's code for an item; what waits for it waits under this key. */
export function itemKey(kind: PartnerKind, partner: string, item: string): string {
  return `item:${kind}\n${partner}\n${item}`
}

/** What waits for a product with this GTIN of 14 digits waits under this key. */
export function gtinKey(gtin: string): string {
  return `gtin:${gtin}`
}

/** What waits for a product by our own code waits under this key. */
export function ownItemKey(sku: string): string {
  return `sku:${sku}`
}

/** Names what a source calls one of our units. */
export function aliasKey(source: string, alias: string): string {
  return `${source}\n${alias}`
}

/** The codes of a line in the order in which they count. */
export function namesOf(kind: OrderKind, { gtin, buyerItem, sellerItem }: ToldLine) {
  const [own, theirs] = kind === 'purchase' ? [buyerItem, sellerItem] : [sellerItem, buyerItem]
  return { own, gtin: gtin === undefined ? undefined : (gtinsOf(gtin)[0] ?? gtin), theirs }
}

/** The order with a SKU on each line and units as we call them, or what is missing first. */
export function withItems(
  kind: OrderKind,
  source: string,
  content: ToldContent,
  known: KnownItems,
): OrderContent | UnknownItem {
  const lines: OrderContent['lines'][number][] = []
  for (const line of content.lines) {
    const { gtin: _gtin, buyerItem: _buyer, sellerItem: _seller, ...rest } = line
    const sku = line.sku ?? skuOf(kind, content.partner.code, line, known)
    if (typeof sku !== 'string') return sku
    lines.push({ ...rest, sku, unit: known.units.get(aliasKey(source, line.unit)) ?? line.unit })
  }
  return { ...content, lines }
}

/** Is something missing? */
export function isUnknownItem(result: OrderContent | UnknownItem): result is UnknownItem {
  return 'reason' in result
}

function skuOf(kind: OrderKind, partner: string, line: ToldLine, known: KnownItems): string | UnknownItem {
  const { own, gtin, theirs } = namesOf(kind, line)
  const of = partnerKind(kind)
  const byGtin = gtin === undefined ? [] : (known.byGtin.get(gtin) ?? [])
  const byCode = theirs === undefined ? undefined : known.byPartner.get(itemKey(of, partner, theirs))
  const found = new Set([
    ...(own !== undefined && known.skus.has(own) ? [own] : []),
    ...byGtin,
    ...(byCode === undefined ? [] : [byCode]),
  ])
  const [sku, other] = found
  const keys = [
    ...(theirs === undefined ? [] : [itemKey(of, partner, theirs)]),
    ...(gtin === undefined ? [] : [gtinKey(gtin)]),
    ...(own === undefined ? [] : [ownItemKey(own)]),
  ]
  const named = [
    ...(own === undefined ? [] : [`our code "${own}"`]),
    ...(gtin === undefined ? [] : [`GTIN ${line.gtin ?? gtin}`]),
    ...(theirs === undefined ? [] : [`"${theirs}" of ${of} ${partner}`]),
  ].join(', ')
  if (sku === undefined) return { reason: `Line ${String(line.line)}: no product is known by ${named}.`, keys }
  if (other !== undefined)
    return { reason: `Line ${String(line.line)}: ${named} are several products: ${[...found].join(', ')}.`, keys }
  return sku
}
