/** The journal in the database. */
import { formatMoney, formatQuantity, type AmountsAsText, storedMoney, storedQuantity } from '@stockline/amounts'
import { values } from '@stockline/contracts'
import { filtered, sql, type Queryable, plainArray, textArray, timeArray } from '@stockline/service-kit'
import type { EntryFilter } from './entry.api.ts'
import type { Company, JournalEntry, EntryLine, EntryRecord } from './entry.ts'

const insertEntries = sql(`
  insert into entries (id, number, input, valued_by, original, cause, document_id, document, position, after_position,
    date, effective_at, total)
  select * from unnest($1::bigint[], $2::text[], $3::bigint[], $4::bigint[], $5::boolean[], $6::text[], $7::uuid[],
    $8::text[], $9::bigint[], $10::bigint[], $11::date[], $12::timestamptz[], $13::numeric[])`)
const insertLines = sql(`
  insert into entry_lines (entry, line, debit, credit, amount, product_id, sku, quantity, move, basis, part_of)
  select * from unnest($1::bigint[], $2::int[], $3::int[], $4::int[], $5::numeric[], $6::uuid[], $7::text[],
    $8::numeric[], $9::uuid[], $10::text[], $11::uuid[])`)

const entryColumns = `entry.id, entry.number, entry.input, entry.valued_by as "valuedBy", entry.original, entry.cause,
  entry.document_id as "documentId", entry.document, entry.position, entry.after_position as "afterPosition",
  entry.date, entry.effective_at as "effectiveAt"`
const entriesAfterId = sql(`select ${entryColumns} from entries as entry where id > $1 order by id limit $2`)
const linesOfEntries = sql(`
  select entry, line, debit, credit, amount, product_id as "productId", sku, quantity, move, basis, part_of as "partOf"
  from entry_lines where entry = any($1::bigint[]) order by entry, line`)

type EntryColumns = Omit<EntryRecord, 'document' | 'lines'> & {
  readonly documentId: string | null
  readonly document: string | null
  readonly position: bigint | null
}

/** Writes entries with their lines, two statements for all. */
export async function keepEntries(tx: Queryable, entries: readonly JournalEntry[], company: Company): Promise<void> {
  if (entries.length === 0) return
  const total = (entry: JournalEntry) => entry.lines.reduce<bigint>((sum, line) => sum + line.amount, 0n)
  const lines = entries.flatMap((entry) => entry.lines)
  const ids = entries.flatMap((entry) => entry.lines.map(() => entry.id))
  const places = entries.flatMap((entry) => entry.lines.map((_line, index) => index + 1))
  await Promise.all([
    tx.query(insertEntries, [
      plainArray(entries.map((entry) => entry.id)),
      textArray(entries.map((entry) => entry.number)),
      plainArray(entries.map((entry) => entry.input)),
      plainArray(entries.map((entry) => entry.valuedBy)),
      plainArray(entries.map((entry) => entry.original)),
      plainArray(entries.map((entry) => entry.cause)),
      plainArray(entries.map((entry) => entry.document?.id ?? null)),
      textArray(entries.map((entry) => entry.document?.number ?? null)),
      plainArray(entries.map((entry) => entry.document?.position ?? null)),
      plainArray(entries.map((entry) => entry.afterPosition)),
      plainArray(entries.map((entry) => entry.date)),
      timeArray(entries.map((entry) => entry.effectiveAt)),
      plainArray(entries.map((entry) => formatMoney(total(entry) as EntryLine['amount'], company.minorDigits))),
    ]),
    tx.query(insertLines, [
      plainArray(ids),
      plainArray(places),
      plainArray(lines.map((line) => line.debit)),
      plainArray(lines.map((line) => line.credit)),
      plainArray(lines.map((line) => formatMoney(line.amount, company.minorDigits))),
      plainArray(lines.map((line) => line.productId)),
      textArray(lines.map((line) => line.sku)),
      plainArray(lines.map((line) => (line.quantity === null ? null : formatQuantity(line.quantity)))),
      plainArray(lines.map((line) => line.move)),
      textArray(lines.map((line) => line.basis)),
      plainArray(lines.map((line) => line.partOf)),
    ]),
  ])
}

/** The journal from after that entry, in its order. */
export async function entriesAfter(
  db: Queryable,
  after: bigint,
  limit: number,
  company: Company,
): Promise<EntryRecord[]> {
  return withLines(db, await db.query<EntryColumns>(entriesAfterId, [after, limit]), company)
}

/** Entries, and the epoch of the settings by which their accounts are named; undefined without entries. */
export interface FoundEntries {
  readonly entries: readonly EntryRecord[]
  readonly settingsEpoch: string | undefined
}

/** One page of the entries that the filter selects. */
export async function findEntries(
  db: Queryable,
  filter: EntryFilter,
  after: bigint,
  limit: number,
  company: Company,
): Promise<FoundEntries> {
  const { document, number, cause, since, until, sku } = filter
  const { statement, values: given } = filtered(({ all, value, when }) => {
    const start = value(after)
    // Those of a product come from its lines in their order; of a document there are few, and each is looked at.
    const withSku = (given: string) =>
      document === undefined && number === undefined
        ? `id in (select distinct entry from entry_lines where sku = ${given} and entry > ${start})`
        : `exists (select from entry_lines where entry = entry.id and sku = ${given})`
    return `
      select ${entryColumns}, (select settings_stamp from books) as "settingsEpoch" from entries as entry
      where ${all(
        `id > ${start}`,
        when(document, (given) => `document = ${given}`),
        when(number, (given) => `number = ${given}`),
        when(cause, (given) => `cause = ${given}`),
        when(since, (given) => (isTime(since) ? `effective_at >= ${given}` : `date >= ${given}`)),
        when(until, (given) => (isTime(until) ? `effective_at < ${given}` : `date <= ${given}`)),
        when(sku, withSku),
      )}
      order by id limit ${value(limit)}`
  })
  const rows = await db.query<EntryColumns & { readonly settingsEpoch: string }>(statement, given)
  return { entries: await withLines(db, rows, company), settingsEpoch: rows[0]?.settingsEpoch }
}

const isTime = (text: string | undefined) => text !== undefined && !values.isDay(text)

async function withLines(db: Queryable, rows: readonly EntryColumns[], company: Company): Promise<EntryRecord[]> {
  if (rows.length === 0) return []
  const lines = new Map<bigint, EntryLine[]>(rows.map((row) => [row.id, []]))
  for (const row of await db.query<AmountsAsText<EntryLine> & { readonly entry: bigint }>(linesOfEntries, [
    rows.map((row) => row.id),
  ]))
    lines.get(row.entry)?.push(lineFrom(row, company))
  return rows.map((row) => entryFrom(row, lines.get(row.id) ?? []))
}

function entryFrom(row: EntryColumns, lines: readonly EntryLine[]): EntryRecord {
  const { documentId, document: documentNumber, position, effectiveAt } = row
  const document =
    documentId === null || documentNumber === null || position === null
      ? null
      : { id: documentId, number: documentNumber, position, effectiveAt }
  const { id, number, input, valuedBy, original, cause, afterPosition, date } = row
  return { id, number, input, valuedBy, original, cause, document, afterPosition, date, effectiveAt, lines }
}

function lineFrom(row: AmountsAsText<EntryLine>, company: Company): EntryLine {
  const { debit, credit, productId, sku, move, basis, partOf } = row
  return {
    ...{ debit, credit, productId, sku, move, basis, partOf },
    amount: storedMoney(row.amount, company.minorDigits),
    quantity: row.quantity === null ? null : storedQuantity(row.quantity),
  }
}
