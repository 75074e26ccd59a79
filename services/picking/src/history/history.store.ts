/** The history of documents: only ever added to. */
import type { HistoryStep } from './history.ts'

/** A document's step, on its way in. */
export interface NewStep {
  readonly documentId: string
  readonly step: HistoryStep
}

/** SQL that adds the steps of a parameter made by `stepsText`. It can stand in a statement that does more. */
export function addStepsSql(parameter: string): string {
  return `INSERT INTO history (document_id, at, actor_id, actor_name, what, why, mark)
    SELECT document_id, at, actor_id, actor_name, what, why, mark FROM json_to_recordset(${parameter}::json)
      AS step (document_id uuid, at timestamptz, actor_id text, actor_name text, what text, why text, mark text)`
}

/** The parameter for `addStepsSql`. */
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
