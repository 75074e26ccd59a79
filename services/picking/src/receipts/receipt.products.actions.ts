/** Open receipts whose products or units are counted otherwise by now. */
import type { Tx } from '../database.ts'
import type { CountingChange } from '../products/product.changes.ts'
import { catalogFor, type ReceiptChange } from './receipt.actions.ts'
import { reconsiderReceipt } from './receipt.amend.ts'
import { storedReceipts } from './receipt.store.ts'
import { isOpen, type Receipt } from './receipt.ts'

/** Judges them anew, and says so on them. */
export async function receiptsCountedOtherwise(tx: Tx, change: CountingChange): Promise<void> {
  const ids = await storedReceipts.idsNaming(tx, change.of)
  if (ids.length === 0) return
  const open = (await storedReceipts.lock(tx, ids)).filter(({ receipt }) => isOpen(receipt.status))
  const catalog = await catalogFor(
    tx,
    open.map(({ receipt }) => receipt),
  )
  const note = { what: 'product-changed', why: `${change.what.join('; ')}.`, who: null }
  const changes = open.flatMap((stored): readonly ReceiptChange[] => {
    const after = reconsiderReceipt(stored.receipt, catalog, change.of)
    return isAsBefore(stored.receipt, after) && !change.concernsAll ? [] : [{ stored, after, notes: [note] }]
  })
  await storedReceipts.update(tx, changes)
}

function isAsBefore(before: Receipt, after: Receipt): boolean {
  return (
    before.status === after.status &&
    before.problem === after.problem &&
    before.lines.length === after.lines.length &&
    before.lines.every(({ received }, index) => received === after.lines[index]?.received)
  )
}
