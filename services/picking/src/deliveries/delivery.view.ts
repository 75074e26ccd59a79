/** How a delivery is shown. Pure. */
import { formatQuantity, type Quantity } from '@stockline/amounts'
import type { HistoryStep, Listed } from '@stockline/documents'
import { shownBy } from '@stockline/documents/declaration'
import { detailsOfLine } from '../orders/order.details.ts'
import { deliveryKind, pickFields } from './delivery.fields.ts'
import { pickListOf } from './delivery.pick.ts'
import { putBacksOf } from './delivery.put-back.ts'
import { nothing, type Delivery, type Pick as PlannedPick } from './delivery.ts'

const { head: headFields, line: lineFields } = deliveryKind.fields
const [head, line, pick] = [shownBy(headFields), shownBy(lineFields), shownBy(pickFields)]

/** The delivery as it is answered. */
export function viewOf(delivery: Delivery, history: readonly HistoryStep[]) {
  return {
    ...head.show(delivery),
    ...delivery.details?.order,
    lines: delivery.lines.map((each) => {
      const due = putBacksOf(delivery, each)
      return {
        line: each.line,
        ...line.show(each),
        ...detailsOfLine(delivery.details, each.orderLine),
        picks: each.picks.map((one) => pickView({ ...one, putBack: due.get(one) ?? nothing }, delivery.status)),
      }
    }),
    history,
  }
}

/** The delivery as it stands in a list. */
export function summaryOf(delivery: Listed<typeof deliveryKind.fields>) {
  return { ...head.showListed(delivery), ...delivery.details?.order }
}

/** The pick list, in the order of the way through the warehouse. */
export function pickListView(delivery: Delivery) {
  const orderLines = new Map(delivery.lines.map(({ line, orderLine }) => [line, orderLine]))
  const items = pickListOf(delivery).map((planned) => {
    const { lot: _asked, ...said } = detailsOfLine(delivery.details, orderLines.get(planned.line) ?? null) ?? {}
    return { line: planned.line, sku: planned.sku, ...said, ...pickView(planned, delivery.status) }
  })
  const { number, status, version, details } = delivery
  return { number, status, version, ...details?.order, items }
}

function pickView(one: PlannedPick & { readonly putBack: Quantity }, status: Delivery['status']) {
  // What is shipped needs no answer any more, and what is cancelled gets none.
  const isAsked = one.before !== undefined && status !== 'done' && status !== 'cancelled'
  return {
    ...pick.show(one),
    picked: formatQuantity(one.picked ?? nothing),
    putBack: formatQuantity(one.putBack),
    ...(isAsked ? { confirmed: false as const } : {}),
  }
}
