/**
 * Which of our products a line of an order means, that names it by a GTIN or by a code of the buyer or the seller. Our own code is a
 * SKU: the buyer's in a purchase, the seller's in a sale. The partner's code means what a manager has written down. Pure.
 */
import { gtinsOf } from '@stockline/scans'
import { listed } from '../documents/document.text.ts'
import type { OrderContent, OrderKind, IncomingContent, ItemNames } from '../orders/order.ts'

/** Our products and units by the codes that orders name. */
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
export function namesOf(kind: OrderKind, { gtin, buyerItem, sellerItem }: ItemNames) {
  const [own, theirs] = kind === 'purchase' ? [buyerItem, sellerItem] : [sellerItem, buyerItem]
  return { own, gtin: gtin === undefined ? undefined : (gtinsOf(gtin)[0] ?? gtin), theirs }
}

/** The order with a SKU on each line and units as we call them, or what is missing. */
export function withItems(
  kind: OrderKind,
  source: string,
  content: IncomingContent,
  known: KnownItems,
): OrderContent | UnknownItem {
  const lines: OrderContent['lines'][number][] = []
  const warnings: string[] = []
  const unknown: UnknownItem[] = []
  for (const line of content.lines) {
    const { gtin: _gtin, buyerItem: _buyer, sellerItem: _seller, ...rest } = line
    const names = namesOnLine(kind, content.partner.code, line, known)
    const sku = line.sku ?? skuOf(line, names)
    if (typeof sku === 'string') {
      const others = names.filter(({ skus }) => skus.length > 0 && !skus.includes(sku))
      if (others.length > 0) warnings.push(takenBySku(line, sku, others))
      lines.push({ ...rest, sku, unit: known.units.get(aliasKey(source, line.unit)) ?? line.unit })
    } else unknown.push(sku)
  }
  if (unknown.length > 0) return allUnknown(unknown)
  return { ...content, lines, ...(warnings.length === 0 ? {} : { warnings }) }
}

/** So many characters of keys are kept, of four bytes at most each: an index has no room for more. */
const mostOfKeys = 500

const whatToDo =
  "A manager says which product a partner's code means (PUT /picking/v1/item-references), or gives the product that GTIN; " +
  'then the order goes on by itself.'

/** All lines of which no product is known, for the manager who writes it down. A product for one of the first has the order tried again. */
function allUnknown(unknown: readonly UnknownItem[]): UnknownItem {
  const reasons = unknown.map(({ reason }) => reason)
  const shown = listed(reasons, 5, ' ', (more) => ` So it is with ${more} more lines.`)
  const keys: string[] = []
  let length = 0
  for (const key of new Set(unknown.flatMap((one) => one.keys))) {
    length += key.length
    if (length > mostOfKeys && keys.length > 0) break
    keys.push(key)
  }
  return { reason: `${shown} ${whatToDo}`, keys }
}

/** Does a line name its item otherwise than by SKU? */
export function hasOtherName({ gtin, buyerItem, sellerItem }: ItemNames): boolean {
  return gtin !== undefined || buyerItem !== undefined || sellerItem !== undefined
}

/** Is something missing? */
export function isUnknownItem(result: OrderContent | UnknownItem): result is UnknownItem {
  return 'reason' in result
}

/** A name of an item, the products that have it, and the key under which an order waits for one. */
interface NamedItem {
  readonly text: string
  readonly key: string
  readonly skus: readonly string[]
}

/** Our own code first, then the GTIN, then the partner's code. */
function namesOnLine(kind: OrderKind, partner: string, line: ItemNames, known: KnownItems): readonly NamedItem[] {
  const { own, gtin, theirs } = namesOf(kind, line)
  const of = partnerKind(kind)
  const byPartner = theirs === undefined ? undefined : known.byPartner.get(itemKey(of, partner, theirs))
  return [
    ...(own === undefined
      ? []
      : [{ text: `our code "${own}"`, key: ownItemKey(own), skus: known.skus.has(own) ? [own] : [] }]),
    ...(gtin === undefined
      ? []
      : [{ text: `GTIN ${String(line.gtin)}`, key: gtinKey(gtin), skus: known.byGtin.get(gtin) ?? [] }]),
    ...(theirs === undefined
      ? []
      : [
          {
            text: `"${theirs}" of ${of} ${partner}`,
            key: itemKey(of, partner, theirs),
            skus: byPartner === undefined ? [] : [byPartner],
          },
        ]),
  ]
}

function skuOf({ line }: { readonly line: number }, names: readonly NamedItem[]): string | UnknownItem {
  const found = [...new Set(names.flatMap(({ skus }) => skus))]
  const [sku, other] = found
  if (sku !== undefined && other === undefined) return sku
  const named = names.map(({ text }) => text).join(', ')
  const what =
    sku === undefined ? `no product is known by ${named}` : `${named} are several products: ${found.join(', ')}`
  // What a manager writes down helps soonest.
  return { reason: `Line ${String(line)}: ${what}.`, keys: names.map(({ key }) => key).reverse() }
}

/** The SKU counts, whatever else is named: that is not refused, and not passed over in silence. */
function takenBySku({ line }: { readonly line: number }, sku: string, others: readonly NamedItem[]): string {
  const named = others.map(({ text, skus }) => `${text} belongs to ${skus.join(' and ')}`).join(', ')
  return `Line ${String(line)} is taken as ${sku}, by its SKU; ${named}.`
}
