/**
 * Documents in the database: a head, its lines and its history. What receipts and deliveries have alike: how they are
 * locked, read and written, in few statements, whatever their number.
 */
import { assignments, columnNames, columnsOf, sql } from '@stockline/service-kit'
import type { Reader, Tx } from '../database.ts'
import { addStepsSql, historyJson, stepsText, type NewStep } from '../history/history.actions.ts'
import type { HistoryStep } from '../history/history.ts'
import { assignedSql } from '../locations/location.actions.ts'
import { catalogStamp } from '../products/product.actions.ts'

/** Columns of every head: what a document keeps from its beginning, and what its steps change. */
const fixedColumns = `id uuid, number text, warehouse text, order_id uuid, source text, backorder_of uuid,
  created_at timestamptz`
const changingColumns = `status text, order_revision int, scheduled_date date, problem text, waits_for text[],
  remainder text, effective_at timestamptz, attempt int, returns_to text, position bigint, version int`
// Where the document takes place follows from its lines: it is written for those who ask for a scope, and not read back.
const placesColumn = 'locations text[]'

/** Where a kind of document is kept. Columns are lists of a name and a type each, as in `expected numeric, unit text`. */
export interface DocumentTables {
  readonly heads: 'receipts' | 'deliveries'
  readonly lines: 'receipt_lines' | 'delivery_lines'
  /** The column of a line that names its document. */
  readonly parent: string
  /** Columns that its heads have besides those of every head. */
  readonly fixed: string
  readonly changing: string
  /** Columns of its lines besides `parent` and `line`. */
  readonly lineColumns: string
}

/** A kind of document: its tables, and what their rows mean. */
export interface DocumentKind<Head, Line, Document, Stored> extends DocumentTables {
  /** The statuses in which an arriving product or unit is of use to it. */
  readonly helpedWhile: readonly string[]
  /** The document out of its rows. Numerics of lines come as text, since JSON would make floats of them. */
  readonly fromRows: (head: Head, lines: readonly Line[]) => Document
  readonly headOf: (document: Document) => object
  readonly lineOf: (documentId: string, line: LineOf<Document>) => object
  readonly stored: (document: Document, history: readonly HistoryStep[]) => Stored
}

interface Lined {
  readonly id: string
  readonly lines: readonly { readonly line: number }[]
}
type LineOf<Document> = Document extends { readonly lines: readonly (infer Line)[] } ? Line : never

/** What can be done with stored documents of a kind. */
export interface DocumentStore<Document, Stored> {
  /** By id, locked in the order of their ids. Those that do not exist are left out. */
  lock(tx: Tx, ids: readonly string[]): Promise<readonly Stored[]>
  /**
   * Locked, with the stamp of the catalog to judge them by. One is waited for; of several those that somebody else holds
   * are left out, as are those that do not exist.
   */
  lockWithStamp(
    tx: Tx,
    ids: readonly string[],
  ): Promise<{ readonly documents: readonly Stored[]; readonly stamp: string }>
  /** All of an order, locked, oldest first. Lock the order before. */
  lockOfOrder(tx: Tx, orderId: string): Promise<readonly Stored[]>
  /** Locks all of several orders, for those who change them one after the other. Lock the orders before. */
  lockAllOfOrders(tx: Tx, orderIds: readonly string[]): Promise<void>
  /** By id, for showing. */
  read(db: Reader, ids: readonly string[]): Promise<readonly Stored[]>
  /** Those that the ledger has answered: cheap, since whoever waits asks many times a second. */
  answeredIds(db: Reader, ids: readonly string[]): Promise<readonly string[]>
  /** The orders behind them. */
  orderIdsOf(tx: Tx, ids: readonly string[]): Promise<readonly string[]>
  /** Those that wait for one of the keys. */
  waitingIds(tx: Tx, keys: readonly string[]): Promise<readonly string[]>
  /** Where it takes place, and the user's own locations; undefined when there is no such document. */
  placesAndAssigned(
    db: Reader,
    id: string,
    userId: string,
  ): Promise<{ readonly locations: readonly string[]; readonly assigned: readonly string[] } | undefined>
  /** Writes new ones with their lines and first steps. */
  insert(tx: Tx, documents: readonly Document[], steps: readonly NewStep[]): Promise<void>
  /** Writes what has changed. Only lines that are not the same object are written. */
  update(
    tx: Tx,
    changes: readonly { readonly before: Document; readonly after: Document }[],
    steps: readonly NewStep[],
  ): Promise<void>
}

