/** How deliveries of orders are kept, for the steps of an order's life. */
import { warehousesOf } from '../locations/location.actions.ts'
import type { OrderedKind } from '../orders/order.documents.ts'
import type { WaitingKind } from '../orders/order.waiting.actions.ts'
import { save } from './delivery.actions.ts'
import { deliveryRules, deliveryWaiting } from './delivery.follow.ts'
import type { Draft } from './delivery.order.ts'
import { unitNamedOnDeliveries } from './delivery.products.actions.ts'
import { storedDeliveries } from './delivery.store.ts'
import type { Delivery } from './delivery.ts'

/** Deliveries as sales orders lead to them. */
export const deliveriesOfOrders: OrderedKind<Delivery, Draft> = {
  rules: deliveryRules,
  store: storedDeliveries,
  homesOf: warehousesOf,
  save,
  unitNamed: unitNamedOnDeliveries,
}

/** Deliveries as they wait for products and units. */
export const waitingDeliveries: WaitingKind<Delivery> = { rules: deliveryWaiting, store: storedDeliveries, save }
