/** What happened to a document: who, what, when and why. It is only ever added to. */
import { z } from 'zod'

/** A person or a service client; null where the system acted. */
export interface Who {
  readonly id: string
  readonly name: string
}

/** What history says of one step. */
export interface Note {
  /** A word for programs: `validated`. */
  readonly what: string
  /** For people: the reason given, or what exactly was done. */
  readonly why: string | null
  /** Set where somebody used a manager's right to pass a rule. */
  readonly mark?: 'forced' | null
  /** Null where the system acted; left out where the transaction's own actor did. */
  readonly who?: Who | null
}

/** A step as it is shown. */
export interface HistoryStep {
  readonly at: string
  readonly who: Who | null
  readonly what: string
  readonly why: string | null
  readonly mark: string | null
}

/** A document's step, on its way in. */
export interface NewStep {
  readonly documentId: string
  readonly step: HistoryStep
}

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

/** The one who asks, as history names people. */
export function whoIs({ id, name }: Who): Who {
  return { id, name }
}

/** The step that a note will be shown as. */
export function stepOf(note: Note, at: Date, actor: Who | null): HistoryStep {
  return {
    at: at.toISOString(),
    who: note.who === undefined ? actor : note.who,
    what: note.what,
    why: note.why,
    mark: note.mark ?? null,
  }
}

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

/** SQL that adds the steps of a parameter made by {@link stepsText}. It can stand in a statement that does more. */
export function addStepsSql(parameter: string): string {
  return `INSERT INTO history (document_id, at, actor_id, actor_name, what, why, mark)
    SELECT document_id, at, actor_id, actor_name, what, why, mark FROM json_to_recordset(${parameter}::json)
      AS step (document_id uuid, at timestamptz, actor_id text, actor_name text, what text, why text, mark text)`
}

/** The parameter for {@link addStepsSql}. */
export function stepsText(steps: readonly NewStep[]): string {
  return JSON.stringify(
    steps.map(({ documentId, step: { who, ...step } }) => ({
      ...step,
      document_id: documentId,
      actor_id: who?.id ?? null,
      actor_name: who?.name ?? null,
    })),
  )
}
