/** Receipts, for those who carry out what is decided on them. */
import { pickingReceiptValidated } from '@stockline/contracts'
import { event, refuse } from '@stockline/service-kit'
import type { Tx } from '../database.ts'
import type { CarriedKind } from '../documents/document.save.actions.ts'
import type { Change } from '../documents/document.ts'
import { catalogForWaiting } from '../products/product.actions.ts'
import type { Catalog } from '../products/product.ts'
import type { ReceiptTold } from './receipt.post.ts'
import { storedReceipts } from './receipt.store.ts'
import { namesOn, type Receipt } from './receipt.ts'

/** What becomes of a receipt. */
export type ReceiptChange = Change<Receipt>

/** Receipts, their events and what they name. */
export const receipts: CarriedKind<Receipt, ReceiptTold> = {
  store: storedReceipts,
  unknown: () => refuse('receipt-unknown', 'unknown', 'There is no such receipt.'),
  namesOn,
  outgoing: (id, { data }, source) => event(pickingReceiptValidated, id, data, source),
}

/** What is known of the products and units on receipts, entries included, and of what else is named. */
export async function catalogFor(
  tx: Tx,
  of: readonly Receipt[],
  others: readonly { readonly sku: string; readonly unit?: string | undefined }[] = [],
): Promise<Catalog> {
  return catalogForWaiting(tx, [...of.flatMap(namesOn), ...others])
}
