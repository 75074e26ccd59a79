/** How a delivery is shown. Pure. */
import { formatQuantity, type Quantity } from '@stockline/amounts'
import type { HistoryStep } from '../history/history.ts'
import { detailsOfLine } from '../orders/order.details.ts'
import { pickListOf } from './delivery.pick.ts'
import { putBacksOf } from './delivery.put-back.ts'
import { nothing, type Delivery, type Pick as PlannedPick } from './delivery.ts'

/** What lists show of a delivery. */
export type Listed = Pick<
  Delivery,
  | 'id'
  | 'number'
  | 'status'
  | 'warehouse'
  | 'source'
  | 'customer'
  | 'scheduledDate'
  | 'priority'
  | 'problem'
  | 'version'
  | 'createdAt'
  | 'details'
>

/** The delivery as it is answered. */
export function viewOf(delivery: Delivery, history: readonly HistoryStep[]) {
  return {
    ...summaryOf(delivery),
    allowPartial: delivery.allowPartial,
    backorderOf: delivery.backorderOf,
    remainder: delivery.remainder,
    effectiveAt: delivery.effectiveAt?.toISOString() ?? null,
    position: delivery.position?.toString() ?? null,
    scanLocation: delivery.scanLocation,
    lines: delivery.lines.map((line) => {
      const due = putBacksOf(delivery, line)
      return {
        line: line.line,
        sku: line.sku,
        quantity: formatQuantity(line.quantity),
        unit: line.unit,
        ...detailsOfLine(delivery.details, line.orderLine),
        picks: line.picks.map((pick) => pickView({ ...pick, putBack: due.get(pick) ?? nothing }, delivery.status)),
      }
    }),
    history,
  }
}

/** The delivery as it stands in a list. */
export function summaryOf(delivery: Listed) {
  return {
    id: delivery.id,
    number: delivery.number,
    status: delivery.status,
    source: delivery.source,
    customer: delivery.customer,
    scheduledDate: delivery.scheduledDate,
    priority: delivery.priority,
    warehouse: delivery.warehouse,
    problem: delivery.problem,
    version: delivery.version,
    createdAt: delivery.createdAt.toISOString(),
    ...delivery.details?.order,
  }
}

/** The pick list, in the order of the way through the warehouse. */
export function pickListView(delivery: Delivery) {
  const orderLines = new Map(delivery.lines.map(({ line, orderLine }) => [line, orderLine]))
  const items = pickListOf(delivery).map((pick) => {
    const { lot: _asked, ...said } = detailsOfLine(delivery.details, orderLines.get(pick.line) ?? null) ?? {}
    return { line: pick.line, sku: pick.sku, ...said, ...pickView(pick, delivery.status) }
  })
  const { number, status, version, details } = delivery
  return { number, status, version, ...details?.order, items }
}

function pickView(pick: PlannedPick & { readonly putBack: Quantity }, status: Delivery['status']) {
  // What is shipped needs no answer any more, and what is cancelled gets none.
  const isAsked = pick.before !== undefined && status !== 'done' && status !== 'cancelled'
  return {
    location: pick.location,
    lot: pick.lot,
    expiresOn: pick.expiresOn,
    quantity: formatQuantity(pick.quantity),
    picked: formatQuantity(pick.picked ?? nothing),
    putBack: formatQuantity(pick.putBack),
    ...(isAsked ? { confirmed: false as const } : {}),
  }
}
