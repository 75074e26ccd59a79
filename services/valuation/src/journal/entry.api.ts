import { formatQuantity } from '@stockline/amounts'
import { values } from '@stockline/contracts'
import { decodeCursor, encodeCursor, listQuery, page, pageOf, query, type FiltersOf } from '@stockline/service-kit'
import { z } from 'zod'
import type { Account } from '../accounts/account.ts'
import { allAccountsAt } from '../accounts/account.actions.ts'
import type { Database } from '../database.ts'
import { type Company, type EntryRecord, shown, sidesOf } from './entry.ts'
import { findEntries } from './entry.store.ts'

const lineAnswer = z.object({
  account: z.string().meta({ description: 'Code of the account.' }),
  accountName: z.string(),
  role: z.string().meta({ description: 'The part that the account plays: inventory, grni, cogs …' }),
  debit: z.string(),
  credit: z.string(),
  sku: z.string().nullable(),
  quantity: z.string().nullable(),
  move: z.string().nullable(),
  basis: z.string().nullable().meta({ description: 'What told the cost: order price, current average, fifo …' }),
})

const entryAnswer = z
  .object({
    number: z.string().meta({ examples: ['2026/000123'] }),
    document: z.string().nullable(),
    documentId: z.uuid().nullable(),
    position: z.string().nullable().meta({ description: "The document's place in stock's ledger." }),
    date: z.iso.date(),
    currency: z.string(),
    cause: z.string().meta({
      description:
        'The kind of the document; of an entry that is linked, what made it: negative-stock-covered, category-changed, cost-method-changed, standard-cost-changed, accounts-changed.',
    }),
    original: z.boolean().meta({ description: 'The one entry of its document; others are linked to it.' }),
    total: z.string(),
    lines: z.array(lineAnswer),
  })
  .meta({ id: 'JournalEntry' })

const cursorShape = z.tuple([z.string().regex(/^\d{1,18}$/)])

const entryQuery = listQuery({
  document: z.string().max(64).optional().meta({ description: "The document's number: WH/IN/00042." }),
  number: z.string().max(30).optional(),
  cause: z.string().max(40).optional(),
  sku: z.string().max(255).optional(),
  since: values.dateOrTime
    .optional()
    .meta({ description: 'Entry date, included; or a time: what happened then or later.' }),
  until: values.dateOrTime
    .optional()
    .meta({ description: 'Entry date, included; or a time: what happened before then.' }),
})

/** What a list of entries may be narrowed by. */
export type EntryFilter = FiltersOf<typeof entryQuery>

const listRoute = (company: Company) =>
  query({
    path: '/v1/journal-entries',
    right: 'journalentry.read',
    summary: 'Lists journal entries, in the order in which they were made',
    query: entryQuery,
    answers: pageOf(entryAnswer),
    run: async (db: Database, { query: { limit, cursor, ...filter } }) => {
      const after = BigInt(decodeCursor(cursor, cursorShape)?.[0] ?? '0')
      const { entries, settingsEpoch } = await findEntries(db, filter, after, limit + 1, company)
      // Most requests wait for the entry of one document, and find none at first.
      const accounts = settingsEpoch === undefined ? [] : await allAccountsAt(db, settingsEpoch)
      const byId = new Map(accounts.map((account) => [account.id, account]))
      const { items, nextCursor } = page(entries, limit, (last) => encodeCursor(last.id))
      return { items: items.map((entry) => answer(entry, byId, company)), nextCursor }
    },
  })

function answer(entry: EntryRecord, accounts: ReadonlyMap<number, Account>, company: Company) {
  const { number, document, date, cause, original } = entry
  return {
    ...{ number, date, cause, original, currency: company.currency },
    document: document?.number ?? null,
    documentId: document?.id ?? null,
    position: document?.position.toString() ?? null,
    total: shown(
      entry.lines.reduce((sum, line) => sum + line.amount, 0n),
      company,
    ),
    lines: sidesOf(entry.lines).map(({ account, debit, credit, line }) => ({
      account: accounts.get(account)?.code ?? String(account),
      accountName: accounts.get(account)?.name ?? '',
      role: accounts.get(account)?.role ?? '',
      debit: shown(debit, company),
      credit: shown(credit, company),
      sku: line.sku,
      quantity: line.quantity === null ? null : formatQuantity(line.quantity),
      move: line.move,
      basis: line.basis,
    })),
  }
}

/** Routes of the journal. */
export const entryRoutes = (company: Company) => [listRoute(company)]
