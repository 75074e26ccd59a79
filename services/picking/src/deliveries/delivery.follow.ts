/** What an order's change does to its deliveries: the open one follows, a further one takes the difference, or it is too late. Pure. */
import { lateLines, standingsOf, type LateLine, type OrderPart } from '../orders/order.quantities.ts'
import type { Order, OrderLine } from '../orders/order.ts'
import type { Catalog } from '../products/product.ts'
import { amendDelivery, deliveryParts, wantedOf, wantsNothingItHad, type Wanted } from './delivery.order.ts'
import { isOpen, type Delivery } from './delivery.ts'

/** What an order's change leads to. */
export interface Following {
  /** Open deliveries as they are after it. */
  readonly amendments: readonly { readonly delivery: Delivery; readonly after: Delivery }[]
  /** What no open delivery from the order's warehouse can take: a further delivery is made for it. */
  readonly missing: readonly Wanted[]
  /** The delivery after which that further one goes: the last that is done. */
  readonly furtherOf: string | null
  /** Lines that ask for less than went. */
  readonly late: readonly LateLine[]
  /** The delivery that took it. */
  readonly lateOn: Delivery | undefined
}

/**
 * The delivery from the order's warehouse follows; one elsewhere, left from before the order moved, is cancelled.
 *
 * @param before what the revision asked for that the deliveries followed until now
 * @param left what was left open by those that have just been posted, and stands on none yet
 * @param deliveries all of the order, oldest first
 */
export function followed(
  order: Order,
  before: readonly OrderLine[] | undefined,
  left: readonly OrderPart[],
  deliveries: readonly Delivery[],
  catalog: Catalog,
): Following {
  const wanted = wantedOf(order, deliveries, catalog, before, left)
  const open = deliveries.filter(({ status }) => isOpen(status))
  const home = open.findLast(({ warehouse }) => warehouse === order.content.warehouse)
  const done = deliveries.filter(({ status }) => status === 'done')
  const gone = done.flatMap((delivery) => deliveryParts(delivery, catalog))
  const late = done.length === 0 ? [] : lateLines(standingsOf(order, before, gone, catalog), catalog)
  const cancel = (delivery: Delivery) => amendDelivery(delivery, order, [], catalog)
  const homeAfter = home === undefined ? undefined : amendDelivery(home, order, wanted, catalog)
  // Stock takes nothing more of a need that has ended: a delivery that wants nothing of what it had makes place for another.
  const follows = home !== undefined && homeAfter !== undefined && !wantsNothingItHad(home, homeAfter)
  return {
    amendments: open.map((delivery) => ({
      delivery,
      after: delivery === home && follows ? homeAfter : cancel(delivery),
    })),
    missing: follows ? [] : wanted,
    furtherOf: done.at(-1)?.id ?? null,
    late,
    lateOn: done.findLast(({ lines }) =>
      lines.some(({ orderLine, sku }) => late.some((one) => one.line === orderLine && one.sku === sku)),
    ),
  }
}
