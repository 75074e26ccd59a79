/** What documents' actions need to remember what was done. */
import { z } from 'zod'
import type { Tx } from '../database.ts'
import { stepOf, type Note } from './history.ts'
import { addStepsSql, stepsText, type NewStep } from './history.store.ts'

export { addStepsSql, stepsText, type NewStep }

/** A document's steps as they are answered, oldest first. */
export const historyAnswer = z.array(
  z.object({
    at: z.iso.datetime(),
    who: z.object({ id: z.string(), name: z.string() }).nullable(),
    what: z.string(),
    why: z.string().nullable(),
    mark: z.string().nullable(),
  }),
)

/**
 * SQL for a document's steps as a JSON array, oldest first, to be put into the statement that loads the document.
 * `documentId` is the expression that names it.
 */
export function historyJson(documentId: string): string {
  return `(SELECT coalesce(json_agg(json_build_object(
      'at', to_char(h.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
      'who', CASE WHEN h.actor_id IS NOT NULL THEN json_build_object('id', h.actor_id, 'name', h.actor_name) END,
      'what', h.what, 'why', h.why, 'mark', h.mark) ORDER BY h.id), '[]')
    FROM history h WHERE h.document_id = ${documentId})`
}

/** Notes as the steps they become, for those who write them in a statement of their own. */
export function stepsOf(tx: Tx, notes: readonly { readonly documentId: string; readonly note: Note }[]): NewStep[] {
  return notes.map(({ documentId, note }) => ({ documentId, step: stepOf(note, tx.now, tx.origin.actor) }))
}
