/** What deliveries wait for, looked up for all of a batch at once, and only where some wait. */
import type { Queryable } from '@stockline/service-kit'
import { isComplete } from '../reservations/need.ts'
import { missingOf, shortageOf, type ShortagesOf } from '../reservations/shortage.ts'
import type { Outcome } from './ledger.ts'
import type { Picture } from './picture.ts'
import { loadFreeStock, loadReservedStock } from './shortage.store.ts'
import type { Need } from './stock.ts'

/** More deliveries of one batch are not looked at: they wait all the same, and say less. */
const mostDeliveries = 200
/** Of more products and warehouses in one batch it is told that they are missing, and not where they lie. */
const mostProducts = 100

/** Those of whom something is told, and who wait once all is decided. */
export function waitingAmong(outcomes: readonly Outcome[]): readonly Need[] {
  const waiting = new Set<Need>()
  for (const one of outcomes)
    if (((one.outcome === 'reserved' && !one.complete) || one.outcome === 'released') && isWaiting(one.need))
      waiting.add(one.need)
  return [...waiting].slice(0, mostDeliveries)
}

function isWaiting(need: Need): boolean {
  return need.status === 'open' && !isComplete(need)
}

/** What waiting deliveries are short of. Ask it after the decision was sent to be saved, so that it is read as it is then. */
export async function findShortages(db: Queryable, picture: Picture, waiting: readonly Need[]): Promise<ShortagesOf> {
  const short = waiting.map((need) => ({ need, missing: missingOf(picture, need) }))
  const lacking = new Map(
    short.flatMap(({ need: { warehouse }, missing }) =>
      missing.map(({ product: { id: productId } }) => [productId + warehouse, { productId, warehouse }] as const),
    ),
  )
  const asked = [...lacking.values()].slice(0, mostProducts)
  const products = [...new Set(asked.map(({ productId }) => productId))]
  const [free, reserved] = await Promise.all([loadFreeStock(db, products), loadReservedStock(db, asked)])
  return new Map(
    short.map(({ need, missing }) => [
      need.documentId,
      missing.map((one) =>
        shortageOf(
          need,
          one,
          free.get(one.product.id) ?? [],
          reserved.get(one.product.id + need.warehouse) ?? [],
          picture.today,
        ),
      ),
    ]),
  )
}
