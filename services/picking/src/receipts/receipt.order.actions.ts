/** How receipts of orders are kept, for the steps of an order's life. */
import { publish } from '@stockline/service-kit'
import type { Tx } from '../database.ts'
import { receivingWarehousesOf } from '../locations/location.actions.ts'
import type { ReceiptPlace } from '../locations/location.ts'
import type { Home, OrderedKind, OrderWork } from '../orders/order.documents.ts'
import type { WaitingKind } from '../orders/order.waiting.actions.ts'
import type { Draft } from './receipt.amend.ts'
import { receiptRules, receiptWaiting } from './receipt.follow.ts'
import { withPlacesJudged } from './receipt.places.actions.ts'
import { unitNamedOnReceipts } from './receipt.products.actions.ts'
import { storedReceipts } from './receipt.store.ts'
import type { Receipt } from './receipt.ts'

/** Receipts as purchase orders lead to them; prices are in the company's currency where an order names none. */
export function receiptsOfOrders(companyCurrency: string): OrderedKind<Receipt, Draft> {
  return {
    rules: receiptRules(companyCurrency),
    store: storedReceipts,
    homesOf: receivingWarehousesOf,
    save,
    unitNamed: unitNamedOnReceipts,
  }
}

/** Receipts as they wait for products and units. */
export const waitingReceipts: WaitingKind<Receipt> = { rules: receiptWaiting, store: storedReceipts, save }

async function save(tx: Tx, { changes = [], drafts = [], told = [], homes }: OrderWork<Receipt, Draft>): Promise<void> {
  await storedReceipts.update(tx, changes)
  await storedReceipts.create(tx, await withPlacesJudged(tx, drafts, homes && placesOf(homes)))
  await publish(tx, ...told)
}

/** The places that the warehouses receive at, where they are known. */
function placesOf(homes: readonly Home[]): ReadonlyMap<string, ReceiptPlace> {
  return new Map(
    homes.flatMap(({ defaultReceiptLocation: code, receiptPlace = null }) =>
      code === null || receiptPlace === null ? [] : [[code, receiptPlace]],
    ),
  )
}
