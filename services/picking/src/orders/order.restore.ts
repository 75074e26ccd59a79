/** Orders made again from their own events and from what documents tell of them, after the database fell back. Pure. */
import { demandFieldsOf } from './order.fields.ts'
import { orderAfter, unknownFingerprint, type Order, type OrderKind, type IncomingOrderChange } from './order.ts'

/** How far an order had come, by what was told of its documents. */
export interface OrderProgress {
  readonly kind: OrderKind
  readonly source: string
  readonly orderNumber: string
  readonly revision: number
  readonly warehouse: string
  /** That revision was a cancellation. */
  readonly cancelled: boolean
  /** When it was confirmed, as near as is known. */
  readonly confirmedAt: Date
}

/** What the order's system told of it, and the hash of that. */
export interface PublishedOrderChange {
  readonly incoming: IncomingOrderChange
  readonly fingerprint: string
}

/** Of each order the latest that was told. */
export function latestOf(told: readonly OrderProgress[]): readonly OrderProgress[] {
  const orders = Map.groupBy(told, ({ kind, source, orderNumber }) => `${kind}\n${source}\n${orderNumber}`)
  return [...orders.values()].flatMap((of) => {
    const first = of[0]
    if (first === undefined) return []
    return [of.reduce((latest, one) => (one.revision > latest.revision ? one : latest), first)]
  })
}

/**
 * The order as it was at the revision that its documents tell of. What its system told is followed as far as there is of it; of
 * a later revision, told by no event that is still there, nothing but the number is known. Undefined where nothing changes.
 *
 * @param incoming in the order of their revisions
 */
export function restoredOrder(
  told: OrderProgress,
  known: Order | undefined,
  incoming: readonly PublishedOrderChange[],
  id: string,
): Order | undefined {
  const { kind, source, confirmedAt } = told
  let order = known
  for (const one of incoming)
    if (one.incoming.revision > (order?.revision ?? 0) && (one.incoming.content !== null || order !== undefined))
      order = orderAfter(order, one.incoming, { id, kind, source, fingerprint: one.fingerprint, confirmedAt })
  if (order !== undefined && order.revision >= told.revision) return order === known ? undefined : order
  return {
    ...(order ?? {
      id,
      kind,
      source,
      orderNumber: told.orderNumber,
      confirmedAt,
      content: nothingKnown(told),
      followed: null,
    }),
    revision: told.revision,
    fingerprint: unknownFingerprint,
    status: told.cancelled ? 'cancelled' : 'open',
  }
}

function nothingKnown({ warehouse }: OrderProgress): Order['content'] {
  return {
    warehouse,
    partner: { code: '', name: '' },
    scheduledDate: null,
    currency: null,
    ...demandFieldsOf({}),
    details: null,
    lines: [],
  }
}
