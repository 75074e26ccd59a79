/** What all actions on receipts share: locking, saving with history, and numbering new ones. */
import { alone, publish, Refused, refuse, type Alone, type Outgoing, type Refusal } from '@stockline/service-kit'
import type { Tx } from '../database.ts'
import { stepsOf } from '../history/history.actions.ts'
import type { Note, SignedNote } from '../history/history.ts'
import { takeNumbers } from '../numbers/number.actions.ts'
import { catalogAt, catalogForWaiting, type Named } from '../products/product.actions.ts'
import type { Catalog } from '../products/product.ts'
import type { Draft } from './receipt.amend.ts'
import { storedReceipts, type StoredReceipt } from './receipt.store.ts'
import type { Receipt } from './receipt.ts'

/** A receipt, what becomes of it, and what its history says about it. */
export interface ReceiptChange {
  readonly stored: StoredReceipt
  readonly after: Receipt
  readonly notes: readonly Note[]
}

/** The receipt, locked. */
export async function lockReceipt(tx: Tx, id: string): Promise<StoredReceipt> {
  const [stored] = await storedReceipts.lock(tx, [id])
  if (stored === undefined) throw new Refused(unknownReceipt())
  return stored
}

/**
 * Locks the receipts of several requests, decides each by itself, saves all. What a decision cannot be made for is
 * refused if it was asked for alone; in company it is left to a transaction of its own, since somebody else may hold it.
 *
 * @param decide the rule for one request; it writes nothing
 */
export async function decideTogether<Asked extends { readonly id: string }>(
  tx: Tx,
  asked: readonly Asked[],
  named: readonly Named[],
  decide: (stored: StoredReceipt, asked: Asked, catalog: Catalog) => Decided,
): Promise<readonly (StoredReceipt | Refusal | Alone)[]> {
  const ids = asked.map(({ id }) => id)
  const { documents: receipts, stamp } = await storedReceipts.lockWithStamp(tx, ids)
  const catalog = await catalogAt(tx, stamp, [...namesOn(receipts.map(({ receipt }) => receipt)), ...named])
  const byId = new Map(receipts.map((stored) => [stored.receipt.id, stored]))
  const decided = asked.map((one) => {
    const stored = byId.get(one.id)
    if (stored !== undefined) return decide(stored, one, catalog)
    return asked.length === 1 ? unknownReceipt() : alone
  })
  const changes = decided.filter((one) => isChange(one))
  const saved = await saveChanges(tx, changes)
  await publish(tx, ...changes.flatMap(({ told = [] }) => told))
  const after = new Map(changes.map((change, index) => [change, saved[index] ?? change.stored]))
  return decided.map((one) => (isChange(one) ? (after.get(one) ?? one.stored) : one))
}

/** A change among those of others, and what others are told of it. */
interface OwnChange extends ReceiptChange {
  readonly notes: readonly SignedNote[]
  readonly told?: readonly Outgoing[]
}

/** What a rule makes of a request: a change, the receipt as it is already, or no. */
export type Decided = OwnChange | StoredReceipt | Refusal

function isChange(decided: Decided | Alone): decided is OwnChange {
  return decided !== alone && 'after' in decided
}

/** There is none, or none that the one who asks may know of. */
export function unknownReceipt(): Refusal {
  return refuse('receipt-unknown', 'unknown', 'There is no such receipt.')
}

/** What is known of the products and units on receipts, entries included, and of what else is named. */
export async function catalogFor(
  tx: Tx,
  receipts: readonly Receipt[],
  others: readonly { readonly sku: string; readonly unit?: string | undefined }[] = [],
): Promise<Catalog> {
  return catalogForWaiting(tx, [...namesOn(receipts), ...others])
}

function namesOn(receipts: readonly Receipt[]): readonly { readonly sku: string; readonly unit: string }[] {
  return receipts.flatMap(({ lines }) =>
    lines.flatMap(({ sku, unit, entries }) => [
      { sku, unit },
      ...(entries ?? []).map((entry) => ({ sku, unit: entry.unit })),
    ]),
  )
}

/** Saves changes of any number of receipts in one statement, and gives them back as they are now. */
export async function saveChanges(tx: Tx, changes: readonly ReceiptChange[]): Promise<readonly StoredReceipt[]> {
  const raised = changes.map((change) => ({
    before: change.stored.receipt,
    after: { ...change.after, version: change.stored.receipt.version + 1 },
  }))
  const steps = stepsOf(
    tx,
    changes.flatMap(({ after, notes }) => notes.map((note) => ({ documentId: after.id, note }))),
  )
  await storedReceipts.update(tx, raised, steps)
  let next = 0
  return changes.map(({ stored, notes }, index) => {
    const added = steps.slice(next, (next += notes.length)).map((each) => each.step)
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
  const steps = stepsOf(
    tx,
    drafts.map(({ draft, note }) => ({ documentId: draft.id, note })),
  )
  await storedReceipts.insert(tx, receipts, steps)
  return receipts.map((receipt, index) => ({
    receipt,
    history: steps.slice(index, index + 1).map((each) => each.step),
  }))
}
