/** What all actions on receipts share: locking, saving with history, and numbering new ones. */
import { Refused, refuse } from '@stockline/service-kit'
import type { Tx } from '../database.ts'
import { remember } from '../history/history.actions.ts'
import type { HistoryStep, Note } from '../history/history.ts'
import { takeNumbers } from '../numbers/number.actions.ts'
import { catalogOf } from '../products/product.actions.ts'
import type { Catalog } from '../products/product.ts'
import type { Draft } from './receipt.amend.ts'
import { insertReceipts, lockReceipts, updateReceipts, type StoredReceipt } from './receipt.store.ts'
import type { Receipt } from './receipt.ts'

/** A receipt, what becomes of it, and what its history says about it. */
export interface ReceiptChange {
  readonly stored: StoredReceipt
  readonly after: Receipt
  readonly notes: readonly Note[]
}

/** The receipt, locked. */
export async function lockReceipt(tx: Tx, id: string): Promise<StoredReceipt> {
  const [stored] = await lockReceipts(tx, [id])
  if (stored === undefined) throw new Refused(refuse('receipt-unknown', 'unknown', 'There is no such receipt.'))
  return stored
}

/** What is known of the products and units on receipts, entries included, and of what else is named. */
export async function catalogFor(
  tx: Tx,
  receipts: readonly Receipt[],
  others: readonly { readonly sku: string; readonly unit?: string | undefined }[] = [],
): Promise<Catalog> {
  const lines = receipts.flatMap((receipt) => receipt.lines)
  const entered = lines.flatMap((line) => (line.entries ?? []).map((entry) => ({ sku: line.sku, unit: entry.unit })))
  return catalogOf(tx, [...lines, ...entered, ...others])
}

/** Saves changes of any number of receipts in two statements, and gives them back as they are now. */
export async function saveChanges(tx: Tx, changes: readonly ReceiptChange[]): Promise<readonly StoredReceipt[]> {
  const raised = changes.map((change) => ({
    before: change.stored.receipt,
    after: { ...change.after, version: change.stored.receipt.version + 1 },
  }))
  await updateReceipts(tx, raised)
  const steps = await remember(
    tx,
    changes.flatMap(({ after, notes }) => notes.map((note) => ({ documentId: after.id, note }))),
  )
  let next = 0
  return changes.map(({ stored, notes }, index) => {
    const added: readonly HistoryStep[] = steps.slice(next, (next += notes.length))
    return { receipt: raised[index]?.after ?? stored.receipt, history: [...stored.history, ...added] }
  })
}

/** Gives drafts their numbers, all of a warehouse at once, and saves them. Do it last in a transaction. */
export async function createReceipts(
  tx: Tx,
  drafts: readonly { readonly draft: Draft; readonly note: Note }[],
): Promise<readonly StoredReceipt[]> {
  const numbers = new Map<string, string[]>()
  for (const warehouse of [...new Set(drafts.map(({ draft }) => draft.warehouse))].sort()) {
    const count = drafts.filter(({ draft }) => draft.warehouse === warehouse).length
    numbers.set(warehouse, [...(await takeNumbers(tx, warehouse, 'IN', count))])
  }
  const receipts = drafts.map(({ draft }): Receipt => {
    const number = numbers.get(draft.warehouse)?.shift()
    if (number === undefined) throw new Error(`No number was taken for a receipt in ${draft.warehouse}.`)
    return { ...draft, number }
  })
  await insertReceipts(tx, receipts)
  const steps = await remember(
    tx,
    drafts.map(({ draft, note }) => ({ documentId: draft.id, note })),
  )
  return receipts.map((receipt, index) => ({ receipt, history: steps.slice(index, index + 1) }))
}
