/** Changes of status and scraps: judged and posted under the ledger's head, in one transaction. */
import { saveDocuments, type NewDocument, type Note, type Stored } from '@stockline/documents'
import { isRefusal, refuse, Refused, type Actor, type Refusal } from '@stockline/service-kit'
import { v7 as uuidv7 } from 'uuid'
import { dayBefore, whyAboveLimit } from '../adjustments/limit.actions.ts'
import { isReason } from '../adjustments/reason.actions.ts'
import { scopeOf } from '../assignments/assignment.actions.ts'
import type { Tx } from '../database.ts'
import { ownKind, type OwnKind } from '../documents/document.actions.ts'
import { balancesOf } from '../ledger/balances.actions.ts'
import { decideBatch, type LedgerCompany } from '../ledger/ledger.actions.ts'
import { holdLedger } from '../ledger/ledger.offer.actions.ts'
import { scrapKind, statusChangeKind } from './disposition.fields.ts'
import { countsOfPerson } from './disposition.store.ts'
import {
  dispositionOf,
  balanceKeyOf,
  ledgerRefusal,
  locationsOfDisposition,
  dispositionPosting,
  type AskedLine,
  type Disposition,
} from './disposition.ts'

/** How changes of status are kept. */
export const statusChanges = ownKind({ ...statusChangeKind, locationsOf: locationsOfDisposition })
/** How scraps are kept. */
export const scraps = ownKind({ ...scrapKind, locationsOf: locationsOfDisposition })

type Kind = OwnKind<Disposition>

/** Posts one: all lines or none. It takes what is reserved, and who loses it is told and offered anew. */
export async function postDisposition(
  tx: Tx,
  company: LedgerCompany,
  kind: Kind,
  { reason, note, lines: asked }: Pick<Disposition, 'reason' | 'note'> & { readonly lines: readonly AskedLine[] },
  actor: Actor,
): Promise<Stored<Disposition> | Refusal> {
  // Nothing moves between what is looked at here and what is posted.
  await holdLedger(tx, company)
  const keys = asked.map(balanceKeyOf)
  const [reasonKnown, balances, scope, countedBy] = await Promise.all([
    isReason(tx, reason),
    balancesOf(tx, company, keys),
    scopeOf(tx, actor),
    countsOfPerson(tx, actor.id, dayBefore(tx.now), keys),
  ])
  const judged = dispositionOf(reason, asked, { balances, scope, isReason: reasonKnown, countedBy })
  if (isRefusal(judged)) return judged
  const id = uuidv7()
  const lines = judged.lines.map((line, index) => ({ ...line, expected: balances[index]?.onHand ?? line.quantity }))
  const above = await whyAboveLimit(tx, company, { id, warehouse: judged.warehouse, lines }, actor)
  if (above !== undefined)
    return refuse('above-limit', 'forbidden', `${above} Nothing was posted: a manager can post it.`)
  const draft: NewDocument<Disposition>['draft'] = {
    ...{ id, createdAt: tx.now, status: 'submitted', version: 1, reason, note },
    ...{ submittedBy: actor.id, problem: null, position: null, ...judged },
  }
  const { created } = await saveDocuments(tx, kind, { drafts: [{ draft, note: { what: 'created', why: null } }] })
  const [stored] = created
  if (stored === undefined) throw new Error('A document was made and is not there.')
  return posted(tx, company, kind, stored, actor)
}

async function posted(
  tx: Tx,
  company: LedgerCompany,
  kind: Kind,
  stored: Stored<Disposition>,
  actor: Actor,
): Promise<Stored<Disposition>> {
  const { document } = stored
  const who = { id: actor.id, name: actor.name }
  const request = dispositionPosting(document, tx.now.getTime())
  const [outcome] = await decideBatch(tx, company, [{ request, actor: who }])
  if (outcome?.outcome === 'refused') throw new Refused(ledgerRefusal(outcome.code, outcome.detail, outcome.faults))
  if (outcome?.outcome !== 'posted') throw new Error(`${document.number} came out as ${String(outcome?.outcome)}.`)
  const after: Disposition = { ...document, status: 'posted', problem: null, position: outcome.position }
  const notes: Note[] = [{ what: 'posted', why: null, who }]
  const { changed } = await saveDocuments(tx, kind, { changes: [{ stored, after, notes }] })
  return changed[0] ?? stored
}
