/** Deliveries, for those who carry out what is decided on them. */
import {
  pickingDeliveryAmended,
  pickingDeliveryCancelled,
  pickingDeliveryConfirmed,
  pickingDeliveryValidated,
} from '@stockline/contracts'
import type { EventContract } from '@stockline/contracts/envelope'
import { yesOrNo } from '@stockline/documents/declaration'
import { event } from '@stockline/service-kit'
import { orderedDocuments } from '../documents/document.actions.ts'
import { carriedKind } from '../documents/document.save.actions.ts'
import { warehousesOf } from '../locations/location.actions.ts'
import { orderedKind } from '../orders/order.kind.actions.ts'
import { productListenerOf } from '../orders/order.products.actions.ts'
import { packagesFollow } from '../packages/package.actions.ts'
import { demandEvents, type DeliveryEvent } from './delivery.events.ts'
import { deliveryKind } from './delivery.fields.ts'
import { deliveryStates } from './delivery.floor.ts'
import { deliveryProducts, deliveryRules } from './delivery.follow.ts'
import { putsBack } from './delivery.put-back.ts'
import { locationsOfDelivery } from './delivery.ts'

/** What is published of deliveries, by the names of {@link DeliveryEvent}. */
export const deliveryContracts = {
  confirmed: pickingDeliveryConfirmed,
  amended: pickingDeliveryAmended,
  cancelled: pickingDeliveryCancelled,
  validated: pickingDeliveryValidated,
}

/** How deliveries are kept, what they name, and their events. Whether one must be put back is kept too: the queue filters by it. */
export const deliveries = carriedKind(
  deliveryKind,
  orderedDocuments({
    ...deliveryKind,
    locationsOf: locationsOfDelivery,
    derived: { putsBack: { field: yesOrNo(), of: putsBack } },
  }),
  {
    namesOn: ({ lines }) => lines,
    eventsOf: demandEvents,
    dependents: packagesFollow,
    states: deliveryStates,
    outgoing: (id, { type, data }: DeliveryEvent, source) =>
      event(deliveryContracts[type] as EventContract<typeof data>, id, data, source),
  },
)

/** Judges deliveries anew when products or units become known, or other. */
export const deliveryListener = productListenerOf(deliveries, deliveryProducts)

/** Deliveries as sales orders lead to them. */
export const deliveriesOfOrders = orderedKind(deliveries, {
  rules: deliveryRules,
  listener: deliveryListener,
  homesOf: warehousesOf,
})
