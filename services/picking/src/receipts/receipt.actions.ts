/** Receipts, for those who carry out what is decided on them. */
import { pickingReceiptValidated } from '@stockline/contracts'
import { event, refuse } from '@stockline/service-kit'
import type { OrderedStore } from '../documents/document.actions.ts'
import type { CarriedKind } from '../documents/document.save.actions.ts'
import type { ReceiptEvent } from './receipt.post.ts'
import { storedReceipts } from './receipt.store.ts'
import { namesOn, type Receipt } from './receipt.ts'

/** What is published of receipts, by the names of {@link ReceiptEvent}. */
export const receiptContracts = { validated: pickingReceiptValidated }

/** Receipts, their events and what they name. */
export const receipts: CarriedKind<Receipt, ReceiptEvent, OrderedStore<Receipt>> = {
  store: storedReceipts,
  unknown: () => refuse('receipt-unknown', 'unknown', 'There is no such receipt.'),
  namesOn,
  outgoing: (id, { type, data }, source) => event(receiptContracts[type], id, data, source),
}
