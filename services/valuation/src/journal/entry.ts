/**
 * Journal entries. A line says, like a move of stock: so much from that account to this one, for this move. So every
 * line is balanced by itself; it is shown as a debit and a credit.
 */
import { formatMoney, money, negative, plus, type Money, type Quantity, type UnitPrice, zero } from '@stockline/amounts'
import type { DocumentKind } from '@stockline/contracts'
import type { AccountMap, AccountRole } from '../accounts/account.ts'

/** Why an entry is there: a document's kind for its original entry, else what made a linked one. */
export type Cause =
  | DocumentKind
  | 'negative-stock-covered'
  | 'category-changed'
  | 'cost-method-changed'
  | 'standard-cost-changed'
  | 'accounts-changed'

/** An amount, zero or more, debited to one account and credited to another. */
export interface EntryLine {
  readonly debit: number
  readonly credit: number
  readonly amount: Money
  readonly productId: string | null
  readonly sku: string | null
  readonly quantity: Quantity | null
  readonly move: string | null
  /** The source of the cost, or the method by which it was found. */
  readonly basis: string | null
  /** The move that opened the order's line of which this is a part: see `order-line.ts`. Null where nothing is carried over. */
  readonly partOf: string | null
}

/** The document that an entry belongs to. */
export interface EntryDocument {
  readonly id: string
  readonly number: string
  readonly position: bigint
  readonly effectiveAt: Date
}

export interface JournalEntry {
  /** Place among all entries, without gaps. */
  readonly id: bigint
  /** `2026/000123`: gapless per year. */
  readonly number: string
  /** The input that is valued, and the one that made it possible: a released document is valued later than it came. */
  readonly input: bigint
  readonly valuedBy: bigint
  /** The one entry of a document; all others are linked to it or to no document. */
  readonly original: boolean
  readonly cause: Cause
  readonly document: EntryDocument | null
  /** The last position of the ledger that was known. */
  readonly afterPosition: bigint
  readonly date: string
  readonly effectiveAt: Date
  readonly lines: readonly EntryLine[]
  /** What a unit of each product touched costs now, for showing. */
  readonly unitCosts: readonly { readonly sku: string; readonly unitCost: UnitPrice }[]
}

/** An entry as the database keeps it: without the unit costs, which are published once. */
export type EntryRecord = Omit<JournalEntry, 'unitCosts'>

/** A line before its accounts are known by id. */
export type LineDraft = Omit<EntryLine, 'debit' | 'credit'> & {
  readonly debit: AccountRole
  readonly credit: AccountRole
}

/** An entry before it has its number. */
export type EntryDraft = Pick<
  JournalEntry,
  'input' | 'valuedBy' | 'original' | 'cause' | 'document' | 'effectiveAt' | 'unitCosts'
> & {
  readonly lines: readonly LineDraft[]
}

/** The last number given in each year. */
export type EntryNumbers = Readonly<Record<string, number>>

/** How the company counts money and days. */
export interface Company {
  /** Its code: the subject of all entries on the bus. */
  readonly code: string
  readonly currency: string
  readonly minorDigits: number
  readonly timeZone: string
}

/** A line with its sides turned where the amount is negative. */
export function turned(line: LineDraft): LineDraft {
  return line.amount >= 0n ? line : { ...line, debit: line.credit, credit: line.debit, amount: negative(line.amount) }
}

/** The line with its accounts as they are now. */
export function withAccountIds(line: LineDraft, accounts: AccountMap): EntryLine {
  return { ...line, debit: accounts[line.debit].id, credit: accounts[line.credit].id }
}

/** The next number of the year that the date lies in. */
export function nextEntryNumber(numbers: EntryNumbers, date: string): { number: string; numbers: EntryNumbers } {
  const year = date.slice(0, 4)
  const last = (numbers[year] ?? 0) + 1
  return { number: `${year}/${String(last).padStart(6, '0')}`, numbers: { ...numbers, [year]: last } }
}

/** One side of a line, as an accountant reads it. */
export interface Side {
  readonly account: number
  readonly debit: Money
  readonly credit: Money
  readonly line: EntryLine
}

/** The lines as debits and credits; what one move debits or credits to the same account is one amount. */
export function sidesOf(lines: readonly EntryLine[]): Side[] {
  const sides: Side[] = []
  let at = 0
  while (at < lines.length) {
    const first = lines[at] as EntryLine
    let end = at + 1
    while (first.move !== null && end < lines.length && lines[end]?.move === first.move) end += 1
    sides.push(...sidesOfMove(lines.slice(at, end)))
    at = end
  }
  return sides
}

function sidesOfMove(lines: readonly EntryLine[]): Side[] {
  const sides: Side[] = []
  const none = zero.money
  const add = (account: number, debit: Money, credit: Money, line: EntryLine) => {
    const same = sides.findIndex((side) => side.account === account)
    const before = sides[same]
    if (before === undefined) sides.push({ account, debit, credit, line })
    else sides[same] = { ...before, debit: plus(before.debit, debit), credit: plus(before.credit, credit) }
  }
  for (const line of lines) add(line.debit, line.amount, none, line)
  for (const line of lines) add(line.credit, none, line.amount, line)
  return sides
}

/** An amount as it is shown. */
export function shown(amount: bigint, company: Company): string {
  return formatMoney(money(amount), company.minorDigits)
}
