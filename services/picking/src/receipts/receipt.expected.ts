/** What is still to come by a receipt: all that was ordered of it, until the ledger has posted it. Pure. */
import { formatQuantity } from '@stockline/amounts'
import type { ExpectedState } from '@stockline/contracts'
import { stateOf, type DocumentState } from '../documents/document.state.ts'
import { detailsOfLine } from '../orders/order.details.ts'
import { isFault, toBaseQuantity, type ReferenceData } from '../products/product.ts'
import { isOpenReceipt, type Receipt } from './receipt.ts'

/** The state as it is published. @param at when the receipt was changed last */
export function expectedState(receipt: Receipt, at: string, referenceData: ReferenceData): DocumentState {
  const { id: documentId, number, warehouse, orderSource, source, vendor, scheduledDate, destination } = receipt
  const lines = isOpenReceipt(receipt) ? expectedLines(receipt, referenceData) : []
  const data: ExpectedState = {
    ...{ documentId, number, warehouse, at, destination, lines },
    ...(orderSource === null || source === null ? {} : { order: { source: orderSource, orderNumber: source } }),
    ...(vendor === null ? {} : { vendor }),
    ...(scheduledDate === null ? {} : { expectedOn: scheduledDate }),
  }
  return stateOf('expected', data, lines.length === 0)
}

/** What cannot be told in the base unit as yet is left out, and so is what nobody ordered. */
function expectedLines(receipt: Receipt, { products, units }: ReferenceData): ExpectedState['lines'] {
  return receipt.lines.flatMap(({ line, sku, expected, unit, orderLine }) => {
    const product = products.get(sku)
    if (product === undefined || expected === 0n) return []
    const quantity = toBaseQuantity(product, expected, unit, units)
    if (isFault(quantity)) return []
    const own = detailsOfLine(receipt.details, orderLine)?.scheduledDate ?? receipt.scheduledDate
    const expectedOn = own === null || own === receipt.scheduledDate ? {} : { expectedOn: own }
    return [{ line, sku, quantity: formatQuantity(quantity), unit: product.unit, ...expectedOn }]
  })
}
