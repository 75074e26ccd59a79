/** What all actions on receipts share: locking them, and deciding several together. */
import { publish, Refused, refuse, type Alone, type Outgoing, type Refusal } from '@stockline/service-kit'
import type { Tx } from '../database.ts'
import type { Change, Stored } from '../documents/document.ts'
import { decideEach } from '../documents/document.together.actions.ts'
import type { SignedNote } from '../history/history.ts'
import { catalogAt, catalogForWaiting, type Named } from '../products/product.actions.ts'
import type { Catalog } from '../products/product.ts'
import { storedReceipts } from './receipt.store.ts'
import type { Receipt } from './receipt.ts'

/** What becomes of a receipt. */
export type ReceiptChange = Change<Receipt>

/** The receipt, locked. */
export async function lockReceipt(tx: Tx, id: string): Promise<Stored<Receipt>> {
  const [stored] = await storedReceipts.lock(tx, [id])
  if (stored === undefined) throw new Refused(unknownReceipt())
  return stored
}

/**
 * Locks the receipts of several requests, decides each by itself, saves all.
 *
 * @param named what is named beside what is on the receipts
 * @param decide the rule for one request; it writes nothing
 */
export async function decideTogether<Asked extends { readonly id: string }>(
  tx: Tx,
  asked: readonly Asked[],
  named: readonly Named[],
  decide: (stored: Stored<Receipt>, asked: Asked, catalog: Catalog) => Decided,
): Promise<readonly (Stored<Receipt> | Refusal | Alone)[]> {
  const { documents, stamp } = await storedReceipts.lockWithStamp(
    tx,
    asked.map(({ id }) => id),
  )
  const receipts = [...documents.values()].map(({ document }) => document)
  const catalog = await catalogAt(tx, stamp, [...namesOn(receipts), ...named])
  return decideEach<Asked, Receipt, OwnChange>(asked, {
    documents,
    unknown: unknownReceipt,
    decide: (stored, one) => decide(stored, one, catalog),
    save: async (changes) => {
      const saved = await storedReceipts.update(tx, changes)
      await publish(tx, ...changes.flatMap(({ told = [] }) => told))
      return saved
    },
  })
}

/** A change among those of others, and what others are told of it. */
interface OwnChange extends ReceiptChange {
  readonly notes: readonly SignedNote[]
  readonly told?: readonly Outgoing[]
}

/** What a rule makes of a request: a change, the receipt as it is already, or no. */
export type Decided = OwnChange | Stored<Receipt> | Refusal

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
