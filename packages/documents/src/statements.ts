/** The statements that keep documents, made for each kind from its fields. */
import { sql } from '@stockline/service-kit'
import { columnsFor, readSql } from './columns.ts'
import type { DocumentFields, DocumentKind } from './document.ts'
import { integer, texts, type Fields } from './fields.ts'
import { addStepsSql, historyJson } from './history.ts'

/** Where a kind is kept. */
export interface Tables {
  readonly heads: string
  readonly lines: string
  /** The column of a line that names its document. */
  readonly parent: string
}

/** The statements of a kind. */
export type Statements = ReturnType<typeof statementsOf>

/** The tables of a kind. */
export function tablesOf({ one, many }: { readonly one: string; readonly many: string }): Tables {
  return { heads: many, lines: `${one}_lines`, parent: `${one}_id` }
}

/** All statements of a kind. `assigned` is SQL for the locations of the user in `$2`. */
export function statementsOf<Of extends DocumentFields>(kind: DocumentKind<Of>, assigned: string) {
  const { heads, lines, parent } = tablesOf(kind)
  const { head } = kind.fields
  const line: Fields = { line: integer(), ...kind.fields.line }
  const written: Fields = { locations: texts(), ...fieldsOf(kind) }
  const [read, all, each] = [columnsFor(head).read('d'), columnsFor({ ...head, ...written }), columnsFor(line)]
  const changing = columnsFor({ ...head, ...written }, ({ isFixed }) => isFixed !== true)
  const linesJson = `(SELECT coalesce(json_agg(json_build_object(${each.json('l')}) ORDER BY l.line), '[]')
    FROM ${lines} l WHERE l.${parent} = d.id)`
  const parts = `${linesJson} AS lines, ${historyJson('d.id')} AS history`
  const locked = (condition: string) => `SELECT ${read} FROM ${heads} d WHERE ${condition} FOR UPDATE`
  const versions = `SELECT id, version, changed_at AS "changedAt" FROM ${heads} WHERE`
  const updateHeads = `
    UPDATE ${heads} d SET ${changing.assigned('h')}, changed_at = $2
    FROM json_to_recordset($1::json) AS h ("id" uuid, ${changing.record}) WHERE d.id = h."id"`
  const insertLines = (parameter: string) => `
    INSERT INTO ${lines} (${parent}, ${each.names})
    SELECT l."documentId", ${each.values('l')}
    FROM json_to_recordset(${parameter}::json) AS l ("documentId" uuid, ${each.record})`
  return {
    // Of one row and of many: a cached plan is made for the one or for the other.
    lockOne: sql(locked('d.id = $1')),
    lock: sql(locked('d.id = ANY ($1::uuid[]) ORDER BY d.id')),
    // Those that nobody else holds: who takes many at once waits for none of them.
    lockFree: sql(`${locked('d.id = ANY ($1::uuid[]) ORDER BY d.id')} SKIP LOCKED`),
    /** Those of a condition, in the order of their ids. */
    lockWhere: (condition: string) => sql(locked(`${condition} ORDER BY d.id`)),
    // Of those that are cached: are their versions still the same?
    versionOne: sql(`${versions} id = $1`),
    versionMany: sql(`${versions} id = ANY ($1::uuid[])`),
    versionAndLockOne: sql(`${versions} id = $1 FOR UPDATE`),
    versionAndLock: sql(`${versions} id = ANY ($1::uuid[]) ORDER BY id FOR UPDATE`),
    versionAndLockFree: sql(`${versions} id = ANY ($1::uuid[]) ORDER BY id FOR UPDATE SKIP LOCKED`),
    // The lines are read after the lock was given, by a statement of its own: one statement would show old lines
    // beside a head that somebody else has changed meanwhile.
    parts: sql(`SELECT d.id, ${parts} FROM unnest($1::uuid[]) AS d (id)`),
    readOne: sql(`SELECT ${read}, ${parts} FROM ${heads} d WHERE d.id = $1`),
    readMany: sql(`SELECT ${read}, ${parts} FROM ${heads} d WHERE d.id = ANY ($1::uuid[])`),
    answered: sql(`SELECT id FROM ${heads} WHERE id = ANY ($1::uuid[]) AND status <> 'posting'`),
    numbersTaken: sql(`SELECT number AS id FROM ${heads} WHERE number = ANY ($1::text[])`),
    waiting: sql(`
      SELECT id FROM ${heads}
      WHERE waits_for <> '{}' AND waits_for && $1::text[] AND status = ANY ($2::text[]) ORDER BY id`),
    // Locations close seldom: all that is open is looked at.
    openAt: sql(`
      SELECT id FROM ${heads} WHERE open AND locations @> ARRAY[$1::text] AND status = ANY ($2::text[]) ORDER BY id`),
    places: sql(`SELECT locations, ${assigned} AS assigned FROM ${heads} WHERE id = $1`),
    insert: sql(`
      WITH head AS (
        INSERT INTO ${heads} (${all.names}, changed_at)
        SELECT ${all.values('h')}, $4 FROM json_to_recordset($1::json) AS h (${all.record})),
      steps AS (${addStepsSql('$3')})
      ${insertLines('$2')}`),
    // Most steps leave the lines as they are.
    updateHeads: sql(`WITH head AS (${updateHeads}) ${addStepsSql('$3')}`),
    update: sql(`
      WITH head AS (${updateHeads}),
      removed AS (
        DELETE FROM ${lines} l USING json_to_recordset($5::json) AS gone ("documentId" uuid, line int)
        WHERE l.${parent} = gone."documentId" AND l.line = gone.line),
      steps AS (${addStepsSql('$3')})
      ${insertLines('$4')}
      ON CONFLICT (${parent}, line) DO UPDATE SET ${excluded(columnsFor(kind.fields.line).names)}`),
    /** The columns of a list, of a head `d`. */
    listed: Object.entries(head as Fields)
      .filter(([, { seen }]) => seen === 'listed' || seen === 'read')
      .map(([name, one]) => `${one.listedAs ?? readSql('d', name, one)} AS "${name}"`)
      .join(', '),
  }
}

/** Fields that follow from the document. */
function fieldsOf<Of extends DocumentFields>({ derived = {} }: DocumentKind<Of>): Fields {
  return Object.fromEntries(Object.entries(derived).map(([name, { field }]) => [name, field]))
}

function excluded(names: string): string {
  return names
    .split(', ')
    .map((name) => `${name} = excluded.${name}`)
    .join(', ')
}
