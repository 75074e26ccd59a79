/** How a receipt is shown. Prices and costs are left out for those who may not see them. Pure. */
import type { HistoryStep, Listed } from '@stockline/documents'
import { shownBy } from '@stockline/documents/declaration'
import { detailsOfLine } from '../orders/order.details.ts'
import { entryFields, receiptKind } from './receipt.fields.ts'
import { flagOf, type Receipt } from './receipt.ts'

const [head, line, entry] = [shownBy(receiptKind.fields.head), shownBy(receiptKind.fields.line), shownBy(entryFields)]

/** The receipt as it is answered. */
export function viewOf(receipt: Receipt, history: readonly HistoryStep[], showCosts: boolean) {
  return {
    ...head.show(receipt, showCosts),
    ...receipt.details?.order,
    lines: receipt.lines.map((each) => {
      const details = detailsOfLine(receipt.details, each.orderLine)
      return {
        line: each.line,
        ...line.show(each, showCosts),
        flag: flagOf(each, receipt.status, details?.lot ?? null),
        ...details,
        entries: (each.entries ?? []).map((one) => ({
          ...entry.show(one, showCosts),
          destination: one.destination ?? receipt.destination,
        })),
      }
    }),
    history,
  }
}

/** The receipt as it stands in a list. */
export function summaryOf(receipt: Listed<typeof receiptKind.fields>) {
  return { ...head.showListed(receipt), ...receipt.details?.order }
}
