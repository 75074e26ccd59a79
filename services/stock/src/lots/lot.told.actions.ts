/** What is published of lots. Call it in the transaction of the change, after it: each event is the whole of the lot. */
import { stockLotChanged } from '@stockline/contracts'
import { event, publish, type EventOptions, type Tx as AnyTx } from '@stockline/service-kit'
import type { Tx } from '../database.ts'
import { addLotStep } from './lot.store.ts'
import { findToldLots } from './lot.told.store.ts'

/** Says in the lot's history, and to everybody, what was done to it and why. */
export async function tellStep(tx: Tx, lotId: string, what: string, why: string | null): Promise<void> {
  await addLotStep(tx, lotId, what, why)
  const step = { what, why }
  const lots = await findToldLots(tx, [lotId])
  await publish(tx, ...lots.map((lot) => event(stockLotChanged, lotId, { ...lot, step })))
}

/** Tells of lots to which documents have given dates. @param optionsOf what the event of a lot goes back to */
export async function tellDated(
  tx: AnyTx,
  ids: readonly string[],
  optionsOf: (lotId: string) => EventOptions,
): Promise<void> {
  const lots = await findToldLots(tx, ids)
  await publish(tx, ...lots.map((lot) => event(stockLotChanged, lot.lotId, lot, optionsOf(lot.lotId))))
}
