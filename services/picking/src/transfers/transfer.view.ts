/** How a transfer is shown. Pure. */
import { formatQuantity } from '@stockline/amounts'
import { viewOfKind } from '@stockline/documents/declaration'
import { transferKind } from './transfer.fields.ts'
import { inTransitIn, sumMoved, type TransferLine } from './transfer.ts'

/** A transfer in answers and in lists. */
export const transferView = viewOfKind(transferKind.fields, sumsOf)

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
