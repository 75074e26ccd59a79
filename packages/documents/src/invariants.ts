/** What must always be so of documents, whatever their kind. Each statement gives the rows that offend. */
import { sql, type Invariant } from '@stockline/service-kit'
import type { Fields } from './fields.ts'

/** A kind, as far as its invariants need it. */
export interface InvariantKind {
  readonly one: string
  readonly many: string
  readonly numberType: string
  readonly fields: { readonly head: Fields }
  /** The status in which the ledger has posted it: `done` unless it says otherwise; null where its service says it. */
  readonly postedAs?: string | null
  /** What its location scope must be, in words, and a statement that gives ids and places. */
  readonly scope: { readonly summary: string; readonly places: string }
}

/** Invariants of all kinds of a service. */
export function documentInvariants(service: string, kinds: readonly InvariantKind[]): readonly Invariant[] {
  const ofAll = (select: (kind: InvariantKind) => string) => kinds.map(select).join('\n        UNION ALL\n        ')
  return [
    {
      name: `${service}-numbers-gapless`,
      summary: 'Every number that was taken belongs to exactly one document, without gaps.',
      statement: sql(`
        WITH used AS (${ofAll(
          ({ many, numberType }) => `
          SELECT warehouse, '${numberType}' AS type, count(*) AS documents,
            max(substring(number FROM '[0-9]+$')::bigint) AS highest FROM ${many} GROUP BY warehouse`,
        )})
        SELECT n.warehouse, n.type, n.last, used.documents, used.highest
        FROM numbers n FULL JOIN used USING (warehouse, type)
        WHERE n.last IS DISTINCT FROM used.documents OR n.last IS DISTINCT FROM used.highest`),
    },
    {
      name: `${service}-documents-have-history`,
      summary: `Every ${kinds.map(({ one }) => one).join(' and every ')} tells where it came from.`,
      statement: sql(`
        SELECT number FROM (${ofAll(({ many }) => `SELECT id, number FROM ${many}`)}) AS document
        WHERE NOT EXISTS (SELECT 1 FROM history h WHERE h.document_id = document.id)`),
    },
    ...kinds.flatMap((kind) => ofKind(service, kind)),
  ]
}

function ofKind(service: string, { one, many, fields, scope, postedAs = 'done' }: InvariantKind): readonly Invariant[] {
  const posted: Invariant = {
    name: `${service}-${one}-${String(postedAs)}-has-position`,
    summary: `A ${one} is ${String(postedAs)} if and only if the ledger has given it a position, and no two share one.`,
    statement: sql(`
        SELECT number, status, position FROM (
          SELECT number, status, position, count(*) OVER (PARTITION BY position) AS sharing FROM ${many}
        ) AS each
        WHERE (status = '${String(postedAs)}') <> (position IS NOT NULL) OR (position IS NOT NULL AND sharing > 1)`),
  }
  return [
    ...('position' in fields.head && postedAs !== null ? [posted] : []),
    {
      name: `${service}-${one}-scope-is-its-places`,
      summary: `The location scope of a ${one} is ${scope.summary}.`,
      statement: sql(`
        WITH places AS (${scope.places}),
        scopes AS (SELECT id, unnest(locations) AS place FROM ${many})
        SELECT d.number, wrong.place FROM ${many} d JOIN (
          (SELECT id, place FROM places EXCEPT SELECT id, place FROM scopes)
          UNION ALL (SELECT id, place FROM scopes EXCEPT SELECT id, place FROM places)) AS wrong USING (id)`),
    },
  ]
}
