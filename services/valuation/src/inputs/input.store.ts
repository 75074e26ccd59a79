/** The log in the database, and the one row whose lock keeps it in order. */
import { sql, type Queryable, plainArray, timeArray } from '@stockline/service-kit'
import { borderDirection } from '../costing/line.ts'
import { newInput, type BooksRow, type LoggedInput, type InputData, type LockedBooks, type NewInput } from './input.ts'

const columns = `last_input as "lastInput", last_position as "lastPosition", last_entry as "lastEntry",
  last_account as "lastAccount", entry_numbers as "entryNumbers", inventory_value as "inventoryValue",
  parked_count as "parkedCount"`
// A position below zero is one that the ledger has given to another document since: see input.renumber.actions.ts.
const lockBooks = sql(`
  select ${columns}, settings_stamp as "settingsEpoch", exists (select from inputs where position < 0) as displaced
  from books for update`)
const readBooks = sql(`select ${columns} from books`)

const updateBooks = sql(`
  update books set last_input = $1, last_position = $2, last_entry = $3, last_account = $4, entry_numbers = $5,
    inventory_value = $6, parked_count = $7`)

// JSON has no line breaks of its own, so that its lines need no escaping, which an array of them would.
const insertInputs = sql(`
  insert into inputs (number, kind, position, data, actor, recorded_at, crosses_border, rules)
  select number, kind, position, data, $5::jsonb, recorded_at, crosses_border, rules
  from unnest($1::bigint[], $2::text[], $3::bigint[], string_to_array($4, e'\\n')::json[], $6::timestamptz[], $7::boolean[],
    $8::smallint[]) as input (number, kind, position, data, recorded_at, crosses_border, rules)`)

const readPlaces = sql(`
  select number, position, data->'document'->>'documentId' as "documentId", (data->'document'->>'attempt')::int as attempt
  from inputs
  where position < 0 or position >= $1 order by number`)
const clearPlaces = sql('update inputs set position = -1000000000000 - number where number = any($1::bigint[])')
const setPlaces = sql(`
  update inputs set position = place.position from unnest($1::bigint[], $2::bigint[]) as place (number, position)
  where inputs.number = place.number`)
// Two steps of one transfer may change places.
const clearEntryPlaces = sql(`
  update entries set position = -1000000000000 - input where input = any($1::bigint[]) and document_id is not null`)
const setEntryPlaces = sql(`
  update entries set position = place.position from unnest($1::bigint[], $2::bigint[]) as place (number, position)
  where entries.input = place.number and entries.document_id is not null`)
// An entry keeps its position while its document has none, unless another step of that document has it.
const readRenumbered = sql(`
  select number, case when position > 0 or exists (
      select from inputs other
      where other.position = -one.position and other.data->'document'->>'documentId' = one.data->'document'->>'documentId'
    ) then position else -position end as position
  from inputs one where kind = 'document' and position <> (data->'document'->>'position')::bigint`)

const readInputs = sql(`
  select number, data, recorded_at as "recordedAt", rules from inputs where number > $1 order by number limit $2`)

/** Locks the books: from here to the commit, nobody else values anything. */
export async function lockedBooks(tx: Queryable): Promise<LockedBooks> {
  return one(await tx.query<LockedBooks>(lockBooks))
}

/** A document of the log, by its place in the ledger. Below zero while it has none. */
export interface PlacedDocument {
  /** Of the input. */
  readonly number: bigint
  readonly position: bigint
  readonly documentId: string
  /** Of a transfer; null of other documents. */
  readonly attempt: number | null
  /** Another step of the same document has its position. */
  readonly clashes?: boolean
}

/** Documents from that position on, and those that have none. */
export function placesFrom(tx: Queryable, position: bigint): Promise<PlacedDocument[]> {
  return tx.query<PlacedDocument>(readPlaces, [position])
}

/** Documents get other positions, in the log and on their entries. */
export async function movePlaces(tx: Queryable, places: readonly PlacedDocument[]): Promise<void> {
  if (places.length === 0) return
  const numbers = places.map(({ number }) => number)
  const positions = places.map(({ position }) => position)
  await tx.query(clearPlaces, [numbers])
  await tx.query(setPlaces, [numbers, positions])
  const ofEntries = places.filter(({ position, clashes = false }) => position > 0n || clashes)
  const inputs = ofEntries.map(({ number }) => number)
  await tx.query(clearEntryPlaces, [inputs])
  await tx.query(setEntryPlaces, [inputs, ofEntries.map(({ position }) => position)])
}

/** The positions on entries of documents that have been given others than they were logged with, by the number of the input. */
export async function renumberedDocuments(db: Queryable): Promise<ReadonlyMap<bigint, bigint>> {
  const rows = await db.query<{ number: bigint; position: bigint }>(readRenumbered)
  return new Map(rows.map(({ number, position }) => [number, position]))
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
  inputs: readonly LoggedInput[],
  actor: { readonly id: string; readonly name: string } | null,
): Promise<void> {
  await tx.query(insertInputs, [
    plainArray(inputs.map((input) => input.number)),
    plainArray(inputs.map((input) => input.data.kind)),
    plainArray(inputs.map((input) => input.document?.position ?? null)),
    inputs.map((input) => JSON.stringify(input.data)).join('\n'),
    actor === null ? null : JSON.stringify(actor),
    timeArray(inputs.map((input) => input.recordedAt)),
    plainArray(inputs.map((input) => input.document?.lines.some((line) => borderDirection(line) !== 'none') ?? false)),
    plainArray(inputs.map((input) => input.rules)),
  ])
}

/** The log from after that number, ready for valuing again. */
export async function loggedInputs(db: Queryable, after: bigint, limit: number): Promise<(NewInput & LoggedInput)[]> {
  const rows = await db.query<{ number: bigint; data: InputData; recordedAt: Date; rules: number }>(readInputs, [
    after,
    limit,
  ])
  return rows.map((row) => ({ ...newInput(row.data, row.recordedAt, row.rules), number: row.number }))
}

function one<Row>(rows: readonly Row[]): Row {
  const [row] = rows
  if (row === undefined) throw new Error('The books are missing: the migrations have not run.')
  return row
}
