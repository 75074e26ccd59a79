/** Transfers, for those who carry out what is decided on them, and what the ledger answers. */
import {
  mayDo,
  pickingTransferCancelled,
  pickingTransferConfirmed,
  pickingTransferValidated,
  type StockReserved,
} from '@stockline/contracts'
import type { Event, EventContract } from '@stockline/contracts/envelope'
import { event, type Actor, type Refusal } from '@stockline/service-kit'
import type { z } from 'zod'
import type { Tx } from '../database.ts'
import { effectiveAtRefusal, type DocumentDecision } from '../documents/document.decide.ts'
import { openWhile } from '../documents/document.fields.ts'
import { lookAgain } from '../documents/document.reaction.actions.ts'
import { carriedKind, saveDocuments } from '../documents/document.save.actions.ts'
import { storedDocuments } from '../documents/document.stored.actions.ts'
import { locationsOf, scopeOf } from '../locations/location.actions.ts'
import type { PostingListener } from '../postings/posting.ts'
import type { RestoredKind } from '../restoring/document.restore.actions.ts'
import { postedTransfer, refusedTransfer, waitingTransfer } from './transfer.answers.ts'
import { newTransferEvents, type TransferEvent } from './transfer.events.ts'
import { transferKind } from './transfer.fields.ts'
import type { PlacesKnown } from './transfer.hand.ts'
import type { relocationBody } from './transfer.shapes.api.ts'
import { locationsOfTransfer, type Transfer } from './transfer.ts'

/** What is published of transfers, by the names of {@link TransferEvent}. */
export const transferContracts = {
  confirmed: pickingTransferConfirmed,
  validated: pickingTransferValidated,
  cancelled: pickingTransferCancelled,
}

/** How transfers are kept, what they name, and their events. */
export const transfers = carriedKind(
  transferKind,
  storedDocuments({ ...transferKind, locationsOf: locationsOfTransfer }),
  {
    namesOn: ({ lines }) => lines,
    eventsOf: newTransferEvents,
    outgoing: (id, { type, data }: TransferEvent, source) =>
      event(transferContracts[type] as EventContract<typeof data>, id, data, source),
  },
)

/** Those places that are known, and where the actor may act. */
export async function placesKnown(tx: Tx, codes: readonly string[], actor: Actor): Promise<PlacesKnown> {
  const [locations, scope] = await Promise.all([locationsOf(tx, codes), scopeOf(tx, actor)])
  return { locations, scope }
}

/** The places of a relocation. A refusal where the actor may not say when it happened. */
export async function placesRelocated(
  tx: Tx,
  { lines, effectiveAt }: z.output<typeof relocationBody>,
  actor: Actor,
): Promise<PlacesKnown | Refusal> {
  const refusal = effectiveAtRefusal(effectiveAt, { may: (right) => mayDo(actor, right), now: tx.now })
  return refusal ?? placesKnown(tx, lines.flatMap(({ from, to }) => [from, to]), actor) // prettier-ignore
}

/** What transfers do with the ledger's answers. */
export const transferAnswers: PostingListener = {
  kind: 'transfer',
  posted: (tx, events) => applyAnswers(tx, events, postedTransfer),
  refused: (tx, events) => applyAnswers(tx, events, refusedTransfer),
}

/** Stock has told transfers that they wait. */
export const tellWaiting = (tx: Tx, events: readonly Event<StockReserved>[]): Promise<void> =>
  applyAnswers(tx, events, waitingTransfer)

/** Of several answers for one transfer each is applied, in order. */
async function applyAnswers<Answer extends { readonly documentId: string }>(
  tx: Tx,
  events: readonly Event<Answer>[],
  after: (transfer: Transfer, answer: Answer) => DocumentDecision<Transfer> | 'already',
): Promise<void> {
  const byId = Map.groupBy(events, ({ data }) => data.documentId)
  await lookAgain(tx, transfers, [...byId.keys()], {
    load: () => Promise.resolve({}),
    decide: (transfer) => {
      const own = byId.get(transfer.id) ?? []
      let [document, notes] = [transfer, [] as DocumentDecision<Transfer>['notes']]
      for (const { data } of own) {
        const led = after(document, data)
        if (led !== 'already') [document, notes] = [led.document, [...notes, ...led.notes]]
      }
      return document === transfer ? 'already' : { document, notes, causedBy: own.at(-1) }
    },
  })
}

/** Transfers as they are made again after the database fell back. What is restored was published before, and is not a second time. */
export const transfersRestored: RestoredKind<Transfer> = {
  rules: { kind: 'transfer', isOpen: openWhile(transferKind) },
  store: transfers.store,
  homesOf: () => Promise.resolve(new Map()),
  save: (tx, work) => saveDocuments(tx, transfers, work),
}
