/** Keeping entries and telling the accounting system of them. */
import { formatQuantity, formatUnitPrice } from '@stockline/amounts'
import { valuationEntryPosted } from '@stockline/contracts'
import type { Event } from '@stockline/contracts/envelope'
import { event, publish, type Outgoing } from '@stockline/service-kit'
import type { Account } from '../accounts/account.ts'
import type { Tx } from '../database.ts'
import { shown, sidesOf, type Company, type JournalEntry } from './entry.ts'
import { keepEntries } from './entry.store.ts'

export { entriesAfter } from './entry.store.ts'

/**
 * Keeps entries and publishes them, under the lock of the books, so that they travel in their order.
 *
 * @param accounts all that the entries may name
 * @param causeOf the event by which an input came, by its number
 */
export async function postEntries(
  tx: Tx,
  company: Company,
  entries: readonly JournalEntry[],
  accounts: readonly Account[],
  causeOf: (input: bigint) => Event | undefined,
): Promise<void> {
  const codes = new Map(accounts.map((account) => [account.id, account.code]))
  const events = entries.map((entry) => entryPosted(entry, codes, company, causeOf(entry.valuedBy)))
  await Promise.all([keepEntries(tx, entries, company), publish(tx, ...events)])
}

function entryPosted(
  entry: JournalEntry,
  codes: ReadonlyMap<number, string>,
  company: Company,
  causedBy: Event | undefined,
): Outgoing {
  const lines = sidesOf(entry.lines).map(({ account, debit, credit, line }) => ({
    account: codes.get(account) ?? String(account),
    debit: shown(debit, company),
    credit: shown(credit, company),
    sku: line.sku,
    quantity: line.quantity === null ? null : formatQuantity(line.quantity),
    move: line.move,
  }))
  const data = {
    number: entry.number,
    document: entry.document?.number ?? null,
    documentId: entry.document?.id ?? null,
    position: entry.document?.position.toString() ?? null,
    date: entry.date,
    currency: company.currency,
    cause: entry.cause,
    lines,
    unitCosts: entry.unitCosts.map(({ sku, unitCost }) => ({ sku, unitCost: formatUnitPrice(unitCost) })),
  }
  return event(valuationEntryPosted, company.code, data, { causedBy })
}
