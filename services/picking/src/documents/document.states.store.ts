/** Which states of documents were published last. */
import { sql, type Queryable, type Statement } from '@stockline/service-kit'

/** What was published of a document, by the state's name, and the version of it that was looked at. */
export interface PublishedStates {
  readonly documentId: string
  readonly version: number
  readonly published: Readonly<Record<string, string>>
}

const load = sql(
  'SELECT document_id AS "documentId", version, published FROM document_states WHERE document_id = ANY ($1::uuid[])',
)
const save = sql(`
  INSERT INTO document_states (document_id, version, published)
  SELECT "documentId", version, published FROM json_to_recordset($1::json)
    AS state ("documentId" uuid, version int, published jsonb)
  ON CONFLICT (document_id) DO UPDATE SET version = excluded.version, published = excluded.published`)

/** What was published of these documents; those of which nothing was are left out. */
export async function loadStates(db: Queryable, ids: readonly string[]): Promise<ReadonlyMap<string, PublishedStates>> {
  const rows = await db.query<PublishedStates>(load, [ids])
  return new Map(rows.map((row) => [row.documentId, row]))
}

/** Writes what was published and looked at. */
export async function saveStates(db: Queryable, states: readonly PublishedStates[]): Promise<void> {
  if (states.length > 0) await db.query(save, [JSON.stringify(states)])
}

/** Statements over the documents of a kind. Make them once, as a constant. */
export interface StateSearch {
  /** Documents of which a version was not looked at that is older than a time, behind an id, so many at most. */
  readonly unseen: Statement
  /** Forgets those that are posted, and those that are cancelled once that is told. */
  readonly forget: Statement
}

/** @param candidates see `DocumentStates` */
export function stateSearch(heads: string, candidates: string): StateSearch {
  const unseenOf = (condition: string) => `
    SELECT d.id FROM ${heads} d LEFT JOIN document_states s ON s.document_id = d.id
    WHERE ${condition} AND s.version IS DISTINCT FROM d.version AND d.changed_at < $1 AND d.id > $2
      AND d.status NOT IN ('posting', 'done')`
  return {
    unseen: sql(`${unseenOf(candidates)} UNION ${unseenOf('s.document_id IS NOT NULL')} ORDER BY id LIMIT $3`),
    forget: sql(`
      DELETE FROM document_states s USING ${heads} d WHERE d.id = s.document_id AND (d.status = 'done'
        OR (d.status = 'cancelled' AND s.published = '{}' AND s.version = d.version AND NOT (${candidates})))`),
  }
}
