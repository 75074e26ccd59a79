/** How receipts follow purchase orders. Pure. */
import { detailsOf, dueDateOf } from '../orders/order.details.ts'
import type { OrderRules } from '../orders/order.follow.ts'
import { asOrdered } from '../orders/order.quantities.ts'
import type { OrderContent } from '../orders/order.ts'
import type { ProductRules } from '../orders/order.products.actions.ts'
import { refusedDocument } from '../postings/posting.ts'
import {
  amendReceipt,
  receiptBackorder,
  receiptForOrder,
  receiptParts,
  reconsiderReceipt,
  type ReceiptDraft,
} from './receipt.amend.ts'
import { isOpenReceipt, namesOn, type Receipt } from './receipt.ts'
import { receiptRemainder } from './receipt.validate.ts'

/** The rules of receipts about their orders; prices are in the company's currency where an order names none. */
export function receiptRules(companyCurrency: string): OrderRules<Receipt, ReceiptDraft> {
  return {
    kind: 'receipt',
    lackOf: ({ defaultReceiptLocation: code }) => (code === null ? 'has no default receipt location' : undefined),
    unitOf: asOrdered,
    isOpen: isOpenReceipt,
    named: namesOn,
    parts: receiptParts,
    draft: (order, wanted, { home, ...given }, referenceData) => {
      const destination = home.defaultReceiptLocation
      if (destination === null) throw new Error(`Warehouse ${home.code} has no default receipt location.`)
      return receiptForOrder(order, wanted, { ...given, destination, companyCurrency }, referenceData)
    },
    amend: (receipt, order, wanted, referenceData) =>
      amendReceipt(receipt, order, wanted, companyCurrency, referenceData),
    makesPlace: () => false,
    complete,
    refused: refusedDocument,
    leftOn: () => [],
    backorder: (receipt, { id, at }) => {
      const lines = receiptRemainder(receipt)
      return lines.length === 0 ? undefined : receiptBackorder(receipt, lines, id, at)
    },
  }
}

/** The rules of receipts about products and units. */
export const receiptProducts: ProductRules<Receipt> = {
  isOpen: isOpenReceipt,
  isHelped: isOpenReceipt,
  reconsider: reconsiderReceipt,
  isAsBefore: (before, after) =>
    after.status === before.status &&
    after.problem === before.problem &&
    isEqual(before.waitsFor, after.waitsFor) &&
    isEqual(before.lines, after.lines),
  isCountedAsBefore: (before, after) =>
    before.status === after.status &&
    before.problem === after.problem &&
    isEqual(before.waitsFor, after.waitsFor) &&
    isEqual(
      before.lines.map(({ received }) => received),
      after.lines.map(({ received }) => received),
    ),
  waits: ({ waitsFor }) => waitsFor.length > 0,
}

function isEqual<Each>(one: readonly Each[], other: readonly Each[]): boolean {
  return one.length === other.length && one.every((each, index) => each === other[index])
}

function complete(receipt: Receipt, content: OrderContent): Receipt | undefined {
  if (receipt.vendor !== null) return undefined
  const details = receipt.details ?? detailsOf(content)
  return { ...receipt, vendor: content.partner, scheduledDate: dueDateOf(content), details }
}
