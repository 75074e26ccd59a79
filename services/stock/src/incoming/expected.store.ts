/** What is still to come by receipts, in the database. What of it counts is what is not posted. */
import { plainArray, sql, type Queryable } from '@stockline/service-kit'
import { isPosted } from '../ledger/ledger.read.actions.ts'
import type { ExpectedLine } from './expected.ts'

const removeOthers = sql(`
  delete from expected_lines e using unnest($1::uuid[]) d (document_id)
  where e.document_id = d.document_id
    and not exists (
      select from unnest($2::uuid[], $3::integer[]) k (document_id, line)
      where (k.document_id, k.line) = (e.document_id, e.line))`)
// What is heard again, and is the same, is not written. Since when it is expected stays.
const saveLines = sql(`
  insert into expected_lines (document_id, line, number, location, sku, quantity, source_system, order_number, expected_on,
    since, looked_at)
  select *, $11::timestamptz from unnest($1::uuid[], $2::integer[], $3::text[], $4::text[], $5::text[], $6::numeric[],
    $7::text[], $8::text[], $9::date[], $10::timestamptz[])
  on conflict (document_id, line) do update
  set number = excluded.number, location = excluded.location, sku = excluded.sku, quantity = excluded.quantity,
    source_system = excluded.source_system, order_number = excluded.order_number, expected_on = excluded.expected_on
  where (expected_lines.number, expected_lines.location, expected_lines.sku, expected_lines.quantity,
      expected_lines.source_system, expected_lines.order_number, expected_lines.expected_on)
    is distinct from (excluded.number, excluded.location, excluded.sku, excluded.quantity, excluded.source_system,
      excluded.order_number, excluded.expected_on)`)
// Those of posted receipts, some each time: each is looked at once a day, so that those that stay open for long cost little.
const forgetPosted = sql(`
  with old as (
    select document_id, line, ${isPosted('e.document_id')} as posted from expected_lines e
    where looked_at < $1::timestamptz - interval '1 day' order by looked_at limit 500 for update of e skip locked),
  gone as (
    delete from expected_lines e using old where (e.document_id, e.line) = (old.document_id, old.line) and old.posted)
  update expected_lines e set looked_at = $1 from old
  where (e.document_id, e.line) = (old.document_id, old.line) and not old.posted`)

/** Writes whole states, each of another receipt, in place of what was known of it. @param documentIds of which they are */
export async function storeExpected(
  db: Queryable,
  documentIds: readonly string[],
  rows: readonly ExpectedLine[],
  now: Date,
): Promise<void> {
  const keys = [plainArray(rows.map(({ documentId }) => documentId)), plainArray(rows.map(({ line }) => line))]
  await Promise.all([
    db.query(removeOthers, [plainArray(documentIds), ...keys]),
    db.query(saveLines, [
      ...keys,
      rows.map(({ number }) => number),
      rows.map(({ location }) => location),
      rows.map(({ sku }) => sku),
      plainArray(rows.map(({ quantity }) => quantity)),
      rows.map(({ sourceSystem }) => sourceSystem),
      rows.map(({ orderNumber }) => orderNumber),
      rows.map(({ expectedOn }) => expectedOn),
      plainArray(rows.map(({ changedAt }) => changedAt)),
      now,
    ]),
    db.query(forgetPosted, [now]),
  ])
}
