/** What the ledger refuses of an adjustment that a count has made: lines of their own, so that they do not stop the others. */
import { saveDocuments, type Note } from '@stockline/documents'
import { v7 as uuidv7 } from 'uuid'
import type { Tx } from '../database.ts'
import type { LineFault } from '../ledger/request.ts'
import { adjustments } from './adjustment.actions.ts'
import { withoutLines } from './adjustment.refused.ts'
import type { Adjustment } from './adjustment.ts'

/**
 * Puts the lines that the ledger refused into a submitted adjustment of their own, with the reason. Undefined where that leaves nothing,
 * where it is not for lines, or where no count has made the adjustment. Call it under the ledger's head.
 *
 * @returns the adjustment without them, and a note of its history
 */
export async function setRefusedApart(
  tx: Tx,
  adjustment: Adjustment,
  { faults, detail }: { readonly faults: readonly LineFault[]; readonly detail: string },
): Promise<{ readonly kept: Adjustment; readonly note: Omit<Note, 'who'> } | undefined> {
  const parts = withoutLines(adjustment, faults)
  if (parts === undefined) return undefined
  const { kept, refused } = parts
  const draft = { ...refused, id: uuidv7(), createdAt: tx.now, problem: detail }
  const note = { what: 'created', why: `The ledger refused it of ${adjustment.number}.` }
  const { created } = await saveDocuments(tx, adjustments, { drafts: [{ draft, note }] })
  const [made] = created
  if (made === undefined) throw new Error('An adjustment was made and is not there.')
  return { kept, note: { what: 'refused', why: `In part, to ${made.document.number}: ${detail}` } }
}
