/** What this service publishes and what it reacts to. */
import {
  identitySessionRevoked,
  pickingDeliveryAmended,
  pickingDeliveryCancelled,
  pickingDeliveryConfirmed,
  pickingDeliveryValidated,
  pickingFloorChanged,
  pickingOrderChangeTooLate,
  pickingPackageChanged,
  pickingReceiptExpected,
  pickingReceiptValidated,
  pickingTransferCancelled,
  pickingTransferConfirmed,
  pickingTransferValidated,
  purchasingOrderAmended,
  purchasingOrderCancelled,
  purchasingOrderConfirmed,
  salesOrderAmended,
  salesOrderCancelled,
  salesOrderConfirmed,
  stockAssignmentChanged,
  stockCountSheetChanged,
  stockDocumentPosted,
  stockDocumentRefused,
  stockLocationChanged,
  stockProductChanged,
  stockReservationReleased,
  stockStockReserved,
  stockUnitChanged,
  topics,
} from '@stockline/contracts'
import { sessionRevocations } from '@stockline/service-kit'
import type { Reaction } from './database.ts'
import { deliveries, deliveriesOfOrders, deliveryListener } from './deliveries/delivery.actions.ts'
import { deliveryPlaces } from './deliveries/delivery.places.ts'
import { placeListenerOf } from './documents/document.reaction.actions.ts'
import { kindWithStates } from './documents/document.states.actions.ts'
import { reservationReactions } from './deliveries/delivery.reactions.ts'
import { locationReactions } from './locations/location.reactions.ts'
import { answersTo } from './orders/order.answers.actions.ts'
import type { OrderDocuments } from './orders/order.documents.ts'
import { documentsOf } from './orders/order.follow.actions.ts'
import { orderReaction } from './orders/order.reactions.ts'
import type { OrderKind } from './orders/order.ts'
import { postingReactions } from './postings/posting.reactions.ts'
import { countSheetReaction } from './queue/count-sheets.reactions.ts'
import type { ReferenceDataListener } from './products/product.actions.ts'
import { productReactions } from './products/product.reactions.ts'
import { receiptListener, receipts, receiptsOfOrders } from './receipts/receipt.actions.ts'
import { receiptPlaces } from './receipts/receipt.places.ts'
import { tellWaiting, transferAnswers } from './transfers/transfer.actions.ts'

/** Who looks at documents again when more is known of products and units. */
export const referenceDataListeners: readonly ReferenceDataListener[] = [receiptListener, deliveryListener]

/** Documents of which states are published. */
export const withStates = [kindWithStates(receipts), kindWithStates(deliveries)]

/** Events of ours. */
export const publishes = [
  pickingReceiptValidated,
  pickingReceiptExpected,
  pickingDeliveryConfirmed,
  pickingDeliveryAmended,
  pickingDeliveryCancelled,
  pickingDeliveryValidated,
  pickingFloorChanged,
  pickingOrderChangeTooLate,
  pickingTransferConfirmed,
  pickingTransferValidated,
  pickingTransferCancelled,
  pickingPackageChanged,
]

/** Events that outside systems may also send by HTTP. */
export const takenByHttp = [
  purchasingOrderConfirmed,
  purchasingOrderAmended,
  purchasingOrderCancelled,
  salesOrderConfirmed,
  salesOrderAmended,
  salesOrderCancelled,
]

/** Events of others that change something here. */
export const listensTo = [
  ...takenByHttp,
  stockProductChanged,
  stockUnitChanged,
  stockLocationChanged,
  stockAssignmentChanged,
  stockStockReserved,
  stockReservationReleased,
  stockDocumentPosted,
  stockDocumentRefused,
  stockCountSheetChanged,
  identitySessionRevoked,
]

/** Topics that this service needs. */
export const busTopics = topics.filter(({ name }) =>
  [...publishes, ...listensTo].some((contract) => contract.topics.includes(name)),
)

/** What orders of each kind lead to. */
export function orderDocuments(companyCurrency: string): Readonly<Record<OrderKind, OrderDocuments>> {
  return { purchase: documentsOf(receiptsOfOrders(companyCurrency)), sale: documentsOf(deliveriesOfOrders) }
}

/** @param companyCurrency of prices where an order names no currency */
export function reactions(companyCurrency: string): readonly Reaction[] {
  return [
    ...productReactions(referenceDataListeners),
    ...locationReactions([placeListenerOf(receipts, receiptPlaces), placeListenerOf(deliveries, deliveryPlaces)]),
    orderReaction(orderDocuments(companyCurrency)),
    ...reservationReactions(tellWaiting),
    countSheetReaction,
    sessionRevocations(identitySessionRevoked),
    ...postingReactions([answersTo(receiptsOfOrders(companyCurrency)), answersTo(deliveriesOfOrders), transferAnswers]),
  ]
}
