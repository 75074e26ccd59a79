import { Refused, type Actor } from '@stockline/service-kit'
import { v7 as uuidv7 } from 'uuid'
import type { Tx } from '../database.ts'
import { type LedgerCompany, postOwn } from '../ledger/ledger.actions.ts'
import type { OpeningAnswer, OpeningBody } from './opening.api.ts'
import { openingPosting, openingRefusal } from './opening.ts'

/** Posts opening stock in this transaction: all lines or none. */
export async function postOpening(
  tx: Tx,
  company: LedgerCompany,
  lines: OpeningBody['lines'],
  effectiveAt: string | undefined,
  actor: Actor,
): Promise<OpeningAnswer> {
  const documentId = uuidv7()
  const by = { id: actor.id, name: actor.name }
  const outcome = await postOwn(tx, company, 'OPEN', by, (number) =>
    openingPosting(documentId, number, lines, effectiveAt, tx.now.getTime()),
  )
  if (outcome.outcome === 'refused') throw new Refused(openingRefusal(outcome.code, outcome.detail, outcome.faults))
  if (outcome.outcome !== 'posted') throw new Error(`Opening stock ${documentId} came out as ${outcome.outcome}.`)
  const { number } = outcome.posting
  const recordedAt = new Date(outcome.recordedAt).toISOString()
  return { documentId, number, position: String(outcome.position), recordedAt }
}
