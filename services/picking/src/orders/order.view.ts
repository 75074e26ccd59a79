/** How an order is shown. Pure. */
import { formatQuantity } from '@stockline/amounts'
import type { ReferenceData } from '../products/product.ts'
import type { IncomingOfKept, OrderDocument } from './order.documents.ts'
import type { TooLate, ListedOrder, WaitingOrder } from './order.list.store.ts'
import { standingsOf } from './order.quantities.ts'
import type { OrderAnswer } from './order.shapes.api.ts'

/** How an order is shown that is not known yet. Undefined where its event does not fit its contract any more. */
export function waitingView(
  row: WaitingOrder,
  aside: OrderAnswer['aside'],
  incomingOfKept: IncomingOfKept,
): OrderAnswer | undefined {
  const incoming = incomingOfKept(row.event)
  if (incoming === undefined) return undefined
  const at = row.parkedAt.toISOString()
  return {
    kind: row.kind,
    source: row.source,
    orderNumber: incoming.orderNumber,
    revision: incoming.revision,
    status: 'waiting',
    warehouse: incoming.content?.warehouse ?? '',
    partner: incoming.content?.partner ?? { code: '', name: '' },
    scheduledDate: incoming.content?.scheduledDate ?? null,
    ...incoming.content?.details,
    confirmedAt: at,
    changedAt: at,
    unknownFields: [...(incoming.content?.unknownFields ?? [])],
    warnings: [],
    documents: [],
    lines: (incoming.content?.lines ?? []).map(
      ({ line, sku, gtin, buyerItem, sellerItem, unit, quantity, details }) => ({
        line,
        sku: sku ?? null,
        ...(sku === undefined ? { named: { gtin, buyerItem, sellerItem } } : {}),
        unit,
        ...details,
        ordered: quantity,
        done: '0',
        open: '0',
      }),
    ),
    tooLate: [],
    aside,
  }
}

/** How an order is shown, but for what of it was set aside. */
export function viewOf(
  order: ListedOrder,
  documents: readonly OrderDocument[],
  late: readonly TooLate[],
  referenceData: ReferenceData,
): Omit<OrderAnswer, 'aside'> {
  const { content } = order
  const parts = documents.flatMap((document) => document.parts(referenceData))
  const standings = standingsOf(order, undefined, parts, referenceData)
  const said = new Map(content.lines.map(({ line, sku, details }) => [`${line} ${sku}`, details]))
  return {
    kind: order.kind,
    source: order.source,
    orderNumber: order.orderNumber,
    revision: order.revision,
    status: order.status,
    warehouse: content.warehouse,
    partner: content.partner,
    scheduledDate: content.scheduledDate,
    ...content.details,
    confirmedAt: order.confirmedAt.toISOString(),
    changedAt: order.changedAt.toISOString(),
    unknownFields: [...(content.unknownFields ?? [])],
    warnings: [...(content.warnings ?? [])],
    documents: documents.map(({ kind: of, id, number, status }) => ({ kind: of, id, number, status })),
    lines: standings
      .toSorted((a, b) => a.line - b.line)
      .map(({ line, sku, unit, ordered, done, open }) => ({
        line,
        sku,
        unit,
        ...said.get(`${line} ${sku}`),
        ordered: formatQuantity(ordered),
        done: formatQuantity(done),
        open: formatQuantity(open),
      })),
    tooLate: late.map(({ orderId: _orderId, at, ...each }) => ({ ...each, at: at.toISOString() })),
  }
}
