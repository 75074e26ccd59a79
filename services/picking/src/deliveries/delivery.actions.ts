/** Deliveries, for those who carry out what is decided on them. */
import {
  pickingDeliveryAmended,
  pickingDeliveryCancelled,
  pickingDeliveryConfirmed,
  pickingDeliveryValidated,
} from '@stockline/contracts'
import type { EventContract } from '@stockline/contracts/envelope'
import { event, refuse } from '@stockline/service-kit'
import type { OrderedStore } from '../documents/document.actions.ts'
import type { CarriedKind } from '../documents/document.save.actions.ts'
import { demandEvents, type DeliveryEvent } from './delivery.events.ts'
import { storedDeliveries } from './delivery.store.ts'
import type { Delivery } from './delivery.ts'

/** What is published of deliveries, by the names of {@link DeliveryEvent}. */
export const deliveryContracts = {
  confirmed: pickingDeliveryConfirmed,
  amended: pickingDeliveryAmended,
  cancelled: pickingDeliveryCancelled,
  validated: pickingDeliveryValidated,
}

/** Deliveries, their events and what they name. */
export const deliveries: CarriedKind<Delivery, DeliveryEvent, OrderedStore<Delivery>> = {
  store: storedDeliveries,
  unknown: () => refuse('delivery-unknown', 'unknown', 'There is no such delivery.'),
  namesOn: ({ lines }) => lines,
  tellsOf: demandEvents,
  outgoing: (id, { type, data }, source) =>
    event(deliveryContracts[type] as EventContract<typeof data>, id, data, source),
}
