/** How a transfer is shown. Pure. */
import { formatQuantity } from '@stockline/amounts'
import type { HistoryStep } from '@stockline/documents'
import { shownBy } from '@stockline/documents/declaration'
import { transferKind } from './transfer.fields.ts'
import { inTransitIn, sumMoved, type Transfer, type TransferLine } from './transfer.ts'

const [head, line] = [shownBy(transferKind.fields.head), shownBy(transferKind.fields.line)]

/** A transfer in answers and in lists. */
export const transferView = {
  summary: head.showListed,
  answer: (transfer: Transfer, history: readonly HistoryStep[]) => ({
    ...head.show(transfer),
    lines: transfer.lines.map((each) => ({ line: each.line, ...line.show(each), ...sumsOf(each) })),
    history,
  }),
}

function sumsOf(each: TransferLine) {
  const of = (what: Parameters<typeof sumMoved>[1]) => formatQuantity(sumMoved(each, what))
  return {
    shipped: of('shipped'),
    received: of('received'),
    lost: of('lost'),
    returned: of('returned'),
    inTransit: formatQuantity(inTransitIn(each.moves)),
  }
}