interface Parts<Line> {
  readonly id: string
  readonly lines: readonly Line[]
  readonly history: readonly HistoryStep[]
}

/** The store of a kind. Make it once, as a constant: each has statements of its own. */
export function documentStore<Head extends { readonly id: string }, Line, Document extends Lined, Stored>(
  kind: DocumentKind<Head, Line, Document, Stored>,
): DocumentStore<Document, Stored> {
  const statements = statementsOf(kind)
  const { fromRows, headOf, lineOf, stored } = kind

  // Sent together with the statement that locks: it runs when the lock was given.
  const readParts = (tx: Tx, ids: readonly string[]) => tx.query<Parts<Line>>(statements.parts, [ids])
  const whole = (heads: readonly Head[], rows: readonly Parts<Line>[]): readonly Stored[] => {
    const parts = new Map(rows.map((row) => [row.id, row]))
    return heads.map((head) => {
      const { lines, history } = parts.get(head.id) ?? { lines: [], history: [] }
      return stored(fromRows(head, lines), history)
    })
  }
  const linesOf = (document: Document) => document.lines as readonly (LineOf<Document> & { readonly line: number })[]

  return {
    lock: async (tx, ids) => {
      const lock = ids.length === 1 ? tx.query<Head>(statements.lockOne, ids) : tx.query<Head>(statements.lock, [ids])
      return whole(...(await Promise.all([lock, readParts(tx, ids)])))
    },
    lockWithStamp: async (tx, ids) => {
      const { lockOne, lockFree } = statements
      const lock = ids.length === 1 ? tx.query<Head>(lockOne, ids) : tx.query<Head>(lockFree, [ids])
      const [heads, parts, stamp] = await Promise.all([lock, readParts(tx, ids), catalogStamp(tx)])
      return { documents: whole(heads, parts), stamp }
    },
    lockOfOrder: async (tx, orderId) => {
      const heads = await tx.query<Head>(statements.lockOfOrder, [orderId])
      const ids = heads.map((head) => head.id)
      return ids.length === 0 ? [] : whole(heads, await readParts(tx, ids))
    },
    lockAllOfOrders: async (tx, orderIds) => {
      await tx.query(statements.lockOfOrders, [orderIds])
    },
    read: async (db, ids) => {
      type Row = Head & Parts<Line>
      const { readOne, read } = statements
      const rows = await (ids.length === 1 ? db.query<Row>(readOne, ids) : db.query<Row>(read, [ids]))
      return rows.map((row) => stored(fromRows(row, row.lines), row.history))
    },
    answeredIds: async (db, ids) => idsOf(await db.query(statements.answered, [ids])),
    orderIdsOf: async (tx, ids) => idsOf(await tx.query(statements.orderIds, [ids])),
    waitingIds: async (tx, keys) => idsOf(await tx.query(statements.waiting, [keys, kind.helpedWhile])),
    placesAndAssigned: async (db, id, userId) => {
      const [row] = await db.query<{ locations: string[]; assigned: string[] }>(statements.places, [id, userId])
      return row
    },
    insert: async (tx, documents, steps) => {
      if (documents.length === 0) return
      const lines = documents.flatMap((document) => linesOf(document).map((line) => lineOf(document.id, line)))
      await tx.query(statements.insert, [
        JSON.stringify(documents.map(headOf)),
        JSON.stringify(lines),
        stepsText(steps),
      ])
    },
    update: async (tx, changes, steps) => {
      if (changes.length === 0) return
      const changed = changes.flatMap(({ before, after }) => {
        const same = new Set<unknown>(before.lines)
        return linesOf(after)
          .filter((line) => !same.has(line))
          .map((line) => lineOf(after.id, line))
      })
      const gone = changes.flatMap(({ before, after }) => {
        const stay = new Set(after.lines.map(({ line }) => line))
        return before.lines.flatMap(({ line }) => (stay.has(line) ? [] : [{ document_id: after.id, line }]))
      })
      const heads = JSON.stringify(changes.map(({ after }) => headOf(after)))
      const known = [heads, tx.now, stepsText(steps)]
      if (changed.length + gone.length === 0) await tx.query(statements.updateHeads, known)
      else await tx.query(statements.update, [...known, JSON.stringify(changed), JSON.stringify(gone)])
    },
  }
}

