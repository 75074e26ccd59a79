/** What an order asks for too late: kept for its system to read, and told. */
import { pickingOrderChangeTooLate, type LateLine } from '@stockline/contracts'
import type { Event } from '@stockline/contracts/envelope'
import type { Note } from '@stockline/documents'
import { event, type Outgoing } from '@stockline/service-kit'
import type { Tx } from '../database.ts'
import { insertTooLate } from './order.store.ts'
import type { Order } from './order.ts'

/** So many lines are told; all are kept. */
const mostLines = 1000

/** A change of an order, and the lines of it that ask for less than came or went. */
export interface LateChange {
  readonly kind: 'receipt' | 'delivery'
  readonly order: Order
  readonly lines: readonly LateLine[]
  readonly causedBy: Event | undefined
}

/** Keeps what was too late. Gives the event to publish, and what the history of the document says that brought or took it. */
export async function tellTooLate(
  tx: Tx,
  { kind, order, lines, causedBy }: LateChange,
  document: { readonly id: string; readonly number: string; readonly warehouse: string },
): Promise<{ readonly told: Outgoing; readonly note: Note }> {
  const change = order.status === 'cancelled' ? 'cancelled' : 'amended'
  const happened = kind === 'receipt' ? 'has come' : 'has gone'
  const shown = lines
    .slice(0, 5)
    .map(
      ({ line, sku, unit, wanted, done }) =>
        `of line ${line} (${sku}) ${wanted} ${unit} are wanted and ${done} ${happened}`,
    )
  const rest = lines.length > 5 ? `; and of ${lines.length - 5} more lines` : ''
  const detail = `Order ${order.orderNumber} was ${change} (revision ${order.revision}) too late: ${shown.join('; ')}${rest}.`
  await insertTooLate(tx, order, lines)
  const data = {
    documentId: document.id,
    number: document.number,
    warehouse: document.warehouse,
    kind,
    orderSource: order.source,
    orderNumber: order.orderNumber,
    revision: order.revision,
    change,
    detail,
    lines: lines.slice(0, mostLines),
  } as const
  const told = event(pickingOrderChangeTooLate, document.id, data, causedBy === undefined ? {} : { causedBy })
  return { told, note: { what: 'order-change-too-late', why: detail } }
}
