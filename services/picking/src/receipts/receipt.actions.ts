/** Receipts, for those who carry out what is decided on them. */
import { pickingReceiptValidated } from '@stockline/contracts'
import { event, refuse } from '@stockline/service-kit'
import type { OrderedStore } from '../documents/document.actions.ts'
import type { CarriedKind } from '../documents/document.save.actions.ts'
import type { ReceiptTold } from './receipt.post.ts'
import { storedReceipts } from './receipt.store.ts'
import { namesOn, type Receipt } from './receipt.ts'

/** Receipts, their events and what they name. */
export const receipts: CarriedKind<Receipt, ReceiptTold, OrderedStore<Receipt>> = {
  store: storedReceipts,
  unknown: () => refuse('receipt-unknown', 'unknown', 'There is no such receipt.'),
  namesOn,
  outgoing: (id, { data }, source) => event(pickingReceiptValidated, id, data, source),
}
