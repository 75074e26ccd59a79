/** Where a receipt that a person makes is to be. */
import { mayDo } from '@stockline/contracts'
import { isWithin } from '@stockline/contracts/locations'
import { refuse, type Actor, type Refusal } from '@stockline/service-kit'
import type { z } from 'zod'
import type { Tx } from '../database.ts'
import { locationsOf, scopeOf, warehouseOf } from '../locations/location.actions.ts'
import { locationFault } from '../locations/location.ts'
import type { newReceiptBody } from './receipt.shapes.api.ts'
import type { Receipt } from './receipt.ts'

/** The destination that is given, or the warehouse's default. Refused where the actor may not enter the costs that are given. */
export async function destinationByHand(
  tx: Tx,
  given: z.output<typeof newReceiptBody>,
  actor: Actor,
): Promise<Pick<Receipt, 'warehouse' | 'destination'> | Refusal> {
  const costs = given.lines.some((line) => line.unitPrice !== undefined || line.unitCost !== undefined)
  if (costs && !mayDo(actor, 'cost.enter'))
    return refuse('cost-forbidden', 'forbidden', 'Only a supervisor or a manager may enter prices and costs.')
  const warehouse = given.warehouse ?? given.destination?.split('/')[0] ?? ''
  const known = await warehouseOf(tx, warehouse)
  if (known?.active !== true)
    return wrong(
      given.warehouse === undefined ? '/destination' : '/warehouse',
      warehouse === '' ? 'name a destination or a warehouse' : `warehouse "${warehouse}" is not known`,
    )
  const destination = given.destination ?? known.defaultReceiptLocation
  if (destination === null)
    return wrong('/destination', `warehouse ${warehouse} has no default receipt location: name one`)
  if (!isWithin(await scopeOf(tx, actor), destination))
    return refuse('location-unknown', 'unknown', 'The destination is not among your locations.')
  const fault = locationFault(warehouse, destination, (await locationsOf(tx, [destination])).get(destination))
  return fault === undefined ? { warehouse, destination } : wrong('/destination', fault)
}

function wrong(pointer: string, message: string): Refusal {
  return refuse('place-wrong', 'content', `It cannot be received there: ${message}.`, [{ pointer, message }])
}
