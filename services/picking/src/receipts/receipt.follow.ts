/** What an order's change does to its receipts: the open one follows, a further one brings the difference, or it is too late. Pure. */
import { lateLines, standingsOf, type LateLine, type OrderPart } from '../orders/order.quantities.ts'
import type { Order, OrderLine } from '../orders/order.ts'
import type { Catalog } from '../products/product.ts'
import { amendReceipt, receiptParts, wantedOf, type Wanted } from './receipt.amend.ts'
import { isOpen, type Receipt } from './receipt.ts'

/** What an order's change leads to. */
export interface Following {
  /** Open receipts as they are after it. */
  readonly amendments: readonly { readonly receipt: Receipt; readonly after: Receipt }[]
  /** What no open receipt in the order's warehouse can expect: a further receipt is made for it. */
  readonly missing: readonly Wanted[]
  /** The receipt after which that further one comes: the last that is done. */
  readonly furtherOf: string | null
  /** Lines that ask for less than came. */
  readonly late: readonly LateLine[]
  /** The receipt that brought it. */
  readonly lateOn: Receipt | undefined
}

/**
 * The receipt in the order's warehouse follows; one elsewhere, left from before the order moved, loses its lines.
 *
 * @param before what the revision asked for that the receipts followed until now
 * @param left what was left open by those that have just been posted, and stands on none yet
 * @param receipts all of the order, oldest first
 */
export function followed(
  order: Order,
  before: readonly OrderLine[] | undefined,
  left: readonly OrderPart[],
  receipts: readonly Receipt[],
  companyCurrency: string,
  catalog: Catalog,
): Following {
  const wanted = wantedOf(order, receipts, catalog, before, left)
  const open = receipts.filter(({ status }) => isOpen(status))
  const home = open.findLast(({ warehouse }) => warehouse === order.content.warehouse)
  const done = receipts.filter(({ status }) => status === 'done')
  const late =
    done.length === 0 ? [] : lateLines(standingsOf(order, before, done.flatMap(receiptParts), catalog), catalog)
  return {
    amendments: open.map((receipt) => ({
      receipt,
      after: amendReceipt(receipt, order, receipt === home ? wanted : [], companyCurrency, catalog),
    })),
    missing: home === undefined ? wanted : [],
    furtherOf: done.at(-1)?.id ?? null,
    late,
    lateOn: done.findLast(({ lines }) =>
      lines.some(({ orderLine, sku }) => late.some((one) => one.line === orderLine && one.sku === sku)),
    ),
  }
}
