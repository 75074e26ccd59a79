/** Finds the products that orders mean, and keeps what managers write down of partners' codes and of units. */
import { gtinForms } from '@stockline/scans'
import { refuse, waitForAny, wakeAny, type Refusal, type Wait } from '@stockline/service-kit'
import type { Reader, Tx } from '../database.ts'
import type { OrderContent, OrderKind, IncomingContent } from '../orders/order.ts'
import { productsOfBarcode } from '../products/product.actions.ts'
import {
  aliasKey,
  gtinKey,
  hasOtherName,
  isUnknownItem,
  itemKey,
  namesOf,
  ownItemKey,
  partnerKind,
  withItems,
  type KnownItems,
} from './items.ts'
import { findAliasesOfSources, findItems, findSkus, removeItem, saveItem, type ItemReference } from './items.store.ts'

/** What an order was told as, and by whom. */
export interface SentContent {
  readonly source: string
  readonly content: IncomingContent
}

/** What the orders' sources alone call the units that the orders name. */
export { findAliasesOfSources as aliasesOf } from './items.store.ts'

/** Each order with SKUs on its lines, or a wait for what its lines name. */
export async function itemsOf(
  db: Reader,
  kind: OrderKind,
  told: readonly SentContent[],
): Promise<readonly (OrderContent | Wait)[]> {
  const known = await knownItems(db, kind, told)
  return told.map(({ source, content }) => {
    const result = withItems(kind, source, content, known)
    return isUnknownItem(result) ? waitForAny(result.reason, result.keys) : result
  })
}

async function knownItems(db: Reader, kind: OrderKind, told: readonly SentContent[]): Promise<KnownItems> {
  const lines = told.flatMap(({ content }) =>
    content.lines.filter(hasOtherName).map((line) => ({ line, partner: content.partner.code })),
  )
  const names = lines.map(({ line, partner }) => ({ ...namesOf(kind, line), partner }))
  const of = partnerKind(kind)
  const [aliases, skus, items, products] = await Promise.all([
    findAliasesOfSources(db, told),
    findSkus(
      db,
      names.flatMap(({ own }) => own ?? []),
    ),
    findItems(
      db,
      of,
      names.flatMap(({ partner, theirs }) => (theirs === undefined ? [] : [{ partner, item: theirs }])),
    ),
    productsFor(
      db,
      names.flatMap(({ gtin }) => gtin ?? []),
    ),
  ])
  return {
    skus: new Set(skus),
    byGtin: products,
    byPartner: new Map(items.map(({ partner, item, sku }) => [itemKey(of, partner, item), sku])),
    units: new Map(aliases.map(({ source, alias, unit }) => [aliasKey(source, alias), unit])),
  }
}

async function productsFor(db: Reader, gtins: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>> {
  if (gtins.length === 0) return new Map()
  const products = await productsOfBarcode(db, gtins.flatMap(gtinForms))
  return new Map(
    gtins.map((gtin) => {
      const forms = new Set(gtinForms(gtin))
      const own = products.filter(({ barcodes }) => barcodes.some(({ code }) => forms.has(code)))
      return [gtin, own.map(({ sku }) => sku)]
    }),
  )
}

/**
 * Orders that wait for the product by our own code, or by one of its barcodes, are looked at again: by one that it had before too,
 * which may have been that of two products.
 */
export async function wakeOrdersFor(
  tx: Tx,
  product: Barcoded & { readonly sku: string },
  before?: Barcoded,
): Promise<void> {
  const barcodes = [...product.barcodes, ...(before?.barcodes ?? [])]
  const gtins = barcodes.map(({ code }) => code.padStart(14, '0')).filter((code) => /^\d{14}$/.test(code))
  await wakeAny(tx, [ownItemKey(product.sku), ...new Set(gtins.map(gtinKey))])
}

interface Barcoded {
  readonly barcodes: readonly { readonly code: string }[]
}

/** A partner's code as a manager says it; without a SKU it is taken away. */
export type GivenItem = Omit<ItemReference, 'sku'> & { readonly sku: string | null }

/** Writes down which of our products a partner's code means. Orders that wait for the code are looked at again. */
export async function setItem(tx: Tx, given: GivenItem): Promise<GivenItem | Refusal> {
  const { kind, partner, item, sku } = given
  if (sku !== null && (await findSkus(tx, [sku])).length === 0)
    return refuse('product-unknown', 'content', `No product has the SKU "${sku}".`, [
      { pointer: '/sku', message: 'is not known' },
    ])
  if (sku === null) await removeItem(tx, given)
  else await saveItem(tx, { kind, partner, item, sku })
  await wakeAny(tx, [itemKey(kind, partner, item)])
  return given
}
