/** How deliveries of orders are kept, for the steps of an order's life. */
import type { Tx } from '../database.ts'
import { saveDocuments } from '../documents/document.save.actions.ts'
import { warehousesOf } from '../locations/location.actions.ts'
import type { OrderedKind, OrderWork } from '../orders/order.documents.ts'
import { productListenerOf } from '../orders/order.products.actions.ts'
import { deliveries } from './delivery.actions.ts'
import { deliveryRules, deliveryProducts } from './delivery.follow.ts'
import type { DeliveryDraft } from './delivery.order.ts'
import { storedDeliveries } from './delivery.store.ts'
import type { Delivery } from './delivery.ts'

/** What deliveries do when products or units become known, or other. */
export const deliveriesOfProducts = productListenerOf(deliveries, deliveryProducts)

/** Deliveries as sales orders lead to them. */
export const deliveriesOfOrders: OrderedKind<Delivery, DeliveryDraft> = {
  rules: deliveryRules,
  store: storedDeliveries,
  homesOf: warehousesOf,
  save,
  unitNamed: deliveriesOfProducts.unitNamed,
}

function save(tx: Tx, work: OrderWork<Delivery, DeliveryDraft>) {
  return saveDocuments(tx, deliveries, work)
}
