/** Deliveries that a person makes, without an order. */
import type { Stored } from '@stockline/documents'
import { isRefusal, refuse, type Actor, type Refusal } from '@stockline/service-kit'
import { v7 as uuid } from 'uuid'
import type { Tx } from '../database.ts'
import { createOne } from '../documents/document.save.actions.ts'
import { scopeOf, warehouseOf } from '../locations/location.actions.ts'
import { isWithin } from '@stockline/contracts/locations'
import { referenceDataOf } from '../products/product.actions.ts'
import { deliveries } from './delivery.actions.ts'
import { deliveryByHand, type HandDelivery } from './delivery.hand.ts'
import type { Delivery } from './delivery.ts'

/** Makes a delivery of what is asked for. */
export async function createByHand(tx: Tx, given: HandDelivery, actor: Actor): Promise<Stored<Delivery> | Refusal> {
  const warehouse = await warehouseOf(tx, given.warehouse)
  if (warehouse?.active !== true)
    return refuse('warehouse-unknown', 'content', `Warehouse "${given.warehouse}" is not known.`, [
      { pointer: '/warehouse', message: 'is not known' },
    ])
  if (!isWithin(await scopeOf(tx, actor), given.warehouse))
    return refuse('location-unknown', 'unknown', 'The warehouse is not among your locations.')
  const referenceData = await referenceDataOf(tx, given.lines)
  const draft = deliveryByHand(given, { id: uuid(), now: tx.now, referenceData })
  return isRefusal(draft) ? draft : createOne(tx, deliveries, draft, referenceData)
}
