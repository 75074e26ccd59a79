/** How deliveries of orders are kept, for the steps of an order's life. */
import { warehousesOf } from '../locations/location.actions.ts'
import type { OrderedKind } from '../orders/order.documents.ts'
import { productListenerOf } from '../orders/order.products.actions.ts'
import { save } from './delivery.actions.ts'
import { deliveryRules, deliveryProducts } from './delivery.follow.ts'
import type { Draft } from './delivery.order.ts'
import { storedDeliveries } from './delivery.store.ts'
import type { Delivery } from './delivery.ts'

/** What deliveries do when products or units become known, or other. */
export const deliveriesOfProducts = productListenerOf({ rules: deliveryProducts, store: storedDeliveries, save })

/** Deliveries as sales orders lead to them. */
export const deliveriesOfOrders: OrderedKind<Delivery, Draft> = {
  rules: deliveryRules,
  store: storedDeliveries,
  homesOf: warehousesOf,
  save,
  unitNamed: deliveriesOfProducts.unitNamed,
}
