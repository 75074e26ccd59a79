/** How a delivery is shown. Pure. */
import { formatQuantity, type Quantity } from '@stockline/amounts'
import { shownBy } from '@stockline/documents/declaration'
import { documentView } from '../documents/document.view.ts'
import { detailsOfLine } from '../orders/order.details.ts'
import { deliveryKind, pickFields } from './delivery.fields.ts'
import { pickListOf } from './delivery.pick.ts'
import { putBacksOf } from './delivery.put-back.ts'
import { nothing, type Delivery, type Pick as PlannedPick } from './delivery.ts'

const pick = shownBy(pickFields)

/** A delivery in answers and in lists. */
export const deliveryView = documentView(deliveryKind.fields, (line, delivery) => {
  const due = putBacksOf(delivery, line)
  return { picks: line.picks.map((one) => pickView({ ...one, putBack: due.get(one) ?? nothing }, delivery.status)) }
})

/** The pick list, in the order of the way through the warehouse. */
export function pickListView(delivery: Delivery) {
  const orderLines = new Map(delivery.lines.map(({ line, orderLine }) => [line, orderLine]))
  const items = pickListOf(delivery).map((planned) => {
    const { lot: _ofOrder, ...details } = detailsOfLine(delivery.details, orderLines.get(planned.line) ?? null) ?? {}
    return { line: planned.line, sku: planned.sku, ...details, ...pickView(planned, delivery.status) }
  })
  const { number, status, version, details } = delivery
  return { number, status, version, ...details?.order, items }
}

function pickView(one: PlannedPick & { readonly putBack: Quantity }, status: Delivery['status']) {
  // What is shipped or cancelled gets no answer any more.
  const isUnconfirmed = one.before !== undefined && status !== 'done' && status !== 'cancelled'
  return {
    ...pick.show(one),
    picked: formatQuantity(one.picked ?? nothing),
    putBack: formatQuantity(one.putBack),
    ...(isUnconfirmed ? { confirmed: false as const } : {}),
  }
}
