/** The history of documents: only ever added to. */
import { sql } from '@stockline/service-kit'
import type { Tx } from '../database.ts'
import type { HistoryStep } from './history.ts'

const addStatement = sql(`
  INSERT INTO history (document_id, at, actor_id, actor_name, what, why, mark)
  SELECT * FROM unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[])`)

/** Adds steps of any number of documents in one statement. */
export async function addSteps(
  tx: Tx,
  steps: readonly { readonly documentId: string; readonly step: HistoryStep }[],
): Promise<void> {
  await tx.query(addStatement, [
    steps.map((each) => each.documentId),
    steps.map((each) => each.step.at),
    steps.map((each) => each.step.who?.id ?? null),
    steps.map((each) => each.step.who?.name ?? null),
    steps.map((each) => each.step.what),
    steps.map((each) => each.step.why),
    steps.map((each) => each.step.mark),
  ])
}
