/** Receipts that a person makes, without an order. */
import { mayDo } from '@stockline/contracts'
import type { Stored } from '@stockline/documents'
import { isRefusal, refuse, type Actor, type Refusal } from '@stockline/service-kit'
import { v7 as uuid } from 'uuid'
import type { Tx } from '../database.ts'
import { createOne } from '../documents/document.save.actions.ts'
import { locationsOf, scopeOf, warehouseOf } from '../locations/location.actions.ts'
import { isWithin } from '@stockline/contracts/locations'
import { locationFault } from '../locations/location.ts'
import { referenceDataOf } from '../products/product.actions.ts'
import { receipts } from './receipt.actions.ts'
import { receiptByHand, type HandReceipt } from './receipt.hand.ts'
import type { Receipt } from './receipt.ts'

/** Makes a receipt, with the lines that are expected or with none. */
export async function createByHand(
  tx: Tx,
  given: HandReceipt,
  actor: Actor,
  companyCurrency: string,
): Promise<Stored<Receipt> | Refusal> {
  const costs = given.lines.some((line) => line.unitPrice !== undefined || line.unitCost !== undefined)
  if (costs && !mayDo(actor, 'cost.enter'))
    return refuse('cost-forbidden', 'forbidden', 'Only a supervisor or a manager may enter prices and costs.')
  const place = await placeOf(tx, given, actor)
  if (isRefusal(place)) return place
  const known = {
    id: uuid(),
    ...place,
    companyCurrency,
    now: tx.now,
    referenceData: await referenceDataOf(tx, given.lines),
  }
  const draft = receiptByHand(given, known)
  return isRefusal(draft) ? draft : createOne(tx, receipts, draft)
}

async function placeOf(
  tx: Tx,
  given: HandReceipt,
  actor: Actor,
): Promise<{ warehouse: string; destination: string } | Refusal> {
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
