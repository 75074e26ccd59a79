/** How receipts of orders are kept, for the steps of an order's life. */
import type { Tx } from '../database.ts'
import { saveDocuments } from '../documents/document.save.actions.ts'
import { receivingWarehousesOf } from '../locations/location.actions.ts'
import type { ReceiptPlace } from '../locations/location.ts'
import type { Home, OrderedKind, OrderWork } from '../orders/order.documents.ts'
import { productListenerOf } from '../orders/order.products.actions.ts'
import { receipts } from './receipt.actions.ts'
import type { ReceiptDraft } from './receipt.amend.ts'
import { receiptRules, receiptProducts } from './receipt.follow.ts'
import { withPlacesJudged } from './receipt.places.actions.ts'
import { storedReceipts } from './receipt.store.ts'
import type { Receipt } from './receipt.ts'

/** What receipts do when products or units become known, or other. */
export const receiptsOfProducts = productListenerOf(receipts, receiptProducts)

/** Receipts as purchase orders lead to them; prices are in the company's currency where an order names none. */
export function receiptsOfOrders(companyCurrency: string): OrderedKind<Receipt, ReceiptDraft> {
  return {
    rules: receiptRules(companyCurrency),
    store: storedReceipts,
    homesOf: receivingWarehousesOf,
    save,
    unitNamed: receiptsOfProducts.unitNamed,
  }
}

async function save(tx: Tx, { drafts = [], homes, ...work }: OrderWork<Receipt, ReceiptDraft>) {
  const judged = await withPlacesJudged(tx, drafts, homes && placesOf(homes))
  return saveDocuments(tx, receipts, { ...work, drafts: judged })
}

/** The places that the warehouses receive at, where they are known. */
function placesOf(homes: readonly Home[]): ReadonlyMap<string, ReceiptPlace> {
  return new Map(
    homes.flatMap(({ defaultReceiptLocation: code, receiptPlace = null }) =>
      code === null || receiptPlace === null ? [] : [[code, receiptPlace]],
    ),
  )
}