function idsOf(rows: readonly { readonly id: string }[]): readonly string[] {
  return rows.map(({ id }) => id)
}

function statementsOf({ heads, lines, parent, lineColumns, ...own }: DocumentTables) {
  const fixed = `${fixedColumns}, ${own.fixed}`
  const changing = `${changingColumns}, ${own.changing}`
  const read = columnNames(`${fixed}, ${changing}`)
  const head = `${fixed}, ${changing}, ${placesColumn}`
  const line = `${parent} uuid, line int, ${lineColumns}`
  const linesJson = `(SELECT coalesce(json_agg(json_build_object('line', l.line, ${jsonPairs(lineColumns)})
    ORDER BY l.line), '[]') FROM ${lines} l WHERE l.${parent} = d.id)`
  const parts = `${linesJson} AS lines, ${historyJson('d.id')} AS history`
  const locked = `SELECT ${read} FROM ${heads} WHERE`
  const updateHeads = `
    UPDATE ${heads} d SET ${assignments(`${changing}, ${placesColumn}`, 'h')}, changed_at = $2
    FROM json_to_recordset($1::json) AS h (id uuid, ${changing}, ${placesColumn}) WHERE d.id = h.id`
  const insertLines = (parameter: string) => `
    INSERT INTO ${lines} (${columnNames(line)})
    SELECT ${columnNames(line)} FROM json_to_recordset(${parameter}::json) AS l (${line})`
  return {
    // Of one row and of many: a plan that is kept is made for the one or for the other.
    lockOne: sql(`${locked} id = $1 FOR UPDATE`),
    lock: sql(`${locked} id = ANY ($1::uuid[]) ORDER BY id FOR UPDATE`),
    // Those that nobody else holds: who takes many at once waits for none of them.
    lockFree: sql(`${locked} id = ANY ($1::uuid[]) ORDER BY id FOR UPDATE SKIP LOCKED`),
    lockOfOrder: sql(`${locked} order_id = $1 ORDER BY id FOR UPDATE`),
    lockOfOrders: sql(`SELECT id FROM ${heads} WHERE order_id = ANY ($1::uuid[]) ORDER BY id FOR UPDATE`),
    // The lines are read after the lock was given, by a statement of its own: one statement would show old lines
    // beside a head that somebody else has changed meanwhile.
    parts: sql(`SELECT d.id, ${parts} FROM unnest($1::uuid[]) AS d (id)`),
    readOne: sql(`SELECT ${read}, ${parts} FROM ${heads} d WHERE d.id = $1`),
    read: sql(`SELECT ${read}, ${parts} FROM ${heads} d WHERE d.id = ANY ($1::uuid[])`),
    answered: sql(`SELECT id FROM ${heads} WHERE id = ANY ($1::uuid[]) AND status <> 'posting'`),
    orderIds: sql(`SELECT DISTINCT order_id AS id FROM ${heads} WHERE id = ANY ($1::uuid[]) AND order_id IS NOT NULL`),
    waiting: sql(`
      SELECT id FROM ${heads}
      WHERE waits_for <> '{}' AND waits_for && $1::text[] AND status = ANY ($2::text[]) ORDER BY id`),
    places: sql(`SELECT locations, ${assignedSql('$2')} AS assigned FROM ${heads} WHERE id = $1`),
    insert: sql(`
      WITH head AS (
        INSERT INTO ${heads} (${columnNames(head)}, changed_at)
        SELECT ${columnNames(head)}, created_at FROM json_to_recordset($1::json) AS h (${head})),
      steps AS (${addStepsSql('$3')})
      ${insertLines('$2')}`),
    // Most steps leave the lines as they are.
    updateHeads: sql(`WITH head AS (${updateHeads}) ${addStepsSql('$3')}`),
    update: sql(`
      WITH head AS (${updateHeads}),
      removed AS (
        DELETE FROM ${lines} l USING json_to_recordset($5::json) AS gone (document_id uuid, line int)
        WHERE l.${parent} = gone.document_id AND l.line = gone.line),
      steps AS (${addStepsSql('$3')})
      ${insertLines('$4')}
      ON CONFLICT (${parent}, line) DO UPDATE SET ${assignments(lineColumns, 'excluded')}`),
  }
}

function jsonPairs(columns: string): string {
  return columnsOf(columns)
    .map(({ name, type }) => `'${name}', l.${name}${type === 'numeric' ? '::text' : ''}`)
    .join(', ')
}
