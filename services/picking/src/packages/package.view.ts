/** How packages and packing slips are shown. Pure. */
import { formatQuantity } from '@stockline/amounts'
import type { HistoryStep } from '@stockline/documents'
import { shownBy } from '@stockline/documents/declaration'
import type { Delivery } from '../deliveries/delivery.ts'
import { packageKind } from './package.fields.ts'
import { goodsLeft, isInUse, packingFaults, type Package } from './package.ts'

const [head, line] = [shownBy(packageKind.fields.head), shownBy(packageKind.fields.line)]

/** A package in answers and in lists. */
export const packageView = {
  summary: head.showListed,
  answer: (one: Package, history: readonly HistoryStep[]) => ({ ...head.show(one), lines: linesOf(one), history }),
}

/** What goes in which package of a delivery, and what is in none. */
export function packingSlipView(delivery: Delivery, packages: readonly Package[]) {
  const { id, number, status, source, customer, scheduledDate, details } = delivery
  const used = packages.filter(isInUse)
  const isGoing = status !== 'cancelled'
  return {
    ...{ delivery: id, number, status, source, customer, scheduledDate },
    ...details?.order,
    packages: used.map((one) => {
      const { sscc, type, weight } = head.show(one)
      return { id: one.id, number: one.number, sscc, type, status: one.status, weight, lines: linesOf(one) }
    }),
    notPacked: goodsLeft(isGoing ? delivery : { lines: [] }, used).flatMap(({ documentLine, sku, lot, quantity }) =>
      quantity > 0n ? [{ documentLine, sku, lot, quantity: formatQuantity(quantity) }] : [],
    ),
    problems: used.length === 0 || status === 'done' ? [] : packingFaults(delivery, used).map(({ message }) => message),
  }
}

function linesOf(one: Package) {
  return one.lines.map((each) => ({ line: each.line, ...line.show(each) }))
}
