/** Receipts, for those who carry out what is decided on them. */
import { pickingReceiptValidated } from '@stockline/contracts'
import { event } from '@stockline/service-kit'
import { orderedDocuments } from '../documents/document.actions.ts'
import { carriedKind } from '../documents/document.save.actions.ts'
import { receivingWarehousesOf } from '../locations/location.actions.ts'
import { orderedKind } from '../orders/order.kind.actions.ts'
import { productListenerOf } from '../orders/order.products.actions.ts'
import { receiptKind } from './receipt.fields.ts'
import { receiptStates } from './receipt.floor.ts'
import { receiptProducts, receiptRules } from './receipt.follow.ts'
import { withPlacesJudged } from './receipt.places.actions.ts'
import type { ReceiptEvent } from './receipt.post.ts'
import { locationsOfReceipt, namesOn } from './receipt.ts'

/** What is published of receipts, by the names of {@link ReceiptEvent}. */
export const receiptContracts = { validated: pickingReceiptValidated }

/** How receipts are kept, what they name, and the event that has the ledger post one. */
export const receipts = carriedKind(
  receiptKind,
  orderedDocuments({ ...receiptKind, locationsOf: locationsOfReceipt }),
  {
    namesOn,
    states: receiptStates,
    outgoing: (id, { type, data }: ReceiptEvent, source) => event(receiptContracts[type], id, data, source),
  },
)

/** Judges receipts anew when products or units become known, or other. */
export const receiptListener = productListenerOf(receipts, receiptProducts)

/** Receipts as purchase orders lead to them. @param companyCurrency of prices where an order names none */
export const receiptsOfOrders = (companyCurrency: string) =>
  orderedKind(receipts, {
    rules: receiptRules(companyCurrency),
    listener: receiptListener,
    homesOf: receivingWarehousesOf,
    completed: withPlacesJudged,
  })
