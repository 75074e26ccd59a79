/** Shortages of waiting deliveries: one look-up for a whole batch, and none where no delivery waits. */
import type { Queryable } from '@stockline/service-kit'
import { isComplete } from '../reservations/demand.ts'
import {
  missingOf,
  type MissingProduct,
  type ReservedStock,
  type Shortage,
  shortageOf,
  type ShortagesOf,
  type UnreservedStock,
} from '../reservations/shortage.ts'
import { missingOfTransfer, transferShortage } from '../transfers/shortage.ts'
import type { Transfer } from '../transfers/transfer.ts'
import type { LedgerOutcome } from './ledger.ts'
import type { WorkingSet } from './working-set.ts'
import { loadUnreservedStock, loadReservedStock } from './shortage.store.ts'
import type { Demand } from './stock.ts'

/** At most so many deliveries of a batch have shortages in their events. The others wait as well. */
const mostDeliveries = 200
/** At most so many products by warehouse are looked up for a batch. Of the others an event has only the missing quantity. */
const mostProducts = 100

/** Demands about which an event is published, and that still wait at the end of the batch. */
export function waitingAmong(outcomes: readonly LedgerOutcome[]): readonly Demand[] {
  const waiting = new Set<Demand>()
  for (const one of outcomes)
    if (((one.outcome === 'reserved' && !one.complete) || one.outcome === 'released') && isWaiting(one.demand))
      waiting.add(one.demand)
  return [...waiting].slice(0, mostDeliveries)
}

function isWaiting(demand: Demand): boolean {
  return demand.status === 'open' && demand.held === null && !isComplete(demand)
}

/** Transfers of a batch that wait. */
export function waitingTransfersAmong(outcomes: readonly LedgerOutcome[]): readonly Transfer[] {
  return outcomes
    .flatMap((one) => (one.outcome === 'waiting' && one.transfer.status === 'waiting' ? [one.transfer] : []))
    .slice(0, mostDeliveries)
}

/** Who waits, what it lacks, and how that is told with where stock lies. */
interface Short {
  readonly of: Pick<Demand, 'documentId' | 'warehouse'>
  readonly missing: readonly MissingProduct[]
  readonly shortage: (
    missing: MissingProduct,
    available: readonly UnreservedStock[],
    reserved: readonly ReservedStock[],
  ) => Shortage
}

/** What waits is short of. Call it after the decision was sent to be saved: it reads what that leaves. */
export async function findShortages(
  db: Queryable,
  workingSet: WorkingSet,
  waiting: readonly Demand[],
  transfers: readonly Transfer[],
): Promise<ShortagesOf> {
  const { today } = workingSet
  const short: readonly Short[] = [
    ...waiting.map((of) => ({
      of,
      missing: missingOf(workingSet, of),
      shortage: (...[one, available, reserved]: Parameters<Short['shortage']>) =>
        shortageOf(of, one, available, reserved, today),
    })),
    ...transfers.map((of) => ({
      of,
      missing: missingOfTransfer(workingSet, of),
      shortage: (...[one, available, reserved]: Parameters<Short['shortage']>) =>
        transferShortage(of, one, available, reserved, today),
    })),
  ]
  const lacking = new Map(
    short.flatMap(({ of: { warehouse }, missing }) =>
      missing.map(({ product: { id: productId } }) => [productId + warehouse, { productId, warehouse }] as const),
    ),
  )
  const asked = [...lacking.values()].slice(0, mostProducts)
  const products = [...new Set(asked.map(({ productId }) => productId))]
  const [available, reserved] = await Promise.all([loadUnreservedStock(db, products), loadReservedStock(db, asked)])
  return new Map(
    short.map(({ of, missing, shortage }) => [
      of.documentId,
      missing.map((one) =>
        shortage(one, available.get(one.product.id) ?? [], reserved.get(one.product.id + of.warehouse) ?? []),
      ),
    ]),
  )
}
