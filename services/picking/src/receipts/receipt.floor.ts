/** The states of a receipt: what of it was put to its places and is not posted yet, and what is still to come. Pure. */
import { floorState, type Moved } from '../documents/document.floor.ts'
import type { DocumentStates } from '../documents/document.state.ts'
import { isFault, toBaseQuantity, type ReferenceData } from '../products/product.ts'
import { expectedState } from './receipt.expected.ts'
import { heldStatus, ownedIn } from './receipt.rejected.ts'
import { isOpenReceipt, type Receipt } from './receipt.ts'

/** The states of receipts. */
export const receiptStates: DocumentStates<Receipt> = {
  mayHave: isOpenReceipt,
  candidates: 'd.open',
  of: (receipt, at, referenceData) => [
    floorState(receipt, 'receipt', at, putOf(receipt, referenceData)),
    expectedState(receipt, at, referenceData),
  ],
}

/** What cannot be counted in the base unit as yet is left out: it cannot be posted either. */
function putOf(receipt: Receipt, referenceData: ReferenceData): readonly Moved[] {
  if (!isOpenReceipt(receipt)) return []
  return receipt.lines.flatMap(({ sku, entries }) => {
    const product = referenceData.products.get(sku)
    if (product === undefined) return []
    return ownedIn(entries ?? []).flatMap(({ quantity: entered, unit, lot, destination, rejected }) => {
      const quantity = entered === 0n ? entered : toBaseQuantity(product, entered, unit, referenceData.units)
      if (isFault(quantity)) return []
      const held = rejected ? { status: heldStatus(rejected) } : {}
      return [{ location: destination ?? receipt.destination, sku, lot, quantity, ...held }]
    })
  })
}
