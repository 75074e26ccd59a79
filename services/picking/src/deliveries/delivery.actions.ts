/** Deliveries, for those who carry out what is decided on them. */
import {
  pickingDeliveryAmended,
  pickingDeliveryCancelled,
  pickingDeliveryConfirmed,
  pickingDeliveryValidated,
} from '@stockline/contracts'
import { event, refuse, type Outgoing } from '@stockline/service-kit'
import type { OrderedStore } from '../documents/document.actions.ts'
import type { CarriedKind, Source } from '../documents/document.save.actions.ts'
import { storedDeliveries } from './delivery.store.ts'
import { needsTold, type DeliveryTold } from './delivery.told.ts'
import type { Delivery } from './delivery.ts'

/** Deliveries, their events and what they name. */
export const deliveries: CarriedKind<Delivery, DeliveryTold, OrderedStore<Delivery>> = {
  store: storedDeliveries,
  unknown: () => refuse('delivery-unknown', 'unknown', 'There is no such delivery.'),
  namesOn: ({ lines }) => lines,
  tellsOf: needsTold,
  outgoing,
}

function outgoing(id: string, told: DeliveryTold, source: Source): Outgoing {
  switch (told.tells) {
    case 'confirmed':
      return event(pickingDeliveryConfirmed, id, told.data, source)
    case 'amended':
      return event(pickingDeliveryAmended, id, told.data, source)
    case 'cancelled':
      return event(pickingDeliveryCancelled, id, told.data, source)
    case 'validated':
      return event(pickingDeliveryValidated, id, told.data, source)
  }
}
