/** The statements that keep documents, made for each kind from the columns of its tables. */
import { assignments, columnNames, columnsOf, sql } from '@stockline/service-kit'
import { addStepsSql, historyJson } from '../history/history.actions.ts'
import { assignedSql } from '../locations/location.actions.ts'
import type { DocumentTables } from './document.ts'

/** The statements of a kind. */
export type Statements = ReturnType<typeof statementsOf>

/** Columns of every head: what a document keeps from its beginning, and what its steps change. */
const fixedColumns = `id uuid, number text, warehouse text, order_id uuid, order_source text, source text, backorder_of uuid,
  created_at timestamptz`
const changingColumns = `status text, order_revision int, scheduled_date date, problem text, waits_for text[],
  remainder text, effective_at timestamptz, attempt int, returns_to text, position bigint, version int, details jsonb`
// Where the document takes place follows from its lines: it is written for those who ask for a scope, and not read back.
const placesColumn = 'locations text[]'

/** All statements of a kind. */
export function statementsOf({ heads, lines, parent, lineColumns, ...own }: DocumentTables) {
  const fixed = `${fixedColumns}, ${own.fixed}`
  const changing = `${changingColumns}, ${own.changing}`
  const read = columnNames(`${fixed}, ${changing}`)
  const head = `${fixed}, ${changing}, ${placesColumn}`
  const line = `${parent} uuid, line int, ${lineColumns}`
  const linesJson = `(SELECT coalesce(json_agg(json_build_object('line', l.line, ${jsonPairs(lineColumns)})
    ORDER BY l.line), '[]') FROM ${lines} l WHERE l.${parent} = d.id)`
  const parts = `${linesJson} AS lines, ${historyJson('d.id')} AS history`
  const locked = `SELECT ${read} FROM ${heads} WHERE`
  const stamps = `SELECT id, version, changed_at AS "changedAt" FROM ${heads} WHERE`
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
    // For those that are remembered: is what we know still true?
    stampOne: sql(`${stamps} id = $1`),
    stampMany: sql(`${stamps} id = ANY ($1::uuid[])`),
    stampAndLockOne: sql(`${stamps} id = $1 FOR UPDATE`),
    stampAndLock: sql(`${stamps} id = ANY ($1::uuid[]) ORDER BY id FOR UPDATE`),
    stampAndLockFree: sql(`${stamps} id = ANY ($1::uuid[]) ORDER BY id FOR UPDATE SKIP LOCKED`),
    lockOfOrder: sql(`${locked} order_id = $1 ORDER BY id FOR UPDATE`),
    lockOfOrders: sql(`SELECT id FROM ${heads} WHERE order_id = ANY ($1::uuid[]) ORDER BY id FOR UPDATE`),
    idsOfOrders: sql(`SELECT id FROM ${heads} WHERE order_id = ANY ($1::uuid[]) ORDER BY id`),
    // The lines are read after the lock was given, by a statement of its own: one statement would show old lines
    // beside a head that somebody else has changed meanwhile.
    parts: sql(`SELECT d.id, ${parts} FROM unnest($1::uuid[]) AS d (id)`),
    readOne: sql(`SELECT ${read}, ${parts} FROM ${heads} d WHERE d.id = $1`),
    readMany: sql(`SELECT ${read}, ${parts} FROM ${heads} d WHERE d.id = ANY ($1::uuid[])`),
    answered: sql(`SELECT id FROM ${heads} WHERE id = ANY ($1::uuid[]) AND status <> 'posting'`),
    orderIds: sql(`SELECT DISTINCT order_id AS id FROM ${heads} WHERE id = ANY ($1::uuid[]) AND order_id IS NOT NULL`),
    numbersTaken: sql(`SELECT number AS id FROM ${heads} WHERE number = ANY ($1::text[])`),
    backordered: sql(`SELECT DISTINCT backorder_of AS id FROM ${heads} WHERE backorder_of = ANY ($1::uuid[])`),
    waiting: sql(`
      SELECT id FROM ${heads}
      WHERE waits_for <> '{}' AND waits_for && $1::text[] AND status = ANY ($2::text[]) ORDER BY id`),
    // Locations close seldom: all that is open is looked at.
    openAt: sql(`
      SELECT id FROM ${heads} WHERE open AND locations @> ARRAY[$1::text] AND status = ANY ($2::text[]) ORDER BY id`),
    // Products and units change seldom in what is counted, so that no index is kept for it: all open lines are read.
    namingProduct: sql(`
      SELECT DISTINCT d.id FROM ${heads} d JOIN ${lines} l ON l.${parent} = d.id
      WHERE d.status = ANY ($2::text[]) AND l.sku = $1 ORDER BY d.id`),
    // By its code or another name. What a product is kept in counts as it did, however its unit stands to others.
    namingUnit: sql(`
      SELECT DISTINCT d.id FROM ${heads} d JOIN ${lines} l ON l.${parent} = d.id LEFT JOIN products p ON p.sku = l.sku
      WHERE d.status = ANY ($2::text[])
        AND (l.unit = $1 OR l.unit IN (SELECT alias FROM unit_aliases WHERE source = '' AND unit = $1))
          <> (p.unit IS NOT DISTINCT FROM $1)
      ORDER BY d.id`),
    places: sql(`SELECT locations, ${assignedSql('$2')} AS assigned FROM ${heads} WHERE id = $1`),
    insert: sql(`
      WITH head AS (
        INSERT INTO ${heads} (${columnNames(head)}, changed_at)
        SELECT ${columnNames(head)}, $4 FROM json_to_recordset($1::json) AS h (${head})),
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
