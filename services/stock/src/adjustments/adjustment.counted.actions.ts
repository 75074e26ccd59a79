/** What counts call: the differences of a count become submitted adjustments, in the transaction that ends the count. */
import { mostLines } from '@stockline/documents/declaration'
import { saveDocuments, type NewDocument, type Stored } from '@stockline/documents'
import type { Actor } from '@stockline/service-kit'
import { v7 as uuidv7 } from 'uuid'
import type { Tx } from '../database.ts'
import type { LedgerCompany } from '../ledger/ledger.actions.ts'
import { holdLedger } from '../ledger/ledger.offer.actions.ts'
import { adjustments } from './adjustment.actions.ts'
import { submitCounted } from './adjustment.submit.actions.ts'
import type { Adjustment, AdjustmentLine } from './adjustment.ts'

/** What was counted at one place, beside what was expected there then. */
export type CountedLine = Pick<
  AdjustmentLine,
  'sku' | 'location' | 'lot' | 'status' | 'unit' | 'expected' | 'counted' | 'atPosition' | 'countedBy'
> & {
  /** Code of a reason, where it is another than the count's. */
  readonly reason?: string | null
}

/** A count that has ended, as far as it differs. Its lines have been judged: products, places and lots are known. */
export interface EndedCount {
  readonly countId: string
  readonly warehouse: string
  /** Code of a reason that the manager's list has. */
  readonly reason: string
  readonly note: string | null
  readonly blind: boolean
  /** Everybody who counted of it, whether or not what they counted stands still: none of them may approve. */
  readonly countedBy: readonly string[]
  readonly lines: readonly CountedLine[]
}

/**
 * Makes adjustments of at most 1,000 lines, submitted by the actor. What the actor's limit allows is posted at once; the rest waits for
 * approval. Nothing is left of lines that do not differ. Holds the ledger's head, so lock documents before.
 *
 * @returns the adjustments, in the order of the lines; one of which the ledger refused all is submitted, with its `problem`. Lines that it
 * refused are in a submitted adjustment of their own, found by the count.
 */
export async function adjustCounted(
  tx: Tx,
  company: LedgerCompany,
  count: EndedCount,
  actor: Actor,
): Promise<readonly Stored<Adjustment>[]> {
  const differing = count.lines.filter(({ counted, expected }) => counted !== expected)
  if (differing.length === 0) return []
  await holdLedger(tx, company)
  const drafts = Array.from({ length: Math.ceil(differing.length / mostLines) }, (_none, part) => ({
    draft: draftOf(count, differing.slice(part * mostLines, (part + 1) * mostLines), actor, tx.now),
    note: { what: 'created', why: null },
  }))
  const { created } = await saveDocuments(tx, adjustments, { drafts })
  const made: Stored<Adjustment>[] = []
  // One after the other: what the first corrects of a product stands against the limit of the next.
  for (const stored of created) made.push(await submitCounted(tx, company, stored, actor))
  return made
}

function draftOf(
  { countId, warehouse, reason, note, blind, countedBy }: EndedCount,
  given: readonly CountedLine[],
  actor: Actor,
  now: Date,
): NewDocument<Adjustment>['draft'] {
  const lines = given.map((line, index): AdjustmentLine => {
    const { reason: own = null, ...rest } = line
    return { ...rest, line: index + 1, unitCost: null, reason: own }
  })
  return {
    ...{ id: uuidv7(), warehouse, createdAt: now, status: 'draft', version: 1, lines },
    ...{ reason, note, evidence: null, blind, countId, problem: null, forced: false, attempt: 0, position: null },
    ...{ createdBy: actor.id, countedBy, submittedBy: null, submittedAt: null },
    atPosition: given.reduce((last, { atPosition }) => (atPosition > last ? atPosition : last), 0n),
  }
}
