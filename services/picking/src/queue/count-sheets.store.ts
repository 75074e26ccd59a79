/** Open count sheets of stock's, in the database. */
import type { CountSheetChanged } from '@stockline/contracts'
import { plainArray, sql, type Queryable } from '@stockline/service-kit'

const forget = sql(`DELETE FROM count_sheets WHERE id = ANY ($1::uuid[])`)
// Lists of people come as texts of JSON: an array of arrays would have to be rectangular.
const save = sql(`
  INSERT INTO count_sheets (id, number, zone, status, assignee, due_on, not_for, worked_on_by, version)
  SELECT id, number, zone, status, assignee, due_on, ARRAY(SELECT jsonb_array_elements_text(not_for::jsonb)),
    ARRAY(SELECT jsonb_array_elements_text(worked_on_by::jsonb)), version
  FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::date[], $7::text[], $8::text[], $9::int[])
    AS told (id, number, zone, status, assignee, due_on, not_for, worked_on_by, version)
  ON CONFLICT (id) DO UPDATE SET number = excluded.number, zone = excluded.zone, status = excluded.status,
    assignee = excluded.assignee, due_on = excluded.due_on, not_for = excluded.not_for,
    worked_on_by = excluded.worked_on_by, version = excluded.version`)

/** Writes them as they were told. Each once. */
export async function saveCountSheets(db: Queryable, sheets: readonly CountSheetChanged[]): Promise<void> {
  await db.query(save, [
    plainArray(sheets.map(({ documentId }) => documentId)),
    sheets.map(({ number }) => number),
    sheets.map(({ zone }) => zone),
    sheets.map(({ status }) => status),
    sheets.map(({ assignee = null }) => assignee),
    plainArray(sheets.map(({ dueOn = null }) => dueOn)),
    sheets.map(({ notFor }) => JSON.stringify(notFor)),
    sheets.map(({ workedOnBy }) => JSON.stringify(workedOnBy)),
    plainArray(sheets.map(({ version }) => version)),
  ])
}

/** Ended ones are in nobody's queue. */
export async function forgetCountSheets(db: Queryable, sheets: readonly CountSheetChanged[]): Promise<void> {
  await db.query(forget, [plainArray(sheets.map(({ documentId }) => documentId))])
}
