/** The log in the database, and the one row whose lock keeps it in order. */
import { sql, type Queryable } from '@stockline/service-kit'
import { directionOf } from '../costing/line.ts'
import { plainArray, timeArray } from '../database.ts'
import { newInput, type BooksRow, type Input, type InputData, type NewInput } from './input.ts'

const columns = `last_input as "lastInput", last_position as "lastPosition", last_entry as "lastEntry",
  last_account as "lastAccount", entry_numbers as "entryNumbers", inventory_value as "inventoryValue",
  parked_count as "parkedCount"`
const lockBooks = sql(`select ${columns} from books for update`)
const readBooks = sql(`select ${columns} from books`)

const updateBooks = sql(`
  update books set last_input = $1, last_position = $2, last_entry = $3, last_account = $4, entry_numbers = $5,
    inventory_value = $6, parked_count = $7`)

// JSON has no line breaks of its own, so that its lines need no escaping, which an array of them would.
const insertInputs = sql(`
  insert into inputs (number, kind, position, data, actor, recorded_at, crosses_border)
  select number, kind, position, data, $5::jsonb, recorded_at, crosses_border
  from unnest($1::bigint[], $2::text[], $3::bigint[], string_to_array($4, e'\\n')::json[], $6::timestamptz[], $7::boolean[])
    as input (number, kind, position, data, recorded_at, crosses_border)`)

const readInputs = sql(`
  select number, data, recorded_at as "recordedAt" from inputs where number > $1 order by number limit $2`)

/** Locks the books: from here to the commit, nobody else values anything. */
export async function lockedBooks(tx: Queryable): Promise<BooksRow> {
  return one(await tx.query<BooksRow>(lockBooks))
}

/** The books as they are, without a lock: only for reading on a snapshot of one's own. */
export async function currentBooks(db: Queryable): Promise<BooksRow> {
  return one(await db.query<BooksRow>(readBooks))
}

/** Saves where everything has come to. */
export async function saveBooks(tx: Queryable, books: BooksRow): Promise<void> {
  await tx.query(updateBooks, [
    books.lastInput,
    books.lastPosition,
    books.lastEntry,
    books.lastAccount,
    JSON.stringify(books.entryNumbers),
    books.inventoryValue,
    books.parkedCount,
  ])
}

/** Writes inputs to the log. */
export async function appendInputs(
  tx: Queryable,
  inputs: readonly Input[],
  actor: { readonly id: string; readonly name: string } | null,
): Promise<void> {
  await tx.query(insertInputs, [
    plainArray(inputs.map((input) => input.number)),
    plainArray(inputs.map((input) => input.data.kind)),
    plainArray(inputs.map((input) => input.document?.position ?? null)),
    inputs.map((input) => JSON.stringify(input.data)).join('\n'),
    actor === null ? null : JSON.stringify(actor),
    timeArray(inputs.map((input) => input.recordedAt)),
    plainArray(inputs.map((input) => input.document?.lines.some((line) => directionOf(line) !== 'none') ?? false)),
  ])
}

/** The log from after that number, ready for valuing again. */
export async function loggedInputs(db: Queryable, after: bigint, limit: number): Promise<(NewInput & Input)[]> {
  const rows = await db.query<{ number: bigint; data: InputData; recordedAt: Date }>(readInputs, [after, limit])
  return rows.map((row) => ({ ...newInput(row.data, row.recordedAt), number: row.number }))
}

function one<Row>(rows: readonly Row[]): Row {
  const [row] = rows
  if (row === undefined) throw new Error('The books are missing: the migrations have not run.')
  return row
}
