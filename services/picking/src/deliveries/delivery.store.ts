/** Deliveries in the database. */
import { yesOrNo } from '@stockline/documents/declaration'
import { orderedDocuments } from '../documents/document.actions.ts'
import { deliveryKind } from './delivery.fields.ts'
import { putsBack } from './delivery.put-back.ts'
import { locationsOf } from './delivery.ts'

/** Deliveries as they are kept, and whether something must be put back: the queue looks for it. */
export const storedDeliveries = orderedDocuments({
  ...deliveryKind,
  locationsOf,
  derived: { putsBack: { field: yesOrNo(), of: putsBack } },
})
