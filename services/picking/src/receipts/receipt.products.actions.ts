/** Open receipts whose products or units are counted otherwise by now. */
import type { Tx } from '../database.ts'
import { nameUnitOfOrders } from '../orders/order.units.actions.ts'
import type { UnitNaming } from '../products/product.actions.ts'
import type { CountingChange } from '../products/product.changes.ts'
import { renamedUnits } from '../products/product.ts'
import { catalogFor, type ReceiptChange } from './receipt.actions.ts'
import { reconsiderReceipt } from './receipt.amend.ts'
import { storedReceipts } from './receipt.store.ts'
import { isOpen, type Receipt } from './receipt.ts'

/** Judges them anew, and says so on them. */
export async function receiptsCountedOtherwise(tx: Tx, change: CountingChange): Promise<void> {
  const ids = await storedReceipts.idsNaming(tx, change.of)
  if (ids.length === 0) return
  const open = (await storedReceipts.lock(tx, ids)).filter(({ document }) => isOpen(document.status))
  const catalog = await catalogFor(
    tx,
    open.map(({ document }) => document),
  )
  const note = { what: 'product-changed', why: `${change.what.join('; ')}.`, who: null }
  const changes = open.flatMap((stored): readonly ReceiptChange[] => {
    const after = reconsiderReceipt(stored.document, catalog, change.of)
    return isAsBefore(stored.document, after) && !change.concernsAll ? [] : [{ stored, after, notes: [note] }]
  })
  await storedReceipts.update(tx, changes)
}

/** Gives open receipts of the source's orders the unit whose name converted to nothing, and judges them anew. */
export async function unitNamedOnReceipts(tx: Tx, naming: UnitNaming): Promise<void> {
  const ids = await storedReceipts.idsNaming(tx, { unit: naming.alias })
  const orders = await nameUnitOfOrders(tx, await storedReceipts.orderIdsOf(tx, ids), naming)
  if (orders.size === 0) return
  const open = (await storedReceipts.lock(tx, ids)).filter(
    ({ document }) => isOpen(document.status) && document.orderId !== null && orders.has(document.orderId),
  )
  const catalog = await catalogFor(
    tx,
    open.map(({ document }) => document),
    open.flatMap(({ document }) => document.lines.map(({ sku }) => ({ sku, unit: naming.unit }))),
  )
  const note = { what: 'unit-named', why: `${naming.alias} of ${naming.source} means ${naming.unit}.`, who: null }
  const changes = open.flatMap((stored): readonly ReceiptChange[] => {
    const lines = renamedUnits(stored.document.lines, naming, catalog)
    if (lines.every((line, index) => line === stored.document.lines[index])) return []
    return [{ stored, after: reconsiderReceipt({ ...stored.document, lines }, catalog), notes: [note] }]
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
