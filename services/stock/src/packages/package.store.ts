/** Packages in the database, and how those who read join them. */
import { type LocationScope, withinSql } from '@stockline/contracts/locations'
import { plainArray, sql, type Queryable } from '@stockline/service-kit'
import { linesTold, type PackageTold, type ScannedPackage } from './package.ts'

const savePackages = sql(`
  insert into packages (id, number, sscc, status, document_id, document, places, sequence)
  select id, number, sscc, status, document_id, document, array(select jsonb_array_elements_text(places)), sequence
  from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::uuid[], $6::text[], $7::jsonb[], $8::bigint[])
    as told (id, number, sscc, status, document_id, document, places, sequence)
  on conflict (id) do update
  set number = excluded.number, sscc = excluded.sscc, status = excluded.status, document_id = excluded.document_id,
    document = excluded.document, places = excluded.places, sequence = excluded.sequence
  where packages.sequence <= excluded.sequence
  returning id`)
const emptyPackages = sql('delete from package_lines where package_id = any($1::uuid[])')
const saveLines = sql(`
  insert into package_lines (package_id, line, document_id, document_line, sku, lot, quantity, unit)
  select * from unnest($1::uuid[], $2::integer[], $3::uuid[], $4::integer[], $5::text[], $6::text[], $7::numeric[], $8::text[])`)

/** A scan shows so many lines of a package: 1,000 codes are answered at once. */
const mostShown = 50
// An SSCC is of one package. Should it be of several all the same, one that is in use comes first.
const selectScanned = sql(`
  select distinct on (k.sscc) k.sscc, k.number, k.status, k.document, lines.count::int as lines, coalesce(lines.contents, '[]') as contents
  from packages k
  cross join lateral (
    select count(*) as count, json_agg(json_build_object('documentLine', l.document_line, 'sku', l.sku, 'lot', l.lot,
      'quantity', trim_scale(l.quantity)::text, 'unit', l.unit) order by l.line) filter (where l.place <= ${String(mostShown)}) as contents
    from (select *, row_number() over (order by line) as place from package_lines where package_id = k.id) l) lines
  where k.sscc = any($1::text[])
    and ($2::text[] is null or exists (select from unnest(k.places) as own (place) where ${withinSql('own.place', '$2')}))
  order by k.sscc, k.status = 'cancelled', k.sequence desc`)

/** Writes whole packages, each another one, in place of what was known of them. What is older than that changes nothing. */
export async function storePackages(db: Queryable, told: readonly PackageTold[]): Promise<void> {
  const heads = told.map(({ data }) => data)
  const saved = await db.query<{ id: string }>(savePackages, [
    plainArray(heads.map(({ documentId }) => documentId)),
    heads.map(({ number }) => number),
    heads.map(({ sscc }) => sscc ?? null),
    heads.map(({ status }) => status),
    plainArray(heads.map(({ delivery }) => delivery.documentId)),
    heads.map(({ delivery }) => delivery.number),
    heads.map(({ places }) => JSON.stringify(places)),
    plainArray(told.map(({ sequence }) => sequence)),
  ])
  if (saved.length === 0) return
  const ids = new Set(saved.map(({ id }) => id))
  const lines = told.flatMap((one) =>
    ids.has(one.data.documentId) ? linesTold(one).map((line) => ({ ...line, of: one.data })) : [],
  )
  await db.query(emptyPackages, [plainArray([...ids])])
  await db.query(saveLines, [
    plainArray(lines.map(({ of }) => of.documentId)),
    plainArray(lines.map(({ line }) => line)),
    plainArray(lines.map(({ of }) => of.delivery.documentId)),
    plainArray(lines.map(({ documentLine }) => documentLine)),
    lines.map(({ sku }) => sku),
    lines.map(({ lot }) => lot ?? null),
    plainArray(lines.map(({ quantity }) => quantity)),
    lines.map(({ unit }) => unit),
  ])
}

/** The packages of these SSCCs that take place within the scope, by SSCC. */
export async function findScanned(
  db: Queryable,
  ssccs: readonly string[],
  scope: LocationScope,
): Promise<ReadonlyMap<string, ScannedPackage>> {
  if (ssccs.length === 0 || scope?.length === 0) return new Map()
  const rows = await db.query<Omit<ScannedPackage, 'more'> & { readonly lines: number }>(selectScanned, [ssccs, scope])
  return new Map(
    rows.map(({ lines, contents, ...row }) => [row.sscc, { ...row, contents, more: lines - contents.length }]),
  )
}

/** Of one move no more SSCCs are named. */
export const mostSsccs = 100

/**
 * SQL: the SSCCs of the packages in which goods of a move were shipped, an array. Moves of what is no delivery, or of one without
 * packages, have none.
 *
 * @param of names in the statement: of a move, its posting, product and lot
 */
export const shippedInSql = (of: Readonly<Record<'move' | 'posting' | 'product' | 'lot', string>>): string => `
  case when ${of.posting}.kind = 'delivery' then array(
    select distinct k.sscc from package_lines l join packages k on k.id = l.package_id
    where l.document_id = ${of.posting}.document_id and l.document_line = ${of.move}.document_line and l.sku = ${of.product}.sku
      and l.lot is not distinct from ${of.lot}.code and k.status = 'shipped' and k.sscc is not null
    order by k.sscc limit ${String(mostSsccs)}) else '{}' end`
